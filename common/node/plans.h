// The plans behind the API's changes and the loading of zone files: what somebody asks for, turned
// into changes of the log. Pure functions over a draft.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/node/change.h"
#include "common/node/named_address.h"
#include "common/node/noted_content.h"
#include "common/node/noted_edit.h"

namespace tandem {

/// One step of an edit, names whole. RFC 2136 s2.5 has those of records, under other names.
struct RecordEdit {
  enum class Operation : std::uint8_t { kAdd, kSet, kDelete, kNote };

  Operation operation = Operation::kAdd;
  Name owner;
  std::optional<RrType> type;        // only kDelete may leave it out: all types
  std::optional<std::uint32_t> ttl;  // kAdd, kSet: the RRset's own, else kDefaultTtl
  std::vector<Octets> rdatas;        // kDelete, kNote: with `uses` empty for the whole RRset
  std::vector<AddressUse> uses;      // the same for records that follow named addresses
  NoteEdit note;                     // kAdd, kSet, kNote
  std::int64_t asked_at = 0;         // seconds since 1970; 0: nobody knows
};

/// What `edits` come to, in order; what is already so is left out. Fails: kInvalid, kRefused, and
/// kNotFound for a note on a record that is not there.
Result<NotedChange> edit_records(const Zone& zone, const NoteSet& notes, const AddressBook& book,
                                 const std::vector<RecordEdit>& edits);

/// Appends what ends a zone with all its notes.
void append_zone_removal(const ZoneRecord& zone, Plan& plan);

/// The warnings tell of what went with data that was replaced, and of what a deletion alone did not
/// find. Fails: as edit_records().
[[nodiscard]] Planner plan_edits(const Name& zone, std::vector<RecordEdit> edits);
/// `rules`, `notes`: of a zone that comes back; records that follow addresses get those of today.
[[nodiscard]] Planner plan_create(const Name& zone, ZoneOptions options, ZonePtr content,
                                  RuleSet rules = {}, NoteSet notes = {});
[[nodiscard]] Planner plan_delete(const Name& zone);
[[nodiscard]] Planner plan_options(const Name& zone, std::function<void(ZoneOptions&)> change);

enum class IfMissing : std::uint8_t { kRefuse, kCreate };
/// Makes the zone's content exactly `content`, creating the zone with `options` when it is missing
/// and that is asked for. When only the serial differs and the new one is not newer, nothing
/// changes. `notes`: those of the zone from then on; nothing: what there is stays as far as its
/// records do.
[[nodiscard]] Planner plan_import(const Name& zone, ZonePtr content, IfMissing if_missing,
                                  ZoneOptions options = {},
                                  std::optional<NoteSet> notes = std::nullopt);

/// Gives a zone the content that it had once, with a newer serial: a change like any other. What is
/// so already changes nothing; records that followed addresses get those of today. Fails: kRefused
/// for what was signed elsewhere, whose serial is signed too.
[[nodiscard]] Planner plan_revert(const Name& zone, NotedContent content);

/// Who answers for a zone, for its SOA record: a domain name, or a mail address, whose local part
/// becomes the first label (RFC 1035 s8). Fails: kInvalid.
Result<Name> contact_name(std::string_view text);

/// A zone's first content when nothing but names is known: SOA and NS.
Result<ZonePtr> minimal_zone(NameView zone, NameView primary, NameView contact,
                             const std::vector<Name>& name_servers, std::uint32_t ttl);

}  // namespace tandem
