/* plain_test.c: a plan without namespaces is complete with its own walls only: none may be missing, none of the other kind
 * may be among them, and init may kill everyone only where that reaches the sandbox alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/alloc.h"
#include "plan/builder.h"

struct kind {
    enum mxc_identity identity;
    uint64_t kill_everyone, keep_bounding, fs_rights, scoped;
    uint32_t without, with; /* op kinds; 0: none */
};

static const uint64_t filter[3] = {6, 6, 6};
static const struct kind user = {MXC_IDENTITY_CALLER, 1, 1, 0xffff, 3, 0, 0};
static const struct kind root = {MXC_IDENTITY_SESSION, 1, 0, 0x1fff, 0, 0, 0};

static void add(struct mxc_plan *plan, const struct kind *kind, enum mxc_op_kind op, const struct mxc_op_args *args) {
    if (kind->without != op)
        mxc_plan_add(plan, op, args);
}
#define ADD(op, ...) add(&plan, kind, (op), &(const struct mxc_op_args){__VA_ARGS__})

/* 1 complete, 0 not complete, -1 not well formed. */
static int judged(const struct kind *kind) {
    struct mxc_plan plan = {0};
    struct mxc_plan_view view;
    size_t length;
    ADD(MXC_OP_IDENTITY, .a = kind->identity, .c = 1000);
    ADD(MXC_OP_SCRATCH, .text = "/tmp/mxc-scratch-0");
    if (kind->with == MXC_OP_NAMESPACES)
        mxc_plan_add(&plan, MXC_OP_NAMESPACES, &(const struct mxc_op_args){.a = 0x10000000});
    if (kind->with == MXC_OP_DIR)
        mxc_plan_add(&plan, MXC_OP_DIR, &(const struct mxc_op_args){.text = "/etc", .a = 0755});
    ADD(MXC_OP_CHILD, .a = kind->kill_everyone);
    ADD(MXC_OP_RLIMIT, .a = 6, .b = 10, .c = 1);
    ADD(MXC_OP_CAPS, .a = kind->keep_bounding);
    ADD(MXC_OP_NNP, .a = 0);
    ADD(MXC_OP_LANDLOCK_RULE, .text = "/usr", .a = 13, .b = 1, .c = 2, .d = MXC_OBJECT_FOLDER);
    ADD(MXC_OP_LANDLOCK, .a = kind->fs_rights, .b = kind->scoped, .d = 7);
    ADD(MXC_OP_SECCOMP, .blob = filter, .blob_length = sizeof filter, .a = 8);
    ADD(MXC_OP_VERIFY, .a = 0);
    void *bytes = mxc_plan_encode(&plan, &length);
    int result = mxc_plan_view(&view, bytes, length) ? -1 : mxc_plan_complete(&view) == 0;
    mxc_free(bytes);
    mxc_plan_clear(&plan);
    return result;
}

static void both_kinds_are_complete(void **state) {
    (void)state;
    assert_int_equal(judged(&user), 1);
    assert_int_equal(judged(&root), 1);
}

static void no_wall_may_be_missing(void **state) {
    static const uint32_t walls[] = {MXC_OP_IDENTITY, MXC_OP_SCRATCH,  MXC_OP_CHILD,   MXC_OP_CAPS,
                                     MXC_OP_NNP,      MXC_OP_LANDLOCK, MXC_OP_SECCOMP, MXC_OP_VERIFY};
    (void)state;
    for (size_t i = 0; i < sizeof walls / sizeof *walls; i++) {
        struct kind less = user;
        less.without = walls[i];
        assert_int_equal(judged(&less), 0);
    }
}

static void walls_of_the_other_kind_do_not_belong(void **state) {
    struct kind more = user;
    (void)state;
    more.with = MXC_OP_NAMESPACES;
    assert_int_equal(judged(&more), 0);
    more.with = MXC_OP_DIR;
    assert_int_equal(judged(&more), 0);
}

static void killing_everyone_needs_a_bound(void **state) {
    struct kind free = user;
    (void)state;
    free.scoped = 1; /* abstract sockets only */
    assert_int_equal(judged(&free), 0);
    free.kill_everyone = 0;
    assert_int_equal(judged(&free), 1);
    free.kill_everyone = 2;
    assert_int_equal(judged(&free), -1);
}

static void root_empties_the_bounding_set(void **state) {
    struct kind lazy = root;
    (void)state;
    lazy.keep_bounding = 1;
    assert_int_equal(judged(&lazy), 0);
}

static void files_are_confined_as_a_whole(void **state) {
    struct kind open = user;
    (void)state;
    open.fs_rights = 0xffff & ~2u; /* writing is not handled */
    assert_int_equal(judged(&open), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_kinds_are_complete),
        cmocka_unit_test(no_wall_may_be_missing),
        cmocka_unit_test(walls_of_the_other_kind_do_not_belong),
        cmocka_unit_test(killing_everyone_needs_a_bound),
        cmocka_unit_test(root_empties_the_bounding_set),
        cmocka_unit_test(files_are_confined_as_a_whole),
    };
    return cmocka_run_group_tests_name("plan without namespaces", tests, NULL, NULL);
}
