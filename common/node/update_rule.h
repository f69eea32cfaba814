// Who may change what by updates: rules that say who (a TSIG key, an address, both), which names
// and which types. What no rule allows is refused.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/dns/name.h"
#include "common/dns/types.h"
#include "common/dns/update_message.h"
#include "common/net/address.h"
#include "common/net/address_prefix.h"
#include "common/node/change.h"
#include "common/node/zone_policy.h"

namespace tandem {

/// Who asks: what its signature proved, and where it came from.
struct Credential {
  std::optional<Name> key;
  SocketAddress from;
  bool is_forwarded = false;  // by another node, which says where it came from: rules by address
                              // alone do not count

  /// For people: `key certbot. from 192.0.2.1:4711`.
  [[nodiscard]] std::string to_text() const;
};

/// A name of a rule, or of what it is asked about: what ends with `origin` is whole without its
/// final dot too, anything else without one is in `origin`. Fails: kInvalid.
Result<Name> name_in_rule(std::string_view text, NameView origin);

/// Which names a rule is about.
struct NamePattern {
  enum class Kind : std::uint8_t {
    kExact,    // `www.example.com`
    kBelow,    // `*.example.com`: every name below it
    kSubtree,  // `**.example.com`: the name itself too
    kLeading,  // `_acme-challenge.*`: these labels in front of whatever follows
  };

  Kind kind = Kind::kExact;
  Name name;  // of kLeading: the labels in front

  /// Fails: kInvalid with the forms that are expected.
  static Result<NamePattern> from_text(std::string_view text, NameView origin = {});
  [[nodiscard]] std::string to_text() const;
  [[nodiscard]] bool matches(NameView owner) const noexcept;
};

struct UpdateRule {
  std::optional<Name> key;             // absent: no signature is asked for
  std::vector<AddressPrefix> sources;  // none: from anywhere
  std::vector<NamePattern> names;      // none: all names of the zone
  std::vector<RrType> types;           // none: all types
  Wait wait{Wait::Nodes::kSecondary};  // of what it allows
  std::uint32_t expire = 0;            // seconds after which what was added goes; 0: never

  /// Words with spaces between: `key:NAME`, `from:CIDR` or just `CIDR`, `name:PATTERN`,
  /// `type:TYPE`, which but for the first may be there several times, `wait:none`, and
  /// `expire:TIME` such as `expire:1d`. A key or an address there has to be. Patterns without a
  /// final dot that do not end with `origin` are completed with it. Fails: kInvalid, naming the
  /// word.
  static Result<UpdateRule> from_text(std::string_view text, NameView origin = {});
  /// As from_text() reads it.
  [[nodiscard]] std::string to_text() const;

  [[nodiscard]] bool is_for(const Credential& who) const noexcept;
  /// A step that concerns all types of a name needs a rule for all types.
  [[nodiscard]] bool allows(NameView owner, RrType type) const noexcept;
};

/// `--allow-update`: `CIDR` or `key:NAME`, or a whole rule.
Result<UpdateRule> update_rule_from_text(std::string_view text);

/// The rules that count for a zone, together.
struct UpdateRules {
  std::span<const UpdateRule> configuration;  // of this node, for all zones
  std::span<const UpdateRule> log;            // the zone's own
};

enum class RuleSource : std::uint8_t { kConfiguration, kLog };

/// `configuration` or `log`.
[[nodiscard]] std::string_view to_text(RuleSource source) noexcept;

/// What the rules say of a whole update.
struct UpdateDecision {
  bool is_allowed = false;
  const UpdateRule* rule = nullptr;                // that allows the last step; null: none decided
  std::string reason;                              // of a refusal: what no rule allows
  RuleSource source = RuleSource::kConfiguration;  // of `rule`
};

/// Every step has to be allowed by some rule for `who`; without a rule for `who` nothing is, not
/// even a message of prerequisites alone, which asks what is in the zone. Of several rules that
/// allow a step the first counts, the configuration's before the log's.
[[nodiscard]] UpdateDecision decide(const UpdateRules& rules, const Credential& who,
                                    const UpdateMessage& update);

}  // namespace tandem
