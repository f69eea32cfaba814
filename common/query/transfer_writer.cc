#include "common/query/transfer_writer.h"

#include <algorithm>
#include <utility>

namespace tandem {
namespace {

// So that a compression pointer reaches every name of a message (RFC 1035 s4.1.4). Only an RRset
// that is larger takes a message that is larger.
constexpr std::size_t kMessageGoal = kPointerLimit;

}  // namespace

TransferWriter::TransferWriter(ZonePtr zone, TransferForm form)
    : zone_(std::move(zone)),
      form_(std::move(form)),
      origin_{zone_->origin()},
      origin_at_(std::ranges::equal(form_.asked().wire(), origin_.name.wire()) ? kQuestionName : 0),
      walker_(zone_->walk()) {}

std::size_t TransferWriter::next(std::span<std::uint8_t> room) noexcept {
  if (stage_ == Stage::kDone) {
    return 0;
  }
  room = room.first(kMaxMessageOctets);
  const std::size_t start = form_.begin(room);
  origin_.at = origin_at_;
  AnswerWriter writer(room, start, kMessageGoal - form_.octets_behind());
  fill(writer);
  if (writer.count(Section::kAnswer) == 0) {
    writer = AnswerWriter(room, start, kMaxMessageOctets - form_.octets_behind());
    fill(writer);
  }
  const std::uint16_t count = writer.count(Section::kAnswer);
  if (count == 0) {
    return 0;
  }
  records_ += count;
  return form_.finish(room, writer.at(), count);
}

/// Goes on until the message is full or the zone is through.
void TransferWriter::fill(AnswerWriter& writer) noexcept {
  if (stage_ == Stage::kFirstSoa) {
    if (!put_soa(writer)) {
      return;
    }
    stage_ = Stage::kNodes;
  }
  while (stage_ == Stage::kNodes) {
    if (!walker_.valid()) {
      stage_ = Stage::kLastSoa;
    } else if (!put_node(writer, walker_.node())) {
      return;
    } else {
      walker_.next();
      slot_ = 0;
    }
  }
  if (stage_ == Stage::kLastSoa && put_soa(writer)) {
    stage_ = Stage::kDone;
  }
}

/// The SOA alone: its signatures go with the rest (RFC 5936 s2.2).
bool TransferWriter::put_soa(AnswerWriter& writer) noexcept {
  NamePlace owner;
  const RrSetView soa = zone_->rrset(zone_->apex().find(number(RrType::kSoa)));
  return writer.put_zone_set(zone_->apex(), soa, Parts::kRecords, origin_, owner);
}

/// Puts what is left of the node. False when the message is full.
bool TransferWriter::put_node(AnswerWriter& writer, NodeView node) noexcept {
  NamePlace owner;
  for (; slot_ < node.rrset_count(); ++slot_) {
    const RrSetSlot slot = node.slot(slot_);
    if (slot.type == kGlueSlot) {
      continue;  // made of records that are sent at their own owners
    }
    const bool is_soa = slot.type == number(RrType::kSoa);
    const RrSetView set = zone_->rrset(slot.rrset);
    const Parts parts = is_soa ? Parts::kSigs : Parts::kRecordsAndSigs;
    if (is_soa && set.sigs().empty()) {
      continue;
    }
    if (!writer.put_zone_set(node, set, parts, origin_, owner)) {
      return false;
    }
  }
  return true;
}

}  // namespace tandem
