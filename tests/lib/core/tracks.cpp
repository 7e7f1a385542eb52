// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/tracks.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fkp {
namespace {

const TrackRules kRules;

Look look_at(float x, float score = 1) { return {{{x, 0}, {x + 10, 10}}, score, {x, 0, 10, 10}}; }

std::vector<std::uint32_t> ids(const Tracks& tracks) {
  std::vector<std::uint32_t> out;
  for (const Face& f : tracks.faces()) out.push_back(f.id);
  return out;
}

using Ids = std::vector<std::uint32_t>;

TEST(Tracks, KeepAnIdWhileAFaceIsFollowed) {
  Tracks tracks;
  tracks.add({look_at(0), look_at(100)}, kRules);
  tracks.update({look_at(2), look_at(103, 0.8f)}, kRules);
  EXPECT_EQ(ids(tracks), (Ids{1, 2}));
  EXPECT_EQ(tracks.faces()[1].score, 0.8f);
  EXPECT_EQ(tracks.faces()[1].box.x, 103);
}

TEST(Tracks, DropAFaceThatTheScoreRefuses) {
  Tracks tracks;
  tracks.add({look_at(0), look_at(100)}, kRules);
  tracks.update({look_at(0, 0.4f), look_at(100, 0.6f)}, kRules);
  tracks.drop_lost(kRules);
  EXPECT_EQ(ids(tracks), (Ids{2}));
}

TEST(Tracks, DropAFaceWhosePointsCollapse) {
  Tracks tracks;
  tracks.add({look_at(0), look_at(100)}, kRules);
  tracks.update({{{{5, 5}, {6, 7}}, 1}, look_at(100)}, kRules);
  tracks.drop_lost(kRules);
  EXPECT_EQ(ids(tracks), (Ids{2}));
  EXPECT_TRUE((Look{{{5, 5}}, 1}).shows_face(0.5f)) << "one point has no size";
  EXPECT_FALSE((Look{{{5, 5}, {8, 5}}, 1}).shows_face(0.5f));
  EXPECT_TRUE((Look{{{5, 5}, {5, 9}}, 1}).shows_face(0.5f));
}

TEST(Tracks, NeverUseAnIdTwice) {
  Tracks tracks;
  tracks.add({look_at(0)}, kRules);
  tracks.clear();
  tracks.add({look_at(0, 0.1f), look_at(0)}, kRules);
  EXPECT_EQ(ids(tracks), (Ids{2}));
}

TEST(Tracks, ThatMeetOnOneFaceLeaveTheOlder) {
  Tracks tracks;
  tracks.add({look_at(0), look_at(50)}, kRules);
  tracks.update({look_at(20), look_at(21)}, kRules);
  EXPECT_EQ(tracks.newly_lost(), 1);
  tracks.drop_lost(kRules);
  EXPECT_EQ(ids(tracks), (Ids{1}));
}

TEST(Tracks, ThatMeetOnOneFaceLeaveTheOneThatHasMovedLess) {
  Tracks tracks;
  const TrackRules patient{0.5f, 5};
  tracks.add({look_at(0), look_at(14)}, patient);
  tracks.update({look_at(13), look_at(13)}, patient);  // the first one has slipped onto the second one's face, which hides its own
  ASSERT_EQ(ids(tracks), (Ids{1, 2}));
  EXPECT_TRUE(tracks.faces()[0].held);
  EXPECT_EQ(tracks.faces()[0].box.x, 0) << "where it was last";
  EXPECT_FALSE(tracks.faces()[1].held);
  tracks.add({look_at(1)}, patient);
  EXPECT_FALSE(tracks.faces()[0].held) << "found again, with its id";
}

TEST(Tracks, LeaveAFaceToWhoeverWasSeenNotHeld) {
  Tracks tracks;
  const TrackRules patient{0.5f, 5};
  tracks.add({look_at(0), look_at(14)}, patient);
  tracks.update({look_at(0, 0), look_at(7)}, patient);
  tracks.update({look_at(1), look_at(1)}, patient);  // it passes where the first one is still held
  EXPECT_TRUE(tracks.faces()[0].held);
  EXPECT_FALSE(tracks.faces()[1].held);
}

TEST(Tracks, RefuseWhatIsNoNumber) {
  Tracks tracks;
  tracks.add({look_at(NAN), look_at(0, NAN), look_at(INFINITY), look_at(-1e9f)}, {0});
  EXPECT_TRUE(tracks.faces().empty());
  EXPECT_FALSE((Look{{{0, 0}, {5, 1e9f}}, 1}).shows_face(0));
}

TEST(Tracks, TakeAScoreOfTheThresholdForAFace) {
  EXPECT_TRUE(look_at(0, 0.5f).shows_face(0.5f));
  EXPECT_FALSE(look_at(0, 0.49f).shows_face(0.5f));
}

TEST(Tracks, LookAtAFaceOnceThatIsFollowedAlready) {
  Tracks tracks;
  tracks.add({look_at(0)}, kRules);
  tracks.add({look_at(1), look_at(1)}, kRules);
  EXPECT_EQ(ids(tracks), (Ids{1}));
}

TEST(Tracks, TakeNoSecondFaceOfAHead) {
  for (const auto& [y, count] : {std::pair(5.f, 1U), std::pair(7.f, 2U)}) {  // a half, three tenths of the box
    Tracks tracks;
    tracks.add({look_at(0)}, kRules);
    Look other = look_at(0);
    for (Point& p : other.points) p.y += y;
    other.box.y += y;
    tracks.add({other}, kRules);
    EXPECT_EQ(tracks.faces().size(), count) << y;
  }
}

TEST(Tracks, LetSmallFacesAppearInThePlaceOfAHeldOne) {
  Tracks tracks;
  const TrackRules rules{0.5f, 5};
  tracks.add({{{{100, 100}, {200, 200}}, 1, {100, 100, 100, 100}}}, rules);
  tracks.update({{{{100, 100}, {200, 200}}, 0, {100, 100, 100, 100}}}, rules);
  EXPECT_EQ(tracks.unfollowed({{{110, 110, 20, 20}, 0.9f}}).size(), 1u);
}

TEST(Tracks, MeetOnOneFaceWhereTheyOverlapByMoreThanThreeFifths) {
  for (const auto& [x, lost] : {std::pair(22.f, 1), std::pair(23.f, 0)}) {  // two thirds, and seven thirteenths
    Tracks tracks;
    tracks.add({look_at(0), look_at(50)}, kRules);
    tracks.update({look_at(20), look_at(x)}, kRules);
    EXPECT_EQ(tracks.newly_lost(), lost) << x;
  }
}

TEST(Tracks, CountEachFacesOwnMissedFramesOnceAnotherIsGone) {
  Tracks tracks;
  const TrackRules rules{0.5f, 1};
  tracks.add({look_at(0), look_at(50)}, rules);
  tracks.update({look_at(0, 0), look_at(50)}, rules);
  tracks.update({look_at(0, 0), look_at(50, 0)}, rules);
  tracks.drop_lost(rules);
  ASSERT_EQ(ids(tracks), (Ids{2}));
  EXPECT_EQ(tracks.newly_lost(), 1) << "the other one, now";
  tracks.drop_lost(rules);
  EXPECT_EQ(ids(tracks), (Ids{2})) << "it may be held for this frame";
}

TEST(Tracks, ForgetWhatWasMissedWhenTheyAreCleared) {
  Tracks tracks;
  const TrackRules rules{0.5f, 1};
  tracks.add({look_at(0)}, rules);
  tracks.update({look_at(0, 0)}, rules);
  tracks.clear();
  EXPECT_EQ(tracks.newly_lost(), 0);
  tracks.add({look_at(0)}, rules);
  tracks.update({look_at(0, 0)}, rules);
  tracks.drop_lost(rules);
  EXPECT_EQ(ids(tracks), (Ids{2}));
}

TEST(Tracks, KeepTheOldestWhereThereAreTooMany) {
  Tracks tracks;
  tracks.add({look_at(0), look_at(50), look_at(100)}, kRules);
  tracks.limit(2);
  EXPECT_EQ(ids(tracks), (Ids{1, 2}));
}

TEST(Tracks, KeepWhatADetectionConfirms) {
  Tracks tracks;
  tracks.add({look_at(0), look_at(50)}, kRules);
  tracks.confirm({{{52, 1, 10, 10}, 0.9f}});
  EXPECT_EQ(ids(tracks), (Ids{2}));
}

TEST(Tracks, TakeNewDetectionsBestFirst) {
  Tracks tracks;
  tracks.add({look_at(0)}, kRules);
  const auto fresh =
      tracks.unfollowed({{{1, 1, 10, 10}, 0.99f}, {{40, 0, 10, 10}, 0.6f}, {{60, 0, 10, 10}, 0.9f}, {{80, 0, 10, 10}, 0.7f}});
  ASSERT_EQ(fresh.size(), 3u);
  EXPECT_EQ(fresh[0].box.x, 60);
  EXPECT_EQ(fresh[1].box.x, 80);
  EXPECT_EQ(fresh[2].box.x, 40);
}

TEST(Tracks, TakeNoEarForAFace) {
  const Detection head{{100, 100, 100, 100}, 0.9f}, ear{{90, 150, 20, 20}, 0.95f}, behind{{60, 100, 20, 20}, 0.9f},
      child{{180, 170, 50, 50}, 0.8f};
  Tracks tracks;
  const auto found = tracks.unfollowed({ear, head, behind, child});
  ASSERT_EQ(found.size(), 3u) << "in one picture";
  EXPECT_EQ(found[0].box, head.box);
  tracks.add({{{{100, 100}, {200, 200}}, 1, head.box}}, kRules);
  EXPECT_EQ(tracks.unfollowed({ear}).size(), 0u) << "beside a followed face";
  EXPECT_EQ(tracks.unfollowed({behind, child}).size(), 2u);
  EXPECT_EQ(tracks.unfollowed({{{140, 250, 20, 20}, 0.9f}}).size(), 1u) << "below the chin";
  EXPECT_EQ(tracks.unfollowed({{{110, 110, 38, 38}, 0.9f}}).size(), 0u);
  EXPECT_EQ(tracks.unfollowed({{{110, 110, 42, 42}, 0.9f}}).size(), 1u) << "too large for an ear";
}

TEST(Tracks, TakeTheSizeOfADetectionWhenAsked) {
  Tracks tracks;
  tracks.add({look_at(0), look_at(100)}, kRules);
  tracks.resize({{{300, 0, 20, 20}, 0.9f}, {{-2, -2, 16, 16}, 0.9f}});
  EXPECT_EQ(tracks.faces()[0].box, cv::Rect2f(-3, -3, 16, 16)) << "about its own middle";
  EXPECT_EQ(tracks.faces()[1].box, look_at(100).box);
}

TEST(Tracks, HoldAFaceAsItWasForAFewFailedLooks) {
  Tracks tracks;
  const TrackRules rules{0.5f, 2};
  tracks.add({look_at(0)}, rules);
  for (int i = 0; i < 2; i++) {
    tracks.update({look_at(30, 0.1f)}, rules);
    tracks.drop_lost(rules);
    ASSERT_EQ(ids(tracks), (Ids{1}));
    EXPECT_TRUE(tracks.faces()[0].held);
    EXPECT_EQ(tracks.seen(), 0);
    EXPECT_EQ(tracks.faces()[0].points[0].x, 0);
  }
  tracks.update({look_at(30, 0.1f)}, rules);
  tracks.drop_lost(rules);
  EXPECT_TRUE(tracks.faces().empty()) << "a third failed look";
}

TEST(Tracks, CountFailedLooksAfreshOnceAFaceIsSeen) {
  Tracks tracks;
  const TrackRules rules{0.5f, 1};
  tracks.add({look_at(0)}, rules);
  for (int i = 0; i < 3; i++) {
    tracks.update({look_at(0, 0.1f)}, rules);
    tracks.drop_lost(rules);
    tracks.update({look_at(1)}, rules);
    ASSERT_EQ(ids(tracks), (Ids{1}));
    EXPECT_FALSE(tracks.faces()[0].held);
  }
}

TEST(Tracks, GiveAHeldFaceItsIdBackWhereItIsFoundAgain) {
  Tracks tracks;
  const TrackRules rules{0.5f, 5};
  tracks.add({look_at(0)}, rules);
  tracks.update({look_at(0, 0.1f)}, rules);
  EXPECT_EQ(tracks.unfollowed({{{3, 0, 10, 10}, 0.9f}}).size(), 1u) << "a held face is not tracked";
  tracks.add({look_at(3), look_at(50)}, rules);
  EXPECT_EQ(ids(tracks), (Ids{1, 2}));
  EXPECT_EQ(tracks.faces()[0].box.x, 3);
  EXPECT_FALSE(tracks.faces()[0].held);
}

TEST(Tracks, GiveTheIdOfTheHeldFaceThatIsNearest) {
  Tracks tracks;
  const TrackRules patient{0.5f, 5};
  tracks.add({look_at(0), look_at(7)}, patient);
  tracks.update({look_at(0, 0), look_at(7, 0)}, patient);
  EXPECT_EQ(tracks.newly_lost(), 2);
  tracks.add({look_at(5)}, patient);
  ASSERT_EQ(ids(tracks), (Ids{1, 2}));
  EXPECT_TRUE(tracks.faces()[0].held);
  EXPECT_FALSE(tracks.faces()[1].held);
}

TEST(Tracks, GiveAFaceItsIdBackInTheFrameInWhichItsLookFailed) {
  Tracks tracks;
  tracks.add({look_at(0)}, kRules);
  tracks.update({look_at(0, 0.1f)}, kRules);
  tracks.add({look_at(4)}, kRules);
  tracks.drop_lost(kRules);
  EXPECT_EQ(ids(tracks), (Ids{1}));
}

TEST(Tracks, PreferASeenFaceToAHeldOneWhereThereIsNoRoom) {
  Tracks tracks;
  const TrackRules rules{0.5f, 30};
  tracks.add({look_at(0), look_at(50)}, rules);
  tracks.update({look_at(0, 0.1f), look_at(50)}, rules);
  tracks.limit(1);
  EXPECT_EQ(ids(tracks), (Ids{2}));
}

TEST(Tracks, CountFramesWithoutALookForFacesThatWereLostBefore) {
  Tracks tracks;
  const TrackRules rules{0.5f, 3};
  tracks.add({look_at(0), look_at(50)}, rules);
  tracks.update({look_at(0, 0.1f), look_at(50)}, rules);
  for (int i = 0; i < 4; i++) tracks.pass_over();
  tracks.drop_lost(rules);
  EXPECT_EQ(ids(tracks), (Ids{2})) << "one was lost for five frames; of the other nobody knows";
}

}  // namespace
}  // namespace fkp
