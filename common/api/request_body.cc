#include "common/api/request_body.h"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "common/api/note_json.h"
#include "common/dns/rdata.h"

namespace tandem {

namespace json = boost::json;

Result<json::object> parse_object(const HttpRequest& request) {
  boost::system::error_code error;
  json::value value = json::parse(request.body, error);
  if (error || !value.is_object()) {
    return fail(Errc::kInvalid, "the body is no JSON object{}{}", error ? ": " : "",
                error ? error.message() : "");
  }
  return std::move(value.as_object());
}

namespace {

/// What is absent stays as it is.
Status read_flag(const json::object& body, std::string_view name, bool& flag) {
  const json::value* const given = body.if_contains(name);
  if (given != nullptr && !given->is_bool()) {
    return fail(Errc::kInvalid, "\"{}\" is true or false", name);
  }
  flag = given != nullptr ? given->as_bool() : flag;
  return {};
}

}  // namespace

Status read_options(const json::object& body, ZoneOptions& options) {
  const std::string policy = TRY(text_member(body, "serial_policy", ""));
  if (policy == "increment") {
    options.serial_policy = SerialPolicy::kIncrement;
  } else if (policy == "unixtime") {
    options.serial_policy = SerialPolicy::kUnixTime;
  } else if (policy == "date") {
    options.serial_policy = SerialPolicy::kDate;
  } else if (!policy.empty()) {
    return fail(Errc::kInvalid, "\"serial_policy\" is increment, unixtime or date, not \"{}\"",
                policy);
  }
  TRYV(read_flag(body, "serve_after_expire", options.serve_after_expire));
  TRYV(read_flag(body, "zonemd", options.zonemd));
  if (const auto most = TRY(number_member(body, "rrset_records_max"))) {
    options.rrset_records_max = *most;
  }
  return {};
}

namespace {

constexpr std::size_t kMaxChanges = 10'000;

Result<RecordEdit::Operation> read_operation(const json::object& object) {
  const std::string operation = TRY(text_member(object, "op", ""));
  if (operation == "add") {
    return RecordEdit::Operation::kAdd;
  }
  if (operation == "set") {
    return RecordEdit::Operation::kSet;
  }
  if (operation == "delete") {
    return RecordEdit::Operation::kDelete;
  }
  if (operation == "note") {
    return RecordEdit::Operation::kNote;
  }
  return fail(Errc::kInvalid, "\"op\" is add, set, delete or note, not \"{}\"", operation);
}

/// `what` names the edit in findings. Nothing for an edit of a whole name.
Result<std::optional<RrType>> read_type(const json::object& object, const std::string& what) {
  const std::string text = TRY(text_member(object, "type", ""));
  const std::optional<RrType> type = rr_type_from_text(text);
  if (!text.empty() && !type) {
    return fail(Errc::kInvalid, "{}: \"{}\" is no record type", what, text);
  }
  return text.empty() ? std::nullopt : type;
}

/// Data in presentation form, or `@home4`: that of a named address.
Status read_data(const std::vector<std::string>& data, RrType type, const Name& zone,
                 RecordEdit& edit) {
  const auto where = [&](const std::string& text) {
    return fmt::format("{} {} \"{}\"", edit.owner.to_text(), to_text(type), text);
  };
  for (const std::string& text : data) {
    if (text.starts_with('@') && text.size() > 1 && (type == RrType::kA || type == RrType::kAaaa)) {
      auto use = AddressUse::from_text(std::string_view(text).substr(1));
      if (!use) {
        return in_context(where(text), use.error());
      }
      edit.uses.push_back(*std::move(use));
      continue;
    }
    auto rdata = rdata_from_text(type, text, zone);
    if (!rdata) {
      return in_context(where(text), rdata.error());
    }
    edit.rdatas.push_back(*std::move(rdata));
  }
  return {};
}

/// Fails for what the operation cannot do without, or with.
Status check_edit(const RecordEdit& edit) {
  const std::string owner = edit.owner.to_text();
  const bool has_data = !edit.rdatas.empty() || !edit.uses.empty();
  const bool is_put = edit.operation == RecordEdit::Operation::kAdd ||
                      edit.operation == RecordEdit::Operation::kSet;
  if (is_put && !has_data) {
    return fail(Errc::kInvalid, "{} {} needs \"data\"", owner,
                to_text(edit.type.value_or(RrType::kAny)));
  }
  const bool is_note = edit.operation == RecordEdit::Operation::kNote;
  if (is_note && edit.note.is_empty()) {
    return fail(Errc::kInvalid, "{}: a note needs \"comment\", \"expires\" or \"disabled\"", owner);
  }
  if (!is_note && !is_put && !edit.note.is_empty()) {
    return fail(Errc::kInvalid, "{}: what is deleted has no comment, and does not expire", owner);
  }
  return {};
}

Result<RecordEdit> read_edit(const json::value& value, const Name& zone, std::int64_t now) {
  if (!value.is_object()) {
    return fail(Errc::kInvalid, "each of \"changes\" is an object");
  }
  const json::object& object = value.as_object();
  TRYV(check_members(object,
                     {"op", "name", "type", "ttl", "data", "comment", "expires", "disabled"}));
  RecordEdit edit;
  edit.operation = TRY(read_operation(object));
  const std::string name = TRY(text_member(object, "name", ""));
  edit.owner = TRY(Name::from_text(name, zone));
  edit.ttl = TRY(number_member(object, "ttl"));
  edit.note = TRY(read_note_edit(object, now));
  edit.asked_at = now;
  const std::string owner = edit.owner.to_text();
  edit.type = TRY(read_type(object, owner));
  const std::vector<std::string> data = TRY(text_list(object, "data"));
  if (edit.type) {
    TRYV(read_data(data, *edit.type, zone, edit));
  } else if (edit.operation != RecordEdit::Operation::kDelete || !data.empty()) {
    return fail(Errc::kInvalid, "{} needs a \"type\"", owner);
  }
  TRYV(check_edit(edit));
  return edit;
}

}  // namespace

Result<std::vector<RecordEdit>> read_edits(const HttpRequest& request, const Name& zone,
                                           std::int64_t now) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"changes"}));
  const json::value* const changes = body.if_contains("changes");
  if (changes == nullptr || !changes->is_array() || changes->as_array().size() > kMaxChanges) {
    return fail(Errc::kInvalid, "the body needs \"changes\", an array of at most {}", kMaxChanges);
  }
  std::vector<RecordEdit> edits;
  std::size_t records = 0;
  for (const json::value& change : changes->as_array()) {
    edits.push_back(TRY(read_edit(change, zone, now)));
    records += edits.back().rdatas.size() + edits.back().uses.size();
    if (records > kMaxChanges) {
      return fail(Errc::kTooLarge, "more than {} records in one request: import the zone instead",
                  kMaxChanges);
    }
  }
  return edits;
}

}  // namespace tandem
