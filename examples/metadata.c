// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints the faces of every frame: cc metadata.c -o metadata $(pkg-config --cflags --libs gstfkp-1.0)
// metadata "filesrc location=film.mp4 ! decodebin ! fkpdetect ! fakesink name=sink"
#include <gst/fkp/gstfkpmeta.h>

static GstPadProbeReturn on_frame(GstPad* pad, GstPadProbeInfo* info, gpointer frames) {
  const GstFkpMeta* meta = gst_fkp_buffer_get_meta(GST_PAD_PROBE_INFO_BUFFER(info));
  g_print("frame %u: %u faces\n", (*(guint*)frames)++, meta ? gst_fkp_meta_get_n_faces(meta) : 0);
  return GST_PAD_PROBE_OK;
}

int main(int argc, char** argv) {
  guint frames = 0;
  gst_init(&argc, &argv);
  GstElement* pipeline = argc == 2 ? gst_parse_launch(argv[1], NULL) : NULL;
  GstElement* sink = pipeline ? gst_bin_get_by_name(GST_BIN(pipeline), "sink") : NULL;
  if (!sink) return 2;
  gst_pad_add_probe(gst_element_get_static_pad(sink, "sink"), GST_PAD_PROBE_TYPE_BUFFER, on_frame, &frames, NULL);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstMessage* end = gst_bus_timed_pop_filtered(gst_element_get_bus(pipeline), GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  return GST_MESSAGE_TYPE(end) == GST_MESSAGE_EOS ? 0 : 1;
}
