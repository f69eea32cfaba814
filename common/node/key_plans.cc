#include "common/node/key_plans.h"

#include <algorithm>
#include <utility>

#include "common/base/random.h"
#include "common/crypto/digest.h"
#include "common/node/key_label.h"

namespace tandem {
namespace {

constexpr std::size_t kSaltOctets = 16;
constexpr std::size_t kMaxTextOctets = 255;  // as the log has it

SecretChange secret_change(const TsigKey& key) {
  SecretChange change;
  change.info.id = SecretId{random_array<16>()};
  change.info.purpose = kKeyPurpose;
  change.info.label = label_of({key.name, key.algorithm});
  change.info.salt.resize(kSaltOctets);
  random_octets(change.info.salt);
  change.info.salted_hash = sha256(change.info.salt, key.secret);
  change.secret = key.secret;
  return change;
}

/// A key that is to be there, as the log would name it.
struct WantedKey {
  Name name;
  SecretChange secret;
  std::vector<std::string> warnings;
};

WantedKey wanted(const TsigKey& key) {
  WantedKey out{key.name, secret_change(key), {}};
  if (is_weak(key.algorithm)) {
    out.warnings.push_back(fmt::format("{}: {} is weak, hmac-sha256 is what to use",
                                       key.name.to_text(), to_text(key.algorithm)));
  }
  if (key.secret.size() < min_mac_octets(key.algorithm.hash)) {
    out.warnings.push_back(fmt::format("{}: the secret is short, {} octets; {} is what to use",
                                       key.name.to_text(), key.secret.size(),
                                       hash_octets(key.algorithm.hash)));
  }
  return out;
}

bool is_same(const SecretInfo& there, const SecretChange& wanted) {
  return there.label == wanted.info.label && sha256(there.salt, wanted.secret) == there.salted_hash;
}

std::vector<SecretInfo> keys_named(const TableDraft& zones, const Name& name) {
  return zones.secrets(kKeyPurpose, label_beginning(name));
}

void drop(const std::vector<SecretInfo>& keys, Plan& plan) {
  for (const SecretInfo& key : keys) {
    plan.changes.emplace_back(Change{ZoneId{}, SecretDropped{key}});
  }
}

}  // namespace

Status check_key(const TsigKey& key) {
  TRYV(check_key_name(key.name));
  if (const std::size_t octets = label_of({key.name, key.algorithm}).size();
      octets > kMaxTextOctets) {
    return fail(Errc::kInvalid, "the key's name is too long by {} letters: {}",
                octets - kMaxTextOctets, key.name.to_text());
  }
  if (key.secret.empty() || key.secret.size() > kMaxKeyOctets) {
    return fail(Errc::kInvalid, "the key {} has a secret of {} octets, 1 to {} are possible",
                key.name.to_text(), key.secret.size(), kMaxKeyOctets);
  }
  return {};
}

Planner plan_key_create(const TsigKey& key) {
  return [key = wanted(key)](const TableDraft& zones) -> Result<Plan> {
    if (!keys_named(zones, key.name).empty()) {
      return fail(Errc::kExists, "the key {} exists already", key.name.to_text());
    }
    return Plan{{key.secret}, {}, key.warnings};
  };
}

Planner plan_key_import(const std::vector<TsigKey>& keys, IfOther if_other) {
  std::vector<WantedKey> all;
  all.reserve(keys.size());
  std::ranges::transform(keys, std::back_inserter(all), wanted);
  return [all = std::move(all), if_other](const TableDraft& zones) -> Result<Plan> {
    Plan plan;
    for (const WantedKey& key : all) {
      const std::vector<SecretInfo> there = keys_named(zones, key.name);
      if (there.size() == 1 && is_same(there.front(), key.secret)) {
        continue;
      }
      if (!there.empty() && if_other == IfOther::kRefuse) {
        return fail(Errc::kExists, "the key {} is there with another {}; nothing was changed",
                    key.name.to_text(),
                    there.front().label == key.secret.info.label ? "secret" : "algorithm");
      }
      drop(there, plan);
      plan.changes.emplace_back(key.secret);
      plan.warnings.insert(plan.warnings.end(), key.warnings.begin(), key.warnings.end());
    }
    return plan;
  };
}

Planner plan_key_delete(const Name& name) {
  return [name](const TableDraft& zones) -> Result<Plan> {
    const std::vector<SecretInfo> there = keys_named(zones, name);
    if (there.empty()) {
      return fail(Errc::kNotFound, "there is no key {}", name.to_text());
    }
    Plan plan;
    drop(there, plan);
    return plan;
  };
}

}  // namespace tandem
