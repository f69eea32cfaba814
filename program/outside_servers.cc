#include "program/outside_servers.h"

#include "common/base/random.h"

namespace tandem {
namespace {

Puller::Options options_of(const Config& config, const ZoneSources& sources) {
  Puller::Options options;
  options.sources = sources;
  options.most_records = config.pull_records;
  options.most_octets = config.pull_octets;
  options.seed = load_be32(random_array<4>().data());
  return options;
}

}  // namespace

OutsideServers::OutsideServers(Node& node, ReplicatedLog& log, ChangeSink& sink,
                               const ZoneSources& sources, DnsClient& client)
    : primaries_(client, node.keys()),
      puller_({log, sink, node.publisher(), primaries_}, options_of(node.config(), sources)),
      follower_({log, sink, puller_}, sources) {}

}  // namespace tandem
