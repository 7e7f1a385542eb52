// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.h"

#include <algorithm>
#include <string>

namespace fkp {
namespace {

bool has(const std::vector<Face>& faces, std::uint32_t id) {
  return std::any_of(faces.begin(), faces.end(), [&](const Face& f) { return f.id == id; });
}

}  // namespace

GstStructure* stats_structure(const Statistics& statistics) {
  GstStructure* stats = gst_structure_new_empty("fkpdetect-stats");
  for (std::size_t i = 0; i < kCountNames.size(); i++)
    gst_structure_set(stats, kCountNames[i], G_TYPE_UINT64, static_cast<guint64>(statistics[static_cast<Count>(i)]), nullptr);
  for (std::size_t i = 0; i < kStageNames.size(); i++) {
    const Statistics::Times times = statistics[static_cast<Stage>(i)];
    const std::string name = kStageNames[i];
    gst_structure_set(stats, (name + "-mean").c_str(), G_TYPE_DOUBLE, times.mean, (name + "-p99").c_str(), G_TYPE_DOUBLE, times.p99,
                      nullptr);
  }
  return stats;
}

void FaceMessages::update(GstElement* element, const std::vector<Face>& faces, GstClockTime timestamp, GstClockTime running_time,
                          bool wanted) {
  const auto tell = [&](const char* name, const Face& face) {
    GstStructure* s = gst_structure_new(name, "id", G_TYPE_UINT, face.id, "x", G_TYPE_FLOAT, face.box.x, "y", G_TYPE_FLOAT, face.box.y,
                                        "width", G_TYPE_FLOAT, face.box.width, "height", G_TYPE_FLOAT, face.box.height, "timestamp",
                                        G_TYPE_UINT64, timestamp, "running-time", G_TYPE_UINT64, running_time, nullptr);
    gst_element_post_message(element, gst_message_new_element(GST_OBJECT(element), s));
  };
  if (!wanted) {  // whoever is there when it is wanted again appears then
    before_.clear();
    return;
  }
  for (const Face& face : before_)
    if (!has(faces, face.id)) tell("fkp-face-lost", face);
  for (const Face& face : faces)
    if (!has(before_, face.id)) tell("fkp-face-appeared", face);
  before_ = faces;
}

}  // namespace fkp
