// The part of codec.h that is about settings: messages of log.proto from and to values.
#pragma once

#include <vector>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "proto/tandem/v1/log.pb.h"

namespace tandem {

void fill(v1::Change& to, const SettingChange& from);
void fill(v1::LogState& to, const std::vector<Setting>& from);

// Both fail: kCorrupt for what is no such thing, kRefused for what a later version wrote.
Result<ChangeKind> setting_change_from(SettingKind kind, const v1::SettingChange& from);
/// Ascending by kind and name.
Result<std::vector<Setting>> settings_from(const v1::LogState& from);

}  // namespace tandem
