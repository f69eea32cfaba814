// Any octets as a signed message: nothing is read beyond them, what is read is written back the
// same, and no message is good but by its MAC: with one bit of it changed it is not.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "common/crypto/tsig.h"
#include "common/dns/header.h"
#include "common/dns/query_view.h"

namespace tandem {
namespace {

constexpr std::uint64_t kNow = 1'750'000'000;

/// The corpus has messages that dnspython signed with it (tests/unit/crypto/tsig_test.cc).
const TsigKeyPtr& key() {
  static const TsigKeyPtr known = [] {
    TsigKey out{*Name::from_text("update.key."), {}, {}};
    for (std::uint8_t i = 0; i < 32; ++i) {
      out.secret.push_back(i);
    }
    return std::make_shared<const TsigKey>(std::move(out));
  }();
  return known;
}

bool is_good(OctetSpan message, std::size_t at) {
  const auto record = read_tsig(message, at);
  return record && verify_tsig(message, at, *record, key().get(), kNow).is_good();
}

void check_written(const TsigRecord& record) {
  Octets out(tsig_octets(record));
  CHECK(write_tsig(record, out) == out.size());
  const auto again = read_tsig(out, 0);
  CHECK(again && again->key == record.key && equal(again->mac, record.mac));
}

void check_answer(const TsigRecord& record, TsigVerdict verdict) {
  if (verdict.rcode == Rcode::kFormErr) {
    return;
  }
  TsigSigner signer(record, verdict.error == TsigError::kBadKey ? nullptr : key(), verdict);
  Octets answer(kHeaderOctets);
  const std::size_t octets = signer.octets();
  signer.sign(answer, kNow);
  CHECK(answer.size() == kHeaderOctets + octets);
  CHECK(read_tsig(answer, kHeaderOctets).has_value());
}

void try_message(OctetSpan message) {
  QueryView query;
  if (parse_query(message, query) == ParseStatus::kDrop || !query.has_tsig()) {
    return;
  }
  const auto record = read_tsig(message, query.tsig_at);
  if (!record) {
    return;
  }
  check_written(*record);
  check_answer(*record, verify_tsig(message, query.tsig_at, *record, key().get(), kNow));
  if (is_good(message, query.tsig_at)) {
    Octets other = to_octets(message);
    other[kHeaderOctets + other.size() % (query.tsig_at - kHeaderOctets)] ^= 1U;
    CHECK(!is_good(other, query.tsig_at));
  }
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= 65535) {
    tandem::try_message({data, size});
  }
  return 0;
}
