// What every entry holds to beside being well-formed: the writer asks before it encodes, the
// decoder after it decoded, so that no node ever logs what another one refuses.
#pragma once

#include <cstddef>

#include "common/base/result.h"
#include "common/log/entry.h"

namespace tandem {

constexpr std::size_t kMaxChangesPerEntry = 4096;
constexpr std::size_t kMaxActorText = 1024;  // octets of each of its texts
constexpr std::size_t kMaxSecretText = 255;  // octets of purpose and label
constexpr std::size_t kMaxSaltOctets = 64;
constexpr std::size_t kMaxAddressValue = 64;   // octets of its text
constexpr std::size_t kMaxSettingName = 1024;  // a domain name as text has up to 1,004
constexpr std::size_t kMaxSettingValue = 16384;
constexpr std::size_t kMaxRequestId = 255;

/// Sizes and counts, UTF-8, zone ids where a zone is meant and only there, digests only at a
/// group's end. Packed records are not looked at. Fails: kInvalid.
Status check_entry(const Entry& entry);

/// The same for one secret. Fails: kInvalid.
Status check_secret(const SecretInfo& secret);

/// The same for one setting; what it means is not looked at. Fails: kInvalid.
Status check_setting(const Setting& setting);

}  // namespace tandem
