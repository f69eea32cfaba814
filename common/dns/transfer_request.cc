#include "common/dns/transfer_request.h"

#include "common/base/check.h"
#include "common/dns/edns.h"
#include "common/dns/message.h"

namespace tandem {
namespace {

Message request_for(const Name& zone, RrType type, std::uint16_t id) {
  Message request;
  request.id = id;
  request.questions.push_back({zone, type});
  MessageRecord opt;
  opt.type = RrType::kOpt;
  opt.rr_class = static_cast<RrClass>(kDefaultUdpPayload);
  append_be(opt.rdata, static_cast<std::uint16_t>(EdnsOption::kExpire));
  append_be(opt.rdata, std::uint16_t{0});
  request.additionals.push_back(std::move(opt));
  return request;
}

/// Names, a SOA record and some fixed octets always fit.
Octets written(const Message& request) {
  auto out = write_message(request);
  CHECK(out.has_value());
  return *std::move(out);
}

}  // namespace

Octets soa_request(const Name& zone, std::uint16_t id) {
  return written(request_for(zone, RrType::kSoa, id));
}

Octets axfr_request(const Name& zone, std::uint16_t id) {
  return written(request_for(zone, RrType::kAxfr, id));
}

Octets ixfr_request(const RrSet& soa, std::uint16_t id) {
  Message request = request_for(soa.owner, RrType::kIxfr, id);
  request.authorities.push_back(
      {soa.owner, RrType::kSoa, RrClass::kIn, soa.ttl, soa.rdatas.front()});
  return written(request);
}

}  // namespace tandem
