// The token as a word, and the proofs made with it: what they are bound to, and that nothing else
// passes for them.
#include "common/crypto/join_token.h"

#include <set>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"

namespace tandem {
namespace {

KeyPin pin(std::uint8_t octet) {
  KeyPin out;
  out.digest.fill(octet);
  return out;
}

JoinExchange exchange() {
  JoinExchange out{.inviter = pin(1), .joiner = pin(2), .inviter_nonce = {}, .joiner_nonce = {}};
  out.inviter_nonce.fill(3);
  out.joiner_nonce.fill(4);
  return out;
}

TEST(HmacTest, IsThatOfTheRfc) {  // RFC 4231 s4.3
  EXPECT_EQ(to_hex(hmac_sha256(as_octets("Jefe"), as_octets("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(JoinTokenTest, IsOneWordAndReadsBack) {
  const JoinToken token = JoinToken::make(pin(7));
  const std::string text = token.to_text();
  EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos);
  const auto again = JoinToken::from_text(text);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(*again, token);
  EXPECT_EQ(again->inviter, pin(7));
}

TEST(JoinTokenTest, IsNeverTheSameTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(seen.insert(JoinToken::make(pin(7)).to_text()).second);
  }
}

TEST(JoinTokenTest, EverySlipOfThePenShows) {
  const std::string text = JoinToken::make(pin(7)).to_text();
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string slipped = text;
    slipped[i] = slipped[i] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(JoinToken::from_text(slipped)) << i;
    EXPECT_FALSE(JoinToken::from_text(text.substr(0, i))) << i;
  }
  EXPECT_FALSE(JoinToken::from_text(text + "a"));
}

TEST(JoinTokenTest, ErrorsDoNotRepeatIt) {
  const std::string text = JoinToken::make(pin(7)).to_text();
  const std::string short_text = text.substr(0, 60);
  const auto read = JoinToken::from_text(short_text);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::kInvalid);
  EXPECT_EQ(read.error().detail.find(short_text.substr(10)), std::string::npos);
}

TEST(JoinTokenTest, TheKeyIsNotTheSecretAndHangsOnTheInviter) {
  JoinToken token = JoinToken::make(pin(7));
  const JoinKey key = token.key();
  EXPECT_NE(key, token.secret);
  token.inviter = pin(8);
  EXPECT_NE(token.key(), key);
}

class JoinProofTest : public testing::Test {
 protected:
  [[nodiscard]] bool passes(const JoinExchange& seen) const {
    return is_join_proof(proof_, key_, JoinSide::kJoiner, seen);
  }

  const JoinKey key_ = JoinToken::make(pin(1)).key();
  const JoinProof proof_ = join_proof(key_, JoinSide::kJoiner, exchange());
};

TEST_F(JoinProofTest, PassesAsItWasMade) {
  EXPECT_TRUE(passes(exchange()));
}

TEST_F(JoinProofTest, AnotherTokenDoesNotPass) {
  EXPECT_FALSE(is_join_proof(proof_, JoinToken::make(pin(1)).key(), JoinSide::kJoiner, exchange()));
}

TEST_F(JoinProofTest, OneSideCannotSendBackTheOthers) {
  EXPECT_FALSE(is_join_proof(proof_, key_, JoinSide::kInviter, exchange()));
}

TEST_F(JoinProofTest, AnotherKeyOnTheWayDoesNotPass) {
  JoinExchange seen = exchange();
  seen.joiner = pin(9);  // the inviter sees the middle's key
  EXPECT_FALSE(passes(seen));
  seen = exchange();
  seen.inviter = pin(9);
  EXPECT_FALSE(passes(seen));
}

TEST_F(JoinProofTest, SwappedKeysOrNoncesDoNotPass) {
  JoinExchange seen = exchange();
  std::swap(seen.inviter, seen.joiner);
  EXPECT_FALSE(passes(seen));
  seen = exchange();
  std::swap(seen.inviter_nonce, seen.joiner_nonce);
  EXPECT_FALSE(passes(seen));
}

TEST_F(JoinProofTest, AnOldProofDoesNotPassForFreshOctets) {
  JoinExchange seen = exchange();
  seen.inviter_nonce.fill(5);
  EXPECT_FALSE(passes(seen));
}

}  // namespace
}  // namespace tandem
