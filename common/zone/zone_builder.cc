#include "common/zone/zone_builder.h"

#include <algorithm>
#include <array>
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

ZoneBuilder::ZoneBuilder(NameView origin, const ZoneLimits& limits, InOrder promise)
    : origin_(origin), limits_(limits), pass_(std::make_unique<Pass>(*this, promise.records)) {}

ZoneBuilder::~ZoneBuilder() = default;

void ZoneBuilder::report(ZoneFinding::Severity severity, std::uint32_t place, std::string text) {
  std::size_t& same = severity == ZoneFinding::Severity::kError ? errors_ : warnings_;
  if (++same <= kMaxFindings) {
    findings_.push_back({severity, place, std::move(text)});
  }
}

void ZoneBuilder::add(const PackedRecord& record, std::uint32_t place) {
  if (!record.owner.is_subdomain_of(origin_)) {
    report_outside(record, place);
    return;
  }
  if (buffer_.is_full()) {
    report(ZoneFinding::Severity::kError, place, "the zone has more than 4 GiB of records");
    return;
  }
  const OctetSpan cased = record.owner.wire().first(record.owner.size() - origin_.size());
  const bool same_owner = !items_.empty() && equal(cased, cased_of(buffer_, last_owner_));
  if (!same_owner && !begin_owner(cased, place)) {
    return;
  }
  std::uint64_t key = 0;  // says nothing when owners come in order
  if (pass_ == nullptr) {
    key = same_owner ? items_.back().key : sort_key(lower_of(buffer_, last_owner_));
  }
  buffer_.hold(last_owner_);
  items_.push_back({key, put_record(buffer_, record, place), last_owner_});
}

/// After a SOA of elsewhere the rest is of elsewhere too, and one error says so.
void ZoneBuilder::report_outside(const PackedRecord& record, std::uint32_t place) {
  if (is_other_zone_) {
    return;
  }
  is_other_zone_ = record.type == RrType::kSoa;
  report(ZoneFinding::Severity::kError, place,
         is_other_zone_ ? fmt::format("these are the records of the zone {}, not of {}",
                                      record.owner.to_text(), origin_.to_text())
                        : fmt::format("{} is outside of the zone {}", record.owner.to_text(),
                                      origin_.to_text()));
}

bool ZoneBuilder::begin_owner(OctetSpan cased, std::uint32_t place) {
  std::array<std::uint8_t, kMaxNameOctets> folded;
  const std::span<std::uint8_t> lower = std::span(folded).first(cased.size());
  fold_case(cased, lower);
  const bool has_last = !items_.empty();
  if (pass_ != nullptr && has_last) {
    const int order = compare_relative(lower_of(buffer_, last_owner_), lower);
    if (order > 0) {
      report(ZoneFinding::Severity::kError, place, "the records are not in canonical order");
      return false;
    }
    if (order < 0) {
      make_nodes();
    }
  }
  if (has_last) {
    buffer_.release(last_owner_);
  }
  last_owner_ = put_owner(buffer_, lower, cased);
  return true;
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

/// Zone files and transfers are in order but for a few records, so those are put in their places;
/// sorting all would cost more than the rest of the building.
void ZoneBuilder::sort_items() {
  const auto in_order = [this](const Item& a, const Item& b) { return before(a, b); };
  auto first = items_.begin();  // of the longest run that is in order
  auto last = items_.begin();
  for (auto at = items_.begin(); at != items_.end();) {
    const auto end = std::is_sorted_until(at, items_.end(), in_order);
    if (end - at > last - first) {
      first = at;
      last = end;
    }
    at = end;
  }
  const std::size_t strays = items_.size() - static_cast<std::size_t>(last - first);
  constexpr std::size_t kManyStrays = 8;  // an eighth: sorting them is no longer cheaper
  if (strays > items_.size() / kManyStrays) {
    std::ranges::sort(items_, in_order);
  } else if (strays > 0) {
    std::vector<Item> others(items_.begin(), first);
    others.insert(others.end(), last, items_.end());
    std::ranges::sort(others, in_order);
    // The run goes to the end, where it is not overtaken by what is merged from the front.
    auto run = last == items_.end() ? first : std::move_backward(first, last, items_.end());
    auto out = items_.begin();
    for (const Item& other : others) {
      while (run != items_.end() && before(*run, other)) {
        *out++ = *run++;
      }
      *out++ = other;
    }
  }
}

/// Of all that is in items_.
void ZoneBuilder::make_nodes() {
  sort_items();
  pass_->take_items();
}

ZoneBuilder::Outcome ZoneBuilder::build() {
  ZonePtr zone;
  if (items_.empty()) {
    report(ZoneFinding::Severity::kError, 0, fmt::format("{} has no records", origin_.to_text()));
  } else {
    if (pass_ == nullptr) {
      pass_ = std::make_unique<Pass>(*this, items_.size());
    }
    make_nodes();
    zone = pass_->finish();
  }
  pass_ = nullptr;
  items_ = {};
  buffer_ = {};
  const bool bad = std::exchange(errors_, 0) > 0;
  warnings_ = 0;
  return {bad ? nullptr : std::move(zone), std::exchange(findings_, {})};
}

ZonePtr compacted(const Zone& zone, const ZoneLimits& limits) {
  ZoneBuilder builder(zone.origin(), limits, {.records = zone.record_count()});
  zone.for_each_record([&builder](const PackedRecord& record) { builder.add(record); });
  ZonePtr rebuilt = builder.build().zone;
  CHECK(rebuilt != nullptr);
  return rebuilt;
}

}  // namespace tandem
