// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <chrono>
#include <string>
#include <vector>

#include "gst_ptr.h"

namespace fkp {

/// A pipeline that stops when it goes out of scope.
class Pipeline {
 public:
  /// Made from gst-launch-1.0 arguments. Throws std::runtime_error.
  explicit Pipeline(const std::vector<std::string>& arguments);
  ~Pipeline() { stop(); }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// A failure is posted on the bus.
  void play() { gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING); }
  void end_stream() { gst_element_send_event(pipeline_.get(), gst_event_new_eos()); }
  void stop() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

  GstElement* get() const { return pipeline_.get(); }
  /// Null if there is none.
  GstPtr<GstElement> element(const std::string& name) const;
  GstPtr<GstPad> pad(const std::string& element_name, const char* pad_name) const;
  /// The next end of stream, error or warning; null if there is none in that time.
  GstPtr<GstMessage> next_message(std::chrono::milliseconds patience) const;

 private:
  GstPtr<GstElement> pipeline_;
};

/// An error or a warning of an element.
class Complaint {
 public:
  explicit Complaint(GstMessage* message);

  /// Whether the run has to end: also if a stream could not be linked, as the muxer would wait for it for ever.
  bool ends_the_run() const { return is_error_ || g_error_matches(error_.get(), GST_PARSE_ERROR, GST_PARSE_ERROR_DELAYED_LINK); }
  /// Whether it is about a missing decoder: media_info() has already found out which streams cannot be decoded.
  bool is_known() const { return !is_error_ && g_error_matches(error_.get(), GST_STREAM_ERROR, GST_STREAM_ERROR_CODEC_NOT_FOUND); }
  std::string text(bool verbose) const;

 private:
  std::string text_, source_;
  bool is_error_;
  GstPtr<GError> error_;
  GstPtr<gchar> details_;
};

}  // namespace fkp
