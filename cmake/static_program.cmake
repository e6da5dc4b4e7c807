# The small static programs that run outside and inside the sandbox, and their images in the library.
#
#   mxc_keeper_program(SOURCES main.c ../src/ops/apply_mount.c ...)          in core/keeper/CMakeLists.txt
#   mxc_static_program(relay SOURCES ...)                                    the same for another program
#
# Built with musl-gcc as static-pie, or with the host's compiler and static glibc where musl is missing
# (it works, at some 330 us more for each start). Results:
#   build/libexec/mxc-keeper.debug   with symbols, for a debugger
#   build/libexec/mxc-keeper         stripped: this is what is embedded
#   mxc_keeper_image                 OBJECT library with the image, in these hidden symbols:
#       extern const unsigned char mxc_keeper_image[];         the file
#       extern const uint64_t mxc_keeper_image_size;
#       extern const char mxc_keeper_image_libc[];              "musl" or "glibc", for doctor
# Sources see MXC_STATIC_PROGRAM=1; the compile also happens once with the host's compiler (target
# mxc_keeper_check), for its warnings, for clang and for clang-tidy.
option(MXC_STATIC_PIE "Link the static programs position-independent (20 us each start, for ASLR)" ON)
find_program(MXC_MUSL_GCC NAMES musl-gcc)

execute_process(COMMAND gcc -print-multiarch OUTPUT_VARIABLE MXC_MULTIARCH
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)

# -Os: fewer pages to fault in, and start-up is page faults more than instructions.
set(_static_cflags -std=gnu11 -Os -g ${MXC_WARNINGS} -ffunction-sections -fdata-sections
    -fvisibility=hidden -fno-strict-aliasing -fno-asynchronous-unwind-tables -fno-unwind-tables
    "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=" ${MXC_HARDENING}
    -D_GNU_SOURCE= -DMXC_STATIC_PROGRAM=1 -DMXC_VERSION="${MXC_VERSION}"
    -I "${CMAKE_SOURCE_DIR}/core/src" -I "${CMAKE_SOURCE_DIR}/core/include")
set(_static_ldflags -Wl,--gc-sections -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--build-id=none)

if(MXC_MUSL_GCC)
    set(MXC_STATIC_LIBC musl)
    set(MXC_STATIC_CC "${MXC_MUSL_GCC}")
    # musl has no kernel headers. Only linux/, asm/ and asm-generic/ are shown to it: with all of
    # /usr/include a header that musl does not have would silently be glibc's.
    set(_kernel "${CMAKE_BINARY_DIR}/deps/kernel-headers")
    file(MAKE_DIRECTORY "${_kernel}")
    file(CREATE_LINK /usr/include/linux "${_kernel}/linux" SYMBOLIC)
    file(CREATE_LINK /usr/include/asm-generic "${_kernel}/asm-generic" SYMBOLIC)
    if(EXISTS "/usr/include/${MXC_MULTIARCH}/asm")
        file(CREATE_LINK "/usr/include/${MXC_MULTIARCH}/asm" "${_kernel}/asm" SYMBOLIC)
    else()
        file(CREATE_LINK /usr/include/asm "${_kernel}/asm" SYMBOLIC)
    endif()
    list(APPEND _static_cflags -idirafter "${_kernel}")

    # musl-gcc's specs know no -static-pie: name musl's start files and give ld what the driver would
    string(REPLACE "-linux-gnu" "-linux-musl" _musl_arch "${MXC_MULTIARCH}")
    find_file(MXC_MUSL_RCRT1 rcrt1.o PATHS "/usr/lib/${_musl_arch}" /usr/lib/musl/lib
        /usr/local/musl/lib NO_DEFAULT_PATH)
    if(MXC_STATIC_PIE AND MXC_MUSL_RCRT1)
        get_filename_component(_musl_lib "${MXC_MUSL_RCRT1}" DIRECTORY)
        list(APPEND _static_cflags -fPIE)
        set(_static_link -static -nostartfiles -Wl,-pie,--no-dynamic-linker,-z,text
            "${_musl_lib}/rcrt1.o" "${_musl_lib}/crti.o" @OBJECTS@ "${_musl_lib}/crtn.o")
    else()
        list(APPEND _static_cflags -fno-pie)
        set(_static_link -static -no-pie @OBJECTS@)
    endif()
else()
    message(WARNING "musl-gcc was not found: the keeper is built with static glibc and each start costs "
        "some 330 us more. Install musl-tools (make setup) and configure again.")
    set(MXC_STATIC_LIBC glibc)
    set(MXC_STATIC_CC gcc)
    list(APPEND _static_cflags -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    set(_static_link -static-pie @OBJECTS@)
endif()

# Objects, one command per source with its own depfile: programs built here share sources, so each gets
# its own folder.
function(_mxc_static_objects name out)
    set(objects)
    foreach(source IN LISTS ARGN)
        get_filename_component(path "${source}" ABSOLUTE)
        file(RELATIVE_PATH relative "${CMAKE_SOURCE_DIR}" "${path}")
        string(REPLACE "/" "." flat "${relative}")
        set(object "${CMAKE_BINARY_DIR}/static/${name}/${flat}.o")
        add_custom_command(OUTPUT "${object}"
            COMMAND "${MXC_STATIC_CC}" ${_static_cflags} -MD -MF "${object}.d" -MT "${object}"
                -c "${path}" -o "${object}"
            DEPENDS "${path}" DEPFILE "${object}.d"
            COMMENT "${MXC_STATIC_LIBC} ${name}: ${relative}" VERBATIM)
        list(APPEND objects "${object}")
    endforeach()
    set(${out} ${objects} PARENT_SCOPE)
endfunction()

function(_mxc_embed name image)
    set(symbol mxc_${name}_image)
    set(source "${CMAKE_BINARY_DIR}/static/${name}/${symbol}.c")
    file(CONFIGURE OUTPUT "${source}" CONTENT [[
/* The image of mxc-@name@, made by cmake/static_program.cmake. */
#include <stdint.h>

__asm__(".pushsection .rodata.@symbol@,\"a\",@progbits\n"
        ".balign 4096\n"
        ".globl @symbol@\n.hidden @symbol@\n.type @symbol@,@object\n"
        "@symbol@:\n.incbin \"@image@\"\n"
        ".globl @symbol@_end\n.hidden @symbol@_end\n@symbol@_end:\n"
        ".size @symbol@,@symbol@_end-@symbol@\n"
        ".balign 8\n"
        ".globl @symbol@_size\n.hidden @symbol@_size\n.type @symbol@_size,@object\n"
        "@symbol@_size:\n.quad @symbol@_end-@symbol@\n.size @symbol@_size,8\n"
        ".popsection\n");

extern const char @symbol@_libc[];
const char @symbol@_libc[] = "@MXC_STATIC_LIBC@";
]] @ONLY)
    # .incbin is no #include: the object must be told that it depends on the image
    set_source_files_properties("${source}" PROPERTIES OBJECT_DEPENDS "${image}")
    add_library(${symbol} OBJECT "${source}")
    # data only, but one object without the mark of CET takes it from the whole library
    target_compile_options(${symbol} PRIVATE -fvisibility=hidden "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/="
        ${MXC_HARDENING})
    add_dependencies(${symbol} mxc_${name}_program)
endfunction()

function(mxc_static_program name)
    cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
    if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_SOURCES)
        message(FATAL_ERROR "mxc_static_program(${name}): needs SOURCES; got ${ARG_UNPARSED_ARGUMENTS}")
    endif()
    mxc_existing(ARG_SOURCES mxc-${name} ${ARG_SOURCES})
    if(NOT ARG_SOURCES)
        return()
    endif()
    file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/static/${name}" "${CMAKE_BINARY_DIR}/libexec")
    _mxc_static_objects(${name} objects ${ARG_SOURCES})
    set(program "${CMAKE_BINARY_DIR}/libexec/mxc-${name}")
    set(link ${_static_link})
    list(FIND link @OBJECTS@ at)
    list(REMOVE_AT link ${at})
    list(INSERT link ${at} ${objects})
    add_custom_command(OUTPUT "${program}.debug" "${program}"
        COMMAND "${MXC_STATIC_CC}" ${_static_ldflags} ${link} -o "${program}.debug"
        COMMAND ${CMAKE_STRIP} -s -R .comment -R .note.gnu.property -o "${program}" "${program}.debug"
        DEPENDS ${objects} COMMENT "${MXC_STATIC_LIBC} ${name}: link" VERBATIM)
    add_custom_target(mxc_${name}_program ALL DEPENDS "${program}")
    _mxc_embed(${name} "${program}")

    add_library(mxc_${name}_check OBJECT ${ARG_SOURCES})
    target_link_libraries(mxc_${name}_check PRIVATE mxc_flags)
    target_compile_definitions(mxc_${name}_check PRIVATE MXC_STATIC_PROGRAM=1)
endfunction()

function(mxc_keeper_program)
    mxc_static_program(keeper ${ARGN})
endfunction()
