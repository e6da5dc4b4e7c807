/* builder.h: making a plan on the host side: ops are appended in order, then encoded or printed. */
#ifndef MXC_PLAN_BUILDER_H
#define MXC_PLAN_BUILDER_H

#include "base/buf.h"
#include "plan/plan.h"

struct mxc_plan {
    struct mxc_op *ops;
    size_t count, capacity;
    struct mxc_buf strings;
    struct mxc_buf blobs;
    int failed; /* out of memory somewhere: checked once, by encode and print */
};

/* What an op says; unused fields stay zero. */
struct mxc_op_args {
    const char *origin, *text, *text2;
    const void *blob;
    size_t blob_length;
    uint64_t a, b, c, d;
};

void mxc_plan_add(struct mxc_plan *plan, enum mxc_op_kind kind, const struct mxc_op_args *args);
#define MXC_PLAN_ADD(plan, kind, ...) mxc_plan_add((plan), (kind), &(const struct mxc_op_args){__VA_ARGS__})
/* Bytes of the wire form; more than MXC_PLAN_MAX_BYTES is not a valid plan. */
size_t mxc_plan_encoded_length(const struct mxc_plan *plan);
/* Wire form of plan.h in one block (freed with mxc_free); NULL when out of memory. */
void *mxc_plan_encode(const struct mxc_plan *plan, size_t *length);
/* One op a line: `bind /usr <- /usr ro  # /filesystem/baseline`. Stable: golden tests compare it. Identities
 * (dev, ino) are printed only when `identities` is not 0. Takes a checked view, so it prints what is applied. */
void mxc_plan_print(struct mxc_buf *out, const struct mxc_plan_view *view, int identities);
/* The rules of MXC_OP_RELAY, an indented line each after its own. */
void mxc_plan_print_rules(struct mxc_buf *out, const void *bytes, size_t length);
void mxc_plan_put_text(struct mxc_buf *out, const char *text); /* escaped where a terminal would act on it */
void mxc_plan_clear(struct mxc_plan *plan);

#endif
