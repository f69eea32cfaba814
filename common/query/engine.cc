#include "common/query/engine.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/query/tsig_error.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxMessage = 65535;

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

/// The rcode for what no zone can answer; kNoError for what zones can.
Rcode refusal_of(const QueryView& query) noexcept {
  if (query.edns.version > 0) {
    return Rcode::kBadVers;
  }
  if (query.has_tsig()) {
    return Rcode::kNotAuth;  // BADKEY: this server has no keys (RFC 8945 s5.2.1)
  }
  switch (query.type) {
    case RrType::kAxfr:
    case RrType::kIxfr:
      return Rcode::kRefused;
    case RrType::kOpt:
    case RrType::kTsig:
    case RrType::kTkey:
    case RrType::kMaila:
    case RrType::kMailb:
      return Rcode::kNotImp;
    default:
      return query.rr_class == RrClass::kIn || query.rr_class == RrClass::kCh ? Rcode::kNoError
                                                                              : Rcode::kRefused;
  }
}

}  // namespace

QueryEngine::QueryEngine(EngineOptions options) : options_(std::move(options)) {
  options_.version_text = text_rdata(options_.version_text);
  options_.identity_text = text_rdata(options_.identity_text);
}

std::size_t QueryEngine::answer(const Catalog& catalog, OctetSpan message, Transport transport,
                                std::span<std::uint8_t> out, Worker& worker) const noexcept {
  QueryView query;
  Responder::Outcome outcome;
  const ParseStatus status = parse_query(message, query);
  worker.stats.queries.add();
  worker.stats.octets_in.add(message.size());
  if (status == ParseStatus::kDrop) {
    worker.stats.dropped.add();
    return 0;
  }
  std::memcpy(out.data(), message.data(), query.question_end);
  const std::size_t limit = limit_of(query, transport, out.size());
  const EdnsReply edns = edns_of(query, transport, limit);
  const std::size_t room = query.edns.is_present ? edns_octets(edns) : 0;
  AnswerWriter writer(out.first(limit), query.question_end, limit - room);

  if (status != ParseStatus::kOk) {
    outcome.rcode = status == ParseStatus::kFormErr ? Rcode::kFormErr : Rcode::kNotImp;
  } else if (const Rcode refusal = refusal_of(query); refusal != Rcode::kNoError) {
    outcome.rcode = refusal;
  } else if (query.rr_class == RrClass::kCh) {
    outcome = answer_chaos(query, writer);
  } else {
    outcome = Responder(catalog, query, writer, worker.scratch, worker.stats).run();
  }
  return finish(query, outcome, edns, writer, worker.stats);
}

std::size_t QueryEngine::limit_of(const QueryView& query, Transport transport,
                                  std::size_t room) const noexcept {
  if (transport == Transport::kTcp) {
    return std::min(room, kMaxMessage);
  }
  const std::size_t asked = query.edns.is_present ? query.edns.udp_payload : kMinUdpPayload;
  return std::min({room, asked, std::size_t{options_.udp_payload}});
}

/// What is known before the answer is; finish() adds the extended error where there is room for it.
EdnsReply QueryEngine::edns_of(const QueryView& query, Transport transport,
                               std::size_t limit) const noexcept {
  EdnsReply reply;
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
  if (outcome.rcode == Rcode::kNotAuth) {
    if (const std::size_t octets = write_bad_key(query, writer.room()); octets > 0) {
      writer.advance(octets);
      ++header.additional_count;
    }
  }
  store_header(writer.header(), header);
  stats.count_rcode(outcome.rcode);
  stats.answers.add();
  stats.octets_out.add(writer.at());
  return writer.at();
}

}  // namespace tandem
