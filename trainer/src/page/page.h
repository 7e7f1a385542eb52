// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

namespace fkp {

/// Text escaped for use between tags and in quoted attributes of HTML.
std::string escaped(const std::string& text);

/// A number with at most four significant digits: "0.0021", "3.412", "1e-05".
std::string number_text(double value);

/// A length in a drawing, to a tenth of a pixel.
std::string pixels_text(double pixels);

/// "3.41 %".
std::string percent_text(double percent);

/// A picture on a page, with its caption.
struct Tile {
  cv::Mat picture;  ///< grey or BGR
  std::string text;
};

/// Builds a self-contained page of HTML, without other files, scripts or network access; light or dark like its reader's system.
/// All texts are escaped here, except those named `html`.
class Page {
 public:
  /// Starts a section with a heading.
  void section(const std::string& title);
  void text(const std::string& text);
  void html(const std::string& html) { body_ += html; }

  /// The first row is the heading. Columns of numbers are right-aligned.
  void table(const std::vector<std::vector<std::string>>& rows);

  /// Pictures side by side, embedded as JPEG.
  void tiles(const std::vector<Tile>& tiles);

  /// Drawings (SVG) side by side.
  void drawings(const std::vector<std::string>& svg);

  /// Collapsed lines, shown on demand.
  void details(const std::string& summary, const std::string& lines);

  /// What was added so far, without a page around it.
  const std::string& body() const { return body_; }

 private:
  std::string body_;
};

/// The whole page; `subtitle` stands below its title.
std::string page_html(const std::string& title, const std::string& subtitle, const std::string& body);

}  // namespace fkp
