#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "common/base/encoding.h"
#include "common/crypto/tsig_key_file.h"
#include "ctl/commands.h"
#include "ctl/file_text.h"
#include "ctl/json_view.h"
#include "ctl/receipt.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxFileOctets = std::size_t{16} << 20U;  // a named.conf with all it has

std::string key_target(const Name& name) {
  return api_target({"keys", name.to_text()});
}

/// Said before there is a key that the file could not carry. Fails: kInvalid.
Status check_format(const Arguments& arguments, TsigAlgorithm algorithm) {
  if (arguments.format == "knot" && algorithm.mac_octets != hash_octets(algorithm.hash)) {
    return fail(Errc::kInvalid, "Knot has no truncated algorithms such as {}", to_text(algorithm));
  }
  return {};
}

/// The key in an answer, as a file of the form that was asked for.
Result<std::string> key_text(const Arguments& arguments, const json::value& answer) {
  const auto algorithm = tsig_algorithm_from_text(text_of(answer, "algorithm"));
  auto secret = from_base64(text_of(answer, "secret"));
  if (!algorithm || !secret) {
    return fail(Errc::kCorrupt, "the node's answer has no key that this version knows");
  }
  TRYV(check_format(arguments, *algorithm));
  const TsigKey key{TRY(Name::from_text(text_of(answer, "name"))), *algorithm, *std::move(secret)};
  if (arguments.format == "knot") {
    return to_knot_text(key);
  }
  return arguments.format == "text" ? to_text(key) + "\n" : to_bind_text(key);
}

/// Standard output is for the key: what became of it is told beside.
void print_note(const json::value& receipt, std::string_view what) {
  print_warnings(receipt);
  fmt::print(stderr, "{}\n", safe_text(key_receipt_line(receipt, what)));
}

}  // namespace

CommandResult key_list(const Arguments& arguments) {
  return show_answer(arguments, api_target({"keys"}), [&](const json::value& answer) {
    Table table({"KEY", "ALGORITHM", "FROM"});
    for (const json::value& key : list_of(answer, "keys")) {
      table.add({text_of(key, "name"), text_of(key, "algorithm"), text_of(key, "source")});
    }
    print_table(table);
  });
}

CommandResult key_show(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const Name name = TRY(Name::from_text(arguments.name));
  const std::string body = TRY(session.get(key_target(name)));
  if (arguments.json) {
    print_json(body);
    return ExitCode::kDone;
  }
  const json::value answer = TRY(parse_json(body));
  const std::string text = TRY(key_text(arguments, answer));
  print(text);
  return ExitCode::kDone;
}

CommandResult key_create(const Arguments& arguments) {
  const Name name = TRY(Name::from_text(arguments.name));
  json::object asked{{"name", name.to_text()}};
  if (const auto algorithm = tsig_algorithm_from_text(arguments.algorithm)) {
    TRYV(check_format(arguments, *algorithm));
    asked["algorithm"] = to_text(*algorithm);
  }
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.ask(json_request("POST", api_target({"keys"}), asked)));
  if (arguments.json) {
    print_json(body);
    return ExitCode::kDone;
  }
  const json::value receipt = TRY(parse_json(body));
  const std::string text = TRY(key_text(arguments, member(receipt, "key")));
  print(text);
  print_note(receipt, name.to_text() + ": created");
  return ExitCode::kDone;
}

CommandResult key_import(const Arguments& arguments) {
  const std::string text = TRY(read_file_text(arguments.file, kMaxFileOctets));
  const auto keys = tsig_keys_from_file_text(text);
  if (!keys) {
    return in_context(arguments.file, keys.error());
  }
  json::array list;
  for (const TsigKey& key : *keys) {
    list.push_back(json::object{{"name", key.name.to_text()},
                                {"algorithm", to_text(key.algorithm)},
                                {"secret", to_base64(key.secret)}});
  }
  const json::object asked{{"keys", std::move(list)}, {"replace", arguments.replace}};
  const Session session = TRY(Session::open(arguments));
  const auto answer = session.ask(json_request("POST", api_target({"keys"}), asked));
  if (!answer) {
    const bool is_other = answer.error().code == Errc::kExists;
    return fail(answer.error().code, "{}{}", answer.error().detail,
                is_other ? " (--replace takes the file's)" : "");
  }
  print_key_receipt(arguments, *answer, TRY(parse_json(*answer)),
                    keys->size() == 1 ? keys->front().name.to_text() + ": imported"
                                      : fmt::format("{} keys: imported", keys->size()));
  return ExitCode::kDone;
}

CommandResult key_delete(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const Name name = TRY(Name::from_text(arguments.name));
  const std::string body = TRY(session.ask({.method = "DELETE", .target = key_target(name)}));
  print_key_receipt(arguments, body, TRY(parse_json(body)), name.to_text() + ": deleted");
  return ExitCode::kDone;
}

}  // namespace tandem
