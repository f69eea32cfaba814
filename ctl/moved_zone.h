// One zone on its way here from another server: its records as a master file, and what of it does
// not come over, and why. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/dns/master_file.h"
#include "common/dns/name.h"
#include "common/dns/types.h"
#include "common/zone/serial.h"

namespace tandem {

/// Something of the other server that does not come over.
struct LeftOut {
  std::string what;
  std::string why;
};

/// Whether the other server answered with what is left out: then our answers are not its.
enum class Answered : std::uint8_t { kYes, kNo };

struct MovedZone {
  Name name;
  std::string from;          // where it was taken, for people and for findings
  std::string text;          // a master file, one record a line; empty when it cannot come
  Serial source_serial = 0;  // the newest that the other server is known to have given out
  Serial serial = 0;         // what the text has
  std::size_t records = 0;
  bool is_signed = false;  // has RRSIG records
  std::vector<LeftOut> left_out;
  std::vector<std::string> notes;     // what its owner should know
  std::vector<std::string> problems;  // why it cannot come; empty: it can
};

/// All that one run takes from one server.
struct Migration {
  std::vector<MovedZone> zones;
  std::vector<LeftOut> left_out;  // zones and settings
};

/// What becomes of a zone's signatures.
enum class Signatures : std::uint8_t {
  kKeep,  // the zone comes as it is, signed elsewhere
  kDrop,  // and with them all that belongs to signing
};

/// Collects a zone's records in any order.
class MovedZoneBuilder {
 public:
  MovedZoneBuilder(const Name& zone, std::string from, Signatures signatures);

  /// Takes one record, or counts it as left out: outside the zone, of a signature that is dropped.
  /// Requires: rdata valid for the type.
  void add(NameView owner, RrType type, std::uint32_t ttl, OctetSpan rdata);
  /// What people said there about a record that was added, or will be. What is too long for here,
  /// or no line of text, is left out.
  void comment(NameView owner, RrType type, OctetSpan rdata, std::string_view text);
  /// A record that is kept there and not answered: here too.
  void disabled(NameView owner, RrType type, std::uint32_t ttl, OctetSpan rdata);
  /// The text is a master file that a Tandem may have written.
  void notes_of_export(std::string_view text);
  void leave_out(std::string what, std::string why, Answered answered);
  void note(std::string text);
  /// The zone cannot come.
  void problem(std::string text);
  /// The other server gives out this serial although the SOA record's is another.
  void served_serial(Serial serial);

  /// The zone is whole. What is missing or wrong is among its problems; where the content is
  /// not what it was, the serial is one more than the other server's, so that its secondaries take
  /// the content of here.
  [[nodiscard]] MovedZone finish();

  [[nodiscard]] const Name& name() const noexcept { return zone_.name; }

  [[nodiscard]] const std::string& from() const noexcept { return zone_.from; }

  [[nodiscard]] std::size_t octets() const noexcept { return zone_.text.size(); }

 private:
  /// True when the record belongs to the signing of the zone and is not wanted.
  [[nodiscard]] bool is_dropped(RrType type) const noexcept;
  void keep_notes();
  void take_soa(NameView owner, std::uint32_t ttl, OctetSpan rdata);
  void add_soa_line();
  void tell_of_signatures();

  /// What is said about one record.
  struct Said {
    std::string comment;
    std::optional<std::uint32_t> disabled_ttl;
  };

  MovedZone zone_;
  std::map<std::array<std::string, 3>, Said> said_;  // by name, type and data, as texts
  Signatures signatures_;
  Octets soa_;  // empty: none yet
  std::uint32_t soa_ttl_ = 0;
  std::map<RrType, std::size_t> dropped_;  // records by type
  std::size_t outside_ = 0;                // records
  std::string first_outside_;
  bool differs_ = false;            // from what the other server answers
  std::uint32_t signed_until_ = 0;  // the earliest end of a signature (RFC 4034 s3.1.5)
};

/// Reads a master file into `builder`; its errors are the zone's problems. Records that `is_apart`
/// says true of are not taken.
void read_master_file(MovedZoneBuilder& builder, std::string_view text,
                      const MasterFileOptions& options,
                      const std::function<bool(const MasterFileRecord&)>& is_apart = {});

}  // namespace tandem
