#include "common/query/engine.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tandem {
namespace {

/// `text` as one character-string (RFC 1035 s3.3); empty stays empty.
Octets text_rdata(OctetSpan text) {
  if (text.empty()) {
    return {};
  }
  text = text.first(std::min<std::size_t>(text.size(), 255));
  Octets rdata(1, static_cast<std::uint8_t>(text.size()));
  append(rdata, text);
  return rdata;
}

}  // namespace

QueryEngine::QueryEngine(EngineOptions options) : options_(std::move(options)) {
  options_.version_text = text_rdata(options_.version_text);
  options_.identity_text = text_rdata(options_.identity_text);
}

std::size_t QueryEngine::answer(const Catalog& catalog, OctetSpan message, Transport transport,
                                std::span<std::uint8_t> out, Worker& worker) const noexcept {
  Exchange exchange{.message = message, .room = out};
  static_cast<void>(answer(catalog, {&exchange, 1}, transport, worker));
  return exchange.answer_octets;
}

std::size_t QueryEngine::answer(const Catalog& catalog, std::span<Exchange> batch,
                                Transport transport, Worker& worker) const noexcept {
  std::size_t answered = 0;
  while (answered < batch.size()) {
    const std::span group = batch.subspan(answered);
    const std::size_t count = std::min(group.size(), kQueriesAtOnce);
    const std::span queries = std::span(worker.queries).first(count);
    for (std::size_t i = 0; i < count; ++i) {
      group[i].answer_octets = 0;
      group[i].is_handed_over = false;
      read_query(group[i].message, queries[i]);
    }
    look_up_all(catalog, queries);
    for (std::size_t i = 0; i < count; ++i) {
      respond(catalog, queries[i], transport, group[i], worker);
      ++answered;
      if (group[i].is_handed_over && transport == Transport::kTcp) {
        return answered;
      }
    }
  }
  return answered;
}

void QueryEngine::respond(const Catalog& catalog, PendingQuery& pending, Transport transport,
                          Exchange& exchange, Worker& worker) const noexcept {
  const QueryView& query = pending.query;
  const std::span<std::uint8_t> out = exchange.room;
  worker.stats.queries.add();
  worker.stats.octets_in.add(query.message.size());
  if (pending.status == ParseStatus::kDrop) {
    worker.stats.dropped.add();
    return;
  }
  if (pending.is_for_control_plane() && !exchange.is_from_control_plane) {
    worker.stats.handed_over.add();
    exchange.is_handed_over = true;
    return;
  }
  std::memcpy(out.data(), query.message.data(), query.question_end);
  const std::size_t limit = limit_of(query, transport, out.size());
  const EdnsReply edns = edns_of(query, transport, limit, exchange.expire_seconds);
  const std::size_t room = query.edns.is_present ? edns_octets(edns) : 0;
  AnswerWriter writer(out.first(limit), query.question_end, limit - room);

  Responder::Outcome outcome;
  if (pending.is_for_zones()) {
    outcome = Responder(catalog, pending, writer, worker.scratch, worker.stats).run();
  } else if (pending.status != ParseStatus::kOk) {
    outcome.rcode = pending.status == ParseStatus::kFormErr ? Rcode::kFormErr : Rcode::kNotImp;
  } else if (pending.refusal != Rcode::kNoError) {
    outcome.rcode = pending.refusal;
  } else {
    outcome = answer_chaos(query, writer);
  }
  exchange.answer_octets = finish(query, outcome, edns, writer, worker.stats);
}

std::size_t QueryEngine::limit_of(const QueryView& query, Transport transport,
                                  std::size_t room) const noexcept {
  if (transport == Transport::kTcp) {
    return std::min(room, kMaxMessageOctets);
  }
  return std::min(room, udp_limit(query));
}

std::size_t QueryEngine::udp_limit(const QueryView& query) const noexcept {
  const std::size_t asked = query.edns.is_present ? query.edns.udp_payload : kMinUdpPayload;
  return std::min(asked, std::size_t{options_.udp_payload});
}

/// What is known before the answer is; finish() adds the extended error where there is room for it.
EdnsReply QueryEngine::edns_of(const QueryView& query, Transport transport, std::size_t limit,
                               std::optional<std::uint32_t> expire_seconds) const noexcept {
  EdnsReply reply;
  reply.expire_seconds = expire_seconds;
  reply.udp_payload = options_.udp_payload;
  reply.dnssec_ok = query.edns.wants_dnssec;
  if (query.edns.wants_nsid) {
    reply.nsid = options_.nsid;
  }
  if (transport == Transport::kTcp && query.edns.wants_keepalive) {
    reply.keepalive_100ms = options_.tcp_keepalive_100ms;
  }
  if (query.question_end + edns_octets(reply) > limit) {
    reply.nsid = {};  // the OPT record has to fit behind the question, this option need not
  }
  return reply;
}

/// CH TXT names that tell of the server (RFC 4892 s2): only what the operator configured.
Responder::Outcome QueryEngine::answer_chaos(const QueryView& query,
                                             AnswerWriter& writer) const noexcept {
  const auto is_asked = [&query](std::string_view wire) {
    return equal_fold(query.name.wire(), as_octets(wire));
  };
  using namespace std::string_view_literals;
  OctetSpan text;
  if (is_asked("\7version\4bind\0"sv) || is_asked("\7version\6server\0"sv)) {
    text = options_.version_text;
  } else if (is_asked("\2id\6server\0"sv) || is_asked("\10hostname\4bind\0"sv)) {
    text = options_.identity_text;
  }
  const bool wants_text = query.type == RrType::kTxt || query.type == RrType::kAny;
  if (text.empty() || !wants_text) {
    return {.rcode = Rcode::kRefused};
  }
  const bool fits = writer.put_text(RrClass::kCh, text);
  return {.is_authoritative = true, .is_truncated = !fits};
}

std::size_t QueryEngine::finish(const QueryView& query, const Responder::Outcome& outcome,
                                EdnsReply edns, AnswerWriter& writer,
                                WorkerStats& stats) const noexcept {
  if (outcome.is_truncated) {
    writer.truncate();
    stats.truncated.add();
  }
  const auto rcode = static_cast<std::uint16_t>(outcome.rcode);
  Header header;
  header.id = query.header.id;
  header.flags = static_cast<std::uint16_t>(kFlagQr | (query.header.flags & (0x7800U | kFlagRd)) |
                                            (outcome.is_authoritative ? kFlagAa : 0U) |
                                            (outcome.is_truncated ? kFlagTc : 0U) | (rcode & 0xfU));
  header.question_count = query.question_end > kHeaderOctets ? 1 : 0;
  header.answer_count = writer.count(Section::kAnswer);
  header.authority_count = writer.count(Section::kAuthority);
  header.additional_count = writer.count(Section::kAdditional);
  if (query.edns.is_present) {
    edns.error = outcome.error;
    if (edns_octets(edns) > writer.room().size()) {
      edns.error = ExtendedError::kNone;  // it explains the answer and must not cost any of it
    }
    edns.rcode_high = static_cast<std::uint8_t>(rcode >> 4U);
    writer.advance(write_edns(edns, writer.room()));
    ++header.additional_count;
    stats.edns.add();
    if (query.edns.wants_dnssec) {
      stats.dnssec_ok.add();
    }
  }
  store_header(writer.header(), header);
  stats.count_rcode(outcome.rcode);
  stats.answers.add();
  stats.octets_out.add(writer.at());
  return writer.at();
}

}  // namespace tandem
