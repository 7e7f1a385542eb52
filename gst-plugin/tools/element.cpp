// SPDX-License-Identifier: LGPL-2.1-or-later
#include "element.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstring>

#include "fkp/core/error.h"
#include "programs/nearest.h"

namespace fkp {
namespace {

std::vector<std::string> writable_properties(GstElement* element) {
  guint n = 0;
  g_autofree GParamSpec** specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(element), &n);
  std::vector<std::string> names;
  for (guint i = 0; i < n; i++) {
    const GParamSpec* spec = specs[i];
    const bool of_every_element = spec->owner_type == GST_TYPE_OBJECT || spec->owner_type == GST_TYPE_ELEMENT;
    if ((spec->flags & G_PARAM_WRITABLE) && !of_every_element && std::strcmp(spec->name, "qos") != 0) names.emplace_back(spec->name);
  }
  return names;
}

std::string values_of(GParamSpec* spec, const std::string& value) {
  if (spec->value_type == G_TYPE_BOOLEAN) return "it is true or false";
  if (spec->value_type == G_TYPE_FLOAT || spec->value_type == G_TYPE_DOUBLE) return "it is a number";
  std::vector<std::string> names;
  const auto add = [&names](const auto* values) {
    for (guint i = 0; i < values->n_values; i++) names.emplace_back(values->values[i].value_nick);
  };
  if (G_IS_PARAM_SPEC_ENUM(spec))
    add(G_PARAM_SPEC_ENUM(spec)->enum_class);
  else if (G_IS_PARAM_SPEC_FLAGS(spec))
    add(G_PARAM_SPEC_FLAGS(spec)->flags_class);
  else
    return "it is a whole number";
  return known_names(value, names);
}

void set(const PropertyValue& property, GstElement* element) {
  const auto fail = [&](const std::string& what) { throw Error(ErrorKind::unreadable, property.where + ": " + what); };
  GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), property.name.c_str());
  const auto names = writable_properties(element);
  if (!spec || std::find(names.begin(), names.end(), spec->name) == names.end())
    fail(fmt::format("{} has no property '{}'; {}", GST_OBJECT_NAME(gst_element_get_factory(element)), property.name,
                     known_names(property.name, names)));
  g_auto(GValue) value = G_VALUE_INIT;
  g_value_init(&value, spec->value_type);
  if (spec->value_type == G_TYPE_STRING)
    g_value_set_string(&value, property.value.c_str());
  else if (!gst_value_deserialize(&value, property.value.c_str()))
    fail(fmt::format("'{}' cannot be '{}'; {}", property.name, property.value, values_of(spec, property.value)));
  if (g_param_value_validate(spec, &value)) fail(fmt::format("'{}' cannot be '{}': out of range", property.name, property.value));
  g_object_set_property(G_OBJECT(element), spec->name, &value);
}

}  // namespace

std::string lacks_element(const std::string& factory) {
  const bool own = factory.compare(0, 3, "fkp") == 0;
  return fmt::format(
      "GStreamer has no element '{}': {}", factory,
      own ? "set GST_PLUGIN_PATH to the folders of fkp's plugins" : "one of its plugin packages is missing (base, good, bad, ugly, libav)");
}

GstPtr<GstElement> make_element(const char* factory, const char* name) {
  if (GstElement* element = gst_element_factory_make(factory, name)) return GstPtr<GstElement>(GST_ELEMENT(gst_object_ref_sink(element)));
  throw Error(ErrorKind::not_found, lacks_element(factory));
}

std::string text_of(GstMessage* message) {
  GError* failure = nullptr;
  gchar* more = nullptr;
  (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR ? gst_message_parse_error : gst_message_parse_warning)(message, &failure, &more);
  const GstPtr<GError> error(failure);
  const GstPtr<gchar> details(more);
  std::string text = error->message;
  // GStreamer's own details have the form "file.c(12): function (): /path:\nSomething for a human to read."
  if (const char* line = more ? std::strrchr(more, '\n') : nullptr; line && line[1] != '\0' && text.find(line + 1) == std::string::npos)
    text.append(" (").append(line + 1).append(")");
  return text;
}

void apply(const PropertyValues& values, GstElement* element) {
  for (const PropertyValue& property : values) set(property, element);
}

std::vector<std::string> secret_values(const PropertyValues& values, const char* factory) {
  const auto element = make_element(factory, nullptr);
  std::vector<std::string> secrets;
  for (const PropertyValue& property : values) {
    const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element.get()), property.name.c_str());
    if (spec && !(spec->flags & G_PARAM_READABLE)) secrets.push_back(property.value);
  }
  return secrets;
}

}  // namespace fkp
