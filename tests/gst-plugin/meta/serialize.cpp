// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>

#include <algorithm>

#include "media.h"
#include "support/files.h"

namespace fkp::test {
namespace {

#if GST_CHECK_VERSION(1, 24, 0)

using Bytes = std::vector<guint8>;

Bytes bytes_of(const GstMeta* meta) {
  GByteArray* array = g_byte_array_new();
  EXPECT_TRUE(gst_meta_serialize_simple(meta, array));
  Bytes bytes(array->data, array->data + array->len);
  g_byte_array_unref(array);
  return bytes;
}

GstFkpMeta* read_into(GstBuffer* buffer, const Bytes& bytes) {
  guint32 consumed = 0;
  return reinterpret_cast<GstFkpMeta*>(gst_meta_deserialize(buffer, bytes.data(), bytes.size(), &consumed));
}

Bytes two_faces() {
  const Scheme scheme = triangle();
  const Buffer buffer(gst_buffer_new());
  GstFkpMeta* meta = gst_fkp_buffer_add_meta(buffer.get(), scheme.get(), 160, 120);
  add_triangle(meta, 7, 10.25f, 20.5f, 30);
  add_triangle(meta, 8, -3, 0, 5, true);
  return bytes_of(&meta->meta);
}

TEST(Serialized, SaysAllAgain) {
  const Buffer buffer(gst_buffer_new());
  GstFkpMeta* meta = read_into(buffer.get(), two_faces());
  ASSERT_NE(meta, nullptr);
  EXPECT_EQ(meta, gst_fkp_buffer_get_meta(buffer.get()));
  EXPECT_EQ(meta->width, 160u);
  EXPECT_EQ(meta->height, 120u);
  EXPECT_STREQ(gst_fkp_scheme_to_json(meta->scheme), gst_fkp_scheme_to_json(triangle().get()));
  ASSERT_EQ(gst_fkp_meta_get_n_faces(meta), 2u);
  const GstFkpFace* face = gst_fkp_meta_get_face(meta, 0);
  EXPECT_EQ(face->id, 7u);
  EXPECT_EQ(face->x, 10.25f);
  EXPECT_EQ(face->y, 20.5f);
  EXPECT_EQ(face->width, 30);
  EXPECT_EQ(face->height, 30);
  EXPECT_EQ(face->score, 0.9f);
  EXPECT_FALSE(face->held);
  EXPECT_EQ(face->points[1].x, 40.25f);
  EXPECT_EQ(face->points[2].y, 50.5f);
  EXPECT_EQ(face->points[1].confidence, 0.75f);
  EXPECT_TRUE(gst_fkp_meta_get_face(meta, 1)->held);
}

TEST(Serialized, SharesTheSchemeOfAStream) {
  const Buffer first(gst_buffer_new()), second(gst_buffer_new());
  EXPECT_EQ(read_into(first.get(), two_faces())->scheme, read_into(second.get(), two_faces())->scheme);
}

TEST(Serialized, IsRefusedWhereItIsCutOrTooLong) {
  const Bytes whole = two_faces();
  const Buffer buffer(gst_buffer_new());
  // The first 4 bytes are GStreamer's: the size that it passes to the deserialiser.
  const auto with_size = [&](std::size_t size) {
    Bytes bytes = whole;
    bytes.resize(size);
    const guint32 total = GUINT32_TO_LE(static_cast<guint32>(size));
    std::copy_n(reinterpret_cast<const guint8*>(&total), 4, bytes.begin());
    return bytes;
  };
  ASSERT_NE(read_into(buffer.get(), with_size(whole.size())), nullptr);
  for (std::size_t size = 5; size < whole.size(); size++) EXPECT_EQ(read_into(buffer.get(), with_size(size)), nullptr) << size;
  EXPECT_EQ(read_into(buffer.get(), with_size(whole.size() + 1)), nullptr);
}

TEST(Serialized, TravelsThroughASocket) {
  GstElementFactory* factory = gst_element_factory_find("unixfdsink");
  if (factory == nullptr) GTEST_SKIP() << "needs unixfdsink";
  gst_object_unref(factory);
  const TemporaryFolder folder;
  const std::string socket = " socket-path=" + (folder / "socket").string();
  const Scheme scheme = triangle();
  int with_meta = 0;
  Pipeline sender("videotestsrc name=source num-buffers=4 ! video/x-raw,format=I420,width=160,height=120 ! unixfdsink name=out sync=false" +
                  socket);
  sender.mark([&](GstBuffer* b) { add_triangle(gst_fkp_buffer_add_meta(b, scheme.get(), 160, 120), 7, 10.25f, 20.5f, 30); });
  Pipeline receiver("unixfdsrc" + socket + " ! fakesink name=sink sync=false");
  receiver.watch("sink", [&](GstBuffer* b) {
    const GstFkpMeta* meta = gst_fkp_buffer_get_meta(b);
    if (meta != nullptr && gst_fkp_meta_get_face(meta, 0)->points[0].x == 10.25f) with_meta++;
  });
  const Element out(gst_bin_get_by_name(GST_BIN(sender.get()), "out"));
  if (g_object_class_find_property(G_OBJECT_GET_CLASS(out.get()), "wait-for-connection"))  // from GStreamer 1.26 on
    g_object_set(out.get(), "wait-for-connection", TRUE, nullptr);
  // The socket exists once the sender is in PAUSED, and nothing is sent before it is in PLAYING. Before GStreamer 1.26, all frames may have
  // been sent by the time that it accepts the receiver.
  gst_element_set_state(sender.get(), GST_STATE_PAUSED);
  gst_element_set_state(receiver.get(), GST_STATE_PLAYING);
  EXPECT_EQ(sender.run().message, "");
  EXPECT_EQ(receiver.run().message, "");
  EXPECT_EQ(with_meta, 4);
}

#else

TEST(Serialized, SaysAllAgain) { GTEST_SKIP() << "needs GStreamer 1.24"; }
TEST(Serialized, TravelsThroughASocket) { GTEST_SKIP() << "needs GStreamer 1.24"; }

#endif

}  // namespace
}  // namespace fkp::test
