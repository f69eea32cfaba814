#include "common/node/version.h"

#include <fmt/core.h>

// From all of these only what tells a version: the libraries themselves stay in their own folders.
#include <boost/version.hpp>
#include <google/protobuf/stubs/common.h>
#include <grpcpp/version_info.h>
#include <rocksdb/version.h>

#include "common/crypto/digest.h"

namespace tandem {
namespace {

#if defined(__clang__)
constexpr std::string_view kCompiler = "clang " __clang_version__;
#else
constexpr std::string_view kCompiler = "GCC " __VERSION__;
#endif

}  // namespace

std::string version_text(std::string_view program) {
  return fmt::format(
      "{} {}\n"
      "built by {} with Boost {}.{}.{}, gRPC {}, Protobuf {}, RocksDB {}, OpenSSL {}\n",
      program, kVersion, kCompiler, BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1000,
      BOOST_VERSION % 100, GRPC_CPP_VERSION_STRING,
      google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION),
      rocksdb::GetRocksVersionAsString(true), openssl_version());
}

}  // namespace tandem
