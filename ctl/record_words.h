// Records as people type them: `www 600 A 192.0.2.1`, names relative to the zone, quotes eaten by
// the shell.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/dns/name.h"
#include "common/dns/types.h"

namespace tandem {

/// A name in a zone: `@`, relative, or absolute; what ends with the zone's own name is absolute
/// without its final dot too. Fails: kInvalid when it is no name, or not in the zone.
Result<Name> name_in_zone(std::string_view text, const Name& zone);

/// A host named beside a zone: a single label is in the zone, as in its records; what has a dot in
/// it is absolute. Fails: kInvalid.
Result<Name> host_of_zone(std::string_view text, const Name& zone);

/// Fails: kInvalid.
Result<RrType> record_type(std::string_view text);

struct RecordWords {
  std::optional<std::uint32_t> ttl;
  RrType type{};
  std::vector<std::string> data;      // presentation form, names absolute
  std::vector<std::string> warnings;  // what is probably not meant
};

/// `[TTL] [IN] TYPE DATA...`. Fails: kInvalid.
Result<RecordWords> record_words(std::span<const std::string> words, const Name& zone);

/// The records that `words` are: one whose fields they are, else one each. A word with blanks among
/// several is one quoted string; each word of a TXT record is one, cut after 255 octets, unless it
/// stands in quotes of its own; `@home4` as an address stays as it is. Fails: kInvalid.
Result<std::vector<std::string>> record_data(RrType type, std::span<const std::string> words,
                                             const Name& zone);

}  // namespace tandem
