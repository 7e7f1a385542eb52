// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipeline.h"

#include <stdexcept>

#include "element.h"

namespace fkp {

Pipeline::Pipeline(const std::vector<std::string>& arguments) {
  std::vector<const gchar*> words;
  words.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) words.push_back(argument.c_str());
  words.push_back(nullptr);
  GError* failure = nullptr;
  pipeline_.reset(gst_parse_launchv_full(words.data(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &failure));
  const GstPtr<GError> error(failure);
  if (pipeline_ && !error) return;
  std::string text = error ? error->message : "the pipeline cannot be built";
  if (error && g_error_matches(error.get(), GST_PARSE_ERROR, GST_PARSE_ERROR_NO_SUCH_ELEMENT)) {
    const auto name = text.find('"') + 1;
    text = lacks_element(text.substr(name, text.rfind('"') - name));
  }
  throw std::runtime_error(text);
}

GstPtr<GstElement> Pipeline::element(const std::string& name) const {
  return GstPtr<GstElement>(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name.c_str()));
}

GstPtr<GstPad> Pipeline::pad(const std::string& element_name, const char* pad_name) const {
  const GstPtr<GstElement> named = element(element_name);
  return GstPtr<GstPad>(named ? gst_element_get_static_pad(named.get(), pad_name) : nullptr);
}

GstPtr<GstMessage> Pipeline::next_message(std::chrono::milliseconds patience) const {
  const auto wanted = static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
  const GstPtr<GstBus> bus(gst_element_get_bus(pipeline_.get()));
  return GstPtr<GstMessage>(gst_bus_timed_pop_filtered(bus.get(), patience.count() * GST_MSECOND, wanted));
}

Complaint::Complaint(GstMessage* message)
    : text_(text_of(message)), source_(GST_MESSAGE_SRC_NAME(message)), is_error_(GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
  GError* error = nullptr;
  gchar* details = nullptr;
  (is_error_ ? gst_message_parse_error : gst_message_parse_warning)(message, &error, &details);
  error_.reset(error);
  details_.reset(details);
}

std::string Complaint::text(bool verbose) const {
  return verbose && details_ ? text_ + " (" + source_ + ": " + details_.get() + ")" : text_;
}

}  // namespace fkp
