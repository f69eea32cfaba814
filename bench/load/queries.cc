#include "bench/load/queries.h"

#include <fstream>
#include <sstream>

#include "common/dns/message.h"

namespace tandem::bench {

Result<Octets> query_octets(std::string_view name, std::string_view type, bool wants_dnssec) {
  const auto number = rr_type_from_text(type);
  if (!number) {
    return fail(Errc::kInvalid, "no record type: {}", type);
  }
  Message message;
  message.questions.push_back({TRY(Name::from_text(name)), *number, RrClass::kIn});
  if (wants_dnssec) {
    message.additionals.push_back({.owner = Name(),
                                   .type = RrType::kOpt,
                                   .rr_class = static_cast<RrClass>(1232),
                                   .ttl = 0x8000,
                                   .rdata = {}});
  }
  return write_message(message);
}

Result<std::vector<Octets>> read_queries(const std::string& file) {
  std::ifstream in(file);
  std::vector<Octets> queries;
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string name;
    std::string type;
    std::string dnssec;
    words >> name >> type >> dnssec;
    auto query = query_octets(name, type, dnssec == "do");
    if (!query) {
      return in_context(fmt::format("{}:{}", file, queries.size() + 1), query.error());
    }
    queries.emplace_back(query->begin(), query->end());  // without the room of a whole message
  }
  if (queries.empty()) {
    return fail(Errc::kIo, "no queries in {}", file);
  }
  return queries;
}

}  // namespace tandem::bench
