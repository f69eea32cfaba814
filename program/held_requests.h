// While a role ends and another one begins, nothing is refused: what comes meanwhile waits here and
// goes to whoever has the role then.
//
// Thread rule: any thread.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "common/api/api.h"
#include "common/node/update_service.h"

namespace tandem {

/// Updates (RFC 2136) on their way to the role's service.
class HeldUpdates final : public UpdateService {
 public:
  /// Answers SERVFAIL when more wait than it keeps.
  void submit(UpdateRequest request) override;

  /// Returns when the service before is not called any more.
  void hold();
  /// With those that wait first.
  void open(UpdateService& service);
  [[nodiscard]] bool is_open() const;

 private:
  static constexpr std::size_t kMaxHeld = 10'000;

  mutable std::shared_mutex mutex_;
  UpdateService* service_ = nullptr;  // guarded by mutex_
  std::vector<UpdateRequest> held_;   // guarded by mutex_
};

/// HTTP requests on their way to the role's API.
class HeldHttp {
 public:
  /// Answers 503 when more wait than it keeps.
  void handle(HttpRequest request, HttpRespond respond);

  /// Returns when the API before is not called any more.
  void hold();
  void open(Api& api);

 private:
  static constexpr std::size_t kMaxHeld = 256;

  std::mutex mutex_;
  Api* api_ = nullptr;                                     // guarded by mutex_
  std::vector<std::pair<HttpRequest, HttpRespond>> held_;  // guarded by mutex_
};

}  // namespace tandem
