#include "common/log/entry_check.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "common/base/text.h"

namespace tandem {
namespace {

constexpr std::int64_t kLastMicrosecond = 253'402'300'799'999'999;  // of the year 9999

Status check_text(std::string_view what, std::string_view text, std::size_t most) {
  if (text.size() > most) {
    return fail(Errc::kInvalid, "{} has {} octets, at most {} are kept", what, text.size(), most);
  }
  if (!is_utf8(text)) {
    return fail(Errc::kInvalid, "{} is not UTF-8", what);
  }
  return {};
}

Status check_actor(const Actor& actor) {
  TRYV(check_text("the actor's name", actor.name, kMaxActorText));
  TRYV(check_text("the actor's credential", actor.credential, kMaxActorText));
  TRYV(check_text("the actor's source", actor.source, kMaxActorText));
  return check_text("the actor's reason", actor.reason, kMaxActorText);
}

Status check_image(const std::optional<ImageRef>& image) {
  if (image && (image->chunk_count == 0 || image->record_count == 0)) {
    return fail(Errc::kInvalid, "an image of a zone has at least one chunk and one record");
  }
  return {};
}

/// Zone id 0 is the state of the cluster: secrets, epochs and settings are its, everything
/// else is of a zone.
bool is_of_cluster(const ChangeKind& kind) noexcept {
  return std::holds_alternative<SecretNamed>(kind) || std::holds_alternative<SecretDropped>(kind) ||
         std::holds_alternative<EpochStart>(kind) || std::holds_alternative<SettingChange>(kind);
}

Status check_rules(const ZoneRulesChange& change) {
  if (change.removed.empty() && change.added.empty()) {
    return fail(Errc::kInvalid, "the change adds no rule and removes none");
  }
  TRYV(RuleSet::from(change.removed));
  const RuleSet added = TRY(RuleSet::from(change.added));
  const auto is_added = [&](const std::string& text) { return added.contains(text); };
  if (std::ranges::any_of(change.removed, is_added)) {
    return fail(Errc::kInvalid, "the change adds a rule that it removes");
  }
  return {};
}

Status check_notes(const ZoneNotesChange& change) {
  if (change.removed.empty() && change.added.empty()) {
    return fail(Errc::kInvalid, "the change adds no note and removes none");
  }
  TRYV(NoteSet::from(change.removed));
  TRYV(NoteSet::from(change.added));
  return {};
}

Status check_setting_change(const SettingChange& change) {
  if (change.before == change.after) {
    return fail(Errc::kInvalid, "the change leaves the setting as it is");
  }
  for (const std::string& value : {change.before, change.after}) {
    if (!value.empty()) {
      TRYV(check_setting({change.kind, change.name, value}));
    }
  }
  return {};
}

Status check_change(const Change& change) {
  if (change.zone.is_zero() != is_of_cluster(change.kind)) {
    return fail(Errc::kInvalid, "the change names zone id {} where {} is meant",
                change.zone.to_text(), change.zone.is_zero() ? "a zone" : "the cluster's state");
  }
  if (const auto* deleted = std::get_if<ZoneDelete>(&change.kind)) {
    return check_image(deleted->last);
  }
  if (const auto* replaced = std::get_if<ZoneReplace>(&change.kind)) {
    if (!replaced->before && !replaced->after) {
      return fail(Errc::kInvalid, "the change replaces nothing by nothing");
    }
    TRYV(check_image(replaced->before));
    return check_image(replaced->after);
  }
  if (const auto* named = std::get_if<SecretNamed>(&change.kind)) {
    return check_secret(named->secret);
  }
  if (const auto* dropped = std::get_if<SecretDropped>(&change.kind)) {
    return check_secret(dropped->secret);
  }
  if (const auto* rules = std::get_if<ZoneRulesChange>(&change.kind)) {
    return check_rules(*rules);
  }
  if (const auto* notes = std::get_if<ZoneNotesChange>(&change.kind)) {
    return check_notes(*notes);
  }
  if (const auto* setting = std::get_if<SettingChange>(&change.kind)) {
    return check_setting_change(*setting);
  }
  return {};
}

Status check_digests(const Entry& entry) {
  if (!entry.group_end && !entry.zone_digests.empty()) {
    return fail(Errc::kInvalid, "the entry has zone digests but does not end its group");
  }
  std::vector<ZoneId> zones;
  zones.reserve(entry.zone_digests.size());
  for (const ZoneDigest& digest : entry.zone_digests) {
    zones.push_back(digest.zone);
  }
  std::ranges::sort(zones);
  if (std::ranges::adjacent_find(zones) != zones.end() ||
      (!zones.empty() && zones.front().is_zero())) {
    return fail(Errc::kInvalid, "the entry's zone digests name a zone twice, or none");
  }
  return {};
}

}  // namespace

Status check_setting(const Setting& setting) {
  const bool is_address = setting.kind == SettingKind::kAddress;
  if (is_address) {
    TRYV(check_address_name(setting.name));
  } else if (setting.name.empty() || setting.name.size() > kMaxSettingName ||
             !is_printable(setting.name)) {
    return fail(Errc::kInvalid, "the name of a setting is not 1 to {} printable octets",
                kMaxSettingName);
  }
  const std::size_t most = is_address ? kMaxAddressValue : kMaxSettingValue;
  if (setting.value.empty() || setting.value.size() > most || !is_printable(setting.value)) {
    return fail(Errc::kInvalid, "the value of {} is not 1 to {} printable octets", setting.name,
                most);
  }
  return {};
}

Status check_secret(const SecretInfo& secret) {
  if (secret.salt.size() > kMaxSaltOctets) {
    return fail(Errc::kInvalid, "a secret's salt has at most {} octets", kMaxSaltOctets);
  }
  TRYV(check_text("a secret's purpose", secret.purpose, kMaxSecretText));
  return check_text("a secret's label", secret.label, kMaxSecretText);
}

Status check_entry(const Entry& entry) {
  const std::int64_t time = entry.time.time_since_epoch().count();
  if (entry.sequence == 0) {
    return fail(Errc::kInvalid, "an entry's sequence starts at 1");
  }
  if (time < 0 || time > kLastMicrosecond) {
    return fail(Errc::kInvalid, "the entry's time is {} us since 1970: outside of 1970 to 9999",
                time);
  }
  if (entry.request_id.size() > kMaxRequestId) {
    return fail(Errc::kInvalid, "a request id has at most {} octets", kMaxRequestId);
  }
  if (entry.changes.size() > kMaxChangesPerEntry) {
    return fail(Errc::kInvalid, "the entry has {} changes, at most {} are taken",
                entry.changes.size(), kMaxChangesPerEntry);
  }
  TRYV(check_actor(entry.actor));
  for (const Change& change : entry.changes) {
    TRYV(check_change(change));
  }
  return check_digests(entry);
}

}  // namespace tandem
