// SPDX-License-Identifier: LGPL-2.1-or-later
#include "attach.h"

#include "bridges.h"

namespace fkp {

void attach(GstBuffer* buffer, GstFkpScheme* scheme, int width, int height, const std::vector<Face>& faces) {
  while (GstFkpMeta* old = gst_fkp_buffer_get_meta(buffer)) {
    remove_bridges(buffer, old);
    gst_buffer_remove_meta(buffer, &old->meta);
  }
  GstFkpMeta* meta = gst_fkp_buffer_add_meta(buffer, scheme, static_cast<guint>(width), static_cast<guint>(height));
  std::vector<GstFkpPoint> points;
  for (const Face& face : faces) {
    points.clear();
    for (const Point& p : face.points) points.push_back({p.x, p.y, p.confidence});
    gst_fkp_meta_add_face(meta, face.id, face.box.x, face.box.y, face.box.width, face.box.height, face.score, face.held, points.data(),
                          static_cast<guint>(points.size()));
  }
  add_bridges(buffer, meta);
}

}  // namespace fkp
