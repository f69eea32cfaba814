#include "tests/simulation/wish.h"

#include <memory>
#include <variant>
#include <vector>

#include "common/base/check.h"
#include "common/dns/rdata.h"
#include "common/node/note_plans.h"
#include "common/node/plans.h"
#include "primary/update_plan.h"
#include "tests/support/update_text.h"
#include "tests/support/zone_text.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

using Kind = Wish::Kind;

constexpr std::uint32_t kOwners = 3;
constexpr std::string_view kCounter = "count";
constexpr std::string_view kHome = "home";

std::string address_of(std::uint32_t value) {
  return fmt::format("10.{}.{}.{}", value >> 16U & 0xffU, value >> 8U & 0xffU, value & 0xffU);
}

std::string owner_of(const Wish& wish) {
  return fmt::format("r{}", wish.owner);
}

std::size_t other_zone(const Wish& wish) {
  return (wish.zone + 1 + wish.owner % (kZones - 1)) % kZones;
}

ZoneModel content_of(const Wish& wish) {
  return {{"p1", {wish.value}},
          {"p2", {wish.value}},
          {owner_of(wish), {wish.value}},
          {std::string(kCounter), {0}}};
}

ZonePtr built(const Wish& wish) {
  std::string lines = fmt::format(
      "@ 3600 IN SOA ns1 hostmaster {} 900 300 604800 600\n"
      "@ 3600 IN NS ns1\nns1 3600 IN A 192.0.2.1\n",
      wish.serial);
  for (const auto& [owner, addresses] : content_of(wish)) {
    for (const std::uint32_t address : addresses) {
      lines += fmt::format("{} A {}\n", owner, address_of(address));
    }
  }
  const ZonePtr zone = build(lines, zone_name(wish.zone)).zone;
  CHECK(zone != nullptr);
  return zone;
}

RecordEdit edit_of(RecordEdit::Operation operation, std::size_t zone, std::string_view owner,
                   std::optional<std::uint32_t> value) {
  RecordEdit edit;
  edit.operation = operation;
  edit.owner = *Name::from_text(owner, name(zone_name(zone)));
  edit.type = RrType::kA;
  if (value) {
    edit.rdatas = {*rdata_from_text(RrType::kA, address_of(*value))};
  }
  return edit;
}

Planner edits_of(std::size_t zone, std::vector<RecordEdit> edits) {
  return plan_edits(name(zone_name(zone)), std::move(edits));
}

Planner plan_both(const Wish& wish) {
  const auto set = [&](std::size_t zone) {
    return edits_of(zone, {edit_of(RecordEdit::Operation::kSet, zone, "both", wish.value)});
  };
  return [first = set(wish.zone),
          second = set(other_zone(wish))](const TableDraft& zones) -> Result<Plan> {
    Plan plan = TRY(first(zones));
    Plan more = TRY(second(zones));
    plan.changes.insert(plan.changes.end(), more.changes.begin(), more.changes.end());
    return plan;
  };
}

Planner plan_count(const Wish& wish) {
  const std::string script =
      fmt::format("prereq yxrrset {0} A {1}\ndelete {0} A\nadd {0} 60 A {2}\n", kCounter,
                  address_of(wish.value), address_of(wish.value + 1));
  auto update = read_update(update_wire(script, zone_name(wish.zone)));
  CHECK(update.has_value());
  return plan_update(*std::move(update), std::make_shared<Rcode>());
}

void move_home(std::uint32_t value, Model& model) {
  model.home = value;
  for (std::optional<ZoneModel>& zone : model) {
    if (zone && zone->contains(std::string(kHome))) {
      (*zone)[std::string(kHome)] = {value};
    }
  }
}

/// The plan with another id for the zone that it creates: the product throws its own dice for it.
Planner with_id(Planner plan, std::uint32_t attempt) {
  return [plan = std::move(plan), attempt](const TableDraft& zones) -> Result<Plan> {
    Plan made = TRY(plan(zones));
    ZoneId id;
    id.octets.fill(0xcc);
    for (unsigned i = 0; i < 4; ++i) {
      id.octets.at(i) = static_cast<std::uint8_t>(attempt >> (24 - 8 * i));
    }
    made.zone = id;
    for (PlannedChange& change : made.changes) {
      if (auto* const plain = std::get_if<Change>(&change)) {
        plain->zone = id;
      } else {
        std::get<ContentReplacement>(change).zone = id;
      }
    }
    return made;
  };
}

}  // namespace

std::string zone_name(std::size_t zone) {
  return fmt::format("z{}.", zone);
}

Wish any_wish(Dice& dice, const Model& now, std::uint32_t number, Serial first) {
  Wish wish;
  wish.zone = dice.below(kZones);
  wish.owner = static_cast<std::uint32_t>(dice.below(kOwners));
  wish.value = number;
  wish.serial = first;
  wish.policy = static_cast<SerialPolicy>(dice.below(3));
  const auto& zone = now.at(wish.zone);
  if (!zone) {
    wish.kind = dice.one_in(5) ? Kind::kAdd : Kind::kCreate;
    return wish;
  }
  constexpr std::array kKinds{
      Kind::kPair,   Kind::kPair,   Kind::kPair,  Kind::kBoth,   Kind::kBoth,   Kind::kAdd,
      Kind::kAdd,    Kind::kRemove, Kind::kCount, Kind::kCount,  Kind::kDrop,   Kind::kImport,
      Kind::kCreate, Kind::kMove,   Kind::kMove,  Kind::kFollow, Kind::kFollow, Kind::kRemark};
  wish.kind = kKinds.at(dice.below(kKinds.size()));
  if (wish.kind == Kind::kAdd) {
    wish.value = static_cast<std::uint32_t>(dice.below(4));  // it may be there already
  } else if (wish.kind == Kind::kCount) {
    wish.value = *zone->at(std::string(kCounter)).begin();  // who else saw it comes too late
  } else if (wish.kind == Kind::kImport) {
    wish.serial = static_cast<Serial>(first + dice.below(100));
  }
  return wish;
}

std::string to_text(const Wish& wish) {
  constexpr std::array<std::string_view, 11> kNames{"create", "drop",   "pair",   "both",
                                                    "add",    "remove", "import", "count",
                                                    "move",   "follow", "remark"};
  return fmt::format("{} {} owner={} value={}", kNames.at(static_cast<std::size_t>(wish.kind)),
                     zone_name(wish.zone), wish.owner, wish.value);
}

Planner planner_of(const Wish& wish, std::uint32_t attempt) {
  const Name zone = name(zone_name(wish.zone));
  using Operation = RecordEdit::Operation;
  const auto edit = [&](Operation operation, std::string_view owner,
                        std::optional<std::uint32_t> value) {
    return edit_of(operation, wish.zone, owner, value);
  };
  switch (wish.kind) {
    case Kind::kCreate:
      return with_id(plan_create(zone, {wish.policy, false, 0}, built(wish)), attempt);
    case Kind::kDrop:
      return plan_delete(zone);
    case Kind::kPair:
      return edits_of(wish.zone, {edit(Operation::kSet, "p1", wish.value),
                                  edit(Operation::kSet, "p2", wish.value)});
    case Kind::kBoth:
      return plan_both(wish);
    case Kind::kAdd:
      return edits_of(wish.zone, {edit(Operation::kAdd, owner_of(wish), wish.value)});
    case Kind::kRemove:
      return edits_of(wish.zone, {edit(Operation::kDelete, owner_of(wish), std::nullopt)});
    case Kind::kImport:
      return plan_import(zone, built(wish), IfMissing::kRefuse);
    case Kind::kCount:
      return plan_count(wish);
    case Kind::kMove:
      return plan_address(std::string(kHome), *AddressValue::from_text(address_of(wish.value)));
    case Kind::kFollow: {
      RecordEdit follow = edit(Operation::kSet, kHome, std::nullopt);
      follow.uses = {*AddressUse::from_text(kHome)};
      return edits_of(wish.zone, {std::move(follow)});
    }
    case Kind::kRemark: {
      RecordEdit remark = edit(Operation::kNote, "p1", std::nullopt);
      remark.note.comment = std::to_string(wish.value);
      return edits_of(wish.zone, {std::move(remark)});
    }
  }
  return nullptr;
}

bool grant(const Wish& wish, Model& model) {
  std::optional<ZoneModel>& zone = model.at(wish.zone);
  if (wish.kind == Kind::kMove) {
    move_home(wish.value, model);
    return true;
  }
  if (zone.has_value() == (wish.kind == Kind::kCreate)) {
    return false;
  }
  switch (wish.kind) {
    case Kind::kCreate:
    case Kind::kImport:
      zone = content_of(wish);
      return true;
    case Kind::kDrop:
      zone.reset();
      return true;
    case Kind::kPair:
      (*zone)["p1"] = (*zone)["p2"] = {wish.value};
      return true;
    case Kind::kBoth:
      if (!model.at(other_zone(wish))) {
        return false;
      }
      (*zone)["both"] = (*model.at(other_zone(wish)))["both"] = {wish.value};
      return true;
    case Kind::kAdd:
      (*zone)[owner_of(wish)].insert(wish.value);
      return true;
    case Kind::kRemove:
      zone->erase(owner_of(wish));
      return true;
    case Kind::kCount:
      return std::exchange(zone->at(std::string(kCounter)), {wish.value + 1}) ==
             std::set{wish.value};
    case Kind::kFollow:
      (*zone)[std::string(kHome)] = {model.home.value_or(0)};
      return model.home.has_value();
    case Kind::kRemark:
      return true;
    case Kind::kMove:
      break;
  }
  return false;
}

std::string text_of(const ZoneModel& zone) {
  std::string text;
  for (const auto& [owner, addresses] : zone) {
    for (const std::uint32_t address : addresses) {
      text += fmt::format("{} {}\n", owner, address_of(address));
    }
  }
  return text;
}

std::string text_of(const Zone& zone) {
  std::map<std::string, std::set<std::uint32_t>> found;
  zone.for_each_record([&](const PackedRecord& record) {
    const std::string owner = Name(record.owner).to_text();
    if (record.type == RrType::kA && !owner.starts_with("ns1.")) {
      found[owner.substr(0, owner.find('.'))].insert(load_be32(record.rdata.data()) & 0xffffffU);
    }
  });
  return text_of(found);
}

}  // namespace tandem::test
