// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/keypoint_data.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <set>
#include <utility>

#include "fkp/core/error.h"
#include "readers/readers.h"
#include "readers/reading.h"

namespace fkp {
namespace {

/// `taught`: lists of boxes are passed over, as a teacher sees to them.
std::vector<Sample> read_sets(const std::vector<std::string>& sets, const Recipe& recipe, bool taught, std::vector<SetCount>& counts) {
  std::vector<Sample> all;
  for (std::size_t i = 0; i < sets.size(); i++) {
    if (is_list_of_boxes(sets[i])) {
      if (!taught)
        throw Error(ErrorKind::settings, sets[i] +
                                             " has boxes of faces, but no points: [data] train may name it beside other sets, if "
                                             "there is a [teacher] that finds the points");
      counts.push_back({sets[i], 0, 0, {}});
      continue;
    }
    Dataset data = read_dataset(sets[i], recipe.root, recipe.scheme);
    tell(sets[i], data.samples.size(), "faces", data.refused);
    counts.push_back({sets[i], 0, 0, std::move(data.refused)});
    for (Sample& s : data.samples) {
      s.set = static_cast<int>(i);
      all.push_back(std::move(s));
    }
  }
  return all;
}

std::set<std::string> held_out_groups(const std::vector<Sample>& samples, const Recipe& recipe) {
  std::set<std::string> names;
  for (const Sample& s : samples) names.insert(s.group);
  const int all = static_cast<int>(names.size());  // at least one of them is left to train on
  const int held = std::max(1, std::min(all - 1, static_cast<int>(std::lround(recipe.validation * all))));
  return some_of(names, held, recipe.seed);
}

bool is_incomplete(const Sample& s) { return !std::all_of(s.points.begin(), s.points.end(), is_known); }

}  // namespace

Recipe with_scheme_of_data(Recipe recipe) {
  if (recipe.other_schemes.empty()) return recipe;
  std::vector<Scheme> schemes = std::exchange(recipe.other_schemes, {});
  schemes.insert(schemes.begin(), recipe.scheme);
  const auto has_points = [](const DataSource& source) { return !is_list_of_boxes(source.set); };
  const auto first = std::find_if(recipe.sets.begin(), recipe.sets.end(), has_points);
  if (first == recipe.sets.end()) return recipe;
  std::exception_ptr failure;
  for (Scheme& scheme : schemes) try {
      read_dataset(first->set, recipe.root, scheme);
      recipe.scheme = std::move(scheme);
      return recipe;
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::unreadable) throw;
      if (!failure) failure = std::current_exception();
    }
  std::rethrow_exception(failure);
}

Split read_and_split(const Recipe& recipe) {
  Split split;
  std::vector<std::string> sets;
  for (const DataSource& source : recipe.sets) sets.push_back(source.set);
  std::vector<Sample> all = read_sets(sets, recipe, !recipe.teacher.model.empty(), split.counts);
  if (all.empty()) throw Error(ErrorKind::unreadable, "no set has points, with which learning is measured: add one of " + face_sources());
  if (recipe.validation_sets.empty()) {
    const auto held_out = held_out_groups(all, recipe);
    for (Sample& s : all) (held_out.count(s.group) ? split.validation : split.train).push_back(std::move(s));
    split.validation_sets = sets;
    if (split.train.empty())
      throw Error(ErrorKind::unreadable, "all faces are of one person or picture, '" + split.validation.front().group +
                                             "', which is held out: nothing is left to train on; name sets of their own as validation");
  } else {
    split.train = std::move(all);
    split.validation = read_sets(recipe.validation_sets, recipe, false, split.counts);
    split.validation_sets = recipe.validation_sets;
  }
  if (!recipe.train.masked) {
    const auto before = split.train.size();
    split.train.erase(std::remove_if(split.train.begin(), split.train.end(), is_incomplete), split.train.end());
    spdlog::info("{} faces lack a point and are left out, as masked = false asks", before - split.train.size());
    if (split.train.empty()) throw Error(ErrorKind::unreadable, "every face lacks a point: train with [train] masked = true");
  }
  const std::size_t first = recipe.validation_sets.empty() ? 0 : sets.size();  // index in counts of the first validation set
  for (const Sample& s : split.train) split.counts[s.set].train++;
  for (const Sample& s : split.validation) split.counts[first + s.set].validation++;
  spdlog::info("{} faces to train on, {} {} to validate", split.train.size(), split.validation.size(),
               recipe.validation_sets.empty() ? "of other people and pictures" : "of sets of their own");
  return split;
}

PictureSet read_others(const std::vector<std::string>& lists, const Recipe& recipe, const std::vector<Sample>& held_out) {
  // The list knows its pictures' names; who is on them, if a set's groups are people, it does not.
  std::set<std::string> groups;
  for (const Sample& s : held_out) groups.insert({s.group, group_of(s.picture, false)});
  PictureSet others;
  for (const std::string& list : lists) {
    PictureSet set = read_pictures(list, recipe.root);
    tell(list, set.pictures.size(), "pictures", set.refused);
    const auto kept = std::remove_if(set.pictures.begin(), set.pictures.end(), [&](const Picture& p) { return groups.count(p.group) > 0; });
    if (kept != set.pictures.end())
      spdlog::info("{} of its pictures are left out, as faces in them are held out", set.pictures.end() - kept);
    std::move(set.pictures.begin(), kept, std::back_inserter(others.pictures));
    std::move(set.refused.begin(), set.refused.end(), std::back_inserter(others.refused));
  }
  return others;
}

void Batch::append(const Crop& crop, float weight_of_face) {
  count++;
  pixels.insert(pixels.end(), crop.pixels.datastart, crop.pixels.dataend);
  const cv::Mat& plain = crop.clean.empty() ? crop.pixels : crop.clean;
  clean.insert(clean.end(), plain.datastart, plain.dataend);
  for (const Point& p : crop.points) points.insert(points.end(), {p.x, p.y});
  weight.push_back(crop.face ? weight_of_face : 0.f);
  face.push_back(crop.face ? 1.f : 0.f);
}

Batches::Batches(const Recipe& recipe, const std::vector<Sample>& samples, int rank, int workers, std::vector<Picture> backgrounds)
    : recipe_(recipe),
      samples_(samples),
      rank_(rank),
      workers_(workers),
      size_(recipe.train.batch * workers),
      backgrounds_(std::move(backgrounds)),
      quotas_(recipe.sets.size()) {
  for (const Sample& s : samples) quotas_[s.set]++;
  for (std::size_t i = 0; i < quotas_.size(); i++) {
    if (quotas_[i] > 0) quotas_[i] = std::max(1, static_cast<int>(std::lround(static_cast<float>(quotas_[i]) * recipe.sets[i].share)));
    drawn_ += quotas_[i];
  }
  if (drawn_ < workers)
    throw Error(ErrorKind::settings, std::to_string(workers) + " workers have only " + std::to_string(drawn_) + " samples to share");
}

int Batches::count() const { return std::max(1, drawn_ / size_); }

std::vector<int> Batches::order(int epoch) const {
  std::vector<int> order, left = quotas_;
  for (int i : shuffled(static_cast<int>(samples_.size()), recipe_.seed, epoch))
    if (left[samples_[i].set]-- > 0) order.push_back(i);
  return order;
}

Batch Batches::make(int epoch, const std::vector<int>& order, int index) const {
  Batch batch;
  for (int i = rank_; i < size_ && index * size_ + i < static_cast<int>(order.size()); i += workers_) {
    const int position = index * size_ + i;
    const Sample& sample = samples_[order[position]];
    batch.append(crop(sample, epoch, position), recipe_.sets[sample.set].weight);
  }
  return batch;
}

Crop Batches::crop(const Sample& sample, int epoch, int position) const {
  std::seed_seq seeds{recipe_.seed, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(position)};
  Rng rng(seeds);
  return chance(rng, recipe_.train.negatives) ? negative_crop(sample, rng)
                                              : augmented_crop(sample, recipe_.scheme, recipe_.augment, recipe_.crop, rng);
}

Crop Batches::negative_crop(const Sample& sample, Rng& rng) const {
  std::optional<Crop> background;
  if (chance(rng, 0.5))
    background = background_crop(backgrounds_.empty() ? picture_of(sample) : any_of(rng, backgrounds_), recipe_.augment, recipe_.crop, rng);
  if (background) {
    background->points.resize(recipe_.scheme.size());
    return *background;
  }
  const bool turned = recipe_.scheme.is_upright() && chance(rng, 1 / 3.);
  return (turned ? turned_crop : misplaced_crop)(sample, recipe_.augment, recipe_.crop, rng);
}

}  // namespace fkp
