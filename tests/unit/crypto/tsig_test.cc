// TSIG against MACs that dnspython 2.3 made, and every way to be wrong (RFC 8945 s5.2).
#include "common/crypto/tsig.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/dns/header.h"
#include "common/dns/wire_reader.h"

namespace tandem {
namespace {

constexpr std::uint64_t kThen = 1'750'000'000;

Name name(std::string_view text) {
  return *Name::from_text(text);
}

TsigKey key_of(std::string_view algorithm) {
  TsigKey key{name("update.key."), *tsig_algorithm_from_text(algorithm), {}};
  for (std::uint8_t i = 0; i < 32; ++i) {
    key.secret.push_back(i);
  }
  return key;
}

/// `www.example. A`, id 0x1234; with QR when it is the answer.
Octets plain(bool is_answer = false) {
  return *from_hex(is_answer ? "12348000000100000000000003777777076578616d706c650000010001"
                             : "12340000000100000000000003777777076578616d706c650000010001");
}

struct Signed {
  Octets wire;
  std::size_t at;
};

/// The query with `record` behind it, as a client sends it.
Signed with_record(const TsigRecord& record) {
  Signed out{plain(), 0};
  out.at = out.wire.size();
  out.wire.resize(out.at + tsig_octets(record));
  write_tsig(record, std::span(out.wire).subspan(out.at));
  store_be16(out.wire.data() + 10, 1);
  return out;
}

TsigRecord record_of(const TsigKey& key, OctetSpan mac) {
  TsigRecord record;
  record.key = name("Update.Key.");
  record.algorithm = wire_name(key.algorithm);
  record.time_signed = kThen;
  record.fudge = 300;
  record.mac = mac;
  record.original_id = 0x1234;
  return record;
}

TsigVerdict verdict_of(const Signed& message, const TsigKey* key, std::uint64_t now = kThen) {
  const auto record = read_tsig(message.wire, message.at);
  EXPECT_TRUE(record.has_value());
  return verify_tsig(message.wire, message.at, *record, key, now);
}

struct Row {
  std::string_view algorithm;
  std::string_view request_mac;
  std::string_view answer_mac;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> made{
      {"hmac-md5", "e77484e2f0a14ce7ac1b3a7426551945", "6a96bbaa78f114598911380c7af64d7f"},
      {"hmac-sha1", "c780e8d7dd7e1f0b60aee7883ab8e9df8ac1e14f",
       "5b310f9e9659e9362974dab5665b272129c18adb"},
      {"hmac-sha224", "0e2932841268a3bb0e688bbdff3f07074dab803cea27c31ee3fc85ff",
       "3906f019fa10f7e8976662c9328ea4c0b457d80a5c2a117ca665d44a"},
      {"hmac-sha256", "5bfa6ab6a2f8bfc6ffe828681af1e4a9df18075cd4c816e324044f755612d5ba",
       "ddfdd5c97feedf9795c7a0f7789d58dacac5ab752353f45df5f91894adab0ed3"},
      {"hmac-sha256-128", "85c261698945610150f4658b83b0e8a6", "2d7d3a26812873ec405b1c07e93cde66"},
      {"hmac-sha384",
       "e0179906e171cf156e8a87251494ce9bb49b81e0a92515b7dfb4ec8723ee02de95800416aaf35530"
       "a92e609883164e64",
       "c866039352c7d2ea00f63036bf2699eb2aa0e23d549c05fa6ca4696b8c2b39045b3a8849ded11969"
       "ccfedfd8ce54b7c5"},
      {"hmac-sha384-192", "430ab52adc9a790b6baa945622943a75b3aa93637a382481",
       "af014c997c066e990d3625cc183b8eaeaa020b9d2404a9ef"},
      {"hmac-sha512",
       "e2832d84af105bdb36fbfaaa847b4ac34132428d70c627cc87b7966a66820b1a79327bf9cd9b639a"
       "4305b3f668078328a95a5a531798fc5e31d80a31c3572f32",
       "f8f627d86027269a352f3c80e934bdc43e44451f35a6e07c863807412269cb9ab782b6e2caee4a54"
       "cc25d00715d16db6f064b58046ede6a2c8eeb806c5151737"},
      {"hmac-sha512-256", "d76383ae6156b24ce5b71e7f7f4f4f0195017a4178b3d16e8df4d04adf4d0ca3",
       "865afb2c506477e37221252c824976e13445cb3f3f2b378569ed91ec97d11975"}};
  return made;
}

TEST(Tsig, AgreesWithAnotherImplementationOnEveryAlgorithm) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.algorithm);
    const TsigKey key = key_of(row.algorithm);
    const Octets mac = *from_hex(row.request_mac);
    const Signed request = with_record(record_of(key, mac));
    EXPECT_EQ(verdict_of(request, &key).rcode, Rcode::kNoError);

    TsigSigner signer(*read_tsig(request.wire, request.at), std::make_shared<const TsigKey>(key),
                      {});
    Octets answer = plain(true);
    const std::size_t at = answer.size();
    const std::size_t octets = signer.octets();
    signer.sign(answer, kThen + 1);
    EXPECT_EQ(answer.size(), at + octets);
    EXPECT_EQ(load_header(answer.data()).additional_count, 1);
    const auto record = read_tsig(answer, at);
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(to_hex(record->mac), row.answer_mac);
    EXPECT_EQ(record->time_signed, kThen + 1);
  }
}

TEST(Tsig, EveryOctetOfTheMessageCounts) {
  const Row& row = rows()[3];
  const TsigKey key = key_of(row.algorithm);
  const Octets mac = *from_hex(row.request_mac);
  const Signed good = with_record(record_of(key, mac));
  ASSERT_TRUE(verdict_of(good, &key).is_good());
  for (std::size_t i = 2; i < good.at; ++i) {  // a forwarder may change the ID (s5.1)
    if (i == 10 || i == 11) {
      continue;  // how many records there are
    }
    Signed bad = good;
    bad.wire[i] ^= 0x20U;
    EXPECT_EQ(verdict_of(bad, &key).error, TsigError::kBadSig) << i;
  }
  Signed other_id = good;
  other_id.wire[0] ^= 1U;
  EXPECT_TRUE(verdict_of(other_id, &key).is_good());
}

TEST(Tsig, SaysWhatIsWrongInTheOrderOfTheRfc) {
  const Row& row = rows()[3];
  const TsigKey key = key_of(row.algorithm);
  const Octets mac = *from_hex(row.request_mac);
  const Signed good = with_record(record_of(key, mac));
  EXPECT_EQ(verdict_of(good, nullptr).error, TsigError::kBadKey);
  const TsigKey other_hash = key_of("hmac-sha512");
  EXPECT_EQ(verdict_of(good, &other_hash).error, TsigError::kBadKey);
  TsigKey other_secret = key;
  other_secret.secret.back() ^= 1U;
  EXPECT_EQ(verdict_of(good, &other_secret, kThen + 301).error, TsigError::kBadSig);
  EXPECT_TRUE(verdict_of(good, &key, kThen + 300).is_good());
  EXPECT_TRUE(verdict_of(good, &key, kThen - 300).is_good());
  EXPECT_EQ(verdict_of(good, &key, kThen + 301).error, TsigError::kBadTime);
  EXPECT_EQ(verdict_of(good, &key, kThen - 301).error, TsigError::kBadTime);
}

TEST(Tsig, ATruncatedMacIsGoodForAKeyThatSaysSo) {
  const Octets mac = *from_hex(rows()[3].request_mac);
  const TsigKey whole = key_of("hmac-sha256");
  const Signed half = with_record(record_of(whole, OctetSpan(mac).first(16)));
  EXPECT_EQ(verdict_of(half, &whole).error, TsigError::kBadTrunc);
  EXPECT_EQ(verdict_of(half, &whole, kThen + 301).error, TsigError::kBadTime);
  TsigKey patient = whole;
  patient.algorithm.mac_octets = 16;
  EXPECT_TRUE(verdict_of(half, &patient).is_good());
  Octets bad = mac;
  bad.front() ^= 1U;
  EXPECT_EQ(verdict_of(with_record(record_of(whole, OctetSpan(bad).first(16))), &whole).error,
            TsigError::kBadSig);
}

TEST(Tsig, AMacOfNoPossibleSizeIsAFormatError) {
  const TsigKey key = key_of("hmac-sha256");
  for (const std::size_t octets : {0U, 1U, 15U, 33U, 64U}) {
    const Octets mac(octets, 7);
    EXPECT_EQ(verdict_of(with_record(record_of(key, mac)), &key).rcode, Rcode::kFormErr) << octets;
  }
}

TEST(Tsig, AnswersOfRefusalsAreSignedWhereTheKeyIsKnownToBeRight) {
  const TsigKey key = key_of("hmac-sha256");
  const Octets mac = *from_hex(rows()[3].request_mac);
  const Signed request = with_record(record_of(key, mac));
  for (const TsigError error : {TsigError::kBadKey, TsigError::kBadSig, TsigError::kBadTime}) {
    TsigSigner signer(*read_tsig(request.wire, request.at), std::make_shared<const TsigKey>(key),
                      {Rcode::kNotAuth, error});
    Octets answer = plain(true);
    const std::size_t at = answer.size();
    signer.sign(answer, kThen + 1000);
    const auto record = read_tsig(answer, at);
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(record->error, error);
    EXPECT_EQ(record->time_signed, kThen);  // the client's
    EXPECT_EQ(record->mac.size(), error == TsigError::kBadTime ? 32 : 0);
    EXPECT_EQ(to_hex(record->other), error == TsigError::kBadTime ? "0000684ee568" : "");
  }
}

TEST(Tsig, EnvelopesContinueOneAnother) {
  const TsigKey key = key_of("hmac-sha256");
  const Octets mac = *from_hex(rows()[3].request_mac);
  const Signed request = with_record(record_of(key, mac));
  TsigSigner signer(*read_tsig(request.wire, request.at), std::make_shared<const TsigKey>(key), {});
  Octets first = plain(true);
  Octets second = plain(true);
  signer.sign(first, kThen);
  signer.sign(second, kThen);
  EXPECT_NE(first, second);
  const std::size_t at = plain().size();
  EXPECT_EQ(to_hex(read_tsig(second, at)->mac),
            "8baf732486be41dc96286504680efc02e2839f79ca376d023bf87f79f59cd952");
}

TEST(TsigKey, NamesAlgorithmsInEveryWayThatClientsDo) {
  const auto of = [](std::string_view text) { return tsig_algorithm_from_text(text); };
  EXPECT_EQ(of("HMAC-SHA256."), (TsigAlgorithm{TsigHash::kSha256, 32}));
  EXPECT_EQ(of("hmac-md5"), of("hmac-md5.sig-alg.reg.int."));
  EXPECT_EQ(of("hmac-sha1-80"), (TsigAlgorithm{TsigHash::kSha1, 10}));
  EXPECT_EQ(of("hmac-sha512-256"), (TsigAlgorithm{TsigHash::kSha512, 32}));
  for (const std::string_view bad :
       {"", "hmac-sha256-", "hmac-sha256-120", "hmac-sha256-264", "hmac-sha256-129", "hmac-sha1-72",
        "hmac-sha2", "sha256", "hmac-sha256x", "hmac-sha256-128x", "gss-tsig"}) {
    EXPECT_EQ(of(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(to_text(*of("hmac-sha384-192")), "hmac-sha384-192");
  EXPECT_EQ(wire_name(*of("hmac-md5")), name("hmac-md5.sig-alg.reg.int."));
  EXPECT_EQ(wire_name(*of("hmac-sha256-128")), name("hmac-sha256-128."));
  EXPECT_EQ(wire_name(*of("hmac-sha256-192")), name("hmac-sha256."));  // no name of its own
  EXPECT_EQ(tsig_algorithm_from_wire(name("hmac-md5.")), std::nullopt);
  EXPECT_EQ(tsig_algorithm_from_wire(name("hmac-sha256.example.")), std::nullopt);
}

TEST(TsigKey, IsReadFromText) {
  const auto key = tsig_key_from_text("hmac-sha512:Certbot.Example.:c2VjcmV0");
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->name.to_text(), "certbot.example.");
  EXPECT_EQ(key->algorithm, (TsigAlgorithm{TsigHash::kSha512, 64}));
  EXPECT_EQ(key->secret, to_octets(as_octets("secret")));
  EXPECT_EQ(tsig_key_from_text("k:c2VjcmV0")->algorithm.hash, TsigHash::kSha256);
  for (const std::string_view bad :
       {"", "k", "k:", ":c2VjcmV0", "hmac-sha3:k:c2VjcmV0", "k:c2Vjcm", "a..b:c2VjcmV0"}) {
    const auto result = tsig_key_from_text(bad);
    ASSERT_FALSE(result.has_value()) << bad;
    EXPECT_EQ(result.error().detail.find("c2Vj"), std::string::npos) << bad;  // no secret is shown
  }
}

TEST(TsigKey, NewOnesAreAsLongAsTheirHash) {
  const TsigKey one = new_tsig_key(name("K."), *tsig_algorithm_from_text("hmac-sha256"));
  const TsigKey other = new_tsig_key(name("K."), one.algorithm);
  EXPECT_EQ(one.secret.size(), 32);
  EXPECT_NE(one.secret, other.secret);
}

}  // namespace
}  // namespace tandem
