# Lints are tests with the label `lint`; `make lint` runs them alone. Each is a script that can be run by
# hand from the project's root: scripts/lint/<name>. They look at sources, so one build has them.
function(mxc_lints)
    if(MXC_SANITIZE OR NOT CMAKE_C_COMPILER_ID STREQUAL "GNU")
        return()
    endif()
    set(dir "${CMAKE_SOURCE_DIR}/scripts/lint")
    foreach(lint IN ITEMS layers sizes format forbidden places shell)
        mxc_test(lint_${lint} COMMAND "${MXC_SYSTEM_PYTHON}" "${dir}/${lint}.py" LABELS lint quick)
    endforeach()
    mxc_test(lint_tidy COMMAND "${MXC_SYSTEM_PYTHON}" "${dir}/tidy.py" --build "${CMAKE_BINARY_DIR}"
        LABELS lint slow TIMEOUT 600 SERIAL)
endfunction()
