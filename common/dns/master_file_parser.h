// The parser behind parse_master_file(): what the lines of tokens mean. Keeps what RFC 1035 s5.1
// carries from one line to the next: origin, owner and TTL. One thread, one file (with those it
// includes) per object.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/dns/master_file.h"
#include "common/dns/master_file_scanner.h"

namespace tandem {

/// Types by mnemonic with a memory for those seen last: a file has millions of types, but few
/// different ones.
class TypeMemo {
 public:
  [[nodiscard]] std::optional<RrType> find(std::string_view text);

 private:
  static constexpr std::size_t kSlots = 64;

  struct Slot {
    std::uint64_t key = 0;  // the mnemonic's length and octets, 0 for an empty slot
    RrType type{};
  };

  std::array<Slot, kSlots> slots_{};
};

class MasterFileParser {
 public:
  /// Both must outlive the parser.
  MasterFileParser(const MasterFileOptions& options, const RecordSink& sink);

  [[nodiscard]] MasterFileReport run(std::string_view text);

 private:
  /// After an owner that is no name, records that leave theirs out are checked but belong to
  /// nobody.
  enum class OwnerState : std::uint8_t { kNone, kKnown, kUnknown };

  /// A file being read, and what it has to give back to the one that includes it.
  struct Source {
    std::uint32_t file = 0;  // its number in report_.files
    std::string text;        // of an included file; the outermost one's belongs to the caller
    MasterFileScanner scanner;
    Name origin_before;
    Octets owner_before;
    OwnerState owner_state_before = OwnerState::kNone;
  };

  /// What stands between a record's owner and its rdata.
  struct RecordHead {
    RrType type{};
    std::optional<std::uint32_t> ttl;
    std::size_t token_count = 0;
  };

  using Tokens = std::span<const Token>;

  void parse_line();
  void report_problem();
  void parse_record(Tokens tokens);
  [[nodiscard]] bool set_owner(const Token& token);
  [[nodiscard]] std::optional<RecordHead> parse_head(Tokens tokens);
  /// False when the record was not good, and was reported.
  bool add_record(const RecordHead& head, Tokens rdata);
  [[nodiscard]] std::optional<std::uint32_t> ttl_of(const RecordHead& head);

  void parse_directive(Tokens tokens);
  void set_default_ttl(Tokens tokens);
  void set_origin(Tokens tokens);
  void include(Tokens tokens);
  [[nodiscard]] std::optional<Name> directive_name(const Token& token, std::string_view directive);
  void enter(std::string file, std::string text, const Name& origin);
  void leave_source();
  void generate(Tokens tokens);
  [[nodiscard]] bool generate_record(std::string_view owner_pattern, const RecordHead& head,
                                     std::string_view rdata_pattern, std::uint32_t number);

  [[nodiscard]] TextPlace place_of(const Token& token) const;
  /// Makes a source of `file` and goes on with it.
  void open_source(std::unique_ptr<Source> source, std::string file, std::string_view text);
  void report_error(TextPlace place, std::string text);

  void report_error(const Token& token, std::string text) {
    report_error(place_of(token), std::move(text));
  }

  void report_warning(const Token& token, std::string text);

  [[nodiscard]] MasterFileScanner& scanner() noexcept { return sources_.back()->scanner; }

  /// Name of the file at hand.
  [[nodiscard]] const std::string& file() const noexcept {
    return report_.files[sources_.back()->file];
  }

  [[nodiscard]] NameView owner() const noexcept {
    return NameView::unchecked({owner_.data(), owner_octets_});
  }

  const MasterFileOptions& options_;
  const RecordSink& sink_;
  MasterFileReport report_;
  std::size_t error_count_ = 0;
  std::size_t warning_count_ = 0;
  std::size_t include_count_ = 0;
  std::uint64_t generated_count_ = 0;
  std::size_t generated_octets_ = 0;

  std::vector<std::unique_ptr<Source>> sources_;  // innermost last
  std::optional<TextPlace> generate_place_;       // where everything generated is reported
  MasterFileScanner generated_scanner_;
  std::string generated_owner_;
  std::string generated_rdata_;

  Name origin_;
  OwnerState owner_state_ = OwnerState::kNone;
  std::array<std::uint8_t, kMaxNameOctets> owner_{};
  std::size_t owner_octets_ = 1;
  std::optional<std::uint32_t> default_ttl_;   // $TTL
  std::optional<std::uint32_t> previous_ttl_;  // RFC 1035 s5.1
  TypeMemo types_;
  Octets rdata_;  // of the current record; kept for its capacity
};

}  // namespace tandem
