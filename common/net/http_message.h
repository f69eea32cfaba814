// What an HTTP request says apart from how its octets arrive: the target taken apart, errors in the
// API's shape. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/net/http_server.h"

namespace tandem {

struct HttpTarget {
  std::string path;                                        // percent-encoded as sent
  std::vector<std::pair<std::string, std::string>> query;  // decoded, `+` as a space
};

/// Takes a request target apart: `/path?query`, or the whole URL as proxies send it (RFC 9112
/// s3.2). Fails: kInvalid.
Result<HttpTarget> parse_http_target(std::string_view target);

/// `{"error":{"code":...,"text":...}}` with that status.
[[nodiscard]] HttpResponse http_error(unsigned status, std::string_view code,
                                      std::string_view text);

}  // namespace tandem
