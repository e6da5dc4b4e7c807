# The two libraries that go into libmxc, as static archives: mxc::seccomp and mxc::jansson. libmxc.so
# must need nothing but libc, so the shared objects of these libraries are never used.
find_library(MXC_SECCOMP_A NAMES libseccomp.a)
find_library(MXC_JANSSON_A NAMES libjansson.a)
find_path(MXC_SECCOMP_INCLUDE seccomp.h)
find_path(MXC_JANSSON_INCLUDE jansson.h)
find_library(MXC_CMOCKA NAMES cmocka)
set(needed MXC_SECCOMP_A MXC_JANSSON_A MXC_SECCOMP_INCLUDE MXC_JANSSON_INCLUDE)
if(NOT MXC_LIBRARY_ONLY)
    list(APPEND needed MXC_CMOCKA)
endif()
foreach(dependency IN LISTS needed)
    if(NOT ${dependency})
        message(FATAL_ERROR "${dependency} was not found: run `make setup` first, it installs what is missing")
    endif()
endforeach()

function(_mxc_import name archive include)
    add_library(mxc::${name} STATIC IMPORTED GLOBAL)
    set_target_properties(mxc::${name} PROPERTIES IMPORTED_LOCATION "${archive}"
        INTERFACE_INCLUDE_DIRECTORIES "${include}")
endfunction()
_mxc_import(seccomp "${MXC_SECCOMP_A}" "${MXC_SECCOMP_INCLUDE}")
_mxc_import(jansson "${MXC_JANSSON_A}" "${MXC_JANSSON_INCLUDE}")

# Debian's libjansson.a is not fit for a shared object because of one data reference, to stdin (json_loadf
# names its input in messages). Renamed, it meets our own null pointer: core/src/contract/no_stdin.c.
set(MXC_JANSSON_PIC_A "${CMAKE_BINARY_DIR}/deps/libjansson_pic.a")
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/deps")
add_custom_command(OUTPUT "${MXC_JANSSON_PIC_A}"
    COMMAND ${CMAKE_OBJCOPY} --redefine-sym stdin=mxc_no_stdin "${MXC_JANSSON_A}" "${MXC_JANSSON_PIC_A}"
    DEPENDS "${MXC_JANSSON_A}" VERBATIM)
add_custom_target(mxc_jansson_pic DEPENDS "${MXC_JANSSON_PIC_A}")

# MXC_SYSTEM_PYTHON runs our scripts; MXC_PYTHON, the venv of scripts/setup, runs what needs cffi or pytest.
# Neither is one from a home directory, because tests also run as an ordinary uid that cannot read it.
find_program(MXC_SYSTEM_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(NOT MXC_LIBRARY_ONLY)
    find_program(MXC_SYSTEM_PYTHON NAMES python3 REQUIRED)
endif()
set(MXC_PYTHON "${CMAKE_SOURCE_DIR}/build/venv/bin/python")

# MXC_NODE compiles and runs the Node.js package, and its tests; scripts/setup installs one where there is none.
find_program(MXC_NODE NAMES node nodejs)
