#include "tests/unit/log/sample_entries.h"

#include <sstream>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/dns/rdata.h"
#include "common/zone/rr_pack.h"

namespace tandem::testing {
namespace {

constexpr std::string_view kSoa = "example.org. 3600 SOA ns1.example.org. admin.example.org. ";

std::string soa_line(std::uint32_t serial) {
  return fmt::format("{}{} 3600 600 604800 300\n", kSoa, serial);
}

RecordChange record_change() {
  return {.authored = {.removed = packed("www.example.org. 300 A 192.0.2.1\n"),
                       .added = packed("www.example.org. 300 A 192.0.2.2\n"
                                       "www.example.org. 300 A 192.0.2.3\n"
                                       "WWW.example.org. 60 TXT \"hello\"\n")},
          .derived = {.removed = packed(soa_line(7)), .added = packed(soa_line(8))}};
}

std::string options_text(const ZoneOptions& o) {
  return fmt::format("policy={} serve={} max={}", static_cast<unsigned>(o.serial_policy),
                     o.serve_after_expire, o.rrset_records_max) +
         (o.zonemd ? " zonemd" : "");
}

std::string image_text(const std::optional<ImageRef>& i) {
  return i ? fmt::format("{}/{}/{}/{}", to_hex(i->content_digest), i->chunk_count, i->record_count,
                         i->serial)
           : "none";
}

std::string secret_text(const SecretInfo& s) {
  return fmt::format("{} {} {} {} {}", s.id.to_text(), s.purpose, s.label, to_hex(s.salt),
                     to_hex(s.salted_hash));
}

std::string changeset_text(const Changeset& c) {
  return fmt::format("-{} +{}", to_hex(c.removed), to_hex(c.added));
}

std::string rules_text(std::span<const std::string> rules) {
  return fmt::format("[{}]", fmt::join(rules, "|"));
}

std::string notes_text(const std::vector<RecordNote>& notes) {
  std::string out;
  for (const RecordNote& note : notes) {
    out += fmt::format("({} {} {} [{}] {} {} [{}])", to_hex(note.owner.view().wire()),
                       to_text(note.type), to_hex(note.rdata), note.comment, note.expires,
                       note.disabled_ttl ? std::to_string(*note.disabled_ttl) : "on", note.address);
  }
  return out;
}

struct KindText {
  std::string operator()(const ZoneCreate& c) const {
    return fmt::format("create {} {} {}", to_hex(c.name.wire()), options_text(c.options),
                       rules_text(c.rules.texts()));
  }

  std::string operator()(const ZoneDelete& c) const {
    return fmt::format("delete {} {} {} {}", to_hex(c.name.wire()), options_text(c.options),
                       image_text(c.last), rules_text(c.rules.texts()));
  }

  std::string operator()(const RecordChange& c) const {
    return fmt::format("records authored {} derived {}", changeset_text(c.authored),
                       changeset_text(c.derived));
  }

  std::string operator()(const ZoneReplace& c) const {
    return fmt::format("replace {} by {}", image_text(c.before), image_text(c.after));
  }

  std::string operator()(const ZoneOptionsChange& c) const {
    return fmt::format("options {} to {}", options_text(c.before), options_text(c.after));
  }

  std::string operator()(const SecretNamed& c) const { return "named " + secret_text(c.secret); }

  std::string operator()(const SecretDropped& c) const {
    return "dropped " + secret_text(c.secret);
  }

  std::string operator()(const EpochStart& c) const { return "epoch " + c.cluster.to_text(); }

  std::string operator()(const ZoneRulesChange& c) const {
    return fmt::format("rules -{} +{}", rules_text(c.removed), rules_text(c.added));
  }

  std::string operator()(const ZoneNotesChange& c) const {
    return fmt::format("notes -{} +{}", notes_text(c.removed), notes_text(c.added));
  }

  std::string operator()(const SettingChange& c) const {
    return fmt::format("setting {} {} [{}] [{}]", static_cast<int>(c.kind), c.name, c.before,
                       c.after);
  }
};

}  // namespace

Name name_of(std::string_view text) {
  const auto name = Name::from_text(text);
  EXPECT_TRUE(name) << text;
  return name.value_or(Name());
}

ZoneId zone_id(std::uint8_t octet) {
  ZoneId id;
  id.octets.fill(octet);
  return id;
}

Digest256 digest_of_octet(std::uint8_t octet) {
  Digest256 digest;
  digest.fill(octet);
  return digest;
}

ImageRef image_ref(std::uint8_t octet) {
  return {digest_of_octet(octet), 3, 1'000'000'000'000, 4'294'967'295U};
}

SecretInfo secret_info() {
  SecretId id;
  id.octets.fill(0x5e);
  return {id, "tsig", "tsig-key.example.org.", {1, 2, 3, 4}, digest_of_octet(0x5a)};
}

RuleSet rule_set() {
  auto rules = RuleSet::from({"key:a.", "key:b. type:TXT"});
  EXPECT_TRUE(rules);
  return rules.value_or(RuleSet());
}

RecordNote disabled_note() {
  return {name_of("Old.example."), RrType::kTxt, {1, 'x'}, "", 0, 300, ""};
}

std::vector<RecordNote> noted_records() {
  return {{name_of("a.example."), RrType::kA, {192, 0, 2, 1}, "Büro", 0, std::nullopt, "home4"},
          {name_of("b.example."), RrType::kTxt, {1, 'y'}, "", 1'900'000'000, std::nullopt, ""}};
}

Octets packed(std::string_view lines) {
  Octets out;
  RrPacker packer(out);
  std::istringstream in{std::string(lines)};
  std::string owner;
  std::uint32_t ttl = 0;
  std::string type_text;
  std::string rdata_text;
  while (in >> owner >> ttl >> type_text && std::getline(in >> std::ws, rdata_text)) {
    const RrType type = rr_type_from_text(type_text).value_or(RrType{});
    const auto rdata = rdata_from_text(type, rdata_text);
    EXPECT_TRUE(rdata) << rdata_text;
    packer.add(name_of(owner), type, ttl, rdata.value_or(Octets()));
  }
  return out;
}

Entry entry_with(ZoneId zone, ChangeKind kind) {
  Entry entry;
  entry.sequence = 42;
  entry.epoch.number = 3;
  entry.epoch.leader.octets.fill(0x1d);
  entry.time = WallTime(std::chrono::microseconds(1'763'856'000'123'456));
  entry.actor = {"Åse", "token:7", "192.0.2.77", "moved"};
  entry.request_id = {0xca, 0xfe};
  entry.changes.push_back({zone, std::move(kind)});
  entry.group_end = true;
  entry.zone_digests = {{zone_id(0x11), 8, digest_of_octet(0xdd)}};
  return entry;
}

std::vector<SampleEntry> sample_entries() {
  const ZoneId zone = zone_id(0x11);
  const ZoneOptions plain;
  const ZoneOptions special{SerialPolicy::kDate, true, 500};
  ClusterId cluster;
  cluster.octets.fill(0xc1);
  std::vector<SampleEntry> out{
      {"zone_create", entry_with(zone, ZoneCreate{name_of("Example.ORG."), special})},
      {"zone_delete", entry_with(zone, ZoneDelete{name_of("example.org."), plain, image_ref(1)})},
      {"record_change", entry_with(zone, record_change())},
      {"zone_replace", entry_with(zone, ZoneReplace{image_ref(1), image_ref(2)})},
      {"zone_options_change", entry_with(zone, ZoneOptionsChange{plain, special})},
      {"secret_named", entry_with({}, SecretNamed{secret_info()})},
      {"secret_dropped", entry_with({}, SecretDropped{secret_info()})},
      {"epoch_start", entry_with({}, EpochStart{cluster})},
      {"zone_rules_change",
       entry_with(zone, ZoneRulesChange{{"key:old. type:TXT"},
                                        {"from:192.0.2.0/24 name:www.example.org.",
                                         "key:certbot. name:_acme-challenge.* type:TXT"}})},
      {"zone_notes_change", entry_with(zone, ZoneNotesChange{{disabled_note()}, noted_records()})},
      {"address_change",
       entry_with({}, SettingChange{SettingKind::kAddress, "home4", "192.0.2.1", "192.0.2.2"})},
      {"secondary_change",
       entry_with({}, SettingChange{SettingKind::kSecondary, "he", "", "notify:192.0.2.53:53"})},
      {"source_change", entry_with({}, SettingChange{SettingKind::kSource, "example.org.",
                                                     "192.0.2.53:53,key:up.", ""})},
      {"catalog_change",
       entry_with({}, SettingChange{SettingKind::kCatalog, "catalog.example.", "", "make"})},
      {"member_change",
       entry_with({}, SettingChange{SettingKind::kMember, "example.org.", "", "group:home"})},
      {"failover_change",
       entry_with({}, SettingChange{SettingKind::kFailover, "example.org. www.example.org. A", "",
                                    "check:tcp:192.0.2.1:80 alternative:192.0.2.2"})},
  };
  Entry several = entry_with(zone, ZoneCreate{name_of("."), plain});
  several.changes.push_back({zone, ZoneReplace{std::nullopt, image_ref(2)}});
  several.changes.push_back({zone, ZoneReplace{image_ref(2), std::nullopt}});
  several.changes.push_back({zone_id(0x12), ZoneDelete{name_of("a."), plain, std::nullopt}});
  several.group_end = false;
  several.zone_digests.clear();
  out.push_back({"several", several});
  Entry with_rules = entry_with(zone, ZoneDelete{name_of("a."), plain, std::nullopt, rule_set()});
  with_rules.changes.push_back({zone_id(0x12), ZoneCreate{name_of("a."), plain, rule_set()}});
  out.push_back({"several_with_rules", with_rules});
  ZoneOptions with_digest;
  with_digest.zonemd = true;
  Entry with_zonemd = entry_with(zone, ZoneOptionsChange{plain, with_digest});
  with_zonemd.changes.push_back({zone_id(0x12), ZoneCreate{name_of("a."), with_digest}});
  out.push_back({"several_with_zonemd", with_zonemd});
  Entry least;
  least.sequence = 1;
  out.push_back({"least", least});
  return out;
}

std::string to_text(const Change& change) {
  return change.zone.to_text() + " " + std::visit(KindText{}, change.kind);
}

std::string to_text(const Entry& e) {
  std::string out = fmt::format(
      "sequence {} epoch {}/{} time {} actor [{}] [{}] [{}] [{}] request {} end {}\n", e.sequence,
      e.epoch.number, e.epoch.leader.to_text(), e.time.time_since_epoch().count(), e.actor.name,
      e.actor.credential, e.actor.source, e.actor.reason, to_hex(e.request_id), e.group_end);
  for (const Change& change : e.changes) {
    out += to_text(change) + "\n";
  }
  for (const ZoneDigest& digest : e.zone_digests) {
    out += fmt::format("digest {} {} {}\n", digest.zone.to_text(), digest.serial,
                       to_hex(digest.content));
  }
  return out;
}

}  // namespace tandem::testing
