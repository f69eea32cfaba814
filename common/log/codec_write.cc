// The part of codec.h that makes octets: messages of log.proto from values.
#include <climits>
#include <span>
#include <string>

#include "common/base/check.h"
#include "common/log/codec.h"
#include "common/log/codec_notes.h"
#include "common/log/codec_settings.h"
#include "proto/tandem/v1/log.pb.h"

namespace tandem {
namespace {

std::string to_bytes(OctetSpan octets) {
  return std::string(as_text(octets));
}

void fill(v1::Epoch& to, const Epoch& from) {
  to.set_number(from.number);
  to.set_leader(to_bytes(from.leader.octets));
}

void fill(v1::Actor& to, const Actor& from) {
  to.set_name(from.name);
  to.set_credential(from.credential);
  to.set_source(from.source);
  to.set_reason(from.reason);
}

void fill(v1::ZoneOptions& to, const ZoneOptions& from) {
  to.set_serial_policy(static_cast<std::uint32_t>(from.serial_policy));
  to.set_serve_after_expire(from.serve_after_expire);
  to.set_rrset_records_max(from.rrset_records_max);
  to.set_zonemd(from.zonemd);
}

using Texts = google::protobuf::RepeatedPtrField<std::string>;

void fill(Texts& to, std::span<const std::string> from) {
  to.Add(from.begin(), from.end());
}

void fill(v1::ImageRef& to, const ImageRef& from) {
  to.set_content_digest(to_bytes(from.content_digest));
  to.set_chunk_count(from.chunk_count);
  to.set_record_count(from.record_count);
  to.set_serial(from.serial);
}

/// SecretNamed and SecretDropped have the same fields.
template <class Message>
void fill_secret(Message& to, const SecretInfo& from) {
  to.set_secret_id(to_bytes(from.id.octets));
  to.set_purpose(from.purpose);
  to.set_label(from.label);
  to.set_salt(to_bytes(from.salt));
  to.set_salted_hash(to_bytes(from.salted_hash));
}

struct FillChange {
  v1::Change& to;

  void operator()(const ZoneCreate& c) const {
    v1::ZoneCreate& m = *to.mutable_zone_create();
    m.set_name(to_bytes(c.name.wire()));
    fill(*m.mutable_options(), c.options);
    fill(*m.mutable_rules(), c.rules.texts());
  }

  void operator()(const ZoneDelete& c) const {
    v1::ZoneDelete& m = *to.mutable_zone_delete();
    m.set_name(to_bytes(c.name.wire()));
    fill(*m.mutable_options(), c.options);
    if (c.last) {
      fill(*m.mutable_last(), *c.last);
    }
    fill(*m.mutable_rules(), c.rules.texts());
  }

  void operator()(const RecordChange& c) const {
    v1::RecordChange& m = *to.mutable_record_change();
    m.set_authored_removed(to_bytes(c.authored.removed));
    m.set_authored_added(to_bytes(c.authored.added));
    m.set_derived_removed(to_bytes(c.derived.removed));
    m.set_derived_added(to_bytes(c.derived.added));
  }

  void operator()(const ZoneReplace& c) const {
    v1::ZoneReplace& m = *to.mutable_zone_replace();
    if (c.before) {
      fill(*m.mutable_before(), *c.before);
    }
    if (c.after) {
      fill(*m.mutable_after(), *c.after);
    }
  }

  void operator()(const ZoneOptionsChange& c) const {
    fill(*to.mutable_zone_options_change()->mutable_before(), c.before);
    fill(*to.mutable_zone_options_change()->mutable_after(), c.after);
  }

  void operator()(const SecretNamed& c) const { fill_secret(*to.mutable_secret_named(), c.secret); }

  void operator()(const SecretDropped& c) const {
    fill_secret(*to.mutable_secret_dropped(), c.secret);
  }

  void operator()(const EpochStart& c) const {
    to.mutable_epoch_start()->set_cluster_id(to_bytes(c.cluster.octets));
  }

  void operator()(const ZoneRulesChange& c) const {
    fill(*to.mutable_zone_rules_change()->mutable_removed(), c.removed);
    fill(*to.mutable_zone_rules_change()->mutable_added(), c.added);
  }

  void operator()(const ZoneNotesChange& c) const {
    tandem::fill(*to.mutable_zone_notes_change(), c);
  }

  void operator()(const SettingChange& c) const { tandem::fill(to, c); }
};

Octets serialize(const google::protobuf::MessageLite& message) {
  const std::size_t octets = message.ByteSizeLong();
  CHECK(octets <= INT_MAX);
  Octets out(octets);
  CHECK(message.SerializeToArray(out.data(), static_cast<int>(octets)));
  return out;
}

}  // namespace

Octets encode_entry(const Entry& entry) {
  v1::Entry m;
  m.set_sequence(entry.sequence);
  fill(*m.mutable_epoch(), entry.epoch);
  m.set_time_us(entry.time.time_since_epoch().count());
  fill(*m.mutable_actor(), entry.actor);
  m.set_request_id(to_bytes(entry.request_id));
  for (const Change& change : entry.changes) {
    v1::Change& to = *m.add_changes();
    to.set_zone_id(to_bytes(change.zone.octets));
    std::visit(FillChange{to}, change.kind);
  }
  m.set_group_end(entry.group_end);
  for (const ZoneDigest& digest : entry.zone_digests) {
    v1::ZoneDigest& to = *m.add_zone_digests();
    to.set_zone_id(to_bytes(digest.zone.octets));
    to.set_serial(digest.serial);
    to.set_content_digest(to_bytes(digest.content));
  }
  return serialize(m);
}

Octets encode_state(const LogState& state) {
  v1::LogState m;
  for (const ZoneState& zone : state.zones) {
    v1::ZoneState& to = *m.add_zones();
    to.set_zone_id(to_bytes(zone.id.octets));
    to.set_name(to_bytes(zone.name.wire()));
    fill(*to.mutable_options(), zone.options);
    to.set_has_content(zone.has_content);
    fill(*to.mutable_rules(), zone.rules.texts());
    tandem::fill(to, zone.notes);
  }
  tandem::fill(m, state.settings);
  for (const SecretInfo& secret : state.secrets) {
    fill_secret(*m.add_secrets(), secret);
  }
  return serialize(m);
}

}  // namespace tandem
