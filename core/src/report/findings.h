/* findings.h: what a run has left behind that a program of the host would trust later. */
#ifndef MXC_REPORT_FINDINGS_H
#define MXC_REPORT_FINDINGS_H

#include "base/buf.h"

#define MXC_FINDING_REPOSITORY "new_repository"
#define MXC_FINDING_HOOK "new_hook"
#define MXC_FINDING_NAME "new_protected_name"
#define MXC_FINDING_INCOMPLETE "incomplete" /* a folder that has become too large to be looked through */
#define MXC_MAX_FINDINGS 1000u              /* more than these are one "incomplete" */

struct mxc_finding {
    const char *kind; /* one of the above */
    char *path;
};

struct mxc_findings {
    struct mxc_finding *items;
    size_t count, capacity;
};

/* Once for each kind and path. 0, or -1: out of memory. */
int mxc_findings_add(struct mxc_findings *findings, const char *kind, const char *path);
/* [{"kind": "new_hook", "path": "/w/.git/hooks/x"}] */
void mxc_findings_json(struct mxc_buf *out, const struct mxc_findings *findings);
void mxc_findings_clear(struct mxc_findings *findings);

#endif
