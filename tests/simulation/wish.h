// What a simulated client asks for, and what has to come of it: the same wish as a plan for the
// product and as a step of a model that is too simple to be wrong.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "common/node/change.h"
#include "tests/simulation/dice.h"

namespace tandem::test {

constexpr std::size_t kZones = 3;

/// The addresses of each name of a zone, but for what every zone has.
using ZoneModel = std::map<std::string, std::set<std::uint32_t>>;

/// What is served; nothing where there is no such zone.
struct Model : std::array<std::optional<ZoneModel>, kZones> {
  std::optional<std::uint32_t> home;  // the named address, which every name "home" follows
};

struct Wish {
  enum class Kind : std::uint8_t {
    kCreate,
    kDrop,
    kPair,    // two names get one address
    kBoth,    // a name gets one address in two zones
    kAdd,     // one address more to a name
    kRemove,  // a name goes
    kImport,  // a whole new content
    kCount,   // an UPDATE: the next number where the last one is `value`
    kMove,    // the named address gets a value, and with it whatever follows it in any zone
    kFollow,  // a name follows it
    kRemark,  // a comment, which nobody sees in answers
  };

  Kind kind = Kind::kPair;
  std::size_t zone = 0;
  std::uint32_t owner = 0;
  std::uint32_t value = 0;
  Serial serial = 1;  // of a content
  SerialPolicy policy = SerialPolicy::kIncrement;
};

[[nodiscard]] std::string zone_name(std::size_t zone);

/// Something that makes sense in `now`, or nearly. `number` is the request's own.
[[nodiscard]] Wish any_wish(Dice& dice, const Model& now, std::uint32_t number, Serial first);
[[nodiscard]] std::string to_text(const Wish& wish);
/// Zones that it creates get an id of `attempt`, so that every run has the same.
[[nodiscard]] Planner planner_of(const Wish& wish, std::uint32_t attempt);

/// Whether it can be done where `model` stands; then it is.
bool grant(const Wish& wish, Model& model);

/// `a 10.0.0.1` a line.
[[nodiscard]] std::string text_of(const ZoneModel& zone);
/// The same of what is answered.
[[nodiscard]] std::string text_of(const Zone& zone);

}  // namespace tandem::test
