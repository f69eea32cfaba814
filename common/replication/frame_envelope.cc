#include "common/replication/frame_envelope.h"

#include <algorithm>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "common/replication/frames.h"

namespace tandem {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr std::size_t kMaxFields = kMaxFrameEntries + 16;

bool has_few_fields(OctetSpan message) {
  CodedInputStream in(message.data(), static_cast<int>(message.size()));
  for (std::size_t fields = 0; fields <= kMaxFields; ++fields) {
    const std::uint32_t tag = in.ReadTag();
    if (tag == 0) {
      return in.ConsumedEntireMessage();
    }
    if (!WireFormatLite::SkipField(&in, tag)) {
      return false;
    }
  }
  return false;
}

}  // namespace

std::string frame_text(std::string_view text) {
  std::string out(text.substr(0, kMaxFrameText));
  std::ranges::replace_if(out, [](char c) { return !is_frame_octet(c); }, '?');
  return out;
}

Result<FrameEnvelope> open_envelope(OctetSpan octets) {
  if (octets.size() > kMaxFrameOctets) {
    return fail(Errc::kCorrupt, "a frame of {} octets, the limit is {}", octets.size(),
                kMaxFrameOctets);
  }
  CodedInputStream in(octets.data(), static_cast<int>(octets.size()));
  const std::uint32_t tag = in.ReadTag();
  std::uint32_t length = 0;
  if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED ||
      WireFormatLite::GetTagFieldNumber(tag) == 0 || !in.ReadVarint32(&length) ||
      length != octets.size() - static_cast<std::size_t>(in.CurrentPosition())) {
    return fail(Errc::kCorrupt, "a frame is not one field of a known form");
  }
  const FrameEnvelope envelope{
      .kind = static_cast<std::uint32_t>(WireFormatLite::GetTagFieldNumber(tag)),
      .body = octets.last(length)};
  if (!has_few_fields(envelope.body)) {
    return fail(Errc::kCorrupt, "a frame of kind {} is malformed or has over {} fields",
                envelope.kind, kMaxFields);
  }
  return envelope;
}

}  // namespace tandem
