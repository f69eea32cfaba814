// One pinned thread, one queue of a network interface: queries come as frames in memory shared with
// the kernel (AF_XDP) and leave as frames, past its network stack. Beside udp_worker.h the other
// loop of the data plane. open(), start() and stop(): one thread (the one that starts and stops the
// node); everything private: the worker's own thread; stats(): anybody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/snapshot_cell.h"
#include "common/net/request_queue.h"
#include "common/net/worker_thread.h"
#include "common/net/xdp_packet.h"
#include "common/query/engine.h"
#include "common/zone/catalog.h"

namespace tandem {

struct XdpQueue {
  std::string interface;
  std::uint32_t queue = 0;
  std::size_t mtu = 1500;     // octets of an IP packet: no answer is larger, nor ever a fragment
  bool is_in_driver = false;  // where the filter is: only then may the driver share its own memory
  unsigned index = 0;         // of the interface
};

class XdpWorker {
 public:
  /// What is handed over is answered by one of `sockets`. Requires: they, `engine`, `catalog` and
  /// `requests`, which is this worker's alone, outlive the worker; an MTU that leaves room for an
  /// answer (Exchange in engine.h). Fails: kIo with the kernel's reason.
  static Result<std::unique_ptr<XdpWorker>> open(const XdpQueue& queue, const QueryEngine& engine,
                                                 SnapshotCell<Catalog>& catalog,
                                                 RequestRing& requests,
                                                 std::span<const BoundSocket> sockets);

  XdpWorker(const XdpWorker&) = delete;
  XdpWorker& operator=(const XdpWorker&) = delete;
  /// Stops.
  ~XdpWorker();

  [[nodiscard]] int socket() const noexcept;

  /// `cpu`: to stay on; -1: any.
  void start(int cpu);

  /// Ends the loop after the batch at hand. Idempotent.
  void stop() { thread_.stop(); }

  [[nodiscard]] const WorkerStats& stats() const noexcept;

 private:
  struct Rings;
  struct Batch;

  XdpWorker(std::unique_ptr<Rings> rings, const XdpQueue& queue, const QueryEngine& engine,
            SnapshotCell<Catalog>& catalog, RequestRing& requests,
            std::span<const BoundSocket> sockets);

  void turn(SnapshotCell<Catalog>::Reader& reader) noexcept;
  void read_batch(std::uint32_t first, std::size_t received) noexcept;
  void send_batch() noexcept;
  void hand_over(OctetSpan frame, const Datagram& query) noexcept;

  std::unique_ptr<Rings> rings_;
  std::size_t mtu_;
  unsigned interface_;
  const QueryEngine& engine_;
  SnapshotCell<Catalog>& catalog_;
  RequestRing& requests_;
  std::vector<BoundSocket> sockets_;
  std::unique_ptr<Batch> batch_;
  WorkerThread thread_;  // the last, so that it ends before what it uses
};

}  // namespace tandem
