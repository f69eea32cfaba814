// `tandemctl failover ...`: what is answered while a service is down.
#include <charconv>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/dns/master_file.h"
#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/receipt.h"
#include "ctl/record_words.h"
#include "ctl/session.h"
#include "ctl/status_page.h"

namespace tandem {
namespace {

namespace json = boost::json;

/// The set that the words name.
struct Subject {
  Name zone;
  Name owner;
  RrType type{};

  [[nodiscard]] std::string target() const {
    return api_target({"failover", zone.to_text(), owner.to_text(), to_text(type)});
  }

  [[nodiscard]] std::string text() const {
    return fmt::format("{} {}", owner.to_text(), to_text(type));
  }
};

Result<Subject> subject_of(const Arguments& arguments) {
  Subject out;
  out.zone = TRY(Name::from_text(arguments.zone));
  out.owner = TRY(name_in_zone(arguments.name, out.zone));
  out.type = TRY(record_type(arguments.type));
  return out;
}

Status put_number(const std::string& text, std::string_view flag, std::string_view member,
                  json::object& to) {
  if (text.empty()) {
    return {};
  }
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  if (const auto [rest, error] = std::from_chars(text.data(), end, number);
      error != std::errc{} || rest != end) {
    return fail(Errc::kInvalid, "--{}: expected a number, got \"{}\"", flag, text);
  }
  to[member] = number;
  return {};
}

void put_text(const std::string& text, std::string_view member, json::object& to) {
  if (!text.empty()) {
    to[member] = text;
  }
}

/// Seconds or units, as a TTL is written.
void put_time(const std::string& text, std::string_view member, json::object& to) {
  if (const auto seconds = ttl_from_text(text)) {
    to[member] = *seconds;
  }
}

Result<json::object> body_of(const Arguments& arguments, const Subject& subject) {
  json::object body;
  json::array data;
  for (const std::string& word : arguments.alternatives) {
    for (const std::string& each :
         TRY(record_data(subject.type, std::span(&word, 1), subject.zone))) {
      data.emplace_back(each);
    }
  }
  body["alternative"] = std::move(data);
  put_text(arguments.check, "check", body);
  put_text(arguments.check_host, "host", body);
  put_text(arguments.check_text, "text", body);
  put_text(arguments.failover_mode, "mode", body);
  put_time(arguments.ttl, "ttl", body);
  put_time(arguments.every, "every_s", body);
  TRYV(put_number(arguments.check_status, "status", "status", body));
  TRYV(put_number(arguments.fall, "fall", "fall", body));
  TRYV(put_number(arguments.rise, "rise", "rise", body));
  return body;
}

std::string alternative_of(const json::value& failover) {
  std::vector<std::string> out;
  for (const json::value& data : list_of(failover, "alternative")) {
    if (const json::string* const text = data.if_string()) {
      out.emplace_back(*text);
    }
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

}  // namespace

CommandResult failover_list(const Arguments& arguments) {
  return show_answer(arguments, api_target({"failover"}), [&](const json::value& answer) {
    Table table({"NAME", "TYPE", "HEALTH", "SINCE", "ANSWERS", "MODE", "ALTERNATIVE", "CHECK",
                 "OWN CHECK"});
    for (const json::value& failover : list_of(answer, "failovers")) {
      const std::string failure = text_of(failover, "own_failure");
      table.add({text_of(failover, "name"), text_of(failover, "type"), text_of(failover, "health"),
                 short_time(text_of(failover, "since")), text_of(failover, "answers"),
                 text_of(failover, "mode"), alternative_of(failover), text_of(failover, "check"),
                 failure.empty() ? text_of(failover, "own_health") : failure});
    }
    print_table(table);
  });
}

CommandResult failover_set(const Arguments& arguments) {
  const auto subject = subject_of(arguments);
  if (!subject) {
    return usage_error(arguments, "failover set", subject.error().detail);
  }
  const auto body = body_of(arguments, *subject);
  if (!body) {
    return usage_error(arguments, "failover set", body.error().detail);
  }
  return send_change(arguments, json_request("PUT", subject->target(), *body),
                     fmt::format("{} has an alternative", subject->text()));
}

CommandResult failover_remove(const Arguments& arguments) {
  const auto subject = subject_of(arguments);
  if (!subject) {
    return usage_error(arguments, "failover remove", subject.error().detail);
  }
  return send_change(arguments, {.method = "DELETE", .target = subject->target()},
                     fmt::format("{} has no alternative any more", subject->text()));
}

}  // namespace tandem
