// What both ends of the link tell gRPC: sizes, keep-alive, and everything off that we do not use.
// Internal to common/replication: sees gRPC's headers.
#pragma once

#include <grpcpp/server_builder.h>
#include <grpcpp/support/channel_arguments.h>

namespace tandem {

/// The only method; every other one is refused.
constexpr const char* kLinkMethod = "/tandem.v1.Link/Link";

/// What has to be set before gRPC starts in this process; cheap, idempotent. gRPC reads it from the
/// environment, once: call it before there are threads that read the environment too.
void prepare_grpc();

void apply_link_settings(grpc::ServerBuilder& server);
[[nodiscard]] grpc::ChannelArguments link_channel_arguments();

}  // namespace tandem
