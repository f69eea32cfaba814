// The TSIG keys that this node knows: its own of the configuration, and those of the log. The
// former win: who configures a node can always get at it.
//
// Thread rule: any thread.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "common/crypto/tsig_key.h"
#include "common/dns/stored_name.h"

namespace tandem {

class KeyRing {
 public:
  explicit KeyRing(std::vector<TsigKey> own);

  /// The key of that name, in any case of letters; null: there is none.
  [[nodiscard]] TsigKeyPtr find(NameView name) const;

  /// The keys of the configuration, in any order.
  [[nodiscard]] std::vector<TsigKeyPtr> own() const;
  /// The same as find(), of the configuration alone.
  [[nodiscard]] TsigKeyPtr find_own(NameView name) const;

  /// Adds a key of the log, or puts it in the place of the one with its name.
  void put(TsigKey key);
  /// Forgets a key of the log.
  void erase(NameView name);

 private:
  using Keys = std::unordered_map<StoredName, TsigKeyPtr, NameHash, NameEqual>;

  Keys own_;
  mutable std::mutex mutex_;
  Keys logged_;  // guarded by mutex_
};

}  // namespace tandem
