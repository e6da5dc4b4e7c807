# libmxc itself: build/lib/libmxc.so.0 (needs libc only) and build/lib/libmxc.a (the rooms' objects).
# Targets: mxc::shared (public ABI only), mxc::static (archive plus the libraries it needs).
set(MXC_HOST_ROOMS base policy report plan contract probe filter backend client api)

# The version script is made from the public header by `make bindings` and committed; lints compare it with the
# header and with what is exported.
set(MXC_VERSION_SCRIPT "${CMAKE_SOURCE_DIR}/core/abi/libmxc.map")

function(mxc_library)
    get_property(missing GLOBAL PROPERTY MXC_LEFT_OUT)
    foreach(room IN LISTS MXC_HOST_ROOMS)
        if(NOT TARGET mxc_${room})
            list(APPEND missing ${room})
        endif()
    endforeach()
    foreach(image keeper_image relay_image)
        if(NOT TARGET mxc_${image})
            list(APPEND missing ${image})
        endif()
    endforeach()
    set(objects)
    foreach(part IN LISTS MXC_HOST_ROOMS ITEMS keeper_image relay_image)
        if(TARGET mxc_${part})
            list(APPEND objects $<TARGET_OBJECTS:mxc_${part}>)
        endif()
    endforeach()
    set(no_stdin "${CMAKE_SOURCE_DIR}/core/src/contract/no_stdin.c")

    add_library(mxc_shared SHARED ${objects} "${no_stdin}")
    set_target_properties(mxc_shared PROPERTIES OUTPUT_NAME mxc VERSION ${MXC_VERSION} SOVERSION 0
        LINK_DEPENDS "${MXC_VERSION_SCRIPT};${MXC_JANSSON_PIC_A}")
    add_dependencies(mxc_shared mxc_jansson_pic)
    target_link_libraries(mxc_shared PRIVATE mxc_flags mxc::seccomp "${MXC_JANSSON_PIC_A}")
    target_link_options(mxc_shared PRIVATE "-Wl,--version-script=${MXC_VERSION_SCRIPT}" -Wl,--exclude-libs,ALL
        -Wl,-z,text -Wl,--as-needed)
    if(NOT MXC_SANITIZE OR CMAKE_C_COMPILER_ID STREQUAL "GNU")
        target_link_options(mxc_shared PRIVATE -Wl,-z,defs)
    endif()
    target_include_directories(mxc_shared INTERFACE "${CMAKE_SOURCE_DIR}/core/include")
    add_library(mxc::shared ALIAS mxc_shared)

    add_library(mxc_archive STATIC ${objects} "${no_stdin}")
    set_target_properties(mxc_archive PROPERTIES OUTPUT_NAME mxc)
    target_link_libraries(mxc_archive PRIVATE mxc_flags)
    target_include_directories(mxc_archive INTERFACE "${CMAKE_SOURCE_DIR}/core/include")
    target_link_libraries(mxc_archive INTERFACE mxc::seccomp mxc::jansson)
    add_library(mxc::static ALIAS mxc_archive)

    if(missing)
        message(STATUS "mxc: no libmxc in this build yet, these parts are not there: ${missing}")
        set_target_properties(mxc_shared mxc_archive PROPERTIES EXCLUDE_FROM_ALL ON)
        set(MXC_INCOMPLETE ON PARENT_SCOPE)
    endif()
endfunction()
