// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <string>

namespace fkp {

/// The text of Pango markup: "&amp;" becomes "&", and tags such as <i> and <b> are kept or removed. What is no proper
/// markup is returned unchanged, or without the usual tags if they are to be removed.
std::string text_of_markup(const std::string& markup, bool keep_tags);

/// Removes the markup from captions on their way into a container; see Format.
class Captions {
 public:
  /// `setter` is the element that the captions pass through. This object must outlive its pipeline's run.
  Captions(GstElement* setter, bool keep_tags, bool from_start);

 private:
  static GstPadProbeReturn passes(GstPad* pad, GstPadProbeInfo* info, gpointer user_data);
  void begin(GstPad* pad, GstBuffer* first);
  void clean(GstPadProbeInfo* info);

  GstElement* setter_;
  bool keep_tags_, begun_;
  bool markup_known_ = false, markup_ = false;
};

}  // namespace fkp
