// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string>

#include "settings.h"

namespace fkp {
namespace {

struct UriScheme {
  const char* name;
  Method method;
  bool tls;
};
constexpr UriScheme kSchemes[] = {{"file", Method::file, false},
                                  {"mqtt", Method::mqtt, false},
                                  {"mqtts", Method::mqtt, true},
                                  {"kafka", Method::kafka, false},
                                  {"kafkas", Method::kafka, true}};

[[noreturn]] void bad(const std::string& why) {
  throw Error(ErrorKind::settings, "uri " + why +
                                       "; it must be file:///PATH, mqtt://HOST/TOPIC, mqtts://…, kafka://… or kafkas://…, with "
                                       "USER:PASSWORD@ before HOST and :PORT behind it if needed");
}

}  // namespace

void apply_uri(PublishSettings& settings, const std::string& uri) {
  g_autofree char *scheme = nullptr, *user = nullptr, *password = nullptr, *host = nullptr;
  g_autofree char *path = nullptr, *query = nullptr, *fragment = nullptr;
  gint port = -1;
  const auto flags = static_cast<GUriFlags>(G_URI_FLAGS_HAS_PASSWORD);
  // GLib's error message is not used: it quotes the URI, and so the password.
  if (!g_uri_split_with_user(uri.c_str(), flags, &scheme, &user, &password, nullptr, &host, &port, &path, &query, &fragment, nullptr) ||
      !scheme)
    bad("cannot be read");
  const auto text = [](const char* part) { return std::string(part ? part : ""); };

  if (query || fragment) bad("has a ? or a # in it, which a topic or a path needs as %3F or %23");
  for (const UriScheme& known : kSchemes) {
    if (text(scheme) != known.name) continue;
    settings.method = known.method;
    if (known.method == Method::file) {
      if (!text(host).empty() && text(host) != "localhost")
        bad("names the host " + text(host) + " before a file's path, which begins with ///");
      settings.location = text(path);
      return;
    }
    if (text(host).empty()) bad("names no host");
    settings.server.host = host;
    settings.server.port = port > 0 ? port : 0;
    settings.server.tls = settings.server.tls || known.tls;  // what was asked for is never undone
    if (user) settings.server.username = user;
    if (password) settings.server.password = password;
    if (text(path).size() > 1) settings.server.topic = path + 1;
    return;
  }
  bad("begins with " + text(scheme) + ":");
}

}  // namespace fkp
