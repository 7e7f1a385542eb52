// SPDX-License-Identifier: LGPL-2.1-or-later
#define USE_C10D_GLOO  // without it libtorch's header hides the class; Meson has checked that it is there
#include "train/distributed.h"

#include <torch/csrc/autograd/utils/lambda_post_hook.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "fkp/core/error.h"
#include "fkp/torch_error.h"

namespace fkp {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Lock = std::unique_lock<std::mutex>;

constexpr auto kBeat = 500ms;              // between two heartbeats
constexpr auto kSoon = 10ms;               // between two polls of the store while waiting for something
constexpr auto kAlarmed = 5s;              // of silence are enough to be lost once a connection broke
constexpr auto kGoodbye = 5s;              // at most that worker 0 keeps the store for the others to leave
constexpr std::int64_t kBucket = 1 << 19;  // bytes: a few buckets for the shipped network, each large enough to hide a message's latency

std::string in_seconds(Clock::duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

std::string key_of(const char* what, int number) { return what + std::to_string(number); }

/// Copies for Gloo, which sums on the CPU; a tensor that is there already is not copied.
std::vector<torch::Tensor> on_processor(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> here;
  for (const auto& t : tensors) here.push_back(t.cpu());
  return here;
}

/// Copies them back to the tensors that they came from.
void give_back(const std::vector<torch::Tensor>& here, const std::vector<torch::Tensor>& tensors) {
  for (std::size_t i = 0; i < here.size(); i++)
    if (!here[i].is_same(tensors[i])) torch::Tensor(tensors[i]).copy_(here[i]);
}

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }
std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

/// The connections of a worker, and a thread that is the only one to use the store once all are connected. It writes this worker's
/// heartbeats there. Worker 0 watches all others, they watch worker 0; the first to find one silent leaves the verdict there for all.
struct Workers::Group {
  Group(const Place& place, std::chrono::seconds patience);
  ~Group() { gloo.reset(); }  // first, as its threads notify other members

  void wait(const c10::intrusive_ptr<c10d::Work>& work);
  void meet();
  void fail(const std::string& why);
  /// Leaves the others; returns whether no thread is waiting any more, so that this can be destroyed.
  bool leave();

  const Place place;
  const std::chrono::seconds patience;
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;

 private:
  struct Heard {
    std::int64_t beat = -1;
    Clock::time_point when;
  };
  /// What other threads want the watching thread to tell the other workers.
  struct Wishes {
    std::string alarm;    ///< Gloo's message about a broken connection
    std::string failure;  ///< why this worker ends
    int meeting = 0;      ///< number of barriers that this worker has reached
    bool leaving = false;
  };

  std::string where() const { return place.address + ":" + std::to_string(place.port); }
  std::string keeper() const { return place.prefix.empty() ? "worker 0" : "torchrun"; }
  Clock::duration alarmed() const { return std::min<Clock::duration>(kAlarmed, patience); }
  void open_store();
  void call_roll();
  void connect();
  void watch();
  void look(const Wishes& wishes);
  void look_for_missing();
  void judge(const std::string& text);
  bool may_leave();
  [[noreturn]] void give_up(Lock& lock, const std::string& why);

  std::mutex mutex_;  // guards what follows, up to the thread
  std::condition_variable changed_;
  Wishes wishes_;
  bool news_ = false;                          // wishes_ has changed
  std::string verdict_;                        // why the training ends
  int met_ = 0;                                // barriers that all workers have reached
  Clock::time_point answered_ = Clock::now();  // when the store last answered
  bool lost_ = false, left_ = false;
  std::thread thread_;

  // Used by the thread alone:
  std::vector<Heard> heard_;
  int came_ = 0;     // barriers that it has reported to the store
  int missing_ = 0;  // workers that were judged lost
  Clock::time_point goodbye_{};
};

Workers::Group::Group(const Place& p, std::chrono::seconds s) : place(p), patience(s), heard_(static_cast<std::size_t>(p.size)) {
  open_store();
  call_roll();
  connect();
  for (Heard& h : heard_) h.when = Clock::now();
  thread_ = std::thread([this] { watch(); });
}

void Workers::Group::open_store() {
  const bool keeps = place.rank == 0 && place.prefix.empty();
  c10d::TCPStoreOptions options;
  options.port = place.port;
  options.isServer = keeps;
  options.waitWorkers = false;  // call_roll() can say who is missing
  options.timeout = patience;
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  options.useLibUV = false;  // some builds of libtorch lack it
#endif
  try {
    store = c10::make_intrusive<c10d::TCPStore>(place.address, options);
  } catch (const std::exception& e) {
    throw Error(ErrorKind::not_found,
                (keeps ? "cannot wait for the other workers at " : keeper() + " is not at ") + where() + ": " + first_line(text_of(e)));
  }
  if (!place.prefix.empty()) store = c10::make_intrusive<c10d::PrefixStore>(place.prefix, store);
}

void Workers::Group::call_roll() {
  std::string missing;
  try {
    store->set(key_of("here/", place.rank), bytes_of("1"));
    std::vector<std::string> all;
    for (int i = 0; i < place.size; i++) all.push_back(key_of("here/", i));
    try {
      store->wait(all, patience);
    } catch (const std::exception&) {
      for (int i = 0; i < place.size; i++)
        if (!store->check({all[static_cast<std::size_t>(i)]})) missing += (missing.empty() ? "" : ", ") + std::to_string(i);
      if (missing.empty()) throw;
    }
  } catch (const std::exception& e) {
    throw Error(ErrorKind::not_found, keeper() + " at " + where() + " is gone before all have met: " + first_line(text_of(e)));
  }
  if (!missing.empty())
    throw Error(ErrorKind::not_found, "of " + std::to_string(place.size) + " workers these did not come to " + where() + " within " +
                                          in_seconds(patience) + ": " + missing);
}

void Workers::Group::connect() {
  const auto options = c10d::ProcessGroupGloo::Options::create(patience);
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");  // as in PyTorch
  try {
    options->devices = {interface && *interface ? c10d::ProcessGroupGloo::createDeviceForInterface(interface)
                                                : c10d::ProcessGroupGloo::createDefaultDevice()};
    gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(store, place.rank, place.size, options);
  } catch (const std::exception& e) {
    throw Error(ErrorKind::not_found,
                "the workers cannot connect (GLOO_SOCKET_IFNAME names the network interface): " + first_line(text_of(e)));
  }
}

void Workers::Group::watch() {
  for (;;) {
    Lock lock(mutex_);
    const Wishes wishes = wishes_;
    const bool hurry = wishes.leaving || met_ < wishes.meeting;
    news_ = false;
    lock.unlock();
    bool left = false;
    std::string gone;
    try {
      look(wishes);
      left = wishes.leaving && may_leave();
    } catch (const std::exception& e) {
      gone = keeper() + " is lost: its store at " + where() + " is gone (" + first_line(text_of(e)) + ")";
    }
    lock.lock();
    answered_ = Clock::now();
    if (verdict_.empty()) verdict_ = gone;
    left_ = left || !gone.empty();
    changed_.notify_all();
    if (left_) return;
    changed_.wait_for(lock, hurry ? kSoon : kBeat, [this] { return news_; });
  }
}

void Workers::Group::look(const Wishes& wishes) {
  store->add(key_of("beat/", place.rank), 1);
  if (!wishes.failure.empty()) judge("worker " + std::to_string(place.rank) + " ended: " + wishes.failure);
  if (!wishes.alarm.empty()) store->set("alarm", bytes_of(wishes.alarm));
  while (came_ < wishes.meeting) store->add(key_of("met/", ++came_), 1);
  const bool complete = came_ > 0 && store->add(key_of("met/", came_), 0) == place.size;
  if (!wishes.leaving) look_for_missing();
  const std::string verdict = store->check({"verdict"}) ? text_of(store->get("verdict")) : std::string();
  const Lock lock(mutex_);
  if (complete) met_ = came_;
  if (verdict_.empty()) verdict_ = verdict;
}

void Workers::Group::look_for_missing() {
  const bool broken = store->check({"alarm"});
  const Clock::duration limit = broken ? alarmed() : patience;
  for (int other = 0; other < (place.rank == 0 ? place.size : 1); other++) {
    if (other == place.rank) continue;
    Heard& heard = heard_[static_cast<std::size_t>(other)];
    const std::int64_t beat = store->add(key_of("beat/", other), 0);
    if (beat != heard.beat) {
      heard = {beat, Clock::now()};
    } else if (Clock::now() - heard.when > limit && missing_ == 0) {
      missing_++;
      judge("worker " + std::to_string(other) + " is lost: silent for " + in_seconds(Clock::now() - heard.when) +
            (broken ? ", and a connection broke (" + text_of(store->get("alarm")) + ")" : std::string()));
    }
  }
}

/// The first verdict stands.
void Workers::Group::judge(const std::string& text) {
  if (store->add("verdicts", 1) == 1) store->set("verdict", bytes_of(text));
}

/// The store ends with worker 0, so that leaves last.
bool Workers::Group::may_leave() {
  if (goodbye_ == Clock::time_point()) {
    goodbye_ = Clock::now();
    if (place.rank != 0) store->add("left", 1);
  }
  return place.rank != 0 || store->add("left", 0) + missing_ >= place.size - 1 || Clock::now() - goodbye_ > kGoodbye;
}

void Workers::Group::wait(const c10::intrusive_ptr<c10d::Work>& work) {
  const auto future = work->getFuture();
  future->addCallback([this](c10::ivalue::Future&) {
    const Lock lock(mutex_);
    changed_.notify_all();
  });
  Lock lock(mutex_);
  changed_.wait(lock, [&] { return future->completed() || !verdict_.empty(); });
  if (!future->completed()) give_up(lock, "");
  if (future->hasError()) give_up(lock, future->tryRetrieveErrorMessage());
}

void Workers::Group::meet() {
  Lock lock(mutex_);
  wishes_.meeting++;
  news_ = true;
  changed_.notify_all();
  while (met_ < wishes_.meeting) {
    changed_.wait_for(lock, kBeat);
    if (!verdict_.empty() || Clock::now() - answered_ > patience) give_up(lock, "");
  }
}

/// `why`: Gloo's message, if any. Finding out who is missing takes some seconds.
void Workers::Group::give_up(Lock& lock, const std::string& why) {
  lost_ = true;
  const auto judged = [this] { return !verdict_.empty(); };
  if (!why.empty()) {
    wishes_.alarm = why.substr(0, why.find('\n'));
    news_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, 2 * kAlarmed, judged);
  }
  if (!judged()) {
    const auto silence = Clock::now() - answered_;
    if (silence > alarmed())
      throw LostWorker(keeper() + " is lost: its store at " + where() + " did not answer for " + in_seconds(silence));
    wishes_.failure = "it can no longer reach all others (" + wishes_.alarm + ")";
    news_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, 2 * kBeat, judged);
  }
  throw LostWorker(judged() ? verdict_ : wishes_.failure);
}

void Workers::Group::fail(const std::string& why) {
  const Lock lock(mutex_);
  wishes_.failure = why;
  news_ = true;
  changed_.notify_all();
}

bool Workers::Group::leave() {
  Lock lock(mutex_);
  wishes_.leaving = true;
  news_ = true;
  changed_.notify_all();
  if (!changed_.wait_for(lock, kGoodbye + kBeat, [this] { return left_; }) || lost_) {
    thread_.detach();
    return false;
  }
  lock.unlock();
  thread_.join();
  return true;
}

Workers::Workers() = default;
Workers::Workers(const Place& place, std::chrono::seconds patience) : place_(place) {
  if (place.size > 1) group_ = std::make_unique<Group>(place, patience);
}

Workers::~Workers() {
  // Gloo's threads may still wait for the lost worker: leak them, the program is about to end.
  if (group_ && !group_->leave()) static_cast<void>(group_.release());
}

std::vector<double> Workers::sum(std::vector<double> mine) const {
  if (!group_) return mine;
  std::vector<torch::Tensor> all{torch::tensor(mine, torch::kDouble)};
  group_->wait(group_->gloo->allreduce(all));
  std::copy_n(all[0].data_ptr<double>(), mine.size(), mine.begin());
  return mine;
}

void Workers::average(std::vector<torch::Tensor> tensors) const {
  if (!group_ || tensors.empty()) return;
  const torch::NoGradGuard no_grad;
  auto here = on_processor(tensors);
  group_->wait(group_->gloo->allreduce_coalesced(here));
  for (auto& t : here) t.div_(size());
  give_back(here, tensors);
}

std::string Workers::of_first(std::string bytes) const {
  if (!group_) return bytes;
  bytes.resize(static_cast<std::size_t>(sum({first() ? static_cast<double>(bytes.size()) : 0.})[0]));
  std::vector<torch::Tensor> buffer{torch::from_blob(bytes.data(), {static_cast<std::int64_t>(bytes.size())}, torch::kUInt8)};
  group_->wait(group_->gloo->broadcast(buffer));
  return bytes;
}

void Workers::meet() const {
  if (group_) group_->meet();
}

void Workers::require_same(std::size_t number, const std::string& what) const {
  if (!group_) return;
  meet();  // some take longer to read their data
  std::vector<double> all(static_cast<std::size_t>(size()));
  all[static_cast<std::size_t>(rank())] = static_cast<double>(number);
  all = sum(std::move(all));
  for (std::size_t i = 0; i < all.size(); i++)
    if (all[i] != all[0])
      throw Error(ErrorKind::mismatch, "worker " + std::to_string(i) + " has " + std::to_string(std::llround(all[i])) + " " + what +
                                           ", worker 0 " + std::to_string(std::llround(all[0])) + ": the same recipe needs the same data");
}

void Workers::fail(const std::string& why) const {
  if (group_) group_->fail(why);
}

struct GradientSum::Buckets {
  struct Bucket {
    std::vector<torch::Tensor> weights;
    std::size_t ready = 0;            // number of gradients that are ready
    std::vector<torch::Tensor> here;  // the gradients on the CPU, where Gloo sums them
    c10::intrusive_ptr<c10d::Work> sum;

    std::vector<torch::Tensor> gradients() const {
      std::vector<torch::Tensor> all;
      for (const auto& w : weights) all.push_back(w.grad());
      return all;
    }
  };

  void take(std::size_t bucket);
  void send(Bucket& bucket);
  void finish();

  Workers::Group* group;
  std::vector<Bucket> all;
  std::size_t sent = 0;                                              // buckets, in their order, which is the same on every worker
  std::vector<std::shared_ptr<torch::autograd::Node>> accumulators;  // own the hooks, and nothing else keeps them alive
};

void GradientSum::Buckets::take(std::size_t bucket) {
  all[bucket].ready++;
  while (sent < all.size() && all[sent].ready == all[sent].weights.size()) send(all[sent++]);
}

void GradientSum::Buckets::send(Bucket& bucket) {
  for (auto& w : bucket.weights)
    if (!w.grad().defined()) w.mutable_grad() = torch::zeros_like(w);
  bucket.here = on_processor(bucket.gradients());
  bucket.sum = group->gloo->allreduce_coalesced(bucket.here);
}

void GradientSum::Buckets::finish() {
  while (sent < all.size()) send(all[sent++]);  // those with a weight that the loss does not depend on
  for (Bucket& bucket : all) {
    group->wait(bucket.sum);
    give_back(bucket.here, bucket.gradients());
    bucket.ready = 0;
  }
  sent = 0;
}

GradientSum::GradientSum(const Workers& workers, std::vector<torch::Tensor> weights) {
  if (!workers.group_) return;
  buckets_ = std::make_unique<Buckets>();
  buckets_->group = workers.group_.get();
  std::int64_t bytes = kBucket;
  for (auto w = weights.rbegin(); w != weights.rend(); ++w) {
    if (bytes >= kBucket) {
      buckets_->all.emplace_back();
      bytes = 0;
    }
    bytes += static_cast<std::int64_t>(w->nbytes());
    buckets_->all.back().weights.push_back(*w);
    buckets_->accumulators.push_back(torch::autograd::impl::grad_accumulator(*w));
    const auto hook = [this, bucket = buckets_->all.size() - 1](const std::vector<torch::Tensor>& outputs,
                                                                const std::vector<torch::Tensor>&) {
      buckets_->take(bucket);
      return outputs;
    };
    buckets_->accumulators.back()->add_post_hook(std::make_unique<torch::autograd::utils::LambdaPostHook>(hook));
  }
}

GradientSum::~GradientSum() = default;

void GradientSum::finish() {
  if (buckets_) buckets_->finish();
}

}  // namespace fkp
