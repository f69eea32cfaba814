// BIND's configuration as far as it says which zones there are and where their files lie. What it
// includes is opened by the caller, so that any text can be read in a test. Pure.
//
//   statement := word* [ "{" statement* "}" ] ";"
//
// Comments are those of C, C++ and the shell.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/dns/name.h"

namespace tandem {

/// One zone statement.
struct NamedZone {
  std::string name;    // as it is written
  std::string view;    // empty: outside views
  std::string type;    // primary, secondary, hint, ...: the words of today; empty: none
  std::string file;    // as it is written
  std::string format;  // masterfile-format; empty: text
  bool is_class_in = true;
  bool is_signed_there = false;  // dnssec-policy or inline-signing
  bool takes_updates = false;    // allow-update or update-policy
  std::string place;             // file:line
};

struct NamedConf {
  std::string directory;  // of options; empty: not said
  std::vector<NamedZone> zones;
  std::vector<std::string> key_files;  // files that have key statements, in their order
};

/// Opens what `include` names, as it is written; `directory` is that of options if it was said
/// before. The text and the name for findings.
struct IncludedConf {
  std::string name;
  std::string text;
};

using ConfOpener =
    std::function<Result<IncludedConf>(std::string_view file, std::string_view directory)>;

/// Fails: kInvalid with file and line; kTooLarge; whatever `open` fails with.
Result<NamedConf> read_named_conf(std::string_view text, const std::string& file,
                                  const ConfOpener& open);

}  // namespace tandem
