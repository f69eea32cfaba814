#include "ctl/named_conf.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "ctl/named_conf_words.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxIncludeDepth = 16;  // a file that includes itself ends here
constexpr std::size_t kMaxIncludes = 100'000;
constexpr std::size_t kMaxOctets = std::size_t{256} << 20U;  // of all files together

/// The words of before BIND 9.18 as those of today.
std::string_view type_of_today(std::string_view type) {
  if (type == "master") {
    return "primary";
  }
  return type == "slave" ? "secondary" : type;
}

class ConfReader {
 public:
  explicit ConfReader(const ConfOpener& open) : open_(open) {}

  Status read(std::string_view text, const std::string& file, const std::string& view) {
    octets_ += text.size();
    if (octets_ > kMaxOctets) {
      return fail(Errc::kTooLarge, "{}: the configuration has more than {} octets", file,
                  kMaxOctets);
    }
    const auto statements = conf_statements(text);
    if (!statements) {
      return fail(Errc::kInvalid, "{}:{}", file, statements.error().detail);
    }
    return take(*statements, file, view);
  }

  NamedConf take_conf() { return std::move(conf_); }

 private:
  Status take(const std::vector<ConfStatement>& statements, const std::string& file,
              const std::string& view) {
    for (const ConfStatement& statement : statements) {
      const std::string_view kind = statement.word(0);
      if (kind == "options" || kind == "include") {
        TRYV(kind == "options" ? take_options(statement) : include(statement, file, view));
      } else if (kind == "zone") {
        TRYV(take_zone(statement, file, view));
      } else if (kind == "view") {
        TRYV(take_view(statement, file, view));
      } else if (kind == "key" && statement.has_block &&
                 std::ranges::find(conf_.key_files, file) == conf_.key_files.end()) {
        conf_.key_files.push_back(file);
      }
    }
    return {};
  }

  Status take_options(const ConfStatement& options) {
    for (const ConfStatement& option : options.block) {
      if (option.word(0) == "directory") {
        conf_.directory = option.word(1);
      } else if (option.word(0) == "masterfile-format") {
        format_ = option.word(1);
      }
    }
    return {};
  }

  Status take_view(const ConfStatement& view, const std::string& file, const std::string& outer) {
    if (!outer.empty() || view.word(1).empty()) {
      return fail(Errc::kInvalid, "{}:{}: expected `view NAME {{ ... }};` at the top level", file,
                  view.line);
    }
    const bool is_class_in = view.words.size() < 3 || is_in(view.word(2));
    const std::size_t first = conf_.zones.size();
    TRYV(take(view.block, file, std::string(view.word(1))));
    for (std::size_t i = first; i < conf_.zones.size(); ++i) {
      conf_.zones[i].is_class_in = conf_.zones[i].is_class_in && is_class_in;
    }
    return {};
  }

  Status include(const ConfStatement& statement, const std::string& file, const std::string& view) {
    if (statement.words.size() != 2) {
      return fail(Errc::kInvalid, "{}:{}: expected `include \"FILE\";`", file, statement.line);
    }
    if (depth_ == kMaxIncludeDepth || ++include_count_ > kMaxIncludes) {
      return fail(Errc::kInvalid, "{}:{}: too many includes: does the file include itself?", file,
                  statement.line);
    }
    const auto opened = open_(statement.word(1), conf_.directory);
    if (!opened) {
      return fail(opened.error().code, "{}:{}: {}", file, statement.line, opened.error().detail);
    }
    ++depth_;
    TRYV(read(opened->text, opened->name, view));
    --depth_;
    return {};
  }

  static bool is_in(std::string_view word) { return word == "IN" || word == "in" || word == "In"; }

  Status take_zone(const ConfStatement& statement, const std::string& file,
                   const std::string& view) {
    if (statement.words.size() < 2 || !statement.has_block) {
      return fail(Errc::kInvalid, "{}:{}: expected `zone \"NAME\" {{ ... }};`", file,
                  statement.line);
    }
    NamedZone zone;
    zone.name = statement.word(1);
    zone.view = view;
    zone.format = format_;
    zone.is_class_in = statement.words.size() < 3 || is_in(statement.word(2));
    zone.place = fmt::format("{}:{}", file, statement.line);
    for (const ConfStatement& option : statement.block) {
      take_zone_option(option, zone);
    }
    conf_.zones.push_back(std::move(zone));
    return {};
  }

  static void take_zone_option(const ConfStatement& option, NamedZone& zone) {
    const std::string_view name = option.word(0);
    const std::string_view value = option.word(1);
    if (name == "type") {
      zone.type = type_of_today(value);
    } else if (name == "in-view") {
      zone.type = "in-view";
    } else if (name == "file") {
      zone.file = value;
    } else if (name == "masterfile-format") {
      zone.format = value;
    } else if (name == "dnssec-policy") {
      zone.is_signed_there = zone.is_signed_there || (value != "none" && value != "insecure");
    } else if (name == "inline-signing" || name == "auto-dnssec") {
      zone.is_signed_there =
          zone.is_signed_there || value == "yes" || value == "maintain" || value == "true";
    } else if (name == "update-policy") {
      zone.takes_updates = true;
    } else if (name == "allow-update") {
      zone.takes_updates = std::ranges::any_of(
          option.block, [](const ConfStatement& who) { return who.word(0) != "none"; });
    }
  }

  const ConfOpener& open_;
  NamedConf conf_;
  std::string format_;  // of options
  std::size_t depth_ = 0;
  std::size_t include_count_ = 0;
  std::size_t octets_ = 0;
};

}  // namespace

Result<NamedConf> read_named_conf(std::string_view text, const std::string& file,
                                  const ConfOpener& open) {
  ConfReader reader(open);
  TRYV(reader.read(text, file, {}));
  return reader.take_conf();
}

}  // namespace tandem
