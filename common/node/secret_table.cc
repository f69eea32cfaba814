#include "common/node/secret_table.h"

#include <algorithm>
#include <iterator>

namespace tandem {

SecretDifference difference_of(const std::vector<SecretInfo>& before,
                               const std::vector<SecretInfo>& after) {
  SecretDifference out;
  std::ranges::set_difference(after, before, std::back_inserter(out.named), {}, &SecretInfo::id,
                              &SecretInfo::id);
  std::ranges::set_difference(before, after, std::back_inserter(out.dropped), {}, &SecretInfo::id,
                              &SecretInfo::id);
  return out;
}

void SecretTable::put(const SecretInfo& secret) {
  erase(secret.id);
  const auto [place, is_new] = by_id_.emplace(secret.id, secret);
  by_label_.insert(&place->second);
}

void SecretTable::erase(const SecretId& id) {
  if (const auto found = by_id_.find(id); found != by_id_.end()) {
    by_label_.erase(&found->second);
    by_id_.erase(found);
  }
}

void SecretTable::replace_all(const std::vector<SecretInfo>& secrets) {
  by_label_.clear();
  by_id_.clear();
  for (const SecretInfo& secret : secrets) {
    put(secret);
  }
}

const SecretInfo* SecretTable::find(const SecretId& id) const {
  const auto found = by_id_.find(id);
  return found != by_id_.end() ? &found->second : nullptr;
}

std::vector<SecretInfo> SecretTable::all() const {
  std::vector<SecretInfo> out;
  out.reserve(by_id_.size());
  for (const auto& [id, secret] : by_id_) {
    out.push_back(secret);
  }
  return out;
}

std::vector<SecretInfo> SecretTable::labelled(std::string_view purpose,
                                              std::string_view beginning) const {
  std::vector<SecretInfo> out;
  for (auto next = by_label_.lower_bound(ByLabel::Place{purpose, beginning});
       next != by_label_.end() && (*next)->purpose == purpose &&
       (*next)->label.starts_with(beginning);
       ++next) {
    out.push_back(**next);
  }
  return out;
}

}  // namespace tandem
