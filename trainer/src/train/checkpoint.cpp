// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/checkpoint.h"

#include <string>

#include "fkp/core/error.h"
#include "fkp/torch_error.h"
#include "train/device_of.h"
#include "whole_file.h"

namespace fkp {

namespace {

constexpr std::int64_t kState = 10;  // numbers that store a Position

}  // namespace

std::string Checkpoint::bytes() const {
  torch::serialize::OutputArchive archive, networks, averages, adams, muons;
  network.save(networks);
  average.save(averages);
  optimizer.save(adams);
  muon.save(muons);
  archive.write("net", networks);
  archive.write("average", averages);
  archive.write("adam", adams);
  archive.write("muon", muons);
  archive.write("generator", at::detail::getDefaultCPUGenerator().get_state());
  const Position& p = position;
  archive.write("state", torch::tensor({static_cast<double>(p.epoch), static_cast<double>(p.step), p.best, static_cast<double>(p.batch),
                                        p.loss, p.seconds, static_cast<double>(p.workers), p.waited, static_cast<double>(p.data.train),
                                        static_cast<double>(p.data.held_out)},
                                       torch::kDouble));
  // Through memory: on a full disk, libtorch's own writer does not throw Error.
  std::string bytes;
  archive.save_to([&](const void* data, std::size_t size) {
    bytes.append(static_cast<const char*>(data), size);
    return size;
  });
  return bytes;
}

void Checkpoint::save(const std::filesystem::path& file) const { write_bytes(file, bytes()); }

void Checkpoint::load(const std::filesystem::path& file) const { take(read_bytes(file), file); }

void Checkpoint::take(const std::string& bytes, const std::filesystem::path& file) const {
  torch::serialize::InputArchive archive, networks, averages, adams, muons;
  torch::Tensor state, generator;
  try {
    archive.load_from(bytes.data(), bytes.size(), device_of(network));
    archive.read("net", networks);
    archive.read("average", averages);
    archive.read("adam", adams);
    archive.read("muon", muons);
    network.load(networks);
    average.load(averages);
    std::vector<std::unique_ptr<torch::optim::OptimizerOptions>> options;  // the recipe's: later libtorchs load them, too
    for (const auto& group : optimizer.param_groups()) options.push_back(group.options().clone());
    optimizer.load(adams);
    for (std::size_t i = 0; i < options.size(); i++) optimizer.param_groups()[i].set_options(std::move(options[i]));
    muon.load(muons);
    archive.read("state", state);
    TORCH_CHECK(state.numel() == kState, "it is of another version of fkp-train");
    archive.read("generator", generator);
    at::Generator(at::detail::getDefaultCPUGenerator()).set_state(generator.cpu());
  } catch (const c10::Error& e) {
    throw Error(ErrorKind::unreadable, file.string() + " is no checkpoint of this recipe: " + first_line(text_of(e)));
  }
  state = state.cpu();
  const auto* values = state.data_ptr<double>();
  position.epoch = static_cast<int>(values[0]);
  position.step = static_cast<std::int64_t>(values[1]);
  position.best = values[2];
  position.batch = static_cast<int>(values[3]);
  position.loss = values[4];
  position.seconds = values[5];
  position.workers = static_cast<int>(values[6]);
  position.waited = values[7];
  position.data = {static_cast<std::size_t>(values[8]), static_cast<std::size_t>(values[9])};
}

}  // namespace fkp
