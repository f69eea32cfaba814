#include "tests/unit/secondary/fake_primaries.h"

#include "common/dns/message.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using Records = std::vector<MessageRecord>;

MessageRecord record_of(const PackedRecord& record) {
  return {Name(record.owner), record.type, RrClass::kIn, record.ttl, to_octets(record.rdata)};
}

MessageRecord soa_of(const Zone& zone) {
  const RrSet soa = zone.soa();
  return {soa.owner, RrType::kSoa, RrClass::kIn, soa.ttl, soa.rdatas.front()};
}

Octets answer_to(const Message& asked, Rcode rcode, Records records) {
  Message answer;
  answer.id = asked.id;
  answer.flags = static_cast<std::uint16_t>(kFlagQr | kFlagAa | static_cast<std::uint16_t>(rcode));
  answer.questions = asked.questions;
  answer.answers = std::move(records);
  return *write_message(answer);
}

Records whole(const Zone& zone) {
  Records records;
  zone.for_each_record([&](const PackedRecord& record) { records.push_back(record_of(record)); });
  records.push_back(soa_of(zone));
  return records;
}

/// One step, as RFC 1995 s4 has it.
Records steps(const Zone& from, const Zone& to, bool is_wrong) {
  Records records = {soa_of(to), soa_of(from)};
  const auto add = [&](const Octets& packed) {
    RrUnpacker each(packed);
    while (const auto record = each.next()) {
      if (record->type != RrType::kSoa) {
        records.push_back(record_of(*record));
      }
    }
  };
  const Changeset change = difference(&from, to);
  add(change.removed);
  if (is_wrong) {
    records.push_back({name("not-there.example."), RrType::kTxt, RrClass::kIn, 60, {1, 'x'}});
  }
  records.push_back(soa_of(to));
  add(change.added);
  records.push_back(soa_of(to));
  return records;
}

}  // namespace

void FakePrimaries::ask(const ZonePrimary& primary, Octets question, DnsClient::Answer answer) {
  const std::string address = primary.address.to_text();
  asked_.push_back("soa " + address);
  const Primary& asked = at(address);
  if (asked.silence) {
    answer(std::unexpected(*asked.silence));
    return;
  }
  const Message message = *parse_message(question);
  if (asked.zone == nullptr) {
    answer(answer_to(message, Rcode::kRefused, {}));
    return;
  }
  Octets out = answer_to(message, Rcode::kNoError, {soa_of(*asked.zone)});
  if (asked.expire) {
    const Octets opt = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 8, 0, 9, 0, 4};
    out.insert(out.end(), opt.begin(), opt.end());
    append_be(out, *asked.expire);
    ++out[11];  // ARCOUNT
  }
  answer(std::move(out));
}

void FakePrimaries::transfer(const ZonePrimary& primary, Octets request,
                             DnsClient::TakeMessage take, DnsClient::Ended ended) {
  const std::string address = primary.address.to_text();
  const Primary& asked = at(address);
  const Message message = *parse_message(request);
  const bool is_ixfr = message.questions.front().type == RrType::kIxfr;
  asked_.push_back((is_ixfr ? "ixfr " : "axfr ") + address);
  if (asked.silence) {
    ended(std::unexpected(*asked.silence));
    return;
  }
  Octets answer;
  if (is_ixfr && asked.ixfr_refusal) {
    answer = answer_to(message, *asked.ixfr_refusal, {});
  } else if (is_ixfr && asked.before != nullptr) {
    answer = answer_to(message, Rcode::kNoError,
                       steps(*asked.before, *asked.zone, asked.steps_are_wrong));
  } else {
    answer = answer_to(message, Rcode::kNoError, whole(*asked.zone));
  }
  if (asked.broken) {
    ended(std::unexpected(*asked.broken));
    return;
  }
  const Result<bool> taken = take(answer);
  if (!taken) {
    ended(std::unexpected(taken.error()));
  } else if (*taken) {
    ended({});
  } else {
    ended(fail(Errc::kIo, "the connection was closed"));
  }
}

}  // namespace tandem::test
