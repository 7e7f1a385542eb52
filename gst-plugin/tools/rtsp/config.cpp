// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

#include "fkp/core/error.h"
#include "programs/toml_keys.h"

namespace fkp {
namespace {

/// Throws std::runtime_error with the reason.
std::string content(const std::filesystem::path& file) {
  std::error_code unknown;
  if (std::filesystem::is_directory(file, unknown)) throw std::runtime_error("it is a folder");
  std::ifstream in(file);
  if (!in) throw std::runtime_error(std::strerror(errno));
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string first_line(const std::filesystem::path& file) {
  const std::string text = content(file);
  return text.substr(0, text.find_first_of("\r\n"));
}

toml::table parsed(const std::filesystem::path& file) {
  std::string text;
  try {
    text = content(file);
  } catch (const std::runtime_error& e) {
    throw Error(ErrorKind::not_found, fmt::format("cannot read {}: {}", file.string(), e.what()));
  }
  return parse_toml(text, file);
}

/// Reads a table of element properties. Only the elements know which exist: names are not checked here.
void read_properties(TomlKeys& keys, const char* key, PropertyValues& properties) {
  const toml::node* node = keys.sought(key);
  if (!node) return;
  if (!node->is_table()) keys.fail(*node, fmt::format("'{}' must be a table", key));
  for (const auto& [name, value] : *node->as_table()) {
    PropertyValue property{std::string(name.str()), "", keys.place(value)};
    if (const auto* text = value.as_string())
      property.value = text->get();
    else if (const auto* whole = value.as_integer())
      property.value = std::to_string(whole->get());
    else if (const auto* number = value.as_floating_point())
      property.value = fmt::format("{}", number->get());
    else if (const auto* flag = value.as_boolean())
      property.value = flag->get() ? "true" : "false";
    else
      keys.fail(value, fmt::format("'{}' must be a string, a number, true or false", property.name));
    const auto same = [&](const PropertyValue& s) { return s.name == property.name; };
    properties.erase(std::remove_if(properties.begin(), properties.end(), same), properties.end());
    properties.push_back(std::move(property));
  }
}

void read_duration(TomlKeys& keys, const char* key, std::chrono::milliseconds& value) {
  const toml::node* node = keys.sought(key);
  if (!node) return;
  const auto seconds = node->value<double>();
  if (!seconds || !(*seconds >= 0.001) || *seconds > 86400)
    keys.fail(*node, fmt::format("'{}' must be a number of seconds from 0.001 to 86400", key));
  value = std::chrono::milliseconds(static_cast<int>(*seconds * 1000 + 0.5));
}

/// The key that gives a password, or nullptr.
const toml::node* password_of(TomlKeys& keys) {
  const toml::node* node = nullptr;
  for (const char* key : {"password", "password-file", "password-env"})
    if (const toml::node* given = keys.sought(key)) node = given;
  return node;
}

/// Reads `user`, and a password from one of three keys.
void read_access(TomlKeys& keys, const std::filesystem::path& folder, std::string& user, std::string& password) {
  keys("user", user);
  int sources = 0;
  const auto text = [&](const char* key) -> std::pair<const toml::node*, std::string> {
    const toml::node* node = keys.sought(key);
    if (!node) return {nullptr, ""};
    const auto value = node->value<std::string>();
    if (!value) keys.fail(*node, fmt::format("'{}' must be a string", key));
    if (++sources > 1) keys.fail(*node, "only one of 'password', 'password-file' and 'password-env' can be given");
    return {node, *value};
  };
  if (const auto [node, value] = text("password"); node) password = value;
  if (const auto [node, name] = text("password-file"); node) {
    try {
      password = first_line(folder / name);
    } catch (const std::runtime_error& e) {
      keys.fail(*node, fmt::format("the password file '{}' cannot be read: {}", (folder / name).string(), e.what()));
    }
  }
  if (const auto [node, name] = text("password-env"); node) {
    const char* found = std::getenv(name.c_str());
    if (!found) keys.fail(*node, fmt::format("there is no environment variable '{}'", name));
    password = found;
  }
}

void read_transport(TomlKeys& keys, Transport& transport) {
  static const std::map<std::string, Transport> names{{"tcp", Transport::tcp}, {"udp", Transport::udp}, {"auto", Transport::automatic}};
  const toml::node* node = keys.sought("transport");
  if (!node) return;
  const auto found = names.find(node->value_or(std::string()));
  if (found == names.end()) keys.fail(*node, "'transport' is \"tcp\", \"udp\" or \"auto\"");
  transport = found->second;
}

/// Reads the keys that [defaults] has, too.
void read_common(TomlKeys& keys, const std::filesystem::path& folder, CameraConfig& camera) {
  read_access(keys, folder, camera.address.user, camera.address.password);
  read_transport(keys, camera.transport);
  read_duration(keys, "latency", camera.latency);
  read_duration(keys, "timeout", camera.timeout);
  keys("verify-tls", camera.verify_tls)("serve", camera.serve);
}

bool is_name(const std::string& name) {
  const auto good = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), good);
}

CameraConfig read_camera(TomlKeys& keys, const toml::node& node, const CameraConfig& defaults, const std::filesystem::path& folder) {
  CameraConfig camera = defaults;
  camera.where = keys.place(node);
  std::string uri;
  keys("name", camera.name)("uri", uri);
  read_common(keys, folder, camera);
  read_properties(keys, "detect", camera.detect);
  camera.published = camera.published || keys.sought("publish");
  read_properties(keys, "publish", camera.publish);
  keys.finish();  // a misspelt 'uri' is an unknown key before it is a missing one

  if (const toml::node* name = keys.sought("name"); !is_name(camera.name))
    keys.fail(name ? *name : node, "a camera's 'name' must consist of letters, digits, '-' and '_'");
  const toml::node* at = keys.sought("uri");
  if (!at) keys.fail(node, fmt::format("camera '{}' has no 'uri'", camera.name));
  const toml::node* password = password_of(keys);
  try {
    Address address = parse_address(uri);
    if (address.user.empty() || keys.sought("user")) address.user = camera.address.user;
    if (address.password.empty() || password) address.password = camera.address.password;
    camera.address = address;
  } catch (const std::invalid_argument& e) {
    keys.fail(*at, fmt::format("camera '{}': {}", camera.name, e.what()));
  }
  if (!camera.address.password.empty() && camera.address.user.empty())
    keys.fail(password ? *password : node, fmt::format("camera '{}' has a password, but no 'user'", camera.name));
  return camera;
}

/// Replaces "{name}" with the camera's name.
void insert_name(CameraConfig& camera) {
  for (PropertyValue& property : camera.publish) {
    for (std::size_t at = 0; (at = property.value.find("{name}", at)) != std::string::npos; at += camera.name.size())
      property.value.replace(at, 6, camera.name);
    if (property.name == "location" && property.value.find('{') != std::string::npos)
      throw Error(ErrorKind::unreadable, fmt::format("{}: '{}' has a {{ that stands for nothing; {{name}} stands for the camera's name",
                                                     property.where, property.value));
  }
}

void read_serve(TomlKeys& keys, const std::filesystem::path& folder, ServeConfig& serve) {
  keys("address", serve.address)("port", serve.port)("bitrate", serve.bitrate);
  read_access(keys, folder, serve.user, serve.password);
  read_duration(keys, "timeout", serve.timeout);
  if (const toml::node* node = keys.sought("port"); serve.port < 0 || serve.port > 65535)
    keys.fail(*node, "'port' must be from 0 to 65535");
  if (const toml::node* node = keys.sought("bitrate"); serve.bitrate < 1) keys.fail(*node, "'bitrate' is in kbit/s, at least 1");
  if (const toml::node* node = keys.sought("user"); node && serve.password.empty()) keys.fail(*node, "'user' is set without a password");
  if (const toml::node* node = password_of(keys); node && serve.user.empty()) keys.fail(*node, "a password is set without 'user'");
}

/// Whether fkppublish would write to a file, its default, without knowing which.
bool lacks_location(const CameraConfig& camera) {
  const auto value = [&](const std::string& name, const std::string& otherwise) {
    for (const PropertyValue& p : camera.publish)
      if (p.name == name) return p.value;
    return otherwise;
  };
  return camera.published && value("method", "file") == "file" && value("location", "").empty() && value("uri", "").empty();
}

void check_cameras(const std::vector<CameraConfig>& cameras, const std::filesystem::path& file) {
  if (cameras.empty()) throw Error(ErrorKind::unreadable, file.string() + ": it has no [[camera]]");
  std::map<std::string, const CameraConfig*> names, locations;
  for (const CameraConfig& camera : cameras) {
    if (const auto [entry, fresh] = names.emplace(camera.name, &camera); !fresh)
      throw Error(ErrorKind::unreadable, fmt::format("{}: camera name '{}' is already used at {}; names must be unique", camera.where,
                                                     camera.name, entry->second->where));
    if (lacks_location(camera)) throw Error(ErrorKind::unreadable, about(camera, "it is published to a file, but has no 'location'"));
    for (const PropertyValue& s : camera.publish)
      if (s.name == "location")
        if (const auto [entry, fresh] = locations.emplace(s.value, &camera); !fresh)
          throw Error(ErrorKind::unreadable, fmt::format("{}: cameras '{}' and '{}' would both write '{}'; put {{name}} into the location",
                                                         s.where, entry->second->name, camera.name, s.value));
  }
}

}  // namespace

std::string about(const CameraConfig& camera, const std::string& what) {
  return fmt::format("{}: camera '{}': {}", camera.where, camera.name, what);
}

Config read_config(const std::filesystem::path& file) {
  const toml::table root = parsed(file);
  const std::filesystem::path folder = file.parent_path();
  Config config;
  CameraConfig defaults;
  TomlKeys keys(root, "the configuration", file);
  keys("metrics", config.metrics);
  read_properties(keys, "detect", defaults.detect);
  defaults.published = keys.sought("publish") != nullptr;
  read_properties(keys, "publish", defaults.publish);
  read_properties(keys, "overlay", config.serve.overlay);
  keys.table("serve", [&](TomlKeys& k) { read_serve(k, folder, config.serve); });
  keys.table("retry", [&](TomlKeys& k) {
    read_duration(k, "first", config.retry.first);
    read_duration(k, "longest", config.retry.longest);
    if (config.retry.first > config.retry.longest) k.fail(*root.get("retry"), "'longest' is shorter than 'first'");
  });
  keys.table("defaults", [&](TomlKeys& k) { read_common(k, folder, defaults); });
  keys.list("camera", [&](const toml::node& node) {
    if (!node.is_table()) keys.fail(node, "a camera is a table: [[camera]]");
    keys.sub(*node.as_table(), "[[camera]]", [&](TomlKeys& k) { config.cameras.push_back(read_camera(k, node, defaults, folder)); });
    insert_name(config.cameras.back());
  });
  keys.finish();
  check_cameras(config.cameras, file);
  return config;
}

}  // namespace fkp
