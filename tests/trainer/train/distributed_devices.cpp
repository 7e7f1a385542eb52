// SPDX-License-Identifier: LGPL-2.1-or-later
// Workers whose networks are on different devices. In threads: libtorch's engine does not survive a fork once it has used a device.
#include <gtest/gtest.h>

#include <thread>

#include "fkp/device.h"
#include "support/free_port.h"
#include "support/stand_in_device.h"
#include "train/distributed.h"

namespace fkp {
namespace {

struct Trained {
  std::vector<torch::Tensor> weights, averaged;
};

/// Three steps on the worker's part of a batch of eight, and the means of two tensors over the workers.
Trained train(const Workers& workers, torch::Device device, const torch::nn::Sequential& fresh, const torch::Tensor& batch) {
  const auto net = std::dynamic_pointer_cast<torch::nn::SequentialImpl>(fresh->clone());
  net->to(device);
  torch::optim::SGD sgd(net->parameters(), torch::optim::SGDOptions(0.1).momentum(0.9));
  GradientSum gradients(workers, net->parameters());
  const auto part = batch.slice(0, workers.rank(), c10::nullopt, workers.size()).contiguous().to(device);
  for (int step = 0; step < 3; step++) {
    net->zero_grad();
    (net->forward(part).square().mean() / workers.size()).backward();
    gradients.finish();
    sgd.step();
  }
  Trained all;
  for (const auto& w : net->parameters()) all.weights.push_back(w.detach().cpu());
  std::vector<torch::Tensor> tensors{torch::full({3}, workers.rank() * 2.0).to(device), torch::ones({}).to(device)};
  workers.average(tensors);
  for (const auto& t : tensors) all.averaged.push_back(t.cpu());
  return all;
}

TEST(WorkersOnDevices, LearnWhatOneLearnsFromTheWholeBatch) {
  NEEDS_STAND_IN();
  if (!FKP_GLOO) GTEST_SKIP() << "built without Gloo";
  torch::manual_seed(1);
  namespace nn = torch::nn;
  const nn::Sequential fresh(nn::Conv2d(1, 24, 3), nn::ReLU(), nn::Conv2d(24, 24, 3), nn::Flatten(), nn::Linear(24 * 12 * 12, 64));
  const auto batch = torch::randn({8, 1, 16, 16});
  const Trained alone = train(Workers(), torch::kCPU, fresh, batch);

  constexpr int kWorkers = test::kStandIns;
  Place place;
  place.size = place.beside = kWorkers;
  place.address = "127.0.0.1";
  place.port = test::free_port();
  std::vector<Trained> trained(kWorkers);
  std::vector<std::thread> threads;
  for (place.rank = place.turn = 0; place.rank < kWorkers; place.turn = ++place.rank)
    threads.emplace_back([&, place] {
      const Workers workers(place, std::chrono::seconds(60));
      const auto device = device_named(test::kStandIn, workers.turn());
      trained[static_cast<std::size_t>(place.rank)] = train(workers, device, fresh, batch);
    });
  for (auto& t : threads) t.join();
  for (const Trained& t : trained) {
    ASSERT_EQ(t.weights.size(), alone.weights.size());
    for (std::size_t i = 0; i < t.weights.size(); i++) {
      EXPECT_TRUE(torch::equal(t.weights[i], trained[0].weights[i])) << i;
      EXPECT_LT((t.weights[i] - alone.weights[i]).abs().max().item<double>(), 1e-5) << i;
    }
    EXPECT_TRUE(torch::equal(t.averaged[0], torch::full({3}, kWorkers - 1.)));
    EXPECT_EQ(t.averaged[1].item<float>(), 1);
  }
}

}  // namespace
}  // namespace fkp
