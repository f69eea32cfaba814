// Knows what has to be true of a leader and a follower, whatever happens to them, and looks whether
// it is:
//
//   - what was seen, announced or acknowledged is there after every restart; what a restart brings
//     besides is one whole group of changes that were asked for and not refused
//   - whoever reads sees a state that some whole group left, and never one from before the last
//     that he saw; so does the follower's reader, with the same serials
//   - a serial moves forward only (RFC 1982), and with every change of its zone
//   - a request happens once, under the conditions it made
//   - nobody sends an entry or acknowledges one before he answers with it
//
// The first thing found is kept, with everything that led to it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/node/publisher.h"
#include "common/node/replicated_log.h"
#include "common/replication/frames.h"
#include "tests/simulation/wish.h"

namespace tandem::test {

enum class Side : std::uint8_t { kLeader, kFollower };

[[nodiscard]] std::string_view to_text(Side side) noexcept;

class Judge {
 public:
  enum class Identity : std::uint8_t { kNone, kNamed };

  /// What happens, for whoever reads of a failure.
  template <class... Args>
  void note(fmt::format_string<Args...> text, Args&&... args) {
    story_.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  void fail(std::string what);

  [[nodiscard]] bool has_failed() const noexcept { return failure_.has_value(); }

  /// Everything until the failure, or until now.
  [[nodiscard]] std::string story() const;

  /// A process of `side` came up, or is gone (nulls).
  void started(Side side, ReplicatedLog& log, Publisher& publisher);
  void stopped(Side side);

  /// A client asks for `wish`. Returns the request's number.
  std::uint32_t asked(const Wish& wish, Identity identity);

  /// The leader forgets old entries. A power cut may bring them back, but not what was made
  /// meanwhile of requests that they told of.
  void trimmed(std::uint64_t first_kept) { first_kept_ = std::max(first_kept_, first_kept); }

  /// It sends that request, perhaps again.
  void sent_request(std::uint32_t number);

  /// The leader's answer to one of its sendings.
  void answered(std::uint32_t number, const Result<Receipt>& receipt);

  /// The leader announces.
  void logged(const CommittedGroup& group);
  /// A frame leaves `side`.
  void sent(Side side, const Frame& frame);
  /// Reads at `side`.
  void look(Side side);
  /// Both are to be the same by now.
  void expect_equal();

  /// That a run was about something.
  struct Counts {
    std::uint64_t requests = 0;
    std::uint64_t entries = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t at_follower = 0;       // of those, the ones said to be there too
    std::uint64_t in_doubt = 0;          // answered with a failure of the store
    std::uint64_t repeated = 0;          // answered with the entry of an earlier sending
    std::uint64_t found_by_restart = 0;  // entries that were durable and not announced
    std::uint64_t acks = 0;              // of the follower
    std::uint64_t cuts = 0;              // sent by the leader
    std::uint64_t starts = 0;
  };

  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }

  [[nodiscard]] const Model& model() const noexcept { return model_; }

  [[nodiscard]] const Wish& wish_of(std::uint32_t number) const {
    return requests_.at(number - 1).wish;
  }

  [[nodiscard]] bool is_named(std::uint32_t number) const {
    return requests_.at(number - 1).identity == Identity::kNamed;
  }

  /// Requests so far that can be sent again.
  [[nodiscard]] const std::vector<std::uint32_t>& named() const noexcept { return named_; }

 private:
  struct Request {
    Wish wish;
    Identity identity = Identity::kNone;
    int open = 0;  // sendings that may still come to something
    std::vector<std::uint64_t> entries;
    int acknowledged = 0;
  };

  using Texts = std::array<std::string, kZones>;

  struct Logged {
    Digest256 chain;
    bool group_end = false;
    Texts texts;  // served from here on; of a group's end
    std::array<ZoneId, kZones> ids;
    std::array<Serial, kZones> serials{};
  };

  struct View {
    ReplicatedLog* log = nullptr;
    Publisher* publisher = nullptr;
    std::uint64_t seen = 0;   // the group whose state was seen last
    std::uint64_t acked = 0;  // what it said it has
    Texts texts;              // seen last
    std::array<ZonePtr, kZones> zones;
  };

  [[nodiscard]] View& view(Side side) { return views_.at(static_cast<std::size_t>(side)); }

  void check_start(Side side);
  void take_entry(const EncodedEntry& encoded);
  void take_group_end();
  void check_notes(const ZoneRecord& record);
  void check_serial(std::size_t zone, const Logged& before, const Logged& now);
  void check_receipt(std::uint32_t number, const Receipt& receipt);
  void read(View& view);
  [[nodiscard]] bool shows_at_least(const View& view, std::uint64_t sequence) const;
  [[nodiscard]] bool is_on_history(const Position& position) const;

  std::vector<std::string> story_;
  std::optional<std::string> failure_;
  std::vector<Request> requests_;
  std::vector<std::uint32_t> named_;
  std::vector<Logged> history_;  // by sequence, the first is entry 1
  Model model_;                  // after all of it
  std::array<View, 2> views_;
  Counts counts_;
  std::uint64_t first_kept_ = 0;  // the highest so far
};

}  // namespace tandem::test
