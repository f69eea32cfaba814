// g: what a message over gRPC and back costs here. Two processes, one bidirectional stream over
// 127.0.0.1 without TLS, 300 octets there and back, one at a time, each end on its completion queue
// as the link between the nodes is. Prints one line of JSON.
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/prctl.h>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "bench/load/loopback.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kMessageOctets = 300;
constexpr std::size_t kWarmUp = 200;
constexpr std::chrono::seconds kPatience{20};

/// The next operation of `queue` has come to its end, and well.
bool next_is_ok(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool is_ok = false;
  const auto limit = std::chrono::system_clock::now() + kPatience;
  return queue.AsyncNext(&tag, &is_ok, limit) == grpc::CompletionQueue::GOT_EVENT && is_ok;
}

/// Sends every message back until the client goes. Tells its port through `tell`.
int echo(int tell) {
  grpc::AsyncGenericService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterAsyncGenericService(&service);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  if (server == nullptr || ::write(tell, &port, sizeof port) != sizeof port) {
    return 1;
  }
  grpc::GenericServerContext context;
  grpc::GenericServerAsyncReaderWriter stream(&context);
  service.RequestCall(&context, &stream, queue.get(), queue.get(), nullptr);
  grpc::ByteBuffer message;
  bool is_open = next_is_ok(*queue);
  while (is_open) {
    stream.Read(&message, nullptr);
    is_open = next_is_ok(*queue);
    if (is_open) {
      stream.Write(message, nullptr);
      is_open = next_is_ok(*queue);
    }
  }
  std::_Exit(0);  // what is left to wind up is the kernel's
}

int measure(int port, std::size_t rounds) {
  const auto channel =
      grpc::CreateChannel(fmt::format("127.0.0.1:{}", port), grpc::InsecureChannelCredentials());
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto stream = stub.PrepareCall(&context, "/bench/RoundTrip", &queue);
  stream->StartCall(nullptr);
  if (!next_is_ok(queue)) {
    return 1;
  }
  const grpc::Slice octets(std::string(kMessageOctets, 'x'));
  std::vector<double> spans;
  for (std::size_t i = 0; i < kWarmUp + rounds; ++i) {
    const Clock::time_point start = Clock::now();
    stream->Write(grpc::ByteBuffer(&octets, 1), nullptr);
    grpc::ByteBuffer answer;
    if (!next_is_ok(queue)) {
      return 1;
    }
    stream->Read(&answer, nullptr);
    if (!next_is_ok(queue) || answer.Length() != kMessageOctets) {
      return 1;
    }
    if (i >= kWarmUp) {
      spans.push_back(microseconds(Clock::now() - start));
    }
  }
  std::sort(spans.begin(), spans.end());
  fmt::print("{{\"p50_us\":{:.1f},\"p99_us\":{:.1f}}}\n", spans[spans.size() / 2],
             spans[spans.size() * 99 / 100]);
  std::fflush(stdout);
  std::_Exit(0);  // the open stream needs no farewell
}

int run(std::size_t rounds) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) {
    std::perror("pipe");
    return 1;
  }
  // Before anything of gRPC's: its threads do not survive a fork.
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    return echo(pipe[1]);
  }
  int port = 0;
  if (child < 0 || ::read(pipe[0], &port, sizeof port) != sizeof port) {
    std::fputs("the echoing process did not start\n", stderr);
    return 1;
  }
  return measure(port, rounds);
}

}  // namespace
}  // namespace tandem::bench

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown ends the tool and says why
int main(int count, char** words) {
  std::size_t rounds = 2000;
  CLI::App app("Times a message over gRPC to another process and back");
  app.add_option("--rounds", rounds)->capture_default_str()->check(CLI::Range(10, 1'000'000));
  CLI11_PARSE(app, count, words);
  return tandem::bench::run(rounds);
}
