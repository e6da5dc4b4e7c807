# `cmake --install build --prefix P`, `make install PREFIX=P`: the header, both libraries, the command with its manual page
# and completions, the files of pkg-config and find_package, licences and the list of parts. Nothing in them names P.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# A file that the built command prints.
function(_mxc_printed file folder)
    set(path "${CMAKE_BINARY_DIR}/share/${file}")
    add_custom_command(OUTPUT "${path}" COMMAND mxc_program_mxc ${ARGN} > "${path}"
        DEPENDS mxc_program_mxc COMMENT "Printing ${file}" VERBATIM)
    set_property(GLOBAL APPEND PROPERTY MXC_PRINTED "${path}")
    install(FILES "${path}" DESTINATION "${folder}")
endfunction()

function(_mxc_manual_pages)
    set(folder "${CMAKE_BINARY_DIR}/share/man1")
    file(MAKE_DIRECTORY "${folder}")
    add_custom_command(OUTPUT "${folder}/mxc.1" COMMAND mxc_program_mxc man --into "${folder}"
        DEPENDS mxc_program_mxc COMMENT "Printing the manual pages" VERBATIM)
    set_property(GLOBAL APPEND PROPERTY MXC_PRINTED "${folder}/mxc.1")
    install(DIRECTORY "${folder}" DESTINATION "${CMAKE_INSTALL_MANDIR}")
endfunction()

# The list of third-party parts (CycloneDX), with the versions of this machine.
function(_mxc_bom)
    set(bom "${CMAKE_BINARY_DIR}/share/bom.cdx.json")
    add_custom_command(OUTPUT "${bom}" COMMAND "${MXC_SYSTEM_PYTHON}" "${CMAKE_SOURCE_DIR}/scripts/sbom" c "${bom}"
        DEPENDS "${CMAKE_SOURCE_DIR}/scripts/sbom" "${CMAKE_SOURCE_DIR}/VERSION" "${MXC_SECCOMP_A}" "${MXC_JANSSON_A}"
        VERBATIM)
    set_property(GLOBAL APPEND PROPERTY MXC_PRINTED "${bom}")
    install(FILES "${CMAKE_SOURCE_DIR}/LICENSE" "${CMAKE_SOURCE_DIR}/NOTICE" "${bom}"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/mxc")
endfunction()

function(_mxc_package_files)
    set(package "${CMAKE_SOURCE_DIR}/cmake/package")
    set(out "${CMAKE_BINARY_DIR}/package")
    set(folder "${CMAKE_INSTALL_LIBDIR}/cmake/mxc")
    file(RELATIVE_PATH MXC_PC_TO_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
    string(REGEX REPLACE "/$" "" MXC_PC_TO_PREFIX "${MXC_PC_TO_PREFIX}")
    configure_file("${package}/mxc.pc.in" "${out}/mxc.pc" @ONLY)
    configure_package_config_file("${package}/mxcConfig.cmake.in" "${out}/mxcConfig.cmake"
        INSTALL_DESTINATION "${folder}")
    # before 1.0 a minor version may change the interface
    write_basic_package_version_file("${out}/mxcConfigVersion.cmake" VERSION ${MXC_VERSION}
        COMPATIBILITY SameMinorVersion)
    install(FILES "${out}/mxc.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
    install(FILES "${out}/mxcConfig.cmake" "${out}/mxcConfigVersion.cmake" "${package}/mxcTargets.cmake"
        DESTINATION "${folder}")
endfunction()

function(mxc_install)
    if(MXC_INCOMPLETE OR MXC_SANITIZE)
        return()
    endif()
    file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/share")
    install(FILES "${CMAKE_SOURCE_DIR}/core/include/mxc/mxc.h" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/mxc")
    install(TARGETS mxc_shared mxc_archive mxc_program_mxc)
    _mxc_package_files()
    _mxc_bom()
    _mxc_manual_pages()
    _mxc_printed(mxc "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" completion bash)
    _mxc_printed(_mxc "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" completion zsh)
    _mxc_printed(mxc.fish "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" completion fish)
    get_property(printed GLOBAL PROPERTY MXC_PRINTED)
    add_custom_target(mxc_printed ALL DEPENDS ${printed})
endfunction()
