#include "ctl/record_table.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include <boost/json/array.hpp>

#include "common/dns/name.h"
#include "ctl/json_view.h"
#include "ctl/log_lines.h"

namespace tandem {
namespace {

namespace json = boost::json;

/// Owner, type and data of a note.
using Place = std::array<std::string, 3>;

class Rows {
 public:
  explicit Rows(const json::value& answer) {
    for (const json::value& note : list_of(answer, "notes")) {
      if (is_true(note, "disabled")) {
        disabled_.push_back(&note);
      } else {
        notes_[{text_of(note, "name"), text_of(note, "type"), text_of(note, "data")}] = &note;
      }
    }
  }

  Table make(const json::array& rrsets) {
    std::string last_name;
    for (const json::value& rrset : rrsets) {
      const std::string name = text_of(rrset, "name");
      if (name != last_name) {
        add_disabled([&](const json::value& note) { return stands_before(note, name); });
      }
      add_set(rrset, name, text_of(rrset, "type"));
      last_name = name;
    }
    add_disabled([](const json::value&) { return true; });
    return std::move(table_);
  }

 private:
  static bool stands_before(const json::value& note, const std::string& name) {
    const auto owner = Name::from_text(text_of(note, "name"));
    const auto other = Name::from_text(name);
    return owner && other && owner->view() < other->view();
  }

  void add_set(const json::value& rrset, const std::string& name, const std::string& type) {
    for (const json::value& data : list_of(rrset, "data")) {
      const json::string* const text = data.if_string();
      const std::string shown = text == nullptr ? std::string() : std::string(*text);
      const auto note = notes_.find({name, type, shown});
      table_.add({name, text_of(rrset, "ttl"), type, shown,
                  note != notes_.end() ? note_text(*note->second) : std::string()});
    }
    add_disabled([&](const json::value& note) {
      return text_of(note, "name") == name && text_of(note, "type") == type;
    });
  }

  /// Adds those whose place it is, which are then done with.
  template <class IsHere>
  void add_disabled(IsHere is_here) {
    std::erase_if(disabled_, [&](const json::value* note) {
      if (!is_here(*note)) {
        return false;
      }
      table_.add({text_of(*note, "name"), text_of(*note, "ttl"), text_of(*note, "type"),
                  text_of(*note, "data"), note_text(*note)});
      return true;
    });
  }

  std::map<Place, const json::value*> notes_;
  std::vector<const json::value*> disabled_;  // in the order of their records
  Table table_{{"NAME", "TTL", "TYPE", "DATA", "NOTE"}};
};

}  // namespace

Table record_table(const json::value& answer) {
  return Rows(answer).make(list_of(answer, "rrsets"));
}

}  // namespace tandem
