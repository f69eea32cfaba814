// Asks the query engine without sockets.
#pragma once

#include <memory>
#include <string_view>

#include "common/dns/message.h"
#include "common/query/engine.h"
#include "common/zone/catalog.h"

namespace tandem::test {

struct Ask {
  std::string_view name;
  RrType type = RrType::kA;
  bool edns = false;
  bool dnssec = false;
  std::uint16_t payload = 1232;
  Transport transport = Transport::kUdp;
};

/// A query as octets. EDNS when asked for, or when DNSSEC is.
[[nodiscard]] Octets query_wire(NameView name, RrType type, bool edns, bool dnssec,
                                std::uint16_t payload);

class Asking {
 public:
  explicit Asking(std::vector<ZonePtr> zones, EngineOptions options = {});

  /// The answer's octets; empty for "no answer".
  [[nodiscard]] Octets raw(OctetSpan query, Transport transport = Transport::kUdp);
  /// The parsed answer; aborts when it does not parse.
  [[nodiscard]] Message ask(const Ask& ask);

  [[nodiscard]] Catalog& catalog() noexcept { return catalog_; }

  [[nodiscard]] QueryEngine::Worker& worker() noexcept { return *worker_; }

  [[nodiscard]] const QueryEngine& engine() const noexcept { return engine_; }

 private:
  Catalog catalog_;
  QueryEngine engine_;
  std::unique_ptr<QueryEngine::Worker> worker_ = std::make_unique<QueryEngine::Worker>();
  Octets out_ = Octets(65535);
};

/// `owner ttl type rdata` of each record.
[[nodiscard]] std::vector<std::string> lines_of(const std::vector<MessageRecord>& section);

}  // namespace tandem::test
