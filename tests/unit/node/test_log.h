// One log of a node over a store in memory, with everything that a restart makes anew; and the
// small tools that the tests of node, primary and secondary share.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/node/change.h"
#include "common/node/plans.h"
#include "common/node/publisher.h"
#include "common/node/replicated_log.h"
#include "common/store/memory_store.h"
#include "tests/support/eventually.h"

namespace tandem::test {

/// Everything that `from` holds, and nothing else, is in `to` afterwards: a disk put back.
void copy_store(const Store& from, Store& to);

[[nodiscard]] NodeId node_id(std::uint8_t octet);
[[nodiscard]] ClusterId cluster_id(std::uint8_t octet);

/// The sealer of node 1 or 2: what one seals the other does not open.
[[nodiscard]] const SecretSealer& sealer_of_node(int node);

/// A secret and what the log says of it.
[[nodiscard]] SecretChange secret_change(std::string_view label, std::string_view secret);

class TestLog {
 public:
  explicit TestLog(Store& store, const Clock& clock, LogId id = LogId::kCluster);

  ReplicatedLog& operator*() noexcept { return *log_; }

  ReplicatedLog* operator->() noexcept { return log_.get(); }

  [[nodiscard]] Publisher& publisher() noexcept { return *publisher_; }

  /// What the log and the publisher would be after a restart. Everything built on them has to be
  /// gone.
  void restart();

  /// Makes a draft the table and answers from it, without any entry.
  void show(TableDraft& draft);

  /// The zone that is answered, null when there is none.
  [[nodiscard]] ZonePtr answered(std::string_view zone) const;
  [[nodiscard]] std::optional<ServeState> serve_state(std::string_view zone) const;
  /// The answered zone's records as lines without the SOA; empty when it is not answered.
  [[nodiscard]] std::vector<std::string> lines(std::string_view zone) const;

  [[nodiscard]] std::uint64_t head() const { return log_->entries().head().sequence; }

 private:
  Store& store_;
  const Clock& clock_;
  LogId id_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<ReplicatedLog> log_;
};

/// The edit that gives `owner` one A record.
[[nodiscard]] RecordEdit set_edit(const Name& owner, std::string_view address);
/// Changes `owner` of `zone` to one A record, by the writer's way.
[[nodiscard]] Planner set_address(std::string_view zone, std::string_view owner,
                                  std::string_view address);

/// Submits and waits.
Result<Receipt> change(ChangeSink& sink, Planner plan, std::string_view request_id = "");

}  // namespace tandem::test
