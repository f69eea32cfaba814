// A network interface whose DNS queries are answered past the kernel's network stack: the filter,
// and a worker for each of its queues that can both receive and send. Everything else still comes
// by the sockets. One thread (the one that starts and stops the node); the workers' counters are
// anybody's to read.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/snapshot_cell.h"
#include "common/net/address.h"
#include "common/net/cpus.h"
#include "common/net/xdp_program.h"
#include "common/net/xdp_worker.h"
#include "common/query/engine.h"
#include "common/zone/catalog.h"

namespace tandem {

class XdpInterface {
 public:
  /// Takes over UDP to `listen` on the interface; a wildcard among them means the addresses that
  /// the interface itself has now. Answers begin at once, each worker on the next of `cpus`. Fails:
  /// kIo, kInvalid, kTooLarge with what is lacking; all is then as before. Requires: the sockets,
  /// `engine`, `catalog` and `requests` outlive it; the latter has not been started.
  static Result<std::unique_ptr<XdpInterface>> open(const std::string& name,
                                                    std::span<const BoundSocket> listen,
                                                    CpuTurns& cpus, const QueryEngine& engine,
                                                    SnapshotCell<Catalog>& catalog,
                                                    RequestQueue& requests);

  [[nodiscard]] const std::vector<std::unique_ptr<XdpWorker>>& workers() const noexcept {
    return workers_;
  }

  /// Whether the filter runs in the interface's driver, which is faster than behind it.
  [[nodiscard]] bool is_in_driver() const noexcept { return program_.is_in_driver(); }

  /// Ends the workers. Idempotent.
  void stop();

 private:
  XdpInterface(XdpProgram program, std::vector<std::unique_ptr<XdpWorker>> workers);

  XdpProgram program_;
  std::vector<std::unique_ptr<XdpWorker>> workers_;
};

}  // namespace tandem
