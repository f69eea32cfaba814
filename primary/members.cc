#include "primary/members.h"

#include <algorithm>
#include <cstring>

#include "common/base/logging.h"

namespace tandem {
namespace {

constexpr std::chrono::hours kHoldFor{24 * 7};
constexpr std::chrono::seconds kKeepEvery{60};
/// A node gets a new id when its data folder is emptied; nobody has so many followers.
constexpr std::size_t kMaxMembers = 64;
constexpr std::string_view kPrefix = "member/";
constexpr std::size_t kRowOctets = 8 + 16 + 8 + 32 + 8;  // in front of the kinds
constexpr std::size_t kKindOctets = 4;

Octets key_of(const NodeId& node) {
  Octets key = to_octets(as_octets(kPrefix));
  append(key, node.octets);
  return key;
}

Octets row_of(const Position& acked, WallTime seen,
              const std::vector<std::uint32_t>& change_kinds) {
  Octets row;
  append_be(row, acked.epoch.number);
  append(row, acked.epoch.leader.octets);
  append_be(row, acked.sequence);
  append(row, acked.chain);
  append_be(row, static_cast<std::uint64_t>(seen.time_since_epoch().count()));
  for (const std::uint32_t kind : change_kinds) {
    append_be(row, kind);
  }
  return row;
}

/// Whether it is a row; those of earlier versions have no kinds.
bool is_row(OctetSpan row) {
  return row.size() >= kRowOctets && (row.size() - kRowOctets) % kKindOctets == 0;
}

std::vector<std::uint32_t> kinds_in(OctetSpan row) {
  std::vector<std::uint32_t> kinds;
  for (std::size_t at = kRowOctets; at < row.size(); at += kKindOctets) {
    kinds.push_back(load_be32(row.data() + at));
  }
  return kinds;
}

Position position_in(OctetSpan row) {
  Position position;
  position.epoch = {load_be64(row.data()), NodeId::from(row.subspan(8, 16))};
  position.sequence = load_be64(row.data() + 24);
  std::memcpy(position.chain.data(), row.data() + 32, position.chain.size());
  return position;
}

}  // namespace

Members::Members(ReplicatedLog& log, std::uint64_t hold_octets)
    : log_(log), hold_octets_(hold_octets) {
  load();
}

void Members::forget_all(WriteBatch& batch) {
  const Octets first = to_octets(as_octets(kPrefix));
  Octets end = first;
  ++end.back();
  batch.erase_range(Family::kMeta, first, end);
}

void Members::load() {
  const Octets first = to_octets(as_octets(kPrefix));
  Octets end = first;
  ++end.back();
  const WallTime now = log_.clock().wall();
  const auto read = [&](OctetSpan key, OctetSpan row) {
    if (key.size() == first.size() + 16 && is_row(row)) {
      State state;
      state.acked = position_in(row);
      state.last_seen_wall = WallTime(
          std::chrono::microseconds(static_cast<std::int64_t>(load_be64(row.data() + 64))));
      state.last_seen =
          log_.clock().monotonic() - std::max(now - state.last_seen_wall, WallTime::duration(0));
      state.change_kinds = kinds_in(row);
      states_[NodeId::from(key.subspan(first.size()))] = state;
    }
    return ScanNext::kContinue;
  };
  if (const auto scanned = log_.store().scan(Family::kMeta, first, end, read); !scanned) {
    log_warn("cannot read what is known of followers reason=\"{}\"", scanned.error().detail);
  }
}

std::vector<Members::Member> Members::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<Member> all;
  all.reserve(states_.size());
  for (const auto& [node, state] : states_) {
    all.push_back({node, state.acked, state.last_seen_wall, state.change_kinds});
  }
  return all;
}

std::optional<Position> Members::acked_by(const NodeId& node) const {
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(node);
  return found != states_.end() ? std::optional(found->second.acked) : std::nullopt;
}

void Members::see(State& state) const {
  state.last_seen = log_.clock().monotonic();
  state.last_seen_wall = log_.clock().wall();
  state.is_changed = true;
}

/// Whoever was not seen for longest makes room for a new one.
void Members::make_room() {
  if (states_.size() < kMaxMembers) {
    return;
  }
  const auto oldest = std::ranges::min_element(
      states_, {}, [](const auto& entry) { return entry.second.last_seen; });
  gone_.push_back(oldest->first);
  states_.erase(oldest);
}

void Members::greeted(const NodeId& node, const Position& position, Standing standing,
                      std::vector<std::uint32_t> change_kinds) {
  const std::uint64_t head = log_.entries().head().sequence;
  const std::lock_guard lock(mutex_);
  const bool is_new = !states_.contains(node);
  if (is_new) {
    make_room();
  }
  State& state = states_[node];
  state.is_met = true;
  if (state.change_kinds != change_kinds) {
    state.change_kinds = std::move(change_kinds);
    state.is_changed = true;
    state.kept.reset();  // not in a minute: a restart would take it for what it was
  }
  if (standing != Standing::kElsewhere) {
    state.acked = position;
    state.is_changed = true;
  }
  if (standing == Standing::kOnOurHistory || is_new) {
    see(state);
  }
  if (standing != Standing::kOnOurHistory && is_new) {
    state.brought_to = head;  // whatever it will need, these entries are not it
  }
}

void Members::acked(const NodeId& node, const Position& position) {
  if (position.sequence > log_.entries().head().sequence) {
    return;  // of a history that was given up meanwhile
  }
  const std::lock_guard lock(mutex_);
  if (const auto found = states_.find(node); found != states_.end()) {
    found->second.acked = position;
    see(found->second);
  }
}

void Members::served(const NodeId& node) {
  const std::lock_guard lock(mutex_);
  if (const auto found = states_.find(node); found != states_.end()) {
    see(found->second);
  }
}

void Members::brings_to(const NodeId& node, std::uint64_t sequence) {
  const std::lock_guard lock(mutex_);
  if (const auto found = states_.find(node); found != states_.end()) {
    found->second.brought_to = sequence;
  }
}

bool Members::has_time(const State& state, MonotonicTime now) const {
  return now - state.last_seen < kHoldFor;
}

void Members::forget(const NodeId& node) {
  const std::lock_guard lock(mutex_);
  if (states_.erase(node) != 0) {
    gone_.push_back(node);
  }
}

std::uint64_t Members::trim_limit() const {
  // Entries up to here have more octets after them than are kept for anybody.
  std::uint64_t too_far = 0;
  if (log_.entries().total_octets() > hold_octets_) {
    too_far = log_.entries()
                  .trim_point(WallTime::min(), hold_octets_, log_.entries().head().sequence)
                  .value_or(0);
  }
  std::uint64_t limit = log_.table().position().sequence;
  const std::lock_guard lock(mutex_);
  const MonotonicTime now = log_.clock().monotonic();
  for (const auto& [node, state] : states_) {
    const std::uint64_t needs_after = std::max(state.acked.sequence, state.brought_to);
    if (has_time(state, now) && needs_after >= too_far) {
      limit = std::min(limit, needs_after);
    }
  }
  return limit;
}

bool Members::prove_loss() const {
  const std::uint64_t head = log_.entries().head().sequence;
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(
      states_, [head](const auto& entry) { return entry.second.acked.sequence > head; });
}

bool Members::show_no_loss(bool is_in_step) const {
  const std::uint64_t head = log_.entries().head().sequence;
  const std::lock_guard lock(mutex_);
  const MonotonicTime now = log_.clock().monotonic();
  bool are_all_met = true;
  for (const auto& [node, state] : states_) {
    if (state.acked.sequence > head) {
      return false;
    }
    are_all_met = are_all_met && (state.is_met || !has_time(state, now));
  }
  return is_in_step || are_all_met;
}

void Members::settle() {
  const Position head = log_.entries().head();
  const std::lock_guard lock(mutex_);
  for (auto& [node, state] : states_) {
    if (state.acked.sequence > head.sequence) {
      state.acked = head;
      state.is_changed = true;
      state.kept.reset();
    }
    state.brought_to = std::min(state.brought_to, head.sequence);
  }
}

void Members::keep(When when) {
  if (log_.is_broken()) {
    return;
  }
  WriteBatch batch;
  {
    const std::lock_guard lock(mutex_);
    const MonotonicTime now = log_.clock().monotonic();
    std::erase_if(states_, [&](const auto& entry) {
      const bool is_over = !has_time(entry.second, now);
      if (is_over) {
        gone_.push_back(entry.first);
      }
      return is_over;
    });
    for (const NodeId& node : std::exchange(gone_, {})) {
      batch.erase(Family::kMeta, key_of(node));
    }
    for (auto& [node, state] : states_) {
      const bool is_due = when == When::kNow || !state.kept || now - *state.kept >= kKeepEvery;
      if (state.is_changed && is_due) {
        batch.put(Family::kMeta, key_of(node),
                  row_of(state.acked, state.last_seen_wall, state.change_kinds));
        state.is_changed = false;
        state.kept = now;
      }
    }
  }
  if (batch.empty()) {
    return;
  }
  if (const auto kept = log_.store().write(batch, Durability::kBuffered); !kept) {
    log_warn("cannot keep what is known of followers reason=\"{}\"", kept.error().detail);
  }
}

}  // namespace tandem
