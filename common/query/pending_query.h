// Queries on their way to answers, a batch at a time and in passes. Each pass asks the memory for
// what the next one reads, so that names all over a large zone wait for it together and not one
// after the other. Data plane: no allocation, no exception.
#pragma once

#include <span>

#include "common/dns/query_view.h"
#include "common/query/lookup.h"
#include "common/zone/catalog.h"

namespace tandem {

/// A query and what is known of it so far. Not reset between queries: NameKey is large.
struct PendingQuery {
  QueryView query;
  ParseStatus status{};
  Rcode refusal{};  // what it gets without a look at any zone; kNoError: zones answer it
  NameKey key;      // the name asked for, as long as no CNAME leads elsewhere
  const CatalogEntry* entry = nullptr;  // null: no zone of ours
  Lookup found;                         // in that zone

  /// Updates change something, NOTIFY tells of a change elsewhere, whatever is signed takes a key
  /// to judge, transfers may take long, how long a zone has until it expires (RFC 7314) no worker
  /// knows, and neither who may see what is not for everybody. Requires: it has been looked up.
  [[nodiscard]] bool is_for_control_plane() const noexcept {
    const bool wants_expire = query.type == RrType::kSoa && query.rr_class == RrClass::kIn &&
                              query.edns.wants_expire && query.edns.version == 0;
    return status == ParseStatus::kUpdate || status == ParseStatus::kNotify ||
           (status == ParseStatus::kOk &&
            (query.has_tsig() || query.is_transfer() || wants_expire)) ||
           (is_for_zones() && entry != nullptr && entry->is_for_peers);
  }

  /// Whether a zone is to be asked; key, entry and found mean nothing otherwise.
  [[nodiscard]] bool is_for_zones() const noexcept {
    return status == ParseStatus::kOk && refusal == Rcode::kNoError &&
           query.rr_class == RrClass::kIn;
  }
};

/// Reads `message` into `pending`: query, status and refusal.
void read_query(OctetSpan message, PendingQuery& pending) noexcept;

/// Finds key, entry and found for all that are for zones.
void look_up_all(const Catalog& catalog, std::span<PendingQuery> queries) noexcept;

}  // namespace tandem
