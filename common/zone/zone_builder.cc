#include "common/zone/zone_builder.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "common/base/check.h"
#include "common/dns/rdata.h"
#include "common/zone/zone_builder_pass.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxFindings = 100;  // of each severity

/// The first eight octets of a key whose octet order is the canonical order of names: labels from
/// the right, each ended by 0; octets 0 and 1 inside of labels become two, so that 0 stays the
/// smallest.
std::uint64_t sort_key(OctetSpan relative) noexcept {
  std::array<std::uint8_t, kMaxLabels> offset;
  std::size_t labels = 0;
  for (std::size_t at = 0; at < relative.size(); at += 1U + relative[at]) {
    offset[labels++] = static_cast<std::uint8_t>(at);
  }
  std::uint64_t key = 0;
  std::size_t filled = 0;
  const auto put = [&](std::uint8_t octet) {
    if (filled < 8) {
      key |= std::uint64_t{octet} << (56 - 8 * filled++);
    }
  };
  while (labels > 0 && filled < 8) {
    const std::size_t start = offset[--labels];
    for (std::size_t i = 1; i <= relative[start] && filled < 8; ++i) {
      const std::uint8_t octet = relative[start + i];
      if (octet <= 1) {
        put(1);
        put(static_cast<std::uint8_t>(octet + 1));
      } else {
        put(octet);
      }
    }
    put(0);
  }
  return key;
}

}  // namespace

Diagnostic to_diagnostic(ZoneFinding finding, const RecordPlaces& places,
                         const std::vector<std::string>& files) {
  const bool is_error = finding.severity == ZoneFinding::Severity::kError;
  const RecordPlace place = places.at(finding.place);
  return {is_error ? Diagnostic::Severity::kError : Diagnostic::Severity::kWarning,
          files.at(place.file), place.line, place.column, std::move(finding.text)};
}

ZoneBuilder::ZoneBuilder(NameView origin, const ZoneLimits& limits)
    : origin_(origin), limits_(limits) {}

void ZoneBuilder::report(ZoneFinding::Severity severity, std::uint32_t place, std::string text) {
  std::size_t& same = severity == ZoneFinding::Severity::kError ? errors_ : warnings_;
  if (++same <= kMaxFindings) {
    findings_.push_back({severity, place, std::move(text)});
  }
}

void ZoneBuilder::add(const PackedRecord& record, std::uint32_t place) {
  if (!record.owner.is_subdomain_of(origin_)) {
    report(ZoneFinding::Severity::kError, place,
           fmt::format("{} is outside of the zone {}", record.owner.to_text(), origin_.to_text()));
    return;
  }
  if (buffer_.size() > std::numeric_limits<std::uint32_t>::max() - (1U << 20U)) {
    report(ZoneFinding::Severity::kError, place, "the zone has more than 4 GiB of records");
    return;
  }
  const OctetSpan cased = record.owner.wire().first(record.owner.size() - origin_.size());
  const bool same_owner = !items_.empty() && equal(cased, cased_of(buffer_, last_owner_));
  if (!same_owner) {
    last_owner_ = static_cast<std::uint32_t>(buffer_.size());
    buffer_.push_back(static_cast<std::uint8_t>(cased.size()));
    const std::size_t lower_at = buffer_.size();
    append(buffer_, cased);
    append(buffer_, cased);
    fold_case(cased, std::span(buffer_).subspan(lower_at, cased.size()));
  }
  const std::uint64_t key =
      same_owner ? items_.back().key : sort_key(lower_of(buffer_, last_owner_));
  items_.push_back({key, static_cast<std::uint32_t>(buffer_.size()), last_owner_});
  append_be(buffer_, place);
  append_be(buffer_, record.ttl);
  append_be(buffer_, number(record.type));
  append_be(buffer_, static_cast<std::uint16_t>(record.rdata.size()));
  append(buffer_, record.rdata);
}

bool ZoneBuilder::before(const Item& a, const Item& b) const noexcept {
  if (a.key != b.key) {
    return a.key < b.key;
  }
  if (a.owner != b.owner) {
    const int order = compare_relative(lower_of(buffer_, a.owner), lower_of(buffer_, b.owner));
    if (order != 0) {
      return order < 0;
    }
  }
  const BufferedRecord record_a(buffer_, a.record);
  const BufferedRecord record_b(buffer_, b.record);
  const auto rank = [](const BufferedRecord& r) { return std::pair(r.slot_type(), r.is_sig()); };
  return rank(record_a) != rank(record_b) ? rank(record_a) < rank(record_b) : a.record < b.record;
}

ZoneBuilder::Outcome ZoneBuilder::build() {
  const auto in_order = [this](const Item& a, const Item& b) { return before(a, b); };
  if (!std::ranges::is_sorted(items_, in_order)) {
    std::ranges::sort(items_, in_order);
  }
  ZonePtr zone;
  if (items_.empty()) {
    report(ZoneFinding::Severity::kError, 0, fmt::format("{} has no records", origin_.to_text()));
  } else {
    zone = Pass(*this).run();
  }
  items_ = {};
  buffer_ = {};
  const bool bad = std::exchange(errors_, 0) > 0;
  warnings_ = 0;
  return {bad ? nullptr : std::move(zone), std::exchange(findings_, {})};
}

ZonePtr compacted(const Zone& zone, const ZoneLimits& limits) {
  ZoneBuilder builder(zone.origin(), limits);
  zone.for_each_record([&builder](const PackedRecord& record) { builder.add(record); });
  ZonePtr rebuilt = builder.build().zone;
  CHECK(rebuilt != nullptr);
  return rebuilt;
}

}  // namespace tandem
