#include "common/store/rocks_logger.h"

#include <array>
#include <cstdarg>
#include <cstdio>

#include "common/base/logging.h"

namespace tandem {
namespace {

constexpr std::size_t kLongestRemark = 1024;

class RocksLogger final : public rocksdb::Logger {
 public:
  RocksLogger() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}

  using rocksdb::Logger::Logv;

  void Logv(const char* format, std::va_list arguments) override {
    if (!log_enabled(LogLevel::kDebug)) {
      return;
    }
    std::array<char, kLongestRemark> text{};
    static_cast<void>(std::vsnprintf(text.data(), text.size(), format, arguments));
    log_debug("rocksdb remark=\"{}\"", text.data());
  }
};

}  // namespace

std::shared_ptr<rocksdb::Logger> make_rocks_logger() {
  return std::make_shared<RocksLogger>();
}

}  // namespace tandem
