#include "ctl/moved_zone.h"

#include <chrono>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/dns/rdata.h"
#include "common/zone/note_text.h"

namespace tandem {
namespace {

constexpr std::string_view kOfSigning =
    "the zone comes unsigned (--unsigned): remove the DS records at its parent before Tandem "
    "answers for it";
constexpr std::size_t kMaxNotesOctets = std::size_t{448} << 10U;  // and a little less than it does
constexpr std::size_t kNoteOctets = 32;                           // of each note, beside its texts
constexpr std::size_t kSignatureEndAt = 8;          // in an RRSIG's rdata (RFC 4034 s3.1)
constexpr std::uint16_t kBindSigningState = 65534;  // what BIND notes of its work at the apex

std::string date_of(std::uint32_t seconds) {
  const WallTime time{std::chrono::seconds(seconds)};
  return to_text(time).substr(0, 10);
}

}  // namespace

MovedZoneBuilder::MovedZoneBuilder(const Name& zone, std::string from, Signatures signatures)
    : signatures_(signatures) {
  zone_.name = zone;
  zone_.from = std::move(from);
}

bool MovedZoneBuilder::is_dropped(RrType type) const noexcept {
  if (signatures_ == Signatures::kKeep) {
    return false;
  }
  switch (type) {
    case RrType::kRrsig:
    case RrType::kNsec:
    case RrType::kNsec3:
    case RrType::kNsec3param:
    case RrType::kDnskey:
    case RrType::kCds:
    case RrType::kCdnskey:
    case RrType::kZonemd:
      return true;
    default:
      return static_cast<std::uint16_t>(type) == kBindSigningState;
  }
}

void MovedZoneBuilder::add(NameView owner, RrType type, std::uint32_t ttl, OctetSpan rdata) {
  if (!owner.is_subdomain_of(zone_.name)) {
    if (outside_++ == 0) {
      first_outside_ = owner.to_text();
    }
    return;
  }
  if (is_dropped(type)) {
    ++dropped_[type];
    return;
  }
  if (type == RrType::kSoa) {
    take_soa(owner, ttl, rdata);
    return;
  }
  if (type == RrType::kRrsig && rdata.size() >= kSignatureEndAt + 4) {
    const std::uint32_t end = load_be32(rdata.data() + kSignatureEndAt);
    signed_until_ = zone_.is_signed && is_newer(end, signed_until_) ? signed_until_ : end;
    zone_.is_signed = true;
  }
  zone_.text += record_to_text(owner, ttl, type, rdata);
  zone_.text += '\n';
  ++zone_.records;
}

void MovedZoneBuilder::take_soa(NameView owner, std::uint32_t ttl, OctetSpan rdata) {
  if (owner != zone_.name.view()) {
    problem("has an SOA record below its own name, at " + owner.to_text());
  } else if (!soa_.empty() && !equal(soa_, rdata)) {
    problem("has two SOA records");
  } else {
    soa_ = to_octets(rdata);
    soa_ttl_ = ttl;
  }
}

void MovedZoneBuilder::leave_out(std::string what, std::string why, Answered answered) {
  differs_ = differs_ || answered == Answered::kYes;
  zone_.left_out.push_back({std::move(what), std::move(why)});
}

void MovedZoneBuilder::comment(NameView owner, RrType type, OctetSpan rdata,
                               std::string_view text) {
  if (text.empty()) {
    return;
  }
  const std::string data = rdata_to_text(type, rdata);
  if (text.size() > kMaxCommentOctets || !is_printable(text)) {
    leave_out(fmt::format("the comment of {} {} {}", owner.to_text(), to_text(type), data),
              fmt::format("not one line of at most {} octets", kMaxCommentOctets), Answered::kNo);
  } else if (owner.is_subdomain_of(zone_.name) && type != RrType::kSoa && !is_dropped(type)) {
    said_[{owner.to_text(), to_text(type), data}].comment = text;
  }
}

void MovedZoneBuilder::disabled(NameView owner, RrType type, std::uint32_t ttl, OctetSpan rdata) {
  if (owner.is_subdomain_of(zone_.name) && type != RrType::kSoa && !is_dropped(type)) {
    said_[{owner.to_text(), to_text(type), rdata_to_text(type, rdata)}].disabled_ttl = ttl;
  }
}

void MovedZoneBuilder::notes_of_export(std::string_view text) {
  zone_.text += note_lines_of(text);
}

/// Comments are the first to go when it is more than the node takes.
void MovedZoneBuilder::keep_notes() {
  std::size_t octets = 0;
  for (const auto& [record, said] : said_) {
    octets += kNoteOctets + record[0].size() + record[2].size() + said.comment.size();
  }
  const bool has_room = octets <= kMaxNotesOctets;
  if (!has_room) {
    leave_out("the comments",
              fmt::format("all notes of a zone have {} octets at most", kMaxNotesOctets),
              Answered::kNo);
  }
  for (const auto& [record, said] : said_) {
    boost::json::object note{{"name", record[0]}, {"type", record[1]}, {"data", record[2]}};
    if (!said.comment.empty() && has_room) {
      note["comment"] = said.comment;
    }
    if (said.disabled_ttl) {
      note["disabled"] = true;
      note["ttl"] = *said.disabled_ttl;
    }
    if (note.size() > 3) {
      zone_.text += fmt::format("{}{}\n", kNoteMark, boost::json::serialize(note));
    }
  }
}

void MovedZoneBuilder::note(std::string text) {
  zone_.notes.push_back(std::move(text));
}

void MovedZoneBuilder::problem(std::string text) {
  zone_.problems.push_back(std::move(text));
}

void MovedZoneBuilder::served_serial(Serial serial) {
  zone_.source_serial = serial;
}

void MovedZoneBuilder::tell_of_signatures() {
  if (zone_.is_signed) {
    note(fmt::format(
        "is signed by the other server until {}: it comes with its signatures, and takes no "
        "changes here; import it again before that day, or with --unsigned after the DS records "
        "at its parent are gone",
        date_of(signed_until_)));
    if (differs_) {
      problem("is signed, and what does not come over would break its signatures: --unsigned");
    }
  } else if (!dropped_.empty()) {
    note(std::string(kOfSigning));
  }
}

void MovedZoneBuilder::add_soa_line() {
  const Serial own = soa_serial(soa_);
  if (zone_.source_serial == 0 || is_newer(own, zone_.source_serial)) {
    zone_.source_serial = own;
  }
  zone_.serial = zone_.source_serial;
  if (differs_) {
    zone_.serial = next_serial(zone_.source_serial, SerialPolicy::kIncrement, WallTime());
  }
  set_soa_serial(soa_, zone_.serial);
  // In front: what reads the text from the top knows at once which zone it is.
  zone_.text.insert(0, record_to_text(zone_.name, soa_ttl_, RrType::kSoa, soa_) + "\n");
  ++zone_.records;
}

MovedZone MovedZoneBuilder::finish() {
  const auto records = [](std::size_t count) {
    return fmt::format("{} record{}", count, count == 1 ? "" : "s");
  };
  for (const auto& [type, count] : dropped_) {
    leave_out(to_text(type) + ": " + records(count), "belongs to the signatures", Answered::kYes);
  }
  if (outside_ > 0) {
    leave_out(fmt::format("{}, the first at {}", records(outside_), first_outside_),
              "outside the zone", Answered::kNo);
  }
  if (soa_.empty()) {
    problem("has no SOA record");
  } else if (zone_.problems.empty()) {
    tell_of_signatures();
    keep_notes();
    add_soa_line();
  }
  if (!zone_.problems.empty()) {
    zone_.text.clear();
  }
  return std::move(zone_);
}

void read_master_file(MovedZoneBuilder& builder, std::string_view text,
                      const MasterFileOptions& options,
                      const std::function<bool(const MasterFileRecord&)>& is_apart) {
  builder.notes_of_export(text);
  const MasterFileReport report =
      parse_master_file(text, options, [&](const MasterFileRecord& record) {
        if (!is_apart || !is_apart(record)) {
          builder.add(record.owner, record.type, record.ttl, record.rdata);
        }
      });
  for (const Diagnostic& finding : report.diagnostics) {
    if (finding.severity == Diagnostic::Severity::kError) {
      builder.problem(finding.to_text());
    }
  }
  if (report.too_many_errors) {
    builder.problem("has too many errors; the rest of it was not read");
  }
}

}  // namespace tandem
