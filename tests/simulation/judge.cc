#include "tests/simulation/judge.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "common/base/check.h"
#include "common/log/codec.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

/// Of a failure that says nothing about whether the change is there.
bool leaves_open(Errc code) noexcept {
  return code == Errc::kNoSpace || code == Errc::kIo || code == Errc::kUnavailable;
}

std::uint32_t number_in(const Entry& entry) {
  std::uint32_t number = 0;
  const std::string& text = entry.actor.reason;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;  // 0: the first entry of a log
}

ZonePtr answered_zone(const Catalog& catalog, std::size_t zone) {
  const NameKey key(name(zone_name(zone)));
  const CatalogEntry* const entry = catalog.find(key, key.label_count());
  return entry != nullptr ? entry->zone : nullptr;
}

std::string text_with_serial(Serial serial, const std::string& records) {
  return fmt::format("serial {}\n{}", serial, records);
}

}  // namespace

std::string_view to_text(Side side) noexcept {
  return side == Side::kLeader ? "leader" : "follower";
}

void Judge::fail(std::string what) {
  if (!failure_) {
    note("FAILED: {}", what);
    failure_ = std::move(what);
  }
}

std::string Judge::story() const {
  std::string text;
  for (const std::string& line : story_) {
    text += line + '\n';
  }
  return text;
}

std::uint32_t Judge::asked(const Wish& wish, Identity identity) {
  requests_.push_back({wish, identity, 0, {}});
  const auto number = static_cast<std::uint32_t>(requests_.size());
  if (identity == Identity::kNamed) {
    named_.push_back(number);
  }
  return number;
}

void Judge::sent_request(std::uint32_t number) {
  ++requests_.at(number - 1).open;
  ++counts_.requests;
}

void Judge::started(Side side, ReplicatedLog& log, Publisher& publisher) {
  ++counts_.starts;
  view(side).log = &log;
  view(side).publisher = &publisher;
  check_start(side);
  look(side);
}

void Judge::stopped(Side side) {
  view(side).log = nullptr;
  view(side).publisher = nullptr;
}

bool Judge::is_on_history(const Position& position) const {
  return position.sequence == 0 || (position.sequence <= history_.size() &&
                                    history_[position.sequence - 1].chain == position.chain);
}

/// Nothing that counts is lost, and what is there besides are whole changes.
void Judge::check_start(Side side) {
  View& here = view(side);
  const Position head = here.log->entries().head();
  if (side == Side::kFollower) {
    if (!is_on_history(head) || head.sequence < here.acked) {
      fail(fmt::format("the follower comes back at {} after it acknowledged {}, or on no history",
                       head.sequence, here.acked));
    }
    return;
  }
  const std::uint64_t known = history_.size();
  const auto chain = here.log->entries().chain_at(known);
  if (head.sequence < known || !chain ||
      (known > 0 && *chain != std::optional(history_.back().chain))) {
    fail(fmt::format("the leader comes back at {} and announced {} before", head.sequence, known));
    return;
  }
  const auto more = here.log->entries().read_after(known, std::size_t{64} << 20U);
  if (!more) {
    fail(more.error().detail);
  } else if (!more->empty()) {
    note("  the leader finds {} entries that it had not announced", more->size());
    counts_.found_by_restart += more->size();
    logged({LogId::kCluster, head, *more});
  }
}

void Judge::logged(const CommittedGroup& group) {
  const auto ends = std::ranges::count(group.entries, true, &EncodedEntry::group_end);
  if (group.entries.front().sequence != history_.size() + 1 || ends != 1 ||
      !group.entries.back().group_end) {
    fail(fmt::format("after entry {} the leader announces {} entries from {} with {} group ends",
                     history_.size(), group.entries.size(), group.entries.front().sequence, ends));
    return;
  }
  for (const EncodedEntry& entry : group.entries) {
    take_entry(entry);
  }
  take_group_end();
  look(Side::kLeader);
}

void Judge::take_entry(const EncodedEntry& encoded) {
  const auto entry = decode_entry(encoded.octets);
  CHECK(entry.has_value());
  ++counts_.entries;
  history_.push_back({encoded.chain, encoded.group_end, {}, {}, {}});
  const std::uint32_t number = number_in(*entry);
  if (number == 0) {
    return;
  }
  note("  entry {}: request {}, {}", encoded.sequence, number, to_text(wish_of(number)));
  Request& request = requests_.at(number - 1);
  trimmed(view(Side::kLeader).log->entries().first_sequence());
  if (request.open == 0) {
    fail(fmt::format("request {} is made although it was answered", number));
  } else if (!request.entries.empty() &&
             (request.identity == Identity::kNone || request.entries.back() >= first_kept_)) {
    fail(fmt::format("request {} is made twice, in entries {} and {}", number,
                     request.entries.back(), encoded.sequence));
  } else if (!grant(request.wish, model_)) {
    fail(fmt::format("request {} is made although its conditions do not hold", number));
  }
  request.entries.push_back(encoded.sequence);
}

void Judge::take_group_end() {
  Logged& now = history_.back();
  const ZoneTable& table = view(Side::kLeader).log->table();
  for (std::size_t zone = 0; zone < kZones; ++zone) {
    const ZoneRecordPtr record = table.find(name(zone_name(zone)));
    if ((record == nullptr) != !model_.at(zone).has_value()) {
      fail(fmt::format("whether there is a zone {} is wrong", zone_name(zone)));
      return;
    }
    if (record != nullptr) {
      now.ids.at(zone) = record->id;
      now.serials.at(zone) = record->zone->serial();
      check_notes(*record);
      now.texts.at(zone) = text_with_serial(record->zone->serial(), text_of(*model_.at(zone)));
    }
  }
  const auto before = std::find_if(history_.rbegin() + 1, history_.rend(),
                                   [](const Logged& one) { return one.group_end; });
  for (std::size_t zone = 0; zone < kZones && before != history_.rend(); ++zone) {
    check_serial(zone, *before, now);
  }
}

/// What is said about records is about those that are there, or disabled.
void Judge::check_notes(const ZoneRecord& record) {
  for (const NoteSet::Item& note : record.notes.all()) {
    const auto set = record.zone->find_rrset(note->owner, note->type);
    const bool is_there = set && std::ranges::find(set->rdatas, note->rdata) != set->rdatas.end();
    if (is_there == note->disabled_ttl.has_value()) {
      fail(fmt::format("a note of {} is out of step with its record {}", record.name.to_text(),
                       note->owner.to_text()));
    }
  }
}

void Judge::check_serial(std::size_t zone, const Logged& before, const Logged& now) {
  const std::string& text = now.texts.at(zone);
  if (text.empty() || now.ids.at(zone) != before.ids.at(zone)) {
    return;
  }
  const Serial was = before.serials.at(zone);
  const Serial is = now.serials.at(zone);
  const auto records_of = [](const std::string& all) { return all.substr(all.find('\n')); };
  const bool has_changed = records_of(text) != records_of(before.texts.at(zone));
  if (is == was ? has_changed : !is_newer(is, was)) {
    fail(
        fmt::format("the serial of {} goes from {} to {} with a change", zone_name(zone), was, is));
  }
}

void Judge::answered(std::uint32_t number, const Result<Receipt>& receipt) {
  look(Side::kLeader);
  look(Side::kFollower);
  if (!receipt) {
    note("  request {} is refused: {}", number, receipt.error().detail);
    if (leaves_open(receipt.error().code)) {
      ++counts_.in_doubt;
    } else {
      --requests_.at(number - 1).open;
    }
    return;
  }
  note("  request {} is acknowledged at {} changed={} nodes={}{}", number,
       receipt->position.sequence, receipt->changed, receipt->nodes.size(),
       !receipt->nodes.empty() && receipt->nodes.front().has_it ? " that have it" : "");
  --requests_.at(number - 1).open;
  ++counts_.acknowledged;
  check_receipt(number, *receipt);
}

void Judge::check_receipt(std::uint32_t number, const Receipt& receipt) {
  const std::uint64_t sequence = receipt.position.sequence;
  if (!is_on_history(receipt.position) || !shows_at_least(view(Side::kLeader), sequence)) {
    fail(fmt::format("request {} is acknowledged at {}, which the leader does not answer with",
                     number, sequence));
    return;
  }
  Request& request = requests_.at(number - 1);
  const std::vector<std::uint64_t>& entries = request.entries;
  if (receipt.changed && std::ranges::find(entries, sequence) == entries.end()) {
    fail(fmt::format("request {} is acknowledged at {}, which is not its entry", number, sequence));
  }
  if (receipt.changed && request.acknowledged++ > 0) {
    ++counts_.repeated;
  }
  const bool is_there = std::ranges::any_of(receipt.nodes, &NodeReached::has_it);
  if (is_there) {
    ++counts_.at_follower;
  }
  if (is_there && !shows_at_least(view(Side::kFollower), sequence)) {
    fail(fmt::format("request {} is said to be at the follower, which does not answer with {}",
                     number, sequence));
  }
  const auto end = std::find_if(history_.begin() + static_cast<std::ptrdiff_t>(sequence) - 1,
                                history_.end(), [](const Logged& one) { return one.group_end; });
  for (std::size_t zone = 0; zone < kZones && receipt.changed; ++zone) {
    if (end->ids.at(zone) == receipt.zone && end->serials.at(zone) != receipt.serial) {
      fail(fmt::format("request {} is acknowledged with serial {}, and {} has {}", number,
                       receipt.serial, zone_name(zone), end->serials.at(zone)));
    }
  }
}

bool Judge::shows_at_least(const View& view, std::uint64_t sequence) const {
  return sequence <= history_.size() &&
         std::any_of(history_.begin() + static_cast<std::ptrdiff_t>(sequence) - 1, history_.end(),
                     [&](const Logged& one) { return one.group_end && one.texts == view.texts; });
}

void Judge::read(View& view) {
  const auto catalog = view.publisher->cell().shared();
  for (std::size_t zone = 0; zone < kZones; ++zone) {
    const ZonePtr answered = answered_zone(*catalog, zone);
    if (answered != view.zones.at(zone)) {
      view.texts.at(zone) =
          answered == nullptr ? "" : text_with_serial(answered->serial(), text_of(*answered));
      view.zones.at(zone) = answered;
    }
  }
}

void Judge::look(Side side) {
  View& here = view(side);
  if (here.log == nullptr || has_failed()) {
    return;
  }
  read(here);
  if (here.seen == 0 && here.texts == Texts{}) {
    return;  // nothing yet
  }
  for (std::uint64_t at = std::max<std::uint64_t>(here.seen, 1); at <= history_.size(); ++at) {
    if (history_[at - 1].group_end && history_[at - 1].texts == here.texts) {
      here.seen = at;
      return;
    }
  }
  fail(fmt::format("a reader at the {} sees what no group since {} left:\n{}", to_text(side),
                   here.seen, fmt::join(here.texts, "--\n")));
}

void Judge::sent(Side side, const Frame& frame) {
  View& here = view(side);
  look(side);
  if (const auto* const ack = std::get_if<AckFrame>(&frame)) {
    ++counts_.acks;
    here.acked = ack->position.sequence;
    if (!is_on_history(ack->position) ||
        (here.acked > 0 && history_[here.acked - 1].texts != here.texts)) {
      fail(fmt::format("the follower acknowledges {} and answers with something else", here.acked));
    }
  } else if (std::holds_alternative<CutBeginFrame>(frame)) {
    ++counts_.cuts;
  } else if (const auto* const entries = std::get_if<EntriesFrame>(&frame)) {
    const std::uint64_t last = entries->after.sequence + entries->entries.size();
    if (side == Side::kLeader && !shows_at_least(here, last)) {
      fail(fmt::format("the leader sends entry {} before it answers with it", last));
    }
  }
}

void Judge::expect_equal() {
  const auto ours = view(Side::kLeader).log->table().snapshot();
  const auto theirs = view(Side::kFollower).log->table().snapshot();
  look(Side::kLeader);
  look(Side::kFollower);
  bool is_equal = ours.position == theirs.position && ours.state() == theirs.state() &&
                  view(Side::kLeader).texts == view(Side::kFollower).texts &&
                  history_.back().texts == view(Side::kLeader).texts;
  for (std::size_t i = 0; is_equal && i < ours.zones.size(); ++i) {
    const ContentDigest digest = content_digest_of(*ours.zones[i]->zone);
    is_equal = digest == content_digest_of(*theirs.zones[i]->zone) &&
               digest == ours.zones[i]->digest && digest == theirs.zones[i]->digest;
  }
  if (!is_equal) {
    fail("leader and follower are not the same after everything was mended");
  }
}

}  // namespace tandem::test
