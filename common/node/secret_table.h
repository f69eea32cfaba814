// The secrets that a log names, without the secrets: by id, and in order of what they are for and
// their label, so that one is found among many.
//
// Thread rule: its owner's lock.
#pragma once

#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "common/log/entry.h"

namespace tandem {

/// What became of the secrets that a log names. An id stands for one secret for ever.
struct SecretDifference {
  std::vector<SecretInfo> named;    // that were not before
  std::vector<SecretInfo> dropped;  // that are no longer

  [[nodiscard]] bool empty() const noexcept { return named.empty() && dropped.empty(); }
};

/// Requires: both ascending by id.
[[nodiscard]] SecretDifference difference_of(const std::vector<SecretInfo>& before,
                                             const std::vector<SecretInfo>& after);

class SecretTable {
 public:
  SecretTable() = default;
  SecretTable(const SecretTable&) = delete;  // by_label_ points into by_id_
  SecretTable& operator=(const SecretTable&) = delete;
  ~SecretTable() = default;

  void put(const SecretInfo& secret);
  void erase(const SecretId& id);
  void replace_all(const std::vector<SecretInfo>& secrets);

  /// Null: there is none.
  [[nodiscard]] const SecretInfo* find(const SecretId& id) const;
  /// Ascending by id.
  [[nodiscard]] std::vector<SecretInfo> all() const;
  /// Those for `purpose` whose label begins with `beginning`, ascending by label.
  [[nodiscard]] std::vector<SecretInfo> labelled(std::string_view purpose,
                                                 std::string_view beginning) const;

 private:
  struct ByLabel {
    using is_transparent = void;
    using Place = std::pair<std::string_view, std::string_view>;  // purpose, label

    static Place place(const SecretInfo* secret) { return {secret->purpose, secret->label}; }

    bool operator()(const SecretInfo* a, const SecretInfo* b) const {
      return std::pair(place(a), a->id) < std::pair(place(b), b->id);
    }

    bool operator()(const SecretInfo* a, const Place& b) const { return place(a) < b; }

    bool operator()(const Place& a, const SecretInfo* b) const { return a < place(b); }
  };

  std::map<SecretId, SecretInfo> by_id_;
  std::set<const SecretInfo*, ByLabel> by_label_;
};

}  // namespace tandem
