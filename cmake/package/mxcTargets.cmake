# Included by mxcConfig.cmake, which sets _mxc_libdir and _mxc_includedir.
if(NOT TARGET mxc::mxc)
    add_library(mxc::mxc SHARED IMPORTED)
    set_target_properties(mxc::mxc PROPERTIES IMPORTED_LOCATION "${_mxc_libdir}/libmxc.so.0"
        IMPORTED_SONAME libmxc.so.0 INTERFACE_INCLUDE_DIRECTORIES "${_mxc_includedir}")
endif()

# The archive is of use only where those are that it needs; a program that links the shared library needs neither.
find_library(MXC_LIBSECCOMP NAMES libseccomp.a seccomp)
find_library(MXC_LIBJANSSON NAMES libjansson.a jansson)
mark_as_advanced(MXC_LIBSECCOMP MXC_LIBJANSSON)
if(NOT TARGET mxc::static AND MXC_LIBSECCOMP AND MXC_LIBJANSSON)
    add_library(mxc::static STATIC IMPORTED)
    set_target_properties(mxc::static PROPERTIES IMPORTED_LOCATION "${_mxc_libdir}/libmxc.a"
        IMPORTED_LINK_INTERFACE_LANGUAGES C INTERFACE_INCLUDE_DIRECTORIES "${_mxc_includedir}"
        INTERFACE_LINK_LIBRARIES "${MXC_LIBSECCOMP};${MXC_LIBJANSSON}")
endif()
