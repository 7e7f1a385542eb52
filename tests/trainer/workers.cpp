// SPDX-License-Identifier: LGPL-2.1-or-later
// Workers together, each in a process of its own.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/detector_net.h"
#include "support/files.h"
#include "support/free_port.h"
#include "train/distributed.h"
#include "train/face_loss.h"
#include "train/muon.h"

namespace fkp {
namespace {

/// The results of `work` in each of `size` worker processes. They are forked, so this process must not have computed gradients or
/// used OpenMP threads before: neither would then work in the children.
std::vector<std::string> in_workers(int size, const test::TemporaryFolder& folder, std::string (*work)(const Workers&)) {
  Place place;
  place.size = size;
  place.beside = size;
  place.address = "127.0.0.1";
  place.port = test::free_port();
  std::vector<pid_t> children;
  const auto file = [&](int rank) { return folder / ("worker" + std::to_string(rank)); };
  for (place.rank = 0; place.rank < size; place.rank++) {
    const pid_t child = fork();
    if (child == 0) {
      int status = 1;
      try {
        std::string result;
        {
          const Workers workers(place, std::chrono::seconds(60));
          result = work(workers);
        }
        std::ofstream(file(place.rank), std::ios::binary) << result;
        status = 0;
      } catch (const std::exception& e) {
        std::fprintf(stderr, "worker %d: %s\n", place.rank, e.what());
      }
      _exit(status);
    }
    children.push_back(child);
  }
  std::vector<std::string> results;
  for (int rank = 0; rank < size; rank++) {
    int status = 0;
    waitpid(children[static_cast<std::size_t>(rank)], &status, 0);
    EXPECT_EQ(status, 0) << "worker " << rank;
    results.push_back(test::read(file(rank)));
  }
  return results;
}

std::string bytes_of(const std::vector<torch::Tensor>& tensors) {
  std::string bytes;
  for (const auto& t : tensors) {
    const auto flat = t.detach().contiguous();
    bytes.append(static_cast<const char*>(flat.data_ptr()), flat.nbytes());
  }
  return bytes;
}

/// Some steps of two optimisers with a moving average, as in training, each worker on its own data.
std::string weights_after_training(const Workers& workers) {
  torch::manual_seed(1);
  torch::nn::Sequential net(torch::nn::Conv2d(1, 24, 3), torch::nn::ReLU(), torch::nn::Conv2d(24, 24, 3), torch::nn::ReLU(),
                            torch::nn::Flatten(), torch::nn::Linear(24 * 12 * 12, 64), torch::nn::Linear(64, 64));
  const auto idle = net->register_parameter("idle", torch::ones(3));  // the loss does not depend on it
  const auto weights = net->parameters();
  std::vector<torch::Tensor> matrices, others, average;
  for (const auto& w : weights) {
    (w.dim() == 4 && w.size(1) > 1 ? matrices : others).push_back(w);
    average.push_back(w.detach().clone());
  }
  Muon muon(matrices, 0.01);
  torch::optim::AdamW adam(others, 1e-3);
  GradientSum gradients(workers, weights);
  torch::manual_seed(100 + workers.rank());
  for (int step = 0; step < 5; step++) {
    net->zero_grad();
    net->forward(torch::randn({4, 1, 16, 16})).square().mean().backward();
    gradients.finish();
    adam.step();
    muon.step(0.02);
    for (std::size_t i = 0; i < weights.size(); i++) average[i].mul_(0.9).add_(weights[i].detach(), 0.1);
  }
  return bytes_of(weights) + bytes_of(average);
}

TEST(Workers, StayTheSameToTheBit) {
  const test::TemporaryFolder folder;
  const auto after = in_workers(3, folder, weights_after_training);
  EXPECT_GT(after[0].size(), 1u << 20) << "several buckets";
  EXPECT_TRUE(after[0] == after[1]);
  EXPECT_TRUE(after[0] == after[2]);
}

TEST(Workers, AgreeOnNumbers) {
  const test::TemporaryFolder folder;
  const auto said = in_workers(4, folder, [](const Workers& workers) {
    std::vector<torch::Tensor> tensors{torch::full({2}, workers.rank()), torch::full({3, 3}, 10.f * static_cast<float>(workers.rank()))};
    for (auto& t : tensors) t = t.to(torch::kFloat);
    workers.average(tensors);
    workers.meet();
    std::string text = std::to_string(workers.sum({0.5, static_cast<double>(workers.rank())})[1]);
    text += " " + std::to_string(tensors[0][1].item<float>()) + " " + std::to_string(tensors[1][2][2].item<float>());
    text += workers.any(workers.rank() == 2) ? " any" : " none";
    text += workers.any(false) ? " any" : " none";
    return text + " " + workers.of_first(workers.first() ? std::string("said by 0\0!", 11) : "of another length");
  });
  for (const std::string& text : said) EXPECT_EQ(text, std::string("6.000000 1.500000 15.000000 any none said by 0\0!", 48));
}

/// Four scenes: one face with known points, two faces without, no face, and one face with known points.
std::vector<Scene> scenes() {
  std::vector<Scene> all(4);
  all[0].faces = {{{11.5f, 11.5f, 16, 16}, {{19.5f, 19.5f}}}};
  all[1].faces = {{{4, 4, 20, 24}, {}}, {{36, 30, 24, 28}, {}}};
  all[3].faces = {{{20, 18, 30, 32}, {{30, 30}}}};
  return all;
}

/// The loss of the worker's part of the scenes, and its gradients with respect to the maps of all scenes.
std::string face_loss_and_gradients(const Workers& workers) {
  torch::manual_seed(3);
  std::vector<torch::Tensor> maps, own;
  for (int stride : kDetectorStrides) {
    maps.push_back(torch::randn({4, 7, 64 / stride, 64 / stride}).set_requires_grad(true));
    own.push_back(maps.back().slice(0, workers.rank(), 4, workers.size()));
  }
  std::vector<Scene> mine;
  for (std::size_t i = static_cast<std::size_t>(workers.rank()); i < 4; i += static_cast<std::size_t>(workers.size()))
    mine.push_back(scenes()[i]);
  auto loss = face_loss(own, mine, workers);
  loss.backward();
  std::vector<torch::Tensor> flat{loss.detach().reshape(1)};
  for (const auto& map : maps) flat.push_back(map.grad().flatten());
  return bytes_of({torch::cat(flat)});
}

TEST(Workers, HaveFaceLossesThatAddUpToThatOfTheLargeBatch) {
  const test::TemporaryFolder folder;
  const auto tensor_of = [](const std::string& bytes) {
    return torch::from_blob(const_cast<char*>(bytes.data()), {static_cast<std::int64_t>(bytes.size() / sizeof(float))}).clone();
  };
  const auto whole = tensor_of(in_workers(1, folder, face_loss_and_gradients)[0]);
  ASSERT_GT(whole[0].item<float>(), 0.1f);
  for (const int size : {2, 4}) {
    auto sum = torch::zeros_like(whole);
    for (const std::string& part : in_workers(size, folder, face_loss_and_gradients)) sum += tensor_of(part);
    EXPECT_LT((sum - whole).abs().max().item<double>(), 1e-5) << size << " workers";
  }
}

}  // namespace
}  // namespace fkp
