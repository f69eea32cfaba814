// inverse_of() and what it needs of each kind of change.
#include <utility>

#include "common/log/codec.h"

namespace tandem {
namespace {

struct Undoing {
  ZoneId zone;

  [[nodiscard]] std::vector<Change> one(ChangeKind kind) const {
    std::vector<Change> out;
    out.push_back({zone, std::move(kind)});
    return out;
  }

  std::vector<Change> operator()(const ZoneCreate& c) const {
    return one(ZoneDelete{c.name, c.options, std::nullopt, c.rules});
  }

  std::vector<Change> operator()(const ZoneDelete& c) const {
    std::vector<Change> out = one(ZoneCreate{c.name, c.options, c.rules});
    if (c.last) {
      out.push_back({zone, ZoneReplace{std::nullopt, c.last}});
    }
    return out;
  }

  std::vector<Change> operator()(const RecordChange& c) const {
    return one(RecordChange{.authored = Changeset(c.derived).inverted(),
                            .derived = Changeset(c.authored).inverted()});
  }

  std::vector<Change> operator()(const ZoneReplace& c) const {
    return one(ZoneReplace{.before = c.after, .after = c.before});
  }

  std::vector<Change> operator()(const ZoneOptionsChange& c) const {
    return one(ZoneOptionsChange{.before = c.after, .after = c.before});
  }

  std::vector<Change> operator()(const SecretNamed& c) const {
    return one(SecretDropped{c.secret});
  }

  std::vector<Change> operator()(const SecretDropped& c) const {
    return one(SecretNamed{c.secret});
  }

  std::vector<Change> operator()(const EpochStart& /*c*/) const { return {}; }

  std::vector<Change> operator()(const ZoneRulesChange& c) const {
    return one(ZoneRulesChange{.removed = c.added, .added = c.removed});
  }

  std::vector<Change> operator()(const ZoneNotesChange& c) const {
    return one(ZoneNotesChange{.removed = c.added, .added = c.removed});
  }

  std::vector<Change> operator()(const SettingChange& c) const {
    return one(SettingChange{c.kind, c.name, c.after, c.before});
  }
};

}  // namespace

std::vector<Change> inverse_of(const Change& change) {
  return std::visit(Undoing{change.zone}, change.kind);
}

}  // namespace tandem
