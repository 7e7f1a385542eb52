// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/analyser.h"

#include <algorithm>
#include <utility>

namespace fkp {
namespace {

constexpr float kMoved = 0.08f;  // of a region's side: a face that has moved farther lies off its middle, where the network errs more

// Below this score of a look, a face may lie on its side or stand on its head: the angle that a detector gives can be wrong, or unknown.
constexpr float kSureOfAngle = 0.95f;

// A lost face is searched for in each of the next frames, then in some; a hand or another face may hide it for a second.
constexpr int kSoughtFor = 30, kSoughtInEach = 3, kSoughtEvery = 5;  // frames

// A search whose surest face has a lesser score than this is repeated on the picture turned upside down; if that shows a surer face, by so
// much, it is what counts. Where nobody is found at all, the first search is repeated, and each tenth.
constexpr float kSureOfUpright = 0.9f, kSurer = 0.05f;
constexpr int kTurnedEvery = 10;

bool is_sought(std::int64_t since_lost) {
  return since_lost < kSoughtFor && (since_lost < kSoughtInEach || since_lost % kSoughtEvery == 0);
}

/// Looks at those faces again that the looks are not sure of, turned by a quarter, a half and three quarters, and keeps the best look.
void turn_unsure(KeypointNet& net, const Luma& picture, const std::vector<Region>& regions, std::vector<Look>& looks,
                 Statistics* statistics) {
  constexpr int kTurns = 3;
  std::vector<std::size_t> unsure;
  std::vector<Region> turned;
  for (std::size_t i = 0; i < looks.size(); i++) {
    if (looks[i].shows_face(kSureOfAngle)) continue;
    unsure.push_back(i);
    for (int turn = 1; turn <= kTurns; turn++) {
      turned.push_back(regions[i]);
      turned.back().angle += static_cast<float>(turn * CV_PI / 2);
    }
  }
  std::vector<Look> again = net.look(picture, turned, statistics);
  for (std::size_t k = 0; k < again.size(); k++) {
    Look& best = looks[unsure[k / kTurns]];
    // Only if it is surer: a score may say nothing, and be the same for all.
    if (again[k].shows_face(0) && (!best.shows_face(0) || again[k].score > best.score)) best = std::move(again[k]);
  }
}

}  // namespace

std::vector<Look> look_closely(KeypointNet& net, const Luma& picture, const std::vector<Detection>& detections, Statistics* statistics) {
  const ModelDescription& model = net.description();
  std::vector<Region> regions;
  for (const Detection& d : detections) regions.push_back(region_of(picture, d.box, model.crop, d.angle));
  std::vector<Look> rough = net.look(picture, regions, statistics);
  if (model.crop.whole_picture) return rough;                                            // further passes would see the same
  if (model.scheme.is_upright()) turn_unsure(net, picture, regions, rough, statistics);  // the points of others do not tell a turn
  for (std::size_t i = 0; i < rough.size(); i++)
    if (rough[i].shows_face(0)) regions[i] = region_of(picture, rough[i].points, rough[i].box.width, model);
  return net.look(picture, regions, statistics);
}

Analyser::Analyser(std::shared_ptr<KeypointNet> net, std::unique_ptr<Detector> detector)
    : net_(std::move(net)), detector_(std::move(detector)) {}

std::vector<Face> Analyser::analyse(const Luma& picture, std::optional<double> time, const AnalyserOptions& options) {
  check(picture);
  follow(picture, options.track);
  if (frames_since_seek_) ++*frames_since_seek_;
  const auto passed = [this](int interval) { return !frames_since_seek_ || *frames_since_seek_ >= interval; };
  // A network that takes everything for a face needs the detector to drop one.
  const int interval = options.detect_interval > 0 || net_->knows_faces() ? options.detect_interval : AnalyserOptions().detect_interval;
  const bool due = !sees_whole_picture() && interval > 0 && passed(interval);
  const int most = sees_whole_picture() ? 1 : options.max_faces;
  const bool room = tracks_.seen() < most;
  const bool newcomers = due && (room || !net_->knows_faces());
  if (tracks_.newly_lost() > 0) since_lost_ = 0;
  const bool lost = since_lost_ && is_sought((*since_lost_)++);
  const bool nobody = tracks_.seen() == 0 && passed(options.empty_interval);
  if (nobody || newcomers || (lost && room)) seek(picture, options);
  tracks_.drop_lost(options.track);
  tracks_.limit(most);

  std::vector<Face> faces = tracks_.faces();
  {
    const Timer timer(*statistics_, Stage::smooth);
    smoother_.smooth(faces, time, options.smoothing);
  }
  for (Face& face : faces) {
    for (Point& p : face.points) p.x = picture.from_square_x(p.x);
    face.box.x = picture.from_square_x(face.box.x);
    face.box.width /= picture.pixel_aspect;
  }
  last_ = faces;
  statistics_->count(Count::faces, faces.size());
  statistics_->count(Count::held, static_cast<std::uint64_t>(std::count_if(faces.begin(), faces.end(), [](auto& f) { return f.held; })));
  return faces;
}

std::vector<Face> Analyser::carry(const TrackRules& rules) {
  tracks_.pass_over();
  tracks_.drop_lost(rules);
  const auto lost = [&](const Face& f) {
    return std::none_of(tracks_.faces().begin(), tracks_.faces().end(), [&](const Face& t) { return t.id == f.id; });
  };
  last_.erase(std::remove_if(last_.begin(), last_.end(), lost), last_.end());
  for (Face& face : last_) face.held = true;
  statistics_->count(Count::faces, last_.size());
  statistics_->count(Count::held, last_.size());
  return last_;
}

void Analyser::reset() {
  tracks_.clear();
  smoother_.reset();
  last_.clear();
  frames_since_seek_.reset();
  since_lost_.reset();
  vain_searches_ = 0;
}

void Analyser::follow(const Luma& picture, const TrackRules& rules) {
  const ModelDescription& model = net_->description();
  std::vector<Region> regions;
  for (const Face& face : tracks_.faces()) regions.push_back(region_of(picture, face.points, face.box.width, model));
  std::vector<Look> looks = net_->look(picture, regions, statistics_.get());
  std::vector<std::size_t> moved;
  std::vector<Region> centred;
  for (std::size_t i = 0; i < looks.size() && !sees_whole_picture(); i++) {
    if (!looks[i].shows_face(rules.face_threshold)) continue;
    const Region region = region_of(picture, looks[i].points, looks[i].box.width, model);
    if (cv::norm(region.center - regions[i].center) < kMoved * region.side) continue;
    moved.push_back(i);
    centred.push_back(region);
  }
  std::vector<Look> again = net_->look(picture, centred, statistics_.get());
  for (std::size_t i = 0; i < again.size(); i++) looks[moved[i]] = std::move(again[i]);
  tracks_.update(std::move(looks), rules);
}

void Analyser::seek(const Luma& picture, const AnalyserOptions& options) {
  frames_since_seek_ = 0;
  if (sees_whole_picture())
    return tracks_.add(newcomers([&] { return std::vector{whole_picture(picture)}; }, picture, options).looks, options.track);
  Search search = newcomers([&] { return detector_->detect(picture); }, picture, options);
  const bool somebody = tracks_.seen() > 0 || search.surest > 0;
  const bool unsure = somebody ? (tracks_.seen() == 0 || some_stand_on_their_heads()) && search.surest < kSureOfUpright
                               : vain_searches_ % kTurnedEvery == 0;
  vain_searches_ = somebody ? 0 : vain_searches_ + 1;
  if (unsure && detector_->knows_upside_down()) {
    Search turned = newcomers([&] { return detector_->detect_upside_down(picture); }, picture, options);
    if (turned.surest > search.surest + kSurer) search = std::move(turned);
  }
  tracks_.add(std::move(search.looks), options.track);
}

/// As under a camera that is mounted so: who comes will, too.
bool Analyser::some_stand_on_their_heads() const {
  const Scheme& scheme = net_->description().scheme;
  return std::any_of(tracks_.faces().begin(), tracks_.faces().end(),
                     [&](const Face& f) { return std::abs(roll_of(f.points, scheme)) > static_cast<float>(CV_PI / 2); });
}

/// Looks at those of the faces that are not tracked yet, as many as there is room for.
Analyser::Search Analyser::newcomers(const std::function<std::vector<Detection>()>& detect, const Luma& picture,
                                     const AnalyserOptions& options) {
  statistics_->count(Count::detections);
  std::vector<Detection> found;
  {
    const Timer timer(*statistics_, Stage::detect);
    found = detect();
  }
  const auto too_weak = [&](const Detection& d) {
    return d.score < options.detection_threshold || d.box.height < static_cast<float>(options.min_face_size);
  };
  found.erase(std::remove_if(found.begin(), found.end(), too_weak), found.end());
  if (!net_->knows_faces()) tracks_.confirm(found);
  if (net_->description().scheme.size() == 1) tracks_.resize(found);
  found = tracks_.unfollowed(std::move(found));
  Search search;
  // What turns out to be no face takes up no room.
  for (int room = options.max_faces - tracks_.seen(); room > 0 && !found.empty();) {
    const auto end = found.begin() + std::min<std::ptrdiff_t>(room, static_cast<std::ptrdiff_t>(found.size()));
    const std::vector<Detection> best(found.begin(), end);
    found.erase(found.begin(), end);
    std::vector<Look> looks = look_closely(*net_, picture, best, statistics_.get());
    for (std::size_t i = 0; i < best.size(); i++) {
      if (!looks[i].shows_face(options.track.face_threshold)) continue;
      search.surest = std::max(search.surest, best[i].score);
      search.looks.push_back(std::move(looks[i]));
      room--;
    }
  }
  return search;
}

}  // namespace fkp
