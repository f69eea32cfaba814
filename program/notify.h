// Tells systemd how far the service is (sd_notify(3): one datagram).
#pragma once

#include <string_view>

namespace tandem {

/// Sends `state` (`READY=1`, `STOPPING=1`, ...) to $NOTIFY_SOCKET; nothing happens when there is
/// none.
void notify_service_manager(std::string_view state);

}  // namespace tandem
