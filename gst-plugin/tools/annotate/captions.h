// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <string>

namespace fkp {

/// The text of Pango's markup: "&amp;" becomes "&", and the tags stay (as <i>, <b>) or go. What is no markup is returned as it is.
std::string text_of_markup(const std::string& markup, bool keep_tags);

/// On its way into a container, text loses its markup; see Format.
class Captions {
 public:
  /// `setter` is the element that the text passes. This object must outlive its pipeline's run.
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
