# One target per folder. The links repeat the layering table of ARCHITECTURE.md; tests/support/check_layers.py
# holds the #include lines to the same table.

# tandem_library(NAME SOURCES file... [DEPENDS target...] [PRIVATE_DEPENDS target...])
function(tandem_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(tandem_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(tandem_${name} PUBLIC tandem_options ${ARG_DEPENDS})
  target_link_libraries(tandem_${name} PRIVATE ${ARG_PRIVATE_DEPENDS})
endfunction()
