// Key files as tsig-keygen, keymgr and administrators write them.
#include "common/crypto/tsig_key_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// `ALGORITHM:NAME:OCTETS` of each key.
std::vector<std::string> keys_in(std::string_view text) {
  std::vector<std::string> out;
  const auto keys = tsig_keys_from_file_text(text);
  if (!keys) {
    return {keys.error().detail};
  }
  for (const TsigKey& key : *keys) {
    out.push_back(to_text(key.algorithm) + ":" + key.name.to_text() + ":" +
                  std::to_string(key.secret.size()));
  }
  return out;
}

std::string error_of(std::string_view text) {
  const auto keys = tsig_keys_from_file_text(text);
  return keys ? std::string("no error") : keys.error().detail;
}

TEST(TsigKeyFile, IsWhatTsigKeygenWrites) {
  EXPECT_THAT(keys_in("key \"cert.example\" {\n\talgorithm hmac-sha256;\n"
                      "\tsecret \"tw+lKFAVCgqIsd7muPOPA4DHkgYkupzeRvWQXoqXmuQ=\";\n};\n"),
              ElementsAre("hmac-sha256:cert.example.:32"));
}

TEST(TsigKeyFile, IsWhatKeymgrWrites) {
  EXPECT_THAT(keys_in("# hmac-sha256:laptop:tw+lKFAVCgqIsd7muPOPA4DHkgYkupzeRvWQXoqXmuQ=\nkey:\n"
                      "  - id: laptop\n    algorithm: hmac-sha256\n"
                      "    secret: tw+lKFAVCgqIsd7muPOPA4DHkgYkupzeRvWQXoqXmuQ=\n"),
              ElementsAre("hmac-sha256:laptop.:32"));
}

TEST(TsigKeyFile, IsWhatKdigReads) {
  EXPECT_THAT(keys_in("hmac-sha1:a.:AAAA\r\n\n# old\nhmac-md5:b:AAAA # {\n"),
              ElementsAre("hmac-sha1:a.:3", "hmac-md5:b.:3"));
}

TEST(TsigKeyFile, MayBeAllOfNamedConf) {
  EXPECT_THAT(keys_in(R"(// key "no" { };
options { directory "/var"; allow-transfer { key other; }; };
/* key "neither" {
   }; */
key one { secret "AAAA"; algorithm "HMAC-SHA512"; };
server 192.0.2.1 { keys { one; }; }; # { a brace of a comment
key "two."{algorithm hmac-sha256-128;secret "AAAA";};)"),
              ElementsAre("hmac-sha512:one.:3", "hmac-sha256-128:two.:3"));
}

TEST(TsigKeyFile, MayBeAllOfKnotOrNsdConf) {
  EXPECT_THAT(keys_in(R"(server:
  listen: 192.0.2.1@53
key:
  - id: one
    algorithm: hmac-sha256
    secret: "AAAA"
  - id: two
    secret: AAAA
    algorithm: hmac-sha384
key:
    name: "three"
    algorithm: hmac-sha1
    secret: "AAAA"   # old
zone:
  - domain: example
)"),
              ElementsAre("hmac-sha256:one.:3", "hmac-sha384:two.:3", "hmac-sha1:three.:3"));
}

TEST(TsigKeyFile, TellsTheLineThatIsWrong) {
  EXPECT_THAT(error_of("\nkey a {\n algorithm hmac-sha256;\n};"), HasSubstr("line 2: a key needs"));
  EXPECT_THAT(error_of("key a {\n algorithm hmac-sha256"), HasSubstr("line 2: expected `alg"));
  EXPECT_THAT(error_of("key a { secret AAAA;\n"), HasSubstr("line 1: the key has no end"));
  EXPECT_THAT(error_of("key { };"), HasSubstr("line 1: expected `key \"NAME\" {`"));
  EXPECT_THAT(error_of("key:\n - id: a\n   id: b\n"), HasSubstr("line 3: expected one each"));
  EXPECT_THAT(error_of("key:\n id: a\n what\n"), HasSubstr("line 3: expected one each"));
  EXPECT_THAT(error_of("key:\n id: a\n"), HasSubstr("line 2: a key needs"));
  EXPECT_THAT(error_of("hmac-sha256:a:AAAA\nhmac-crc:b:AAAA\n"), HasSubstr("line 2: unknown alg"));
  EXPECT_THAT(error_of("hmac-sha1:a\\\"b:AAAA\n"), HasSubstr("line 1: the key "));
  EXPECT_THAT(error_of("hmac-sha256:a:AAAA\nhmac-sha1:A.:AAAA\n"), HasSubstr("there twice"));
}

TEST(TsigKeyFile, NeedsAKey) {
  for (const char* const text : {"", "# only\n", "options { };", "server:\n  listen: ::1\n"}) {
    EXPECT_THAT(error_of(text), HasSubstr("no key is in it")) << text;
  }
}

TEST(TsigKeyFile, ErrorsDoNotTellTheSecret) {
  for (const char* const text :
       {"hmac-sha256:a:c2Vj*cmV0", "key a { algorithm x; secret \"c2VjcmV0\"; };",
        "key:\n id: a\n algorithm: hmac-sha256\n secret: c2Vj*cmV0\n"}) {
    EXPECT_THAT(error_of(text), HasSubstr("line "));
    EXPECT_THAT(error_of(text), Not(HasSubstr("c2Vj")));
  }
}

TEST(TsigKeyFile, WhatIsWrittenIsReadTheSame) {
  const TsigKey key = new_tsig_key(*Name::from_text("acme.example."), {});
  for (const std::string& text : {to_bind_text(key), to_knot_text(key)}) {
    const auto read = tsig_keys_from_file_text(text);
    ASSERT_TRUE(read) << text;
    ASSERT_EQ(read->size(), 1U);
    EXPECT_EQ(read->front().name, key.name);
    EXPECT_EQ(read->front().algorithm, key.algorithm);
    EXPECT_EQ(read->front().secret, key.secret);
  }
}

}  // namespace
}  // namespace tandem
