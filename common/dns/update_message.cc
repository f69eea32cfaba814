#include "common/dns/update_message.h"

#include <span>
#include <utility>

#include "common/base/result.h"
#include "common/dns/header.h"
#include "common/dns/rdata.h"
#include "common/dns/wire_reader.h"

namespace tandem {
namespace {

using Refused = std::unexpected<UpdateRefusal>;

template <class... Args>
Refused malformed(fmt::format_string<Args...> text, Args&&... args) {
  return refuse(Rcode::kFormErr, text, std::forward<Args>(args)...);
}

/// A record as it stands in any section.
struct Row {
  Name owner;
  RrType type{};
  RrClass rr_class{};
  std::uint32_t ttl = 0;
  WireReader rdata{{}};
  std::size_t rdata_octets = 0;
};

Row read_row(WireReader& reader) {
  Row row;
  row.owner = reader.name();
  row.type = static_cast<RrType>(reader.u16());
  row.rr_class = static_cast<RrClass>(reader.u16());
  row.ttl = reader.u32();
  row.rdata_octets = reader.u16();
  row.rdata = reader.sub_reader(row.rdata_octets);
  return row;
}

std::expected<Octets, UpdateRefusal> rdata_of(const Row& row) {
  Octets out;
  if (const auto read = append_rdata_from_wire(row.type, row.rdata, out); !read) {
    return malformed("{} {}: {}", row.owner.to_text(), to_text(row.type), read.error().detail);
  }
  return out;
}

/// Exactly one SOA question of our class (RFC 2136 s3.1.1).
std::expected<Name, UpdateRefusal> read_zone(WireReader& reader, const Header& header) {
  Name zone = reader.name();
  const auto type = static_cast<RrType>(reader.u16());
  const auto rr_class = static_cast<RrClass>(reader.u16());
  if (header.question_count != 1 || !reader.ok() || type != RrType::kSoa) {
    return malformed("the zone section is not one name with type SOA");
  }
  if (rr_class != RrClass::kIn) {
    return refuse(Rcode::kNotAuth, "zones here are of class IN, not {}", to_text(rr_class));
  }
  return zone;
}

/// RFC 2136 s2.4, s3.2.5.
std::expected<UpdatePrerequisite, UpdateRefusal> prerequisite_of(const Row& row, const Name& zone) {
  using Kind = UpdatePrerequisite::Kind;
  if (row.ttl != 0) {
    return malformed("the prerequisite at {} has a TTL", row.owner.to_text());
  }
  if (!row.owner.is_subdomain_of(zone)) {
    return refuse(Rcode::kNotZone, "the prerequisite at {} is outside of {}", row.owner.to_text(),
                  zone.to_text());
  }
  UpdatePrerequisite out{{}, row.owner, row.type, {}};
  const bool is_any = row.type == RrType::kAny;
  if (row.rr_class == RrClass::kIn) {
    if (is_meta_type(row.type)) {
      return malformed("the prerequisite at {} has type {}", row.owner.to_text(),
                       to_text(row.type));
    }
    auto rdata = rdata_of(row);
    if (!rdata) {
      return Refused(std::move(rdata.error()));
    }
    out.kind = Kind::kRrSetHas;
    out.rdata = *std::move(rdata);
    return out;
  }
  if (row.rdata_octets != 0 || (!is_any && is_meta_type(row.type))) {
    return malformed("the prerequisite at {} has data or a type that no zone holds",
                     row.owner.to_text());
  }
  if (row.rr_class == RrClass::kAny) {
    out.kind = is_any ? Kind::kNameInUse : Kind::kRrSetExists;
  } else if (row.rr_class == RrClass::kNone) {
    out.kind = is_any ? Kind::kNameNotInUse : Kind::kRrSetDoesNotExist;
  } else {
    return malformed("the prerequisite at {} has class {}", row.owner.to_text(),
                     to_text(row.rr_class));
  }
  return out;
}

/// RFC 2136 s2.5, s3.4.1.
std::expected<UpdateStep, UpdateRefusal> step_of(const Row& row, const Name& zone) {
  using Kind = UpdateStep::Kind;
  const std::string owner = row.owner.to_text();
  if (!row.owner.is_subdomain_of(zone)) {
    return refuse(Rcode::kNotZone, "{} is outside of {}", owner, zone.to_text());
  }
  const bool has_ttl_sign = (row.ttl & 0x8000'0000U) != 0;  // then it is zero (RFC 2181 s8)
  UpdateStep out{{}, row.owner, row.type, has_ttl_sign ? 0 : row.ttl, {}};
  const bool has_meta_type = is_meta_type(row.type);
  if (row.rr_class == RrClass::kAny) {
    if (row.ttl != 0 || row.rdata_octets != 0 || (has_meta_type && row.type != RrType::kAny)) {
      return malformed("the deletion at {} has a TTL, data, or type {}", owner, to_text(row.type));
    }
    out.kind = row.type == RrType::kAny ? Kind::kDeleteName : Kind::kDeleteRrSet;
    return out;
  }
  const bool is_deletion = row.rr_class == RrClass::kNone;
  if (!is_deletion && row.rr_class != RrClass::kIn) {
    return malformed("{} has class {}", owner, to_text(row.rr_class));
  }
  if (has_meta_type || (is_deletion && row.ttl != 0)) {
    return malformed("{} has type {} or a deletion has a TTL", owner, to_text(row.type));
  }
  auto rdata = rdata_of(row);
  if (!rdata) {
    return Refused(std::move(rdata.error()));
  }
  out.kind = is_deletion ? Kind::kDeleteRecord : Kind::kAdd;
  out.rdata = *std::move(rdata);
  return out;
}

}  // namespace

std::expected<UpdateMessage, UpdateRefusal> read_update(OctetSpan message) {
  if (message.size() < kHeaderOctets) {
    return malformed("a message has at least twelve octets");
  }
  const Header header = load_header(message.data());
  WireReader reader(message, kHeaderOctets);
  UpdateMessage out;
  auto zone = read_zone(reader, header);
  if (!zone) {
    return Refused(std::move(zone.error()));
  }
  out.zone = *zone;
  const std::size_t count = std::size_t{header.answer_count} + header.authority_count;
  if (count > kMaxUpdateRecords) {
    return refuse(Rcode::kRefused, "more than {} records in one update", kMaxUpdateRecords);
  }
  std::vector<Row> rows;
  while (rows.size() < count && reader.ok()) {
    rows.push_back(read_row(reader));
  }
  for (std::size_t i = 0; i < header.additional_count && reader.ok(); ++i) {
    static_cast<void>(read_row(reader));  // OPT, TSIG, or of no meaning here (s2.6)
  }
  if (!reader.ok() || !reader.at_end()) {
    return malformed("the message ends before its last record, or goes on behind it");
  }
  const std::span all(rows);
  for (const Row& row : all.first(header.answer_count)) {
    auto prerequisite = prerequisite_of(row, out.zone);
    if (!prerequisite) {
      return Refused(std::move(prerequisite.error()));
    }
    out.prerequisites.push_back(*std::move(prerequisite));
  }
  for (const Row& row : all.subspan(header.answer_count)) {
    auto step = step_of(row, out.zone);
    if (!step) {
      out.bad_step = std::move(step.error());
      break;
    }
    out.steps.push_back(*std::move(step));
  }
  return out;
}

}  // namespace tandem
