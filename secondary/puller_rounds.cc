// The part of Puller that goes through one zone's round: questions, transfers, the writer, the end.
#include <algorithm>
#include <utility>

#include <fmt/ranges.h>

#include "common/base/logging.h"
#include "common/base/random.h"
#include "common/dns/transfer_request.h"
#include "common/transfer/refresh_answer.h"
#include "secondary/puller.h"

namespace tandem {
namespace {

/// Whether the writer refused what came, and not to write at all: then another primary does not
/// help.
bool is_of_content(Errc code) noexcept {
  return code == Errc::kCorrupt || code == Errc::kConflict || code == Errc::kInvalid ||
         code == Errc::kRefused || code == Errc::kTooLarge;
}

}  // namespace

Puller::Pulled* Puller::in_round(NameView zone, std::uint64_t round) {
  const auto found = zones_.find(zone);
  const bool is_it =
      found != zones_.end() && found->second.round != nullptr && found->second.round->id == round;
  return is_it ? &found->second : nullptr;
}

void Puller::begin_round(NameView zone, Pulled& pulled) {
  pulled.began = clock_.monotonic();
  pulled.is_wanted_again = false;
  auto source = ZoneSource::from_text(pulled.source);
  const std::size_t count = source ? source->primaries.size() : 0;
  const ZoneRecordPtr record = services_.log.table().find(zone);
  std::optional<Serial> have;
  if (record != nullptr && record->zone != nullptr && !pulled.is_wanted_whole) {
    have = record->zone->serial();
  }
  pulled.round = std::make_unique<Round>(Round{.id = ++rounds_,
                                               .source = source ? *source : ZoneSource(),
                                               .takes = have ? PullTakes::kNewer : PullTakes::kAny,
                                               .primaries = PullRound(count, have),
                                               .needs_axfr = std::vector<bool>(count),
                                               .expire = {},
                                               .transfer = nullptr,
                                               .began = {},
                                               .errors = {}});
  pulled.is_wanted_whole = false;
  if (!source) {  // a later version wrote it
    pulled.round->errors.push_back(source.error().detail);
    end_round(zone, pulled);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    ask(zone, *pulled.round, i);
  }
}

void Puller::ask(NameView zone, const Round& round, std::size_t primary) {
  ++stats_.questions;
  services_.client.ask(
      round.source.primaries[primary], soa_request(zone, random_u16()),
      [inbox = inbox_, zone = StoredName(zone), id = round.id, primary](Result<Octets> answer) {
        inbox->post([zone, id, primary, answer = std::move(answer)](Puller& puller) {
          puller.on_answer(zone, id, primary, answer);
        });
      });
}

void Puller::on_answer(NameView zone, std::uint64_t round, std::size_t primary,
                       const Result<Octets>& answer) {
  Pulled* const pulled = in_round(zone, round);
  if (pulled == nullptr) {
    return;
  }
  Round& now = *pulled->round;
  const auto read = answer ? read_refresh_answer(*answer, zone)
                           : Result<RefreshAnswer>(std::unexpected(answer.error()));
  if (!read) {
    now.primaries.failed(primary);
    now.errors.push_back(now.source.primaries[primary].address.to_text() + ": " +
                         read.error().detail);
  } else {
    const bool had_contact = now.primaries.has_contact();
    now.primaries.answered(primary, read->serial);
    if (now.primaries.has_contact() && !had_contact) {
      now.expire = read->expire;
      pulled->last.from = now.source.primaries[primary].address.to_text();
    }
  }
  go_on(zone, *pulled);
}

void Puller::go_on(NameView zone, Pulled& pulled) {
  Round& round = *pulled.round;
  if (round.is_waiting || round.transfer != nullptr) {
    return;
  }
  if (const auto best = round.primaries.best()) {
    round.from = *best;
    wait_for_turn(zone, round);
  } else if (round.primaries.has_all_answers()) {
    end_round(zone, pulled);
  }
}

void Puller::wait_for_turn(NameView zone, Round& round) {
  round.is_waiting = true;
  turns_.wait(round.source.primaries[round.from].address, zone);
}

void Puller::begin_transfers() {
  while (const auto turn = turns_.next()) {
    const auto found = zones_.find(turn->item.view());
    if (found != zones_.end() && found->second.round != nullptr &&
        found->second.round->is_waiting) {
      begin_transfer(turn->item, found->second, turn->host);
    } else {
      turns_.release(turn->host);
    }
  }
}

void Puller::begin_transfer(NameView zone, Pulled& pulled, const Octets& host) {
  Round& round = *pulled.round;
  round.is_waiting = false;
  round.began = clock_.monotonic();
  const ZoneRecordPtr record = services_.log.table().find(zone);
  const bool has_content = record != nullptr && record->zone != nullptr;
  const bool is_ixfr =
      has_content && round.takes == PullTakes::kNewer && !round.needs_axfr[round.from];
  TransferLimits limits;
  limits.records = options_.most_records;
  limits.octets = options_.most_octets;
  limits.zone = record != nullptr ? record->limits() : ZoneLimits();
  round.transfer =
      std::make_shared<PullTransfer>(Name(zone), is_ixfr ? record : nullptr, round.takes, limits);
  ++(is_ixfr ? stats_.ixfrs : stats_.axfrs);
  services_.client.transfer(
      round.source.primaries[round.from], round.transfer->request(),
      [transfer = round.transfer](OctetSpan message) { return transfer->take(message); },
      [inbox = inbox_, zone = StoredName(zone), id = round.id, host](Status ended) {
        inbox->post([zone, id, host, ended = std::move(ended)](Puller& puller) {
          puller.on_ended(zone, id, host, ended);
        });
      });
}

void Puller::on_ended(NameView zone, std::uint64_t round, const Octets& host, const Status& ended) {
  turns_.release(host);
  Pulled* const pulled = in_round(zone, round);
  if (pulled == nullptr) {
    return;
  }
  if (!ended) {
    on_failed(zone, *pulled, ended.error());
    return;
  }
  Round& now = *pulled->round;
  if (!now.transfer->is_up_to_date()) {
    give_to_writer(zone, now);
    return;
  }
  now.expire = now.transfer->outcome().expire;
  now.primaries.took(now.from, now.transfer->serial_before());
  now.transfer.reset();
  pulled->last.from = now.source.primaries[now.from].address.to_text();
  go_on(zone, *pulled);
}

void Puller::give_to_writer(NameView zone, const Round& round) {
  const std::string from = round.source.primaries[round.from].address.to_text();
  ChangeRequest request;
  request.actor = {"pull", "primary", from, round.transfer->is_steps() ? "IXFR" : "AXFR"};
  request.plan = [transfer = round.transfer](const TableDraft& zones) {
    return transfer->plan(zones);
  };
  request.done = [inbox = inbox_, zone = StoredName(zone),
                  id = round.id](const Result<Receipt>& receipt) {
    inbox->post([zone, id, receipt](Puller& puller) { puller.on_written(zone, id, receipt); });
  };
  request.is_heavy = round.transfer->is_large();
  request.is_from_source = true;
  services_.sink.submit(std::move(request));
}

void Puller::on_written(NameView zone, std::uint64_t round, const Result<Receipt>& receipt) {
  Pulled* const pulled = in_round(zone, round);
  if (pulled == nullptr) {
    return;
  }
  if (receipt) {
    on_taken(zone, *pulled, *receipt);
  } else if (is_of_content(receipt.error().code)) {
    on_failed(zone, *pulled, receipt.error());
  } else {
    pulled->round->has_failed = true;
    pulled->round->errors.push_back("cannot be stored: " + receipt.error().detail);
    end_round(zone, *pulled);
  }
}

void Puller::on_taken(NameView zone, Pulled& pulled, const Receipt& receipt) {
  Round& round = *pulled.round;
  const TransferOutcome& outcome = round.transfer->outcome();
  const std::string from = round.source.primaries[round.from].address.to_text();
  PulledState& last = pulled.last;
  last.by = round.transfer->is_steps() ? PulledBy::kIxfr : PulledBy::kAxfr;
  last.from = from;
  last.received = clock_.wall();
  last.records = outcome.records;
  last.octets = outcome.octets;
  last.took =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.monotonic() - round.began);
  log_info("zone pulled zone={} from={} by={} serial={} records={} octets={} took_ms={}",
           zone.to_text(), from, to_text(last.by), receipt.serial, last.records, last.octets,
           last.took.count());
  round.has_taken = true;
  round.has_failed = false;
  round.primaries.took(round.from, receipt.serial);
  count_contact(zone, pulled, PullContacts::Kind::kTransferred, outcome.expire);
  round.transfer.reset();
  round.takes = PullTakes::kNewer;
  go_on(zone, pulled);
}

/// A transfer went wrong: AXFR from the same primary where IXFR did, whatever it was (there are
/// servers that end the connection, or never answer), else the next primary.
void Puller::on_failed(NameView zone, Pulled& pulled, const Error& error) {
  Round& round = *pulled.round;
  const std::string from = round.source.primaries[round.from].address.to_text();
  const bool was_ixfr = round.transfer->is_ixfr();
  round.transfer.reset();
  ++stats_.failed;
  if (was_ixfr) {
    log_debug("zone not pulled by ixfr, axfr follows zone={} from={} reason=\"{}\"", zone.to_text(),
              from, error.detail);
    ++stats_.axfrs_for_ixfr;
    round.needs_axfr[round.from] = true;
    wait_for_turn(zone, round);
    return;
  }
  round.has_failed = true;
  round.errors.push_back(from + ": " + error.detail);
  round.primaries.failed(round.from);
  go_on(zone, pulled);
}

void Puller::count_contact(NameView zone, Pulled& pulled, PullContacts::Kind kind,
                           std::optional<std::uint32_t> option) {
  pulled.last.contact = clock_.wall();
  if (const auto timers = timers_of(zone)) {
    contacts_.on_contact(zone, kind, timers->expire, option);
  }
  if (pulled.is_expired) {
    expiry_checked_.reset();  // it is answered again at once
  }
}

void Puller::end_round(NameView zone, Pulled& pulled) {
  const std::unique_ptr<Round> round = std::move(pulled.round);
  const bool has_contact = round->primaries.has_contact();
  if (has_contact && !round->has_taken) {
    pulled.last.by = PulledBy::kUpToDate;
    count_contact(zone, pulled, PullContacts::Kind::kCurrent, round->expire);
  }
  std::vector<std::string>& errors = round->errors;
  if (const auto older = round->primaries.older()) {
    errors.push_back(fmt::format(
        "the serial went back to {}, which is older than what is here: `tandemctl xfr retransfer "
        "{}` takes it all the same",
        *older, zone.to_text()));
  }
  const bool is_good = has_contact && !round->has_failed;
  pulled.failures = is_good ? 0 : pulled.failures + 1;
  pulled.has_ended_one = true;
  pulled.last.checked = clock_.wall();
  std::ranges::sort(errors);  // answers come in any order
  pulled.last.error = fmt::format("{}", fmt::join(errors, "; "));
  tell_end(zone, pulled, is_good);
  const auto timers = timers_of(zone);
  const auto pause = is_good && timers ? schedule_.after_contact(*timers)
                                       : schedule_.after_failure(timers, pulled.failures);
  schedule_.put(zone, clock_.monotonic() + pause);
  if (pulled.is_wanted_again || pulled.is_wanted_whole) {
    hurry(zone, pulled);
  }
}

/// One line for each failure, not for each try that ends like the one before.
void Puller::tell_end(NameView zone, Pulled& pulled, bool is_good) {
  if (!is_good && pulled.logged != pulled.last.error) {
    pulled.logged = pulled.last.error;
    log_warn("zone not pulled zone={} reason=\"{}\"", zone.to_text(), pulled.logged);
  } else if (is_good && !pulled.logged.empty()) {
    pulled.logged.clear();
    log_info("zone current again zone={} from={}", zone.to_text(), pulled.last.from);
  }
}

}  // namespace tandem
