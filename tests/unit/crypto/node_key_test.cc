// The node's key: made once, kept private, whole or absent, known by its pin. Secrets sealed with
// it.
#include "common/crypto/node_key.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

namespace tandem {
namespace {

namespace fs = std::filesystem;

class NodeKeyFile : public testing::Test {
 protected:
  NodeKeyFile() {
    std::string made = (fs::temp_directory_path() / "tandem_key_XXXXXX").string();
    folder_ = ::mkdtemp(made.data());
  }

  ~NodeKeyFile() override { fs::remove_all(folder_); }

  [[nodiscard]] fs::path key_file() const { return folder_ / "node.key"; }

  [[nodiscard]] fs::path certificate_file() const { return folder_ / "node.crt"; }

  NodeKey load() {
    auto key = load_or_make_node_key(folder_);
    EXPECT_TRUE(key) << key.error().detail;
    return key.value_or(NodeKey{});
  }

  Errc load_error() {
    const auto key = load_or_make_node_key(folder_);
    EXPECT_FALSE(key);
    return key ? Errc::kInternal : key.error().code;
  }

  static std::string text_of(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  static void write(const fs::path& file, std::string_view text) {
    std::ofstream(file) << text;
    ::chmod(file.c_str(), 0600);
  }

  static mode_t mode_of(const fs::path& file) {
    struct stat info{};
    ::stat(file.c_str(), &info);
    return info.st_mode & 07777U;
  }

  fs::path folder_;
};

TEST_F(NodeKeyFile, IsMadeOnceAndFoundAgain) {
  const NodeKey made = load();
  const NodeKey found = load();
  EXPECT_EQ(found.pin, made.pin);
  EXPECT_EQ(found.private_key_pem, made.private_key_pem);
  EXPECT_EQ(found.certificate_pem, made.certificate_pem);
}

TEST_F(NodeKeyFile, LeavesNothingButKeyAndCertificate) {
  load();
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2);
}

TEST_F(NodeKeyFile, IsReadableByItsOwnerAlone) {
  load();
  EXPECT_EQ(mode_of(key_file()), 0600U);
}

TEST_F(NodeKeyFile, IsRefusedWhenOthersMayReadIt) {
  load();
  for (const mode_t mode : {0640U, 0604U, 0620U, 0644U}) {
    ::chmod(key_file().c_str(), mode);
    EXPECT_EQ(load_error(), Errc::kRefused) << mode;
  }
}

TEST_F(NodeKeyFile, KeepsItsPinWhenTheCertificateIsMadeAgain) {
  const NodeKey made = load();
  fs::remove(certificate_file());
  const NodeKey again = load();
  EXPECT_EQ(again.pin, made.pin);
  EXPECT_EQ(again.certificate_pem, text_of(certificate_file()));
}

TEST_F(NodeKeyFile, ReplacesACertificateThatIsNotOfTheKey) {
  const NodeKey made = load();
  const std::string foreign = [] {
    std::string other = (fs::temp_directory_path() / "tandem_key_XXXXXX").string();
    const fs::path folder = ::mkdtemp(other.data());
    const auto key = load_or_make_node_key(folder);
    fs::remove_all(folder);
    return key->certificate_pem;
  }();
  write(certificate_file(), foreign);
  EXPECT_EQ(load().pin, made.pin);
  write(certificate_file(), "nonsense");
  EXPECT_EQ(load().pin, made.pin);
}

TEST_F(NodeKeyFile, IsNotMadeAnewWhenItWasLostBesideItsCertificate) {
  load();
  fs::remove(key_file());
  EXPECT_EQ(load_error(), Errc::kCorrupt);
}

TEST_F(NodeKeyFile, GoesOnAfterAStartThatWasCutBeforeTheRename) {
  write(folder_ / "node.key.new", "-----BEGIN PRIV");
  load();
  EXPECT_FALSE(fs::exists(folder_ / "node.key.new"));
}

TEST_F(NodeKeyFile, GoesOnAfterAStartThatWasCutBeforeTheCertificate) {
  const NodeKey made = load();
  fs::remove(certificate_file());
  write(folder_ / "node.crt.new", "-----BEGIN CERT");
  EXPECT_EQ(load().pin, made.pin);
}

// A key, but on another curve.
constexpr std::string_view kP384Key = R"(-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDCjUYZ6sD6AUm+3XFcQ
g2peTRmXFQK1XUKpN959CfSQnqKwKitt0SYyULvAijLLN36hZANiAATqfEPIJ0qv
No5lSdrk4pArLbT0TAoF1hSuVm/nlvG6hZUT/FaxtFb5Ca+c93txrjlFlzmz+IM9
zKvFGdmBCoJix41GhnYvr3BM0D7Ksd2FiE2J8VHjCy6O5+noIn8emv4=
-----END PRIVATE KEY-----
)";

TEST_F(NodeKeyFile, IsCorruptWhenItIsNoP256Key) {
  const std::string good = load().private_key_pem;
  const std::vector<std::string> bad{"",
                                     "nonsense",
                                     good.substr(0, good.size() / 2),
                                     text_of(certificate_file()),
                                     std::string(kP384Key),
                                     std::string(100'000, 'x')};
  for (const std::string& text : bad) {
    write(key_file(), text);
    EXPECT_EQ(load_error(), Errc::kCorrupt) << text.substr(0, 60);
  }
}

TEST_F(NodeKeyFile, FailsWithThePathWhenTheFolderIsMissing) {
  const auto key = load_or_make_node_key(folder_ / "none");
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, Errc::kIo);
  EXPECT_NE(key.error().detail.find((folder_ / "none").string()), std::string::npos);
}

TEST_F(NodeKeyFile, IsOneKeyForStartsAtTheSameTime) {
  std::vector<KeyPin> pins(8);
  {
    std::vector<std::jthread> threads;
    for (KeyPin& pin : pins) {
      threads.emplace_back([this, &pin] { pin = load().pin; });
    }
  }
  EXPECT_EQ(pins, std::vector<KeyPin>(pins.size(), load().pin));
}

TEST_F(NodeKeyFile, OnTheLinkItIsTheNodesUntilItIsChanged) {
  const NodeKey node = load();
  EXPECT_EQ(load_link_key(folder_, node)->pin, node.pin);
  const auto next = load_or_make_next_link_key(folder_);
  ASSERT_TRUE(next) << next.error().detail;
  EXPECT_NE(next->pin, node.pin);
  EXPECT_EQ(load_or_make_next_link_key(folder_)->pin, next->pin) << "the same one until it is used";
  EXPECT_EQ(load_link_key(folder_, node)->pin, node.pin);
  ASSERT_TRUE(use_next_link_key(folder_));
  EXPECT_EQ(load_link_key(folder_, node)->pin, next->pin);
  EXPECT_EQ(load().pin, node.pin) << "what is kept is sealed with it";
  EXPECT_EQ(mode_of(folder_ / "link.key"), 0600U);
}

TEST_F(NodeKeyFile, ChangesOnTheLinkAgainAndAgain) {
  const NodeKey node = load();
  KeyPin last = node.pin;
  for (int turn = 0; turn < 3; ++turn) {
    const auto next = load_or_make_next_link_key(folder_);
    ASSERT_TRUE(next);
    EXPECT_NE(next->pin, last);
    ASSERT_TRUE(use_next_link_key(folder_));
    last = load_link_key(folder_, node)->pin;
    EXPECT_EQ(last, next->pin);
  }
  EXPECT_FALSE(use_next_link_key(folder_)) << "there is no next one";
  EXPECT_EQ(load_link_key(folder_, node)->pin, last);
}

TEST_F(NodeKeyFile, CertificateCarriesThePin) {
  const NodeKey key = load();
  const auto pin = KeyPin::of_certificate(key.certificate_pem);
  ASSERT_TRUE(pin);
  EXPECT_EQ(*pin, key.pin);
}

// A certificate and the SHA-256 of its SubjectPublicKeyInfo, both made by the openssl tool.
constexpr std::string_view kKnownCertificate = R"(
-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUcLaBsdnBmaW73y73vePPbmesYzEwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFa25vd24wIBcNMjYxMTIzMDAxODE5WhgPMjEyNjEwMzAwMDE4
MTlaMBAxDjAMBgNVBAMMBWtub3duMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
9xnigxY4YNp/bC5mlmIoKzIcukHzGdi2+6W6oZL8uhPzauyfts05hCPSiFObWjaq
86RayRhU4NXjxxxhN1l9DqNTMFEwHQYDVR0OBBYEFJwTmeg4zYbrwtIfP+JGTmIC
yFw0MB8GA1UdIwQYMBaAFJwTmeg4zYbrwtIfP+JGTmICyFw0MA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgPIoejprx9goqDNqkrH0+GdhG6getmOnh
Cs75jwL7sK0CIQCTD6UevNqbvTQAxgyEa+jWoUVuYp0to9g2f7x0AuelVw==
-----END CERTIFICATE-----
)";

TEST(KeyPin, IsTheHashOfThePublicKeyInfo) {
  const auto pin = KeyPin::of_certificate(kKnownCertificate);
  ASSERT_TRUE(pin);
  EXPECT_EQ(pin->to_text(), "SHA256:JgNXYgWRz6E1N7rORCUa8EZWiJCMPhJ/iW59c/Ztktw=");
}

TEST(KeyPin, ReadsItsText) {
  KeyPin pin;
  pin.digest.fill(0xfb);
  const auto again = KeyPin::from_text(pin.to_text());
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, pin);
}

TEST(KeyPin, RefusesTextOfAnotherForm) {
  KeyPin pin;
  const std::string good = pin.to_text();
  const std::vector<std::string> bad{"",
                                     "SHA256:",
                                     good.substr(7),
                                     "sha256:" + good.substr(7),
                                     good + "=",
                                     good.substr(0, good.size() - 1),
                                     good + "\n",
                                     "SHA256:AAAA"};
  for (const std::string& text : bad) {
    EXPECT_FALSE(KeyPin::from_text(text)) << text;
  }
}

TEST(KeyPin, RefusesWhatIsNoCertificate) {
  EXPECT_FALSE(KeyPin::of_certificate(""));
  EXPECT_FALSE(
      KeyPin::of_certificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"));
}

class Sealing : public NodeKeyFile {};

TEST_F(Sealing, OpensToTheSecret) {
  const SecretSealer sealer(load());
  const std::vector<std::string> secrets{"", "x", "a key", std::string(5000, 'k')};
  for (const std::string& secret : secrets) {
    const Octets sealed = sealer.seal(as_octets(secret), "tsig/1");
    const auto opened = sealer.open(sealed, "tsig/1");
    ASSERT_TRUE(opened);
    EXPECT_EQ(as_text(*opened), secret);
  }
}

TEST_F(Sealing, IsTheSameAfterARestart) {
  const Octets sealed = SecretSealer(load()).seal(as_octets("a key"), "tsig/1");
  EXPECT_TRUE(SecretSealer(load()).open(sealed, "tsig/1"));
}

TEST_F(Sealing, NeverGivesTheSameOctetsTwice) {
  const SecretSealer sealer(load());
  EXPECT_NE(sealer.seal(as_octets("a key"), "tsig/1"), sealer.seal(as_octets("a key"), "tsig/1"));
}

TEST_F(Sealing, DoesNotOpenInAnotherPlace) {
  const SecretSealer sealer(load());
  const Octets sealed = sealer.seal(as_octets("a key"), "tsig/1");
  const auto opened = sealer.open(sealed, "tsig/2");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::kCorrupt);
}

TEST_F(Sealing, DoesNotOpenWithAnotherKey) {
  const Octets sealed = SecretSealer(load()).seal(as_octets("a key"), "tsig/1");
  fs::remove(key_file());
  fs::remove(certificate_file());
  EXPECT_FALSE(SecretSealer(load()).open(sealed, "tsig/1"));
}

TEST_F(Sealing, DoesNotOpenWhenAnyOctetChangedOrIsMissing) {
  const SecretSealer sealer(load());
  const Octets sealed = sealer.seal(as_octets("a key"), "tsig/1");
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    Octets bad = sealed;
    bad[at] ^= 0x10U;
    EXPECT_FALSE(sealer.open(bad, "tsig/1")) << at;
    EXPECT_FALSE(sealer.open(OctetSpan(sealed).first(at), "tsig/1")) << at;
  }
}

}  // namespace
}  // namespace tandem
