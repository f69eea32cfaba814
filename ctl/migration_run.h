// Zones of another server taken into this one: shown first, then asked about, then done, with a
// list of what came and what did not. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "ctl/arguments.h"
#include "ctl/commands.h"
#include "ctl/moved_zone.h"
#include "ctl/session.h"

namespace tandem {

/// Whether `zone import` was told of another server and not of a file.
[[nodiscard]] bool is_from_server(const Arguments& arguments);

/// What becomes of one zone.
struct ZonePlan {
  enum class State : std::uint8_t {
    kNew,       // would be made
    kSame,      // is there with this content
    kDiffers,   // is there with another
    kImported,  // done
    kFailed,    // cannot come, or did not
  };

  MovedZone zone;
  State state = State::kFailed;
  bool is_new = false;
  std::uint64_t added = 0;    // records
  std::uint64_t removed = 0;  // records
  std::vector<std::string> diff;
  bool is_diff_cut = false;
  Serial serial = 0;  // here, after it was imported
  std::vector<std::string> warnings;
  std::string why;  // with kFailed
};

class MigrationRun {
 public:
  MigrationRun(const Arguments& arguments, const Session& session, Migration migration);

  CommandResult run();

 private:
  enum class Trial : std::uint8_t { kReal, kDry };

  void plan_all();
  Status plan(ZonePlan& plan) const;
  [[nodiscard]] ApiRequest import_request(const ZonePlan& plan, Trial trial) const;
  void show() const;
  void show(const ZonePlan& plan) const;
  /// False: nothing is to be done, and that was said.
  [[nodiscard]] bool is_agreed() const;
  void import_all();
  Status import_zone(ZonePlan& plan) const;
  [[nodiscard]] bool will_import(const ZonePlan& plan) const;
  void show_end() const;
  void show_left_out() const;
  [[nodiscard]] std::string to_json() const;

  const Arguments& arguments_;
  const Session& session_;
  std::vector<ZonePlan> plans_;
  std::vector<LeftOut> left_out_;
  bool is_done_ = false;  // zones were imported, or tried to be
};

}  // namespace tandem
