// TSIG keys in files, as the tools of others write and read them. Pure: text in, text out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/crypto/tsig_key.h"

namespace tandem {

/// The keys in the text of a file, in its order. It is one of
/// - BIND's: `key "NAME" { algorithm ALGORITHM; secret "BASE64"; };` among other statements
///   (`tsig-keygen`, named.conf);
/// - Knot's or NSD's: below a line `key:` the lines `id: NAME` or `name: NAME`, `algorithm:`,
///   `secret:`, among other sections (`keymgr -t`, knot.conf, nsd.conf);
/// - lines of `ALGORITHM:NAME:BASE64` (`kdig -k`, `knsupdate -k`).
/// Fails: kInvalid with the line, never with a secret: what is there is no whole key, a name has
/// more than letters, digits, `-` and `_` in its labels or is there twice, or no key is there.
Result<std::vector<TsigKey>> tsig_keys_from_file_text(std::string_view text);

/// As BIND reads it, and so nsupdate, certbot's and everybody's examples.
[[nodiscard]] std::string to_bind_text(const TsigKey& key);
/// As Knot reads it and `keymgr -t` writes it, with a comment that repeats all in one line; kdig
/// and knsupdate take that line alone. Knot has no truncated algorithms.
[[nodiscard]] std::string to_knot_text(const TsigKey& key);

}  // namespace tandem
