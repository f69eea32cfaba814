#include "common/zone/zone_builder_pass.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/dns/rdata.h"
#include "common/zone/name_index.h"

namespace tandem {
namespace {

// With their nodes most need less; the arena gives back what a small zone did not use.
constexpr std::size_t kOctetsPerRecord = 128;

bool is_address(RrType type) noexcept {
  return type == RrType::kA || type == RrType::kAaaa;
}

}  // namespace

ZoneBuilder::Pass::Pass(ZoneBuilder& builder, std::size_t records)
    : builder_(builder),
      expected_records_(records),
      arena_(std::make_shared<Arena>(records * kOctetsPerRecord)),
      zone_(new Zone()),  // NOLINT(cppcoreguidelines-owning-memory): private constructor
      origin_hash_(hash_name(builder.origin_)) {}

void ZoneBuilder::Pass::take_items() {
  while (!builder_.items_.empty()) {
    const std::size_t count = group_size();
    take_group(count);
    for (std::size_t i = 0; i < count; ++i) {
      builder_.buffer_.release(builder_.items_.front().record);
      builder_.buffer_.release(builder_.items_.front().owner);
      builder_.items_.pop_front();
    }
  }
}

std::shared_ptr<const Zone> ZoneBuilder::Pass::finish() {
  close_cut();
  if (!too_many_empty_) {
    check_empty(record_count_, 0);
  }
  if (authoritative_.empty() ||
      !NodeView(arena_->at(authoritative_.front())).relative_name().empty()) {
    error(0, fmt::format("{} has no SOA record; a zone needs one at its top",
                         builder_.origin_.to_text()));
  }
  if (builder_.errors_ > 0) {
    return nullptr;
  }
  Zone& zone = *zone_;
  const OctetSpan origin = builder_.origin_.wire();
  const Arena::Blob name = arena_->allocate(1 + 2 * origin.size());
  name.octets[0] = static_cast<std::uint8_t>(origin.size());
  std::ranges::copy(origin, name.octets.begin() + 1);
  fold_case(origin, name.octets.subspan(1 + origin.size()));
  zone.arena_ = arena_;
  zone.origin_ = name.offset;
  zone.origin_labels_ = static_cast<std::uint8_t>(builder_.origin_.label_count());
  zone.record_count_ = record_count_;
  zone.names_ = index_of_names(*arena_, origin_hash_, {authoritative_, glue_nodes_, empties_});
  zone.authoritative_ = OrderIndex(authoritative_);
  zone.occluded_ = OrderIndex(occluded_);
  zone.nsec3_ = OrderIndex(nsec3_);
  zone.idle_nsec3_ = OrderIndex(idle_nsec3_);
  zone.take_apex(authoritative_.front());
  warn_of_nsec3();
  zone.live_octets_ = arena_->used_octets();
  arena_->fit();  // moves what the parameters point into
  zone.take_nsec3_parameters();
  return zone_;
}

std::size_t ZoneBuilder::Pass::group_size() const noexcept {
  const std::deque<Item>& items = builder_.items_;
  const Item& first = items.front();
  const OctetSpan owner = lower_of(builder_.buffer_, first.owner);
  std::size_t count = 1;
  while (count < items.size() && items[count].key == first.key &&
         (items[count].owner == first.owner ||
          equal(lower_of(builder_.buffer_, items[count].owner), owner))) {
    ++count;
  }
  return count;
}

Name ZoneBuilder::Pass::whole_name(OctetSpan relative) const {
  std::array<std::uint8_t, kMaxNameOctets> wire;
  const OctetSpan origin = builder_.origin_.wire();
  std::ranges::copy(origin, std::ranges::copy(relative, wire.begin()).out);
  return Name(NameView::unchecked(OctetSpan(wire).first(relative.size() + origin.size())));
}

void ZoneBuilder::Pass::take_group(std::size_t count) {
  const Item& item = builder_.items_.front();
  const OctetSpan lower = lower_of(builder_.buffer_, item.owner);
  const OctetSpan cased = cased_of(builder_.buffer_, item.owner);
  draft_.relative.assign(lower.begin(), lower.end());
  draft_.cased.assign(cased.begin(), cased.end());
  draft_.slots.clear();
  draft_.glue = 0;
  draft_.flags = 0;
  owner_ = whole_name(cased);
  make_slots(count);
  std::uint32_t place = 0;  // where the last of the records stands: that is where a conflict shows
  for (std::size_t i = 0; i < count; ++i) {
    place = std::max(place, BufferedRecord(builder_.buffer_, builder_.items_[i].record).place());
  }
  if (draft_.slots.empty()) {
    return;
  }
  if (const auto good = check_draft(owner_, draft_, *arena_, builder_.limits_); !good) {
    error(place, good.error().detail);
  }
  place_node(place);
}

void ZoneBuilder::Pass::make_slots(std::size_t count) {
  const auto slot_of = [&](std::size_t i) {
    return BufferedRecord(builder_.buffer_, builder_.items_[i].record).slot_type();
  };
  for (std::size_t i = 0; i < count;) {
    std::size_t end = i + 1;
    while (end < count && slot_of(end) == slot_of(i)) {
      ++end;
    }
    make_slot(i, end);
    i = end;
  }
}

void ZoneBuilder::Pass::make_slot(std::size_t first, std::size_t last) {
  const BufferedRecord head(builder_.buffer_, builder_.items_[first].record);
  const auto type = static_cast<RrType>(head.slot_type());
  input_.owner = owner_;
  input_.type = type;
  input_.ttl = head.ttl();
  input_.rdatas.clear();
  input_.sigs.clear();
  bool ttls_differ = false;
  for (std::size_t i = first; i < last; ++i) {
    const BufferedRecord record(builder_.buffer_, builder_.items_[i].record);
    if (record.is_sig()) {
      input_.sigs.push_back({record.ttl(), record.rdata()});
      continue;
    }
    ttls_differ = ttls_differ || record.ttl() != input_.ttl;
    input_.ttl = std::min(input_.ttl, record.ttl());
    input_.rdatas.push_back(record.rdata());
  }
  if (ttls_differ) {
    warn(head.place(), fmt::format("{} {}: the TTLs of one RRset differ; {} is used for all",
                                   owner_.to_text(), to_text(type), input_.ttl));
  }
  sort_and_drop_duplicates(head.place());
  auto compiled = compile_rrset(input_, *arena_);
  if (!compiled) {
    error(head.place(), compiled.error().detail);
    return;
  }
  record_count_ += input_.rdatas.size() + input_.sigs.size();
  draft_.slots.push_back({number(type), 0, *compiled});
}

void ZoneBuilder::Pass::sort_and_drop_duplicates(std::uint32_t place) {
  std::size_t dropped = 0;
  if (input_.rdatas.size() > 1) {
    const RrType type = input_.type;
    std::ranges::sort(input_.rdatas,
                      [type](OctetSpan a, OctetSpan b) { return compare_rdata(type, a, b) < 0; });
    const auto extra = std::ranges::unique(
        input_.rdatas, [type](OctetSpan a, OctetSpan b) { return compare_rdata(type, a, b) == 0; });
    dropped += extra.size();
    input_.rdatas.erase(extra.begin(), extra.end());
  }
  if (input_.sigs.size() > 1) {
    const auto less = [](const CompileInput::Sig& a, const CompileInput::Sig& b) {
      return compare_rdata(RrType::kRrsig, a.rdata, b.rdata) < 0;
    };
    std::ranges::sort(input_.sigs, less);
    const auto extra = std::ranges::unique(
        input_.sigs, [&](const auto& a, const auto& b) { return !less(a, b) && !less(b, a); });
    dropped += extra.size();
    input_.sigs.erase(extra.begin(), extra.end());
  }
  if (dropped > 0) {
    warn(place, fmt::format("{} {}: {} identical record{} dropped", owner_.to_text(),
                            to_text(input_.type), dropped, dropped == 1 ? "" : "s"));
  }
}

void ZoneBuilder::Pass::place_node(std::uint32_t place) {
  if (in_cut_ && is_relative_subdomain(draft_.relative, cut_.relative)) {
    place_occluded(place);
    return;
  }
  close_cut();
  if (const ArenaOffset nsec3 = find_slot(draft_, RrType::kNsec3); nsec3 != 0) {
    const bool in_chain =
        nsec3_parameters_.has_in_chain(draft_.relative, RrSetView(arena_->at(nsec3)));
    (in_chain ? nsec3_ : idle_nsec3_).push_back(store_draft(draft_, *arena_));
    return;
  }
  place_authoritative(place);
}

void ZoneBuilder::Pass::place_occluded(std::uint32_t place) {
  Glue glue{draft_.relative, {}};
  for (const RrSetSlot& slot : draft_.slots) {
    if (is_address(static_cast<RrType>(slot.type))) {
      glue.addresses.push_back(slot.rrset);
    } else {
      warn(place,
           fmt::format("{} {} is below the delegation {} and is not answered", owner_.to_text(),
                       to_text(static_cast<RrType>(slot.type)), cut_owner_.to_text()));
    }
  }
  draft_.flags = kNodeOccluded;
  const ArenaOffset node = store_draft(draft_, *arena_);
  occluded_.push_back(node);
  if (!glue.addresses.empty()) {
    glue_nodes_.push_back(node);
    glue_.push_back(std::move(glue));
  }
}

void ZoneBuilder::Pass::place_authoritative(std::uint32_t place) {
  if (draft_.relative.empty()) {
    apex_has_dname_ = find_slot(draft_, RrType::kDname) != 0;
    zone_->redirection_count_ += apex_has_dname_ ? 1U : 0U;
    if (const ArenaOffset set = find_slot(draft_, RrType::kNsec3param); set != 0) {
      nsec3_parameters_ = Nsec3Parameters::of(RrSetView(arena_->at(set)));
    }
  } else {
    walk_ancestors(place);
    if (owner_.view().is_wildcard()) {
      ++zone_->wildcard_count_;
    }
    if (find_slot(draft_, RrType::kNs) != 0) {
      open_cut();
      return;
    }
  }
  const ArenaOffset node = store_draft(draft_, *arena_);
  authoritative_.push_back(node);
}

/// Makes path_ lead to the owner at hand: forgets what is not above it, adds the empty
/// non-terminals between.
void ZoneBuilder::Pass::walk_ancestors(std::uint32_t place) {
  const OctetSpan name = draft_.relative;
  const auto is_above = [&](const Ancestor& ancestor) {
    return is_relative_subdomain(name, OctetSpan(path_name_).last(ancestor.octets));
  };
  while (!path_.empty() && !is_above(path_.back())) {
    path_.pop_back();
  }
  const bool below_dname = apex_has_dname_ || std::ranges::any_of(path_, &Ancestor::has_dname);
  if (below_dname) {
    error(place,
          fmt::format("{} is below a DNAME, which redirects all names below it (RFC 6672 s2.4)",
                      owner_.to_text()));
  }
  const std::size_t known = path_.empty() ? 0 : path_.back().octets;
  std::vector<std::size_t> missing;  // octets of the ancestors that have no node, innermost first
  for (std::size_t at = 0; name.size() - at > known; at += 1U + name[at]) {
    missing.push_back(name.size() - at);
  }
  path_name_.assign(name.begin(), name.end());
  for (std::size_t i = missing.size(); i-- > 1;) {
    add_empty(name.last(missing[i]), place);
    path_.push_back({missing[i], false});
  }
  const bool has_dname = find_slot(draft_, RrType::kDname) != 0;
  zone_->redirection_count_ += has_dname ? 1U : 0U;
  path_.push_back({name.size(), has_dname});
}

void ZoneBuilder::Pass::add_empty(OctetSpan name, std::uint32_t place) {
  if (too_many_empty_) {
    return;
  }
  NodeDraft empty;
  empty.relative.assign(name.begin(), name.end());
  empty.cased = empty.relative;
  empty.flags = kNodeEmpty;
  zone_->wildcard_count_ += name[0] == 1 && name[1] == '*' ? 1U : 0U;
  const ArenaOffset node = store_draft(empty, *arena_);
  empties_.push_back(node);
  zone_->empty_octets_ += NodeView(arena_->at(node)).blob_octets();
  // The records that are still to come may count too: what is over now stays over.
  check_empty(expected_records_, place);
}

void ZoneBuilder::Pass::check_empty(std::size_t records, std::uint32_t place) {
  const Status good =
      check_empty_octets(builder_.origin_, zone_->empty_octets_, records, builder_.limits_);
  if (!good) {
    too_many_empty_ = true;
    error(place, good.error().detail);
  }
}

void ZoneBuilder::Pass::open_cut() {
  in_cut_ = true;
  cut_ = draft_;
  cut_owner_ = owner_;
  cut_at_ = authoritative_.size();
  authoritative_.push_back(0);
  glue_.clear();
  ++zone_->redirection_count_;
  Glue own{draft_.relative, {}};
  for (const RrSetSlot& slot : draft_.slots) {
    if (is_address(static_cast<RrType>(slot.type))) {
      own.addresses.push_back(slot.rrset);
    }
  }
  glue_.push_back(std::move(own));
}

/// The cut waits until the names below it are known, because its glue is among them.
void ZoneBuilder::Pass::close_cut() {
  if (!in_cut_) {
    return;
  }
  in_cut_ = false;
  const GlueSource addresses = [this](NameView target) {
    std::vector<RrSetView> found;
    const Name lower = Name(target).lower();
    const OctetSpan relative = lower.wire().first(lower.size() - builder_.origin_.size());
    const auto glue = std::ranges::find_if(
        glue_, [&](const Glue& candidate) { return equal(candidate.relative, relative); });
    if (glue != glue_.end()) {
      for (const ArenaOffset address : glue->addresses) {
        found.emplace_back(arena_->at(address));
      }
    }
    return found;
  };
  const RrSetView ns(arena_->at(find_slot(cut_, RrType::kNs)));
  cut_.glue = compile_glue(cut_owner_, builder_.origin_, ns, addresses, *arena_);
  cut_.flags = kNodeCut;
  const ArenaOffset node = store_draft(cut_, *arena_);
  authoritative_[cut_at_] = node;
}

void ZoneBuilder::Pass::warn_of_nsec3() {
  if (!nsec3_parameters_) {
    if (!idle_nsec3_.empty()) {
      warn(0, fmt::format("{} has NSEC3 records without an NSEC3PARAM record of algorithm 1 and "
                          "without flags: no answer has them",
                          builder_.origin_.to_text()));
    }
    return;
  }
  const Nsec3Label label = nsec3_parameters_.label_of(zone_->lower_origin());
  const NodeView node = zone_->nsec3_before(label);
  if (!node || !equal(node.relative_name().subspan(1), label)) {
    warn(0, fmt::format("{} has no NSEC3 record for its top with the parameters of its NSEC3PARAM "
                        "record: what it lacks cannot be proven",
                        builder_.origin_.to_text()));
  }
}

void ZoneBuilder::Pass::error(std::uint32_t place, std::string text) {
  builder_.report(ZoneFinding::Severity::kError, place, std::move(text));
}

void ZoneBuilder::Pass::warn(std::uint32_t place, std::string text) {
  builder_.report(ZoneFinding::Severity::kWarning, place, std::move(text));
}

}  // namespace tandem
