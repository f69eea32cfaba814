// An alternative to a record set: what is answered in its place while a health check fails. As the
// log has it (a setting, by zone, owner and type), from and to text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/dns/rr_set.h"
#include "common/log/entry.h"
#include "common/net/health_prober.h"
#include "common/node/health_check.h"
#include "common/replication/frames.h"

namespace tandem {

/// How a verdict shows: in what the nodes of the cluster answer, the zone being what it was, or as
/// changes of the zone, which outside secondaries see.
enum class FailoverMode : std::uint8_t { kAnswers, kChanges };

/// The set that has an alternative.
struct FailoverKey {
  Name zone;
  Name owner;
  RrType type{};

  /// `ZONE OWNER TYPE`, names whole and in lower case: the setting's name.
  [[nodiscard]] std::string to_text() const;
  /// As to_text() writes it. Fails: kInvalid.
  static Result<FailoverKey> from_text(std::string_view text);
};

struct FailoverSetting {
  HealthTarget target;
  HealthPace pace;
  FailoverMode mode = FailoverMode::kAnswers;
  RrSet alternative;          // complete, with its owner and type
  std::optional<RrSet> base;  // of changes: what comes back; nothing: it is there

  /// Words with spaces between, those of a value percent-encoded (space, %): `check:TARGET`,
  /// `host:NAME`, `status:N`, `text:TEXT`, `every:SECONDS` (1 to 3600), `fall:N`, `rise:N` (1 to
  /// 100), `mode:answers|changes`, `ttl:SECONDS` (without: 60), `alternative:DATA`, and for the
  /// base `base-ttl:` and `base:`. Names in data are whole. Fails: kInvalid, naming the word.
  static Result<FailoverSetting> from_text(const FailoverKey& key, std::string_view text);
  /// As from_text() reads it; every word that counts is in it.
  [[nodiscard]] std::string to_text() const;
};

/// A value as the words of a setting have it.
[[nodiscard]] std::string encoded_word(std::string_view text);

/// A setting of the log's, read.
struct Failover {
  FailoverKey key;
  FailoverSetting setting;
  CheckId check{};  // the same for the same set, target and pace

  /// Fails: kInvalid.
  static Result<Failover> from(const std::string& name, const std::string& value);
};

/// `answers`, `changes`.
[[nodiscard]] std::string_view to_text(FailoverMode mode) noexcept;

}  // namespace tandem
