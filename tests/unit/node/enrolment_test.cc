// Both ends of an invitation, with a network between them that may do as it likes, and the
// invitations themselves: how long they are open, how many wrong answers they take.
#include "common/node/enrolment.h"

#include <condition_variable>
#include <filesystem>

#include <gtest/gtest.h>

#include "common/node/joiner.h"
#include "tests/support/eventually.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

KeyPin pin(std::uint8_t octet) {
  KeyPin out;
  out.digest.fill(octet);
  return out;
}

/// What one side sees of the other; keeps what was sent.
class FakePeer final : public LinkPeer {
 public:
  explicit FakePeer(const KeyPin& pin) : pin_(pin) {}

  void send(const Frame& frame) override { sent.push_back(frame); }

  [[nodiscard]] std::size_t queued_octets() const override { return 0; }

  void close(std::string_view reason) override { closed = reason; }

  [[nodiscard]] const KeyPin& pin() const override { return pin_; }

  [[nodiscard]] const std::string& address() const override { return address_; }

  [[nodiscard]] bool is_dialled() const override { return false; }

  std::vector<Frame> sent;
  std::string closed;

 private:
  KeyPin pin_;
  std::string address_ = "192.0.2.1:7953";
};

template <class T>
T last(const FakePeer& peer) {
  const bool is_there = !peer.sent.empty() && std::holds_alternative<T>(peer.sent.back());
  EXPECT_TRUE(is_there);
  return is_there ? std::get<T>(peer.sent.back()) : T();
}

/// The two ends with keys 1 and 2, not started: the tests carry the frames.
class JoinTest : public testing::Test {
 protected:
  JoinTest()
      : inviter_(options(), clock_), joiner_(token_, pin(2), [this] {
          ++kept_;
          return keeps_ ? Status() : Status(fail(Errc::kIo, "the disk"));
        }) {}

  Inviter::Options options() {
    Inviter::Options options;
    options.key.pin = pin(1);
    options.at = "192.0.2.1:7953";
    options.join_key = token_.key();
    options.accept = [this](const KeyPin& key) -> Status {
      accepted_.push_back(key);
      return is_open_ ? Status() : Status(fail(Errc::kRefused, "the invitation is over"));
    };
    options.on_done = [this] { ++done_; };
    options.on_wrong = [this](const LinkPeer&) { ++wrong_; };
    return options;
  }

  static std::shared_ptr<FakePeer> peer(std::uint8_t key) {
    return std::make_shared<FakePeer>(pin(key));
  }

  JoinOfferFrame offer_to(const std::shared_ptr<FakePeer>& peer) {
    inviter_.on_open(peer);
    return last<JoinOfferFrame>(*peer);
  }

  /// What the joiner says to an offer of the inviter, whose key is 1.
  JoinAnswerFrame answer_to(const JoinOfferFrame& offer) {
    joiner_.on_frame(to_inviter_, offer);
    return last<JoinAnswerFrame>(*to_inviter_);
  }

  ManualClock clock_;
  JoinToken token_ = JoinToken::make(pin(1));
  std::vector<KeyPin> accepted_;
  bool is_open_ = true;
  bool keeps_ = true;
  int kept_ = 0;
  int done_ = 0;
  int wrong_ = 0;
  Inviter inviter_;
  Joiner joiner_;
  std::shared_ptr<FakePeer> to_joiner_ = peer(2);
  std::shared_ptr<FakePeer> to_inviter_ = peer(1);
};

TEST_F(JoinTest, BothEndsRememberEachOther) {
  const JoinAnswerFrame answer = answer_to(offer_to(to_joiner_));
  EXPECT_TRUE(accepted_.empty());
  EXPECT_FALSE(joiner_.outcome());
  inviter_.on_frame(to_joiner_, answer);
  EXPECT_EQ(accepted_, std::vector{pin(2)});
  EXPECT_EQ(done_, 1);
  joiner_.on_frame(to_inviter_, last<JoinGrantFrame>(*to_joiner_));
  ASSERT_TRUE(joiner_.outcome());
  EXPECT_TRUE(*joiner_.outcome());
  EXPECT_EQ(kept_, 1);
  EXPECT_EQ(wrong_, 0);
}

TEST_F(JoinTest, AnotherTokenIsWrong) {
  token_.secret[0] ^= 1U;
  Joiner other(token_, pin(2), [] { return Status(); });
  other.on_frame(to_inviter_, offer_to(to_joiner_));
  inviter_.on_frame(to_joiner_, last<JoinAnswerFrame>(*to_inviter_));
  EXPECT_EQ(wrong_, 1);
  EXPECT_TRUE(accepted_.empty());
  other.on_frame(to_inviter_, last<ByeFrame>(*to_joiner_));
  ASSERT_TRUE(other.outcome());
  EXPECT_FALSE(*other.outcome());
}

TEST_F(JoinTest, AProofThatWasPassedOnIsWrong) {
  // The middle has key 3, and somehow got the joiner to answer it with the inviter's key.
  const auto to_middle = peer(3);
  inviter_.on_frame(to_middle, answer_to(offer_to(to_middle)));
  EXPECT_EQ(wrong_, 1);
  EXPECT_TRUE(accepted_.empty());
  EXPECT_FALSE(to_middle->closed.empty());
}

TEST_F(JoinTest, AMiddleThatIsAskedByTheJoinerGetsAProofForItsOwnKeyAlone) {
  const auto to_middle = peer(3);
  joiner_.on_frame(to_middle, offer_to(to_joiner_));
  inviter_.on_frame(to_joiner_, last<JoinAnswerFrame>(*to_middle));
  EXPECT_EQ(wrong_, 1);
  EXPECT_TRUE(accepted_.empty());
}

TEST_F(JoinTest, AnAnswerToAnEarlierOfferIsWrong) {
  const JoinAnswerFrame old = answer_to(offer_to(to_joiner_));
  inviter_.on_close(to_joiner_, "lost");
  const auto again = peer(2);
  offer_to(again);
  inviter_.on_frame(again, old);
  EXPECT_EQ(wrong_, 1);
  EXPECT_TRUE(accepted_.empty());
}

TEST_F(JoinTest, OneStreamHasOneAnswer) {
  const JoinAnswerFrame answer = answer_to(offer_to(to_joiner_));
  inviter_.on_frame(to_joiner_, JoinAnswerFrame{answer.nonce, {}});
  inviter_.on_frame(to_joiner_, answer);
  EXPECT_EQ(wrong_, 1);
  EXPECT_TRUE(accepted_.empty());
}

TEST_F(JoinTest, AnInvitationThatIsOverGrantsNothing) {
  is_open_ = false;
  inviter_.on_frame(to_joiner_, answer_to(offer_to(to_joiner_)));
  EXPECT_EQ(done_, 0);
  EXPECT_EQ(last<ByeFrame>(*to_joiner_).reason, "the invitation is over");
}

TEST_F(JoinTest, NothingElseIsSaidToAStranger) {
  for (const Frame& frame : {Frame(HelloFrame()), Frame(HeartbeatFrame()), Frame(CutEndFrame())}) {
    const auto stranger = peer(4);
    inviter_.on_open(stranger);
    inviter_.on_frame(stranger, frame);
    EXPECT_FALSE(stranger->closed.empty());
    EXPECT_EQ(stranger->sent.size(), 2U);  // the offer, and Bye
  }
  EXPECT_TRUE(accepted_.empty());
  EXPECT_EQ(wrong_, 0);
}

TEST_F(JoinTest, WhoDoesNotAnswerIsLetGo) {
  offer_to(to_joiner_);
  clock_.advance(9s);
  inviter_.look();
  EXPECT_TRUE(to_joiner_->closed.empty());
  clock_.advance(2s);
  inviter_.look();
  EXPECT_EQ(to_joiner_->closed, "no answer to the invitation");
}

TEST_F(JoinTest, AWrongGrantIsNoGrant) {
  answer_to(offer_to(to_joiner_));
  joiner_.on_frame(to_inviter_, JoinGrantFrame{});
  ASSERT_TRUE(joiner_.outcome());
  EXPECT_FALSE(*joiner_.outcome());
  EXPECT_EQ(kept_, 0);
}

TEST_F(JoinTest, AGrantWithoutAnOfferIsNone) {
  joiner_.on_frame(to_inviter_, JoinGrantFrame{});
  ASSERT_TRUE(joiner_.outcome());
  EXPECT_FALSE(*joiner_.outcome());
  EXPECT_EQ(kept_, 0);
}

TEST_F(JoinTest, AGrantThatWasLostIsMadeUpForByTheHello) {
  answer_to(offer_to(to_joiner_));
  joiner_.on_close(to_inviter_, "lost");
  joiner_.on_frame(peer(3), HelloFrame());  // of somebody else
  EXPECT_FALSE(joiner_.outcome());
  joiner_.on_frame(peer(1), HelloFrame());
  ASSERT_TRUE(joiner_.outcome());
  EXPECT_TRUE(*joiner_.outcome());
  EXPECT_EQ(kept_, 1);
}

TEST_F(JoinTest, WhatCannotBeKeptIsSaid) {
  keeps_ = false;
  inviter_.on_frame(to_joiner_, answer_to(offer_to(to_joiner_)));
  joiner_.on_frame(to_inviter_, last<JoinGrantFrame>(*to_joiner_));
  ASSERT_TRUE(joiner_.outcome());
  EXPECT_EQ(joiner_.outcome()->error().detail, "the disk");
}

/// Over the real link on loopback.
class EnrolmentTest : public testing::Test {
 protected:
  EnrolmentTest() {
    std::string made = (fs::temp_directory_path() / "tandem_enrol_XXXXXX").string();
    folder_ = ::mkdtemp(made.data());
    fs::create_directory(folder_ / "joiner");
    home_ = load_or_make_node_key(folder_).value_or(NodeKey{});
    cloud_ = load_or_make_node_key(folder_ / "joiner").value_or(NodeKey{});
    sealer_ = std::make_unique<SecretSealer>(home_);
    book_ = std::make_unique<MemberBook>(folder_);
    start();
  }

  ~EnrolmentTest() override {
    enrolment_.reset();
    fs::remove_all(folder_);
  }

  void start() {
    Enrolment::Options options;
    options.folder = folder_;
    options.key = home_;
    options.configured = configured_;
    options.tell_all = [this](const Frame& frame) {
      told_.push_back(frame);
      std::vector<KeyPin> pins = std::get<KeysFrame>(frame).pins;
      if (answers_wrong_) {
        pins.pop_back();
      }
      for (const KeyPin& by : answering_) {
        enrolment_->keys_taken(by, pins);
      }
    };
    options.on_keys = [this] { ++renewals_; };
    options.on_change = [this](const auto&) {
      const std::lock_guard lock(mutex_);
      ++changes_;
      changed_.notify_all();
    };
    enrolment_ = std::make_unique<Enrolment>(std::move(options), *book_, *sealer_, clock_);
    enrolment_->start();
  }

  /// A member of that key.
  void put(std::uint8_t key) {
    ASSERT_TRUE(book_->change([key](MemberList& list) {
      return list.put({.pins = {pin(key)}, .dial = {}, .ns = {}, .node = {}});
    }));
  }

  static PeerStatus connected(std::uint8_t key) {
    PeerStatus peer;
    peer.node = NodeId{{key}};
    peer.key = pin(key);
    peer.connected = true;
    return peer;
  }

  bool wait_change() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [this] { return changes_ > 0; });
  }

  /// Where somebody waits with `token`.
  std::string listen(Joiner& joiner) {
    GrpcLinkOptions options;
    options.key = cloud_;
    options.peers = {home_.pin};
    options.listen = {"127.0.0.1:0"};
    auto link = GrpcLink::start(options, joiner);
    EXPECT_TRUE(link) << link.error().detail;
    link_ = *std::move(link);
    return link_->listening().front();
  }

  /// An address where nobody listens any more.
  std::string dead_address() {
    Joiner nobody(JoinToken::make(home_.pin), cloud_.pin, [] { return Status(); });
    std::string address = listen(nobody);
    link_.reset();
    return address;
  }

  ManualClock clock_;
  fs::path folder_;
  NodeKey home_;
  NodeKey cloud_;
  std::unique_ptr<SecretSealer> sealer_;
  std::unique_ptr<MemberBook> book_;
  std::vector<KeyPin> configured_;
  std::vector<Frame> told_;
  std::vector<KeyPin> answering_;
  bool answers_wrong_ = false;
  int renewals_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  int changes_ = 0;  // guarded by mutex_
  std::unique_ptr<GrpcLink> link_;
  std::unique_ptr<Enrolment> enrolment_;
};

TEST_F(EnrolmentTest, WhoHasTheTokenBecomesAMember) {
  const std::string at = dead_address();
  const auto invited = enrolment_->invite(at, "ns2.example.net.");
  ASSERT_TRUE(invited) << invited.error().detail;
  Joiner joiner(invited->token, cloud_.pin, [] { return Status(); });
  GrpcLinkOptions options;
  options.key = cloud_;
  options.peers = {home_.pin};
  options.listen = {at};
  const auto link = GrpcLink::start(options, joiner);
  ASSERT_TRUE(link) << link.error().detail;
  ASSERT_TRUE(wait_change());
  ASSERT_TRUE(test::eventually([&] { return joiner.outcome().has_value(); }));
  EXPECT_TRUE(*joiner.outcome());
  const MemberList list = book_->list();
  ASSERT_EQ(list.members.size(), 1U);
  EXPECT_EQ(list.members.front(),
            (Member{.pins = {cloud_.pin}, .dial = at, .ns = "ns2.example.net.", .node = {}}));
  EXPECT_TRUE(list.invitations.empty());
}

TEST_F(EnrolmentTest, WrongTokensUseItUp) {
  Joiner joiner(JoinToken::make(home_.pin), cloud_.pin, [] { return Status(); });
  ASSERT_TRUE(enrolment_->invite(listen(joiner), ""));
  ASSERT_TRUE(test::eventually([&] { return book_->list().invitations.empty(); }));
  EXPECT_TRUE(book_->list().members.empty());
  ASSERT_TRUE(joiner.outcome());
  EXPECT_FALSE(*joiner.outcome());
  link_.reset();
}

TEST_F(EnrolmentTest, AnInvitationEndsAfterAnHour) {
  ASSERT_TRUE(enrolment_->invite(dead_address(), ""));
  clock_.advance(59min);
  enrolment_->look({});
  EXPECT_EQ(book_->list().invitations.size(), 1U);
  clock_.advance(1min);
  enrolment_->look({});
  EXPECT_TRUE(book_->list().invitations.empty());
}

TEST_F(EnrolmentTest, ATokenIsNotTakenAfterItsHourEvenBeforeAnybodyLooked) {
  const std::string at = dead_address();
  const auto invited = enrolment_->invite(at, "");
  ASSERT_TRUE(invited);
  clock_.advance(60min);
  Joiner joiner(invited->token, cloud_.pin, [] { return Status(); });
  GrpcLinkOptions options;
  options.key = cloud_;
  options.peers = {home_.pin};
  options.listen = {at};
  const auto link = GrpcLink::start(options, joiner);
  ASSERT_TRUE(link);
  ASSERT_TRUE(test::eventually([&] { return joiner.outcome().has_value(); }));
  EXPECT_FALSE(*joiner.outcome());
  EXPECT_TRUE(book_->list().members.empty());
}

TEST_F(EnrolmentTest, GoesOnAfterARestart) {
  const std::string at = dead_address();
  const auto invited = enrolment_->invite(at, "");
  ASSERT_TRUE(invited);
  enrolment_.reset();
  book_ = std::make_unique<MemberBook>(folder_);
  ASSERT_TRUE(book_->load());
  start();
  Joiner joiner(invited->token, cloud_.pin, [] { return Status(); });
  GrpcLinkOptions options;
  options.key = cloud_;
  options.peers = {home_.pin};
  options.listen = {at};
  const auto link = GrpcLink::start(options, joiner);
  ASSERT_TRUE(link);
  EXPECT_TRUE(wait_change());
  EXPECT_TRUE(book_->list().has(cloud_.pin));
}

TEST_F(EnrolmentTest, TheTokenIsNotKept) {
  const auto invited = enrolment_->invite(dead_address(), "");
  ASSERT_TRUE(invited);
  const std::string text = book_->list().to_text();
  EXPECT_EQ(text.find(invited->token.to_text().substr(8, 30)), std::string::npos);
  const Octets sealed = book_->list().invitations.front().sealed_key;
  const JoinKey key = invited->token.key();
  for (const auto& secret : {key, invited->token.secret}) {
    EXPECT_TRUE(std::ranges::search(sealed, secret).empty());
  }
}

TEST_F(EnrolmentTest, RefusesWhatCannotBeDialledAndTooMany) {
  EXPECT_FALSE(enrolment_->invite("192.0.2.1:0", ""));
  EXPECT_TRUE(book_->list().invitations.empty());
  for (std::size_t i = 0; i < MemberList::kMaxInvitations; ++i) {
    EXPECT_TRUE(enrolment_->invite("127.0.0.1:" + std::to_string(i + 1), ""));
  }
  EXPECT_TRUE(enrolment_->invite("127.0.0.1:1", ""));  // anew
  const auto more = enrolment_->invite("127.0.0.1:99", "");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::kTooLarge);
}

TEST_F(EnrolmentTest, AMemberIsCalledByAnyOfItsNames) {
  const auto put_named = [this] {
    ASSERT_TRUE(book_->change([](MemberList& list) {
      return list.put({.pins = {pin(5)}, .dial = "192.0.2.5:1", .ns = "ns2.example.", .node = {}});
    }));
  };
  const PeerStatus peer = connected(5);
  for (const std::string& name : {std::string("192.0.2.5:1"), std::string("ns2.example."),
                                  pin(5).to_text(), peer.node.to_text()}) {
    put_named();
    EXPECT_FALSE(enrolment_->remove("other", {peer}));
    EXPECT_TRUE(enrolment_->remove(name, {peer})) << name;
    EXPECT_TRUE(book_->list().members.empty());
  }
  EXPECT_FALSE(enrolment_->remove("", {}));
}

TEST_F(EnrolmentTest, ANodeAloneChangesItsKeyAtOnce) {
  ASSERT_TRUE(enrolment_->invite("127.0.0.1:1", ""));
  const auto changed = enrolment_->rotate({}, 0ms);
  ASSERT_TRUE(changed) << changed.error().detail;
  EXPECT_NE(*changed, home_.pin);
  EXPECT_EQ(enrolment_->key().pin, *changed);
  EXPECT_TRUE(book_->list().invitations.empty());
  const auto stored = load_link_key(folder_, home_);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->pin, *changed);
  EXPECT_EQ(load_or_make_node_key(folder_)->pin, home_.pin);  // which things are sealed with
  EXPECT_TRUE(wait_change());
}

TEST_F(EnrolmentTest, NoKeyIsChangedWhileAMemberIsAway) {
  put(5);
  PeerStatus away = connected(5);
  away.connected = false;
  for (const std::vector<PeerStatus>& peers : {std::vector<PeerStatus>(), {away}, {connected(6)}}) {
    const auto changed = enrolment_->rotate(peers, 0ms);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, Errc::kUnavailable);
    EXPECT_NE(changed.error().detail.find(pin(5).to_text()), std::string::npos);
  }
  EXPECT_TRUE(told_.empty());
  EXPECT_EQ(enrolment_->key().pin, home_.pin);
}

TEST_F(EnrolmentTest, OneOfTheConfigurationHasToBeThereToo) {
  enrolment_.reset();
  configured_ = {pin(7)};
  start();
  EXPECT_EQ(enrolment_->rotate({}, 0ms).error().code, Errc::kUnavailable);
}

TEST_F(EnrolmentTest, TheKeyChangesWhenAllHaveStoredTheNewOne) {
  put(5);
  put(6);
  const std::vector peers{connected(5), connected(6)};
  // Who is told answers at once, each as the test has it.
  answering_ = {pin(5)};
  const auto early = enrolment_->rotate(peers, 0ms);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, Errc::kTimeout);
  EXPECT_EQ(enrolment_->key().pin, home_.pin);
  ASSERT_EQ(told_.size(), 1U);
  const KeysFrame first = std::get<KeysFrame>(told_.front());
  EXPECT_EQ(first.pins.front(), home_.pin);
  answering_ = {pin(6)};
  EXPECT_FALSE(enrolment_->rotate(peers, 0ms)) << "it is told anew, and all have to answer";
  answering_ = {pin(5), pin(6)};
  const auto changed = enrolment_->rotate(peers, 0ms);
  ASSERT_TRUE(changed) << changed.error().detail;
  EXPECT_EQ(*changed, first.pins.back()) << "the new key is the same one each time";
}

TEST_F(EnrolmentTest, AnAnswerToSomethingElseDoesNotCount) {
  put(5);
  answering_ = {pin(5)};
  answers_wrong_ = true;
  EXPECT_FALSE(enrolment_->rotate({connected(5)}, 0ms));
}

TEST_F(EnrolmentTest, AMemberIsLetInByBothKeysUntilItShowsTheNewOne) {
  put(5);
  ASSERT_TRUE(enrolment_->take_keys(pin(5), {pin(5), pin(6)}));
  EXPECT_EQ(renewals_, 1);
  enrolment_->look({connected(5)});
  EXPECT_EQ(book_->list().pins(), (std::vector{pin(5), pin(6)}));
  enrolment_->look({connected(6)});
  EXPECT_EQ(book_->list().pins(), std::vector{pin(6)});
  EXPECT_EQ(renewals_, 2);
}

TEST_F(EnrolmentTest, ANewKeyOfAConfiguredNodeIsLearnt) {
  ASSERT_TRUE(enrolment_->take_keys(pin(7), {pin(7), pin(8)}));
  EXPECT_EQ(book_->list().pins(), (std::vector{pin(7), pin(8)}));
}

}  // namespace
}  // namespace tandem
