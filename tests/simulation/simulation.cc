#include "tests/simulation/simulation.h"

#include <utility>

namespace tandem::test {
namespace {

constexpr std::uint64_t kEvents = 500;
constexpr std::uint64_t kSilence = 15;  // seconds after which the network tells
constexpr int kRoundsToMend = 200;

}  // namespace

Simulation::Simulation(std::uint64_t seed)
    : dice_(seed),
      cable_([this](Side side, const Frame& frame) {
        if (!machine(side).disk.is_dead()) {
          judge_.sent(side, frame);
          return true;
        }
        return false;
      }),
      keeping_{dice_.one_in(2) ? std::uint64_t{1} << 30U : dice_.between(1'000, 10'000),
               dice_.one_in(2) ? std::uint64_t{1} << 30U : dice_.between(500, 5'000)} {
  constexpr std::array<Serial, 5> kFirst{1, 0xffff'fff0U, 0x7fff'fff8U, 1'749'999'990U,
                                         2'025'061'598U};
  first_serial_ = kFirst.at(dice_.below(kFirst.size()));
  for (const Side side : {Side::kLeader, Side::kFollower}) {
    machine(side).disk.set_watcher([this, side] { judge_.look(side); });
  }
  choose_events();
}

Simulation::~Simulation() {
  cable_.unplug(Side::kLeader);  // which goes last, and closes what it has
  cable_.unplug(Side::kFollower);
}

void Simulation::choose_events() {
  events_ = {{100, &Simulation::ask},          {20, &Simulation::ask_again},
             {100, &Simulation::write},        {400, &Simulation::deliver},
             {150, &Simulation::step_workers}, {25, &Simulation::pass_second},
             {20, &Simulation::pass_moment},   {6, &Simulation::trim}};
  const std::vector<Event> mishaps = {{1, &Simulation::kill},
                                      {1, &Simulation::cut_power},
                                      {2, &Simulation::cut_power_in_write},
                                      {2, &Simulation::fail_sync},
                                      {1, &Simulation::fill_disk},
                                      {1, &Simulation::freeze},
                                      {2, &Simulation::cut_link},
                                      {2, &Simulation::cut_link_later},
                                      {1, &Simulation::confuse_link},
                                      {1, &Simulation::connect_again},
                                      {1, &Simulation::lose_network},
                                      {1, &Simulation::set_clock}};
  for (const Event& mishap : mishaps) {
    if (dice_.one_in(2)) {
      events_.push_back({mishap.weight * dice_.between(1, 3), mishap.happen});
    }
  }
  for (const Event& event : events_) {
    weights_ += event.weight;
  }
}

bool Simulation::run() {
  for (const Side side : {Side::kLeader, Side::kFollower}) {
    start(side);
  }
  judge_.note("keeps {} octets, holds {} for a follower, first serial {}", keeping_.octets,
              keeping_.hold_octets, first_serial_);
  for (std::uint64_t i = 0; i < kEvents && !judge_.has_failed(); ++i) {
    happen_once();
  }
  if (!judge_.has_failed()) {
    mend();
  }
  if (!judge_.has_failed()) {
    prove_that_it_works();
  }
  return !judge_.has_failed();
}

void Simulation::happen_once() {
  for (const Side side : {Side::kLeader, Side::kFollower}) {
    if (process(side) == nullptr && dice_.one_in(10)) {
      start(side);
    }
  }
  if (cable_.streams() == 0 && dice_.one_in(8)) {
    connect();
  }
  std::uint64_t point = dice_.below(weights_);
  for (const Event& event : events_) {
    if (point < event.weight) {
      (this->*event.happen)();
      break;
    }
    point -= event.weight;
  }
  bury();
}

SimProcess* Simulation::process(Side side) {
  return side == Side::kLeader ? static_cast<SimProcess*>(leader_.get()) : follower_.get();
}

bool Simulation::is_up(Side side) {
  return process(side) != nullptr && !machine(side).is_frozen;
}

void Simulation::start(Side side) {
  Machine& here = machine(side);
  here.disk.restart();
  judge_.note("{} starts", to_text(side));
  if (const auto good = check_disk(here.disk, here.clock); !good) {
    judge_.fail("what is on its disk is no log any more: " + good.error().detail);
    return;
  }
  if (side == Side::kLeader) {
    leader_life_ = std::make_shared<int>();
    unanswered_ = 0;
    leader_ = std::make_unique<SimLeader>(here.disk, here.clock, keeping_, judge_);
  } else {
    follower_ = std::make_unique<SimFollower>(here.disk, here.clock, keeping_, judge_);
  }
  cable_.plug(side, process(side)->hub());
}

void Simulation::stop(Side side) {
  judge_.look(side);
  judge_.stopped(side);
  cable_.unplug(side);
  machine(side).is_frozen = false;
  if (side == Side::kLeader) {
    leader_life_.reset();
    leader_.reset();
  } else {
    follower_.reset();
  }
}

void Simulation::lose_power(Side side) {
  stop(side);
  machine(side).disk.cut_power(dice_);
  machine(side).is_silent = true;  // nobody tells the other side
  machine(side).silent_since = now_;
}

void Simulation::bury() {
  for (const Side side : {Side::kLeader, Side::kFollower}) {
    if (process(side) != nullptr && machine(side).disk.is_dead()) {
      judge_.note("{} lost its power in a write", to_text(side));
      lose_power(side);
    }
  }
}

/// A peer that hears nothing from the other machine ends its streams, and so does the network.
void Simulation::give_up_silent() {
  for (Machine& here : machines_) {
    if (here.is_silent && now_ - here.silent_since >= kSilence) {
      here.is_silent = false;
      cable_.cut_all("nothing heard");
    }
  }
  if (is_network_silent_ && now_ - network_silent_since_ >= kSilence) {
    is_network_silent_ = false;
    cable_.cut_all("nothing heard");
  }
}

/// Everything is put in order and gets its time.
void Simulation::mend() {
  judge_.note("everything is mended");
  has_network_ = true;
  is_network_silent_ = false;
  cable_.cut_all("mended");
  for (const Side side : {Side::kLeader, Side::kFollower}) {
    Machine& here = machine(side);
    here.disk.set_full(false);
    here.is_frozen = false;
    here.is_silent = false;
    if (process(side) == nullptr) {
      start(side);
    } else {
      here.disk.forget_plan();
    }
  }
  if (judge_.has_failed()) {
    return;
  }
  const auto is_over = [this] {
    return unanswered_ == 0 && cable_.streams() == 1 && leader_->read_only_reason().empty() &&
           follower_->alarm().empty() && leader_->log().entries().head().sequence > 0 &&
           leader_->log().table().position() == follower_->log().table().position();
  };
  pass_good_second();  // whatever they say: streams are new
  for (int round = 0; round < kRoundsToMend && !is_over() && !judge_.has_failed(); ++round) {
    pass_good_second();
  }
  if (!judge_.has_failed() && !is_over()) {
    judge_.fail(fmt::format(
        "it stays broken: {} unanswered, read only \"{}\", alarm \"{}\", {} "
        "and {}",
        unanswered_, leader_->read_only_reason(), follower_->alarm(),
        leader_->log().entries().head().sequence, follower_->log().entries().head().sequence));
  } else if (!judge_.has_failed()) {
    judge_.expect_equal();
  }
}

void Simulation::pass_good_second() {
  pass_second();
  write();
  while (cable_.deliver(Side::kLeader, dice_) || cable_.deliver(Side::kFollower, dice_) ||
         leader_->step() || follower_->step()) {
  }
}

void Simulation::prove_that_it_works() {
  const std::uint32_t number =
      judge_.asked({judge_.model().front() ? Wish::Kind::kPair : Wish::Kind::kCreate, 0, 0,
                    static_cast<std::uint32_t>(kEvents + 1), first_serial_},
                   Judge::Identity::kNone);
  send(number, {.nodes = Wait::Nodes::kSecondary});
  for (int round = 0; round < 3 && unanswered_ > 0; ++round) {
    pass_good_second();
  }
  const bool is_good = unanswered_ == 0 && last_answer_ && last_answer_->nodes.size() == 1 &&
                       last_answer_->nodes.front().has_it;
  if (!is_good) {
    judge_.fail("afterwards a change does not reach the follower");
  } else {
    judge_.expect_equal();
  }
}

}  // namespace tandem::test
