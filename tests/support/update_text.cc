#include "tests/support/update_text.h"

#include <array>
#include <memory>
#include <sstream>
#include <string>

#include "common/base/check.h"
#include "common/dns/header.h"
#include "common/dns/rdata.h"
#include "common/dns/wire_writer.h"

namespace tandem::test {
namespace {

constexpr std::uint16_t kUpdate = 5U << 11U;

class Script {
 public:
  explicit Script(std::string_view zone) : origin_(*Name::from_text(zone)), writer_(room_) {
    std::array<std::uint8_t, kHeaderOctets> head{};
    writer_.octets(head);
    writer_.compressed_name(origin_);
    writer_.u16(number(RrType::kSoa));
    writer_.u16(static_cast<std::uint16_t>(RrClass::kIn));
  }

  void line(const std::string& text) {
    std::istringstream in(text);
    std::string word;
    in >> word;
    if (word == "prereq") {
      CHECK(steps_ == 0);
      ++prerequisites_;
      in >> word;
      prerequisite(word, in);
    } else {
      ++steps_;
      step(word, in);
    }
  }

  [[nodiscard]] Octets wire() {
    CHECK(writer_.ok());
    Octets out = to_octets(writer_.written());
    store_header(out.data(), {0x4242, kUpdate, 1, prerequisites_, steps_, 0});
    return out;
  }

 private:
  void prerequisite(const std::string& word, std::istringstream& in) {
    const bool is_there = word.starts_with("yx");
    CHECK(is_there || word.starts_with("nx"));
    std::string owner;
    std::string type = "ANY";
    in >> owner;
    if (word.ends_with("rrset")) {
      in >> type;
    }
    const std::string rdata = rest(in);
    CHECK(rdata.empty() || is_there);
    const RrClass if_none = is_there ? RrClass::kAny : RrClass::kNone;
    record(owner, type, rdata.empty() ? if_none : RrClass::kIn, 0, rdata);
  }

  void step(const std::string& word, std::istringstream& in) {
    std::string owner;
    std::string type = "ANY";
    std::uint32_t ttl = 0;
    in >> owner;
    const bool is_add = word == "add";
    CHECK(is_add || word == "delete");
    if (is_add) {
      in >> ttl;
    }
    in >> type;
    const std::string rdata = rest(in);
    const RrClass if_delete = rdata.empty() ? RrClass::kAny : RrClass::kNone;
    record(owner, type, is_add ? RrClass::kIn : if_delete, ttl, rdata);
  }

  void record(const std::string& owner, const std::string& type_text, RrClass rr_class,
              std::uint32_t ttl, const std::string& rdata) {
    const RrType type = type_text == "ANY" ? RrType::kAny : *rr_type_from_text(type_text);
    writer_.compressed_name(owner == "@" ? origin_ : *Name::from_text(owner, origin_));
    writer_.u16(number(type));
    writer_.u16(static_cast<std::uint16_t>(rr_class));
    writer_.u32(ttl);
    const Octets data = rdata.empty() ? Octets() : *rdata_from_text(type, rdata, origin_);
    writer_.u16(static_cast<std::uint16_t>(data.size()));
    writer_.octets(data);
  }

  static std::string rest(std::istringstream& in) {
    std::string out;
    std::getline(in >> std::ws, out);
    return out;
  }

  Name origin_;
  std::array<std::uint8_t, 65535> room_{};
  WireWriter writer_;
  std::uint16_t prerequisites_ = 0;
  std::uint16_t steps_ = 0;
};

}  // namespace

Octets update_wire(std::string_view lines, std::string_view zone) {
  const auto script = std::make_unique<Script>(zone);
  std::istringstream in{std::string(lines)};
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) {
      script->line(line);
    }
  }
  return script->wire();
}

}  // namespace tandem::test
