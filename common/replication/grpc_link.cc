#include "common/replication/grpc_link.h"

#include <algorithm>
#include <future>
#include <utility>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "common/base/check.h"
#include "common/base/logging.h"
#include "common/replication/grpc_call.h"
#include "common/replication/grpc_dialler.h"
#include "common/replication/grpc_loop.h"
#include "common/replication/grpc_settings.h"
#include "common/replication/grpc_tls.h"
#include "common/replication/link_acceptor.h"
#include "common/replication/link_address.h"

namespace tandem {
namespace {

/// Streams get a second to end politely (grpc_call.cc), from when the loop has told them; then they
/// are cut.
constexpr std::chrono::milliseconds kEndWithin{1'500};
constexpr std::string_view kShuttingDown = "shutting down";

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

/// The server's end of gRPC and our acceptor in front of it.
struct Listening {
  std::unique_ptr<LinkAcceptor> acceptor;
  std::unique_ptr<grpc::AsyncGenericService> service;
  std::unique_ptr<Acceptor> entrance;
  std::unique_ptr<grpc::Server> server;
  grpc::ServerCompletionQueue* queue = nullptr;  // the loop's
};

void hand_over(Acceptor& entrance, UniqueFd fd) {
  Acceptor::NewConnectionParameters connection;
  connection.fd = fd.release();
  entrance.HandleNewConnection(&connection);
}

Result<std::vector<GrpcDialler::Target>> targets_of(const GrpcLinkOptions& options,
                                                    const std::shared_ptr<PinnedPeers>& peers) {
  std::vector<GrpcDialler::Target> out;
  for (const std::string& text : options.dial) {
    HostPort address = TRY(parse_host_port(text));
    if (address.port == 0) {
      return fail(Errc::kInvalid, "link address {}: port 0 cannot be dialled", text);
    }
    out.push_back({.text = text,
                   .address = std::move(address),
                   .credentials = link_channel_credentials(options.key, peers),
                   .redial_min = options.redial_min,
                   .redial_max = options.redial_max});
  }
  return out;
}

}  // namespace

class GrpcLink::Impl final : public GrpcCallOwner {
 public:
  Impl(std::shared_ptr<PinnedPeers> peers, std::unique_ptr<grpc::CompletionQueue> queue,
       Listening listening, LinkHandler& handler)
      : peers_(std::move(peers)),
        loop_(std::move(queue)),
        shared_{loop_, handler, *peers_},
        listening_(std::move(listening)) {}

  void start(std::vector<GrpcDialler::Target> targets);
  void stop();

  void set_peers(std::vector<KeyPin> peers) { peers_->set(std::move(peers)); }

  [[nodiscard]] std::vector<std::string> listening() const;
  [[nodiscard]] std::vector<DialState> dialling() const;
  [[nodiscard]] std::uint64_t refused_count() const;

  void call_accepted() override { wait_for_call(); }

  void call_opened(const LinkStream& stream) override;
  void call_ended(GrpcCall& call, std::string_view reason) override;

 private:
  void wait_for_call();
  void end_all();
  void tell_when_idle();
  void tell_when_gone();
  [[nodiscard]] bool are_diallers_idle() const;

  std::shared_ptr<PinnedPeers> peers_;
  GrpcLoop loop_;
  GrpcCallShared shared_;
  Listening listening_;
  std::vector<std::unique_ptr<GrpcDialler>> diallers_;  // fixed after start()
  // The loop's thread:
  std::vector<std::shared_ptr<GrpcCall>> accepted_;  // the last one waits for a peer
  bool is_stopping_ = false;
  bool is_idle_told_ = false;
  bool is_shut_ = false;  // the server
  bool is_gone_told_ = false;
  std::promise<void> told_;  // all streams are to end
  std::promise<void> idle_;  // all have
  std::promise<void> gone_;  // and nobody waits for one: no operation will be started any more
};

void GrpcLink::Impl::start(std::vector<GrpcDialler::Target> targets) {
  for (GrpcDialler::Target& target : targets) {
    diallers_.push_back(std::make_unique<GrpcDialler>(shared_, std::move(target), [this] {
      tell_when_idle();
      tell_when_gone();
    }));
  }
  loop_.start();
  loop_.post([this] {
    if (listening_.server) {
      wait_for_call();
    }
    for (const auto& dialler : diallers_) {
      dialler->dial();
    }
  });
  if (listening_.acceptor) {
    listening_.acceptor->start(
        [this](UniqueFd fd) { hand_over(*listening_.entrance, std::move(fd)); });
  }
}

void GrpcLink::Impl::wait_for_call() {
  accepted_.push_back(
      std::make_shared<AcceptedCall>(shared_, *this, *listening_.service, *listening_.queue));
  accepted_.back()->start();
}

void GrpcLink::Impl::call_opened(const LinkStream& stream) {
  listening_.acceptor->has_stream(stream.address());
  log_info("link connected peer={} key={}", stream.address(), stream.pin().to_text());
}

void GrpcLink::Impl::call_ended(GrpcCall& call, std::string_view /*reason*/) {
  std::erase_if(accepted_, [&call](const auto& mine) { return mine.get() == &call; });
  tell_when_idle();
  tell_when_gone();
}

void GrpcLink::Impl::end_all() {
  is_stopping_ = true;
  const auto dialled = diallers_.size();
  for (std::size_t i = 0; i < dialled; ++i) {
    diallers_[i]->stop(kShuttingDown);
  }
  for (const auto& call : std::vector(accepted_)) {
    call->stop(kShuttingDown);
  }
  told_.set_value();
  tell_when_idle();
}

bool GrpcLink::Impl::are_diallers_idle() const {
  return std::ranges::all_of(diallers_, [](const auto& dialler) { return dialler->is_idle(); });
}

void GrpcLink::Impl::tell_when_idle() {
  const std::size_t waiting = listening_.server ? 1 : 0;
  if (is_stopping_ && accepted_.size() <= waiting && are_diallers_idle() &&
      !std::exchange(is_idle_told_, true)) {
    idle_.set_value();
  }
}

void GrpcLink::Impl::tell_when_gone() {
  if (is_shut_ && accepted_.empty() && are_diallers_idle() && !std::exchange(is_gone_told_, true)) {
    gone_.set_value();
  }
}

/// A handler may hold the loop: then nothing is told yet, and to stop the loop would leave streams
/// that read from a queue which is gone.
void GrpcLink::Impl::stop() {
  if (listening_.acceptor) {
    listening_.acceptor->stop();
  }
  loop_.post([this] { end_all(); });
  told_.get_future().wait();
  idle_.get_future().wait_for(kEndWithin);
  if (listening_.server) {
    listening_.server->Shutdown(std::chrono::system_clock::now());  // cuts what is left
  }
  loop_.post([this] {
    is_shut_ = true;
    tell_when_gone();
  });
  gone_.get_future().wait();
  loop_.stop();
  CHECK(accepted_.empty());
}

std::vector<std::string> GrpcLink::Impl::listening() const {
  return listening_.acceptor ? listening_.acceptor->addresses() : std::vector<std::string>();
}

std::vector<DialState> GrpcLink::Impl::dialling() const {
  std::vector<DialState> out;
  out.reserve(diallers_.size());
  for (const auto& dialler : diallers_) {
    out.push_back(dialler->state());
  }
  return out;
}

std::uint64_t GrpcLink::Impl::refused_count() const {
  return peers_->refused_count() + (listening_.acceptor ? listening_.acceptor->refused_count() : 0);
}

Result<std::unique_ptr<GrpcLink>> GrpcLink::start(const GrpcLinkOptions& options,
                                                  LinkHandler& handler) {
  prepare_grpc();
  if (options.takes_any_key && !options.listen.empty()) {
    return fail(Errc::kInternal, "link: nobody listens to any key");
  }
  auto peers = std::make_shared<PinnedPeers>(options.peers, options.takes_any_key);
  auto targets = TRY(targets_of(options, peers));
  Listening listening;
  std::unique_ptr<grpc::CompletionQueue> queue;
  if (options.listen.empty()) {
    queue = std::make_unique<grpc::CompletionQueue>();
  } else {
    listening.acceptor = TRY(LinkAcceptor::listen(options.listen, options.max_connections));
    listening.service = std::make_unique<grpc::AsyncGenericService>();
    grpc::ServerBuilder builder;
    apply_link_settings(builder);
    builder.RegisterAsyncGenericService(listening.service.get());
    listening.entrance = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
        link_server_credentials(options.key, peers));
    auto server_queue = builder.AddCompletionQueue();
    listening.queue = server_queue.get();
    queue = std::move(server_queue);
    listening.server = builder.BuildAndStart();
    if (!listening.server) {
      return fail(Errc::kInternal, "link: gRPC does not start; is the node's key a P-256 key?");
    }
  }
  auto impl =
      std::make_unique<Impl>(std::move(peers), std::move(queue), std::move(listening), handler);
  impl->start(std::move(targets));
  return std::unique_ptr<GrpcLink>(new GrpcLink(std::move(impl)));
}

GrpcLink::GrpcLink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

GrpcLink::~GrpcLink() {
  impl_->stop();
}

void GrpcLink::set_peers(std::vector<KeyPin> peers) {
  impl_->set_peers(std::move(peers));
}

std::vector<std::string> GrpcLink::listening() const {
  return impl_->listening();
}

std::vector<DialState> GrpcLink::dialling() const {
  return impl_->dialling();
}

std::uint64_t GrpcLink::refused_count() const {
  return impl_->refused_count();
}

}  // namespace tandem
