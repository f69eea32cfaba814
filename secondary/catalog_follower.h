// Acts on the catalogs that a log follows (RFC 9432): when one has a new version, zones come, go,
// and are reset, as changes of the log; what brings their content is the puller.
//
// What is here is compared with what the catalogs say, not version with version: whatever was
// missed is made good later. A broken catalog changes nothing (s5.1), a zone that somebody else has
// stays with them (s5.2).
//
// Thread rule: it has its own thread, which alone acts; any thread may call the public functions.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "common/node/catalog_service.h"
#include "common/node/change.h"
#include "common/node/pull_service.h"
#include "common/node/replicated_log.h"
#include "common/node/zone_sources.h"
#include "secondary/catalog_review.h"

namespace tandem {

class CatalogFollower final : public CatalogService {
 public:
  struct Services {
    ReplicatedLog& log;
    ChangeSink& sink;  // of that log
    PullService& pulls;
  };

  /// `configured`: zones that this node's configuration takes from elsewhere. Requires: all
  /// services outlive it.
  CatalogFollower(const Services& services, ZoneSources configured);
  CatalogFollower(const CatalogFollower&) = delete;
  CatalogFollower& operator=(const CatalogFollower&) = delete;
  ~CatalogFollower() override;

  void start();
  /// Ends after the change at hand. Idempotent.
  void stop();
  /// A log has changed. Does nothing while no catalog is followed. Any thread.
  void on_commit();
  /// One look, if anything is new; waits for the writer. For who does not start() it.
  void turn();

  [[nodiscard]] std::optional<FollowedState> state(NameView catalog) const override;
  [[nodiscard]] std::vector<FollowedState> states() const override;

 private:
  /// What a look depends on, but for zones that are in the way.
  struct Seen {
    std::array<std::uint64_t, 3> settings{};        // revisions: of catalogs, sources, members
    std::map<std::string, std::uint64_t> catalogs;  // by name, the sequence of the last change

    friend bool operator==(const Seen&, const Seen&) = default;
  };

  void run();
  [[nodiscard]] bool is_stopping() const;
  [[nodiscard]] Seen what_there_is() const;
  [[nodiscard]] bool is_due(const Seen& seen) const;
  /// Whether anything was changed: then another look may find more.
  bool look();
  bool act_on(const CatalogReview& review, const CatalogReview::Catalog& catalog,
              FollowedState& state);
  Status apply(const Name& catalog, std::span<const MemberStep> steps);
  Status apply_at_once(const Name& catalog, std::span<const MemberStep> steps);
  void tell(const FollowedState& state);

  Services services_;
  ZoneSources configured_;
  const Clock& clock_;

  // The thread's own.
  std::optional<Seen> seen_;
  MonotonicTime looked_{};
  bool is_incomplete_ = false;  // something was in the way

  // Of the last look: whether a catalog is followed, and the revision of the settings that say so.
  std::atomic<bool> has_catalogs_ = true;
  std::atomic<std::uint64_t> looked_revision_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool is_awake_ = false;                        // guarded by mutex_
  bool is_stopping_ = false;                     // guarded by mutex_
  std::map<std::string, FollowedState> states_;  // guarded by mutex_; by name
  std::thread thread_;
};

}  // namespace tandem
