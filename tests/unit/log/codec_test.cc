// What decode_entry() and decode_state() refuse, beside the golden files. Bad entries are made from
// good messages.
#include "common/log/codec.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/crypto/digest.h"
#include "common/log/entry_check.h"
#include "proto/tandem/v1/log.pb.h"
#include "tests/unit/log/sample_entries.h"

namespace tandem {
namespace {

using testing::sample_entries;

v1::Entry message_of(const Entry& entry) {
  v1::Entry message;
  EXPECT_TRUE(message.ParseFromString(std::string(as_text(encode_entry(entry)))));
  return message;
}

v1::Entry message_of(std::string_view sample) {
  for (const auto& [name, entry] : sample_entries()) {
    if (name == sample) {
      return message_of(entry);
    }
  }
  ADD_FAILURE() << sample;
  return {};
}

Result<Entry> decoded(const v1::Entry& message) {
  return decode_entry(as_octets(message.SerializeAsString()));
}

struct BadRow {
  std::string what;
  std::string sample;
  std::function<void(v1::Entry&)> spoil;
};

const std::vector<BadRow>& corrupt_rows() {
  using E = v1::Entry;
  static const std::vector<BadRow> rows{
      {"no sequence", "least", [](E& e) { e.clear_sequence(); }},
      {"no epoch", "least", [](E& e) { e.clear_epoch(); }},
      {"no actor", "least", [](E& e) { e.clear_actor(); }},
      {"leader of 15 octets", "least",
       [](E& e) { e.mutable_epoch()->mutable_leader()->pop_back(); }},
      {"leader of 17 octets", "least", [](E& e) { *e.mutable_epoch()->mutable_leader() += 'x'; }},
      {"time before 1970", "least", [](E& e) { e.set_time_us(-1); }},
      {"time after 9999", "least", [](E& e) { e.set_time_us(253'402'300'800'000'000); }},
      {"long request id", "least", [](E& e) { e.set_request_id(std::string(256, 'r')); }},
      {"long actor", "least", [](E& e) { e.mutable_actor()->set_name(std::string(1025, 'a')); }},
      {"long reason", "least", [](E& e) { e.mutable_actor()->set_reason(std::string(1025, 'a')); }},
      {"too many changes", "zone_create",
       [](E& e) {
         const v1::Change change = e.changes(0);
         while (e.changes_size() <= static_cast<int>(kMaxChangesPerEntry)) {
           *e.add_changes() = change;
         }
       }},
      {"digests without the group's end", "zone_create", [](E& e) { e.set_group_end(false); }},
      {"digest of no zone", "zone_create",
       [](E& e) { e.mutable_zone_digests(0)->set_zone_id(std::string(16, '\0')); }},
      {"digests of one zone twice", "zone_create",
       [](E& e) { *e.add_zone_digests() = v1::ZoneDigest(e.zone_digests(0)); }},
      {"digest of 31 octets", "zone_create",
       [](E& e) { e.mutable_zone_digests(0)->mutable_content_digest()->pop_back(); }},
      {"change without a kind", "zone_create", [](E& e) { e.mutable_changes(0)->clear_kind(); }},
      {"zone id of 15 octets", "zone_create",
       [](E& e) { e.mutable_changes(0)->mutable_zone_id()->pop_back(); }},
      {"create of the cluster", "zone_create",
       [](E& e) { e.mutable_changes(0)->set_zone_id(std::string(16, '\0')); }},
      {"epoch of a zone", "epoch_start",
       [](E& e) { e.mutable_changes(0)->set_zone_id(std::string(16, 'z')); }},
      {"secret of a zone", "secret_named",
       [](E& e) { e.mutable_changes(0)->set_zone_id(std::string(16, 'z')); }},
      {"create without options", "zone_create",
       [](E& e) { e.mutable_changes(0)->mutable_zone_create()->clear_options(); }},
      {"create without a name", "zone_create",
       [](E& e) { e.mutable_changes(0)->mutable_zone_create()->clear_name(); }},
      {"name with octets left over", "zone_create",
       [](E& e) { *e.mutable_changes(0)->mutable_zone_create()->mutable_name() += '\0'; }},
      {"name that is cut", "zone_delete",
       [](E& e) { e.mutable_changes(0)->mutable_zone_delete()->mutable_name()->pop_back(); }},
      {"delete without options", "zone_delete",
       [](E& e) { e.mutable_changes(0)->mutable_zone_delete()->clear_options(); }},
      {"image without chunks", "zone_delete",
       [](E& e) {
         e.mutable_changes(0)->mutable_zone_delete()->mutable_last()->clear_chunk_count();
       }},
      {"image without records", "zone_replace",
       [](E& e) {
         e.mutable_changes(0)->mutable_zone_replace()->mutable_after()->clear_record_count();
       }},
      {"image with a digest of 33 octets", "zone_replace",
       [](E& e) {
         *e.mutable_changes(0)
              ->mutable_zone_replace()
              ->mutable_before()
              ->mutable_content_digest() += 'x';
       }},
      {"replace of nothing by nothing", "zone_replace",
       [](E& e) { e.mutable_changes(0)->mutable_zone_replace()->Clear(); }},
      {"options change without before", "zone_options_change",
       [](E& e) { e.mutable_changes(0)->mutable_zone_options_change()->clear_before(); }},
      {"options change without after", "zone_options_change",
       [](E& e) { e.mutable_changes(0)->mutable_zone_options_change()->clear_after(); }},
      {"secret id of 15 octets", "secret_named",
       [](E& e) { e.mutable_changes(0)->mutable_secret_named()->mutable_secret_id()->pop_back(); }},
      {"secret hash of 31 octets", "secret_dropped",
       [](E& e) {
         e.mutable_changes(0)->mutable_secret_dropped()->mutable_salted_hash()->pop_back();
       }},
      {"long salt", "secret_named",
       [](E& e) { e.mutable_changes(0)->mutable_secret_named()->set_salt(std::string(65, 's')); }},
      {"long purpose", "secret_named",
       [](E& e) {
         e.mutable_changes(0)->mutable_secret_named()->set_purpose(std::string(256, 's'));
       }},
      {"long label", "secret_dropped",
       [](E& e) {
         e.mutable_changes(0)->mutable_secret_dropped()->set_label(std::string(256, 's'));
       }},
      {"cluster id of 8 octets", "epoch_start",
       [](E& e) { e.mutable_changes(0)->mutable_epoch_start()->set_cluster_id("12345678"); }},
      {"rules change of nothing", "zone_rules_change",
       [](E& e) { e.mutable_changes(0)->mutable_zone_rules_change()->Clear(); }},
      {"rule that comes and goes", "zone_rules_change",
       [](E& e) {
         v1::ZoneRulesChange& m = *e.mutable_changes(0)->mutable_zone_rules_change();
         m.set_removed(0, m.added(0));
       }},
      {"rules out of order", "zone_rules_change",
       [](E& e) { e.mutable_changes(0)->mutable_zone_rules_change()->add_added("a"); }},
      {"rule that is there twice", "several_with_rules",
       [](E& e) {
         v1::ZoneCreate& m = *e.mutable_changes(1)->mutable_zone_create();
         m.set_rules(1, m.rules(0));
       }},
      {"empty rule", "several_with_rules",
       [](E& e) { e.mutable_changes(0)->mutable_zone_delete()->set_rules(0, ""); }},
      {"rule of two lines", "several_with_rules",
       [](E& e) { e.mutable_changes(0)->mutable_zone_delete()->set_rules(0, "key:a.\n"); }},
      {"long rule", "zone_rules_change",
       [](E& e) {
         e.mutable_changes(0)->mutable_zone_rules_change()->set_removed(
             0, std::string(kMaxRuleOctets + 1, 'r'));
       }},
      {"too many octets of rules", "several_with_rules",
       [](E& e) {
         v1::ZoneDelete& m = *e.mutable_changes(0)->mutable_zone_delete();
         m.clear_rules();
         for (std::size_t i = 0; i <= kMaxRuleSetOctets / kMaxRuleOctets; ++i) {
           m.add_rules(std::string(kMaxRuleOctets - 4, 'r') + std::to_string(1000 + i));
         }
       }},
      {"notes change of nothing", "zone_notes_change",
       [](E& e) { e.mutable_changes(0)->mutable_zone_notes_change()->Clear(); }},
      {"notes out of order", "zone_notes_change",
       [](E& e) {
         v1::ZoneNotesChange& m = *e.mutable_changes(0)->mutable_zone_notes_change();
         m.mutable_added()->SwapElements(0, 1);
       }},
      {"note that says nothing", "zone_notes_change",
       [](E& e) {
         e.mutable_changes(0)->mutable_zone_notes_change()->mutable_removed(0)->set_disabled(false);
         e.mutable_changes(0)->mutable_zone_notes_change()->mutable_removed(0)->set_ttl(0);
       }},
      {"TTL of a record that is not disabled", "zone_notes_change",
       [](E& e) {
         e.mutable_changes(0)->mutable_zone_notes_change()->mutable_added(0)->set_ttl(5);
       }},
      {"note on data that its type has not", "zone_notes_change",
       [](E& e) {
         e.mutable_changes(0)->mutable_zone_notes_change()->mutable_added(0)->set_rdata("12345");
       }},
      {"note on a name that is none", "zone_notes_change",
       [](E& e) {
         e.mutable_changes(0)->mutable_zone_notes_change()->mutable_added(0)->set_owner("junk");
       }},
      {"note on a type of 17 bits", "zone_notes_change",
       [](E& e) {
         e.mutable_changes(0)->mutable_zone_notes_change()->mutable_added(0)->set_type(0x10001);
       }},
      {"comment of two lines", "zone_notes_change",
       [](E& e) {
         e.mutable_changes(0)->mutable_zone_notes_change()->mutable_added(0)->set_comment("a\nb");
       }},
      {"expiry before 1970", "zone_notes_change",
       [](E& e) {
         e.mutable_changes(0)->mutable_zone_notes_change()->mutable_added(1)->set_expires_s(-1);
       }},
      {"note that follows no name", "zone_notes_change",
       [](E& e) {
         e.mutable_changes(0)->mutable_zone_notes_change()->mutable_added(0)->set_address("+::1");
       }},
      {"address that stays", "address_change",
       [](E& e) { e.mutable_changes(0)->mutable_address_change()->set_after("192.0.2.1"); }},
      {"address without a name", "address_change",
       [](E& e) { e.mutable_changes(0)->mutable_address_change()->clear_name(); }},
      {"setting that stays", "secondary_change",
       [](E& e) { e.mutable_changes(0)->mutable_secondary_change()->clear_after(); }},
      {"setting without a name", "source_change",
       [](E& e) { e.mutable_changes(0)->mutable_source_change()->clear_name(); }},
      {"setting of two lines", "catalog_change",
       [](E& e) { e.mutable_changes(0)->mutable_catalog_change()->set_after("a\nb"); }},
      {"records that are cut", "record_change",
       [](E& e) {
         e.mutable_changes(0)->mutable_record_change()->mutable_authored_removed()->pop_back();
       }},
      {"added records that are no records", "record_change",
       [](E& e) { e.mutable_changes(0)->mutable_record_change()->set_authored_added("junk"); }},
      {"derived records that are no records", "record_change",
       [](E& e) { e.mutable_changes(0)->mutable_record_change()->set_derived_removed("junk"); }},
      {"rdata not of its type", "record_change",
       [](E& e) {
         Octets bad;
         RrPacker(bad).add(testing::name_of("a.example."), RrType::kA, 60, as_octets("12345"));
         e.mutable_changes(0)->mutable_record_change()->set_derived_added(
             std::string(as_text(bad)));
       }},
      {"records of a meta type", "record_change",
       [](E& e) {
         Octets bad;
         RrPacker(bad).add(testing::name_of("a.example."), RrType::kAny, 60, {});
         e.mutable_changes(0)->mutable_record_change()->set_authored_added(
             std::string(as_text(bad)));
       }},
  };
  return rows;
}

TEST(DecodeEntry, TakesWhatTheRowsBelowSpoil) {
  for (const auto& [name, entry] : sample_entries()) {
    EXPECT_TRUE(decoded(message_of(entry))) << name;
  }
}

TEST(DecodeEntry, FindsCorruptWhatNoWriterMakes) {
  for (const BadRow& row : corrupt_rows()) {
    v1::Entry message = message_of(row.sample);
    row.spoil(message);
    const auto entry = decoded(message);
    ASSERT_FALSE(entry) << row.what;
    EXPECT_EQ(entry.error().code, Errc::kCorrupt) << row.what;
  }
}

TEST(DecodeEntry, FindsCorruptWhatIsCut) {
  // Cut at every octet: what is left is no message, or a message that lacks something.
  const Octets octets = encode_entry(sample_entries()[2].entry);
  const std::string whole = testing::to_text(*decode_entry(octets));
  for (std::size_t size = 0; size < octets.size(); ++size) {
    const auto entry = decode_entry(OctetSpan(octets).first(size));
    if (entry) {
      EXPECT_NE(testing::to_text(*entry), whole) << size;
    } else {
      EXPECT_EQ(entry.error().code, Errc::kCorrupt) << size;
    }
  }
}

TEST(DecodeEntry, FindsCorruptTextThatIsNotUtf8) {
  Octets octets = encode_entry(sample_entries()[0].entry);
  const std::string_view text = as_text(octets);
  const std::size_t at = text.find("moved");
  ASSERT_NE(at, std::string_view::npos);
  octets[at] = 0xff;
  const auto entry = decode_entry(octets);
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error().code, Errc::kCorrupt);
}

TEST(DecodeEntry, FindsCorruptWhatIsOverOneMebibyte) {
  v1::Entry message = message_of("least");
  message.set_request_id(std::string(kMaxEntryOctets, 'r'));
  const auto entry = decoded(message);
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error().code, Errc::kCorrupt);
}

using google::protobuf::Message;

/// Every message inside of `message`, itself included.
void collect(Message& message, std::vector<Message*>& out) {
  out.push_back(&message);
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    }
    const auto& reflection = *message.GetReflection();
    if (!field->is_repeated()) {
      collect(*reflection.MutableMessage(&message, field), out);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      collect(*reflection.MutableRepeatedMessage(&message, field, i), out);
    }
  }
}

TEST(DecodeEntry, RefusesAFieldOfALaterVersionAnywhere) {
  for (const auto& [name, entry] : sample_entries()) {
    v1::Entry message = message_of(entry);
    std::vector<Message*> parts;
    collect(message, parts);
    for (Message* part : parts) {
      auto& unknown = *part->GetReflection()->MutableUnknownFields(part);
      unknown.AddVarint(1000, 1);
      const auto result = decoded(message);
      ASSERT_FALSE(result) << name << " " << part->GetTypeName();
      EXPECT_EQ(result.error().code, Errc::kRefused) << name << " " << part->GetTypeName();
      unknown.Clear();
    }
  }
}

TEST(DecodeEntry, RefusesAKindOfChangeOfALaterVersion) {
  v1::Entry message = message_of("least");
  v1::Change& change = *message.add_changes();
  change.set_zone_id(std::string(16, 'z'));
  change.GetReflection()->MutableUnknownFields(&change)->AddLengthDelimited(1000, "new");
  const auto entry = decoded(message);
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error().code, Errc::kRefused);
}

TEST(DecodeEntry, RefusesASerialPolicyOfALaterVersion) {
  v1::Entry message = message_of("zone_create");
  message.mutable_changes(0)->mutable_zone_create()->mutable_options()->set_serial_policy(3);
  const auto entry = decoded(message);
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error().code, Errc::kRefused);
}

TEST(ExtendChain, IsTheHashOfChainAndOctets) {
  const Digest256 before = testing::digest_of_octet(7);
  Octets together = to_octets(before);
  append(together, as_octets("entry"));
  EXPECT_EQ(extend_chain(before, as_octets("entry")), sha256(together));
}

TEST(DecodeState, TakesAnEmptyState) {
  const auto state = decode_state(encode_state({}));
  ASSERT_TRUE(state);
  EXPECT_EQ(*state, LogState{});
}

ZoneState zone_state(std::uint8_t id) {
  return {testing::zone_id(id), testing::name_of("a.example."), {}, true};
}

TEST(DecodeState, HasTheRulesOfZones) {
  ZoneState zone = zone_state(1);
  zone.rules = testing::rule_set();
  const LogState with_rules{{zone}, {}, {}};
  const auto state = decode_state(encode_state(with_rules));
  ASSERT_TRUE(state) << state.error().detail;
  EXPECT_EQ(*state, with_rules);
  EXPECT_FALSE(*state == LogState({zone_state(1)}, {}, {}));
}

TEST(DecodeState, RefusesZonesOutOfOrder) {
  EXPECT_FALSE(decode_state(encode_state({{zone_state(2), zone_state(1)}, {}, {}})));
  EXPECT_FALSE(decode_state(encode_state({{zone_state(2), zone_state(2)}, {}, {}})));
  EXPECT_FALSE(decode_state(encode_state({{zone_state(0)}, {}, {}})));
}

TEST(DecodeState, RefusesSecretsOutOfOrder) {
  const SecretInfo secret = testing::secret_info();
  EXPECT_FALSE(decode_state(encode_state({{}, {secret, secret}, {}})));
}

TEST(DecodeState, RefusesSettingsOutOfOrder) {
  const Setting a{SettingKind::kSource, "a.example.", "192.0.2.1:53"};
  const Setting b{SettingKind::kSource, "b.example.", "192.0.2.1:53"};
  EXPECT_TRUE(decode_state(encode_state({{}, {}, {a, b}})));
  EXPECT_FALSE(decode_state(encode_state({{}, {}, {b, a}})));
  EXPECT_FALSE(decode_state(encode_state({{}, {}, {a, a}})));
}

TEST(DecodeState, RefusesSettingsWithoutAName) {
  EXPECT_FALSE(decode_state(encode_state({{}, {}, {{SettingKind::kSecondary, "", "notify:x"}}})));
}

TEST(DecodeState, RefusesAFieldOfALaterVersionAnywhere) {
  v1::LogState message;
  ASSERT_TRUE(message.ParseFromString(std::string(
      as_text(encode_state({{zone_state(1)},
                            {testing::secret_info()},
                            {{SettingKind::kSecondary, "he", "notify:192.0.2.53:53"}}})))));
  std::vector<Message*> parts;
  collect(message, parts);
  EXPECT_EQ(parts.size(), 5U);
  for (Message* part : parts) {
    auto& unknown = *part->GetReflection()->MutableUnknownFields(part);
    unknown.AddVarint(1000, 1);
    const auto state = decode_state(as_octets(message.SerializeAsString()));
    ASSERT_FALSE(state) << part->GetTypeName();
    EXPECT_EQ(state.error().code, Errc::kRefused) << part->GetTypeName();
    unknown.Clear();
  }
}

TEST(DecodeState, FindsCorruptWhatIsNoState) {
  const auto state = decode_state(as_octets("nonsense"));
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Errc::kCorrupt);
}

}  // namespace
}  // namespace tandem
