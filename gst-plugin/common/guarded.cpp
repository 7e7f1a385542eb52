// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guarded.h"

#include <exception>
#include <string>

namespace fkp {
namespace {

struct Code {
  GQuark domain;
  gint code;
};

Code code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::not_found:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND};
    case ErrorKind::unreadable:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ};
    case ErrorKind::mismatch:
      return {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS};
    case ErrorKind::no_device:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS};
    case ErrorKind::unwritable:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_WRITE};
    case ErrorKind::unwritten:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_WRITE};
    case ErrorKind::disk_full:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT};
    case ErrorKind::settings:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS};
    case ErrorKind::unmapped:
      return {GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED};
    case ErrorKind::unauthorized:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED};
  }
  return {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_FAILED};
}

void post(GstElement* element, const Code& code, const std::string& text, GstMessageType type = GST_MESSAGE_ERROR,
          GstStructure* details = nullptr) {
  // gst-launch-1.0 shows only the debug string of an info message.
  gchar* debug = type == GST_MESSAGE_INFO ? g_strdup(text.c_str()) : nullptr;
  gst_element_message_full_with_details(element, type, code.domain, code.code, g_strdup(text.c_str()), debug, __FILE__, GST_FUNCTION,
                                        __LINE__, details);
}

}  // namespace

void post(GstElement* element, GstMessageType type, ErrorKind kind, const std::string& text, GstStructure* details) {
  post(element, code_of(kind), text, type, details);
}

void post_current_exception(GstElement* element) {
  try {
    throw;
  } catch (const Error& e) {
    post(element, code_of(e.kind()), e.what());
  } catch (const std::exception& e) {
    post(element, {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_FAILED}, std::string("Unexpected error: ") + e.what());
  } catch (...) {
    post(element, {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_FAILED}, "Unexpected error");
  }
}

}  // namespace fkp
