// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/shared_net.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "fkp/core/error.h"
#include "support/files.h"
#include "support/models.h"

namespace fkp {
namespace {

using testing::HasSubstr;

class SharedNet : public testing::Test {
 protected:
  SharedNet() {
    test::write_model(folder_ / "net.pt", " return torch.zeros([x.size(0), 5, 2])", test::kFivePoints);
    options_.model = (folder_ / "net.pt").string();
    options_.device = "cpu";
  }
  const test::TemporaryFolder folder_;
  KeypointNetOptions options_;
};

TEST_F(SharedNet, IsOneForAllUsersOfAnId) {
  const auto a = shared_net("x", options_, "a"), b = shared_net("x", options_, "b");
  EXPECT_EQ(a, b);
  EXPECT_NE(shared_net("y", options_, "c"), a);
}

TEST_F(SharedNet, IsOnesOwnWithoutAnId) { EXPECT_NE(shared_net("", options_, "a"), shared_net("", options_, "b")); }

TEST_F(SharedNet, IsFreedAfterItsLastUser) {
  std::weak_ptr<KeypointNet> net = shared_net("x", options_, "a");
  EXPECT_TRUE(net.expired());
  options_.threads = 2;
  EXPECT_NO_THROW(shared_net("x", options_, "a")) << "nobody uses it with one thread any more";
}

// A death test, as only a process that ends shows it. It must be the first to call shared_net() there, behind the static user.
TEST_F(SharedNet, MayHaveAUserUntilTheProcessEnds) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto end = [this] {
    static std::shared_ptr<KeypointNet> user;
    user = shared_net("x", options_, "a");
    std::exit(0);
  };
  EXPECT_EXIT(end(), testing::ExitedWithCode(0), "");
}

TEST_F(SharedNet, NamesAUserThatIsStillThere) {
  auto first = shared_net("x", options_, "first");
  const auto second = shared_net("x", options_, "second");
  first.reset();
  options_.threads = 2;
  try {
    shared_net("x", options_, "third");
    FAIL() << "the options differ";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), testing::AllOf(HasSubstr("second"), HasSubstr("third"), testing::Not(HasSubstr("first"))));
  }
}

TEST_F(SharedNet, NamesBothUsersAndTheOptionInWhichTheyDiffer) {
  const auto first = shared_net("x", options_, "first");
  const auto message_with = [&](auto change) -> std::string {
    KeypointNetOptions other = options_;
    change(other);
    try {
      shared_net("x", other, "second");
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::mismatch);
      return e.what();
    }
    return "";
  };
  const auto names = [](const char* option) { return testing::AllOf(HasSubstr("first"), HasSubstr("second"), HasSubstr(option)); };
  EXPECT_THAT(message_with([](auto& o) { o.model = "other"; }), names("model=other"));
  EXPECT_THAT(message_with([](auto& o) { o.device = "cuda"; }), names("device=cuda"));
  EXPECT_THAT(message_with([](auto& o) { o.threads = 3; }), names("threads=3"));
  EXPECT_THAT(message_with([](auto& o) { o.batch_size = 5; }), names("batch-size=5"));
  EXPECT_THAT(message_with([](auto& o) { o.precision = "auto"; }), names("precision=auto"));
  EXPECT_THAT(message_with([](auto& o) { o.batch_timeout = std::chrono::milliseconds(20); }), names("batch-timeout=20"));
}

}  // namespace
}  // namespace fkp
