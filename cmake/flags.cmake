# Compiler and linker flags, all in one interface target: mxc_flags. Warnings are errors everywhere.
include(CheckCSourceCompiles)

option(MXC_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer in host code" OFF)
option(MXC_FUZZ "libFuzzer's coverage in host code; with clang only (tests/fuzz)" OFF)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# No build type means -O2 -g with assertions: there is one build, and it is the one that is tested.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")

set(MXC_WARNINGS -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
    -Wformat=2 -Wundef -Wwrite-strings -Wno-missing-field-initializers)

if(MXC_LIBRARY_ONLY)
    # the compiler is not one that we have seen
    list(REMOVE_ITEM MXC_WARNINGS -Werror)
endif()

# Level 3 needs gcc 12 or clang with glibc 2.34; glibc warns (so -Werror fails) where it cannot have it.
set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
check_c_source_compiles("#include <string.h>\nint main(void) { return 0; }" MXC_HAVE_FORTIFY_3)
unset(CMAKE_REQUIRED_FLAGS)
set(MXC_FORTIFY 2)
if(MXC_HAVE_FORTIFY_3)
    set(MXC_FORTIFY 3)
endif()

set(MXC_HARDENING -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    list(APPEND MXC_HARDENING -fcf-protection)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64")
    list(APPEND MXC_HARDENING -mbranch-protection=standard)
endif()

add_library(mxc_flags INTERFACE)
target_compile_options(mxc_flags INTERFACE ${MXC_WARNINGS} -fvisibility=hidden -fno-strict-aliasing
    "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=" ${MXC_HARDENING})
# empty, so that a file may say `#define _GNU_SOURCE` itself
target_compile_definitions(mxc_flags INTERFACE _GNU_SOURCE= MXC_VERSION="${MXC_VERSION}")
target_include_directories(mxc_flags INTERFACE
    "${CMAKE_SOURCE_DIR}/core/src" "${CMAKE_SOURCE_DIR}/core/include")
target_link_options(mxc_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)

if(MXC_SANITIZE)
    set(MXC_SANITIZE_FLAGS -fsanitize=address,undefined -fno-sanitize-recover=all
        -fno-omit-frame-pointer)
    target_compile_options(mxc_flags INTERFACE ${MXC_SANITIZE_FLAGS})
    if(MXC_FUZZ)
        list(APPEND MXC_SANITIZE_FLAGS -fsanitize=fuzzer-no-link)
        target_compile_options(mxc_flags INTERFACE -fsanitize=fuzzer-no-link)
    endif()
    target_compile_definitions(mxc_flags INTERFACE MXC_SANITIZE=1)
    target_link_options(mxc_flags INTERFACE ${MXC_SANITIZE_FLAGS})
else()
    target_compile_options(mxc_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=${MXC_FORTIFY})
endif()
