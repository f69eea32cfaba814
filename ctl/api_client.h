// HTTP over a node's unix socket: one request, one answer, one connection. One thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace tandem {

struct ApiRequest {
  std::string method = "GET";
  std::string target;  // path and query, encoded
  std::string content_type = {};
  std::string body = {};
};

struct ApiResponse {
  unsigned status = 0;
  std::string body;
};

struct ApiClientOptions {
  std::filesystem::path socket;
  std::chrono::seconds timeout{300};                         // without an octet moving
  std::vector<std::pair<std::string, std::string>> headers;  // Request-Id, Reason
};

/// Asks the node. Any status is an answer. Fails: kUnavailable when nobody answers, kTimeout,
/// kRefused when the socket may not be opened, kIo.
Result<ApiResponse> ask_node(const ApiClientOptions& options, const ApiRequest& request);

/// A target below the API's base: `segments` percent-encoded and joined, then the query.
[[nodiscard]] std::string api_target(
    const std::vector<std::string_view>& segments,
    const std::vector<std::pair<std::string_view, std::string>>& query = {});

}  // namespace tandem
