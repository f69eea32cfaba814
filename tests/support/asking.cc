#include "tests/support/asking.h"

#include <cstdlib>

#include <fmt/core.h>

#include "common/dns/rdata.h"
#include "tests/support/zone_text.h"

namespace tandem::test {

Octets query_wire(NameView name, RrType type, bool edns, bool dnssec, std::uint16_t payload) {
  Message query;
  query.id = 0x1234;
  query.flags = kFlagRd;
  query.questions.push_back({Name(name), type, RrClass::kIn});
  if (edns || dnssec) {
    query.additionals.push_back(
        {Name(), RrType::kOpt, static_cast<RrClass>(payload), dnssec ? kEdnsDoBit : 0U, {}});
  }
  return *write_message(query);
}

Asking::Asking(std::vector<ZonePtr> zones, EngineOptions options) : engine_(std::move(options)) {
  for (ZonePtr& zone : zones) {
    catalog_.put({std::move(zone), ServeState::kServing});
  }
}

Octets Asking::raw(OctetSpan query, Transport transport) {
  const std::size_t room = transport == Transport::kUdp ? 1232 : out_.size();
  const std::size_t octets =
      engine_.answer(catalog_, query, transport, std::span(out_).first(room), *worker_);
  return to_octets(OctetSpan(out_).first(octets));
}

Message Asking::ask(const Ask& ask) {
  const Octets wire =
      raw(query_wire(name(ask.name), ask.type, ask.edns, ask.dnssec, ask.payload), ask.transport);
  auto message = parse_message(wire);
  if (!message) {
    fmt::print(stderr, "{}: {}\n", ask.name, message.error().detail);
    std::abort();
  }
  return *std::move(message);
}

std::vector<std::string> lines_of(const std::vector<MessageRecord>& section) {
  std::vector<std::string> lines;
  for (const MessageRecord& record : section) {
    if (record.type != RrType::kOpt) {
      lines.push_back(fmt::format("{} {} {} {}", record.owner.to_text(), record.ttl,
                                  to_text(record.type), rdata_to_text(record.type, record.rdata)));
    }
  }
  return lines;
}

}  // namespace tandem::test
