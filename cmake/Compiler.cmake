# The language, the warnings, the sanitizers and the linker: the same for every target of ours.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(TANDEM_CCACHE ccache)
if(TANDEM_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TANDEM_CCACHE})
endif()

add_library(tandem_options INTERFACE)
target_compile_options(tandem_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  -fno-omit-frame-pointer)
target_include_directories(tandem_options INTERFACE ${CMAKE_SOURCE_DIR})

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(tandem_options INTERFACE -Wthread-safety)
  target_link_options(tandem_options INTERFACE -fuse-ld=lld-19)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  # What no test waits for compiles in a third of the time without optimization: the tests themselves, the tool.
  target_compile_options(tandem_options INTERFACE $<IF:$<BOOL:$<TARGET_PROPERTY:TANDEM_UNOPTIMIZED>>,-O0,-O1>)
  # An empty optional read, an index behind a span's end: ended at once, where no sanitizer looks.
  target_compile_definitions(tandem_options INTERFACE _GLIBCXX_ASSERTIONS)
else()
  target_compile_options(tandem_options INTERFACE -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
  target_link_options(tandem_options INTERFACE -Wl,-z,relro,-z,now)
endif()
if(TANDEM_STATIC)
  target_link_options(tandem_options INTERFACE -static-libstdc++ -static-libgcc)
endif()
if(TANDEM_SANITIZE)
  add_compile_options(-fsanitize=${TANDEM_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TANDEM_SANITIZE})
endif()
if(TANDEM_FUZZERS)
  # Coverage for libFuzzer goes into every object; only the fuzz targets link its main().
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
