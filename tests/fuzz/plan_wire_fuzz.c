/* plan_wire_fuzz.c: the wire form of a plan, as the keeper reads it. What is accepted has every offset inside, prints,
 * and is the same plan when it is written once more. The bounds are checked here by other code than view.c's. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "fuzz/fuzz.h"
#include "plan/builder.h"

struct bounds {
    const char *strings;
    size_t strings_size;
    size_t blobs_size;
};

static const char *string_in(const struct bounds *in, uint32_t offset) {
    FUZZ_HOLDS(offset < in->strings_size);
    FUZZ_HOLDS(memchr(in->strings + offset, 0, in->strings_size - offset) != NULL);
    return in->strings + offset;
}

/* No operation may lead out of the new root. */
static void check_path(const char *path) {
    FUZZ_HOLDS(path[0] == '/' && !strstr(path, "//") && !strstr(path, "/../") && !strstr(path, "/./"));
    const char *last = strrchr(path, '/');
    FUZZ_HOLDS(strcmp(last, "/..") != 0 && strcmp(last, "/.") != 0);
}

static void check_op(const struct bounds *in, const struct mxc_op *op, const struct mxc_op *before) {
    FUZZ_HOLDS(op->kind >= 1 && op->kind < MXC_OP_KINDS);
    FUZZ_HOLDS(!before || op->kind != MXC_OP_CGROUP_SET || before->kind <= MXC_OP_CGROUP_SET);
    (void)string_in(in, op->origin);
    const char *text = string_in(in, op->text), *text2 = string_in(in, op->text2);
    FUZZ_HOLDS((uint64_t)op->blob + op->blob_length <= in->blobs_size);
    if ((op->kind >= MXC_OP_DIR && op->kind <= MXC_OP_MASK) || op->kind == MXC_OP_LANDLOCK_RULE)
        check_path(text);
    if (op->kind == MXC_OP_BIND || op->kind == MXC_OP_DEVICE)
        check_path(text2);
    if (op->kind == MXC_OP_CGROUP_SET)
        FUZZ_HOLDS(!strchr(text, '/'));
}

static void check_bounds(const struct mxc_plan_view *view, const uint8_t *bytes, size_t size) {
    const uint8_t *end = bytes + size;
    struct bounds in = {view->strings, view->header->string_bytes, view->header->blob_bytes};
    FUZZ_HOLDS(view->op_count <= MXC_PLAN_MAX_OPS);
    FUZZ_HOLDS((const uint8_t *)(view->ops + view->op_count) <= (const uint8_t *)view->strings);
    FUZZ_HOLDS((const uint8_t *)view->strings + in.strings_size <= view->blobs);
    FUZZ_HOLDS(view->blobs + in.blobs_size == end);
    for (uint32_t i = 0; i < view->op_count; i++)
        check_op(&in, &view->ops[i], i ? &view->ops[i - 1] : NULL);
}

static void rebuild(struct mxc_plan *plan, const struct mxc_plan_view *view) {
    for (uint32_t i = 0; i < view->op_count; i++) {
        const struct mxc_op *op = &view->ops[i];
        MXC_PLAN_ADD(plan, (enum mxc_op_kind)op->kind, .origin = mxc_plan_text_at(view, op->origin),
                     .text = mxc_plan_text_at(view, op->text), .text2 = mxc_plan_text_at(view, op->text2),
                     .blob = view->blobs + op->blob, .blob_length = op->blob_length, .a = op->a, .b = op->b, .c = op->c,
                     .d = op->d);
    }
}

/* Written anew it says the same. Strings that ops shared are written for each, so it can become too large. */
static void check_written_again(const struct mxc_plan_view *view) {
    MXC_AUTO_BUF struct mxc_buf first = {0};
    MXC_AUTO_BUF struct mxc_buf second = {0};
    struct mxc_plan plan = {0};
    struct mxc_plan_view again;
    size_t length;
    mxc_plan_print(&first, view, 1);
    FUZZ_HOLDS(!first.failed);
    rebuild(&plan, view);
    if (mxc_plan_encoded_length(&plan) <= MXC_PLAN_MAX_BYTES) {
        MXC_AUTO_FREE void *bytes = mxc_plan_encode(&plan, &length);
        FUZZ_HOLDS(bytes && mxc_plan_view(&again, bytes, length) == 0);
        FUZZ_HOLDS(mxc_plan_complete(&again) == mxc_plan_complete(view));
        mxc_plan_print(&second, &again, 1);
        FUZZ_HOLDS(first.length == second.length && (!first.length || !memcmp(first.data, second.data, first.length)));
    }
    mxc_plan_clear(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct mxc_plan_view view;
    uint8_t *bytes = malloc(size ? size : 1); /* aligned, as a mapping is */
    FUZZ_HOLDS(bytes != NULL);
    if (size)
        memcpy(bytes, data, size);
    fuzz_accepted = mxc_plan_view(&view, bytes, size) == 0;
    if (fuzz_accepted) {
        check_bounds(&view, bytes, size);
        check_written_again(&view);
    }
    free(bytes);
    return 0;
}
