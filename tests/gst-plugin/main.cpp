// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gst/gst.h>

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  testing::InitGoogleMock(&argc, argv);
  const int result = RUN_ALL_TESTS();
  gst_deinit();  // lets the leaks tracer report what is left
  return result;
}
