#include "common/crypto/tsig_key.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/base/encoding.h"
#include "common/base/random.h"
#include "common/dns/shown_text.h"

namespace tandem {
namespace {

struct HashRow {
  TsigHash hash;
  std::string_view name;
  std::size_t octets;
};

constexpr std::array kHashes = {
    HashRow{TsigHash::kMd5, "hmac-md5", 16},       HashRow{TsigHash::kSha1, "hmac-sha1", 20},
    HashRow{TsigHash::kSha224, "hmac-sha224", 28}, HashRow{TsigHash::kSha256, "hmac-sha256", 32},
    HashRow{TsigHash::kSha384, "hmac-sha384", 48}, HashRow{TsigHash::kSha512, "hmac-sha512", 64},
};

constexpr std::string_view kMd5Suffix = ".sig-alg.reg.int";  // RFC 8945 s6

// Half of the hash each, and so as safe against collisions as the hash itself (RFC 8945 s6).
constexpr std::array kListedTruncations = {
    TsigAlgorithm{TsigHash::kSha256, 16},
    TsigAlgorithm{TsigHash::kSha384, 24},
    TsigAlgorithm{TsigHash::kSha512, 32},
};

const HashRow& row_of(TsigHash hash) noexcept {
  return kHashes[static_cast<std::size_t>(hash)];
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

/// `-BITS` behind the hash's name.
std::optional<TsigAlgorithm> truncated(const HashRow& row, std::string_view suffix) {
  std::size_t bits = 0;
  const char* const end = suffix.data() + suffix.size();
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): its end is the next argument
  const auto [read, error] = std::from_chars(suffix.data(), end, bits);
  if (error != std::errc() || read != end || bits % 8 != 0 || bits / 8 > row.octets ||
      bits / 8 < min_mac_octets(row.hash)) {
    return std::nullopt;
  }
  return TsigAlgorithm{row.hash, bits / 8};
}

}  // namespace

std::size_t hash_octets(TsigHash hash) noexcept {
  return row_of(hash).octets;
}

std::size_t min_mac_octets(TsigHash hash) noexcept {
  return std::max<std::size_t>(10, hash_octets(hash) / 2);
}

std::optional<TsigAlgorithm> tsig_algorithm_from_text(std::string_view text) {
  if (text.ends_with('.')) {
    text.remove_suffix(1);
  }
  std::string word = lower(text);
  if (word == std::string(kHashes.front().name) + std::string(kMd5Suffix)) {
    word.resize(kHashes.front().name.size());
  }
  for (const HashRow& row : kHashes) {
    if (word == row.name) {
      return TsigAlgorithm{row.hash, row.octets};
    }
    if (word.starts_with(row.name) && word[row.name.size()] == '-') {
      return truncated(row, std::string_view(word).substr(row.name.size() + 1));
    }
  }
  return std::nullopt;
}

std::string to_text(TsigAlgorithm algorithm) {
  std::string text(row_of(algorithm.hash).name);
  if (algorithm.mac_octets != hash_octets(algorithm.hash)) {
    text += fmt::format("-{}", algorithm.mac_octets * 8);
  }
  return text;
}

Name wire_name(TsigAlgorithm algorithm) {
  std::string text(row_of(algorithm.hash).name);
  if (algorithm.hash == TsigHash::kMd5) {
    text += kMd5Suffix;
  } else if (std::ranges::find(kListedTruncations, algorithm) != kListedTruncations.end()) {
    text = to_text(algorithm);
  }
  return *Name::from_text(text);
}

std::optional<TsigAlgorithm> tsig_algorithm_from_wire(NameView name) {
  const auto algorithm = tsig_algorithm_from_text(name.to_text());
  return algorithm && wire_name(*algorithm).view() == name ? algorithm : std::nullopt;
}

Status check_key_name(NameView name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';  // a dot within a label is escaped in text, and so refused
  };
  const std::string text = name.to_text();
  if (name.is_root()) {
    return fail(Errc::kInvalid, "the root is no name of a key");
  }
  if (!std::ranges::all_of(text, is_plain)) {
    return fail(Errc::kInvalid, "the key {} has more than letters, digits, - and _ in it",
                shown_text(text));
  }
  return {};
}

Result<TsigKey> tsig_key_from_text(std::string_view text) {
  constexpr std::string_view kExpected = "expected [ALGORITHM:]NAME:BASE64";
  const std::size_t last = text.rfind(':');
  if (last == std::string_view::npos) {
    return fail(Errc::kInvalid, "this is no key, {}", kExpected);
  }
  std::string_view name = text.substr(0, last);
  TsigKey key;
  if (const std::size_t first = name.find(':'); first != std::string_view::npos) {
    const std::string_view algorithm = name.substr(0, first);
    const auto known = tsig_algorithm_from_text(algorithm);
    if (!known) {
      return fail(Errc::kInvalid, "unknown algorithm {}, expected hmac-sha256 or such",
                  shown_text(algorithm));
    }
    key.algorithm = *known;
    name.remove_prefix(first + 1);
  }
  key.name = TRY(Name::from_text(name)).lower();
  auto secret = from_base64(text.substr(last + 1));
  if (!secret || secret->empty() || key.name.is_root()) {
    return fail(Errc::kInvalid, "the key {} has no secret in base64, {}", shown_text(name),
                kExpected);
  }
  key.secret = *std::move(secret);
  return key;
}

std::string to_text(const TsigKey& key) {
  return fmt::format("{}:{}:{}", to_text(key.algorithm), key.name.to_text(), to_base64(key.secret));
}

TsigKey new_tsig_key(const Name& name, TsigAlgorithm algorithm) {
  TsigKey key{name.lower(), algorithm, Octets(hash_octets(algorithm.hash))};
  random_octets(key.secret);
  return key;
}

}  // namespace tandem
