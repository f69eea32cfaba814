// A zone's records together with what is noted about them, while a change of both is worked out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "common/node/change.h"
#include "common/node/zone_edit.h"
#include "common/node/zone_table.h"

namespace tandem {

/// What an edit says about its records beside their data; what is absent stays as it is.
struct NoteEdit {
  std::optional<std::string> comment;   // empty: none any more
  std::optional<std::int64_t> expires;  // seconds since 1970; 0: never
  std::optional<bool> disabled;

  [[nodiscard]] bool is_empty() const noexcept { return !comment && !expires && !disabled; }
};

/// The records of one owner and type, those that are disabled too.
class NotedSet {
 public:
  NotedSet(const NoteSet& notes, NameView owner, RrType type, EditedSet& records);

  /// Adds the record, or takes it as it is. Disabled ones come back unless `note` says otherwise.
  /// `use`: what it follows besides what it followed before; empty: nothing.
  void add(OctetSpan rdata, std::optional<std::uint32_t> ttl, const NoteEdit& note,
           std::string_view use);
  /// Of a record that is there or disabled; false when it is neither.
  bool note(OctetSpan rdata, const NoteEdit& note);
  void remove(OctetSpan rdata);
  void clear();
  /// Takes all records away, and the notes but of those that will be added again.
  void clear_for(const std::vector<Octets>& rdatas);
  /// The record follows nothing any more.
  void unbind(OctetSpan rdata);
  /// The record that `from` is on, which was taken away, is there with other data, and follows
  /// `address`. It joins a record that has the data already.
  void place(const RecordNote& from, std::optional<std::uint32_t> ttl, OctetSpan rdata,
             const std::string& address);

  /// None when no record is there.
  [[nodiscard]] std::optional<std::uint32_t> ttl() const noexcept { return records_.ttl(); }

  /// Whether any record is there that is not disabled.
  [[nodiscard]] bool has_enabled() const noexcept { return !records_.empty(); }

  [[nodiscard]] bool contains(OctetSpan rdata) const { return records_.contains(rdata); }

  /// Those that are there, then those that are disabled.
  [[nodiscard]] std::vector<Octets> rdatas() const;

  /// Appends what differs from the zone's notes.
  void write_to(ZoneNotesChange& change) const;

 private:
  RecordNote& note_of(OctetSpan rdata);

  StoredName owner_;
  RrType type_;
  EditedSet& records_;
  std::vector<RecordNote> before_;
  std::vector<RecordNote> notes_;
};

/// Both changes of a zone that an edit comes to.
struct NotedChange {
  Changeset records;
  ZoneNotesChange notes;

  [[nodiscard]] bool empty() const noexcept { return records.empty() && notes.empty(); }
};

/// A ZoneEdit that knows of notes. One thread.
class NotedEdit {
 public:
  /// Requires: both outlive it.
  NotedEdit(const Zone& zone, const NoteSet& notes) : notes_(notes), records_(zone) {}

  /// Stays where it is.
  [[nodiscard]] NotedSet& set_of(NameView owner, RrType type);
  /// All sets at `owner` but those that are kept (ZoneEdit).
  void clear_name(NameView owner);

  /// The apex has its SOA and its name servers always.
  [[nodiscard]] bool keeps(NameView owner, RrType type) const {
    return records_.keeps(owner, type);
  }

  /// The records that follow addresses get their values of `book`, all at once. What names an
  /// address that is not there, or does not fit it, keeps its data; `warnings` says so.
  void follow(const AddressBook& book, std::vector<std::string>& warnings);

  [[nodiscard]] NotedChange take() const;

 private:
  const NoteSet& notes_;
  ZoneEdit records_;
  std::map<std::pair<Name, RrType>, NotedSet> sets_;
};

/// Appends the changes to a plan, as far as they are some.
void append_change(const ZoneId& zone, NotedChange change, Plan& plan);

/// Tells of the records that follow no address any more after the change.
void append_unbound(const ZoneNotesChange& change, std::vector<std::string>& warnings);

}  // namespace tandem
