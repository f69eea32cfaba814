// The part of codec.h that is about records' notes: messages of log.proto from and to values.
#pragma once

#include "common/base/result.h"
#include "common/log/codec_fields.h"
#include "common/log/entry.h"
#include "proto/tandem/v1/log.pb.h"

namespace tandem {

void fill(v1::ZoneNotesChange& to, const ZoneNotesChange& from);
void fill(v1::ZoneState& to, const NoteSet& from);

// All fail: kCorrupt for what is no such thing, kRefused for what a later version wrote.
Result<ChangeKind> notes_change_from(const v1::ZoneNotesChange& from);
Result<NoteSet> notes_from(const v1::ZoneState& from);

}  // namespace tandem
