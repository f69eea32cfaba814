// What catalogs that are made here list (RFC 9432): the content that follows from a log's zones and
// settings. Pure functions over a draft.
//
// A zone belongs to a catalog when it has content, is no catalog, and the settings say so. Its
// label there is its id: a zone that is made again is another one to whoever follows the catalog.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/node/catalog_words.h"
#include "common/node/change.h"
#include "common/transfer/catalog_zone.h"

namespace tandem {

/// What `changes`, which the draft has already, do to the content of catalogs. Of many members only
/// those are looked at that the changes are about, unless a catalog itself gets another setting.
/// `now`, `sequence`: the entry's. A first serial is their sum, so that a catalog that was ended
/// and made again is newer for who followed it, however far its serial ran ahead of the clock: it
/// grew with the clock, or by one with an entry. Fails: as catalog_change().
Result<std::vector<PlannedChange>> catalog_changes(const TableDraft& zones,
                                                   std::span<const Change> changes, WallTime now,
                                                   std::uint64_t sequence);

/// Keeps what is made of settings from being changed otherwise, whoever asks. Fails: kRefused.
Status check_not_made(const TableDraft& zones, const PlannedChange& planned);

/// What the log says of one zone. Text of a later version that this one cannot read: it is left out
/// of all catalogs.
[[nodiscard]] MemberSetting member_setting(const TableDraft& zones, NameView zone);

/// Which catalogs that are made here list the zone.
[[nodiscard]] std::vector<Name> catalogs_of(const TableDraft& zones, const ZoneRecord& zone);

}  // namespace tandem
