// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "fkp/core/error.h"
#include "support/files.h"

namespace fkp {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class RtspConfig : public testing::Test {
 protected:
  Config read(const std::string& text) {
    test::write(folder_ / "c.toml", text);
    return read_config(folder_ / "c.toml");
  }
  std::string error_of(const std::string& text) {
    try {
      read(text);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }
  const test::TemporaryFolder folder_;
};

const std::string kCamera = "[[camera]]\nname = \"door\"\nuri = \"rtsp://host/a\"\n";

TEST_F(RtspConfig, ReadsWhatIsThereAndKeepsDefaults) {
  const Config c = read(
      "metrics = \"9464\"\n[retry]\nfirst = 0.5\n[serve]\nport = 0\n[overlay]\nstyle = \"full\"\n"
      "[defaults]\ntransport = \"udp\"\nuser = \"joe\"\npassword = \"x\"\n" +
      kCamera + "[[camera]]\nname = \"gate\"\nuri = \"rtsps://host/b\"\ntransport = \"auto\"\nserve = true\ntimeout = 2.5\n");
  EXPECT_EQ(c.metrics, "9464");
  EXPECT_EQ(c.retry.first, milliseconds(500));
  EXPECT_EQ(c.retry.longest, RetryConfig().longest);
  EXPECT_EQ(c.serve.port, 0);
  EXPECT_EQ(c.serve.address, "127.0.0.1");
  EXPECT_EQ(c.serve.overlay.at(0).value, "full");
  ASSERT_EQ(c.cameras.size(), 2U);
  EXPECT_EQ(c.cameras[0].transport, Transport::udp);
  EXPECT_EQ(c.cameras[0].address.user, "joe");
  EXPECT_EQ(c.cameras[0].address.password, "x");
  EXPECT_FALSE(c.cameras[0].serve);
  EXPECT_FALSE(c.cameras[0].published);
  EXPECT_EQ(c.cameras[1].transport, Transport::automatic);
  EXPECT_EQ(c.cameras[1].timeout, milliseconds(2500));
  EXPECT_TRUE(c.cameras[1].serve);
}

TEST_F(RtspConfig, GivesElementsTheirPropertiesCameraByCamera) {
  const Config c = read("[publish]\nmethod = \"file\"\nlocation = \"a/{name}.jsonl\"\n[detect]\nmax-faces = 2\n" + kCamera +
                        "[camera.detect]\nmax-faces = 1\nface-threshold = 0.5\npost-messages = true\n[[camera]]\nname = \"gate\"\n"
                        "uri = \"rtsp://host/b\"\n");
  const auto value = [](const PropertyValues& settings, const std::string& name) {
    std::string found;
    for (const PropertyValue& s : settings)
      if (s.name == name) found += s.value + "|";
    return found;
  };
  EXPECT_EQ(value(c.cameras[0].publish, "location"), "a/door.jsonl|");
  EXPECT_EQ(value(c.cameras[1].publish, "location"), "a/gate.jsonl|");
  EXPECT_EQ(value(c.cameras[0].detect, "max-faces"), "1|");
  EXPECT_EQ(value(c.cameras[0].detect, "face-threshold"), "0.5|");
  EXPECT_EQ(value(c.cameras[0].detect, "post-messages"), "true|");
  EXPECT_EQ(value(c.cameras[1].detect, "max-faces"), "2|");
  EXPECT_TRUE(c.cameras[1].published);
}

TEST_F(RtspConfig, ReadsEveryKeyOfACameraAndOfTheServer) {
  const Config c = read(
      "[retry]\nfirst = 2\nlongest = 2\n[serve]\nport = 65535\nbitrate = 1\ntimeout = 0.2506\nuser = \"joe\"\npassword = \"x\"\n"
      "[[camera]]\nname = \"front_door-2\"\nuri = \"rtsp://host/a\"\nlatency = 0.35\ntimeout = 86400\nverify-tls = false\n"
      "[camera.publish]\nlocation = \"{name}{name}\"\n");
  EXPECT_EQ(c.retry.longest, milliseconds(2000));
  EXPECT_EQ(c.serve.port, 65535);
  EXPECT_EQ(c.serve.bitrate, 1);
  EXPECT_EQ(c.serve.timeout, milliseconds(251));
  EXPECT_EQ(c.serve.user, "joe");
  EXPECT_EQ(c.serve.password, "x");
  const CameraConfig& camera = c.cameras.at(0);
  EXPECT_EQ(camera.name, "front_door-2");
  EXPECT_EQ(camera.latency, milliseconds(350));
  EXPECT_EQ(camera.timeout, std::chrono::hours(24));
  EXPECT_FALSE(camera.verify_tls);
  EXPECT_EQ(camera.publish.at(0).value, "front_door-2front_door-2");
  EXPECT_EQ(read(kCamera + "[camera.publish]\nlocation = \"{name}{name}\"\n").cameras.at(0).publish.at(0).value, "doordoor");
  EXPECT_TRUE(read(kCamera).cameras.at(0).verify_tls) << "by default";
}

TEST_F(RtspConfig, TakesPasswordsFromFilesAndTheEnvironment) {
  test::write(folder_ / "secret", "open sesame\r\nand a second line\n");
  setenv("FKP_TEST_PASSWORD", "abracadabra", 1);
  const Config c =
      read(kCamera + "user = \"joe\"\npassword-file = \"secret\"\n[[camera]]\nname = \"gate\"\nuri = \"rtsp://h/b\"\nuser = \"ann\"\n" +
           "password-env = \"FKP_TEST_PASSWORD\"\n");
  EXPECT_EQ(c.cameras[0].address.password, "open sesame");
  EXPECT_EQ(c.cameras[1].address.password, "abracadabra");
  EXPECT_THAT(error_of(kCamera + "password-file = \"nowhere\"\n"), AllOf(HasSubstr("c.toml:4"), HasSubstr("nowhere")));
  EXPECT_THAT(error_of(kCamera + "password-env = \"FKP_NOWHERE\"\n"), HasSubstr("FKP_NOWHERE"));
  EXPECT_THAT(error_of(kCamera + "password = \"tiger\"\npassword-env = \"FKP_TEST_PASSWORD\"\n"),
              AllOf(HasSubstr("only one"), Not(HasSubstr("tiger"))));
}

TEST_F(RtspConfig, ACamerasOwnKeysComeBeforeItsUriAndThatBeforeTheDefaults) {
  const Config c = read("[defaults]\nuser = \"joe\"\npassword = \"tiger\"\n" + kCamera +
                        "[[camera]]\nname = \"gate\"\nuri = \"rtsp://ann:lion@host/b\"\n"
                        "[[camera]]\nname = \"yard\"\nuri = \"rtsp://ann:lion@host/c\"\nuser = \"\"\npassword = \"\"\n"
                        "[[camera]]\nname = \"lane\"\nuri = \"rtsp://ann:lion@host/d\"\npassword = \"bear\"\n");
  const auto who = [&](int camera) { return c.cameras[camera].address.user + ":" + c.cameras[camera].address.password; };
  EXPECT_EQ(who(0), "joe:tiger");
  EXPECT_EQ(who(1), "ann:lion");
  EXPECT_EQ(who(2), ":");
  EXPECT_EQ(who(3), "ann:bear");
  EXPECT_THAT(error_of(kCamera + "password = \"bear\"\n"), AllOf(HasSubstr("c.toml:4"), HasSubstr("has a password, but no 'user'")));
}

TEST_F(RtspConfig, PutsACamerasNameIntoTextsAndNothingElse) {
  const Config c = read("[publish]\nlocation = \"{name}/{name}.jsonl\"\n" + kCamera);
  EXPECT_EQ(c.cameras[0].publish[0].value, "door/door.jsonl");
  EXPECT_THAT(error_of("[publish]\nlocation = \"{nam}.jsonl\"\n" + kCamera), AllOf(HasSubstr("c.toml:2"), HasSubstr("'{nam}.jsonl'")));
}

TEST_F(RtspConfig, SaysWhyItCannotBeRead) {
  const auto reason = [](const std::filesystem::path& file) {
    try {
      read_config(file);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(reason(folder_.path()), "cannot read " + folder_.path().string() + ": it is a folder");
  EXPECT_EQ(reason(folder_ / "c.toml"), "cannot read " + (folder_ / "c.toml").string() + ": No such file or directory");
  EXPECT_THAT(error_of(kCamera + "password-file = \".\"\n"), AllOf(HasSubstr("c.toml:4"), HasSubstr("it is a folder")));
}

TEST_F(RtspConfig, NamesFileLineKeyAndTheNearestKnownKey) {
  EXPECT_THAT(error_of(kCamera + "trasport = \"udp\"\n"),
              AllOf(HasSubstr("c.toml:4"), HasSubstr("'trasport'"), HasSubstr("did you mean 'transport'?")));
  EXPECT_THAT(error_of("[sevre]\n" + kCamera), AllOf(HasSubstr("c.toml:1"), HasSubstr("did you mean 'serve'?")));
  EXPECT_THAT(error_of(kCamera + "unheard-of = 1\n"), AllOf(Not(HasSubstr("did you mean")), HasSubstr("known are name, uri")));
}

TEST_F(RtspConfig, RefusesWhatCannotBe) {
  EXPECT_THAT(error_of(""), HasSubstr("no [[camera]]"));
  EXPECT_THAT(error_of(kCamera + kCamera), AllOf(HasSubstr("c.toml:4"), HasSubstr("'door'")));
  EXPECT_THAT(error_of("[[camera]]\nuri = \"rtsp://host/a\"\n"), HasSubstr("'name'"));
  EXPECT_THAT(error_of("[[camera]]\nname = \"a/b\"\nuri = \"rtsp://host/a\"\n"), HasSubstr("'name'"));
  EXPECT_THAT(error_of("[[camera]]\nname = \"door\"\n"), HasSubstr("no 'uri'"));
  EXPECT_THAT(error_of("[[camera]]\nname = \"door\"\nur = \"rtsp://host/a\"\n"), HasSubstr("did you mean 'uri'?"));
  EXPECT_THAT(error_of("[[camera]]\nnam = \"door\"\nuri = \"rtsp://host/a\"\n"), HasSubstr("did you mean 'name'?"));
  EXPECT_THAT(error_of("[[camera]]\nname = \"door\"\nuri = \"http://joe:tiger@host\"\n"),
              AllOf(HasSubstr("not http://"), Not(HasSubstr("tiger"))));
  EXPECT_THAT(error_of(kCamera + "transport = \"pigeon\"\n"), AllOf(HasSubstr("c.toml:4"), HasSubstr("\"tcp\"")));
  EXPECT_THAT(error_of(kCamera + "timeout = 0\n"), HasSubstr("'timeout'"));
  EXPECT_THAT(error_of("[retry]\nfirst = 9\nlongest = 3\n" + kCamera), HasSubstr("'longest'"));
  EXPECT_THAT(error_of("[serve]\nuser = \"joe\"\n" + kCamera), HasSubstr("password"));
  test::write(folder_ / "secret", "tiger\n");
  for (const std::string password : {"password = \"tiger\"\n", "password-file = \"secret\"\n"})
    EXPECT_THAT(error_of("[serve]\n" + password + kCamera), HasSubstr("without 'user'")) << "everybody would be served";
  EXPECT_THAT(error_of(kCamera + "timeout = 0.0004\n"), HasSubstr("'timeout'"));
  EXPECT_THAT(error_of(kCamera + "timeout = 86401\n"), HasSubstr("'timeout'"));
  EXPECT_THAT(error_of("[serve]\nport = 65536\n" + kCamera), AllOf(HasSubstr("c.toml:2"), HasSubstr("'port'")));
  EXPECT_THAT(error_of("[serve]\nport = -1\n" + kCamera), HasSubstr("'port'"));
  EXPECT_THAT(error_of("[serve]\nbitrate = 0\n" + kCamera), AllOf(HasSubstr("c.toml:2"), HasSubstr("'bitrate'")));
  EXPECT_THAT(error_of("[publish]\nlocation = \"same\"\n" + kCamera + "[[camera]]\nname = \"gate\"\nuri = \"rtsp://host/b\"\n"),
              AllOf(HasSubstr("'same'"), HasSubstr("{name}")));
  for (const std::string publish : {"", "method = \"file\"\n", "decimals = 0\n", "location = \"\"\n"})
    EXPECT_THAT(error_of(kCamera + "[camera.publish]\n" + publish), AllOf(HasSubstr("c.toml:1: camera 'door'"), HasSubstr("'location'")));
  for (const std::string publish : {"method = \"stdout\"\n", "uri = \"mqtt://host\"\n", "location = \"x\"\n"})
    EXPECT_EQ(error_of(kCamera + "[camera.publish]\n" + publish), "");
  EXPECT_THAT(error_of("camera = 1\n"), HasSubstr("'camera' must be a list"));
  EXPECT_THAT(error_of("= 1\n"), HasSubstr("c.toml:1"));
  EXPECT_THROW(read_config("nowhere.toml"), Error);
}

TEST(RtspAddress, IsTakenApart) {
  const Address a = parse_address("rtsp://joe:open%20sesame@host:554/live?channel=1");
  EXPECT_EQ(a.location, "rtsp://host:554/live?channel=1");
  EXPECT_EQ(a.user, "joe");
  EXPECT_EQ(a.password, "open sesame");
  EXPECT_EQ(a.shown(), "rtsp://host:554/live");
  EXPECT_EQ(parse_address("rtsp://joe:p@ss:w%rd@[::1]:554/").password, "p@ss:w%rd");
  EXPECT_EQ(parse_address("rtsp://joe:p@ss@[::1]:554/").location, "rtsp://[::1]:554/");
  EXPECT_EQ(parse_address("rtsp://host").location, "rtsp://host");
}

TEST(RtspAddress, HasAnySchemeOfRtspsrc) {
  for (const std::string scheme : {"rtsp", "rtsps", "rtspt", "rtspst", "rtspu", "rtspsu", "rtsph", "rtspsh"})
    EXPECT_EQ(parse_address(scheme + "://host/a").location, scheme + "://host/a");
}

TEST(RtspAddress, NeverQuotesWhatItRefuses) {
  for (const std::string uri :
       {"rtsp://joe:tig/er@host/a", "rtsp://joe:ti#ger@host/a", "rtsp://joe:ti?ger@host/", "joe:tiger@host", "rtsp://:80/"}) {
    try {
      parse_address(uri);
      ADD_FAILURE() << uri;
    } catch (const std::invalid_argument& e) {
      EXPECT_THAT(e.what(), Not(HasSubstr("ti"))) << uri;
    }
  }
}

TEST(RtspSecrets, AreHiddenWholeThoughTheyBeginAlike) {
  Secrets secrets;
  secrets.add(std::string("cam"));
  secrets.add(std::string("camera7"));
  EXPECT_EQ(secrets.hidden("login camera7, then cam"), "login ***, then ***");
}

TEST(RtspSecrets, AreHiddenHoweverTheyAreWritten) {
  Secrets secrets;
  secrets.add(parse_address("rtsp://joe:open%20sesame@host/live?user=joe&password=tiger"));
  EXPECT_EQ(secrets.hidden("at rtsp://joe:open%20sesame@host/live?user=joe&password=tiger: 'open sesame' is wrong"),
            "at rtsp://joe:***@host/live?***: '***' is wrong");
  EXPECT_EQ(secrets.hidden("nothing of it"), "nothing of it");
}

}  // namespace
}  // namespace fkp
