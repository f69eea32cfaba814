#include "common/node/teller.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "common/base/background.h"
#include "common/base/logging.h"
#include "common/base/run_program.h"
#include "common/net/http_post.h"
#include "common/node/tell_outbox.h"

namespace tandem {
namespace {

constexpr std::size_t kMostTests = 4;  // that wait at one place

}  // namespace

std::vector<TellPlace> tell_places(const Config& config, const NodeId& node, const NodeKey& key) {
  std::vector<TellPlace> places;
  const auto tls = std::make_shared<TlsClient>(key);
  for (const HttpUrl& url : config.tell_webhooks) {
    places.push_back(
        {"webhook", url.origin(), [tls, url, node](const Event& event, const StopEvent& stop) {
           return post_http(*tls, url,
                            {.content_type = "application/json", .body = event_json(event, node)},
                            stop);
         }});
  }
  for (const std::string& path : config.tell_programs) {
    places.push_back({"program", path, [path, node](const Event& event, const StopEvent& stop) {
                        return run_program({.path = path,
                                            .input = event_json(event, node) + "\n",
                                            .environment = event_environment(event, node)},
                                           stop);
                      }});
  }
  return places;
}

/// One place, with its thread.
class Teller::Post {
 public:
  using Answer = std::function<void(Status)>;

  Post(TellPlace place, const Clock& clock)
      : place_(std::move(place)), clock_(clock), thread_([this] { run(); }) {}

  Post(const Post&) = delete;
  Post& operator=(const Post&) = delete;

  ~Post() { stop(); }

  [[nodiscard]] const TellPlace& place() const noexcept { return place_; }

  void add(const Event& event) {
    const std::lock_guard lock(mutex_);
    outbox_.add(event, clock_.monotonic());
    wake_.notify_one();
  }

  [[nodiscard]] bool takes_test() const {
    const std::lock_guard lock(mutex_);
    return !is_stopping_ && tests_.size() < kMostTests;
  }

  void test(const Event& event, Answer answer) {
    {
      const std::lock_guard lock(mutex_);
      if (!is_stopping_) {
        tests_.emplace_back(event, std::move(answer));
        wake_.notify_one();
        return;
      }
    }
    answer(fail(Errc::kUnavailable, "the node stops"));
  }

  [[nodiscard]] TellState state() const {
    const std::lock_guard lock(mutex_);
    TellState state = state_;
    state.kind = place_.kind;
    state.name = place_.name;
    state.waiting = outbox_.waiting();
    state.dropped = outbox_.dropped();
    return state;
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
      wake_.notify_one();
    }
    stop_.stop();
    if (thread_.joinable()) {
      thread_.join();
    }
    for (const auto& [event, answer] : tests_) {
      answer(fail(Errc::kUnavailable, "the node stops"));
    }
    tests_.clear();
  }

 private:
  using Lock = std::unique_lock<std::mutex>;

  void run() {
    give_way();
    Lock lock(mutex_);
    while (!is_stopping_) {
      if (!tests_.empty()) {
        auto [event, answer] = std::move(tests_.front());
        tests_.pop_front();
        const Status status = attempt(event, lock);
        lock.unlock();
        answer(status);
        lock.lock();
      } else if (const Event* const due = outbox_.due(clock_.monotonic()); due != nullptr) {
        const Event event = *due;
        note(event, attempt(event, lock));
      } else if (const auto next = outbox_.next()) {
        wake_.wait_for(lock, *next - clock_.monotonic());
      } else {
        wake_.wait(lock);
      }
    }
  }

  Status attempt(const Event& event, Lock& lock) {
    lock.unlock();
    Status status = place_.deliver(event, stop_);
    lock.lock();
    state_.last_try = clock_.wall();
    state_.last_error = status ? "" : status.error().detail;
    ++(status ? state_.told : state_.failed);
    return status;
  }

  void note(const Event& event, const Status& status) {
    if (status) {
      log_info("told event={} id={} {}={}", to_text(event.kind), event.id, place_.kind,
               place_.name);
      outbox_.succeeded(event.id);
      return;
    }
    outbox_.failed(clock_.monotonic());
    log_warn("not told event={} id={} {}={} reason=\"{}\"", to_text(event.kind), event.id,
             place_.kind, place_.name, status.error().detail);
  }

  const TellPlace place_;
  const Clock& clock_;
  StopEvent stop_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  TellOutbox outbox_;                           // guarded by mutex_
  std::deque<std::pair<Event, Answer>> tests_;  // guarded by mutex_
  TellState state_;                             // guarded by mutex_
  bool is_stopping_ = false;                    // guarded by mutex_
  std::thread thread_;
};

Teller::Teller(std::vector<TellPlace> places, const Clock& clock) : clock_(clock) {
  for (TellPlace& place : places) {
    posts_.push_back(std::make_unique<Post>(std::move(place), clock_));
  }
}

Teller::~Teller() {
  stop();
}

void Teller::tell(const Event& event) {
  for (const auto& post : posts_) {
    post->add(event);
  }
}

Status Teller::test(const Event& event, std::function<void(std::vector<TellOutcome>)> done) {
  if (posts_.empty()) {
    return fail(Errc::kNotFound,
                "there is nobody to tell: give --tell-webhook URL or --tell-program PATH");
  }
  for (const auto& post : posts_) {
    if (!post->takes_test()) {
      return fail(Errc::kUnavailable, "{} is busy with earlier tests: try again",
                  post->place().name);
    }
  }

  struct Round {
    std::mutex mutex;
    std::vector<TellOutcome> outcomes;  // guarded by mutex
    std::size_t open;                   // guarded by mutex
  };

  const auto round = std::make_shared<Round>();
  round->outcomes.resize(posts_.size());
  round->open = posts_.size();
  for (std::size_t at = 0; at < posts_.size(); ++at) {
    const TellPlace& place = posts_[at]->place();
    TellOutcome outcome{place.kind, place.name, {}};
    posts_[at]->test(event, [round, at, outcome, done](const Status& status) mutable {
      outcome.error = status ? "" : status.error().detail;
      const std::lock_guard lock(round->mutex);
      round->outcomes[at] = std::move(outcome);
      if (--round->open == 0) {
        done(std::move(round->outcomes));
      }
    });
  }
  return {};
}

std::vector<TellState> Teller::states() const {
  std::vector<TellState> states;
  states.reserve(posts_.size());
  for (const auto& post : posts_) {
    states.push_back(post->state());
  }
  return states;
}

void Teller::stop() {
  for (const auto& post : posts_) {
    post->stop();
  }
}

}  // namespace tandem
