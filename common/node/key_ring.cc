#include "common/node/key_ring.h"

#include <utility>

namespace tandem {

KeyRing::KeyRing(std::vector<TsigKey> own) {
  for (TsigKey& key : own) {
    StoredName name(key.name);
    own_.emplace(std::move(name), std::make_shared<const TsigKey>(std::move(key)));
  }
}

TsigKeyPtr KeyRing::find(NameView name) const {
  if (TsigKeyPtr own = find_own(name); own != nullptr) {
    return own;
  }
  const std::lock_guard lock(mutex_);
  const auto logged = logged_.find(name);
  return logged == logged_.end() ? nullptr : logged->second;
}

TsigKeyPtr KeyRing::find_own(NameView name) const {
  const auto own = own_.find(name);
  return own == own_.end() ? nullptr : own->second;
}

std::vector<TsigKeyPtr> KeyRing::own() const {
  std::vector<TsigKeyPtr> keys;
  keys.reserve(own_.size());
  for (const auto& [name, key] : own_) {
    keys.push_back(key);
  }
  return keys;
}

void KeyRing::put(TsigKey key) {
  StoredName name(key.name);
  auto shared = std::make_shared<const TsigKey>(std::move(key));
  const std::lock_guard lock(mutex_);
  logged_.insert_or_assign(std::move(name), std::move(shared));
}

void KeyRing::erase(NameView name) {
  const std::lock_guard lock(mutex_);
  if (const auto found = logged_.find(name); found != logged_.end()) {
    logged_.erase(found);
  }
}

}  // namespace tandem
