// How the log names a TSIG key: the label of its secret (docs/formats/log.md). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/crypto/tsig_key.h"
#include "common/dns/name.h"

namespace tandem {

inline constexpr std::string_view kKeyPurpose = "tsig";

/// What a label says.
struct KeyLabel {
  Name name;
  TsigAlgorithm algorithm;

  friend bool operator==(const KeyLabel& a, const KeyLabel& b) {
    return a.name == b.name && a.algorithm == b.algorithm;
  }
};

/// `certbot.:hmac-sha256`: the name comes first, so that labels sort by it.
[[nodiscard]] std::string label_of(const KeyLabel& key);
/// What the labels of the keys with this name begin with. No name has a colon in it.
[[nodiscard]] std::string label_beginning(const Name& name);
/// Nothing: a newer version wrote it.
[[nodiscard]] std::optional<KeyLabel> key_label_from(std::string_view label);

}  // namespace tandem
