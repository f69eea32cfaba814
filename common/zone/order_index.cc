#include "common/zone/order_index.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/zone/node.h"

namespace tandem {
namespace {

OctetSpan name_of(const ArenaTable& nodes, ArenaOffset node) noexcept {
  return NodeView(nodes.at(node)).relative_name();
}

}  // namespace

OrderIndex::OrderIndex(std::span<const ArenaOffset> sorted) : size_(sorted.size()) {
  std::vector<Ref<Page>> level;
  for (std::size_t at = 0; at < sorted.size(); at += kFanout) {
    const auto part = sorted.subspan(at, std::min(kFanout, sorted.size() - at));
    level.push_back(Ref<Page>::make());
    level.back()->key.assign(part.begin(), part.end());
  }
  while (level.size() > 1) {
    std::vector<Ref<Page>> above;
    for (std::size_t i = 0; i < level.size(); ++i) {
      if (i % kFanout == 0) {
        above.push_back(Ref<Page>::make());
      }
      above.back()->key.push_back(level[i]->key.front());
      above.back()->child.push_back(std::move(level[i]));
    }
    level = std::move(above);
  }
  if (!level.empty()) {
    root_ = std::move(level.front());
  }
}

void OrderIndex::Cursor::descend_first(const Page* page) noexcept {
  while (true) {
    step_[depth_++] = {page, 0};
    if (page->child.empty()) {
      return;
    }
    page = page->child.front().get();
  }
}

void OrderIndex::Cursor::descend_last(const Page* page) noexcept {
  while (true) {
    step_[depth_++] = {page, page->key.size() - 1};
    if (page->child.empty()) {
      return;
    }
    page = page->child.back().get();
  }
}

void OrderIndex::Cursor::next() noexcept {
  while (depth_ > 0) {
    Step& step = step_[depth_ - 1];
    if (++step.at < step.page->key.size()) {
      if (!step.page->child.empty()) {
        descend_first(step.page->child[step.at].get());
      }
      return;
    }
    --depth_;
  }
}

void OrderIndex::Cursor::previous() noexcept {
  while (depth_ > 0) {
    Step& step = step_[depth_ - 1];
    if (step.at > 0) {
      --step.at;
      if (!step.page->child.empty()) {
        descend_last(step.page->child[step.at].get());
      }
      return;
    }
    --depth_;
  }
}

OrderIndex::Cursor OrderIndex::first() const noexcept {
  Cursor cursor;
  if (root_) {
    cursor.descend_first(root_.get());
  }
  return cursor;
}

OrderIndex::Cursor OrderIndex::last() const noexcept {
  Cursor cursor;
  if (root_) {
    cursor.descend_last(root_.get());
  }
  return cursor;
}

std::size_t OrderIndex::child_for(const Page& page, const ArenaTable& nodes,
                                  const RelativeProbe& name) noexcept {
  const auto after = std::ranges::partition_point(
      page.key, [&](ArenaOffset key) { return name.compare(name_of(nodes, key)) >= 0; });
  return after == page.key.begin() ? 0 : static_cast<std::size_t>(after - page.key.begin()) - 1;
}

OrderIndex::Cursor OrderIndex::at_or_before(const ArenaTable& nodes,
                                            OctetSpan name) const noexcept {
  Cursor cursor;
  if (!root_) {
    return cursor;
  }
  const RelativeProbe probe(name);
  const Page* page = root_.get();
  while (true) {
    const std::size_t at = child_for(*page, nodes, probe);
    cursor.step_[cursor.depth_++] = {page, at};
    if (page->child.empty()) {
      break;
    }
    page = page->child[at].get();
  }
  // The smallest key of a page may be after `name`; then the one before is in the page to the left.
  if (probe.compare(name_of(nodes, cursor.offset())) < 0) {
    cursor.previous();
  }
  return cursor;
}

OrderIndex::Cursor OrderIndex::after(const ArenaTable& nodes, OctetSpan name) const noexcept {
  Cursor cursor = at_or_before(nodes, name);
  if (!cursor.valid()) {
    return first();
  }
  cursor.next();
  return cursor;
}

ArenaOffset OrderIndex::find(const ArenaTable& nodes, OctetSpan name) const noexcept {
  const Cursor cursor = at_or_before(nodes, name);
  return cursor.valid() && equal(name_of(nodes, cursor.offset()), name) ? cursor.offset() : 0;
}

void OrderIndex::put(const ArenaTable& nodes, ArenaOffset node) {
  if (!root_) {
    root_ = Ref<Page>::make();
  }
  if (put_in(root_, nodes, RelativeProbe(name_of(nodes, node)), node, 1) == PutEffect::kAdded) {
    ++size_;
  }
  if (root_->key.size() > kFanout) {
    Ref<Page> above = Ref<Page>::make();
    above->key.push_back(root_->key.front());
    above->child.push_back(std::move(root_));
    split_child(*above, 0);
    root_ = std::move(above);
  }
}

OrderIndex::PutEffect OrderIndex::put_in(Ref<Page>& place, const ArenaTable& nodes,
                                         const RelativeProbe& name, ArenaOffset node,
                                         std::size_t depth) {
  CHECK(depth < kMaxDepth);
  if (!place.unique()) {
    place = Ref<Page>::make(*place);
  }
  Page& page = *place;
  if (page.child.empty()) {
    const auto at = std::ranges::partition_point(
        page.key, [&](ArenaOffset key) { return name.compare(name_of(nodes, key)) > 0; });
    if (at != page.key.end() && equal(name_of(nodes, *at), name.name())) {
      *at = node;
      return PutEffect::kReplaced;
    }
    page.key.insert(at, node);
    return PutEffect::kAdded;
  }
  const std::size_t at = child_for(page, nodes, name);
  const PutEffect effect = put_in(page.child[at], nodes, name, node, depth + 1);
  page.key[at] = page.child[at]->key.front();
  if (page.child[at]->key.size() > kFanout) {
    split_child(page, at);
  }
  return effect;
}

void OrderIndex::split_child(Page& parent, std::size_t at) {
  Page& left = *parent.child[at];
  Ref<Page> right = Ref<Page>::make();
  const auto half = static_cast<std::ptrdiff_t>(left.key.size() / 2);
  right->key.assign(left.key.begin() + half, left.key.end());
  left.key.erase(left.key.begin() + half, left.key.end());
  if (!left.child.empty()) {
    right->child.assign(left.child.begin() + half, left.child.end());
    left.child.erase(left.child.begin() + half, left.child.end());
  }
  const auto next = static_cast<std::ptrdiff_t>(at) + 1;
  parent.key.insert(parent.key.begin() + next, right->key.front());
  parent.child.insert(parent.child.begin() + next, std::move(right));
}

void OrderIndex::erase(const ArenaTable& nodes, OctetSpan name) {
  erase_in(root_, nodes, RelativeProbe(name), 1);
  --size_;
  while (root_ && root_->child.size() == 1) {
    Ref<Page> only = root_->child.front();
    root_ = std::move(only);
  }
  if (root_ && root_->key.empty()) {
    root_ = Ref<Page>();
  }
}

void OrderIndex::erase_in(Ref<Page>& place, const ArenaTable& nodes, const RelativeProbe& name,
                          std::size_t depth) {
  CHECK(depth < kMaxDepth && place);
  if (!place.unique()) {
    place = Ref<Page>::make(*place);
  }
  Page& page = *place;
  const std::size_t at = child_for(page, nodes, name);
  const auto position = static_cast<std::ptrdiff_t>(at);
  if (page.child.empty()) {
    CHECK(equal(name_of(nodes, page.key[at]), name.name()));
    page.key.erase(page.key.begin() + position);
    return;
  }
  erase_in(page.child[at], nodes, name, depth + 1);
  if (page.child[at]->key.empty()) {
    page.key.erase(page.key.begin() + position);
    page.child.erase(page.child.begin() + position);
  } else {
    page.key[at] = page.child[at]->key.front();
  }
}

std::size_t OrderIndex::memory_of(const Page& page) noexcept {
  std::size_t octets = sizeof(Page) + page.key.capacity() * sizeof(ArenaOffset) +
                       page.child.capacity() * sizeof(Ref<Page>);
  for (const Ref<Page>& child : page.child) {
    octets += memory_of(*child);
  }
  return octets;
}

std::size_t OrderIndex::memory_octets() const noexcept {
  return root_ ? memory_of(*root_) : 0;
}

}  // namespace tandem
