#include "common/node/request_desk.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/logging.h"
#include "common/crypto/digest.h"
#include "common/dns/header.h"
#include "common/query/answer_writer.h"

namespace tandem {
namespace {

// What the engine needs for header, question and OPT; a signature with the longest names leaves
// less than that of 512 octets.
constexpr std::size_t kLeastRoom = 320;

/// What the client takes.
std::size_t limit_of(const ReceivedRequest& request, const QueryView& query,
                     const QueryEngine& engine) {
  return request.transport == Transport::kUdp ? engine.udp_limit(query) : kMaxMessageOctets;
}

std::uint64_t seconds_of(const Clock& clock) noexcept {
  const auto since = clock.wall().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(since).count());
}

/// Key and MAC: a retransmission has the same, nothing else has.
Octets request_id_of(const TsigRecord& record) {
  const auto digest = sha256(record.key.lower().wire(), record.mac);
  return to_octets(as_octets("tsig:" + to_hex(std::span(digest).first<16>())));
}

}  // namespace

/// The way back to one who asked, with what the answer repeats of the question.
class RequestDesk::Reply {
 public:
  Reply(ReceivedRequest& request, const QueryView& query, const Services& services)
      : answer_(std::move(request.answer)),
        head_(to_octets(query.message.first(query.question_end))),
        limit_(limit_of(request, query, services.engine)),
        clock_(&services.clock) {
    if (query.edns.is_present) {
      edns_.emplace();
      edns_->udp_payload = services.engine.udp_payload();
      edns_->dnssec_ok = query.edns.wants_dnssec;
    }
  }

  void sign_with(std::shared_ptr<TsigSigner> signer) { signer_ = std::move(signer); }

  [[nodiscard]] std::size_t signature_octets() const noexcept {
    return signer_ == nullptr ? 0 : signer_->octets();
  }

  /// Nothing but the rcode; of an update, that is all there is (RFC 2136 s3.8).
  void send(Rcode rcode) {
    Octets message = head_;
    const Header asked = load_header(head_.data());
    Header header;
    header.id = asked.id;
    header.flags = static_cast<std::uint16_t>(kFlagQr | (asked.flags & (0x7800U | kFlagRd)) |
                                              static_cast<std::uint16_t>(rcode));
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

  void send(Octets message) {
    // Names may be so long that there is no room beside them.
    if (signer_ != nullptr && message.size() + signer_->octets() <= limit_) {
      signer_->sign(message, seconds_of(*clock_));
    }
    answer_({std::move(message), nullptr, 0, nullptr});
  }

  /// An answer that somebody else has made and signed.
  void send_as_it_is(Octets message) { answer_({std::move(message), nullptr, 0, nullptr}); }

  /// Requires: the request was signed.
  void send_zone(ZonePtr zone) {
    answer_({.message = {},
             .transfer = std::move(zone),
             .signature_octets = signer_->octets(),
             .sign = [signer = signer_, clock = clock_](Octets& message) {
               signer->sign(message, seconds_of(*clock));
             }});
  }

 private:
  std::move_only_function<void(RequestAnswer)> answer_;
  Octets head_;
  std::size_t limit_;
  const Clock* clock_;
  std::optional<EdnsReply> edns_;
  std::shared_ptr<TsigSigner> signer_;
};

/// A request whose signature, if there was one, is good.
struct RequestDesk::Accepted {
  ReceivedRequest request;
  QueryView query;  // of request.message
  Reply reply;
  std::optional<Name> key;
  Octets request_id;
};

RequestDesk::RequestDesk(const Services& services)
    : services_(services),
      reader_(services.catalog.reader()),
      worker_(std::make_unique<QueryEngine::Worker>()),
      room_(kMaxMessageOctets) {}

void RequestDesk::serve(ReceivedRequest request) {
  QueryView query;
  const ParseStatus status = parse_query(request.message, query);
  Reply reply(request, query, services_);
  Accepted accepted{std::move(request), query, std::move(reply), {}, {}};
  if (query.has_tsig() && !check_signature(accepted)) {
    return;
  }
  if (status != ParseStatus::kUpdate && accepted.request.is_forwarded) {
    accepted.reply.send_as_it_is({});  // nothing else is passed on
  } else if (status == ParseStatus::kUpdate) {
    answer_update(std::move(accepted));
  } else {
    answer_query(std::move(accepted));
  }
}

bool RequestDesk::check_signature(Accepted& accepted) {
  const QueryView& query = accepted.query;
  const auto record = read_tsig(query.message, query.tsig_at);
  if (!record) {
    accepted.reply.send(Rcode::kFormErr);
    return false;
  }
  const TsigKeyPtr key = services_.keys.find(record->key);
  const TsigVerdict verdict =
      verify_tsig(query.message, query.tsig_at, *record, key.get(), seconds_of(services_.clock));
  count(verdict);
  if (!verdict.is_good()) {
    log_debug("signature refused key={} error={} from={}", record->key.to_text(),
              static_cast<unsigned>(verdict.error), accepted.request.from.to_text());
  }
  if (verdict.rcode != Rcode::kFormErr) {
    accepted.reply.sign_with(std::make_shared<TsigSigner>(*record, key, verdict));
  }
  if (!verdict.is_good()) {
    accepted.reply.send(verdict.rcode);
    return false;
  }
  accepted.key = record->key.lower();
  accepted.request_id = request_id_of(*record);
  return true;
}

void RequestDesk::count(const TsigVerdict& verdict) {
  if (verdict.is_good()) {
    ++stats_.good_signatures;
  } else if (verdict.error == TsigError::kBadKey) {
    ++stats_.bad_keys;
  } else if (verdict.error == TsigError::kBadTime) {
    ++stats_.bad_times;
  } else {
    ++stats_.bad_signatures;
  }
}

/// The engine answers the message as it was before it was signed, with room left for ours.
void RequestDesk::answer_query(Accepted accepted) {
  ReceivedRequest& request = accepted.request;
  const std::size_t limit = limit_of(request, accepted.query, services_.engine);
  const std::size_t taken = std::min(accepted.reply.signature_octets(), limit - kLeastRoom);
  request.message.resize(accepted.query.tsig_at);
  Header header = load_header(request.message.data());
  --header.additional_count;
  store_header(request.message.data(), header);

  QueryEngine::Exchange exchange{
      .message = request.message,
      .room = std::span(room_).first(limit - taken),
      .may_transfer = request.may_transfer_now && may_transfer(request.from, accepted.key)};
  services_.engine.answer(reader_.pin(), {&exchange, 1}, request.transport, *worker_);
  const ZonePtr zone = exchange.transfer == nullptr ? nullptr : exchange.transfer->zone;
  reader_.unpin();
  if (zone != nullptr) {
    accepted.reply.send_zone(zone);
  } else {
    accepted.reply.send(to_octets(exchange.room.first(exchange.answer_octets)));
  }
}

void RequestDesk::answer_update(Accepted accepted) {
  auto update = read_update(accepted.request.message);
  UpdateService* const updates = updates_;
  const Credential who{accepted.key, accepted.request.from, accepted.request.is_forwarded};
  if (!update || updates == nullptr) {
    const Rcode rcode = update ? Rcode::kServFail : update.error().rcode;
    log_debug("update refused from={} rcode={} reason=\"{}\"", who.to_text(), to_text(rcode),
              update ? "not ready yet" : update.error().reason);
    ++stats_.updates[static_cast<std::size_t>(rcode)];
    accepted.reply.send(rcode);
    return;
  }
  updates->submit(
      {.update = *std::move(update),
       .who = who,
       .request_id = std::move(accepted.request_id),
       .message = std::move(accepted.request.message),
       .done = [this, reply = std::move(accepted.reply)](UpdateOutcome outcome) mutable {
         ++stats_.updates[static_cast<std::size_t>(outcome.rcode)];
         if (outcome.answer.empty()) {
           reply.send(outcome.rcode);
         } else {
           reply.send_as_it_is(std::move(outcome.answer));
         }
       }});
}

/// RFC 5936 s5: who may have whole zones, by address or by key.
bool RequestDesk::may_transfer(const SocketAddress& from, const std::optional<Name>& key) const {
  return services_.transfers.allows(*from.system()) || (key && services_.transfers.allows(*key));
}

}  // namespace tandem
