// One run of a leader and a follower, decided by one number: clients that ask for changes, disks
// that fail, fill up and lose what was not synced, processes that are killed, links that break,
// come double, stand still, clocks that are set; afterwards everything is mended, and the two have
// to be the same and take changes. No thread, no real time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/judge.h"
#include "tests/simulation/sim_cable.h"
#include "tests/simulation/sim_disk.h"
#include "tests/simulation/sim_nodes.h"

namespace tandem::test {

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;
  ~Simulation();

  /// Whether everything was as it has to be.
  bool run();

  /// What happened.
  [[nodiscard]] std::string story() const { return judge_.story(); }

  [[nodiscard]] const Judge::Counts& counts() const noexcept { return judge_.counts(); }

 private:
  /// One side: what outlives its processes, and what is wrong with it.
  struct Machine {
    SimDisk disk;
    ManualClock clock;
    bool is_frozen = false;
    std::uint64_t silent_since = 0;  // second in which it was frozen or lost its power
    bool is_silent = false;          // until its streams were given up
  };

  struct Event {
    std::uint64_t weight;
    void (Simulation::*happen)();
  };

  /// What happens often, and the mishaps of which each run gets a choice.
  void choose_events();
  void happen_once();
  void mend();
  void prove_that_it_works();

  // What clients do.
  void ask();
  void ask_again();
  void send(std::uint32_t number, Wait wait);

  // What the machines do by themselves.
  void write();
  void deliver();
  void step_workers();
  void pass_second();
  void pass_moment();
  void trim();
  void connect();

  // What happens to them.
  void kill();
  void cut_power();
  void cut_power_in_write();
  void fail_sync();
  void fill_disk();
  void freeze();
  void cut_link();
  void cut_link_later();
  void confuse_link();
  void connect_again();
  void lose_network();
  void set_clock();

  [[nodiscard]] Machine& machine(Side side) { return machines_.at(static_cast<std::size_t>(side)); }

  [[nodiscard]] SimProcess* process(Side side);
  [[nodiscard]] bool is_up(Side side);

  Side any_side() { return dice_.one_in(2) ? Side::kLeader : Side::kFollower; }

  void start(Side side);
  void stop(Side side);
  void lose_power(Side side);
  /// Processes that lost their power in a write are gone.
  void bury();
  void give_up_silent();
  /// A second in which everybody does all that there is to do.
  void pass_good_second();

  Dice dice_;
  Judge judge_;
  std::array<Machine, 2> machines_;
  SimCable cable_;
  Keeping keeping_;
  Serial first_serial_;
  std::vector<Event> events_;
  std::uint64_t weights_ = 0;
  std::uint64_t now_ = 0;  // seconds
  std::uint32_t sendings_ = 0;
  bool has_network_ = true;
  bool is_network_silent_ = false;  // until the streams were given up
  std::uint64_t network_silent_since_ = 0;
  Result<Receipt> last_answer_ = Receipt();
  std::shared_ptr<int> leader_life_;  // answers of a leader that is gone reach nobody
  int unanswered_ = 0;                // of this life
  std::unique_ptr<SimLeader> leader_;
  std::unique_ptr<SimFollower> follower_;
};

}  // namespace tandem::test
