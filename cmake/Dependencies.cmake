# Everything that is not ours, all from Debian 12. Header-only: fmt, spdlog, toml++, CLI11, Boost.Asio/Beast.
# Libraries come through pkg-config because that is what every one of them ships; TANDEM_STATIC takes the archives.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# tandem_dependency(NAME pkg-config-module...): a target dep_NAME
function(tandem_dependency name)
  pkg_check_modules(${name} REQUIRED ${ARGN})
  add_library(dep_${name} INTERFACE)
  target_include_directories(dep_${name} SYSTEM INTERFACE ${${name}_INCLUDE_DIRS})
  if(TANDEM_STATIC)
    set(flags ${${name}_STATIC_LDFLAGS})
    # The C library and its parts stay shared: one build then runs on every newer glibc.
    list(FILTER flags EXCLUDE REGEX "^-l(c|m|dl|rt|pthread|atomic)$|^-pthread$")
    list(FILTER flags EXCLUDE REGEX "^-Wl,--(push|pop)-state|^-Wl,--as-needed$")
    target_link_libraries(dep_${name} INTERFACE
      -Wl,--start-group -Wl,-Bstatic ${flags} -Wl,-Bdynamic -Wl,--end-group Threads::Threads ${CMAKE_DL_LIBS})
  else()
    target_link_libraries(dep_${name} INTERFACE ${${name}_LINK_LIBRARIES} Threads::Threads)
  endif()
endfunction()

tandem_dependency(grpc grpc++ protobuf)
tandem_dependency(openssl openssl)
tandem_dependency(rocksdb rocksdb)

find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json url)
find_program(PROTOC protoc REQUIRED)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
