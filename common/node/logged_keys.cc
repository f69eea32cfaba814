#include "common/node/logged_keys.h"

#include <set>
#include <utility>

#include "common/node/key_label.h"

namespace tandem {

void LoggedKeys::follow(const SecretDifference& secrets) {
  const bool was_unread = !unread_.empty();
  std::set<std::string> placed;  // names whose old key is gone by that alone
  for (const SecretInfo& secret : secrets.named) {
    if (secret.purpose != kKeyPurpose) {
      continue;
    }
    auto key = read(secret);
    if (!key) {
      unread_[secret.id] = std::move(key).error().detail;
      continue;
    }
    if (!secrets.dropped.empty()) {
      placed.insert(key->name.to_text());
    }
    keys_.put(*std::move(key));
  }
  for (const SecretInfo& secret : secrets.dropped) {
    const auto label = key_label_from(secret.label);
    if (secret.purpose == kKeyPurpose && label && !placed.contains(label->name.to_text())) {
      keys_.erase(label->name);
    }
    unread_.erase(secret.id);
  }
  if (was_unread || !unread_.empty()) {
    show_unread();
  }
}

Result<TsigKey> LoggedKeys::read(const SecretInfo& secret) const {
  const auto label = key_label_from(secret.label);
  if (!label) {
    return fail(Errc::kRefused, "{}: this version does not know that algorithm", secret.label);
  }
  const auto opened = [&]() -> Result<Octets> {
    const std::optional<Octets> sealed = TRY(store_.get(Family::kSecret, secret.id.octets));
    return sealed ? sealer_.open(*sealed, secret.id.to_text())
                  : fail(Errc::kCorrupt, "its secret is not in the store");
  }();
  if (!opened) {
    return in_context(secret.label, opened.error());
  }
  return TsigKey{label->name, label->algorithm, *opened};
}

void LoggedKeys::show_unread() {
  alarms_.set("keys", unread_.empty()
                          ? std::string()
                          : fmt::format("{} of the TSIG keys in the log cannot be used here: {}",
                                        unread_.size(), unread_.begin()->second));
}

}  // namespace tandem
