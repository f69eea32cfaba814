// Hashes against published values: FIPS 180-4 examples, RFC 5155 appendix A.
#include "common/crypto/digest.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/dns/name.h"

namespace tandem {
namespace {

constexpr std::string_view kTwoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

TEST(Digest, Sha1GivesTheStandardsExamples) {
  EXPECT_EQ(to_hex(sha1({})), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(to_hex(sha1(as_octets("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(sha1(as_octets(kTwoBlocks))), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

TEST(Digest, Sha256GivesTheStandardsExamples) {
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(as_octets("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(as_octets(kTwoBlocks))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Digest, Sha256OfTwoPiecesIsThatOfTheWhole) {
  for (std::size_t cut = 0; cut <= kTwoBlocks.size(); ++cut) {
    EXPECT_EQ(sha256(as_octets(kTwoBlocks.substr(0, cut)), as_octets(kTwoBlocks.substr(cut))),
              sha256(as_octets(kTwoBlocks)))
        << cut;
  }
}

TEST(Digest, Sha2TakesPiecesOfAnySize) {
  for (const auto& [size, hash] :
       {std::pair(Sha2::Size::k384,
                  "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                  "8086072ba1e7cc2358baeca134c825a7"),
        std::pair(Sha2::Size::k512,
                  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")}) {
    Sha2 whole(size);
    whole.update(as_octets("abc"));
    EXPECT_EQ(to_hex(whole.finish()), hash);
    Sha2 pieces(size);
    pieces.update(as_octets("a"));
    pieces.update({});
    pieces.update(as_octets("bc"));
    EXPECT_EQ(to_hex(pieces.finish()), hash);
  }
}

struct Nsec3Row {
  std::string_view name;
  std::string_view hash;
};

TEST(Nsec3Hash, GivesTheValuesOfRfc5155AppendixA) {
  const std::vector<Nsec3Row> rows{
      {"example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"},
      {"a.example", "35mthgpgcu1qg68fab165klnsnk3dpvl"},
      {"ai.example", "gjeqe526plbf1g8mklp59enfd789njgi"},
      {"ns1.example", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"},
      {"ns2.example", "q04jkcevqvmu85r014c7dkba38o0ji5r"},
      {"w.example", "k8udemvp1j2f7eg6jebps17vp3n8i58h"},
      {"*.w.example", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"},
      {"x.w.example", "b4um86eghhds6nea196smvmlo4ors995"},
      {"y.w.example", "ji6neoaepv8b5o6k4ev33abha8ht9fgc"},
      {"x.y.w.example", "2vptu5timamqttgl4luu9kg21e0aor3s"},
      {"xx.example", "t644ebqk9bibcna874givr6joj62mlhv"},
  };
  const std::vector<std::uint8_t> salt{0xaa, 0xbb, 0xcc, 0xdd};
  for (const Nsec3Row& row : rows) {
    const Name name = *Name::from_text(std::string(row.name) + ".");
    EXPECT_EQ(to_base32hex(nsec3_hash(name.wire(), salt, 12)), row.hash) << row.name;
  }
}

TEST(Nsec3Hash, WithoutSaltAndIterationsIsOneSha1) {
  const Name name = *Name::from_text("example.");
  EXPECT_EQ(nsec3_hash(name.wire(), {}, 0), sha1(name.wire()));
}

TEST(EqualInConstantTime, IsEquality) {
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_TRUE(equal_in_constant_time(as_octets("secret"), as_octets("secret")));
  EXPECT_FALSE(equal_in_constant_time(as_octets("secret"), as_octets("secreT")));
  EXPECT_FALSE(equal_in_constant_time(as_octets("secret"), as_octets("secre")));
}

}  // namespace
}  // namespace tandem
