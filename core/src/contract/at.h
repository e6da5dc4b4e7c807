/* at.h: where in the document the reader is: a chain of names and indexes on the stack, made text only when needed. */
#ifndef MXC_CONTRACT_AT_H
#define MXC_CONTRACT_AT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

struct mxc_at {
    const struct mxc_at *up; /* NULL: the root */
    const char *name;        /* NULL: `index` counts */
    size_t index;
};

/* One step of a JSON pointer (RFC 6901), control bytes made visible. */
void mxc_pointer_step(struct mxc_buf *buf, const char *name, size_t length);
char *mxc_at_pointer(const struct mxc_at *at); /* freed with mxc_free; NULL: out of memory */

/* An error at this place. */
mxc_status mxc_at_fail(mxc_error **err, const struct mxc_at *at, mxc_status status, const char *hint,
                       const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
