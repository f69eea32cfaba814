#include "tests/unit/node/test_log.h"

#include <future>

#include "common/base/check.h"
#include "common/crypto/digest.h"
#include "common/dns/rdata.h"
#include "common/log/codec.h"
#include "common/node/plans.h"
#include "tests/support/zone_text.h"
#include "tests/unit/replication/undated_keys.h"

namespace tandem::test {

void copy_store(const Store& from, Store& to) {
  WriteBatch batch;
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    const auto erase = [&](OctetSpan key, OctetSpan /*value*/) {
      batch.erase(family, key);
      return ScanNext::kContinue;
    };
    CHECK(to.scan(family, {}, {}, erase).has_value());
    const auto put = [&](OctetSpan key, OctetSpan value) {
      batch.put(family, key, value);
      return ScanNext::kContinue;
    };
    CHECK(from.scan(family, {}, {}, put).has_value());
  }
  CHECK(to.write(batch, Durability::kSynced).has_value());
}

NodeId node_id(std::uint8_t octet) {
  NodeId id;
  id.octets.fill(octet);
  return id;
}

ClusterId cluster_id(std::uint8_t octet) {
  ClusterId id;
  id.octets.fill(octet);
  return id;
}

const SecretSealer& sealer_of_node(int node) {
  static const SecretSealer first(testing::expired_key());
  static const SecretSealer second(testing::not_yet_valid_key());
  return node == 1 ? first : second;
}

SecretChange secret_change(std::string_view label, std::string_view secret) {
  SecretChange change;
  change.secret = to_octets(as_octets(secret));
  change.info.label = label;
  change.info.purpose = "tsig";
  change.info.salt = {1, 2, 3, 4};
  change.info.salted_hash = sha256(change.info.salt, change.secret);
  const auto hash = sha256(as_octets(label));
  std::copy_n(hash.begin(), change.info.id.octets.size(), change.info.id.octets.begin());
  return change;
}

TestLog::TestLog(Store& store, const Clock& clock, LogId id)
    : store_(store), clock_(clock), id_(id) {
  // What the protobuf library makes at its first use is made here, before there are threads:
  // ThreadSanitizer does not see how that library settles it among them.
  CHECK(decode_state(encode_state({})).has_value());
  restart();
}

void TestLog::restart() {
  log_.reset();
  publisher_ = std::make_unique<Publisher>();
  auto entries = LogStore::open(store_, id_);
  CHECK(entries.has_value());
  log_ = std::make_unique<ReplicatedLog>(store_, *std::move(entries), *publisher_, clock_);
  const auto loaded = log_->load();
  CHECK(loaded.has_value());
  log_->publish();
}

void TestLog::show(TableDraft& draft) {
  publisher_->publish(id_, draft.commit(log_->table().position()));
}

namespace {

const CatalogEntry* entry_of(const Catalog& catalog, const Name& zone) {
  const NameKey key(zone);
  const CatalogEntry* const entry = catalog.find(key, key.label_count());
  return entry != nullptr && Name(entry->zone->origin()) == zone ? entry : nullptr;
}

}  // namespace

ZonePtr TestLog::answered(std::string_view zone) const {
  const auto catalog = publisher_->cell().shared();
  const CatalogEntry* const entry = entry_of(*catalog, name(zone));
  return entry != nullptr ? entry->zone : nullptr;
}

std::optional<ServeState> TestLog::serve_state(std::string_view zone) const {
  const auto catalog = publisher_->cell().shared();
  const CatalogEntry* const entry = entry_of(*catalog, name(zone));
  return entry != nullptr ? std::optional(entry->state) : std::nullopt;
}

std::vector<std::string> TestLog::lines(std::string_view zone) const {
  const ZonePtr content = answered(zone);
  if (content == nullptr) {
    return {};
  }
  std::vector<std::string> lines = lines_of(*content);
  std::erase_if(lines, [](const std::string& line) { return line.contains(" SOA "); });
  return lines;
}

RecordEdit set_edit(const Name& owner, std::string_view address) {
  RecordEdit edit;
  edit.operation = RecordEdit::Operation::kSet;
  edit.owner = owner;
  edit.type = RrType::kA;
  edit.rdatas = {*rdata_from_text(RrType::kA, address)};
  return edit;
}

Planner set_address(std::string_view zone, std::string_view owner, std::string_view address) {
  const Name origin = name(zone);
  return plan_edits(origin, {set_edit(*Name::from_text(owner, origin), address)});
}

Result<Receipt> change(ChangeSink& sink, Planner plan, std::string_view request_id) {
  auto promise = std::make_shared<std::promise<Result<Receipt>>>();
  auto receipt = promise->get_future();
  sink.submit({{"test", "none", "here", ""},
               to_octets(as_octets(request_id)),
               std::move(plan),
               [promise](Result<Receipt> result) { promise->set_value(std::move(result)); }});
  return receipt.get();
}

}  // namespace tandem::test
