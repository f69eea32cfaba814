#include "common/replication/grpc_settings.h"

#include <array>
#include <cstdlib>
#include <string_view>

#include <grpc/support/log.h>

#include "common/base/logging.h"
#include "common/replication/frames.h"

namespace tandem {
namespace {

struct Variable {
  const char* name;
  const char* value;
};

constexpr std::array kEnvironment{
    // The suites for TLS 1.2; gRPC 1.51 has no setting for the version, and OpenSSL wants at least
    // one. A suite with a pre-shared key is neither offered nor taken where no such key is set, so
    // TLS 1.3 remains, whose suites are OpenSSL's own list.
    Variable{"GRPC_SSL_CIPHER_SUITES", "PSK-AES128-GCM-SHA256"},
    // getaddrinfo(3), as every other program here resolves names. c-ares 1.18 loses memory too.
    Variable{"GRPC_DNS_RESOLVER", "native"},
};

struct ChannelSetting {
  const char* name;
  int value;
};

// Above our own limit, so that a frame a little over it is refused with our reason and not gRPC's.
constexpr int kMaxMessageOctets = static_cast<int>(kMaxFrameOctets) + (64 << 10);
constexpr int kWindowOctets = 4 << 20;

constexpr std::array kBothEnds{
    ChannelSetting{GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, kMaxMessageOctets},
    ChannelSetting{GRPC_ARG_MAX_SEND_MESSAGE_LENGTH, kMaxMessageOctets},
    // A dead peer is found within 15 s of its last octet.
    ChannelSetting{GRPC_ARG_KEEPALIVE_TIME_MS, 10'000},
    ChannelSetting{GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000},
    ChannelSetting{GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
    ChannelSetting{GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0},
    ChannelSetting{GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowOctets},
    ChannelSetting{GRPC_ARG_MAX_METADATA_SIZE, 4 << 10},
    // Nothing we send is worth it, and what is never inflated is no bomb.
    ChannelSetting{GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0},
    ChannelSetting{GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0},
};

constexpr std::array kServerEnd{
    ChannelSetting{GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000},
    // TCP connect to HTTP/2 settings, TLS in between.
    ChannelSetting{GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 5'000},
    ChannelSetting{GRPC_ARG_MAX_CONCURRENT_STREAMS, 1},
    ChannelSetting{GRPC_ARG_MAX_CONNECTION_IDLE_MS, 30'000},
};

constexpr std::array kClientEnd{
    // One attempt of ours is one attempt of gRPC's, with a connection that nobody shares.
    ChannelSetting{GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1},
    ChannelSetting{GRPC_ARG_ENABLE_RETRIES, 0},
    ChannelSetting{GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 5'000},
    ChannelSetting{GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000},  // also the time to connect
    ChannelSetting{GRPC_ARG_ENABLE_HTTP_PROXY, 0},
    ChannelSetting{GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1},
};

void log_of_grpc(gpr_log_func_args* line) {
  log_debug("grpc {}:{} {}", line->file, line->line, line->message);
}

}  // namespace

void prepare_grpc() {
  gpr_set_log_function(&log_of_grpc);
  for (const Variable& variable : kEnvironment) {
    const char* const now = std::getenv(variable.name);
    if (now == nullptr || std::string_view(now) != variable.value) {
      ::setenv(variable.name, variable.value, 1);
    }
  }
}

void apply_link_settings(grpc::ServerBuilder& server) {
  for (const ChannelSetting& setting : kBothEnds) {
    server.AddChannelArgument(setting.name, setting.value);
  }
  for (const ChannelSetting& setting : kServerEnd) {
    server.AddChannelArgument(setting.name, setting.value);
  }
  // The builder writes these two over what the arguments say.
  server.SetMaxReceiveMessageSize(kMaxMessageOctets);
  server.SetMaxSendMessageSize(kMaxMessageOctets);
}

grpc::ChannelArguments link_channel_arguments() {
  grpc::ChannelArguments out;
  for (const ChannelSetting& setting : kBothEnds) {
    out.SetInt(setting.name, setting.value);
  }
  for (const ChannelSetting& setting : kClientEnd) {
    out.SetInt(setting.name, setting.value);
  }
  // Neither the server's name nor ours is anybody's business on the way.
  out.SetSslTargetNameOverride("tandem.invalid");
  return out;
}

}  // namespace tandem
