#include "tests/unit/replication/link_pair.h"

#include <utility>

#include <gtest/gtest.h>

namespace tandem::testing {

std::unique_ptr<GrpcLink> start_link(GrpcLinkOptions options, LinkHandler& handler) {
  options.redial_min = std::chrono::milliseconds(20);
  options.redial_max = std::chrono::milliseconds(200);
  auto link = GrpcLink::start(options, handler);
  if (!link) {
    ADD_FAILURE() << link.error().detail;
    return nullptr;
  }
  return *std::move(link);
}

std::string LinkEnd::listen(const KeyPin& peer, const std::string& address) {
  GrpcLinkOptions options;
  options.key = key;
  options.peers = {peer};
  options.listen = {address};
  link = start_link(std::move(options), handler);
  return link ? link->listening().at(0) : std::string();
}

void LinkEnd::dial(const KeyPin& peer, const std::string& address) {
  GrpcLinkOptions options;
  options.key = key;
  options.peers = {peer};
  options.dial = {address};
  link = start_link(std::move(options), handler);
}

bool LinkPair::connect() {
  dialler.dial(listener.key.pin, listener.listen(dialler.key.pin));
  return listener.handler.wait_open() != nullptr && dialler.handler.wait_open() != nullptr;
}

}  // namespace tandem::testing
