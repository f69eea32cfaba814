// Where updates go once they are read and their signatures are good: to the leader's writer, or by
// the link to the node that leads.
#pragma once

#include <functional>

#include "common/base/bytes.h"
#include "common/dns/types.h"
#include "common/dns/update_message.h"
#include "common/node/update_rule.h"

namespace tandem {

struct UpdateOutcome {
  Rcode rcode = Rcode::kServFail;
  Octets answer;  // of another node, to be sent as it is; empty: ours is made of the rcode
};

struct UpdateRequest {
  UpdateMessage update;
  Credential who;
  Octets request_id;  // the same for a retransmission; empty: nobody can tell
  Octets message;     // as it was received
  std::move_only_function<void(UpdateOutcome)> done;  // to be called once; from any thread
};

class UpdateService {
 public:
  UpdateService() = default;
  UpdateService(const UpdateService&) = delete;
  UpdateService& operator=(const UpdateService&) = delete;
  virtual ~UpdateService() = default;

  virtual void submit(UpdateRequest request) = 0;
};

}  // namespace tandem
