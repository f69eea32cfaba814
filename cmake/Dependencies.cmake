# Everything that is not ours, all from Debian 12. Header-only: spdlog, toml++, CLI11, Boost.Asio/Beast,
# and fmt but for common/base/fmt.cc.
# Libraries come through pkg-config because that is what every one of them ships; TANDEM_STATIC takes the archives.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# tandem_dependency(NAME MODULES pkg-config-module... [ARCHIVES name...]): a target dep_NAME.
# ARCHIVES are what the static form of a library needs beyond what its pkg-config file tells.
function(tandem_dependency name)
  cmake_parse_arguments(ARG "" "" "MODULES;ARCHIVES" ${ARGN})
  pkg_check_modules(${name} REQUIRED ${ARG_MODULES})
  add_library(dep_${name} INTERFACE)
  target_include_directories(dep_${name} SYSTEM INTERFACE ${${name}_INCLUDE_DIRS})
  if(NOT TANDEM_STATIC)
    target_link_libraries(dep_${name} INTERFACE ${${name}_LINK_LIBRARIES} Threads::Threads)
    return()
  endif()
  set(libraries ${${name}_STATIC_LIBRARIES} ${ARG_ARCHIVES})
  # The C library and its parts stay shared: one build then runs on every newer glibc.
  list(FILTER libraries EXCLUDE REGEX "^(c|m|dl|rt|pthread|atomic)$")
  list(REMOVE_DUPLICATES libraries)
  set(archives)
  foreach(library IN LISTS libraries)
    find_library(archive_${library} NAMES lib${library}.a REQUIRED)
    list(APPEND archives ${archive_${library}})
  endforeach()
  list(JOIN archives "," archives)
  target_link_libraries(dep_${name} INTERFACE
    "$<LINK_GROUP:RESCAN,${archives}>" Threads::Threads ${CMAKE_DL_LIBS})
endfunction()

tandem_dependency(grpc MODULES grpc++ protobuf)
tandem_dependency(openssl MODULES openssl)
tandem_dependency(rocksdb MODULES rocksdb ARCHIVES snappy gflags lz4 zstd bz2 z)
tandem_dependency(xdp MODULES libxdp libbpf)

# FindBoost of 3.25 does not know 1.81 by heart; what it would warn about is right here.
set(Boost_NO_WARN_NEW_VERSIONS ON)
set(_Boost_URL_HEADERS "boost/url.hpp")
set(Boost_USE_STATIC_LIBS ${TANDEM_STATIC})
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json url)
find_program(PROTOC protoc REQUIRED)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

if(BUILD_TESTING)
  find_package(GTest REQUIRED)
endif()
find_package(benchmark)  # without it there are no benches: ./demo does not need them
