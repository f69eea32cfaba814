// The zones of one log with everything the control plane knows of them, and the draft in which
// changes are tried before they are durable.
//
// Thread rule: any thread reads. One at a time (the log's writer or replica) applies changes to a
// draft. Whoever commits one, the keeper too for what it compacted, or replaces all, holds the
// change_mutex_ of ReplicatedLog.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/dns/stored_name.h"
#include "common/log/content_digest.h"
#include "common/log/entry.h"
#include "common/node/secret_table.h"
#include "common/node/zone_policy.h"
#include "common/zone/zone.h"
#include "common/zone/zone_builder.h"

namespace tandem {

[[nodiscard]] ZoneLimits limits_of(const ZoneOptions& options) noexcept;

/// One zone as of one position. Immutable once it is in the table.
struct ZoneRecord {
  ZoneId id;
  StoredName name;
  ZoneOptions options;
  ZonePtr zone;  // null: created, no content yet
  ContentDigest digest;
  std::uint64_t sequence = 0;  // end of the group that changed it last
  ZonePolicy policy = {};
  NoteSet notes = {};
  bool is_catalog = false;  // the log's settings say so; only in the table

  [[nodiscard]] ZoneLimits limits() const noexcept { return limits_of(options); }
};

using ZoneRecordPtr = std::shared_ptr<const ZoneRecord>;

/// Settings of one kind, by name.
using SettingBook = std::map<std::string, std::string, std::less<>>;
using AddressBook = SettingBook;
/// No empty books.
using Settings = std::map<SettingKind, SettingBook>;

/// Null: there are none of that kind.
[[nodiscard]] const SettingBook* find_book(const Settings& settings, SettingKind kind) noexcept;
/// The name that what is set for a zone has.
[[nodiscard]] std::string setting_name(NameView zone);
/// Empty: there is none of that name. `book` may be null.
[[nodiscard]] std::string setting_in(const SettingBook* book, std::string_view name);
[[nodiscard]] Settings settings_of(const std::vector<Setting>& list);

class ZoneTable {
 public:
  explicit ZoneTable(LogId log) : log_(log) {}

  [[nodiscard]] LogId log() const noexcept { return log_; }

  [[nodiscard]] ZoneRecordPtr find(const ZoneId& id) const;
  [[nodiscard]] ZoneRecordPtr find(NameView name) const;
  /// All zones in canonical order of their names.
  [[nodiscard]] std::vector<ZoneRecordPtr> all() const;
  /// Ascending by id.
  [[nodiscard]] std::vector<SecretInfo> secrets() const;
  /// Those for `purpose` whose label begins with `beginning`, ascending by label.
  [[nodiscard]] std::vector<SecretInfo> secrets(std::string_view purpose,
                                                std::string_view beginning) const;
  [[nodiscard]] bool names(const SecretId& secret) const;
  [[nodiscard]] SettingBook settings(SettingKind kind) const;
  /// The value of one; empty: there is none.
  [[nodiscard]] std::string setting(SettingKind kind, std::string_view name) const;
  [[nodiscard]] std::size_t setting_count(SettingKind kind) const;
  /// Another number than before when any setting of the kind may have changed.
  [[nodiscard]] std::uint64_t settings_revision(SettingKind kind) const;

  [[nodiscard]] AddressBook addresses() const { return settings(SettingKind::kAddress); }

  /// Those that have notes, ascending by id.
  [[nodiscard]] std::vector<ZoneRecordPtr> noted() const;
  /// Zones with records whose time is up at `now`, in seconds since 1970: `most` of them, those
  /// first that are due longest.
  [[nodiscard]] std::vector<ZoneId> with_expired(std::int64_t now, std::size_t most) const;

  /// Everything at one position.
  struct Snapshot {
    Position position;
    std::vector<ZoneRecordPtr> zones;  // ascending by id
    std::vector<SecretInfo> secrets;   // ascending by id
    Settings settings;

    [[nodiscard]] LogState state() const;
  };

  [[nodiscard]] Snapshot snapshot() const;
  [[nodiscard]] Position position() const;

  struct Difference {
    ZoneRecordPtr before;  // null: new
    ZoneRecordPtr after;   // null: deleted
  };

  /// Takes over another state as a whole: a follower that got images, a node that starts. Returns
  /// what changed.
  std::vector<Difference> replace_all(const Snapshot& next);

  /// Puts the same content in another form in the place of a zone's. Requires: it is there.
  Difference reform(const ZoneId& id, ZonePtr same);

 private:
  friend class TableDraft;

  /// Whether a zone of the name is a catalog zone. Requires: mutex_.
  [[nodiscard]] bool is_catalog(NameView zone) const;
  /// Of the zone's notes. Requires: mutex_.
  void forget_notes(const ZoneRecord& record);
  void note_notes(const ZoneRecord& record);

  LogId log_;
  mutable std::mutex mutex_;
  std::map<ZoneId, ZoneRecordPtr> by_id_;
  std::unordered_map<StoredName, ZoneId, NameHash, NameEqual> by_name_;
  std::set<ZoneId> noted_;                              // zones with notes
  std::set<std::pair<std::int64_t, ZoneId>> expiring_;  // by NoteSet::next_expiry()
  std::size_t note_octets_ = 0;                         // NoteSet::octets() of all
  SecretTable secrets_;
  Settings settings_;
  std::map<SettingKind, std::uint64_t> settings_revisions_;  // changes that were committed
  std::uint64_t replacements_ = 0;                           // of everything
  Position position_;
};

/// Gives the content that an image reference names.
using ImageSource = std::function<Result<ZonePtr>(const ZoneRecord& record, const ImageRef& image)>;

/// What the table will be after some changes. Nothing of it shows until commit().
class TableDraft {
 public:
  TableDraft(ZoneTable& table, ImageSource images) : table_(table), images_(std::move(images)) {}

  [[nodiscard]] ZoneRecordPtr find(const ZoneId& id) const;
  [[nodiscard]] ZoneRecordPtr find(NameView name) const;
  /// As ZoneTable::secrets().
  [[nodiscard]] std::vector<SecretInfo> secrets(std::string_view purpose,
                                                std::string_view beginning) const;
  [[nodiscard]] SettingBook settings(SettingKind kind) const;
  /// As ZoneTable::setting().
  [[nodiscard]] std::string setting(SettingKind kind, std::string_view name) const;
  [[nodiscard]] std::size_t setting_count(SettingKind kind) const;

  [[nodiscard]] AddressBook addresses() const { return settings(SettingKind::kAddress); }

  /// All zones, ascending by id.
  [[nodiscard]] std::vector<ZoneRecordPtr> all() const;
  /// As ZoneTable::noted().
  [[nodiscard]] std::vector<ZoneRecordPtr> noted() const;
  /// NoteSet::octets() of all zones together.
  [[nodiscard]] std::size_t note_octets() const;

  /// Applies one change as the log has it. Fails: kConflict when it does not fit, kInvalid when the
  /// zone would not be valid; the draft is then to be rolled back.
  Status apply(const Change& change);

  /// Gives a zone its content directly: for images (their content is known already) and for the
  /// first load.
  Status set_content(const ZoneId& id, ZonePtr content, ContentDigest digest);

  using Savepoint = std::size_t;

  [[nodiscard]] Savepoint savepoint() const noexcept { return undo_.size(); }

  void rollback(Savepoint to);

  /// Ids of the zones that differ from the table, deleted ones included.
  [[nodiscard]] std::vector<ZoneId> touched() const;
  /// Digests of the touched zones that have content.
  [[nodiscard]] std::vector<ZoneDigest> digests() const;
  /// How the secrets it names differ from the table's.
  [[nodiscard]] SecretDifference secret_difference() const;

  /// Makes the draft the table as of `position`, and the draft empty. Returns what changed.
  std::vector<ZoneTable::Difference> commit(const Position& position);

 private:
  /// What the draft says of one secret; nothing: it is dropped.
  using SecretWord = std::optional<SecretInfo>;

  /// Nothing `before`: the draft did not say anything.
  struct ZoneUndo {
    ZoneId id;
    std::optional<ZoneRecordPtr> before;
  };

  struct SecretUndo {
    SecretId id;
    std::optional<SecretWord> before;
  };

  /// Nothing `before`: the draft did not say anything.
  struct SettingUndo {
    SettingKind kind{};
    std::string name;
    std::optional<std::string> before;
  };

  using Undo = std::variant<ZoneUndo, SecretUndo, SettingUndo>;

  Status apply_to(const ZoneId& id, const ZoneCreate& create);
  Status apply_to(const ZoneId& id, const ZoneDelete& gone);
  Status apply_to(const ZoneId& id, const RecordChange& change);
  Status apply_to(const ZoneId& id, const ZoneReplace& replace);
  Status apply_to(const ZoneId& id, const ZoneOptionsChange& change);
  Status apply_to(const ZoneId& id, const ZoneRulesChange& change);
  Status apply_to(const ZoneId& id, const ZoneNotesChange& change);
  Status apply_to(const ZoneId& id, const SettingChange& change);
  Status apply_to(const ZoneId& id, const SecretNamed& named);
  Status apply_to(const ZoneId& id, const SecretDropped& dropped);
  Status apply_to(const ZoneId& id, const EpochStart& start);
  Result<ZoneRecord> copy_of(const ZoneId& id) const;
  void put(const ZoneId& id, ZoneRecordPtr record);
  void put_secret(const SecretId& id, SecretWord secret);
  void commit_settings();
  void undo(ZoneUndo undo);
  void undo(SecretUndo undo);
  void undo(SettingUndo undo);

  ZoneTable& table_;
  ImageSource images_;
  std::map<ZoneId, ZoneRecordPtr> changed_;  // null: deleted
  std::map<SecretId, SecretWord> secrets_;
  Settings settings_;  // those that differ; an empty value: it is gone
  std::vector<Undo> undo_;
};

}  // namespace tandem
