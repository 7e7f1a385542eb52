// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpmeta.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

// Code shared by the plugin tests: owning pointers, made-up faces, and pipelines that run to their end.

namespace fkp::test {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* p) const {
    free(p);
  }
};
using Buffer = std::unique_ptr<GstBuffer, Free<gst_buffer_unref>>;
using Element = std::unique_ptr<GstElement, Free<gst_object_unref>>;
using Scheme = std::unique_ptr<GstFkpScheme, Free<gst_fkp_scheme_unref>>;

/// What ended a pipeline; the message is empty at the end of the stream.
struct Outcome {
  GQuark domain = 0;
  int code = 0;
  std::string message;
  bool ok() const { return domain == 0; }
};

/// A scheme with three points and an outline through them.
Scheme triangle();

/// A face with points of that scheme: (x, y), (x + side, y) and (x + side / 2, y + side).
void add_triangle(GstFkpMeta* meta, guint id, float x, float y, float side, bool held = false);

/// Runs a pipeline to its end. `seen` is called with every buffer that enters the sink pad of the element named `at`, `mark` with
/// every buffer (writable) that leaves the source pad of the element named "source".
class Pipeline {
 public:
  using Seen = std::function<void(GstBuffer*)>;

  explicit Pipeline(const std::string& description);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  Pipeline& mark(Seen mark);
  Pipeline& watch(const std::string& at, Seen seen);
  Outcome run(GstClockTime at_most = 60 * GST_SECOND);
  GstElement* get() { return pipeline_.get(); }

 private:
  void probe(const std::string& element, const char* pad, Seen seen, bool writable);
  Element pipeline_;
};

}  // namespace fkp::test
