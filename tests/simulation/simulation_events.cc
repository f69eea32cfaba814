// The single events of a simulation.
#include <string>
#include <utility>

#include "tests/simulation/simulation.h"

namespace tandem::test {

// --- what clients do

void Simulation::ask() {
  if (!is_up(Side::kLeader)) {
    return;
  }
  const auto identity = dice_.one_in(2) ? Judge::Identity::kNamed : Judge::Identity::kNone;
  const std::uint32_t number = sendings_ + 1;
  const Wish wish = any_wish(dice_, judge_.model(), number, first_serial_);
  send(judge_.asked(wish, identity),
       {.nodes = dice_.one_in(3) ? Wait::Nodes::kSecondary : Wait::Nodes::kNone});
}

void Simulation::ask_again() {
  const auto& named = judge_.named();
  if (is_up(Side::kLeader) && !named.empty()) {
    // Mostly one of the last: those are in doubt.
    const std::size_t back = dice_.below(std::min<std::size_t>(named.size(), 8));
    send(named[named.size() - 1 - back], {});
  }
}

void Simulation::send(std::uint32_t number, Wait wait) {
  judge_.note("request {} is sent: {}{}{}", number, to_text(judge_.wish_of(number)),
              judge_.is_named(number) ? ", with an id" : "",
              wait.nodes == Wait::Nodes::kSecondary ? ", waits for the follower" : "");
  judge_.sent_request(number);
  ++sendings_;
  ++unanswered_;
  const std::string text = std::to_string(number);
  ChangeRequest request{{"client", "none", "here", text}, {}, nullptr, nullptr, wait};
  if (judge_.is_named(number)) {
    request.request_id = to_octets(as_octets(text));
  }
  request.plan = planner_of(judge_.wish_of(number), sendings_);
  request.done = [this, number, life = std::weak_ptr(leader_life_),
                  was_answered = std::make_shared<bool>()](Result<Receipt> receipt) {
    if (life.expired() || machine(Side::kLeader).disk.is_dead()) {
      return;
    }
    if (std::exchange(*was_answered, true)) {
      judge_.fail(fmt::format("request {} is answered twice", number));
    }
    --unanswered_;
    judge_.answered(number, receipt);
    last_answer_ = std::move(receipt);
  };
  leader_->submit(std::move(request));
}

// --- what the machines do by themselves

void Simulation::write() {
  if (is_up(Side::kLeader)) {
    leader_->write();
  }
}

void Simulation::deliver() {
  const Side side = any_side();
  const std::uint64_t most = dice_.between(1, 8);
  for (std::uint64_t i = 0; i < most && is_up(side) && !is_network_silent_; ++i) {
    if (!cable_.deliver(side, dice_)) {
      return;
    }
    bury();
  }
}

void Simulation::step_workers() {
  const Side side = any_side();
  if (is_up(side)) {
    process(side)->step();
  }
}

void Simulation::pass_second() {
  ++now_;
  for (const Side side : {Side::kLeader, Side::kFollower}) {
    machine(side).clock.advance(std::chrono::seconds(1));
    if (is_up(side)) {
      process(side)->second();
    }
  }
  if (is_up(Side::kLeader)) {
    leader_->let_go_late();
  }
  give_up_silent();
  if (cable_.streams() == 0) {
    connect();
  }
}

void Simulation::pass_moment() {
  const std::chrono::milliseconds time(dice_.between(10, 200));
  for (Machine& here : machines_) {
    here.clock.advance(time);
  }
  if (is_up(Side::kLeader)) {
    leader_->let_go_late();
  }
}

void Simulation::trim() {
  const Side side = any_side();
  if (is_up(side)) {
    judge_.note("{} trims its log", to_text(side));
    process(side)->trim();
    if (side == Side::kLeader) {
      judge_.trimmed(leader_->log().entries().first_sequence());
    }
  }
}

void Simulation::connect() {
  if (has_network_ && is_up(Side::kLeader) && is_up(Side::kFollower)) {
    judge_.note("a stream begins");
    cable_.connect();
  }
}

// --- what happens to them

void Simulation::kill() {
  const Side side = any_side();
  if (process(side) == nullptr) {
    return;
  }
  judge_.note("{} is killed", to_text(side));
  stop(side);
  if (dice_.one_in(2)) {
    cable_.cut_all("killed");  // and what was on its way is lost
  }
  machine(side).is_silent = true;
  machine(side).silent_since = now_;
}

void Simulation::cut_power() {
  const Side side = any_side();
  if (process(side) != nullptr) {
    judge_.note("{} loses its power", to_text(side));
    lose_power(side);
  }
}

void Simulation::cut_power_in_write() {
  machine(any_side())
      .disk.fail_after(
          dice_.below(4), SimDisk::Fault::kPower,
          dice_.one_in(2) ? SimDisk::Outcome::kWritten : SimDisk::Outcome::kNotWritten);
}

void Simulation::fail_sync() {
  const Side side = any_side();
  const bool is_written = dice_.one_in(2);
  judge_.note("{} will fail to write, {}", to_text(side),
              is_written ? "and it is there" : "and it is not there");
  machine(side).disk.fail_after(
      dice_.below(4), SimDisk::Fault::kFailure,
      is_written ? SimDisk::Outcome::kWritten : SimDisk::Outcome::kNotWritten);
}

void Simulation::fill_disk() {
  const Side side = any_side();
  SimDisk& disk = machine(side).disk;
  disk.set_full(!disk.is_full());
  judge_.note("the disk of the {} {}", to_text(side), disk.is_full() ? "is full" : "has room");
}

void Simulation::freeze() {
  const Side side = any_side();
  Machine& here = machine(side);
  if (process(side) == nullptr) {
    return;
  }
  here.is_frozen = !here.is_frozen;
  here.is_silent = here.is_frozen;
  here.silent_since = now_;
  judge_.note("{} {}", to_text(side), here.is_frozen ? "stands still" : "goes on");
}

void Simulation::cut_link() {
  judge_.note("a stream is cut");
  cable_.cut_one(dice_);
}

void Simulation::cut_link_later() {
  cable_.cut_after(dice_, dice_.between(1, 12));
}

void Simulation::confuse_link() {
  judge_.note("a frame comes twice, or late");
  cable_.confuse(dice_);
}

void Simulation::connect_again() {
  if (cable_.streams() < 3) {
    connect();
  }
}

void Simulation::lose_network() {
  has_network_ = !has_network_;
  is_network_silent_ = !has_network_;
  network_silent_since_ = now_;
  judge_.note("the network is {}", has_network_ ? "back" : "gone");
}

void Simulation::set_clock() {
  const Side side = any_side();
  const auto by = std::chrono::seconds(dice_.between(0, 7'200)) - std::chrono::hours(1);
  judge_.note("the clock of the {} is set by {} s", to_text(side), by.count());
  machine(side).clock.step_wall(by);
}

}  // namespace tandem::test
