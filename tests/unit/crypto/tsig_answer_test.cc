// Both sides of a signed exchange: what the server's side makes of our request, and what we make of
// its answers (RFC 8945 s5.3). Real servers' answers are in tests/interop/migration_test.py.
#include "common/crypto/tsig_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/crypto/tsig.h"
#include "common/crypto/tsig_mac.h"
#include "common/dns/header.h"

namespace tandem {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kThen = 1'750'000'000;

/// `www.example. A`, id 0x1234.
Octets plain(bool is_answer) {
  return *from_hex(is_answer ? "12348000000100000000000003777777076578616d706c650000010001"
                             : "12340000000100000000000003777777076578616d706c650000010001");
}

TsigKey key_of(std::string_view algorithm, std::uint8_t last = 31) {
  TsigKey key{*Name::from_text("update.key."), *tsig_algorithm_from_text(algorithm), {}};
  for (std::uint8_t i = 0; i < 31; ++i) {
    key.secret.push_back(i);
  }
  key.secret.push_back(last);
  return key;
}

/// One request of ours and a server that answers it.
class Exchange : public ::testing::Test {
 public:
  Exchange() {
    const std::size_t at = request.size();
    mac = sign_tsig_request(request, key, kThen);
    verifier.emplace(key, mac);
    record = *read_tsig(request, at);
    verdict = verify_tsig(request, at, record, &key, kThen);
    server.emplace(record, std::make_shared<const TsigKey>(key), TsigVerdict{});
  }

  Octets signed_answer(std::uint64_t now = kThen) {
    Octets answer = plain(true);
    server->sign(answer, now);
    return answer;
  }

  /// A signed message that continues `prior` over the messages in `between` too.
  [[nodiscard]] Octets continued(OctetSpan prior, OctetSpan between) const {
    TsigRecord next = record;
    next.time_signed = kThen;
    Octets over;
    append_prior_mac(over, prior);
    append(over, between);
    Octets answer = plain(true);
    append(over, answer);
    append_tsig_variables(over, next, TsigVariables::kTimers);
    const Octets made = tsig_hmac(key, over);
    next.mac = made;
    const std::size_t at = answer.size();
    answer.resize(at + tsig_octets(next));
    write_tsig(next, std::span(answer).subspan(at));
    store_be16(answer.data() + 10, 1);
    return answer;
  }

  static std::string why(const Status& status) { return status ? "good" : status.error().detail; }

  TsigKey key = key_of("hmac-sha256");
  Octets request = plain(false);
  Octets mac;
  TsigRecord record;
  TsigVerdict verdict;
  std::optional<TsigVerifier> verifier;
  std::optional<TsigSigner> server;
};

TEST_F(Exchange, TheServerTakesTheRequestAndWeItsAnswers) {
  EXPECT_TRUE(verdict.is_good());
  EXPECT_EQ(to_hex(mac), "5bfa6ab6a2f8bfc6ffe828681af1e4a9df18075cd4c816e324044f755612d5ba");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(why(verifier->take(signed_answer(), kThen)), "good");
  }
  EXPECT_EQ(why(verifier->end()), "good");
}

TEST_F(Exchange, AChangedAnswerIsRefused) {
  Octets answer = signed_answer();
  answer[20] ^= 1U;
  EXPECT_THAT(why(verifier->take(answer, kThen)), HasSubstr("signature is wrong"));
}

TEST_F(Exchange, AMessageLeftOutIsNoticed) {
  ASSERT_EQ(why(verifier->take(signed_answer(), kThen)), "good");
  static_cast<void>(signed_answer());
  EXPECT_THAT(why(verifier->take(signed_answer(), kThen)), HasSubstr("signature is wrong"));
}

TEST_F(Exchange, TheFirstHasToBeSigned) {
  EXPECT_THAT(why(verifier->take(plain(true), kThen)), HasSubstr("is not signed"));
}

TEST_F(Exchange, UpTo99MayGoUnsignedBetweenSignedOnes) {
  const Octets first = signed_answer();
  ASSERT_EQ(why(verifier->take(first, kThen)), "good");
  const TsigRecord signature = *read_tsig(first, plain(true).size());
  Octets between;
  for (std::size_t i = 0; i < kMaxUnsignedMessages; ++i) {
    ASSERT_EQ(why(verifier->take(plain(true), kThen)), "good");
    append(between, plain(true));
  }
  EXPECT_THAT(why(verifier->end()), HasSubstr("last message"));
  EXPECT_EQ(why(verifier->take(continued(signature.mac, between), kThen)), "good");
  EXPECT_EQ(why(verifier->end()), "good");
}

TEST_F(Exchange, AHundredUnsignedOnesAreTooMany) {
  ASSERT_EQ(why(verifier->take(signed_answer(), kThen)), "good");
  for (std::size_t i = 0; i < kMaxUnsignedMessages; ++i) {
    ASSERT_EQ(why(verifier->take(plain(true), kThen)), "good");
  }
  EXPECT_THAT(why(verifier->take(plain(true), kThen)), HasSubstr("in a row"));
}

TEST_F(Exchange, SaysWhatTheServerHasAgainstTheRequest) {
  const auto answer_with = [this](TsigError error) {
    TsigSigner refusing(record, std::make_shared<const TsigKey>(key), {Rcode::kNotAuth, error});
    Octets answer = plain(true);
    refusing.sign(answer, kThen + 1000);
    return why(TsigVerifier(key, mac).take(answer, kThen));
  };
  EXPECT_THAT(answer_with(TsigError::kBadKey), HasSubstr("does not know the key update.key."));
  EXPECT_THAT(answer_with(TsigError::kBadSig), HasSubstr("another secret"));
  EXPECT_THAT(answer_with(TsigError::kBadTime), HasSubstr("1000 s ahead of ours"));
}

TEST_F(Exchange, AnAnswerOfAnotherTimeIsRefused) {
  EXPECT_THAT(why(verifier->take(signed_answer(kThen + 301), kThen)), HasSubstr("another time"));
}

TEST_F(Exchange, AShorterMacThanOursIsRefused) {
  TsigVerifier strict(key, mac);
  TsigKey lax = key;
  lax.algorithm.mac_octets = 24;  // a truncation without a name of its own
  TsigSigner truncating(record, std::make_shared<const TsigKey>(lax), {});
  Octets answer = plain(true);
  truncating.sign(answer, kThen);
  EXPECT_THAT(why(strict.take(answer, kThen)), HasSubstr("signature is wrong"));
  EXPECT_EQ(why(TsigVerifier(lax, mac).take(answer, kThen)), "good");
}

TEST_F(Exchange, ASignatureIsTheLastRecordAndTheOnlyOne) {
  Octets twice = signed_answer();
  server->sign(twice, kThen);
  EXPECT_THAT(why(verifier->take(twice, kThen)), HasSubstr("not its last record"));
  Octets more = signed_answer();
  append(more, *from_hex("00001000010000000000020178"));  // a TXT record at the root
  store_be16(more.data() + 10, 2);
  EXPECT_THAT(why(verifier->take(more, kThen)), HasSubstr("not its last record"));
}

TEST_F(Exchange, WhatIsNoMessageIsNotSigned) {
  const Octets whole = signed_answer();
  for (std::size_t octets = 0; octets < whole.size(); ++octets) {
    EXPECT_FALSE(TsigVerifier(key, mac).take(OctetSpan(whole).first(octets), kThen)) << octets;
  }
}

}  // namespace
}  // namespace tandem
