#include "common/node/enrolment.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "common/base/logging.h"

namespace tandem {
namespace {

std::string context_of(const std::string& at) {
  return "invitation/" + at;
}

auto find_invitation(MemberList& list, const Octets& id) {
  return std::ranges::find(list.invitations, id, &Invitation::sealed_key);
}

bool is_called(const Member& member, std::string_view who) {
  return (member.node && member.node->to_text() == who) ||
         (!member.dial.empty() && member.dial == who) || (!member.ns.empty() && member.ns == who) ||
         std::ranges::any_of(member.pins,
                             [who](const KeyPin& pin) { return pin.to_text() == who; });
}

}  // namespace

Enrolment::Enrolment(Options options, MemberBook& book, const SecretSealer& sealer,
                     const Clock& clock)
    : options_(std::move(options)),
      book_(book),
      sealer_(sealer),
      clock_(clock),
      key_(options_.key) {}

Enrolment::~Enrolment() {
  stop();
}

void Enrolment::start() {
  end_over();
  for (const Invitation& invitation : book_.list().invitations) {
    const auto key = sealer_.open(invitation.sealed_key, context_of(invitation.at));
    JoinKey join_key{};
    if (!key || key->size() != join_key.size()) {
      log_warn("invitation lost address={} reason=\"it was sealed with another key\"",
               invitation.at);
      continue;
    }
    std::ranges::copy(*key, join_key.begin());
    if (const Status opened = open(invitation, join_key); !opened) {
      log_warn("invitation not open address={} reason=\"{}\"", invitation.at,
               opened.error().detail);
    }
  }
}

void Enrolment::stop() {
  worker_.stop();
  std::map<InvitationId, std::shared_ptr<Inviter>> ending;
  {
    const std::lock_guard lock(mutex_);
    ending.swap(inviters_);
  }
}

Result<Enrolment::Invited> Enrolment::invite(const std::string& at, const std::string& ns) {
  const Invited invited{JoinToken::make(key().pin), clock_.wall() + kOpenFor};
  const JoinKey join_key = invited.token.key();
  const Invitation invitation{.at = at,
                              .ns = ns,
                              .until = invited.until,
                              .tries_left = kTries,
                              .sealed_key = sealer_.seal(join_key, context_of(at))};
  TRYV(end_where([&at](const Invitation& old) { return old.at == at; }, "a new one"));
  TRYV(book_.change([&](MemberList& list) -> Status {
    if (list.invitations.size() >= MemberList::kMaxInvitations) {
      return fail(Errc::kTooLarge, "{} invitations are open: let one be used or end",
                  list.invitations.size());
    }
    list.invitations.push_back(invitation);
    return {};
  }));
  if (const Status opened = open(invitation, join_key); !opened) {
    TRYV(end_where([&](const Invitation& mine) { return mine.sealed_key == invitation.sealed_key; },
                   opened.error().detail));
    return std::unexpected(opened.error());
  }
  return invited;
}

Status Enrolment::open(const Invitation& invitation, const JoinKey& key) {
  const InvitationId id = invitation.sealed_key;
  Inviter::Options options;
  options.key = this->key();
  options.at = invitation.at;
  options.join_key = key;
  options.accept = [this, id](const KeyPin& pin) { return accept(id, pin); };
  options.on_done = [this, id] {
    end_later(id);
    worker_.post([this] { options_.on_change(std::nullopt); });
  };
  options.on_wrong = [this, id](const LinkPeer& by) { burn_try(id, by); };
  auto inviter = std::make_shared<Inviter>(std::move(options), clock_);
  const std::lock_guard lock(mutex_);  // or it could end before it is known here
  TRYV(inviter->start());
  inviters_[id] = std::move(inviter);
  return {};
}

Status Enrolment::accept(const InvitationId& id, const KeyPin& pin) {
  return book_.change([&](MemberList& list) -> Status {
    const auto found = find_invitation(list, id);
    if (found == list.invitations.end() || found->until <= clock_.wall()) {
      return fail(Errc::kRefused, "the invitation is over");
    }
    Member member{.pins = {pin}, .dial = found->at, .ns = found->ns, .node = {}};
    list.invitations.erase(found);
    return list.put(std::move(member));
  });
}

void Enrolment::burn_try(const InvitationId& id, const LinkPeer& by) {
  unsigned left = 0;
  const Status kept = book_.change([&](MemberList& list) -> Status {
    const auto found = find_invitation(list, id);
    if (found == list.invitations.end()) {
      return {};
    }
    left = found->tries_left > 0 ? --found->tries_left : 0;
    if (left == 0) {
      list.invitations.erase(found);
    }
    return {};
  });
  log_warn("wrong token peer={} key={} tries_left={}", by.address(), by.pin().to_text(), left);
  if (left == 0 || !kept) {
    end_later(id);
  }
}

/// An inviter cannot end itself.
void Enrolment::end_later(const InvitationId& id) {
  const std::lock_guard lock(mutex_);
  if (const auto found = inviters_.find(id); found != inviters_.end()) {
    worker_.post([old = std::move(found->second)]() mutable { old.reset(); });
    inviters_.erase(found);
  }
}

Status Enrolment::end_where(const std::function<bool(const Invitation&)>& is_over,
                            std::string_view why) {
  std::vector<Invitation> over = book_.list().invitations;
  std::erase_if(over, [&](const Invitation& invitation) { return !is_over(invitation); });
  if (over.empty()) {
    return {};
  }
  TRYV(book_.change([&](MemberList& list) -> Status {
    std::erase_if(list.invitations, is_over);
    return {};
  }));
  for (const Invitation& invitation : over) {
    log_info("invitation over address={} reason=\"{}\"", invitation.at, why);
    end_later(invitation.sealed_key);
  }
  return {};
}

void Enrolment::end_over() {
  const WallTime now = clock_.wall();
  const Status ended = end_where(
      [now](const Invitation& invitation) { return invitation.until <= now; }, "its time is over");
  if (!ended) {  // accept() takes none that is over
    log_warn("invitations not ended reason=\"{}\"", ended.error().detail);
  }
}

void Enrolment::look(const std::vector<PeerStatus>& peers) {
  end_over();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, inviter] : inviters_) {
      inviter->look();
    }
  }
  note_peers(peers);
}

/// Which node a member is; and a key that it does not show any more is not its key any more.
void Enrolment::note_peers(const std::vector<PeerStatus>& peers) {
  bool is_renewed = false;
  const Status kept = book_.change([&](MemberList& list) -> Status {
    for (Member& member : list.members) {
      for (const PeerStatus& peer : peers) {
        if (!peer.connected || !peer.key ||
            std::ranges::find(member.pins, *peer.key) == member.pins.end()) {
          continue;
        }
        member.node = peer.node;
        if (member.pins.size() > 1 && member.pins.back() == *peer.key) {
          member.pins = {*peer.key};
          is_renewed = true;
        }
      }
    }
    return {};
  });
  if (kept && is_renewed) {
    options_.on_keys();
  }
  if (!kept && !is_told_.exchange(true)) {
    log_warn("members not kept reason=\"{}\"", kept.error().detail);
  }
}

NodeKey Enrolment::key() const {
  const std::lock_guard lock(mutex_);
  return key_;
}

/// Who is away would not know the new key, and could not be told by it.
Status Enrolment::check_all_connected(const std::vector<PeerStatus>& peers) const {
  const auto is_here = [&peers](const std::vector<KeyPin>& pins) {
    return std::ranges::any_of(peers, [&pins](const PeerStatus& peer) {
      return peer.connected && peer.key && std::ranges::find(pins, *peer.key) != pins.end();
    });
  };
  const MemberList list = book_.list();
  std::vector<std::string> away;
  for (const Member& member : list.members) {
    if (!is_here(member.pins)) {
      away.push_back(member.pins.back().to_text());
    }
  }
  for (const KeyPin& pin : options_.configured) {
    if (!list.has(pin) && !is_here({pin})) {
      away.push_back(pin.to_text());
    }
  }
  if (away.empty()) {
    return {};
  }
  return fail(Errc::kUnavailable,
              "the node of {} is not connected and would not know the new key: wait for it, or "
              "remove it first",
              fmt::join(away, ", that of "));
}

Status Enrolment::tell_and_wait(const std::vector<PeerStatus>& peers, const KeysFrame& keys,
                                std::chrono::milliseconds within) {
  {
    const std::lock_guard lock(mutex_);
    announced_ = keys.pins;
    taken_by_.clear();
  }
  options_.tell_all(keys);
  std::unique_lock lock(mutex_);
  const auto all_have = [&] {
    return std::ranges::all_of(peers, [this](const PeerStatus& peer) {
      return !peer.connected || !peer.key ||
             std::ranges::find(taken_by_, *peer.key) != taken_by_.end();
    });
  };
  if (!someone_took_it_.wait_for(lock, within, all_have)) {
    return fail(Errc::kTimeout,
                "a node did not store the new key in time: this one keeps its old key; try again");
  }
  return {};
}

Result<KeyPin> Enrolment::rotate(const std::vector<PeerStatus>& peers,
                                 std::chrono::milliseconds within) {
  TRYV(check_all_connected(peers));
  const NodeKey next = TRY(load_or_make_next_link_key(options_.folder));
  const KeyPin old = key().pin;
  TRYV(tell_and_wait(peers, KeysFrame{{old, next.pin}}, within));
  TRYV(end_where([](const Invitation&) { return true; }, "this node has another key"));
  TRYV(use_next_link_key(options_.folder));
  {
    const std::lock_guard lock(mutex_);
    key_ = next;
  }
  log_info("key changed old={} new={}", old.to_text(), next.pin.to_text());
  worker_.post([this] { options_.on_change(std::nullopt); });
  return next.pin;
}

Status Enrolment::take_keys(const KeyPin& of, const std::vector<KeyPin>& pins) {
  TRYV(book_.change([&](MemberList& list) -> Status {
    const auto found = std::ranges::find_if(list.members, [&of](const Member& member) {
      return std::ranges::find(member.pins, of) != member.pins.end();
    });
    if (found != list.members.end()) {
      found->pins = pins;
      return {};
    }
    // Of the configuration, which knows the old key only.
    return list.put({.pins = pins, .dial = {}, .ns = {}, .node = {}});
  }));
  log_info("keys of a member old={} new={}", of.to_text(), pins.back().to_text());
  options_.on_keys();
  return {};
}

void Enrolment::keys_taken(const KeyPin& by, const std::vector<KeyPin>& pins) {
  const std::lock_guard lock(mutex_);
  if (pins == announced_) {
    taken_by_.push_back(by);
    someone_took_it_.notify_all();
  }
}

Result<Member> Enrolment::remove(std::string_view who, const std::vector<PeerStatus>& peers) {
  note_peers(peers);  // one that has just come is called by its node id too
  Member removed;
  TRYV(book_.change([&](MemberList& list) -> Status {
    const auto found = std::ranges::find_if(
        list.members, [who](const Member& member) { return is_called(member, who); });
    if (found == list.members.end()) {
      return fail(Errc::kNotFound, "no member is called {}: `tandemctl cluster list` shows them",
                  who);
    }
    removed = std::move(*found);
    list.members.erase(found);
    return {};
  }));
  log_info("member removed key={}", removed.pins.front().to_text());
  worker_.post([this, gone = removed.node] { options_.on_change(gone); });
  return removed;
}

std::string Enrolment::detail_of(const Invitation& invitation) const {
  const std::lock_guard lock(mutex_);
  const auto found = inviters_.find(invitation.sealed_key);
  return found != inviters_.end() ? found->second->detail() : std::string();
}

}  // namespace tandem
