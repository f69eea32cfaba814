#include "common/dns/transfer_form.h"

#include <algorithm>

#include "common/dns/header.h"

namespace tandem {

TransferForm::TransferForm(const QueryView& query, std::optional<EdnsReply> edns, std::size_t tail)
    : question_(to_octets(query.message.first(query.question_end))), edns_(edns), tail_(tail) {}

NameView TransferForm::asked() const noexcept {
  constexpr std::size_t kTypeAndClass = 4;
  return NameView::unchecked(OctetSpan(question_).subspan(
      kHeaderOctets, question_.size() - kHeaderOctets - kTypeAndClass));
}

std::size_t TransferForm::begin(std::span<std::uint8_t> room) const noexcept {
  std::ranges::copy(question_, room.begin());
  return question_.size();
}

std::size_t TransferForm::octets_behind() const noexcept {
  return tail_ + (edns_ ? edns_octets(*edns_) : 0);
}

std::size_t TransferForm::finish(std::span<std::uint8_t> room, std::size_t end,
                                 std::uint16_t records) noexcept {
  Header header = load_header(question_.data());
  header.flags = static_cast<std::uint16_t>(kFlagQr | kFlagAa | (header.flags & kFlagRd));
  header.question_count = 1;
  header.answer_count = records;
  header.authority_count = 0;
  header.additional_count = edns_ ? 1 : 0;
  if (edns_) {
    end += write_edns(*edns_, room.subspan(end));
    edns_->expire_seconds.reset();
  }
  store_header(room.data(), header);
  return end;
}

}  // namespace tandem
