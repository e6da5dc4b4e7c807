/* builder.c: appends operations to a plan and turns the whole into its wire form (plan.h). Out of memory is
 * remembered and told once, by mxc_plan_encode(). It must not know what an operation means. */
#include "plan/builder.h"

#include <string.h>

#include "base/alloc.h"

static void pad_to_eight(struct mxc_buf *buf) {
    static const char zeroes[8];
    if (buf->length % 8)
        mxc_buf_bytes(buf, zeroes, 8 - buf->length % 8);
}

static uint32_t keep_string(struct mxc_plan *plan, const char *text) {
    if (!text || !*text)
        return 0;
    if (!plan->strings.length)
        mxc_buf_bytes(&plan->strings, "", 1); /* offset 0 is the empty string */
    size_t at = plan->strings.length;
    mxc_buf_bytes(&plan->strings, text, strlen(text) + 1);
    if (plan->strings.length > INT32_MAX)
        plan->failed = 1; /* never reached in practice: it only keeps offsets honest */
    return (uint32_t)at;
}

/* Neighbours mostly serve the same policy item. */
static uint32_t keep_origin(struct mxc_plan *plan, const char *origin) {
    if (plan->count && origin && !plan->strings.failed && plan->strings.length) {
        uint32_t last = plan->ops[plan->count - 1].origin;
        if (strcmp(plan->strings.data + last, origin) == 0)
            return last;
    }
    return keep_string(plan, origin);
}

static uint32_t keep_blob(struct mxc_plan *plan, const void *blob, size_t length) {
    if (!length)
        return 0;
    pad_to_eight(&plan->blobs);
    size_t at = plan->blobs.length;
    mxc_buf_bytes(&plan->blobs, blob, length);
    if (plan->blobs.length > INT32_MAX)
        plan->failed = 1;
    return (uint32_t)at;
}

void mxc_plan_add(struct mxc_plan *plan, enum mxc_op_kind kind, const struct mxc_op_args *args) {
    if (plan->failed)
        return;
    struct mxc_op op = {
        .kind = kind,
        .origin = keep_origin(plan, args->origin),
        .text = keep_string(plan, args->text),
        .text2 = keep_string(plan, args->text2),
        .blob = keep_blob(plan, args->blob, args->blob_length),
        .blob_length = (uint32_t)args->blob_length,
        .a = args->a,
        .b = args->b,
        .c = args->c,
        .d = args->d,
    };
    if (plan->strings.failed || plan->blobs.failed ||
        mxc_reserve(&plan->ops, &plan->capacity, plan->count + 1, sizeof *plan->ops)) {
        plan->failed = 1;
        return;
    }
    plan->ops[plan->count++] = op;
}

size_t mxc_plan_encoded_length(const struct mxc_plan *plan) {
    size_t strings = plan->strings.length ? plan->strings.length : 1;
    size_t head = sizeof(struct mxc_plan_header) + plan->count * sizeof *plan->ops;
    return ((head + strings + 7) & ~(size_t)7) + plan->blobs.length;
}

void *mxc_plan_encode(const struct mxc_plan *plan, size_t *length) {
    size_t total = mxc_plan_encoded_length(plan);
    size_t ops = plan->count * sizeof *plan->ops;
    unsigned char *bytes = plan->failed ? NULL : mxc_alloc(total); /* zeroed: also the gap before the blobs */
    if (!bytes)
        return NULL;
    struct mxc_plan_header header = {
        .magic = MXC_PLAN_MAGIC,
        .total_bytes = (uint32_t)total,
        .op_count = (uint32_t)plan->count,
        .string_bytes = (uint32_t)(plan->strings.length ? plan->strings.length : 1),
        .blob_bytes = (uint32_t)plan->blobs.length,
    };
    memcpy(bytes, &header, sizeof header);
    if (ops)
        memcpy(bytes + sizeof header, plan->ops, ops);
    if (plan->strings.length)
        memcpy(bytes + sizeof header + ops, plan->strings.data, plan->strings.length);
    if (plan->blobs.length)
        memcpy(bytes + total - plan->blobs.length, plan->blobs.data, plan->blobs.length);
    *length = total;
    return bytes;
}

void mxc_plan_clear(struct mxc_plan *plan) {
    mxc_free(plan->ops);
    mxc_buf_free(&plan->strings);
    mxc_buf_free(&plan->blobs);
    memset(plan, 0, sizeof *plan);
}
