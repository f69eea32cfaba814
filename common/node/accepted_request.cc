#include "common/node/accepted_request.h"

#include <span>
#include <utility>

#include "common/dns/header.h"

namespace tandem {

RequestReply::RequestReply(ReceivedRequest& request, const QueryView& query,
                           const QueryEngine& engine, const Clock& clock)
    : answer_(std::move(request.answer)),
      head_(to_octets(query.message.first(query.question_end))),
      limit_(request.transport == Transport::kUdp ? engine.udp_limit(query) : kMaxMessageOctets),
      clock_(&clock) {
  if (query.edns.is_present) {
    edns_.emplace();
    edns_->udp_payload = engine.udp_payload();
    edns_->dnssec_ok = query.edns.wants_dnssec;
  }
}

std::size_t RequestReply::signature_octets() const noexcept {
  return signer_ == nullptr ? 0 : signer_->octets();
}

TransferForm RequestReply::form(const QueryView& query,
                                std::optional<std::uint32_t> expire_seconds) const {
  std::optional<EdnsReply> edns = edns_;
  if (edns && query.edns.wants_expire) {
    edns->expire_seconds = expire_seconds;
  }
  return {query, edns, signature_octets()};
}

std::function<void(Octets&)> RequestReply::signing() const {
  if (signer_ == nullptr) {
    return nullptr;
  }
  return [signer = signer_, clock = clock_](Octets& message) {
    signer->sign(message, tsig_time(*clock));
  };
}

void RequestReply::send_head(std::uint16_t flags) {
  Octets message = head_;
  const Header asked = load_header(head_.data());
  Header header;
  header.id = asked.id;
  header.flags = static_cast<std::uint16_t>(kFlagQr | (asked.flags & (0x7800U | kFlagRd)) | flags);
  header.question_count = head_.size() > kHeaderOctets ? 1 : 0;
  if (edns_) {
    const std::size_t at = message.size();
    message.resize(at + edns_octets(*edns_));
    write_edns(*edns_, std::span(message).subspan(at));
    header.additional_count = 1;
  }
  store_header(message.data(), header);
  send(std::move(message));
}

void RequestReply::send(Octets message) {
  // Names may be so long that there is no room beside them.
  if (signer_ != nullptr && message.size() + signer_->octets() <= limit_) {
    signer_->sign(message, tsig_time(*clock_));
  }
  answer_({.message = std::move(message)});
}

}  // namespace tandem
