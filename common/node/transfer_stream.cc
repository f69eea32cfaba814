#include "common/node/transfer_stream.h"

#include <algorithm>
#include <utility>

#include "common/base/logging.h"

namespace tandem {

TransferStream::TransferStream(Writer writer, std::function<void(Octets&)> sign, Subject subject,
                               TransferGate::Slot slot, TransferStats& stats)
    : writer_(std::move(writer)),
      sign_(std::move(sign)),
      subject_(std::move(subject)),
      slot_(std::move(slot)),
      stats_(stats) {}

TransferStream::~TransferStream() {
  if (!is_sent_) {
    ++stats_.cut;
  }
  log_info("zone transfer {} kind=\"{}\" zone={} serial={} to={} records={}",
           is_sent_ ? "sent" : "cut", subject_.what, subject_.zone, subject_.serial, subject_.to,
           records());
}

std::uint64_t TransferStream::records() const noexcept {
  return std::visit([](const auto& writer) { return writer.records(); }, writer_);
}

std::size_t TransferStream::next(std::span<std::uint8_t> room) {
  const std::uint64_t before = records();
  std::size_t octets = std::visit([room](auto& writer) { return writer.next(room); }, writer_);
  if (octets != 0 && sign_) {
    octets = signed_in(room, octets);
  }
  stats_.records += records() - before;
  stats_.octets += octets;
  return octets;
}

/// The writer has left room for the signature.
std::size_t TransferStream::signed_in(std::span<std::uint8_t> room, std::size_t octets) {
  Octets message = to_octets(OctetSpan(room).first(octets));
  sign_(message);
  std::ranges::copy(message, room.begin());
  return message.size();
}

bool TransferStream::on_sent() {
  is_sent_ = std::visit([](const auto& writer) { return writer.is_done(); }, writer_);
  return is_sent_;
}

}  // namespace tandem
