#include "common/transfer/ixfr_writer.h"

#include <algorithm>
#include <utility>

namespace tandem {
namespace {

constexpr std::size_t kPointerOctets = 2;
constexpr std::size_t kFixedOctets = 10;  // type, class, TTL, length

/// The records of one message. Owners are compressed where that costs nothing: to the origin, and
/// to the record before.
class Records {
 public:
  /// The records begin at `at` of `out`, the origin in its own letters stands at `origin_at`; 0:
  /// nowhere yet.
  Records(std::span<std::uint8_t> out, std::size_t at, NameView origin,
          std::size_t origin_at) noexcept
      : out_(out), at_(at), origin_(origin), origin_at_(origin_at) {}

  /// False, and nothing written, when it does not fit.
  [[nodiscard]] bool put(NameView owner, const PackedRecord& record) noexcept;

  [[nodiscard]] std::size_t end() const noexcept { return at_; }

  [[nodiscard]] std::uint16_t count() const noexcept { return count_; }

 private:
  [[nodiscard]] bool ends_in_origin(NameView owner) const noexcept;

  std::span<std::uint8_t> out_;
  std::size_t at_;
  NameView origin_;
  std::size_t origin_at_;
  NameView last_owner_;
  std::size_t last_owner_at_ = 0;  // 0: nowhere that a pointer reaches
  std::uint16_t count_ = 0;
};

/// In the same letters (RFC 5936 s3.4).
bool Records::ends_in_origin(NameView owner) const noexcept {
  return owner.is_subdomain_of(origin_) &&
         std::ranges::equal(owner.wire().last(origin_.size()), origin_.wire());
}

bool Records::put(NameView owner, const PackedRecord& record) noexcept {
  const bool is_same = last_owner_at_ != 0 && std::ranges::equal(owner.wire(), last_owner_.wire());
  const bool is_in_zone = ends_in_origin(owner);
  const std::size_t to = is_same ? last_owner_at_ : is_in_zone ? origin_at_ : 0;
  const std::size_t labels = is_same      ? 0
                             : is_in_zone ? owner.size() - origin_.size()
                                          : owner.size();
  const OctetSpan written = to == 0 ? owner.wire() : owner.wire().first(labels);
  const std::size_t octets =
      written.size() + (to == 0 ? 0 : kPointerOctets) + kFixedOctets + record.rdata.size();
  if (out_.size() < at_ || out_.size() - at_ < octets) {
    return false;
  }
  const std::size_t start = at_;
  std::uint8_t* next = std::ranges::copy(written, out_.data() + at_).out;
  if (to != 0) {
    store_be16(next, static_cast<std::uint16_t>(0xc000U | to));
    next += kPointerOctets;
  }
  store_be16(next, number(record.type));
  store_be16(next + 2, static_cast<std::uint16_t>(RrClass::kIn));
  store_be32(next + 4, record.ttl);
  store_be16(next + 8, static_cast<std::uint16_t>(record.rdata.size()));
  std::ranges::copy(record.rdata, next + kFixedOctets);
  at_ += octets;
  ++count_;
  if (to == 0 && is_in_zone && start + labels < kPointerLimit) {
    origin_at_ = start + labels;
  }
  if (!is_same) {
    last_owner_ = owner;
    last_owner_at_ = start < kPointerLimit ? start : 0;
  }
  return true;
}

/// Where the origin stands in the question, when it has the zone's letters there.
std::size_t origin_in_question(NameView origin, const TransferForm& form) noexcept {
  return std::ranges::equal(form.asked().wire(), origin.wire()) ? kQuestionName : 0;
}

}  // namespace

IxfrWriter::IxfrWriter(NameView origin, ZoneStep step, TransferForm form)
    : origin_(origin),
      step_(std::move(step)),
      form_(std::move(form)),
      removed_(step_.change.removed),
      added_(step_.change.added) {
  take_soa(step_.to);
}

std::size_t IxfrWriter::next(std::span<std::uint8_t> room) noexcept {
  if (is_done()) {
    return 0;
  }
  room = room.first(std::min(room.size(), kMaxMessageOctets));
  // Up to where a pointer reaches; only a record that is larger takes a message that is larger.
  const std::size_t octets = write(room, std::min(room.size(), kPointerLimit));
  return octets != 0 ? octets : write(room, room.size());
}

std::size_t IxfrWriter::write(std::span<std::uint8_t> room, std::size_t limit) noexcept {
  const std::size_t start = form_.begin(room);
  if (start + form_.octets_behind() > limit) {
    return 0;
  }
  Records records(room.first(limit - form_.octets_behind()), start, origin_,
                  origin_in_question(origin_, form_));
  while (!is_done() && records.put(is_soa_ ? origin_.view() : record_.owner, record_)) {
    advance();
  }
  if (records.count() == 0) {
    return 0;
  }
  records_ += records.count();
  return form_.finish(room, records.end(), records.count());
}

/// Goes to the next record of the sequence.
void IxfrWriter::advance() noexcept {
  switch (stage_) {
    case Stage::kFirstSoa:
      stage_ = Stage::kOldSoa;
      take_soa(step_.from);
      return;
    case Stage::kOldSoa:
    case Stage::kRemoved:
      stage_ = take_next(removed_) ? Stage::kRemoved : Stage::kNewSoa;
      return;
    case Stage::kNewSoa:
    case Stage::kAdded:
      stage_ = take_next(added_) ? Stage::kAdded : Stage::kLastSoa;
      return;
    case Stage::kLastSoa:
    case Stage::kDone:
      stage_ = Stage::kDone;
      return;
  }
}

void IxfrWriter::take_soa(const SoaRecord& soa) noexcept {
  record_ = {.owner = {}, .type = RrType::kSoa, .ttl = soa.ttl, .rdata = soa.rdata};
  is_soa_ = true;
}

/// The next of `records`; false: there is none, and it is the present SOA that comes.
bool IxfrWriter::take_next(RrUnpacker& records) noexcept {
  const std::optional<PackedRecord> record = records.next();
  if (!record) {
    take_soa(step_.to);
    return false;
  }
  record_ = *record;
  is_soa_ = false;
  return true;
}

Octets soa_answer(const Zone& zone, TransferForm form, std::size_t limit) {
  Octets message(limit);
  const std::size_t start = form.begin(message);
  if (start + form.octets_behind() > limit) {
    return {};
  }
  const SoaRecord soa = SoaRecord::of(zone);
  const auto room = std::span(message).first(limit - form.octets_behind());
  Records records(room, start, zone.origin(), origin_in_question(zone.origin(), form));
  if (!records.put(zone.origin(),
                   {.owner = {}, .type = RrType::kSoa, .ttl = soa.ttl, .rdata = soa.rdata})) {
    return {};
  }
  message.resize(form.finish(message, records.end(), records.count()));
  return message;
}

}  // namespace tandem
