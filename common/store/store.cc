#include "common/store/store.h"

namespace tandem {

void WriteBatch::put(Family family, OctetSpan key, OctetSpan value) {
  operations_.push_back({Operation::Kind::kPut, family, to_octets(key), to_octets(value)});
}

void WriteBatch::erase(Family family, OctetSpan key) {
  operations_.push_back({Operation::Kind::kErase, family, to_octets(key), {}});
}

void WriteBatch::erase_range(Family family, OctetSpan first, OctetSpan end) {
  operations_.push_back({Operation::Kind::kEraseRange, family, to_octets(first), to_octets(end)});
}

}  // namespace tandem
