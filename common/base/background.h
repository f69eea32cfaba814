// Threads of the control plane give way to those that answer queries: on a machine of two cores an
// import of a million records would otherwise take a worker's core for milliseconds at a time.
#pragma once

#include <functional>

namespace tandem {

/// Makes the calling thread, and those that it starts from then on, yield to all that have not
/// called this. It gets what they leave; where they leave nothing, a tenth of their share.
void give_way() noexcept;

/// Calls `work` on a thread that gives way, and waits for it: a thread cannot take back that it
/// gave way.
void giving_way(const std::function<void()>& work);

}  // namespace tandem
