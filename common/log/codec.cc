#include "common/log/codec.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/crypto/digest.h"
#include "common/log/codec_fields.h"
#include "common/log/codec_notes.h"
#include "common/log/codec_settings.h"
#include "common/log/entry_check.h"
#include "common/zone/rr_pack.h"
#include "proto/tandem/v1/log.pb.h"

namespace tandem {
namespace {

Result<Name> name_from(std::string_view wire) {
  auto name = Name::from_wire(as_octets(wire));
  if (!name) {
    return fail(Errc::kCorrupt, "a zone's name: {}", name.error().detail);
  }
  return *std::move(name);
}

Result<Epoch> epoch_from(const v1::Epoch& m) {
  TRYV(only_known_fields(m));
  return Epoch{m.number(), TRY(id_from<NodeId>("a leader's id", m.leader()))};
}

Result<Actor> actor_from(const v1::Actor& m) {
  TRYV(only_known_fields(m));
  return Actor{m.name(), m.credential(), m.source(), m.reason()};
}

Result<ZoneOptions> options_from(const v1::ZoneOptions& m) {
  TRYV(only_known_fields(m));
  if (m.serial_policy() > static_cast<std::uint32_t>(SerialPolicy::kDate)) {
    return fail(Errc::kRefused,
                "the log has serial policy {}, which is of a later version: upgrade this node",
                m.serial_policy());
  }
  return ZoneOptions{static_cast<SerialPolicy>(m.serial_policy()), m.serve_after_expire(),
                     m.rrset_records_max(), m.zonemd()};
}

using Texts = google::protobuf::RepeatedPtrField<std::string>;

Result<RuleSet> rules_from(const Texts& texts) {
  auto rules = RuleSet::from({texts.begin(), texts.end()});
  if (!rules) {
    return fail(Errc::kCorrupt, "a zone's rules: {}", rules.error().detail);
  }
  return *std::move(rules);
}

Result<ImageRef> image_from(const v1::ImageRef& m) {
  TRYV(only_known_fields(m));
  return ImageRef{TRY((fixed<32>("an image's digest", m.content_digest()))), m.chunk_count(),
                  m.record_count(), m.serial()};
}

/// Records of a change: which zone they are of is not known here, ZoneEditor holds them to it.
Result<Octets> records_from(std::string_view packed) {
  TRYV(validate_packed(as_octets(packed), NameView()));
  return to_octets(as_octets(packed));
}

template <class Message>
Result<SecretInfo> secret_from(const Message& m) {
  TRYV(only_known_fields(m));
  SecretInfo secret{TRY(id_from<SecretId>("a secret's id", m.secret_id())), m.purpose(), m.label(),
                    to_octets(as_octets(m.salt())),
                    TRY((fixed<32>("a secret's hash", m.salted_hash())))};
  return secret;
}

std::unexpected<Error> missing(std::string_view what) {
  return fail(Errc::kCorrupt, "the entry has no {}", what);
}

Result<ChangeKind> create_from(const v1::ZoneCreate& m) {
  TRYV(only_known_fields(m));
  if (!m.has_options()) {
    return missing("options of the zone");
  }
  return ZoneCreate{TRY(name_from(m.name())), TRY(options_from(m.options())),
                    TRY(rules_from(m.rules()))};
}

Result<ChangeKind> delete_from(const v1::ZoneDelete& m) {
  TRYV(only_known_fields(m));
  if (!m.has_options()) {
    return missing("options of the zone");
  }
  ZoneDelete out{TRY(name_from(m.name())), TRY(options_from(m.options())), std::nullopt,
                 TRY(rules_from(m.rules()))};
  if (m.has_last()) {
    out.last = TRY(image_from(m.last()));
  }
  return out;
}

Result<ChangeKind> records_change_from(const v1::RecordChange& m) {
  TRYV(only_known_fields(m));
  return RecordChange{.authored = {.removed = TRY(records_from(m.authored_removed())),
                                   .added = TRY(records_from(m.authored_added()))},
                      .derived = {.removed = TRY(records_from(m.derived_removed())),
                                  .added = TRY(records_from(m.derived_added()))}};
}

Result<ChangeKind> replace_from(const v1::ZoneReplace& m) {
  TRYV(only_known_fields(m));
  ZoneReplace out;
  if (m.has_before()) {
    out.before = TRY(image_from(m.before()));
  }
  if (m.has_after()) {
    out.after = TRY(image_from(m.after()));
  }
  return out;
}

Result<ChangeKind> options_change_from(const v1::ZoneOptionsChange& m) {
  TRYV(only_known_fields(m));
  if (!m.has_before() || !m.has_after()) {
    return missing("options of the zone");
  }
  return ZoneOptionsChange{TRY(options_from(m.before())), TRY(options_from(m.after()))};
}

Result<ChangeKind> epoch_start_from(const v1::EpochStart& m) {
  TRYV(only_known_fields(m));
  return EpochStart{TRY(id_from<ClusterId>("a cluster's id", m.cluster_id()))};
}

Result<ChangeKind> rules_change_from(const v1::ZoneRulesChange& m) {
  TRYV(only_known_fields(m));
  return ZoneRulesChange{{m.removed().begin(), m.removed().end()},
                         {m.added().begin(), m.added().end()}};
}

Result<ChangeKind> kind_from(const v1::Change& m) {
  switch (m.kind_case()) {
    case v1::Change::kZoneCreate:
      return create_from(m.zone_create());
    case v1::Change::kZoneDelete:
      return delete_from(m.zone_delete());
    case v1::Change::kRecordChange:
      return records_change_from(m.record_change());
    case v1::Change::kZoneReplace:
      return replace_from(m.zone_replace());
    case v1::Change::kZoneOptionsChange:
      return options_change_from(m.zone_options_change());
    case v1::Change::kSecretNamed:
      return SecretNamed{TRY(secret_from(m.secret_named()))};
    case v1::Change::kSecretDropped:
      return SecretDropped{TRY(secret_from(m.secret_dropped()))};
    case v1::Change::kEpochStart:
      return epoch_start_from(m.epoch_start());
    case v1::Change::kZoneRulesChange:
      return rules_change_from(m.zone_rules_change());
    case v1::Change::kZoneNotesChange:
      return notes_change_from(m.zone_notes_change());
    case v1::Change::kAddressChange:
      return setting_change_from(SettingKind::kAddress, m.address_change());
    case v1::Change::kSecondaryChange:
      return setting_change_from(SettingKind::kSecondary, m.secondary_change());
    case v1::Change::kSourceChange:
      return setting_change_from(SettingKind::kSource, m.source_change());
    case v1::Change::kCatalogChange:
      return setting_change_from(SettingKind::kCatalog, m.catalog_change());
    case v1::Change::kMemberChange:
      return setting_change_from(SettingKind::kMember, m.member_change());
    case v1::Change::kFailoverChange:
      return setting_change_from(SettingKind::kFailover, m.failover_change());
    case v1::Change::KIND_NOT_SET:
      break;
  }
  return missing("kind of change");
}

Result<Change> change_from(const v1::Change& m) {
  TRYV(only_known_fields(m));
  return Change{TRY(id_from<ZoneId>("a zone's id", m.zone_id())), TRY(kind_from(m))};
}

Result<ZoneDigest> digest_from(const v1::ZoneDigest& m) {
  TRYV(only_known_fields(m));
  return ZoneDigest{TRY(id_from<ZoneId>("a zone's id", m.zone_id())), m.serial(),
                    TRY((fixed<32>("a zone's digest", m.content_digest())))};
}

Result<Entry> entry_from(const v1::Entry& m) {
  TRYV(only_known_fields(m));
  if (!m.has_epoch() || !m.has_actor()) {
    return missing(m.has_epoch() ? "actor" : "epoch");
  }
  if (static_cast<std::size_t>(m.changes_size()) > kMaxChangesPerEntry) {
    return fail(Errc::kCorrupt, "the entry has {} changes, at most {} are taken", m.changes_size(),
                kMaxChangesPerEntry);
  }
  Entry out;
  out.sequence = m.sequence();
  out.epoch = TRY(epoch_from(m.epoch()));
  const auto time = wall_time_from(m.time_us());
  if (!time) {
    return fail(Errc::kCorrupt, "the entry's time is before 1970 or after 9999");
  }
  out.time = *time;
  out.actor = TRY(actor_from(m.actor()));
  out.request_id = to_octets(as_octets(m.request_id()));
  out.changes.reserve(static_cast<std::size_t>(m.changes_size()));
  for (const v1::Change& change : m.changes()) {
    out.changes.push_back(TRY(change_from(change)));
  }
  out.group_end = m.group_end();
  out.zone_digests.reserve(static_cast<std::size_t>(m.zone_digests_size()));
  for (const v1::ZoneDigest& digest : m.zone_digests()) {
    out.zone_digests.push_back(TRY(digest_from(digest)));
  }
  return out;
}

Result<ZoneState> zone_state_from(const v1::ZoneState& m) {
  TRYV(only_known_fields(m));
  if (!m.has_options()) {
    return fail(Errc::kCorrupt, "a zone of the state has no options");
  }
  return ZoneState{TRY(id_from<ZoneId>("a zone's id", m.zone_id())),
                   TRY(name_from(m.name())),
                   TRY(options_from(m.options())),
                   m.has_content(),
                   TRY(rules_from(m.rules())),
                   TRY(notes_from(m))};
}

std::unexpected<Error> as_corrupt(Error error) {
  error.code = Errc::kCorrupt;
  return std::unexpected<Error>(std::move(error));
}

bool parse(google::protobuf::MessageLite& message, OctetSpan octets) {
  return message.ParseFromArray(octets.data(), static_cast<int>(octets.size()));
}

}  // namespace

Result<Entry> decode_entry(OctetSpan octets) {
  if (octets.size() > kMaxEntryOctets) {
    return fail(Errc::kCorrupt, "an entry of {} octets; {} is the most", octets.size(),
                kMaxEntryOctets);
  }
  v1::Entry m;
  if (!parse(m, octets)) {
    return fail(Errc::kCorrupt, "{} octets are no log entry", octets.size());
  }
  Entry entry = TRY(entry_from(m));
  if (auto valid = check_entry(entry); !valid) {
    return as_corrupt(std::move(valid).error());
  }
  return entry;
}

Digest256 extend_chain(const Digest256& before, OctetSpan entry_octets) {
  return sha256(before, entry_octets);
}

Result<LogState> decode_state(OctetSpan octets) {
  v1::LogState m;
  if (octets.size() > kMaxStateOctets || !parse(m, octets)) {
    return fail(Errc::kCorrupt, "{} octets are no state of a log", octets.size());
  }
  TRYV(only_known_fields(m));
  LogState state;
  for (const v1::ZoneState& zone : m.zones()) {
    state.zones.push_back(TRY(zone_state_from(zone)));
  }
  for (const v1::SecretNamed& secret : m.secrets()) {
    state.secrets.push_back(TRY(secret_from(secret)));
    if (auto valid = check_secret(state.secrets.back()); !valid) {
      return as_corrupt(std::move(valid).error());
    }
  }
  state.settings = TRY(settings_from(m));
  const auto not_ascending = [](const auto& a, const auto& b) { return a.id >= b.id; };
  if (std::ranges::adjacent_find(state.zones, not_ascending) != state.zones.end() ||
      std::ranges::adjacent_find(state.secrets, not_ascending) != state.secrets.end() ||
      (!state.zones.empty() && state.zones.front().id.is_zero())) {
    return fail(Errc::kCorrupt, "the zones or secrets of a state are not ascending by id");
  }
  return state;
}

std::vector<std::uint32_t> known_change_kinds() {
  const google::protobuf::OneofDescriptor& kinds =
      *v1::Change::descriptor()->FindOneofByName("kind");
  std::vector<std::uint32_t> out;
  out.reserve(static_cast<std::size_t>(kinds.field_count()));
  for (int i = 0; i < kinds.field_count(); ++i) {
    out.push_back(static_cast<std::uint32_t>(kinds.field(i)->number()));
  }
  return out;
}

}  // namespace tandem
