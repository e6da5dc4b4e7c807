# Tests, all registered with CTest.
#
#   mxc_unit_test(base_buffer SOURCES buffer_test.c USES base
#                 [LABELS quick unit] [LIBS ...] [WRAP malloc ...] [TIMEOUT 60])
#       a cmocka program over the rooms named in USES; sees their internal headers. WRAP gives
#       -Wl,--wrap=<name>. Labels are `quick;unit` unless told.
#   mxc_public_test(host_manners SOURCES ... LABELS wall [LIBS ...] [TIMEOUT 120] [ARGS ...])
#       a program over libmxc.so and mxc.h alone (cmocka linked too).
#   mxc_test(conformance_cli COMMAND ${MXC_PYTHON} run.py ... LABELS conformance quick
#            [TIMEOUT 120] [SERIAL] [LOCK network] [COST 40] [ENVIRONMENT A=b ...])
#       any command. MXC_SOURCE, MXC_BUILD and MXC_PYTHON are in its environment.
# Labels: quick unit plan conformance wall lint python package slow. Exit status 77 means skipped; print the
# missing feature's name as the last line then.
#   SERIAL  alone: it measures how fast something is, or looks on the whole host for what sandboxes leave behind
#   LOCK    not beside others of the same name: they share a tool or a folder, or one alone keeps a host busy
#   COST    seconds that it takes, where they are many: the longest start first, also where nothing was measured before

function(mxc_test name)
    cmake_parse_arguments(ARG "SERIAL" "TIMEOUT;LOCK;COST" "COMMAND;LABELS;ENVIRONMENT" ${ARGN})
    if(ARG_UNPARSED_ARGUMENTS OR NOT DEFINED ARG_COMMAND OR NOT DEFINED ARG_LABELS)
        message(FATAL_ERROR "mxc_test(${name}): needs COMMAND and LABELS; got ${ARG_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    add_test(NAME ${name} COMMAND ${ARG_COMMAND})
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
        SKIP_RETURN_CODE 77 RUN_SERIAL "${ARG_SERIAL}"
        ENVIRONMENT "MXC_SOURCE=${CMAKE_SOURCE_DIR};MXC_BUILD=${CMAKE_BINARY_DIR};MXC_PYTHON=${MXC_PYTHON};${ARG_ENVIRONMENT}")
    if(ARG_LOCK)
        set_tests_properties(${name} PROPERTIES RESOURCE_LOCK "${ARG_LOCK}")
    endif()
    if(ARG_COST)
        set_tests_properties(${name} PROPERTIES COST "${ARG_COST}")
    endif()
endfunction()

function(mxc_unit_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;USES;LABELS;LIBS;WRAP" ${ARGN})
    if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_SOURCES)
        message(FATAL_ERROR "mxc_unit_test(${name}): needs SOURCES; got ${ARG_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT ARG_LABELS)
        set(ARG_LABELS quick unit)
    endif()
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 60)
    endif()
    mxc_existing(ARG_SOURCES "test ${name}" ${ARG_SOURCES})
    if(NOT ARG_SOURCES)
        return()
    endif()
    add_executable(test_${name} ${ARG_SOURCES})
    set_target_properties(test_${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    target_link_libraries(test_${name} PRIVATE ${ARG_LIBS} "${MXC_CMOCKA}")
    foreach(function IN LISTS ARG_WRAP)
        target_link_options(test_${name} PRIVATE "-Wl,--wrap=${function}")
    endforeach()
    mxc_use_rooms(test_${name} ${ARG_USES})
    target_include_directories(test_${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
    get_target_property(left_out test_${name} EXCLUDE_FROM_ALL)
    if(NOT left_out)
        mxc_test(${name} COMMAND test_${name} LABELS ${ARG_LABELS} TIMEOUT ${ARG_TIMEOUT})
    endif()
endfunction()

function(mxc_public_test name)
    cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "SOURCES;LABELS;LIBS;ARGS;ENVIRONMENT" ${ARGN})
    if(ARG_UNPARSED_ARGUMENTS OR NOT DEFINED ARG_SOURCES OR NOT DEFINED ARG_LABELS)
        message(FATAL_ERROR "mxc_public_test(${name}): needs SOURCES and LABELS; got ${ARG_UNPARSED_ARGUMENTS}")
    endif()
    mxc_existing(ARG_SOURCES "test ${name}" ${ARG_SOURCES})
    if(NOT ARG_SOURCES)
        return()
    endif()
    add_executable(test_${name} ${ARG_SOURCES})
    set_target_properties(test_${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    target_link_libraries(test_${name} PRIVATE mxc_flags mxc::shared ${ARG_LIBS} "${MXC_CMOCKA}")
    target_include_directories(test_${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
    if(MXC_INCOMPLETE)
        set_target_properties(test_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
        return()
    endif()
    set(serial)
    if(ARG_SERIAL)
        set(serial SERIAL)
    endif()
    mxc_test(${name} COMMAND test_${name} ${ARG_ARGS} LABELS ${ARG_LABELS} TIMEOUT "${ARG_TIMEOUT}"
        ENVIRONMENT ${ARG_ENVIRONMENT} ${serial})
endfunction()
