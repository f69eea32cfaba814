// Keeps the key ring in step with the cluster's log: which TSIG keys there are the log says, their
// secrets are in the store, sealed.
//
// Thread rule: its log's one committing thread at a time.
#pragma once

#include <map>
#include <string>

#include "common/crypto/node_key.h"
#include "common/node/alarms.h"
#include "common/node/key_ring.h"
#include "common/node/secret_table.h"
#include "common/store/store.h"

namespace tandem {

class LoggedKeys {
 public:
  /// All outlive it.
  LoggedKeys(const Store& store, const SecretSealer& sealer, KeyRing& keys, Alarms& alarms)
      : store_(store), sealer_(sealer), keys_(keys), alarms_(alarms) {}

  /// Takes what became of the log's secrets: each key that is new is read and opened, no other. One
  /// that does not open is not in the ring, and an alarm says so.
  void follow(const SecretDifference& secrets);

 private:
  Result<TsigKey> read(const SecretInfo& secret) const;
  void show_unread();

  const Store& store_;
  const SecretSealer& sealer_;
  KeyRing& keys_;
  Alarms& alarms_;
  std::map<SecretId, std::string> unread_;  // why
};

}  // namespace tandem
