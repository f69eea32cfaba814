// Primaries that are not there: they answer from zones in memory, at once, and can go wrong.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/zone/zone.h"
#include "secondary/primary_client.h"

namespace tandem::test {

class FakePrimaries final : public PrimaryClient {
 public:
  struct Primary {
    ZonePtr zone;                         // null: it does not have it
    ZonePtr before;                       // what it can tell the changes from; null: none
    std::optional<Error> silence;         // that nothing comes back, of questions and transfers
    std::optional<Error> broken;          // that ends transfers after their first message
    std::optional<Rcode> ixfr_refusal;    // of IXFR alone
    bool steps_are_wrong = false;         // IXFR takes away a record that is not there
    std::optional<std::uint32_t> expire;  // in the answers to SOA questions (RFC 7314)
  };

  /// By address and port.
  Primary& at(const std::string& address) { return primaries_[address]; }

  /// `soa 192.0.2.1:53`, `ixfr ...`, `axfr ...` since the last call.
  std::vector<std::string> take_asked() { return std::exchange(asked_, {}); }

  void ask(const ZonePrimary& primary, Octets question, DnsClient::Answer answer) override;
  void transfer(const ZonePrimary& primary, Octets request, DnsClient::TakeMessage take,
                DnsClient::Ended ended) override;

 private:
  std::map<std::string, Primary> primaries_;
  std::vector<std::string> asked_;
};

}  // namespace tandem::test
