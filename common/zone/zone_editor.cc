#include "common/zone/zone_editor.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/dns/rdata.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxSigs = kMaxRrSetWire / 32;  // of the fewest octets that one has

bool is_address(std::uint16_t type) noexcept {
  return type == number(RrType::kA) || type == number(RrType::kAaaa);
}

}  // namespace

ZoneEditor::ZoneEditor(const Zone& from, const ZoneLimits& limits)
    : next_(new Zone(from)),  // NOLINT(cppcoreguidelines-owning-memory): private constructor
      arena_(next_->arena_.get()),
      limits_(limits),
      origin_(from.origin()),
      origin_hash_(hash_name(from.origin())),
      used_before_(arena_->used_octets()) {}

Result<ZonePtr> ZoneEditor::run(std::span<const Changeset> changes) {
  const std::vector<Edit> edits = TRY(collect(changes));
  records_ever_ = next_->record_count_ + edits.size();
  for (std::size_t first = 0; first < edits.size();) {
    std::size_t last = first + 1;
    while (last < edits.size() && edits[last].record.owner == edits[first].record.owner) {
      ++last;
    }
    TRYV(edit_owner(Edits(edits).subspan(first, last - first)));
    first = last;
  }
  TRYV(check_dnames());
  TRYV(check_empty_octets(origin_, next_->empty_octets_, next_->record_count_, limits_));
  recompile_glue();
  const ArenaOffset apex =
      next_->authoritative_.find(*arena_->table(), {});  // the empty relative name
  CHECK(apex != 0);  // check_draft() refuses to take the SOA away
  if (next_->negative_soa_ != 0) {
    note_garbage(RrSetView(arena_->at(next_->negative_soa_)).blob_octets());
  }
  const Nsec3Parameters before = next_->nsec3_parameters_;
  next_->take_apex(apex);
  choose_nsec3_chain(before);
  next_->live_octets_ += arena_->used_octets() - used_before_ - garbage_;
  return ZonePtr(next_);
}

/// After all edits, because the DNAME or the names below it may go in the same step.
Status ZoneEditor::check_dnames() const {
  for (const Name& owner : new_dnames_) {
    const NameKey key(owner);
    const NodeView node = find_any(key);
    const bool redirects = node && node.has(kNodeHasDname) && !node.has(kNodeOccluded);
    if (redirects && has_descendants(relative_of(key))) {
      return fail(Errc::kInvalid,
                  "{} cannot get a DNAME while there are names below it (RFC 6672 s2.4)",
                  owner.to_text());
    }
  }
  for (const Name& name : below_dname_) {
    const NameKey key(name);
    const NodeView node = find_any(key);
    const bool is_answered = node && !node.has(kNodeEmpty | kNodeOccluded | kNodeNsec3Only);
    for (std::size_t above = next_->origin_labels(); is_answered && above < key.label_count();
         ++above) {
      const NodeView ancestor = next_->find(key, above);
      if (ancestor && ancestor.has(kNodeHasDname)) {
        return fail(Errc::kInvalid,
                    "{} is below a DNAME, which redirects all names below it (RFC 6672 s2.4)",
                    name.to_text());
      }
    }
  }
  return {};
}

Result<std::vector<ZoneEditor::Edit>> ZoneEditor::collect(
    std::span<const Changeset> changes) const {
  std::vector<Edit> edits;
  std::uint32_t stage = 0;
  for (const Changeset& change : changes) {
    for (const Octets* packed : {&change.removed, &change.added}) {
      RrUnpacker records(*packed);
      while (const auto record = records.next()) {
        const bool short_sig = record->type == RrType::kRrsig && record->rdata.size() < 2;
        if (!record->owner.is_subdomain_of(origin_) || short_sig) {
          return fail(Errc::kInvalid, "{} {} cannot be in the zone {}", record->owner.to_text(),
                      to_text(record->type), origin_.to_text());
        }
        const std::uint16_t slot =
            record->type == RrType::kRrsig ? load_be16(record->rdata.data()) : number(record->type);
        edits.push_back({*record, stage, slot, edits.size()});
      }
      if (!records.ok()) {
        return fail(Errc::kCorrupt, "a changeset of {} is cut or malformed", origin_.to_text());
      }
      ++stage;
    }
  }
  std::ranges::sort(edits, [](const Edit& a, const Edit& b) {
    const auto order = a.record.owner <=> b.record.owner;
    return order != 0 ? order < 0 : a.place() < b.place();
  });
  return edits;
}

/// A name that loses all of its records and gets others comes again in the letters of those: the
/// edits behind the last moment without records make a node of their own.
Status ZoneEditor::edit_owner(Edits edits) {
  const auto letters_of = [this](NameView owner) {
    return owner.wire().first(owner.size() - origin_.size());
  };
  const NameKey key(edits.front().record.owner);
  const NodeView old = find_any(key);
  const bool has_records = old && !old.has(kNodeEmpty);
  const OctetSpan letters = has_records ? old.cased_name() : letters_of(edits.front().record.owner);
  if (std::ranges::all_of(
          edits, [&](const Edit& edit) { return equal(letters_of(edit.record.owner), letters); })) {
    return edit_node(key, old, edits);
  }
  std::vector<Edit> as_given(edits.begin(), edits.end());
  std::ranges::sort(as_given, {}, &Edit::order);
  std::size_t there = has_records ? records_of(old) : 0;
  auto anew = as_given.begin();
  for (auto at = anew; at != as_given.end(); ++at) {
    if (at->stage % 2 == 1) {
      ++there;
    } else if (there > 0) {  // a removal from nothing is refused below
      --there;
    }
    anew = there == 0 ? at + 1 : anew;
  }
  for (const auto& [first, last] :
       {std::pair(as_given.begin(), anew), std::pair(anew, as_given.end())}) {
    if (first != last) {
      std::ranges::sort(first, last, {}, &Edit::place);
      TRYV(edit_node(key, find_any(key), Edits(first, last)));
    }
  }
  return {};
}

Status ZoneEditor::edit_node(const NameKey& key, NodeView old, Edits edits) {
  NodeDraft draft;
  if (old && !old.has(kNodeEmpty)) {
    draft = draft_of(old);
  } else {
    const OctetSpan relative = relative_of(key);
    draft.relative = to_octets(relative);
    draft.cased = to_octets(edits.front().record.owner.wire().first(relative.size()));
  }
  const Name owner = whole_name(draft);
  bool addresses_change = false;
  for (std::size_t first = 0; first < edits.size();) {
    std::size_t last = first + 1;
    while (last < edits.size() && edits[last].slot == edits[first].slot) {
      ++last;
    }
    addresses_change = addresses_change || is_address(edits[first].slot);
    TRYV(edit_slot(draft, owner, edits.subspan(first, last - first)));
    first = last;
  }
  if (!draft.slots.empty() || draft.relative.empty()) {
    TRYV(check_draft(owner, draft, *arena_, limits_));
  }

  const bool was_cut = old && old.has(kNodeCut);
  const bool was_dname = old && old.has(kNodeHasDname);
  if (old && !old.has(kNodeEmpty)) {
    remove(old);
  }
  if (!draft.slots.empty()) {
    insert(std::move(draft));
  }
  // While names of the version before still wait for their removal both may be there, no more.
  TRYV(check_empty_octets(origin_, next_->empty_octets_ / 2, records_ever_, limits_));
  const NodeView now = find_any(key);
  const bool is_cut = now && now.has(kNodeCut);
  if (was_cut != is_cut) {
    reclassify_below(key);
  }
  if (now && now.has(kNodeHasDname) && !was_dname) {
    new_dnames_.push_back(owner);
  }
  if (is_cut) {
    cuts_to_recompile_.push_back(owner);
  } else if (addresses_change) {
    note_glue_change(key);
  }
  return {};
}

Status ZoneEditor::edit_slot(NodeDraft& draft, NameView owner, Edits edits) {
  const auto type = static_cast<RrType>(edits.front().slot);
  const ArenaOffset before = find_slot(draft, type);
  SlotContent content = content_of(before, owner);
  for (const Edit& edit : edits) {
    TRYV(edit_content(content, edit));
  }
  if (before != 0) {
    note_garbage(RrSetView(arena_->at(before)).blob_octets());
  }
  ArenaOffset after = 0;
  if (!content.rdatas.empty() || !content.sigs.empty()) {
    after = TRY(compile(content, type, owner));
  }
  set_slot(draft, type, after);
  return {};
}

ZoneEditor::SlotContent ZoneEditor::content_of(ArenaOffset rrset, NameView owner) const {
  SlotContent content;
  if (rrset == 0) {
    return content;
  }
  const RrSetView set(arena_->at(rrset));
  for (const StoredRr rr : StoredRrs(set.wire())) {
    content.ttl = rr.ttl();
    append_expanded_rdata(rr, set.wire(), owner, content.rdatas.emplace_back());
  }
  for (const StoredRr sig : StoredRrs(set.sigs())) {
    content.sigs.emplace_back(sig.ttl(), to_octets(sig.rdata()));
  }
  return content;
}

Status ZoneEditor::edit_content(SlotContent& content, const Edit& edit) const {
  const PackedRecord& record = edit.record;
  const bool is_removal = edit.stage % 2 == 0;
  const auto misfit = [&](std::string_view why) {
    return fail(Errc::kConflict, "{} {}: {}", record.owner.to_text(), to_text(record.type), why);
  };
  const auto is_same = [&](OctetSpan rdata) {
    return compare_rdata(record.type, rdata, record.rdata) == 0;
  };
  if (record.type == RrType::kRrsig) {
    const auto found =
        std::ranges::find_if(content.sigs, [&](const auto& sig) { return is_same(sig.second); });
    const bool there = found != content.sigs.end();
    if (is_removal ? !there || found->first != record.ttl : there) {
      return misfit(is_removal ? "the signature to remove is not there" : "is there already");
    }
    if (is_removal) {
      content.sigs.erase(found);
    } else if (content.sigs.size() == kMaxSigs) {
      return fail(Errc::kTooLarge, "{} has more than {} signatures over one RRset",
                  record.owner.to_text(), kMaxSigs);
    } else {
      content.sigs.emplace_back(record.ttl, to_octets(record.rdata));
    }
    return {};
  }
  const auto found = std::ranges::find_if(content.rdatas, is_same);
  const bool there = found != content.rdatas.end();
  if (is_removal) {
    if (!there || content.ttl != record.ttl) {
      return misfit("the record to remove is not there with that TTL");
    }
    content.rdatas.erase(found);
    return {};
  }
  if (there) {
    return misfit("is there already");
  }
  if (!content.rdatas.empty() && content.ttl != record.ttl) {
    return fail(Errc::kInvalid, "{} {}: TTL {} differs from the others' {} (RFC 2181 s5.2)",
                record.owner.to_text(), to_text(record.type), record.ttl, content.ttl);
  }
  if (content.rdatas.size() >= limits_.rrset_records) {  // or each search would take longer
    return fail(Errc::kTooLarge,
                "{} gets more than {} {} records, the limit (the zone's rrset-records-max)",
                record.owner.to_text(), limits_.rrset_records, to_text(record.type));
  }
  content.ttl = record.ttl;
  content.rdatas.push_back(to_octets(record.rdata));
  return {};
}

Result<ArenaOffset> ZoneEditor::compile(const SlotContent& content, RrType type, NameView owner) {
  CompileInput input{owner, type, content.ttl, {}, {}};
  input.rdatas.assign(content.rdatas.begin(), content.rdatas.end());
  std::ranges::sort(input.rdatas,
                    [type](OctetSpan a, OctetSpan b) { return compare_rdata(type, a, b) < 0; });
  for (const auto& [ttl, rdata] : content.sigs) {
    input.sigs.push_back({ttl, rdata});
  }
  std::ranges::sort(input.sigs, [](const auto& a, const auto& b) {
    return compare_rdata(RrType::kRrsig, a.rdata, b.rdata) < 0;
  });
  return compile_rrset(input, *arena_);
}

Result<ZonePtr> Zone::apply(std::span<const Changeset> changes, const ZoneLimits& limits) const {
  const std::lock_guard lock(arena_->growing());
  return ZoneEditor(*this, limits).run(changes);
}

}  // namespace tandem
