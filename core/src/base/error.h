/* error.h: the error object of the public API and the one way to make one. It carries what was wrong, where
 * (JSON pointer), and what to do. Out of memory is a static object that is never freed. */
#ifndef MXC_BASE_ERROR_H
#define MXC_BASE_ERROR_H

#include "mxc/mxc.h"

/* What a failure says besides its message; every field may be NULL or 0. */
struct mxc_fault {
    const char *origin;    /* JSON pointer of the policy item */
    const char *operation; /* what was being done: a call, a plan op */
    const char *hint;      /* what to do about it */
    int sys_errno;
};

/* Writes an error to *err (when err is not NULL) and returns `status`, so that callers `return mxc_fail(...)`.
 * An error that is already there is freed and replaced. */
mxc_status mxc_fail(mxc_error **err, mxc_status status, const struct mxc_fault *fault, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

mxc_status mxc_fail_memory(mxc_error **err);

/* A failed system call in the host process: MXC_E_SYSTEM with errno's text. */
mxc_status mxc_fail_errno(mxc_error **err, const char *operation, int sys_errno);

#define MXC_FAULT(...) (&(const struct mxc_fault){__VA_ARGS__})

#endif
