// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <chrono>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace fkp {

// When a property can be set, and whether it can be read.
constexpr auto kFixed = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
constexpr auto kSecret = static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
constexpr auto kPlaying = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
constexpr auto kControllable = static_cast<GParamFlags>(kPlaying | GST_PARAM_CONTROLLABLE);

/// Registers an enum or flags type of properties as part of the plugin's API. `values` must be static.
inline GType plugin_enum(const char* name, const GEnumValue* values) {
  const GType type = g_enum_register_static(name, values);
  gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
  return type;
}
inline GType plugin_flags(const char* name, const GFlagsValue* values) {
  const GType type = g_flags_register_static(name, values);
  gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
  return type;
}

/// The string of a GValue; empty if it is null.
inline std::string text_of(const GValue* value) { return g_value_get_string(value) ? g_value_get_string(value) : ""; }

/// The properties of an element, stored in a struct S whose default values are the properties' defaults. Ids count from 1. Most
/// properties are a member of S, to which `at` returns a reference: [](auto& s) -> auto& { return s.member; }.
template <typename S>
class Properties {
 public:
  /// A std::string; GObject gets null for an empty one.
  template <typename At>
  Properties& text(const char* name, const char* nick, const char* blurb, GParamFlags flags, At at) {
    const auto or_null = [](const std::string& s) { return s.empty() ? nullptr : s.c_str(); };
    return other(
        g_param_spec_string(name, nick, blurb, or_null(at(defaults_)), flags), [at](S& s, const GValue* v) { at(s) = text_of(v); },
        [at, or_null](const S& s, GValue* v) { g_value_set_string(v, or_null(at(s))); });
  }

  template <typename At>
  Properties& flag(const char* name, const char* nick, const char* blurb, GParamFlags flags, At at) {
    return other(
        g_param_spec_boolean(name, nick, blurb, at(defaults_), flags), [at](S& s, const GValue* v) { at(s) = g_value_get_boolean(v); },
        [at](const S& s, GValue* v) { g_value_set_boolean(v, at(s)); });
  }

  /// An enum with the same values as the GEnum `type`.
  template <typename At>
  Properties& choice(const char* name, const char* nick, const char* blurb, GType type, GParamFlags flags, At at) {
    using T = Part<At>;
    return other(
        g_param_spec_enum(name, nick, blurb, type, static_cast<int>(at(defaults_)), flags),
        [at](S& s, const GValue* v) { at(s) = static_cast<T>(g_value_get_enum(v)); },
        [at](const S& s, GValue* v) { g_value_set_enum(v, static_cast<int>(at(s))); });
  }

  /// An int, float or double; or a std::size_t, a std::uint32_t or milliseconds, which are guint for GObject.
  template <typename Limit, typename At>
  Properties& number(const char* name, const char* nick, const char* blurb, Limit least, Limit most, GParamFlags flags, At at) {
    using T = Part<At>;
    const T now = at(defaults_);
    if constexpr (std::is_same_v<T, int>)
      return other(
          g_param_spec_int(name, nick, blurb, least, most, now, flags), [at](S& s, const GValue* v) { at(s) = g_value_get_int(v); },
          [at](const S& s, GValue* v) { g_value_set_int(v, at(s)); });
    else if constexpr (std::is_same_v<T, float>)
      return other(
          g_param_spec_float(name, nick, blurb, least, most, now, flags), [at](S& s, const GValue* v) { at(s) = g_value_get_float(v); },
          [at](const S& s, GValue* v) { g_value_set_float(v, at(s)); });
    else if constexpr (std::is_same_v<T, double>)
      return other(
          g_param_spec_double(name, nick, blurb, least, most, now, flags), [at](S& s, const GValue* v) { at(s) = g_value_get_double(v); },
          [at](const S& s, GValue* v) { g_value_set_double(v, at(s)); });
    else
      return other(
          g_param_spec_uint(name, nick, blurb, least, most, count(now), flags),
          [at](S& s, const GValue* v) { at(s) = static_cast<T>(g_value_get_uint(v)); },
          [at](const S& s, GValue* v) { g_value_set_uint(v, count(at(s))); });
  }

  /// A property that is not simply a member of S. Without `get` it is write-only.
  Properties& other(GParamSpec* spec, std::function<void(S&, const GValue*)> set, std::function<void(const S&, GValue*)> get) {
    all_.push_back({spec, std::move(set), std::move(get)});
    return *this;
  }

  /// Installs them all; returns the next free id.
  guint install(GObjectClass* klass) const {
    guint id = 1;
    for (const Property& p : all_) g_object_class_install_property(klass, id++, p.spec);
    return id;
  }

  /// Sets the property with that id in an element's settings, under the object lock. If the element has `started`, a property that can
  /// be set in the states NULL and READY only is left unchanged, with a warning.
  void set(GObject* element, S& settings, guint id, const GValue* value, GParamSpec* spec, bool started) const {
    if (!has(id)) {
      G_OBJECT_WARN_INVALID_PROPERTY_ID(element, id, spec);
    } else if (started && (spec->flags & GST_PARAM_MUTABLE_READY)) {
      g_warning("%s: '%s' can only be set in the states NULL and READY; it is left unchanged", GST_OBJECT_NAME(element), spec->name);
    } else {
      GST_OBJECT_LOCK(element);
      all_[id - 1].set(settings, value);
      GST_OBJECT_UNLOCK(element);
    }
  }

  /// Reads the property with that id, under the object lock.
  void get(GObject* element, const S& settings, guint id, GValue* value, GParamSpec* spec) const {
    if (!has(id)) {
      G_OBJECT_WARN_INVALID_PROPERTY_ID(element, id, spec);
    } else if (const auto& get = all_[id - 1].get) {
      GST_OBJECT_LOCK(element);
      get(settings, value);
      GST_OBJECT_UNLOCK(element);
    }
  }

 private:
  struct Property {
    GParamSpec* spec;
    std::function<void(S&, const GValue*)> set;
    std::function<void(const S&, GValue*)> get;
  };
  template <typename At>
  using Part = std::decay_t<std::invoke_result_t<At, S&>>;

  template <typename T>
  static guint count(T n) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<guint>(n);
    else
      return static_cast<guint>(n.count());
  }
  bool has(guint id) const { return id >= 1 && id <= all_.size(); }

  const S defaults_{};
  std::vector<Property> all_;
};

}  // namespace fkp
