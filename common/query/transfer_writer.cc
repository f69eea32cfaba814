#include "common/query/transfer_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tandem {
namespace {

// So that a compression pointer reaches every name of a message (RFC 1035 s4.1.4). Only an RRset
// that is larger takes a message that is larger.
constexpr std::size_t kMessageGoal = kPointerLimit;

}  // namespace

TransferWriter::TransferWriter(ZonePtr zone, const QueryView& query, std::uint16_t udp_payload,
                               std::size_t tail)
    : zone_(std::move(zone)),
      origin_{zone_->origin()},
      origin_at_(std::ranges::equal(query.name.wire(), origin_.name.wire()) ? kQuestionName : 0),
      question_(to_octets(query.message.first(query.question_end))),
      tail_(tail),
      walker_(zone_->walk()) {
  if (query.edns.is_present) {
    edns_.emplace();
    edns_->dnssec_ok = query.edns.wants_dnssec;
    edns_->udp_payload = udp_payload;
  }
}

std::size_t TransferWriter::next(std::span<std::uint8_t> room) noexcept {
  if (stage_ == Stage::kDone) {
    return 0;
  }
  std::memcpy(room.data(), question_.data(), question_.size());
  origin_.at = origin_at_;
  const std::size_t behind = tail_ + (edns_ ? edns_octets(*edns_) : 0);
  AnswerWriter writer(room.first(kMaxMessageOctets), question_.size(), kMessageGoal - behind);
  fill(writer);
  if (writer.count(Section::kAnswer) == 0) {
    writer =
        AnswerWriter(room.first(kMaxMessageOctets), question_.size(), kMaxMessageOctets - behind);
    fill(writer);
  }
  return finish(writer);
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

std::size_t TransferWriter::finish(AnswerWriter& writer) noexcept {
  Header header = load_header(question_.data());
  header.flags = static_cast<std::uint16_t>(kFlagQr | kFlagAa | (header.flags & kFlagRd));
  header.question_count = 1;
  header.answer_count = writer.count(Section::kAnswer);
  header.authority_count = 0;
  header.additional_count = edns_ ? 1 : 0;
  if (edns_) {
    writer.advance(write_edns(*edns_, writer.room()));
  }
  store_header(writer.header(), header);
  records_ += header.answer_count;
  return writer.at();
}

}  // namespace tandem
