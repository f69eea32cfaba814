#include "common/node/member_book.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fmt/core.h>

#include "common/base/durable_file.h"
#include "common/base/encoding.h"

namespace tandem {
namespace {

constexpr mode_t kPrivate = 0600;
constexpr std::uintmax_t kMaxOctets = std::uintmax_t{1} << 20U;
constexpr std::string_view kComment =
    "# Kept by the node: who may speak to it. `tandemctl cluster` shows and changes it.\n";

struct Word {
  std::string_view name;
  std::string_view value;
};

template <class T>
Result<T> number_from(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(Errc::kCorrupt, "{} is no number that fits", text);
  }
  return value;
}

Result<std::vector<Word>> words_of(std::string_view line) {
  std::vector<Word> words;
  while (!line.empty()) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos || colon + 1 == word.size()) {
      return fail(Errc::kCorrupt, "expected words such as pin:..., got \"{}\"", word);
    }
    words.push_back({word.substr(0, colon), word.substr(colon + 1)});
  }
  return words;
}

std::unexpected<Error> unknown(const Word& word) {
  return fail(Errc::kCorrupt, "unknown word {}", word.name);
}

Result<Member> member_from(std::string_view line) {
  Member member;
  for (const Word& word : TRY(words_of(line))) {
    if (word.name == "pin") {
      member.pins.push_back(TRY(KeyPin::from_text(word.value)));
    } else if (word.name == "dial") {
      member.dial = word.value;
    } else if (word.name == "ns") {
      member.ns = word.value;
    } else if (word.name == "node") {
      const auto id = from_hex(word.value);
      if (!id || id->size() != NodeId{}.octets.size()) {
        return fail(Errc::kCorrupt, "{} is no node's id", word.value);
      }
      member.node = NodeId::from(*id);
    } else {
      return unknown(word);
    }
  }
  if (member.pins.empty() || member.pins.size() > MemberList::kMaxPins) {
    return fail(Errc::kCorrupt, "a member needs 1 to {} pins", MemberList::kMaxPins);
  }
  return member;
}

Result<Invitation> invitation_from(std::string_view line) {
  Invitation invitation;
  for (const Word& word : TRY(words_of(line))) {
    if (word.name == "at") {
      invitation.at = word.value;
    } else if (word.name == "ns") {
      invitation.ns = word.value;
    } else if (word.name == "until") {
      const auto micros = TRY(number_from<std::int64_t>(word.value));
      invitation.until = WallTime(std::chrono::microseconds(micros));
    } else if (word.name == "tries") {
      invitation.tries_left = TRY(number_from<unsigned>(word.value));
    } else if (word.name == "key") {
      const auto key = from_base64(word.value);
      if (!key) {
        return fail(Errc::kCorrupt, "the key is not in base64");
      }
      invitation.sealed_key = *key;
    } else {
      return unknown(word);
    }
  }
  if (invitation.at.empty() || invitation.sealed_key.empty()) {
    return fail(Errc::kCorrupt, "an invitation needs an address and a key");
  }
  return invitation;
}

Status read_line(std::string_view line, MemberList& to) {
  const std::string_view kind = line.substr(0, line.find(' '));
  const std::string_view rest = line.substr(std::min(line.size(), kind.size() + 1));
  if (kind == "listen" && !rest.empty()) {
    to.listen.emplace_back(rest);
  } else if (kind == "member") {
    to.members.push_back(TRY(member_from(rest)));
  } else if (kind == "invitation") {
    to.invitations.push_back(TRY(invitation_from(rest)));
  } else {
    return fail(Errc::kCorrupt, "expected listen, member or invitation, got \"{}\"",
                kind.substr(0, 80));
  }
  return {};
}

std::string with_word(std::string_view name, std::string_view value) {
  return value.empty() ? std::string() : fmt::format(" {}:{}", name, value);
}

}  // namespace

std::string MemberList::to_text() const {
  std::string out(kComment);
  for (const std::string& address : listen) {
    out += fmt::format("listen {}\n", address);
  }
  for (const Member& member : members) {
    out += "member";
    for (const KeyPin& pin : member.pins) {
      out += with_word("pin", pin.to_text());
    }
    out += with_word("dial", member.dial) + with_word("ns", member.ns) +
           with_word("node", member.node ? to_hex(member.node->octets) : "") + "\n";
  }
  for (const Invitation& invitation : invitations) {
    out += "invitation" + with_word("at", invitation.at) + with_word("ns", invitation.ns) +
           fmt::format(" until:{} tries:{} key:{}\n", invitation.until.time_since_epoch().count(),
                       invitation.tries_left, to_base64(invitation.sealed_key));
  }
  return out;
}

Result<MemberList> MemberList::from_text(std::string_view text) {
  MemberList list;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty() || line.front() == '#') {
      continue;
    }
    if (const Status read = read_line(line, list); !read) {
      return fail(Errc::kCorrupt, "{}: {}", number, read.error().detail);
    }
  }
  return list;
}

std::vector<KeyPin> MemberList::pins() const {
  std::vector<KeyPin> out;
  for (const Member& member : members) {
    out.insert(out.end(), member.pins.begin(), member.pins.end());
  }
  return out;
}

bool MemberList::has(const KeyPin& pin) const {
  const std::vector<KeyPin> all = pins();
  return std::ranges::find(all, pin) != all.end();
}

std::vector<std::string> MemberList::dialled() const {
  std::vector<std::string> out;
  for (const Member& member : members) {
    if (!member.dial.empty()) {
      out.push_back(member.dial);
    }
  }
  return out;
}

Status MemberList::put(Member member) {
  std::erase_if(members, [&member](const Member& old) {
    const bool has_key = std::ranges::find_first_of(old.pins, member.pins) != old.pins.end();
    return has_key || (!old.dial.empty() && old.dial == member.dial);
  });
  if (members.size() >= kMaxMembers) {
    return fail(Errc::kTooLarge, "there are {} members already: remove one", members.size());
  }
  members.push_back(std::move(member));
  return {};
}

Status MemberBook::load() {
  const std::lock_guard lock(mutex_);
  const auto read = [this]() -> Result<MemberList> {
    std::error_code error;
    if (!std::filesystem::exists(file_, error)) {
      return MemberList();
    }
    std::ifstream in(file_, std::ios::binary);
    std::ostringstream text;
    if (!in || std::filesystem::file_size(file_, error) > kMaxOctets || !(text << in.rdbuf())) {
      return fail(Errc::kIo, "cannot read it");
    }
    return MemberList::from_text(text.str());
  };
  auto list = read();
  if (!list) {
    unreadable_ = fmt::format("{}: {}", file_.string(), list.error().detail);
    return fail(list.error().code, "{}", unreadable_);
  }
  list_ = *std::move(list);
  return {};
}

MemberList MemberBook::list() const {
  const std::lock_guard lock(mutex_);
  return list_;
}

Status MemberBook::change(const std::function<Status(MemberList&)>& edit) {
  const std::lock_guard lock(mutex_);
  if (!unreadable_.empty()) {
    return fail(Errc::kCorrupt, "{}: mend or remove the file, and start the node again",
                unreadable_);
  }
  MemberList next = list_;
  TRYV(edit(next));
  if (next == list_) {
    return {};
  }
  const UniqueFd folder = TRY(lock_folder(file_.parent_path()));
  TRYV(store_file(folder, file_, next.to_text(), kPrivate));
  list_ = std::move(next);
  return {};
}

bool has_member_book(const std::filesystem::path& folder) {
  std::error_code error;
  return !folder.empty() && std::filesystem::exists(folder / "members", error);
}

}  // namespace tandem
