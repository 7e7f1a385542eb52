// SPDX-License-Identifier: LGPL-2.1-or-later
#include "page/page.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>

namespace fkp {
namespace {

constexpr int kJpegQuality = 80;
constexpr int kNarrowest = 80, kWidest = 220;  // width of a tile in pixels of the page; its picture has 1.5 times as many

// The curves' colours follow Paul Tol's "bright" scheme, which the colour-blind can tell apart; lighter on a dark page.
constexpr const char* kStyle = R"(
:root{--fg:#1c1e21;--bg:#fff;--soft:#666b73;--grid:#e3e5e8;--box:#f6f7f8;
--c0:#4477aa;--c1:#cc3344;--c2:#228833;--c3:#b58900;--c4:#1f9fc4;--c5:#aa3377;--c6:#777;--c7:#885522}
@media(prefers-color-scheme:dark){:root{--fg:#e4e6e9;--bg:#16181b;--soft:#9aa0a8;--grid:#33373d;--box:#1f2226;
--c0:#7fb2e5;--c1:#ff7a85;--c2:#6cc97a;--c3:#e5c04b;--c4:#6fd3f0;--c5:#e58bc0;--c6:#aaa;--c7:#d0a070}}
:root{color-scheme:light dark}
body{margin:0 auto;max-width:1180px;padding:1.2rem;color:var(--fg);background:var(--bg);font:15px/1.45 system-ui,sans-serif}
h1{margin:0;font-size:1.5rem;overflow-wrap:anywhere}h2{margin:2rem 0 .6rem;font-size:1.1rem;border-bottom:1px solid var(--grid)}
p{margin:.4rem 0;max-width:110ch}.sub,figcaption{color:var(--soft)}
.row{display:flex;flex-wrap:wrap;gap:.8rem;align-items:flex-start;margin-bottom:.8rem}
figure{margin:0}figure img{width:100%;display:block;border-radius:3px}figcaption{font-size:12px;overflow-wrap:anywhere}
svg{background:var(--box);border-radius:4px;max-width:100%;height:auto}
svg text{fill:var(--fg);font:12px system-ui,sans-serif}svg .soft{fill:var(--soft)}
svg .grid{stroke:var(--grid);fill:none}svg .curve{fill:none;stroke-width:1.8;stroke-linejoin:round}
.wide{overflow-x:auto}table{border-collapse:collapse}th,td{padding:.2rem .8rem .2rem 0;text-align:left;white-space:nowrap}
th{color:var(--soft);font-weight:600;border-bottom:1px solid var(--grid)}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
pre{background:var(--box);padding:.8rem;overflow-x:auto;border-radius:4px;font-size:13px}summary{cursor:pointer}
)";

/// Four letters of `digits` per three bytes (RFC 4648).
std::string base64(const std::vector<std::uint8_t>& bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; k++) bits = bits << 8 | (k < n ? bytes[i + k] : 0);
    for (std::size_t k = 0; k < 4; k++) text += k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

bool is_number(const std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !text.empty() && end != text.c_str() && *end == 0;
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  return out;
}

std::string number_text(double value) {
  if (!std::isfinite(value)) return "–";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string pixels_text(double pixels) { return number_text(std::round(pixels * 10) / 10 + 0.0); }  // no −0

std::string percent_text(double percent) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", percent);
  return text;
}

void Page::section(const std::string& title) { body_ += "<h2>" + escaped(title) + "</h2>\n"; }

void Page::text(const std::string& text) { body_ += "<p>" + escaped(text) + "</p>\n"; }

void Page::table(const std::vector<std::vector<std::string>>& rows) {
  const auto is_of_numbers = [&](std::size_t column) {
    return rows.size() > 1 && std::all_of(rows.begin() + 1, rows.end(), [&](const auto& row) { return is_number(row[column]); });
  };
  body_ += "<div class=\"wide\"><table>\n";
  for (std::size_t r = 0; r < rows.size(); r++) {
    const std::string tag = r == 0 ? "th" : "td";
    body_ += "<tr>";
    for (std::size_t c = 0; c < rows[r].size(); c++)
      body_.append("<" + tag + (is_of_numbers(c) ? " class=\"n\">" : ">")).append(escaped(rows[r][c])).append("</" + tag + ">");
    body_ += "</tr>\n";
  }
  body_ += "</table></div>\n";
}

void Page::tiles(const std::vector<Tile>& tiles) {
  body_ += "<div class=\"row\">\n";
  for (const Tile& tile : tiles) {
    std::vector<std::uint8_t> jpeg;
    cv::imencode(".jpg", tile.picture, jpeg, {cv::IMWRITE_JPEG_QUALITY, kJpegQuality});
    body_ += "<figure style=\"width:" + std::to_string(std::clamp(tile.picture.cols * 2 / 3, kNarrowest, kWidest)) +
             "px\"><img alt=\"\" src=\"data:image/jpeg;base64," + base64(jpeg) + "\">";
    if (!tile.text.empty()) body_ += "<figcaption>" + escaped(tile.text) + "</figcaption>";
    body_ += "</figure>\n";
  }
  body_ += "</div>\n";
}

void Page::drawings(const std::vector<std::string>& svg) {
  body_ += "<div class=\"row\">\n";
  for (const std::string& drawing : svg) body_ += drawing;
  body_ += "</div>\n";
}

void Page::details(const std::string& summary, const std::string& lines) {
  body_ += "<details><summary>" + escaped(summary) + "</summary><pre>" + escaped(lines) + "</pre></details>\n";
}

std::string page_html(const std::string& title, const std::string& subtitle, const std::string& body) {
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
         "content=\"width=device-width\">\n<title>" +
         escaped(title) + "</title><style>" + kStyle + "</style></head><body>\n<h1>" + escaped(title) + "</h1><p class=\"sub\">" +
         escaped(subtitle) + "</p>\n" + body + "</body></html>\n";
}

}  // namespace fkp
