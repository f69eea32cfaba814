#include "common/store/wal_check.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "common/base/bytes.h"

namespace tandem {
namespace {

constexpr std::size_t kBlockOctets = 32768;
constexpr std::size_t kHeadOctets = 7;
constexpr std::uint32_t kMaskDelta = 0xa282ead8U;
constexpr std::uint32_t kCastagnoli = 0x82f63b78U;  // CRC-32C (RFC 3720 s12.1), reflected

enum class Piece : std::uint8_t { kZero = 0, kWhole = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

constexpr std::array<std::uint32_t, 256> make_crc_table() noexcept {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kCastagnoli : 0U);
    }
    table[i] = crc;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

std::uint32_t masked_crc32c(OctetSpan octets) noexcept {
  std::uint32_t crc = ~0U;
  for (const std::uint8_t octet : octets) {
    crc = kCrcTable[(crc ^ octet) & 0xffU] ^ (crc >> 8U);
  }
  return std::rotr(~crc, 15) + kMaskDelta;
}

class WalWalk {
 public:
  WalWalk(OctetSpan wal, WalCheck check) noexcept : wal_(wal), check_(check) {}

  WalFinding run() noexcept {
    while (true) {
      skip_trailer();
      if (at_ >= wal_.size()) {
        // A record that goes on in the next block, which never came.
        return {inside_ ? WalShape::kTorn : WalShape::kWhole, good_};
      }
      if (!read_piece()) {
        return {something_whole_follows() ? WalShape::kDamaged : WalShape::kTorn, good_};
      }
    }
  }

 private:
  struct Head {
    std::uint32_t checksum;
    std::size_t octets;
    Piece kind;
  };

  [[nodiscard]] std::size_t block_left(std::size_t at) const noexcept {
    return std::min(kBlockOctets - at % kBlockOctets, wal_.size() - at);
  }

  void skip_trailer() noexcept {
    const std::size_t left = kBlockOctets - at_ % kBlockOctets;
    if (left < kHeadOctets) {
      at_ += left;
    }
  }

  [[nodiscard]] Head head_at(std::size_t at) const noexcept {
    const std::uint8_t* const head = wal_.data() + at;
    return {byteswap(load_be32(head)), byteswap(load_be16(head + 4)), static_cast<Piece>(head[6])};
  }

  /// Whether the kind may stand where it does: pieces of one record follow each other.
  [[nodiscard]] bool is_in_place(Piece kind) const noexcept {
    switch (kind) {
      case Piece::kWhole:
      case Piece::kFirst:
        return !inside_;
      case Piece::kMiddle:
      case Piece::kLast:
        return inside_;
      case Piece::kZero:
        break;
    }
    return false;
  }

  [[nodiscard]] bool checksum_fits(std::size_t at, const Head& head) const noexcept {
    return masked_crc32c(wal_.subspan(at + kHeadOctets - 1, 1 + head.octets)) == head.checksum;
  }

  /// False when there is no piece that may stand here.
  [[nodiscard]] bool read_piece() noexcept {
    const std::size_t left = block_left(at_);
    if (left < kHeadOctets) {
      return false;
    }
    const Head head = head_at(at_);
    if (head.octets > left - kHeadOctets || !is_in_place(head.kind)) {
      return false;
    }
    if (check_ == WalCheck::kChecksums && !checksum_fits(at_, head)) {
      return false;
    }
    at_ += kHeadOctets + head.octets;
    inside_ = head.kind == Piece::kFirst || head.kind == Piece::kMiddle;
    if (!inside_) {
      good_ = at_;
    }
    return true;
  }

  /// Looks for any piece with a right checksum behind the bad place. A wrong guess has odds of
  /// 2^-32.
  [[nodiscard]] bool something_whole_follows() const noexcept {
    for (std::size_t at = at_ + 1; at + kHeadOctets <= wal_.size(); ++at) {
      const std::size_t left = block_left(at);
      if (left < kHeadOctets) {
        continue;
      }
      const Head head = head_at(at);
      const bool is_piece = head.kind >= Piece::kWhole && head.kind <= Piece::kLast;
      if (is_piece && head.octets > 0 && head.octets <= left - kHeadOctets &&
          checksum_fits(at, head)) {
        return true;
      }
    }
    return false;
  }

  OctetSpan wal_;
  WalCheck check_;
  std::size_t at_ = 0;
  std::size_t good_ = 0;
  bool inside_ = false;  // of a record of several pieces
};

}  // namespace

Result<WalFinding> examine_wal(const std::filesystem::path& file, WalCheck check) {
  std::error_code error;
  const auto octets = std::filesystem::file_size(file, error);
  if (error) {
    return fail(Errc::kIo, "cannot read {}: {}", file.string(), error.message());
  }
  std::string wal(octets, '\0');
  std::ifstream in(file, std::ios::binary);
  if (!in.read(wal.data(), static_cast<std::streamsize>(wal.size()))) {
    return fail(Errc::kIo, "cannot read {}: {}", file.string(), std::strerror(errno));
  }
  return WalWalk(as_octets(wal), check).run();
}

}  // namespace tandem
