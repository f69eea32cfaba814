#include <algorithm>
#include <tuple>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/request_body.h"
#include "common/api/route.h"
#include "common/api/submit.h"
#include "common/base/encoding.h"
#include "common/node/catalog_words.h"
#include "common/node/key_label.h"
#include "common/node/key_plans.h"
#include "common/node/outside_server.h"

namespace tandem {
namespace {

namespace json = boost::json;

/// Where a key comes from, as `source` has it.
constexpr std::string_view kOfConfiguration = "configuration";
constexpr std::string_view kOfLog = "log";
constexpr std::size_t kMaxWarnings = 20;

Result<Name> key_name(std::string_view text) {
  return TRY(zone_name(text)).lower();
}

Result<Name> name_member(const json::object& body) {
  const std::string text = TRY(text_member(body, "name", ""));
  return key_name(text);
}

struct ListedKey {
  std::string name;
  std::string algorithm;
  std::string_view source;
};

json::object key_json(const ListedKey& key) {
  return {{"name", key.name}, {"algorithm", key.algorithm}, {"source", key.source}};
}

json::object with_secret(const TsigKey& key, std::string_view source) {
  json::object out = key_json({key.name.to_text(), to_text(key.algorithm), source});
  out["secret"] = to_base64(key.secret);
  return out;
}

bool is_in_log(const ApiServices& services, const Name& name) {
  return !services.node->cluster_log().table().secrets(kKeyPurpose, label_beginning(name)).empty();
}

Result<TsigAlgorithm> read_algorithm(const json::object& body) {
  const std::string text = TRY(text_member(body, "algorithm", "hmac-sha256"));
  const auto algorithm = tsig_algorithm_from_text(text);
  if (!algorithm) {
    return fail(Errc::kInvalid, "unknown \"algorithm\" {}, expected hmac-sha256 or such", text);
  }
  return *algorithm;
}

Result<bool> read_replace(const json::object& body) {
  const json::value* const replace = body.if_contains("replace");
  if (replace != nullptr && !replace->is_bool()) {
    return fail(Errc::kInvalid, "\"replace\" needs true or false");
  }
  return replace != nullptr && replace->as_bool();
}

Result<TsigKey> read_one(const json::value& item) {
  if (!item.is_object()) {
    return fail(Errc::kInvalid, "\"keys\" needs objects with name, algorithm and secret");
  }
  const json::object& body = item.as_object();
  TRYV(check_members(body, {"name", "algorithm", "secret"}));
  TsigKey key;
  key.name = TRY(name_member(body));
  key.algorithm = TRY(read_algorithm(body));
  auto secret = from_base64(TRY(text_member(body, "secret", "")));
  if (!secret) {
    return fail(Errc::kInvalid, "the key {} has no \"secret\" in base64", key.name.to_text());
  }
  key.secret = *std::move(secret);
  TRYV(check_key(key));
  return key;
}

Result<std::vector<TsigKey>> read_keys(const json::value& list) {
  if (!list.is_array() || list.as_array().empty()) {
    return fail(Errc::kInvalid, "\"keys\" needs an array of keys");
  }
  if (list.as_array().size() > kMaxKeysInChange) {
    return fail(Errc::kTooLarge, "{} keys at once, at most {} are possible: import them in parts",
                list.as_array().size(), kMaxKeysInChange);
  }
  std::vector<TsigKey> keys;
  for (const json::value& item : list.as_array()) {
    TsigKey key = TRY(read_one(item));
    keys.push_back(std::move(key));
  }
  std::vector<std::string> names;
  names.reserve(keys.size());
  std::ranges::transform(keys, std::back_inserter(names),
                         [](const TsigKey& key) { return key.name.to_text(); });
  std::ranges::sort(names);
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
    return fail(Errc::kInvalid, "the key {} is there twice", *twice);
  }
  return keys;
}

/// The node makes the secret; the answer is the one time that nobody has to ask for it.
Status create(const ApiServices& services, const HttpRequest& request, const json::object& body,
              const HttpRespond& respond) {
  TRYV(check_members(body, {"name", "algorithm"}));
  const Name name = TRY(name_member(body));
  const TsigKey key = new_tsig_key(name, TRY(read_algorithm(body)));
  TRYV(check_key(key));
  ChangeSink& sink = *TRY(sink_for(services, LogId::kCluster));
  if (services.node->keys().find_own(key.name) != nullptr) {
    return fail(Errc::kExists, "the key {} is there: this node's configuration has it",
                key.name.to_text());
  }
  submit(sink, TRY(caller_of(request)), plan_key_create(key), 201, respond,
         [key](json::object& receipt) { receipt["key"] = with_secret(key, kOfLog); });
  return {};
}

/// What is to be said of keys of the log that the configuration hides.
std::string hidden_warning(const Name& key) {
  return fmt::format("{}: this node's configuration has a key of that name, which counts here",
                     key.to_text());
}

bool has_key(const ZoneSource& source, const Name& key) {
  return std::ranges::any_of(source.primaries,
                             [&key](const ZonePrimary& primary) { return primary.key == key; });
}

/// Whether what is set for a server names the key.
bool names_key_of(SettingKind kind, std::string_view text, const Name& key) {
  if (kind == SettingKind::kSecondary) {
    const auto secondary = OutsideSecondary::from_text(text);
    return secondary && secondary->key == key;
  }
  if (kind == SettingKind::kSource) {
    const auto source = ZoneSource::from_text(text);
    return source && has_key(*source, key);
  }
  const auto catalog = CatalogSetting::from_text(text);
  return catalog && catalog->followed &&
         (has_key(catalog->followed->source, key) || has_key(catalog->followed->members, key));
}

/// What is to be said of other servers that are spoken to with a key which goes.
void warn_of_servers(ReplicatedLog& log, const Name& key, std::vector<std::string>& warnings) {
  for (const auto& [kind, noun] : {std::pair(SettingKind::kSecondary, "the outside secondary"),
                                   std::pair(SettingKind::kSource, "the zone from elsewhere"),
                                   std::pair(SettingKind::kCatalog, "the catalog")}) {
    for (const auto& [name, text] : log.table().settings(kind)) {
      if (warnings.size() < kMaxWarnings && names_key_of(kind, text, key)) {
        warnings.push_back(fmt::format("{} {} has the key {} and gets nothing without it", noun,
                                       name, key.to_text()));
      }
    }
  }
}

/// The same, and of rules that it leaves without anybody who can use them.
std::vector<std::string> warnings_of_use(const ApiServices& services, const Name& key) {
  std::vector<std::string> warnings;
  const auto names_key = [&key](const UpdateRule& rule) { return rule.key == key; };
  for (ReplicatedLog* log : {&services.node->cluster_log(), &services.node->local_log()}) {
    for (const ZoneRecordPtr& record : log->table().all()) {
      const auto count = std::ranges::count_if(record->policy.rules(), names_key);
      if (count != 0 && warnings.size() < kMaxWarnings) {
        warnings.push_back(fmt::format(
            "{} {} of {} {} the key {} and {} nothing without it (tandemctl policy list {})", count,
            count == 1 ? "rule" : "rules", record->name.to_text(), count == 1 ? "names" : "name",
            key.to_text(), count == 1 ? "allows" : "allow", record->name.to_text()));
      }
    }
    warn_of_servers(*log, key, warnings);
  }
  if (std::ranges::any_of(services.node->config().update_rules, names_key)) {
    warnings.push_back(
        fmt::format("this node's configuration names the key {} in a rule", key.to_text()));
  }
  return warnings;
}

Status import_keys(const ApiServices& services, const HttpRequest& request,
                   const json::object& body, const HttpRespond& respond) {
  TRYV(check_members(body, {"keys", "replace"}));
  const std::vector<TsigKey> keys = TRY(read_keys(body.at("keys")));
  const IfOther if_other = TRY(read_replace(body)) ? IfOther::kReplace : IfOther::kRefuse;
  ChangeSink& sink = *TRY(sink_for(services, LogId::kCluster));
  std::vector<std::string> warnings;
  for (const TsigKey& key : keys) {
    if (services.node->keys().find_own(key.name) != nullptr) {
      warnings.push_back(hidden_warning(key.name));
    }
  }
  submit(sink, TRY(caller_of(request)), plan_key_import(keys, if_other), 200, respond,
         [warnings](json::object& receipt) { add_warnings(warnings, receipt); });
  return {};
}

}  // namespace

HttpResponse list_keys(const ApiServices& services) {
  std::vector<ListedKey> keys;
  for (const SecretInfo& secret : services.node->cluster_log().table().secrets(kKeyPurpose, "")) {
    if (const auto label = key_label_from(secret.label)) {
      keys.push_back({label->name.to_text(), to_text(label->algorithm), kOfLog});
    }
  }
  for (const TsigKeyPtr& key : services.node->keys().own()) {
    keys.push_back({key->name.to_text(), to_text(key->algorithm), kOfConfiguration});
  }
  std::ranges::sort(keys, {}, [](const ListedKey& key) { return std::tie(key.name, key.source); });
  json::array list;
  for (const ListedKey& key : keys) {
    list.push_back(key_json(key));
  }
  return json_response(200, json::object{{"keys", std::move(list)}});
}

Result<HttpResponse> read_key(const ApiServices& services, const HttpRequest& request,
                              std::string_view key) {
  if (!request.peer.is_local_socket) {
    return fail(Errc::kRefused, "secrets are read on the unix socket only");
  }
  const Name name = TRY(key_name(key));
  const KeyRing& ring = services.node->keys();
  if (const TsigKeyPtr found = ring.find(name); found != nullptr) {
    const bool is_own = ring.find_own(name) != nullptr;
    return json_response(200, with_secret(*found, is_own ? kOfConfiguration : kOfLog));
  }
  if (is_in_log(services, name)) {
    return fail(Errc::kUnavailable, "the key {} is in the log, but cannot be used here: see status",
                name.to_text());
  }
  return fail(Errc::kNotFound, "there is no key {}", name.to_text());
}

void add_keys(const ApiServices& services, const HttpRequest& request, const HttpRespond& respond) {
  answer_failure(
      [&]() -> Status {
        const json::object body = TRY(parse_object(request));
        return body.contains("keys") ? import_keys(services, request, body, respond)
                                     : create(services, request, body, respond);
      }(),
      respond);
}

void delete_key(const ApiServices& services, const HttpRequest& request, std::string_view key,
                const HttpRespond& respond) {
  answer_failure(
      [&]() -> Status {
        const Name name = TRY(key_name(key));
        ChangeSink& sink = *TRY(sink_for(services, LogId::kCluster));
        const bool is_own = services.node->keys().find_own(name) != nullptr;
        if (is_own && !is_in_log(services, name)) {
          return fail(Errc::kRefused,
                      "the key {} is not in the log but in this node's configuration: take it out "
                      "there",
                      name.to_text());
        }
        std::vector<std::string> warnings = warnings_of_use(services, name);
        if (is_own) {
          warnings.push_back(hidden_warning(name));
        }
        submit(sink, TRY(caller_of(request)), plan_key_delete(name), 200, respond,
               [warnings](json::object& receipt) { add_warnings(warnings, receipt); });
        return {};
      }(),
      respond);
}

}  // namespace tandem
