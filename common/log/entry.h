// A log entry as a plain value. codec.h turns it into octets and back; docs/formats/log.md is the
// grammar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "common/dns/name.h"
#include "common/log/position.h"
#include "common/log/rule_set.h"
#include "common/zone/changeset.h"
#include "common/zone/record_note.h"
#include "common/zone/serial.h"

namespace tandem {

constexpr std::size_t kMaxEntryOctets = std::size_t{1} << 20U;

struct Actor {
  std::string name;
  std::string credential;
  std::string source;
  std::string reason;

  friend bool operator==(const Actor&, const Actor&) = default;
};

struct ZoneOptions {
  SerialPolicy serial_policy = SerialPolicy::kIncrement;
  bool serve_after_expire = false;
  std::uint32_t rrset_records_max = 0;  // 0: the default
  bool zonemd = false;                  // the writer keeps a ZONEMD record at the apex (RFC 8976)

  friend bool operator==(const ZoneOptions&, const ZoneOptions&) = default;
};

/// Names an image: chunks stored under (zone id, content digest). See store/image.h.
struct ImageRef {
  Digest256 content_digest{};
  std::uint32_t chunk_count = 0;
  std::uint64_t record_count = 0;
  Serial serial = 0;

  friend bool operator==(const ImageRef&, const ImageRef&) = default;
};

struct ZoneCreate {
  Name name;
  ZoneOptions options;
  RuleSet rules = {};
};

struct ZoneDelete {
  Name name;
  ZoneOptions options;
  std::optional<ImageRef> last;
  RuleSet rules = {};
};

/// What was asked for, and what the server made of it; derived applies after authored.
struct RecordChange {
  Changeset authored;
  Changeset derived;
};

/// The whole content at once. Nothing before: the zone was empty; nothing after: it is again (the
/// undoing of a first content). Never both.
struct ZoneReplace {
  std::optional<ImageRef> before;
  std::optional<ImageRef> after;
};

struct ZoneOptionsChange {
  ZoneOptions before;
  ZoneOptions after;
};

/// Rules that say who may change the zone come and go. Each list ascends; no text is in both.
struct ZoneRulesChange {
  std::vector<std::string> removed;
  std::vector<std::string> added;
};

/// What is said about records comes and goes. Each list ascends by the records.
struct ZoneNotesChange {
  std::vector<RecordNote> removed;
  std::vector<RecordNote> added;

  [[nodiscard]] bool empty() const noexcept { return removed.empty() && added.empty(); }
};

/// What a log is told by name beside its zones. Numbers: of the kind of change (log.proto).
enum class SettingKind : std::uint8_t {
  kAddress = 12,    // that records follow: `home4` is `14.6.220.78`, `home6` is `2001:db8:1:2::/64`
  kSecondary = 13,  // an outside server that follows some zones
  kSource = 14,     // where a zone is taken from; by the zone's name
  kCatalog = 15,    // a catalog zone, made or followed; by its name
  kMember = 16,     // how a zone stands to catalogs; by the zone's name
  kFailover = 17,   // an alternative to a record set, with its health check
};

/// Empty: it is not there before, or not after.
struct SettingChange {
  SettingKind kind{};
  std::string name;
  std::string before;
  std::string after;
};

/// Everything about a secret but the secret.
struct SecretInfo {
  SecretId id;
  std::string purpose;
  std::string label;
  Octets salt;
  Digest256 salted_hash{};

  friend bool operator==(const SecretInfo&, const SecretInfo&) = default;
};

struct SecretNamed {
  SecretInfo secret;
};

struct SecretDropped {
  SecretInfo secret;
};

/// The first entry of an epoch.
struct EpochStart {
  ClusterId cluster;
};

using ChangeKind =
    std::variant<ZoneCreate, ZoneDelete, RecordChange, ZoneReplace, ZoneOptionsChange, SecretNamed,
                 SecretDropped, EpochStart, ZoneRulesChange, ZoneNotesChange, SettingChange>;

struct Change {
  ZoneId zone;
  ChangeKind kind;
};

struct ZoneDigest {
  ZoneId zone;
  Serial serial = 0;
  Digest256 content{};

  friend bool operator==(const ZoneDigest&, const ZoneDigest&) = default;
};

struct Entry {
  std::uint64_t sequence = 0;
  Epoch epoch;
  WallTime time;
  Actor actor;
  Octets request_id;
  std::vector<Change> changes;
  bool group_end = false;
  std::vector<ZoneDigest> zone_digests;  // only at a group's end
};

/// The part of a log's state that is not records of zones: what the image of zone id 0 holds.
struct ZoneState {
  ZoneId id;
  Name name;
  ZoneOptions options;
  bool has_content = false;
  RuleSet rules = {};
  NoteSet notes = {};

  friend bool operator==(const ZoneState&, const ZoneState&) = default;
};

struct Setting {
  SettingKind kind{};
  std::string name;
  std::string value;

  friend auto operator<=>(const Setting&, const Setting&) = default;
};

struct LogState {
  std::vector<ZoneState> zones;     // ascending by id
  std::vector<SecretInfo> secrets;  // ascending by id
  std::vector<Setting> settings;    // ascending by kind and name

  friend bool operator==(const LogState&, const LogState&) = default;
};

}  // namespace tandem
