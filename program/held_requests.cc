#include "program/held_requests.h"

#include "common/net/http_message.h"

namespace tandem {

void HeldUpdates::submit(UpdateRequest request) {
  {
    const std::shared_lock lock(mutex_);
    if (service_ != nullptr) {
      service_->submit(std::move(request));
      return;
    }
  }
  {
    const std::unique_lock lock(mutex_);
    if (service_ != nullptr) {
      service_->submit(std::move(request));
      return;
    }
    if (held_.size() < kMaxHeld) {
      held_.push_back(std::move(request));
      return;
    }
  }
  request.done({Rcode::kServFail, {}});
}

void HeldUpdates::hold() {
  const std::unique_lock lock(mutex_);
  service_ = nullptr;
}

void HeldUpdates::open(UpdateService& service) {
  const std::unique_lock lock(mutex_);
  service_ = &service;
  for (UpdateRequest& request : std::exchange(held_, {})) {
    service.submit(std::move(request));
  }
}

bool HeldUpdates::is_open() const {
  const std::shared_lock lock(mutex_);
  return service_ != nullptr;
}

void HeldHttp::handle(HttpRequest request, HttpRespond respond) {
  {
    const std::lock_guard lock(mutex_);
    if (api_ != nullptr) {
      api_->handle(std::move(request), std::move(respond));
      return;
    }
    if (held_.size() < kMaxHeld) {
      held_.emplace_back(std::move(request), std::move(respond));
      return;
    }
  }
  respond(http_error(503, "unavailable", "the node's role changes: ask again"));
}

void HeldHttp::hold() {
  const std::lock_guard lock(mutex_);
  api_ = nullptr;
}

void HeldHttp::open(Api& api) {
  const std::lock_guard lock(mutex_);
  api_ = &api;
  for (auto& [request, respond] : std::exchange(held_, {})) {
    api.handle(std::move(request), std::move(respond));
  }
}

}  // namespace tandem
