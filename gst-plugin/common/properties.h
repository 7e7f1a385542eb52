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

/// The string of a GValue; empty where it is null.
inline std::string text_of(const GValue* value) { return g_value_get_string(value) ? g_value_get_string(value) : ""; }

/// Properties of an element that are kept in a struct S, whose S() holds their defaults. Their ids count from 1. Most are one
/// part of S, which `at` returns a reference to: [](auto& s) -> auto& { return s.part; }.
template <typename S>
class Properties {
 public:
  /// A std::string; an empty one is null to GObject.
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

  /// An enum of the same numbers as the GEnum `type`.
  template <typename At>
  Properties& choice(const char* name, const char* nick, const char* blurb, GType type, GParamFlags flags, At at) {
    using T = Part<At>;
    return other(
        g_param_spec_enum(name, nick, blurb, type, static_cast<int>(at(defaults_)), flags),
        [at](S& s, const GValue* v) { at(s) = static_cast<T>(g_value_get_enum(v)); },
        [at](const S& s, GValue* v) { g_value_set_enum(v, static_cast<int>(at(s))); });
  }

  /// An int, a float, a double; a std::size_t or milliseconds, which are guint to GObject.
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

  /// One that is no plain part of S. Without `get` it can be set only.
  Properties& other(GParamSpec* spec, std::function<void(S&, const GValue*)> set, std::function<void(const S&, GValue*)> get) {
    all_.push_back({spec, std::move(set), std::move(get)});
    return *this;
  }

  /// Returns the next free id.
  guint install(GObjectClass* klass) const {
    guint id = 1;
    for (const Property& p : all_) g_object_class_install_property(klass, id++, p.spec);
    return id;
  }

  /// Sets or reads the property with that id. False where there is none.
  bool set(S& settings, guint id, const GValue* value) const {
    if (!has(id)) return false;
    all_[id - 1].set(settings, value);
    return true;
  }
  bool get(const S& settings, guint id, GValue* value) const {
    if (!has(id)) return false;
    if (const auto& get = all_[id - 1].get) get(settings, value);
    return true;
  }

 private:
  struct Property {
    GParamSpec* spec;
    std::function<void(S&, const GValue*)> set;
    std::function<void(const S&, GValue*)> get;
  };
  template <typename At>
  using Part = std::decay_t<std::invoke_result_t<At, S&>>;

  static guint count(std::size_t n) { return static_cast<guint>(n); }
  static guint count(std::chrono::milliseconds time) { return static_cast<guint>(time.count()); }
  bool has(guint id) const { return id >= 1 && id <= all_.size(); }

  const S defaults_{};
  std::vector<Property> all_;
};

}  // namespace fkp
