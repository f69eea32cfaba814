// Threads of the control plane give way to those that answer queries: on a machine of two cores an
// import of a million records would otherwise take a worker's core for milliseconds at a time.
#pragma once

namespace tandem {

/// Makes the calling thread yield to all that have not called this, as far as they need the
/// processors. It gets what they leave, and a tenth of a core at least.
void give_way() noexcept;

}  // namespace tandem
