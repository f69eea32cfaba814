// The key that a node is known by: P-256, made on the node, never leaving it. The link's TLS shows
// it inside of a self-signed certificate whose dates nobody looks at; what counts is the pin.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace tandem {

/// SHA-256 over the SubjectPublicKeyInfo (RFC 7469 s2.4), shown as `SHA256:` and base64.
struct KeyPin {
  std::array<std::uint8_t, 32> digest{};

  friend bool operator==(const KeyPin&, const KeyPin&) = default;
  [[nodiscard]] std::string to_text() const;
  /// Fails: kInvalid with the form that is expected.
  static Result<KeyPin> from_text(std::string_view text);
  /// The pin of the first certificate in `pem`. Fails: kInvalid.
  static Result<KeyPin> of_certificate(std::string_view pem);
};

struct NodeKey {
  std::string private_key_pem;
  std::string certificate_pem;
  KeyPin pin;
};

/// Reads `folder`/node.key (mode 0600) or makes it, with its certificate beside it. Fails: kIo with
/// the path, kCorrupt when the file is no P-256 key, kRefused when others may read it.
Result<NodeKey> load_or_make_node_key(const std::filesystem::path& folder);

/// What the node is known by on the link: the key that it changed to last (`folder`/link.key), or
/// else `node`, which what it keeps stays sealed with. Fails: as above.
Result<NodeKey> load_link_key(const std::filesystem::path& folder, const NodeKey& node);
/// The key that the node is about to change to (`folder`/next.key); made when there is none. It is
/// the same one until use_next_link_key(), also after a restart. Fails: as above.
Result<NodeKey> load_or_make_next_link_key(const std::filesystem::path& folder);
/// From here on load_link_key() gives the next one; durable. Fails: kIo.
Status use_next_link_key(const std::filesystem::path& folder);

/// Encryption of secrets at rest: AES-256-GCM under a key derived from the node's private key
/// (HKDF-SHA-256). `context` is bound to the text, so that a value moved to another place does not
/// open.
class SecretSealer {
 public:
  explicit SecretSealer(const NodeKey& key);

  [[nodiscard]] Octets seal(OctetSpan secret, std::string_view context) const;
  /// Fails: kCorrupt when it was sealed with another key or for another context.
  Result<Octets> open(OctetSpan sealed, std::string_view context) const;

 private:
  std::array<std::uint8_t, 32> key_{};
};

}  // namespace tandem
