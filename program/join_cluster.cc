#include "program/join_cluster.h"

#include <ctime>

#include <fmt/ranges.h>

#include "common/base/logging.h"
#include "common/node/enrolment.h"
#include "common/node/joiner.h"
#include "common/node/member_book.h"
#include "common/node/node.h"
#include "common/replication/grpc_link.h"

namespace tandem {
namespace {

constexpr timespec kLook{.tv_sec = 0, .tv_nsec = 50'000'000};

/// True when one of the signals came meanwhile.
bool wait_a_moment(const sigset_t& signals) {
  return ::sigtimedwait(&signals, nullptr, &kLook) > 0;
}

/// Durable; also where this node listened, so that it is found there again without being told.
Status keep(MemberBook& book, const JoinToken& token, const std::vector<std::string>& listen) {
  return book.change([&](MemberList& list) -> Status {
    list.listen = listen;
    return list.put({.pins = {token.inviter}, .dial = {}, .ns = {}, .node = {}});
  });
}

}  // namespace

Result<Joined> join_cluster(const Config& config, const JoinToken& token, const sigset_t& signals) {
  TRYV(make_data_folder(config.data));
  const NodeKey node_key = TRY(load_or_make_node_key(config.data));
  const NodeKey key = TRY(load_link_key(config.data, node_key));
  MemberBook book(config.data);
  TRYV(book.load());
  if (book.list().has(token.inviter)) {
    log_info("joined already peer_key={}", token.inviter.to_text());
    return Joined::kYes;
  }
  Joiner joiner(token, key.pin, [&] { return keep(book, token, config.link_listen); });
  GrpcLinkOptions options;
  options.key = key;
  options.peers = {token.inviter};
  options.listen = config.link_listen;
  const auto link = TRY(GrpcLink::start(options, joiner));
  log_info("waiting to join link={} key={}", fmt::join(link->listening(), ","), key.pin.to_text());
  const SystemClock clock;
  const MonotonicTime over = clock.monotonic() + Enrolment::kOpenFor;
  while (!joiner.outcome()) {
    if (wait_a_moment(signals)) {
      return Joined::kStopped;
    }
    if (clock.monotonic() > over) {
      return fail(Errc::kTimeout,
                  "the node that made the token did not dial {} while the token was good: is the "
                  "port open, and is it the address of `tandemctl cluster invite --at`?",
                  fmt::join(config.link_listen, ", "));
    }
  }
  TRYV(*joiner.outcome());
  log_info("joined peer_key={}", token.inviter.to_text());
  return Joined::kYes;
}

}  // namespace tandem
