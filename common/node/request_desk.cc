#include "common/node/request_desk.h"

#include <algorithm>
#include <span>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/logging.h"
#include "common/crypto/digest.h"
#include "common/dns/header.h"

namespace tandem {
namespace {

// What the engine needs for header, question and OPT; a signature with the longest names leaves
// less than that of 512 octets.
constexpr std::size_t kLeastRoom = 320;

/// Key and MAC: a retransmission has the same, nothing else has.
Octets request_id_of(const TsigRecord& record) {
  const auto digest = sha256(record.key.lower().wire(), record.mac);
  return to_octets(as_octets("tsig:" + to_hex(std::span(digest).first<16>())));
}

}  // namespace

RequestDesk::RequestDesk(const Services& services)
    : services_(services),
      reader_(services.publisher.cell().reader()),
      worker_(std::make_unique<QueryEngine::Worker>()),
      room_(kMaxMessageOctets),
      transfers_(
          {services.publisher, services.cluster_log, services.local_log, services.transfers}) {}

void RequestDesk::serve(ReceivedRequest request) {
  QueryView query;
  const ParseStatus status = parse_query(request.message, query);
  RequestReply reply(request, query, services_.engine, services_.clock);
  AcceptedRequest accepted{std::move(request), query, std::move(reply), {}, {}};
  if (query.has_tsig() && !check_signature(accepted)) {
    return;
  }
  if (status != ParseStatus::kUpdate && accepted.request.is_forwarded) {
    accepted.reply.send_as_it_is({});  // nothing else is passed on
  } else if (status == ParseStatus::kUpdate) {
    answer_update(std::move(accepted));
  } else if (status == ParseStatus::kOk && query.is_transfer()) {
    transfers_.answer(std::move(accepted));
  } else if (status == ParseStatus::kNotify) {
    answer_notify(std::move(accepted));
  } else {
    answer_query(std::move(accepted));
  }
}

bool RequestDesk::check_signature(AcceptedRequest& accepted) {
  const QueryView& query = accepted.query;
  const auto record = read_tsig(query.message, query.tsig_at);
  if (!record) {
    accepted.reply.send(Rcode::kFormErr);
    return false;
  }
  const TsigKeyPtr key = services_.keys.find(record->key);
  const TsigVerdict verdict =
      verify_tsig(query.message, query.tsig_at, *record, key.get(), tsig_time(services_.clock));
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

void RequestDesk::set_pulls(PullService* pulls) {
  {
    const std::lock_guard lock(pulls_mutex_);
    pulls_ = pulls;
  }
  transfers_.set_pulls(pulls);
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

/// What is not for everybody is for who may have it as a whole (RFC 9432 s7).
bool RequestDesk::may_see(const Catalog& catalog, const AcceptedRequest& accepted) {
  if (accepted.query.name.size() == 0) {
    return true;  // the question could not be read
  }
  const CatalogEntry* const entry =
      find_zone(catalog, NameKey(accepted.query.name), accepted.query.type);
  return entry == nullptr || !entry->is_for_peers ||
         transfers_.allows(accepted, entry->zone->origin());
}

/// The engine answers the message as it was before it was signed, with room left for our signature.
void RequestDesk::answer_query(AcceptedRequest accepted) {
  ReceivedRequest& request = accepted.request;
  const QueryView& query = accepted.query;
  const std::size_t limit = accepted.reply.limit();
  const std::size_t taken = std::min(accepted.reply.signature_octets(), limit - kLeastRoom);
  if (query.has_tsig()) {
    request.message.resize(query.tsig_at);
    Header header = load_header(request.message.data());
    --header.additional_count;
    store_header(request.message.data(), header);
  }
  QueryEngine::Exchange exchange{.message = request.message,
                                 .room = std::span(room_).first(limit - taken),
                                 .is_from_control_plane = true};
  if (query.edns.wants_expire && query.type == RrType::kSoa) {
    exchange.expire_seconds = transfers_.expire_seconds(query.name);
  }
  const Catalog& catalog = reader_.pin();
  if (!may_see(catalog, accepted)) {
    reader_.unpin();
    accepted.reply.send(Rcode::kRefused);
    return;
  }
  services_.engine.answer(catalog, {&exchange, 1}, request.transport, *worker_);
  reader_.unpin();
  accepted.reply.send(to_octets(exchange.room.first(exchange.answer_octets)));
}

void RequestDesk::answer_update(AcceptedRequest accepted) {
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

void RequestDesk::answer_notify(AcceptedRequest accepted) {
  const auto notify = read_notify(accepted.request.message);
  if (!notify) {
    accepted.reply.send(Rcode::kFormErr);
    return;
  }
  auto taken = PullService::NotifyTaken::kNotPulled;
  {
    const std::lock_guard lock(pulls_mutex_);
    if (pulls_ != nullptr) {
      taken = pulls_->notify(*notify, accepted.request.from, accepted.key);
    }
  }
  switch (taken) {
    case PullService::NotifyTaken::kYes:
      accepted.reply.send_authoritative();
      return;
    case PullService::NotifyTaken::kNotPulled:
      accepted.reply.send(Rcode::kNotAuth);
      return;
    case PullService::NotifyTaken::kRefused:
      log_debug("notify refused zone={} from={}", notify->zone.to_text(),
                accepted.request.from.to_text());
      accepted.reply.send(Rcode::kRefused);
      return;
  }
}

}  // namespace tandem
