#include "ctl/powerdns_zone.h"

#include <boost/json/array.hpp>
#include <fmt/core.h>

#include "common/base/text.h"
#include "common/dns/rdata.h"
#include "ctl/json_view.h"
#include "ctl/table.h"

namespace tandem {
namespace {

namespace json = boost::json;

/// Why a type that no other server knows stays; empty: it is an ordinary one.
std::string_view why_type_stays(std::string_view type) {
  if (type == "ALIAS") {
    return "answers with another name's addresses, which Tandem does not do: write the addresses "
           "here, or a CNAME below the apex";
  }
  if (type == "LUA") {
    return "a program that PowerDNS runs";
  }
  return type == "URL" || type == "MBOXFW" || type == "CURL"
             ? "a forward that no DNS server answers"
             : std::string_view();
}

class ZoneReader {
 public:
  explicit ZoneReader(MovedZoneBuilder& to) : to_(to) {}

  void take(const json::value& set) {
    name_ = text_of(set, "name");
    type_ = text_of(set, "type");
    ttl_ =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(number_of(set, "ttl"), kMaxTtlSeconds));
    comment_.clear();
    for (const json::value& comment : list_of(set, "comments")) {
      comment_ += (comment_.empty() ? "" : "; ") + text_of(comment, "content");
    }
    for (const json::value& record : list_of(set, "records")) {
      take_record(text_of(record, "content"),
                  is_true(record, "disabled") ? Answered::kNo : Answered::kYes);
    }
  }

 private:
  void take_record(const std::string& content, Answered answered) {
    const std::string what = safe_text(fmt::format("{} {} {}", name_, type_, content));
    if (const std::string_view why = why_type_stays(type_); !why.empty()) {
      to_.leave_out(what, std::string(why), answered);
      return;
    }
    const auto type = rr_type_from_text(type_);
    const auto owner = Name::from_text(name_);
    if (!type || is_meta_type(*type) || !owner) {
      to_.leave_out(what, owner ? "a type that Tandem does not know" : owner.error().detail,
                    answered);
      return;
    }
    // A line break in it would be another record's beginning where the text is a file's.
    const auto rdata = is_printable(content)
                           ? rdata_from_text(*type, content)
                           : Result<Octets>(fail(Errc::kInvalid, "has control characters"));
    if (!rdata) {
      to_.leave_out(what, rdata.error().detail, answered);
      return;
    }
    if (answered == Answered::kYes) {
      to_.add(*owner, *type, ttl_, *rdata);
    } else {
      to_.disabled(*owner, *type, ttl_, *rdata);
    }
    to_.comment(*owner, *type, *rdata, comment_);
  }

  MovedZoneBuilder& to_;
  std::string name_;
  std::string type_;
  std::uint32_t ttl_ = 0;
  std::string comment_;  // of the whole set
};

}  // namespace

void read_powerdns_zone(const json::value& zone, MovedZoneBuilder& to) {
  ZoneReader reader(to);
  for (const json::value& set : list_of(zone, "rrsets")) {
    reader.take(set);
  }
  const std::uint64_t served = number_of(zone, "edited_serial");
  if (served != 0 && served <= 0xffff'ffffU) {
    to.served_serial(static_cast<Serial>(served));  // with SOA-EDIT not what the record says
  }
  if (is_true(zone, "dnssec")) {
    to.note(
        "is signed by PowerDNS as it answers: it comes unsigned; take it signed by --from-axfr, or "
        "remove the DS records at its parent first");
  }
}

}  // namespace tandem
