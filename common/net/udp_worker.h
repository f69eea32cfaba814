// One pinned thread, one UDP socket: receive a batch, answer each, send the batch. The data plane's
// loop.
#pragma once

#include <memory>

#include "common/base/snapshot_cell.h"
#include "common/base/unique_fd.h"
#include "common/net/request_queue.h"
#include "common/net/worker_thread.h"
#include "common/query/engine.h"
#include "common/zone/catalog.h"

namespace tandem {

struct UdpWorkerOptions {
  int cpu = -1;  // to stay on; -1: any
  bool reports_destination =
      false;  // a wildcard socket: answers leave from the address that was asked
};

class UdpWorker {
 public:
  /// `requests`: this worker's alone. Requires: it, `engine` and `catalog` outlive the worker.
  UdpWorker(UniqueFd socket, UdpWorkerOptions options, const QueryEngine& engine,
            SnapshotCell<Catalog>& catalog, RequestRing& requests);
  UdpWorker(const UdpWorker&) = delete;
  UdpWorker& operator=(const UdpWorker&) = delete;
  /// Stops.
  ~UdpWorker();

  void start();

  /// Ends the loop after the batch at hand. Idempotent.
  void stop() { thread_.stop(); }

  [[nodiscard]] const WorkerStats& stats() const noexcept;

  /// For answers that others give.
  [[nodiscard]] int socket() const noexcept { return socket_.get(); }

 private:
  struct Batch;
  void turn(SnapshotCell<Catalog>::Reader& reader) noexcept;
  void answer_batch(std::size_t received, const Catalog& catalog) noexcept;
  void hand_over(OctetSpan message, std::size_t place) noexcept;
  void send_batch(std::size_t count) noexcept;

  UniqueFd socket_;
  UdpWorkerOptions options_;
  const QueryEngine& engine_;
  SnapshotCell<Catalog>& catalog_;
  RequestRing& requests_;
  std::unique_ptr<Batch> batch_;
  WorkerThread thread_;  // the last, so that it ends before what it uses
};

}  // namespace tandem
