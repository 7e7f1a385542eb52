// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

namespace fkp {

/// Text as it may stand between tags and in quoted attributes of HTML.
std::string escaped(const std::string& text);

/// At most four significant digits, as people write them: "0.0021", "3.412", "1e-05".
std::string number_text(double value);

/// A picture of a page with the words below it.
struct Tile {
  cv::Mat picture;  ///< grey or BGR
  std::string text;
};

/// Puts a page of HTML together that needs no other file, no script and no network; light or dark as its reader's screen.
/// All texts are escaped here, but for what is named `html`.
class Page {
 public:
  /// A heading, and a section below it that lasts to the next one.
  void section(const std::string& title);
  void text(const std::string& text);
  void html(const std::string& html) { body_ += html; }

  /// The first row is the heading. Columns of numbers stand to the right.
  void table(const std::vector<std::vector<std::string>>& rows);

  /// Pictures side by side, inside the page as JPEG.
  void tiles(const std::vector<Tile>& tiles);

  /// Drawings (SVG) side by side.
  void drawings(const std::vector<std::string>& svg);

  /// Lines that are shown when asked for.
  void details(const std::string& summary, const std::string& lines);

  /// What was put in until now, without a page around it.
  const std::string& body() const { return body_; }

 private:
  std::string body_;
};

/// The whole page; `subtitle` stands below its title.
std::string page_html(const std::string& title, const std::string& subtitle, const std::string& body);

}  // namespace fkp
