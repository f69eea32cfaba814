// The one pass over sorted records that makes the nodes of a new zone. Internal to ZoneBuilder.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/zone/compile.h"
#include "common/zone/zone_builder.h"

namespace tandem {

// How ZoneBuilder::add() lays records out in its buffer:
//   owner  := octets:u8 lower{octets} cased{octets}
//   record := place:u32 ttl:u32 type:u16 octets:u16 rdata

[[nodiscard]] inline OctetSpan lower_of(const Octets& buffer, std::size_t owner) noexcept {
  return OctetSpan(buffer).subspan(owner + 1, buffer[owner]);
}

[[nodiscard]] inline OctetSpan cased_of(const Octets& buffer, std::size_t owner) noexcept {
  return OctetSpan(buffer).subspan(owner + 1U + buffer[owner], buffer[owner]);
}

class BufferedRecord {
 public:
  BufferedRecord(const Octets& buffer, std::size_t record) noexcept : at_(buffer.data() + record) {}

  [[nodiscard]] std::uint32_t place() const noexcept { return load_be32(at_); }

  [[nodiscard]] std::uint32_t ttl() const noexcept { return load_be32(at_ + 4); }

  [[nodiscard]] RrType type() const noexcept { return static_cast<RrType>(load_be16(at_ + 8)); }

  [[nodiscard]] OctetSpan rdata() const noexcept { return {at_ + 12, load_be16(at_ + 10)}; }

  [[nodiscard]] bool is_sig() const noexcept { return type() == RrType::kRrsig; }

  /// The slot the record belongs to: its type, or the type that an RRSIG covers.
  [[nodiscard]] std::uint16_t slot_type() const noexcept {
    return is_sig() ? load_be16(at_ + 12) : number(type());
  }

 private:
  const std::uint8_t* at_;
};

class ZoneBuilder::Pass {
 public:
  /// `records`: how many there will be.
  Pass(ZoneBuilder& builder, std::size_t records);

  /// Makes the nodes of what the builder has, which is sorted and behind what was taken before.
  void take_items();
  /// The zone; null when it has errors.
  [[nodiscard]] std::shared_ptr<const Zone> finish();

 private:
  struct Indexed {
    std::uint64_t hash;
    ArenaOffset node;
  };

  struct Glue {
    Octets relative;
    std::vector<ArenaOffset> addresses;
  };

  struct Ancestor {
    std::size_t octets;  // of the relative name: the last so many of path_name_
    bool has_dname;
  };

  [[nodiscard]] std::size_t group_end(std::size_t first) const noexcept;
  void take_group(std::size_t first, std::size_t last);
  void make_slots(std::size_t first, std::size_t last);
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
  void index(OctetSpan relative, ArenaOffset node);
  void fill_index();
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
  std::vector<Indexed> indexed_;
  std::size_t record_count_ = 0;
  bool too_many_empty_ = false;
};

}  // namespace tandem
