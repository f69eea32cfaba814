// The format is fixed by files: tests/data/log_KIND.bin holds the octets of one entry of each kind,
// written when the kind was new. Logs and images of old versions hold such octets for ever.
// TANDEM_WRITE_GOLDEN=1 writes files that are not there yet; none is ever written over.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/log/codec.h"
#include "tests/unit/log/sample_entries.h"

namespace tandem {
namespace {

using testing::sample_entries;
using testing::SampleEntry;

std::filesystem::path golden_file(const std::string& name) {
  return std::filesystem::path(__FILE__).parent_path() / "../../data" / ("log_" + name + ".bin");
}

std::string golden(const std::string& name, OctetSpan if_missing) {
  const auto file = golden_file(name);
  if (std::getenv("TANDEM_WRITE_GOLDEN") != nullptr && !std::filesystem::exists(file)) {
    std::ofstream(file, std::ios::binary) << as_text(if_missing);
  }
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

class GoldenEntry : public ::testing::TestWithParam<SampleEntry> {};

TEST_P(GoldenEntry, IsWhatTheEncoderGives) {
  const Octets octets = encode_entry(GetParam().entry);
  EXPECT_EQ(to_hex(octets), to_hex(as_octets(golden(GetParam().name, octets))));
}

TEST_P(GoldenEntry, DecodesToTheEntry) {
  const std::string octets = golden(GetParam().name, encode_entry(GetParam().entry));
  const auto entry = decode_entry(as_octets(octets));
  ASSERT_TRUE(entry) << entry.error().detail;
  EXPECT_EQ(testing::to_text(*entry), testing::to_text(GetParam().entry));
}

INSTANTIATE_TEST_SUITE_P(Log, GoldenEntry, ::testing::ValuesIn(sample_entries()),
                         [](const auto& row) { return row.param.name; });

LogState sample_state() {
  return {{{testing::zone_id(1),
            testing::name_of("a.example."),
            {SerialPolicy::kUnixTime, true, 7},
            true},
           {testing::zone_id(2), testing::name_of("b.example."), {}, false}},
          {testing::secret_info()},
          {}};
}

TEST(GoldenState, IsWhatTheEncoderGives) {
  const Octets octets = encode_state(sample_state());
  EXPECT_EQ(to_hex(octets), to_hex(as_octets(golden("state", octets))));
}

TEST(GoldenState, DecodesToTheState) {
  const std::string octets = golden("state", encode_state(sample_state()));
  const auto state = decode_state(as_octets(octets));
  ASSERT_TRUE(state) << state.error().detail;
  EXPECT_EQ(*state, sample_state());
}

LogState noted_state() {
  LogState state = sample_state();
  state.zones[0].notes = *NoteSet::from(testing::noted_records());
  state.settings = {{SettingKind::kAddress, "home4", "192.0.2.1"},
                    {SettingKind::kAddress, "home6", "2001:db8:1:2::/64"}};
  return state;
}

TEST(GoldenState, HasNotesAndAddresses) {
  const std::string octets = golden("state_with_notes", encode_state(noted_state()));
  EXPECT_EQ(to_hex(encode_state(noted_state())), to_hex(as_octets(octets)));
  const auto state = decode_state(as_octets(octets));
  ASSERT_TRUE(state) << state.error().detail;
  EXPECT_EQ(*state, noted_state());
}

LogState state_with_settings() {
  LogState state = sample_state();
  state.settings = {{SettingKind::kAddress, "home4", "192.0.2.1"},
                    {SettingKind::kSecondary, "he", "notify:192.0.2.53:53"},
                    {SettingKind::kSource, "a.example.", "192.0.2.1:53"},
                    {SettingKind::kSource, "b.example.", "192.0.2.2:53"},
                    {SettingKind::kCatalog, "catalog.example.", "make"},
                    {SettingKind::kMember, "a.example.", "catalog:none"}};
  return state;
}

TEST(GoldenState, HasSettingsOfEachKind) {
  const std::string octets = golden("state_with_settings", encode_state(state_with_settings()));
  EXPECT_EQ(to_hex(encode_state(state_with_settings())), to_hex(as_octets(octets)));
  const auto state = decode_state(as_octets(octets));
  ASSERT_TRUE(state) << state.error().detail;
  EXPECT_EQ(*state, state_with_settings());
}

TEST(GoldenState, HasAlternatives) {
  LogState with = sample_state();
  with.settings = {{SettingKind::kMember, "a.example.", "group:home"},
                   {SettingKind::kFailover, "a.example. www.a.example. A",
                    "check:tcp:192.0.2.1:80 alternative:192.0.2.2"}};
  const std::string octets = golden("state_with_failovers", encode_state(with));
  EXPECT_EQ(to_hex(encode_state(with)), to_hex(as_octets(octets)));
  const auto state = decode_state(as_octets(octets));
  ASSERT_TRUE(state) << state.error().detail;
  EXPECT_EQ(*state, with);
}

TEST(GoldenChain, CoversEveryGoldenEntry) {
  Digest256 chain{};
  for (const SampleEntry& sample : sample_entries()) {
    chain = extend_chain(chain, as_octets(golden(sample.name, encode_entry(sample.entry))));
  }
  EXPECT_EQ(to_hex(chain), "09b95884c7c5fd29ad1faeaf218e718aae5ed3300e3ed9468791b4bb29c2b600");
}

/// The field of Change: from 2 on in the order of ChangeKind, and settings by their kind.
std::uint32_t number_of(const ChangeKind& kind) {
  const auto* const setting = std::get_if<SettingChange>(&kind);
  return setting != nullptr ? static_cast<std::uint32_t>(setting->kind)
                            : static_cast<std::uint32_t>(kind.index() + 2);
}

TEST(GoldenEntries, CoverEveryKindThatIsKnown) {
  std::vector<std::uint32_t> numbers;
  for (const SampleEntry& sample : sample_entries()) {
    if (sample.entry.changes.size() == 1) {
      numbers.push_back(number_of(sample.entry.changes[0].kind));
    }
  }
  EXPECT_EQ(numbers, known_change_kinds());
}

}  // namespace
}  // namespace tandem
