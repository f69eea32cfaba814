#include "ctl/technitium_zone.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <fmt/core.h>

#include "common/dns/rdata.h"
#include "ctl/json_view.h"
#include "ctl/table.h"

namespace tandem {
namespace {

namespace json = boost::json;

struct OwnType {
  std::string_view name;
  std::string_view why;
};

constexpr std::array<OwnType, 4> kOwnTypes = {
    {{"ANAME",
      "answers with another name's addresses, which Tandem does not do: write the addresses here, "
      "or a CNAME below the apex"},
     {"APP", "a program that Technitium runs"},
     {"FWD", "forwards to a resolver; Tandem is none"},
     {"ALIAS", "answers with another name's records, which Tandem does not do"}}};

const OwnType* own_type(std::string_view word) {
  const auto* const found = std::ranges::find(kOwnTypes, word, &OwnType::name);
  return found == kOwnTypes.end() ? nullptr : found;
}

/// A record's type, and where it stands in its line.
struct TypeWord {
  std::size_t at = 0;
  std::string_view word;
};

std::string_view word_at(std::string_view line, std::size_t at) {
  return line.substr(at, std::min(line.find_first_of(" \t\r", at), line.size()) - at);
}

/// `OWNER [TTL] [CLASS] TYPE`: nothing for other lines.
std::optional<TypeWord> type_of_line(std::string_view line) {
  constexpr std::size_t kWordsBeforeRdata = 4;
  std::size_t at = line.starts_with(' ') || line.starts_with('\t') ? 0 : word_at(line, 0).size();
  for (std::size_t i = 1; i < kWordsBeforeRdata; ++i) {
    at = line.find_first_not_of(" \t", at);
    if (at == std::string_view::npos || line.starts_with('$') || line.starts_with(';')) {
      return std::nullopt;
    }
    const std::string_view word = word_at(line, at);
    const bool is_ttl = std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_ttl && word != "IN") {
      return TypeWord{at, word};
    }
    at += word.size();
  }
  return std::nullopt;
}

/// Where the type that a signature covers is written as a number, which nobody else does.
std::optional<std::size_t> numbered_type(std::string_view line, const TypeWord& type) {
  const std::size_t at = line.find_first_not_of(" \t", type.at + type.word.size());
  const bool is_number =
      type.word == "RRSIG" && at != std::string_view::npos && line[at] >= '0' && line[at] <= '9';
  return is_number ? std::optional(at) : std::nullopt;
}

/// Calls `take(line)` for each line of `text`, without its line break.
template <class Take>
void for_each_line(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    take(line);
  }
}

constexpr auto kStandIn = static_cast<RrType>(65280);  // private use; ANAME's own number

/// The text with a record without data in the place of each that only Technitium knows, so that
/// the owners of other lines and their numbers stay what they were.
std::string readable(std::string_view text, MovedZoneBuilder& to) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for_each_line(text, [&](std::string_view line) {
    const auto type = type_of_line(line);
    const OwnType* const own = type ? own_type(type->word) : nullptr;
    if (own != nullptr) {
      to.leave_out(safe_text(line.substr(0, line.find('\r'))), std::string(own->why),
                   Answered::kYes);
      out += line.substr(0, type->at);
      out += "TYPE65280 \\# 0";
    } else if (const auto at = type ? numbered_type(line, *type) : std::nullopt) {
      out += line.substr(0, *at);
      out += "TYPE";
      out += line.substr(*at);
    } else {
      out += line;
    }
    out += '\n';
  });
  return out;
}

/// The rdata of a record of /api/zones/records/get. Nothing where its type is none of the common
/// ones.
std::optional<Octets> rdata_of(RrType type, const json::value& data) {
  const auto text = [&data](std::string_view key) { return text_of(data, key); };
  const auto name = [&data](std::string_view key) {
    const std::string value = text_of(data, key);
    return value.ends_with('.') ? value : value + ".";
  };
  std::string shown;
  switch (type) {
    case RrType::kA:
    case RrType::kAaaa:
      shown = text("ipAddress");
      break;
    case RrType::kNs:
      shown = name("nameServer");
      break;
    case RrType::kCname:
      shown = name("cname");
      break;
    case RrType::kDname:
      shown = name("dname");
      break;
    case RrType::kPtr:
      shown = name("ptrName");
      break;
    case RrType::kMx:
      shown = text("preference") + " " + name("exchange");
      break;
    case RrType::kSrv:
      shown = text("priority") + " " + text("weight") + " " + text("port") + " " + name("target");
      break;
    default:
      return std::nullopt;
  }
  auto rdata = rdata_from_text(type, shown);
  return rdata ? std::optional(*std::move(rdata)) : std::nullopt;
}

/// What is said about a zone's records beside their data, and which are disabled.
class Extras {
 public:
  Extras(const json::value& records, MovedZoneBuilder& to) : to_(to) {
    const json::value& response = member(records, "response");
    for (const json::value& record : list_of(response, "records")) {
      note(record);
    }
    for (auto& [set, state] : sets_) {
      if (state.off > 0 && state.on > 0 && state.is_unreadable) {
        to_.leave_out(what(set), "some of this set is disabled there, and which is not told",
                      Answered::kYes);
      }
    }
    if (expiries_ > 0) {
      to_.leave_out(fmt::format("{} expiry time{}", expiries_, expiries_ == 1 ? "" : "s"),
                    "the API does not tell when they began: set them anew (tandemctl record note)",
                    Answered::kNo);
    }
    if (lost_comments_ > 0) {
      to_.leave_out(fmt::format("{} comment{}", lost_comments_, lost_comments_ == 1 ? "" : "s"),
                    "on records of types whose data is not read here", Answered::kNo);
    }
  }

  /// Notes what is said about a record of the zone's text. True: the record is not answered.
  bool takes(const MasterFileRecord& record) {
    const auto found = sets_.find(Set{Name(record.owner).lower(), record.type});
    if (found == sets_.end()) {
      return false;
    }
    const State& state = found->second;
    const Octets rdata = to_octets(record.rdata);
    const bool is_off = state.off > 0 && (state.on == 0 || state.disabled.contains(rdata));
    const bool is_unknown = state.off > 0 && !is_off && state.is_unreadable;
    if (is_off) {
      to_.disabled(record.owner, record.type, record.ttl, rdata);
    }
    if (const auto said = state.comments.find(rdata); said != state.comments.end() && !is_unknown) {
      to_.comment(record.owner, record.type, rdata, said->second);
    }
    return is_off || is_unknown;
  }

 private:
  using Set = std::pair<Name, RrType>;

  struct State {
    std::size_t on = 0;
    std::size_t off = 0;
    bool is_unreadable = false;  // some disabled record of a type that is not read here
    std::set<Octets> disabled;
    std::map<Octets, std::string> comments;
  };

  static std::string what(const Set& set) {
    return set.first.to_text() + " " + to_text(set.second);
  }

  void note(const json::value& record) {
    expiries_ += number_of(record, "expiryTtl") == 0 ? 0U : 1U;
    const auto type = rr_type_from_text(text_of(record, "type"));
    const auto owner = Name::from_text(text_of(record, "name"));
    if (!type || !owner) {
      return;
    }
    State& state = sets_[{owner->lower(), *type}];
    const auto data = rdata_of(*type, member(record, "rData"));
    if (const std::string said = text_of(record, "comments"); !said.empty() && data) {
      state.comments[*data] = said;
    } else {
      lost_comments_ += said.empty() ? 0U : 1U;
    }
    if (!is_true(record, "disabled")) {
      ++state.on;
      return;
    }
    ++state.off;
    if (data) {
      state.disabled.insert(*data);
    } else {
      state.is_unreadable = true;
    }
  }

  MovedZoneBuilder& to_;
  std::map<Set, State> sets_;
  std::size_t expiries_ = 0;
  std::size_t lost_comments_ = 0;
};

}  // namespace

bool is_of_technitium(std::string_view text) {
  bool found = false;
  for_each_line(text, [&found](std::string_view line) {
    const auto type = type_of_line(line);
    found = found || (type && (own_type(type->word) != nullptr || numbered_type(line, *type)));
  });
  return found;
}

void read_technitium_zone(std::string_view text, const json::value& records, MovedZoneBuilder& to) {
  Extras extras(records, to);
  const std::string lines = readable(text, to);
  const MasterFileOptions options{.origin = to.name(), .file_name = to.from(), .open_include = {}};
  read_master_file(to, lines, options, [&extras](const MasterFileRecord& record) {
    return (record.type == kStandIn && record.rdata.empty()) || extras.takes(record);
  });
}

}  // namespace tandem
