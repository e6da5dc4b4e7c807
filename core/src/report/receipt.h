/* receipt.h: the receipt: for every item of a policy, which mechanism enforces it and at which level. Filled by a
 * backend's check before anything is started; printed by explain and carried by every result. Host side only. */
#ifndef MXC_REPORT_RECEIPT_H
#define MXC_REPORT_RECEIPT_H

#include "base/buf.h"

enum mxc_level {
    MXC_LEVEL_NONE,       /* not enforced: only with onUnsupported "report", or where the note says why */
    MXC_LEVEL_SUPERVISOR, /* the keeper watches and acts; there is a window */
    MXC_LEVEL_KERNEL,
};

struct mxc_receipt_line {
    char *item;      /* JSON pointer: "/filesystem/readonlyPaths/0"; defaults get the pointer they would have */
    char *rule;      /* in words: "read-only /data" */
    char *mechanism; /* names joined by ", ": "mount, network namespace" */
    char *note;      /* NULL: nothing to add */
    enum mxc_level level;
};

struct mxc_receipt {
    struct mxc_receipt_line *lines;
    size_t count, capacity;
    int failed; /* out of memory somewhere */
};

struct mxc_receipt_args {
    const char *item, *rule, *mechanism, *note;
    enum mxc_level level;
};

void mxc_receipt_add(struct mxc_receipt *receipt, const struct mxc_receipt_args *args);
/* JSON array: [{"item", "rule", "mechanism": [...], "level": "kernel"|"supervisor"|"none", "note"?}] */
void mxc_receipt_json(struct mxc_buf *out, const struct mxc_receipt *receipt);
void mxc_receipt_clear(struct mxc_receipt *receipt);

#endif
