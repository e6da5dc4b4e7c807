/* findings.c: see findings.h. */
#include "report/findings.h"

#include <string.h>

#include "base/alloc.h"

int mxc_findings_add(struct mxc_findings *findings, const char *kind, const char *path) {
    if (findings->count > MXC_MAX_FINDINGS)
        return 0;
    if (findings->count == MXC_MAX_FINDINGS)
        kind = MXC_FINDING_INCOMPLETE;
    for (size_t i = 0; i < findings->count; i++)
        if (strcmp(findings->items[i].path, path) == 0 && strcmp(findings->items[i].kind, kind) == 0)
            return 0;
    if (mxc_reserve(&findings->items, &findings->capacity, findings->count + 1, sizeof *findings->items) < 0)
        return -1;
    char *copy = mxc_strdup(path);
    if (!copy)
        return -1;
    findings->items[findings->count++] = (struct mxc_finding){.kind = kind, .path = copy};
    return 0;
}

void mxc_findings_json(struct mxc_buf *out, const struct mxc_findings *findings) {
    mxc_buf_text(out, "[");
    for (size_t i = 0; i < findings->count; i++) {
        mxc_buf_format(out, "%s{\"kind\": \"%s\", \"path\": ", i ? ", " : "", findings->items[i].kind);
        mxc_buf_json(out, findings->items[i].path);
        mxc_buf_text(out, "}");
    }
    mxc_buf_text(out, "]");
}

void mxc_findings_clear(struct mxc_findings *findings) {
    for (size_t i = 0; i < findings->count; i++)
        mxc_free(findings->items[i].path);
    mxc_free(findings->items);
    *findings = (struct mxc_findings){0};
}
