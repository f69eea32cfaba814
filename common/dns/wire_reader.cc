#include "common/dns/wire_reader.h"

namespace tandem {

Name WireReader::name() noexcept {
  NameBuilder builder;
  Name out;
  std::size_t at = at_;
  std::size_t limit = end_;  // where the labels being read must end
  std::size_t after = 0;     // where reading goes on after the first pointer
  std::size_t lowest = at_;  // every pointer must go below all that was read so far
  while (at < limit) {
    const std::uint8_t length = message_[at];
    if (length == 0) {
      if (!builder.finish(NameView(), out)) {
        break;
      }
      at_ = after != 0 ? after : at + 1;
      return out;
    }
    if (length <= kMaxLabelOctets) {
      if (at + 1 + length > limit || !builder.append_label(message_.subspan(at + 1, length))) {
        break;
      }
      at += 1U + length;
      continue;
    }
    if ((length & 0xc0U) != 0xc0U || at + 2 > limit) {
      break;  // 01 and 10 are reserved (RFC 1035 s4.1.4, RFC 6891 s5)
    }
    const std::size_t target = load_be16(message_.data() + at) & 0x3fffU;
    if (target >= lowest) {
      break;
    }
    if (after == 0) {
      after = at + 2;
    }
    lowest = target;
    at = target;
    limit = message_.size();
  }
  set_failed();
  return out;
}

NameView WireReader::plain_name() noexcept {
  const std::size_t size = wire_name_octets(message_.subspan(at_, left()));
  if (size == 0) {
    set_failed();
    return {};
  }
  return NameView::unchecked(octets(size));
}

WireReader WireReader::sub_reader(std::size_t count) noexcept {
  WireReader sub(message_, at_);
  if (count > left()) {
    set_failed();
    sub.set_failed();
    return sub;
  }
  sub.end_ = at_ + count;
  at_ += count;
  return sub;
}

}  // namespace tandem
