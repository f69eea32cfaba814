// Updates as changes of a log: who may make them, the plan, what the client is told.
//
// Thread rule: submit() from any thread; answers come on the writer's.
#pragma once

#include <vector>

#include "common/node/change.h"
#include "common/node/link_hub.h"
#include "common/node/replicated_log.h"
#include "common/node/update_service.h"

namespace tandem {

class UpdateWriter final : public UpdateService {
 public:
  /// `rules`: of this node's configuration, for all zones, beside those of the log. `followers`: of
  /// the log; null: it has none. Requires: all outlive the service.
  UpdateWriter(ReplicatedLog& log, ChangeSink& sink, const std::vector<UpdateRule>& rules,
               const LinkHub* followers);

  /// Answers NOTAUTH for a zone that is not in the log, REFUSED where no rule allows it, SERVFAIL
  /// where what it adds would expire and a follower does not know of that.
  void submit(UpdateRequest request) override;

 private:
  ReplicatedLog& log_;
  ChangeSink& sink_;
  const std::vector<UpdateRule>& rules_;
  const LinkHub* followers_;
};

}  // namespace tandem
