/* narrow.h: calls that reach out of a wall without namespaces, by the bits of enum mxc_filter_narrow. */
#ifndef MXC_FILTER_NARROW_H
#define MXC_FILTER_NARROW_H

#include "filter/compile.h"

struct mxc_narrowing {
    unsigned int bit;          /* of enum mxc_filter_narrow */
    const char *names;         /* separated by blanks: mxc_call_next */
    const char *reason;        /* why no policy may allow it there; NULL: one may */
    enum mxc_call_check check; /* MXC_CHECK_NONE: denied */
};

/* The row that narrows a name, or NULL. */
const struct mxc_narrowing *mxc_narrowing_of(const char *name, unsigned int narrow);

#endif
