// The half of ZoneEditor that keeps the sets of names true.
#include <algorithm>
#include <ranges>

#include "common/base/check.h"
#include "common/zone/zone_editor.h"

namespace tandem {
namespace {

bool is_wildcard_name(OctetSpan relative) noexcept {
  return relative.size() >= 2 && relative[0] == 1 && relative[1] == '*';
}

bool has_address(const NodeDraft& draft) noexcept {
  return find_slot(draft, RrType::kA) != 0 || find_slot(draft, RrType::kAaaa) != 0;
}

bool has_address(NodeView node) noexcept {
  return node.find(number(RrType::kA)) != 0 || node.find(number(RrType::kAaaa)) != 0;
}

}  // namespace

OctetSpan ZoneEditor::relative_of(const NameKey& key) const noexcept {
  return key.name().wire().first(key.size() - origin_.size());
}

NameKey ZoneEditor::key_of(NodeView at) const {
  return NameKey(next_->owner_of(at));
}

HashIndex::Rehash ZoneEditor::rehash() const {
  return [this](ArenaOffset offset) {
    return hash_relative(origin_hash_, NodeView(arena_->at(offset)).relative_name());
  };
}

NodeView ZoneEditor::find_any(const NameKey& key) const {
  const NodeView found = next_->find(key, key.label_count());
  if (found && !found.has(kNodeEmpty)) {
    return found;
  }
  const NodeView aside = next_->find_aside(relative_of(key));
  return aside ? aside : found;
}

bool ZoneEditor::has_descendants(OctetSpan relative) const noexcept {
  for (const OrderIndex* order : {&next_->authoritative_, &next_->occluded_}) {
    const OrderIndex::Cursor after = order->after(*arena_->table(), relative);
    if (after.valid() && is_relative_subdomain(node(after.offset()).relative_name(), relative)) {
      return true;
    }
  }
  return false;
}

/// Where an NSEC3 owner that is not below a cut is kept. The parameters are those of the version
/// before until all edits are done.
OrderIndex& ZoneEditor::nsec3_set_of(NodeView at) const noexcept {
  const RrSetView nsec3 = next_->rrset(at.find(number(RrType::kNsec3)));
  return next_->nsec3_parameters_.has_in_chain(at.relative_name(), nsec3) ? next_->nsec3_
                                                                          : next_->idle_nsec3_;
}

/// The apex may have other NSEC3 parameters than `before`: then its owners change sides.
void ZoneEditor::choose_nsec3_chain(const Nsec3Parameters& before) {
  if (next_->nsec3_parameters_ == before) {
    return;
  }
  std::vector<ArenaOffset> owners;
  for (OrderIndex* order : {&next_->nsec3_, &next_->idle_nsec3_}) {
    for (OrderIndex::Cursor at = order->first(); at.valid(); at.next()) {
      owners.push_back(at.offset());
    }
    *order = OrderIndex();
  }
  for (const ArenaOffset owner : owners) {
    nsec3_set_of(node(owner)).put(*arena_->table(), owner);
  }
}

void ZoneEditor::count_node(NodeView at, int by) {
  const auto add = [by](std::uint32_t& counter) { counter += static_cast<std::uint32_t>(by); };
  if (at.has(kNodeOccluded | kNodeNsec3Only)) {
    return;
  }
  if (at.has(kNodeEmpty)) {
    next_->empty_octets_ += at.blob_octets() * static_cast<std::size_t>(by);
  }
  if (is_wildcard_name(at.relative_name())) {
    add(next_->wildcard_count_);
  }
  if (at.has(kNodeCut | kNodeHasDname)) {
    add(next_->redirection_count_);
  }
}

/// Takes a node with records out of its set; leaves an empty non-terminal where names below need
/// one.
void ZoneEditor::remove(NodeView old) {
  const NameKey key = key_of(old);
  const OctetSpan relative = relative_of(key);
  const ArenaTable& table = *arena_->table();
  count_node(old, -1);
  note_garbage(old.blob_octets());
  next_->record_count_ -= records_of(old);
  const ArenaOffset offset = next_->offset_of(key, key.label_count());
  if (old.has(kNodeOccluded)) {
    next_->occluded_.erase(table, relative);
    if (has_address(old)) {
      next_->names_.erase(key.hash(), offset, rehash());
    }
    return;
  }
  if (old.has(kNodeNsec3Only)) {
    nsec3_set_of(old).erase(table, relative);
    return;
  }
  next_->authoritative_.erase(table, relative);
  if (!old.has(kNodeCut) && !relative.empty() && has_descendants(relative)) {
    put_empty(key, key.label_count(), offset);
    return;
  }
  next_->names_.erase(key.hash(), offset, rehash());
  drop_empty_ancestors(key);
}

/// Stores an empty non-terminal for the last `labels` labels of `key`, in the place of `old` unless
/// that is 0.
void ZoneEditor::put_empty(const NameKey& key, std::size_t labels, ArenaOffset old) {
  NodeDraft empty;
  const OctetSpan name = key.suffix(labels).wire();
  empty.relative = to_octets(name.first(name.size() - origin_.size()));
  empty.cased = empty.relative;
  empty.flags = kNodeEmpty;
  const ArenaOffset stored = store_draft(empty, *arena_);
  refresh_table();
  count_node(node(stored), 1);
  if (old != 0) {
    next_->names_.replace(key.suffix_hash(labels), old, stored);
  } else {
    next_->names_.insert(key.suffix_hash(labels), stored, rehash());
  }
}

void ZoneEditor::drop_empty_ancestors(const NameKey& key) {
  for (std::size_t labels = key.label_count(); labels-- > next_->origin_labels() + 1;) {
    const NodeView ancestor = next_->find(key, labels);
    if (!ancestor || !ancestor.has(kNodeEmpty) || has_descendants(ancestor.relative_name())) {
      return;
    }
    count_node(ancestor, -1);
    note_garbage(ancestor.blob_octets());
    next_->names_.erase(key.suffix_hash(labels), next_->offset_of(key, labels), rehash());
  }
}

/// Puts a node into the set that its records and the names above it call for.
void ZoneEditor::insert(NodeDraft draft) {
  const NameKey key(whole_name(draft));
  const std::size_t labels = key.label_count();
  draft.glue = 0;
  draft.flags = 0;
  bool occluded = false;
  for (std::size_t above = next_->origin_labels(); above < labels && !occluded; ++above) {
    const NodeView ancestor = next_->find(key, above);
    if (ancestor && ancestor.has(kNodeHasDname)) {
      below_dname_.push_back(key.name());  // wrong, unless one of the two goes in the same step
    }
    occluded = ancestor && ancestor.has(kNodeCut);
  }
  if (occluded) {
    draft.flags = kNodeOccluded;
  } else if (!draft.relative.empty() && find_slot(draft, RrType::kNs) != 0) {
    draft.flags = kNodeCut;
  }
  const ArenaOffset stored = store_draft(draft, *arena_);
  refresh_table();
  const NodeView now = node(stored);
  const ArenaTable& table = *arena_->table();
  count_node(now, 1);
  next_->record_count_ += records_of(now);
  if (occluded) {
    next_->occluded_.put(table, stored);
    if (has_address(draft)) {
      next_->names_.insert(key.hash(), stored, rehash());
    }
    return;
  }
  if (now.has(kNodeNsec3Only)) {
    nsec3_set_of(now).put(table, stored);
    return;
  }
  put_authoritative(key, stored);
}

/// Puts a stored node with records into the authoritative set, in the place of an empty
/// non-terminal where there is one, and makes those above it that are missing.
void ZoneEditor::put_authoritative(const NameKey& key, ArenaOffset stored) {
  const std::size_t labels = key.label_count();
  const ArenaOffset empty = next_->offset_of(key, labels);
  if (empty != 0) {
    count_node(node(empty), -1);
    note_garbage(node(empty).blob_octets());
    next_->names_.replace(key.hash(), empty, stored);
  } else {
    next_->names_.insert(key.hash(), stored, rehash());
  }
  next_->authoritative_.put(*arena_->table(), stored);
  for (std::size_t above = labels - 1; labels > 0 && above > next_->origin_labels(); --above) {
    if (next_->offset_of(key, above) != 0) {
      break;
    }
    put_empty(key, above, 0);
  }
}

/// A cut came or went at `cut`: every name below it changes sides.
void ZoneEditor::reclassify_below(const NameKey& cut) {
  const OctetSpan top = relative_of(cut);
  std::vector<ArenaOffset> below;
  for (const OrderIndex* order :
       {&next_->authoritative_, &next_->occluded_, &next_->nsec3_, &next_->idle_nsec3_}) {
    OrderIndex::Cursor cursor = order->after(*arena_->table(), top);
    while (cursor.valid() && is_relative_subdomain(node(cursor.offset()).relative_name(), top)) {
      below.push_back(cursor.offset());
      cursor.next();
    }
  }
  std::ranges::sort(below, [this](ArenaOffset a, ArenaOffset b) {
    return compare_relative(node(a).relative_name(), node(b).relative_name()) < 0;
  });
  // From the bottom up, so that no empty non-terminal stays behind.
  for (const ArenaOffset offset : std::views::reverse(below)) {
    remove(node(offset));
  }
  for (const ArenaOffset offset : below) {
    insert(draft_of(node(offset)));
    const NodeView now = find_any(key_of(node(offset)));
    if (now.has(kNodeCut)) {
      cuts_to_recompile_.push_back(next_->owner_of(now));
    }
  }
  drop_empty_ancestors(cut);  // where nothing but NSEC3 owners is left below it
}

/// An address at `key` changed: the cut above it may have it as glue.
void ZoneEditor::note_glue_change(const NameKey& key) {
  for (std::size_t above = next_->origin_labels() + 1; above < key.label_count(); ++above) {
    const NodeView ancestor = next_->find(key, above);
    if (ancestor && ancestor.has(kNodeCut)) {
      cuts_to_recompile_.push_back(next_->owner_of(ancestor));
      return;
    }
  }
}

void ZoneEditor::recompile_glue() {
  std::ranges::sort(cuts_to_recompile_, [](const Name& a, const Name& b) { return a < b; });
  const auto extra = std::ranges::unique(cuts_to_recompile_);
  cuts_to_recompile_.erase(extra.begin(), extra.end());
  for (const Name& owner : cuts_to_recompile_) {
    const NameKey key(owner);
    const ArenaOffset offset = next_->offset_of(key, key.label_count());
    if (offset == 0 || !node(offset).has(kNodeCut)) {
      continue;  // a later edit of the same changeset took it away
    }
    NodeDraft draft = draft_of(node(offset));
    if (const ArenaOffset old = node(offset).find(kGlueSlot); old != 0) {
      note_garbage(RrSetView(arena_->at(old)).blob_octets());
    }
    draft.glue = glue_of(node(offset), owner);
    draft.flags = kNodeCut;
    const ArenaOffset stored = store_draft(draft, *arena_);
    refresh_table();
    note_garbage(node(offset).blob_octets());
    next_->names_.replace(key.hash(), offset, stored);
    next_->authoritative_.put(*arena_->table(), stored);
  }
}

ArenaOffset ZoneEditor::glue_of(NodeView cut, NameView owner) {
  const GlueSource addresses = [this](NameView target) {
    std::vector<RrSetView> found;
    if (const NodeView at = find_any(NameKey(target)); at) {
      for (const RrType type : {RrType::kA, RrType::kAaaa}) {
        if (const ArenaOffset set = at.find(number(type)); set != 0) {
          found.emplace_back(arena_->at(set));
        }
      }
    }
    return found;
  };
  const RrSetView ns(arena_->at(cut.find(number(RrType::kNs))));
  return compile_glue(owner, origin_, ns, addresses, *arena_);
}

std::size_t ZoneEditor::records_of(NodeView at) const noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < at.rrset_count(); ++i) {
    const RrSetSlot slot = at.slot(i);
    if (slot.type == kGlueSlot) {
      continue;
    }
    const RrSetView set(arena_->at(slot.rrset));
    count += set.count();
    for (const StoredRr sig : StoredRrs(set.sigs())) {
      static_cast<void>(sig);
      ++count;
    }
  }
  return count;
}

/// The next version must see the chunk that the last allocation may have added.
void ZoneEditor::refresh_table() {
  next_->table_ = arena_->table();
}

Name ZoneEditor::whole_name(const NodeDraft& draft) const {
  Octets wire = draft.cased;
  append(wire, origin_.wire());
  return Name(NameView::unchecked(wire));
}

}  // namespace tandem
