// What a zone was: its entries in the log from the newest back, its content at each serial. Goes by
// name: a zone that was deleted and one that was made in its place later have one history.
//
// Each state is the end of a group; a serial names the newest state that has it. States are found
// from the present, or from the image that a later entry names, by taking changes back.
//
// Thread rule: one thread, beside the writer, for one look: what is committed later does not show.
// What reads contents may take long.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "common/node/deleted_zones.h"
#include "common/node/net_change.h"
#include "common/node/noted_content.h"
#include "common/node/replicated_log.h"
#include "common/node/zone_difference.h"
#include "common/node/zone_history_walk.h"

namespace tandem {

enum class HistoryKind : std::uint8_t {
  kCreated,
  kRestored,  // created with what a deleted zone of the name held
  kRecords,
  kReplaced,
  kOptions,
  kRules,  // who may change it
  kNotes,  // what is said about records
  kDeleted,
};

[[nodiscard]] std::string_view to_text(HistoryKind kind) noexcept;

/// One entry, with the changes of this zone alone, and those of addresses that caused them.
struct HistoryItem {
  Entry entry;
  HistoryKind kind{};
  std::optional<Serial> serial;  // after its group; none: no content
  std::uint64_t removed = 0;     // records, as far as somebody asked for that
  std::uint64_t added = 0;
};

class ZoneHistory {
 public:
  /// Fails: kNotFound when there is no such zone and none in the log, and as reading the log.
  static Result<ZoneHistory> open(ReplicatedLog& log, const Name& zone);

  /// The newest state with this serial, as the entry that its group ends with. Fails: kNotFound
  /// when there never was one, or the log does not know any more.
  Result<std::uint64_t> state_with(Serial serial) const;
  /// The state that an entry left, together with those committed with it. Fails: kNotFound when the
  /// log does not have the entry.
  Result<std::uint64_t> state_after(std::uint64_t entry) const;

  /// The newest `limit` entries before the entry `before`, newest first.
  Result<std::vector<HistoryItem>> items(std::uint64_t before, std::size_t limit) const;

  /// The content when the zone had this serial, to be read. Fails: kNotFound
  /// when it never had, or the log or an image that this needs is not kept any more; kConflict when
  /// the log was replaced or trimmed meanwhile.
  Result<NotedContent> content_at(Serial serial) const;

  /// The same of a state.
  Result<NotedContent> content_after(std::uint64_t state) const;

  /// What makes the content of one state that of another; at most `most` records of it, and what is
  /// noted about them. Fails: as content_at().
  Result<ZoneDifference> difference(std::uint64_t from, std::uint64_t to, std::size_t most) const;

  /// The present serial, for who does not say another one. Fails: kNotFound when there is none.
  Result<Serial> present_serial() const;
  /// The present serial. None: the zone is deleted or empty.
  [[nodiscard]] std::optional<Serial> serial() const noexcept;

 private:
  ZoneHistory(ReplicatedLog& log, const Name& zone);

  struct Rewound;

  [[nodiscard]] ZoneEntryWalk walk_before(std::uint64_t end) const;
  Result<Rewound> rewound_to(std::uint64_t state) const;
  [[nodiscard]] Error unknown(Serial serial, std::optional<Serial> oldest, bool is_trimmed) const;
  Result<ZonePtr> content_of(const ZoneId& id, const ImageRef& image) const;
  struct Between;
  Result<std::optional<Between>> between(std::uint64_t after, std::uint64_t up_to) const;
  [[nodiscard]] bool is_restored(const Entry& entry) const;
  [[nodiscard]] HistoryKind kind_of(const Entry& entry) const;
  Status check_same_log() const;

  ReplicatedLog& log_;
  Name zone_;
  std::uint64_t generation_ = 0;
  std::uint64_t first_sequence_ = 0;
  ZoneRecordPtr present_;             // null: deleted
  std::vector<DeletedZone> deleted_;  // newest first
  std::uint64_t end_ = 0;             // the first entry that does not count
};

}  // namespace tandem
