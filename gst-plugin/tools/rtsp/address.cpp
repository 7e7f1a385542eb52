// SPDX-License-Identifier: LGPL-2.1-or-later
#include "address.h"

#include <glib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace fkp {
namespace {

constexpr std::array kSchemes{"rtsp", "rtsps", "rtspt", "rtspst", "rtspu", "rtspsu", "rtsph", "rtspsh"};  // those of rtspsrc

std::string decoded(const std::string& text) {
  g_autofree char* plain = g_uri_unescape_string(text.c_str(), nullptr);
  return plain ? plain : text;  // a stray % is part of the password
}

std::string encoded(const std::string& text) {
  g_autofree char* escaped = g_uri_escape_string(text.c_str(), nullptr, FALSE);
  return escaped;
}

}  // namespace

std::string Address::shown() const { return location.substr(0, location.find('?')); }

Address parse_address(const std::string& uri) {
  const std::size_t colon = uri.find("://");
  if (colon == std::string::npos) throw std::invalid_argument("the URI must begin with rtsp:// or rtsps://");
  const std::string scheme = uri.substr(0, colon);
  if (std::find(kSchemes.begin(), kSchemes.end(), scheme) == kSchemes.end())
    throw std::invalid_argument("the URI must begin with rtsp:// or rtsps://, not " + scheme + "://");
  const std::size_t begin = colon + 3;
  const std::size_t end = std::min(uri.find_first_of("/?#", begin), uri.size());
  const std::string authority = uri.substr(begin, end - begin);
  const std::size_t at = authority.rfind('@');
  Address address;
  std::string host = authority;
  if (at != std::string::npos) {
    const std::string who = authority.substr(0, at);
    const std::size_t divider = who.find(':');
    address.user = decoded(who.substr(0, divider));
    if (divider != std::string::npos) address.password = decoded(who.substr(divider + 1));
    host = authority.substr(at + 1);
  }
  if (host.empty() || host[0] == ':') throw std::invalid_argument("the URI names no host");
  const std::size_t port = host.find(':', host[0] == '[' ? host.find(']') : 0);
  // A '/', '?' or '#' in a password ends the host: what precedes it would be taken for the port, and the rest be shown.
  if (port != std::string::npos && host.find_first_not_of("0123456789", port + 1) != std::string::npos)
    throw std::invalid_argument("the port in the URI is not a number (put a password with '/', '?' or '#' into 'password')");
  address.location = scheme + "://" + host + uri.substr(end);
  return address;
}

void Secrets::add(const Address& address) {
  add(address.password);
  add(encoded(address.password));
  if (const auto query = address.location.find('?'); query != std::string::npos) add(address.location.substr(query + 1));
}

void Secrets::add(const std::string& secret) {
  if (secret.empty()) return;
  // Before the shorter ones that it may contain.
  const auto longer = [](const std::string& a, const std::string& b) { return a.size() > b.size(); };
  all_.insert(std::upper_bound(all_.begin(), all_.end(), secret, longer), secret);
}

std::string Secrets::hidden(std::string text) const {
  for (const std::string& secret : all_)
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += 3) text.replace(at, secret.size(), "***");
  return text;
}

}  // namespace fkp
