// A catalog is answered to who may have it, and to nobody else (RFC 9432 s7).
#include <future>

#include <gmock/gmock.h>

#include "common/node/catalog_plans.h"
#include "common/node/request_desk.h"
#include "tests/support/asking.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kCatalog = "catalog.example.";
constexpr std::string_view kFriend = "192.0.2.7:4711";
constexpr std::string_view kStranger = "198.51.100.1:4711";

class CatalogAnswersTest : public WriterTest {
 protected:
  CatalogAnswersTest() {
    rules_.allow.push_back(*TransferRule::from_text("192.0.2.0/24"));
    writer_->start();
    EXPECT_TRUE(change(
        *writer_, plan_create(name(kZone), {}, zone("a CNAME version.catalog\nb A 192.0.2.1\n"))));
    EXPECT_TRUE(change(*writer_, plan_catalog(name(kCatalog), {})));
  }

  /// As a worker answers; nothing when it hands the query over.
  std::optional<Message> ask_worker(std::string_view owner, RrType type) {
    const Octets query = query_wire(name(owner), type, false, false, 0);
    Octets room(kMaxMessageOctets);
    QueryEngine::Exchange exchange{.message = query, .room = room};
    static_cast<void>(engine_.answer(*log_.publisher().cell().shared(), {&exchange, 1},
                                     Transport::kUdp, *worker_));
    if (exchange.is_handed_over) {
      return std::nullopt;
    }
    return parse_message(OctetSpan(room).first(exchange.answer_octets)).value();
  }

  Message ask_desk(std::string_view owner, RrType type, std::string_view from) {
    auto promise = std::make_shared<std::promise<RequestAnswer>>();
    desk_.serve(
        {.message = query_wire(name(owner), type, false, false, 0),
         .from = *SocketAddress::from_text(from),
         .transport = Transport::kUdp,
         .answer = [promise](RequestAnswer answer) { promise->set_value(std::move(answer)); }});
    return parse_message(promise->get_future().get().message).value();
  }

  const QueryEngine engine_{{}};
  const std::unique_ptr<QueryEngine::Worker> worker_ = std::make_unique<QueryEngine::Worker>();
  const KeyRing keys_{{}};
  TransferRules rules_;
  MemoryStore local_store_;
  TestLog local_{local_store_, clock_, LogId::kLocal};
  RequestDesk desk_{{engine_, log_.publisher(), keys_, rules_, clock_, *log_, *local_}};
};

TEST_F(CatalogAnswersTest, WorkersHandOverWhatIsAtOrBelowIt) {
  EXPECT_FALSE(ask_worker(kCatalog, RrType::kSoa));
  EXPECT_FALSE(ask_worker("version.catalog.example.", RrType::kTxt));
  EXPECT_FALSE(ask_worker("nothing.catalog.example.", RrType::kA));
  EXPECT_TRUE(ask_worker("b.example.", RrType::kA));
  EXPECT_TRUE(ask_worker(kCatalog, RrType::kDs)) << "its parent's";
}

TEST_F(CatalogAnswersTest, ACnameIntoItLeadsNowhere) {
  const auto answer = ask_worker("a.example.", RrType::kTxt);
  ASSERT_TRUE(answer);
  EXPECT_THAT(lines_of(answer->answers), ElementsAre(HasSubstr("CNAME version.catalog.example.")));
  EXPECT_THAT(answer->authorities, IsEmpty());
}

TEST_F(CatalogAnswersTest, PeersSeeIt) {
  EXPECT_THAT(lines_of(ask_desk("version.catalog.example.", RrType::kTxt, kFriend).answers),
              ElementsAre("version.catalog.example. 0 TXT \"2\""));
  EXPECT_THAT(ask_desk(kCatalog, RrType::kSoa, kFriend).answers, SizeIs(1));
}

TEST_F(CatalogAnswersTest, OthersAreRefusedWithTheSoaToo) {
  for (const std::string_view owner : {kCatalog, std::string_view("version.catalog.example."),
                                       std::string_view("nothing.catalog.example.")}) {
    const Message answer = ask_desk(owner, RrType::kSoa, kStranger);
    EXPECT_EQ(answer.rcode(), Rcode::kRefused) << owner;
    EXPECT_THAT(answer.answers, IsEmpty());
    EXPECT_THAT(answer.authorities, IsEmpty());
    EXPECT_FALSE(answer.flags & kFlagAa);
  }
  EXPECT_EQ(ask_desk("b.example.", RrType::kA, kStranger).rcode(), Rcode::kNoError);
}

TEST_F(CatalogAnswersTest, ItIsAnsweredAsAnyOtherOnceItIsNone) {
  ASSERT_TRUE(change(*writer_, plan_catalog_removal(name(kCatalog))));
  ASSERT_TRUE(change(*writer_, plan_create(name(kCatalog), {}, zone("", kCatalog))));
  EXPECT_TRUE(ask_worker(kCatalog, RrType::kSoa));
}

}  // namespace
}  // namespace tandem::test
