// SPDX-License-Identifier: LGPL-2.1-or-later
// For a libtorch without Gloo: only a single process can train.
#include "fkp/core/error.h"
#include "train/distributed.h"

namespace fkp {

struct Workers::Group {};
struct GradientSum::Buckets {};

Workers::Workers() = default;
Workers::Workers(const Place& place, std::chrono::seconds) : place_(place) {
  if (place.size > 1)
    throw Error(ErrorKind::settings, "training in " + std::to_string(place.size) +
                                         " processes needs a libtorch with Gloo, and its headers, when fkp-train is built");
}
Workers::~Workers() = default;

std::vector<double> Workers::sum(std::vector<double> mine) const { return mine; }
void Workers::average(std::vector<torch::Tensor>) const {}
std::string Workers::of_first(std::string bytes) const { return bytes; }
void Workers::meet() const {}
void Workers::require_same(std::size_t, const std::string&) const {}
void Workers::fail(const std::string&) const {}

GradientSum::GradientSum(const Workers&, std::vector<torch::Tensor>) {}
GradientSum::~GradientSum() = default;
void GradientSum::finish() {}

}  // namespace fkp
