// The one pass over sorted records that makes the nodes of a new zone. Internal to ZoneBuilder.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/zone/compile.h"
#include "common/zone/zone_builder.h"

namespace tandem {

class ZoneBuilder::Pass {
 public:
  /// `records`: how many there will be.
  Pass(ZoneBuilder& builder, std::size_t records);

  /// Makes the nodes of what the builder has, which is sorted and behind what was taken before.
  void take_items();
  /// The zone; null when it has errors.
  [[nodiscard]] std::shared_ptr<const Zone> finish();

 private:
  struct Glue {
    Octets relative;
    std::vector<ArenaOffset> addresses;
  };

  struct Ancestor {
    std::size_t octets;  // of the relative name: the last so many of path_name_
    bool has_dname;
  };

  /// How many of the first items have the first one's owner.
  [[nodiscard]] std::size_t group_size() const noexcept;
  void take_group(std::size_t count);
  void make_slots(std::size_t count);
  void make_slot(std::size_t first, std::size_t last);
  void sort_and_drop_duplicates(std::uint32_t place);
  void place_node(std::uint32_t place);
  void place_occluded(std::uint32_t place);
  void place_authoritative(std::uint32_t place);
  void walk_ancestors(std::uint32_t place);
  void add_empty(OctetSpan name, std::uint32_t place);
  void check_empty(std::size_t records, std::uint32_t place);
  void open_cut();
  void close_cut();
  void error(std::uint32_t place, std::string text);
  void warn(std::uint32_t place, std::string text);
  void warn_of_nsec3();
  [[nodiscard]] Name whole_name(OctetSpan relative) const;

  ZoneBuilder& builder_;
  std::size_t expected_records_;
  std::shared_ptr<Arena> arena_;
  std::shared_ptr<Zone> zone_;
  std::uint64_t origin_hash_;

  NodeDraft draft_;     // of the owner at hand
  Name owner_;          // the same owner, whole, with its case
  CompileInput input_;  // reused

  Octets path_name_;            // relative name of the last authoritative owner
  std::vector<Ancestor> path_;  // it and its ancestors below the apex, outermost first
  bool apex_has_dname_ = false;

  bool in_cut_ = false;
  NodeDraft cut_;
  Name cut_owner_;
  std::size_t cut_at_ = 0;  // its place in authoritative_
  std::vector<Glue> glue_;

  std::vector<ArenaOffset> authoritative_;
  std::vector<ArenaOffset> occluded_;
  Nsec3Parameters nsec3_parameters_;  // of the apex, which comes first
  std::vector<ArenaOffset> nsec3_;
  std::vector<ArenaOffset> idle_nsec3_;
  std::vector<ArenaOffset> glue_nodes_;  // of occluded_, those with addresses
  std::vector<ArenaOffset> empties_;     // empty non-terminals
  std::size_t record_count_ = 0;
  bool too_many_empty_ = false;
};

}  // namespace tandem
