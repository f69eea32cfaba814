// Who may speak: nobody without the right key on both sides, and nothing below TLS 1.3. 10 s; runs
// openssl(1).
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <signal.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "common/replication/link_address.h"
#include "tests/unit/replication/link_pair.h"
#include "tests/unit/replication/undated_keys.h"

namespace tandem::testing {
namespace {

/// Waits for the dialler's next failure.
std::string wait_dial_error(const GrpcLink& link) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (link.dialling().at(0).last_error.empty() && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  return link.dialling().at(0).last_error;
}

TEST(LinkKeys, DatesDoNotMatter) {
  LinkPair pair;
  pair.listener.key = expired_key();
  pair.dialler.key = not_yet_valid_key();
  EXPECT_TRUE(pair.connect());
}

TEST(LinkKeys, DatesDoNotMatterTheOtherWayRound) {
  LinkPair pair;
  pair.listener.key = not_yet_valid_key();
  pair.dialler.key = expired_key();
  EXPECT_TRUE(pair.connect());
}

TEST(LinkKeys, SeveralPinsAreAllowedForARotation) {
  LinkEnd listener;
  LinkEnd next;
  GrpcLinkOptions options;
  options.key = listener.key;
  options.peers = {new_node_key().pin, next.key.pin};
  options.listen = {"127.0.0.1:0"};
  listener.link = start_link(std::move(options), listener.handler);
  next.dial(listener.key.pin, listener.link->listening().at(0));
  EXPECT_NE(next.handler.wait_open(), nullptr);
}

TEST(LinkKeys, PinsAreRenewedWhileStreamsStay) {
  LinkPair pair;
  ASSERT_TRUE(pair.connect());
  LinkEnd next;
  pair.listener.link->set_peers({next.key.pin});
  next.dial(pair.listener.key.pin, pair.listener.link->listening().at(0));
  EXPECT_NE(next.handler.wait_open(), nullptr);
  EXPECT_FALSE(pair.listener.handler.stream(0).closed) << "the one that was there stays";
  LinkEnd old;
  old.key = pair.dialler.key;
  old.dial(pair.listener.key.pin, pair.listener.link->listening().at(0));
  EXPECT_NE(wait_dial_error(*old.link), "");
  EXPECT_EQ(old.handler.stream_count(), 0U);
}

TEST(LinkKeys, AnInvitationDialsAnyKeyAndListensToNone) {
  LinkPair pair;
  GrpcLinkOptions options;
  options.key = pair.dialler.key;
  options.takes_any_key = true;
  options.dial = {pair.listener.listen(pair.dialler.key.pin)};
  pair.dialler.link = start_link(options, pair.dialler.handler);
  const auto peer = pair.dialler.handler.wait_open();
  ASSERT_NE(peer, nullptr);
  EXPECT_EQ(peer->pin(), pair.listener.key.pin) << "whoever it is, its key is known";
  options.listen = {"127.0.0.1:0"};
  EXPECT_FALSE(GrpcLink::start(options, pair.dialler.handler));
}

TEST(LinkKeys, DiallerRefusesAnotherKeyThanThePinnedOne) {
  LinkPair pair;
  const std::string address = pair.listener.listen(pair.dialler.key.pin);
  pair.dialler.dial(new_node_key().pin, address);
  const std::string error = wait_dial_error(*pair.dialler.link);
  EXPECT_EQ(error,
            "key " + pair.listener.key.pin.to_text() + " of the other side is not pinned here");
  EXPECT_EQ(pair.listener.handler.stream_count(), 0U);
  EXPECT_EQ(pair.dialler.handler.stream_count(), 0U);
}

TEST(LinkKeys, ListenerRefusesAnotherKeyThanThePinnedOne) {
  LinkPair pair;
  const std::string address = pair.listener.listen(new_node_key().pin);
  pair.dialler.dial(pair.listener.key.pin, address);
  EXPECT_NE(wait_dial_error(*pair.dialler.link), "");
  EXPECT_GE(pair.listener.link->refused_count(), 1U);
  EXPECT_EQ(pair.listener.handler.stream_count(), 0U);
  EXPECT_EQ(pair.dialler.handler.stream_count(), 0U);
}

TEST(LinkKeys, NobodyIsLetInWithoutPins) {
  LinkEnd listener;
  LinkEnd dialler;
  GrpcLinkOptions options;
  options.key = listener.key;
  options.listen = {"127.0.0.1:0"};
  listener.link = start_link(std::move(options), listener.handler);
  dialler.dial(listener.key.pin, listener.link->listening().at(0));
  EXPECT_NE(wait_dial_error(*dialler.link), "");
  EXPECT_EQ(listener.handler.stream_count(), 0U);
}

// --- strangers, by openssl(1) --------------------------------------------------------------------

/// A folder with keys as files, and what openssl printed.
class Openssl : public ::testing::Test {
 protected:
  Openssl() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }

  ~Openssl() override { std::filesystem::remove_all(folder_); }

  /// Arguments that show `key`.
  std::string arguments_for(const NodeKey& key, const std::string& name) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path + ".key") << key.private_key_pem;
    std::ofstream(path + ".pem") << key.certificate_pem;
    return " -key " + path + ".key -cert " + path + ".pem";
  }

  /// What `openssl s_client` says about the handshake.
  static std::string handshake(const std::string& address, const std::string& arguments) {
    return output_of("timeout 20 openssl s_client -alpn h2 -connect " + address + " " + arguments +
                     " </dev/null 2>&1");
  }

  /// Octets that the server sends to the application after the handshake, until it closes or for 2
  /// s.
  static std::size_t octets_sent_to(const std::string& address, const std::string& arguments) {
    return output_of("timeout 2 openssl s_client -quiet -ign_eof -alpn h2 -connect " + address +
                     " " + arguments + " </dev/null 2>/dev/null")
        .size();
  }

  static std::string output_of(const std::string& command) {
    struct Close {
      void operator()(FILE* file) const { ::pclose(file); }
    };

    const std::unique_ptr<FILE, Close> file(::popen(command.c_str(), "r"));
    std::string out;
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
      out.append(buffer.data(), got);
    }
    return out;
  }

  LinkEnd listener;
  NodeKey friendly = new_node_key();
  const std::string address = listener.listen(friendly.pin);

 private:
  std::string folder_ = (std::filesystem::temp_directory_path() / "tandem-tls-XXXXXX").string();
};

TEST_F(Openssl, SpeaksTls13) {
  const std::string out = handshake(address, "-tls1_3" + arguments_for(friendly, "friend"));
  EXPECT_NE(out.find("New, TLSv1.3"), std::string::npos) << out;
}

TEST_F(Openssl, CannotSpeakTls12) {
  const std::string out = handshake(address, "-tls1_2" + arguments_for(friendly, "friend"));
  EXPECT_NE(out.find("New, (NONE)"), std::string::npos) << out;
}

TEST_F(Openssl, CannotSpeakTls12WithAnySuite) {
  const std::string out = handshake(
      address, "-tls1_2 -cipher ALL:eNULL:@SECLEVEL=0" + arguments_for(friendly, "friend"));
  EXPECT_NE(out.find("New, (NONE)"), std::string::npos) << out;
}

TEST_F(Openssl, GetsFramesWithThePinnedKey) {
  EXPECT_GT(octets_sent_to(address, "-tls1_3" + arguments_for(friendly, "friend")), 0U);
}

TEST_F(Openssl, GetsNothingWithoutACertificate) {
  EXPECT_EQ(octets_sent_to(address, "-tls1_3"), 0U);
}

TEST_F(Openssl, GetsNothingWithAnotherKey) {
  EXPECT_EQ(octets_sent_to(address, "-tls1_3" + arguments_for(new_node_key(), "stranger")), 0U);
  EXPECT_GE(listener.link->refused_count(), 1U);
}

TEST_F(Openssl, GetsNothingWithoutHttp2) {
  EXPECT_EQ(output_of("timeout 2 openssl s_client -quiet -ign_eof -connect " + address +
                      " -tls1_3" + arguments_for(friendly, "friend") + " </dev/null 2>/dev/null"),
            "");
}

/// A server with the pinned key that speaks what `version` says.
std::string dial_error_against_server(const std::string& key_arguments, const NodeKey& server_key,
                                      const std::string& version) {
  // The port of a listener that has just gone is free.
  std::string address;
  {
    LinkEnd gone;
    address = gone.listen({});
  }
  const auto port = std::to_string(parse_host_port(address).value().port);
  const std::string command =
      "timeout 15 openssl s_server -quiet -alpn h2 -accept 127.0.0.1:" + port + " " + version +
      key_arguments + " >/dev/null 2>&1 </dev/null & echo $!";
  const std::unique_ptr<FILE, decltype(&::pclose)> server(::popen(command.c_str(), "r"), &::pclose);
  int pid = 0;
  EXPECT_EQ(std::fscanf(server.get(), "%d", &pid), 1);
  LinkEnd dialler;
  dialler.dial(server_key.pin, address);
  std::string error;
  const auto end = std::chrono::steady_clock::now() + kPatience;
  do {
    error = dialler.link->dialling().at(0).last_error;
  } while ((error.empty() || error.find("refused") != std::string::npos) &&
           std::chrono::steady_clock::now() < end);
  ::kill(pid, SIGTERM);
  return error;
}

TEST_F(Openssl, ServerWithTls12IsNotSpokenTo) {
  const std::string error =
      dial_error_against_server(arguments_for(friendly, "server"), friendly, "-tls1_2");
  EXPECT_NE(error.find("SSL"), std::string::npos) << error;
}

}  // namespace
}  // namespace tandem::testing
