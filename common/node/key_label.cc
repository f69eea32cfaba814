#include "common/node/key_label.h"

namespace tandem {

std::string label_beginning(const Name& name) {
  return name.lower().to_text() + ":";
}

std::string label_of(const KeyLabel& key) {
  return label_beginning(key.name) + to_text(key.algorithm);
}

std::optional<KeyLabel> key_label_from(std::string_view label) {
  const std::size_t colon = label.find(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const auto name = Name::from_text(label.substr(0, colon));
  const auto algorithm = tsig_algorithm_from_text(label.substr(colon + 1));
  if (!name || !algorithm) {
    return std::nullopt;
  }
  return KeyLabel{*name, *algorithm};
}

}  // namespace tandem
