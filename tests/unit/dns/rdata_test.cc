// Rdata of every type: the tables of rdata_*_rows.cc, and what is done with rdata once it is good.
#include "common/dns/rdata.h"

#include <set>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/dns/rdata_schema.h"
#include "tests/unit/dns/rdata_rows.h"

namespace tandem {
namespace {

using testing::octets_of;
using testing::rows_of;
using testing::type_of;

using Row = std::vector<std::string>;

Name name_of(std::string_view text) {
  return Name::from_text(text).value_or(Name());
}

Octets rdata_of(RrType type, std::string_view text) {
  return rdata_from_text(type, text, name_of("example.")).value_or(Octets());
}

Octets canonical_of(RrType type, OctetSpan rdata) {
  Octets canonical;
  append_canonical_rdata(type, rdata, canonical);
  return canonical;
}

class GoodRdata : public ::testing::TestWithParam<Row> {
 protected:
  [[nodiscard]] static RrType type() { return type_of(GetParam().at(0)); }

  [[nodiscard]] static const std::string& text() { return GetParam().at(1); }

  [[nodiscard]] static Octets wire() { return octets_of(GetParam().at(2)); }

  [[nodiscard]] static const std::string& printed() {
    return GetParam().at(3).empty() ? text() : GetParam().at(3);
  }
};

INSTANTIATE_TEST_SUITE_P(Rows, GoodRdata,
                         ::testing::ValuesIn(rows_of(testing::good_rdata_table())));

TEST_P(GoodRdata, IsReadFromText) {
  const auto rdata = rdata_from_text(type(), text(), name_of("example."));
  ASSERT_TRUE(rdata) << rdata.error().detail;
  EXPECT_EQ(to_hex(*rdata), to_hex(wire()));
}

TEST_P(GoodRdata, IsPrinted) {
  EXPECT_EQ(rdata_to_text(type(), wire()), printed());
}

TEST_P(GoodRdata, IsReadBackFromItsPrintedForm) {
  const auto rdata = rdata_from_text(type(), rdata_to_text(type(), wire()));
  ASSERT_TRUE(rdata) << rdata.error().detail;
  EXPECT_EQ(to_hex(*rdata), to_hex(wire()));
}

TEST_P(GoodRdata, IsTakenFromWire) {
  Octets rdata;
  const Octets received = wire();
  const Status status = append_rdata_from_wire(type(), WireReader(received), rdata);
  ASSERT_TRUE(status) << status.error().detail;
  EXPECT_EQ(to_hex(rdata), to_hex(received));
}

TEST_P(GoodRdata, IsTakenInTheGenericForm) {
  const Octets expected = wire();
  const std::string generic = fmt::format("\\# {} {}", expected.size(), to_hex(expected));
  const auto rdata = rdata_from_text(type(), generic);
  ASSERT_TRUE(rdata) << rdata.error().detail;
  EXPECT_EQ(to_hex(*rdata), to_hex(expected));
}

TEST_P(GoodRdata, IsEqualToItsCanonicalForm) {
  const Octets rdata = wire();
  EXPECT_EQ(compare_rdata(type(), rdata, canonical_of(type(), rdata)), 0);
}

class BadRdataText : public ::testing::TestWithParam<Row> {};

INSTANTIATE_TEST_SUITE_P(Rows, BadRdataText,
                         ::testing::ValuesIn(rows_of(testing::bad_rdata_text_table())));

TEST_P(BadRdataText, IsRefusedWithWhatIsWrong) {
  const auto rdata =
      rdata_from_text(type_of(GetParam().at(0)), GetParam().at(1), name_of("example."));
  ASSERT_FALSE(rdata);
  EXPECT_EQ(rdata.error().detail, GetParam().at(2));
}

class BadRdataWire : public ::testing::TestWithParam<Row> {
 public:
  void SetUp() override {
    taken = append_rdata_from_wire(type_of(GetParam().at(0)),
                                   WireReader(octets_of(GetParam().at(1))), out);
  }

  Octets out = {0xaa};
  Status taken;
};

INSTANTIATE_TEST_SUITE_P(Rows, BadRdataWire,
                         ::testing::ValuesIn(rows_of(testing::bad_rdata_wire_table())));

TEST_P(BadRdataWire, IsRefusedWithWhatIsWrong) {
  const Status status = validate_rdata(type_of(GetParam().at(0)), octets_of(GetParam().at(1)));
  ASSERT_FALSE(status);
  EXPECT_TRUE(status.error().detail.ends_with(GetParam().at(2))) << status.error().detail;
}

TEST_P(BadRdataWire, IsNotTaken) {
  EXPECT_FALSE(taken);
}

TEST_P(BadRdataWire, LeavesWhatWasThereBefore) {
  EXPECT_EQ(out, Octets{0xaa});
}

TEST(RdataTables, HaveGoodAndBadRowsOfEveryType) {
  for (const TypeSchema& schema : all_schemas()) {
    const std::string type = to_text(schema.type);
    const auto rows_with = [&type](std::string_view table) {
      const auto rows = rows_of(table);
      return std::ranges::count_if(rows, [&type](const Row& row) { return row[0] == type; });
    };
    EXPECT_GE(rows_with(testing::good_rdata_table()), 3) << type;
    EXPECT_GE(rows_with(testing::bad_rdata_text_table()), 1) << type;
    EXPECT_GE(rows_with(testing::bad_rdata_wire_table()), 1) << type;
  }
}

// ---- compression, RFC 3597 s4

/// `name` at offset 0, then rdata: `head` and a pointer to the name.
struct CompressedRdata {
  explicit CompressedRdata(std::string_view head, std::string_view tail = "") {
    message = octets_of("076578616d706c6500");
    start = message.size();
    append(message, octets_of(head));
    append(message, octets_of("c000"));
    append(message, octets_of(tail));
  }

  [[nodiscard]] Status take(RrType type, Octets& out) const {
    return append_rdata_from_wire(type, WireReader(message, start), out);
  }

  Octets message;
  std::size_t start = 0;
};

class ReceivedCompression : public ::testing::TestWithParam<Row> {};

// type | octets before the pointer | octets after it | text
INSTANTIATE_TEST_SUITE_P(Rows, ReceivedCompression, ::testing::ValuesIn(rows_of(R"table(
NS    | 026e73             | | ns.example.
CNAME | 0161               | | a.example.
SOA   | 026e73 c000        | 00000001 00000002 00000003 00000004 00000005 | ns.example. example. 1 2 3 4 5
PTR   | 0161               | | a.example.
MX    | 000a 046d61696c    | | 10 mail.example.
RP    | 0161 c000 0162     | | a.example. b.example.
AFSDB | 0001               | | 1 example.
SRV   | 0001 0002 0003     | | 1 2 3 example.
NAPTR | 0001 0002 00 00 00 | | 1 2 "" "" "" example.
)table")));

TEST_P(ReceivedCompression, IsFollowedInTheTypesThatMayHaveIt) {
  const RrType type = type_of(GetParam().at(0));
  Octets rdata;
  const Status status = CompressedRdata(GetParam().at(1), GetParam().at(2)).take(type, rdata);
  ASSERT_TRUE(status) << status.error().detail;
  EXPECT_EQ(rdata_to_text(type, rdata), GetParam().at(3));
}

TEST(RdataFromWire, RefusesAPointerInTypesThatMustNotHaveIt) {
  for (const auto& [type, head] : std::vector<std::pair<RrType, std::string_view>>{
           {RrType::kKx, "000a"},
           {RrType::kDname, ""},
           {RrType::kRrsig, "0001 08 01 00000e10 00000000 00000000 0000"},
           {RrType::kNsec, ""},
           {RrType::kSvcb, "0001"},
           {RrType::kLp, "000a"}}) {
    Octets rdata;
    EXPECT_FALSE(CompressedRdata(head, "000140").take(type, rdata)) << to_text(type);
  }
}

TEST(RdataFromWire, RefusesAPointerThatGoesForward) {
  const Octets message = octets_of("c002 00");
  Octets rdata;
  EXPECT_FALSE(append_rdata_from_wire(RrType::kNs, WireReader(message), rdata));
}

TEST(RdataFromWire, RefusesAReaderThatHasFailed) {
  const Octets message = octets_of("c0000201");
  WireReader reader(message);
  Octets rdata;
  EXPECT_FALSE(append_rdata_from_wire(RrType::kA, reader.sub_reader(5), rdata));
}

TEST(RdataFromWire, ReadsNoFurtherThanItsReader) {
  const Octets message = octets_of("c0000201 ffff");
  WireReader reader(message);
  Octets rdata;
  EXPECT_TRUE(append_rdata_from_wire(RrType::kA, reader.sub_reader(4), rdata));
  EXPECT_EQ(to_hex(rdata), "c0000201");
}

TEST(RdataFromWire, TakesUnknownTypesAsTheyAre) {
  const Octets message = octets_of("c000");
  Octets rdata;
  EXPECT_TRUE(append_rdata_from_wire(static_cast<RrType>(65280), WireReader(message), rdata));
  EXPECT_EQ(to_hex(rdata), "c000");
}

TEST(ValidateRdata, RefusesMoreThan65535Octets) {
  EXPECT_TRUE(validate_rdata(static_cast<RrType>(65280), Octets(65535)));
  EXPECT_FALSE(validate_rdata(static_cast<RrType>(65280), Octets(65536)));
}

TEST(RdataFromText, RefusesMoreThan65535Octets) {
  std::string text;
  for (int i = 0; i < 257; ++i) {
    text += '"' + std::string(255, 'x') + "\" ";
  }
  const auto rdata = rdata_from_text(RrType::kTxt, text);
  ASSERT_FALSE(rdata);
  EXPECT_EQ(rdata.error().detail, "TXT record has 65792 octets of rdata, at most 65535 fit");
}

TEST(RdataFromText, RefusesASecondLine) {
  const auto rdata = rdata_from_text(RrType::kTxt, "a\nb");
  ASSERT_FALSE(rdata);
  EXPECT_EQ(rdata.error().detail, "TXT record goes on after its line, expected one line");
}

TEST(RdataFromText, ShowsNoControlCharactersInItsErrors) {
  const auto rdata = rdata_from_text(RrType::kA, "\x1b[31m");
  ASSERT_FALSE(rdata);
  EXPECT_EQ(rdata.error().detail, "A record needs an IPv4 address, got \"\\027[31m\"");
}

// ---- canonical form, RFC 4034 s6.2 with RFC 6840 s5.1

TEST(CanonicalRdata, FoldsTheNamesOfTheTypesListed) {
  for (const auto& [type, text, folded] :
       std::vector<std::tuple<RrType, std::string_view, std::string_view>>{
           {RrType::kNs, "NS.A.", "ns.a."},
           {RrType::kCname, "A.", "a."},
           {RrType::kSoa, "NS.A. H.A. 1 2 3 4 5", "ns.a. h.a. 1 2 3 4 5"},
           {RrType::kPtr, "A.", "a."},
           {RrType::kMx, "1 A.", "1 a."},
           {RrType::kRp, "A. B.", "a. b."},
           {RrType::kAfsdb, "1 A.", "1 a."},
           {RrType::kSrv, "1 2 3 A.", "1 2 3 a."},
           {RrType::kNaptr, "1 2 \"U\" \"S\" \"R\" A.", "1 2 \"U\" \"S\" \"R\" a."},
           {RrType::kKx, "1 A.", "1 a."},
           {RrType::kDname, "A.", "a."},
           {RrType::kRrsig, "A 8 1 1 1 1 1 A. AAAA",
            "A 8 1 1 19700101000001 19700101000001 1 a. AAAA"}}) {
    const Octets canonical = canonical_of(type, rdata_of(type, text));
    EXPECT_EQ(rdata_to_text(type, canonical), folded) << to_text(type);
  }
}

TEST(CanonicalRdata, KeepsTheCaseOfEverythingElse) {
  for (const auto& [type, text] :
       std::vector<std::pair<RrType, std::string_view>>{{RrType::kNsec, "A. A"},
                                                        {RrType::kTxt, "ABC"},
                                                        {RrType::kLp, "1 A."},
                                                        {RrType::kSvcb, "1 A. alpn=H2"},
                                                        {RrType::kIpseckey, "10 3 2 A. AQ=="},
                                                        {RrType::kHip, "2 00 AQ== A."},
                                                        {RrType::kCaa, "0 Issue A"}}) {
    const Octets rdata = rdata_of(type, text);
    ASSERT_FALSE(rdata.empty()) << to_text(type);
    EXPECT_EQ(canonical_of(type, rdata), rdata) << to_text(type);
  }
}

TEST(CanonicalRdata, IsAppended) {
  Octets out = {0xaa};
  append_canonical_rdata(RrType::kNs, rdata_of(RrType::kNs, "A."), out);
  EXPECT_EQ(to_hex(out), "aa016100");
}

TEST(CompareRdata, OrdersOctetsAsUnsignedFromTheLeft) {
  EXPECT_LT(compare_rdata(RrType::kA, octets_of("7fffffff"), octets_of("80000000")), 0);
  EXPECT_GT(compare_rdata(RrType::kA, octets_of("80000000"), octets_of("7fffffff")), 0);
}

TEST(CompareRdata, PutsAPrefixFirst) {
  EXPECT_LT(compare_rdata(RrType::kTxt, octets_of("0161"), octets_of("01610162")), 0);
}

TEST(CompareRdata, IgnoresTheCaseOfFoldedNamesOnly) {
  EXPECT_EQ(
      compare_rdata(RrType::kMx, rdata_of(RrType::kMx, "1 A."), rdata_of(RrType::kMx, "1 a.")), 0);
  EXPECT_NE(compare_rdata(RrType::kTxt, rdata_of(RrType::kTxt, "A"), rdata_of(RrType::kTxt, "a")),
            0);
}

// ---- names inside

TEST(CompressibleNames, AreThoseOfTheTypesOfRfc1035) {
  std::set<std::string> with_names;
  for (const auto& row : rows_of(testing::good_rdata_table())) {
    if (compressible_names(type_of(row[0]), octets_of(row[2])).count > 0) {
      with_names.insert(row[0]);
    }
  }
  EXPECT_EQ(with_names, (std::set<std::string>{"CNAME", "MX", "NS", "PTR", "SOA"}));
}

TEST(CompressibleNames, SaysWhereTheyAre) {
  const CompressibleNames names =
      compressible_names(RrType::kSoa, rdata_of(RrType::kSoa, "a.b. c. 1 2 3 4 5"));
  ASSERT_EQ(names.count, 2U);
  EXPECT_EQ(names.name[0].offset, 0U);
  EXPECT_EQ(names.name[0].octets, 5U);
  EXPECT_EQ(names.name[1].offset, 5U);
  EXPECT_EQ(names.name[1].octets, 3U);
}

TEST(TargetName, IsThereForTheTypesWithAdditionalData) {
  std::set<std::string> with_target;
  for (const auto& row : rows_of(testing::good_rdata_table())) {
    if (target_name(type_of(row[0]), octets_of(row[2])).octets > 0) {
      with_target.insert(row[0]);
    }
  }
  EXPECT_EQ(with_target, (std::set<std::string>{"AFSDB", "HTTPS", "KX", "LP", "MX", "NAPTR", "NS",
                                                "SRV", "SVCB"}));
}

TEST(TargetName, SaysWhereItIs) {
  const RdataName target = target_name(RrType::kSrv, rdata_of(RrType::kSrv, "1 2 3 a.b."));
  EXPECT_EQ(target.offset, 6U);
  EXPECT_EQ(target.octets, 5U);
}

TEST(KnownTypes, AreThoseWithARow) {
  EXPECT_TRUE(is_known_type(RrType::kA));
  EXPECT_TRUE(is_known_type(RrType::kCaa));
  EXPECT_FALSE(is_known_type(RrType::kOpt));
  EXPECT_FALSE(is_known_type(static_cast<RrType>(65280)));
}

}  // namespace
}  // namespace tandem
