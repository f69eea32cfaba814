// The part of replica.h that asks the leader to make orphans again.
#include <utility>

#include "secondary/replica.h"

namespace tandem {

void Replica::ask_orphan(OrphanRequestFrame request, OrphanDone done) {
  strand_->run([this, request = std::move(request), done = std::move(done)]() mutable {
    if (leader_ == nullptr) {
      done(fail(Errc::kUnavailable, "no leader is connected, which would make the change"));
    } else if (leader_protocol_ < kProtocolOfOrphans) {
      done(fail(Errc::kRefused,
                "the leader's version makes no change again: upgrade it, or make it by hand"));
    } else if (on_orphan_) {
      done(fail(Errc::kRefused, "another change is being made again: wait for it"));
    } else {
      on_orphan_ = std::move(done);
      leader_->send(std::move(request));
    }
  });
}

void Replica::take_orphan(const OrphanReplyFrame& reply) {
  if (reply.refusal.empty()) {
    end_orphan(OrphanMade{reply.changed, reply.sequence});
  } else {
    end_orphan(fail(reply.is_conflict ? Errc::kConflict : Errc::kRefused, "{}", reply.refusal));
  }
}

void Replica::end_orphan(Result<OrphanMade> outcome) {
  if (const auto done = std::exchange(on_orphan_, nullptr); done) {
    done(std::move(outcome));
  }
}

/// Of whatever the leader was asked for.
void Replica::end_asking(std::string_view why) {
  end_hand_over(fail(Errc::kUnavailable, "{}", why));
  end_orphan(fail(Errc::kUnavailable, "{}", why));
}

}  // namespace tandem
