#include "tests/unit/transfer/transfer_series.h"

#include <algorithm>

#include <fmt/core.h>

#include "common/zone/rr_pack.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

Octets plain_wire(const Message& message) {
  Octets out(kHeaderOctets);
  store_header(out.data(),
               {message.id, message.flags, static_cast<std::uint16_t>(message.questions.size()),
                static_cast<std::uint16_t>(message.answers.size()), 0, 0});
  for (const Question& question : message.questions) {
    append(out, question.name.wire());
    append_be(out, number(question.type));
    append_be(out, static_cast<std::uint16_t>(question.rr_class));
  }
  for (const MessageRecord& record : message.answers) {
    append(out, record.owner.wire());
    append_be(out, number(record.type));
    append_be(out, static_cast<std::uint16_t>(record.rr_class));
    append_be(out, record.ttl);
    append_be(out, static_cast<std::uint16_t>(record.rdata.size()));
    append(out, record.rdata);
  }
  return out;
}

}  // namespace

std::string soa_line(Serial serial) {
  return fmt::format("@ 3600 SOA ns1 hostmaster {} 900 300 604800 600\n", serial);
}

std::vector<MessageRecord> rows(std::string_view lines, std::string_view origin) {
  const Octets octets = packed(lines, origin);
  std::vector<MessageRecord> out;
  RrUnpacker records(octets);
  while (const auto record = records.next()) {
    out.push_back(
        {Name(record->owner), record->type, RrClass::kIn, record->ttl, to_octets(record->rdata)});
  }
  return out;
}

Message answer_to(RrType type, std::vector<MessageRecord> answers, std::string_view origin) {
  Message message;
  message.id = kTransferId;
  message.flags = kFlagQr | kFlagAa;
  message.questions.push_back({name(origin), type});
  message.answers = std::move(answers);
  return message;
}

std::vector<Octets> series_of(RrType type, const std::vector<MessageRecord>& records,
                              std::size_t most, std::string_view origin) {
  std::vector<Octets> out;
  for (std::size_t at = 0; at < records.size(); at += most) {
    const auto first = records.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t count = std::min(most, records.size() - at);
    Message message = answer_to(type, {first, first + static_cast<std::ptrdiff_t>(count)}, origin);
    if (at > 0) {
      message.questions.clear();
    }
    out.push_back(plain_wire(message));
  }
  return out;
}

TransferReader reader_of(ZonePtr have, const TransferLimits& limits, std::string_view origin) {
  const RrType type = have == nullptr ? RrType::kAxfr : RrType::kIxfr;
  return {name(origin), type, kTransferId, std::move(have), limits};
}

Result<TransferOutcome> outcome_of(TransferReader reader, const std::vector<Octets>& messages) {
  for (const Octets& message : messages) {
    TRYV(reader.take(message));
  }
  return reader.finish();
}

ZonePtr zone_of(const Result<TransferOutcome>& outcome) {
  if (!outcome) {
    return nullptr;
  }
  if (const auto* const whole = std::get_if<TransferWhole>(&outcome->content)) {
    return whole->zone;
  }
  const auto* const steps = std::get_if<TransferSteps>(&outcome->content);
  return steps == nullptr ? nullptr : steps->zone;
}

std::string text_of(const Result<TransferOutcome>& outcome) {
  if (!outcome) {
    return outcome.error().detail;
  }

  struct Words {
    std::string operator()(const TransferUpToDate&) const { return "up to date"; }

    std::string operator()(const TransferWhole&) const { return "whole"; }

    std::string operator()(const TransferSteps&) const { return "steps"; }

    std::string operator()(const TransferOverTcp&) const { return "over TCP"; }
  };

  return std::visit(Words{}, outcome->content);
}

}  // namespace tandem::test
