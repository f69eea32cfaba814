// Master files: parsing any octets ends, and every record it gives is the same again when printed
// and read.
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/base/check.h"
#include "common/dns/master_file.h"
#include "common/dns/rdata.h"

namespace tandem {
namespace {

void check_round_trip(const MasterFileRecord& record) {
  const std::string line = record_to_text(record.owner, record.ttl, record.type, record.rdata);
  const MasterFileReport report =
      parse_master_file(line, MasterFileOptions(), [&record](const MasterFileRecord& again) {
        CHECK(equal(again.owner.wire(), record.owner.wire()));
        CHECK(again.type == record.type && again.ttl == record.ttl);
        CHECK(equal(again.rdata, record.rdata));
      });
  CHECK(report.diagnostics.empty() && report.record_count == 1);
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(tandem::as_text({data, size}));
  tandem::MasterFileOptions options;
  options.file_name = "fuzz";
  options.max_generated_records = 20;
  // Every file it names is the file itself, from its middle: includes nest, and differ from what
  // includes them.
  options.open_include = [&text](std::string_view, std::string_view) {
    return tandem::Result<std::string>(text.substr(text.size() / 2));
  };
  constexpr std::size_t kCheckedRecords =
      200;  // enough to meet every shape, few enough to stay fast
  std::size_t records = 0;
  const auto report =
      tandem::parse_master_file(text, options, [&records](const tandem::MasterFileRecord& record) {
        CHECK(tandem::validate_rdata(record.type, record.rdata));
        if (++records <= kCheckedRecords) {
          tandem::check_round_trip(record);
        }
      });
  CHECK(report.record_count == records);
  CHECK(report.diagnostics.size() <= 2 * tandem::kMaxDiagnostics);
  return 0;
}
