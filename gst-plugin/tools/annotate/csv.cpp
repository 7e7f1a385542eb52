// SPDX-License-Identifier: LGPL-2.1-or-later
#include "csv.h"

#include <spdlog/fmt/fmt.h>

#include <cerrno>
#include <cstring>
#include <iterator>

#include "fkp/core/error.h"

namespace fkp {

Csv::Csv(const std::string& file) : name_(file), out_(file, std::ios::binary) { check(); }

void Csv::write(std::uint64_t frame, GstClockTime time, const GstFkpMeta* meta) {
  if (!meta) return;
  if (!begun_) begin(meta->scheme);
  std::string row;
  for (guint i = 0; i < gst_fkp_meta_get_n_faces(meta); i++) {
    const GstFkpFace* face = gst_fkp_meta_get_face(meta, i);
    auto to = std::back_inserter(row);
    fmt::format_to(to, "{},", frame);
    if (GST_CLOCK_TIME_IS_VALID(time)) fmt::format_to(to, "{:.6f}", static_cast<double>(time) / GST_SECOND);
    // With decimal points in every locale: fmt's {:f} does not depend on it.
    fmt::format_to(to, ",{},{:.2f},{:.2f},{:.2f},{:.2f},{:.3f}", face->id, face->x, face->y, face->width, face->height, face->score);
    for (guint k = 0; k < face->n_points; k++)
      fmt::format_to(to, ",{:.2f},{:.2f},{:.3f}", face->points[k].x, face->points[k].y, face->points[k].confidence);
    row += '\n';
  }
  out_ << row;
  check();
}

void Csv::begin(const GstFkpScheme* scheme) {
  begun_ = true;
  std::string head = "frame,time,face,left,top,width,height,score";
  for (guint k = 0; k < gst_fkp_scheme_get_n_points(scheme); k++) fmt::format_to(std::back_inserter(head), ",x{0},y{0},c{0}", k);
  out_ << head << '\n';
}

void Csv::close() {
  out_.close();
  check();
}

void Csv::check() {
  if (out_) return;
  const int reason = errno;
  throw Error(reason == ENOSPC ? ErrorKind::disk_full : ErrorKind::unwritten,
              fmt::format("cannot write to '{}': {}", name_, std::strerror(reason)));
}

}  // namespace fkp
