/* view_test.c: the keeper believes a plan only after mxc_plan_view(): whatever it accepts must be safe to read to
 * the last byte. Hand-made faults first, then many random ones; the sanitizer build of this test is the judge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "plan/builder.h"
#include "plan/network.h"

#define ROUNDS 200000

static const uint64_t filter[3] = {6, 6, 6};

static void add_walls(struct mxc_plan *plan) {
    MXC_PLAN_ADD(plan, MXC_OP_LOOPBACK);
    MXC_PLAN_ADD(plan, MXC_OP_SEAL_NAMESPACES, .origin = "/containment");
    MXC_PLAN_ADD(plan, MXC_OP_PIVOT, .origin = "/containment");
    MXC_PLAN_ADD(plan, MXC_OP_LOCK, .origin = "/process/user", .a = 1000, .b = 1000);
    MXC_PLAN_ADD(plan, MXC_OP_RLIMIT, .a = 7, .b = 1024);
    MXC_PLAN_ADD(plan, MXC_OP_CAPS);
    MXC_PLAN_ADD(plan, MXC_OP_NNP);
    MXC_PLAN_ADD(plan, MXC_OP_LANDLOCK_RULE, .text = "/", .a = 8);
    MXC_PLAN_ADD(plan, MXC_OP_LANDLOCK, .a = 8191, .d = 1);
    MXC_PLAN_ADD(plan, MXC_OP_SECCOMP, .blob = filter, .blob_length = sizeof filter, .a = 8);
    MXC_PLAN_ADD(plan, MXC_OP_VERIFY);
}

static void add_all(struct mxc_plan *plan) {
    MXC_PLAN_ADD(plan, MXC_OP_IDENTITY, .origin = "/process/user", .a = MXC_IDENTITY_CALLER, .c = 1000);
    MXC_PLAN_ADD(plan, MXC_OP_CGROUP, .text = "/sys/fs/cgroup", .a = MXC_CGROUP_UNIFIED, .b = 2);
    MXC_PLAN_ADD(plan, MXC_OP_CGROUP_SET, .text = "memory.max", .text2 = "1");
    MXC_PLAN_ADD(plan, MXC_OP_WATCH, .a = MXC_WATCH_OUTPUT, .b = 1);
    MXC_PLAN_ADD(plan, MXC_OP_NAMESPACES, .a = 0x10000000);
    MXC_PLAN_ADD(plan, MXC_OP_HOSTNAME, .text = "sandbox");
    MXC_PLAN_ADD(plan, MXC_OP_ROOT, .a = 4096, .b = 64);
    MXC_PLAN_ADD(plan, MXC_OP_DIR, .text = "/etc", .a = 0755);
    MXC_PLAN_ADD(plan, MXC_OP_FILE, .text = "/etc/hosts", .a = 0644, .blob = "hello", .blob_length = 5);
    MXC_PLAN_ADD(plan, MXC_OP_FILE, .text = "/etc/empty", .a = 0644);
    MXC_PLAN_ADD(plan, MXC_OP_SYMLINK, .text = "/bin", .text2 = "usr/bin");
    MXC_PLAN_ADD(plan, MXC_OP_BIND, .text = "/usr", .text2 = "/usr", .a = MXC_BIND_READONLY, .b = 1, .c = 2,
                 .d = S_IFDIR);
    MXC_PLAN_ADD(plan, MXC_OP_TMPFS, .text = "/tmp", .a = 4096, .b = 64, .c = 01777);
    MXC_PLAN_ADD(plan, MXC_OP_DEVPTS, .text = "/dev/pts");
    MXC_PLAN_ADD(plan, MXC_OP_PROC, .text = "/proc");
    MXC_PLAN_ADD(plan, MXC_OP_DEVICE, .text = "/dev/null", .text2 = "/dev/null", .a = 1, .b = 3);
    MXC_PLAN_ADD(plan, MXC_OP_MASK, .text = "/proc/keys", .a = S_IFREG, .b = 1);
    add_walls(plan);
}

static unsigned char *encoded(size_t *length) {
    struct mxc_plan plan = {0};
    add_all(&plan);
    unsigned char *bytes = mxc_plan_encode(&plan, length);
    mxc_plan_clear(&plan);
    assert_non_null(bytes);
    return bytes;
}

static int accepted(const struct mxc_plan *plan) {
    struct mxc_plan_view view;
    size_t length;
    void *bytes = mxc_plan_encode(plan, &length);
    assert_non_null(bytes);
    assert_int_equal(length, mxc_plan_encoded_length(plan));
    int result = mxc_plan_view(&view, bytes, length);
    mxc_free(bytes);
    return result == 0;
}

static void what_is_built_is_viewed(void **state) {
    struct mxc_plan_view view;
    size_t length;
    unsigned char *bytes = encoded(&length);
    (void)state;
    assert_int_equal(mxc_plan_view(&view, bytes, length), 0);
    assert_int_equal(mxc_plan_complete(&view), 0);
    assert_int_equal(view.op_count, 28);
    const struct mxc_op *file = &view.ops[8];
    assert_int_equal(file->kind, MXC_OP_FILE);
    assert_string_equal(mxc_plan_text_at(&view, file->text), "/etc/hosts");
    assert_memory_equal(view.blobs + file->blob, "hello", 5);
    assert_string_equal(mxc_plan_text_at(&view, view.ops[0].origin), "/process/user");
    mxc_free(bytes);
}

static void an_empty_plan_is_well_formed_and_not_complete(void **state) {
    struct mxc_plan plan = {0};
    struct mxc_plan_view view;
    size_t length;
    void *bytes = mxc_plan_encode(&plan, &length);
    (void)state;
    assert_int_equal(mxc_plan_view(&view, bytes, length), 0);
    assert_int_equal(mxc_plan_complete(&view), -1);
    mxc_free(bytes);
}

static void no_wall_may_be_missing(void **state) {
    static const uint32_t walls[] = {MXC_OP_IDENTITY, MXC_OP_NAMESPACES, MXC_OP_ROOT,    MXC_OP_SEAL_NAMESPACES,
                                     MXC_OP_PIVOT,    MXC_OP_LOCK,       MXC_OP_CAPS,    MXC_OP_NNP,
                                     MXC_OP_SECCOMP,  MXC_OP_VERIFY,     MXC_OP_LOOPBACK};
    (void)state;
    for (size_t i = 0; i < sizeof walls / sizeof *walls; i++) {
        struct mxc_plan plan = {0};
        struct mxc_plan_view view;
        size_t length, at = 0;
        add_all(&plan);
        while (plan.ops[at].kind != walls[i])
            at++;
        memmove(plan.ops + at, plan.ops + at + 1, (--plan.count - at) * sizeof *plan.ops);
        void *bytes = mxc_plan_encode(&plan, &length);
        assert_int_equal(mxc_plan_view(&view, bytes, length), 0);
        assert_int_equal(mxc_plan_complete(&view), -1);
        mxc_free(bytes);
        mxc_plan_clear(&plan);
    }
}

static void header_faults_are_refused(void **state) {
    struct mxc_plan_view view;
    size_t length;
    unsigned char *bytes = encoded(&length);
    struct mxc_plan_header *header = (struct mxc_plan_header *)(void *)bytes, whole = *header;
    uint32_t *fields[] = {&header->magic,        &header->total_bytes, &header->op_count,
                          &header->string_bytes, &header->blob_bytes,  &header->flags};
    static const uint32_t values[] = {0, 1, 2, 0x7fffffff, 0x80000000, UINT32_MAX, UINT32_MAX - 7};
    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        for (size_t j = 0; j < sizeof values / sizeof *values; j++) {
            *fields[i] = values[j];
            assert_int_equal(mxc_plan_view(&view, bytes, length), memcmp(header, &whole, sizeof whole) ? -1 : 0);
            *header = whole;
        }
    }
    for (size_t shorter = 0; shorter < length; shorter++)
        assert_int_equal(mxc_plan_view(&view, bytes, shorter), -1);
    assert_int_equal(mxc_plan_view(&view, bytes + 4, length - 4), -1);
    assert_int_equal(mxc_plan_view(&view, NULL, length), -1);
    mxc_free(bytes);
}

/* One operation alone, well formed or not. */
#define ALONE(expected, kind, ...) \
    do { \
        struct mxc_plan plan_ = {0}; \
        mxc_plan_add(&plan_, (kind), &(const struct mxc_op_args){__VA_ARGS__}); \
        assert_int_equal(accepted(&plan_), (expected)); \
        mxc_plan_clear(&plan_); \
    } while (0)

static void paths_must_be_absolute_and_normal(void **state) {
    static const char *const bad[] = {"",        "/",  "etc", "./etc",   "/etc/",  "//etc",
                                      "/etc//x", "/.", "/..", "/a/../b", "/a/./b", "/a/.."};
    static const char *const good[] = {"/etc", "/...", "/a/..b", "/a/b..", "/a/.b", "/a b\n"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ALONE(0, MXC_OP_DIR, .text = bad[i], .a = 0755);
        ALONE(0, MXC_OP_BIND, .text = "/a", .text2 = bad[i], .d = S_IFDIR);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ALONE(1, MXC_OP_DIR, .text = good[i], .a = 0755);
    ALONE(1, MXC_OP_LANDLOCK_RULE, .text = "/", .a = 1);
    ALONE(0, MXC_OP_LANDLOCK_RULE, .text = "x", .a = 1);
}

static void numbers_must_be_known(void **state) {
    (void)state;
    ALONE(0, MXC_OP_IDENTITY, .a = 0);
    ALONE(0, MXC_OP_IDENTITY, .a = 3);
    ALONE(1, MXC_OP_IDENTITY, .a = 2, .b = 7, .c = 8);
    ALONE(0, MXC_OP_IDENTITY, .a = 2, .d = 1);
    ALONE(0, MXC_OP_CGROUP, .text = "/g", .a = 6, .b = 1);
    ALONE(0, MXC_OP_CGROUP, .text = "/g", .a = 1, .b = 3);
    ALONE(0, MXC_OP_WATCH, .a = 7, .b = 1);
    ALONE(0, MXC_OP_DIR, .text = "/d", .a = 02755);
    ALONE(0, MXC_OP_FILE, .text = "/f", .a = 04755);
    ALONE(0, MXC_OP_BIND, .text = "/a", .text2 = "/a", .a = 16, .d = S_IFDIR);
    ALONE(0, MXC_OP_BIND, .text = "/a", .text2 = "/a", .d = S_IFCHR);
    ALONE(0, MXC_OP_TMPFS, .text = "/t", .c = 04777);
    ALONE(0, MXC_OP_TMPFS, .text = "/t", .c = 0755, .d = MXC_BIND_IDMAP);
    ALONE(0, MXC_OP_MASK, .text = "/m", .a = S_IFDIR, .b = 2);
    ALONE(0, MXC_OP_SECCOMP, .blob = "1234", .blob_length = 4);
    ALONE(0, MXC_OP_SECCOMP, .a = 1);
    ALONE(1, MXC_OP_PUBLISH, .a = 80);
    ALONE(1, MXC_OP_PUBLISH, .a = 65535, .b = 65535);
    ALONE(0, MXC_OP_PUBLISH, .a = 0, .b = 80);
    ALONE(0, MXC_OP_PUBLISH, .a = 65536);
    ALONE(0, MXC_OP_PUBLISH, .a = 80, .b = 65536);
    ALONE(1, MXC_OP_DIALERS, .a = 64);
    ALONE(0, MXC_OP_DIALERS, .a = 0);
    ALONE(0, MXC_OP_DIALERS, .a = 65);
    ALONE(1, MXC_OP_SPARES, .a = MXC_NET_MAX_SPARES, .b = MXC_TOLD_ALL);
    ALONE(0, MXC_OP_SPARES, .a = MXC_NET_MAX_SPARES + 1, .b = 1);
    ALONE(0, MXC_OP_SPARES, .a = 0, .b = 1);
    ALONE(0, MXC_OP_SPARES, .a = 1, .b = 0); /* the builder would wait for a word that never comes */
    ALONE(0, MXC_OP_SPARES, .a = 1, .b = MXC_TOLD_ALL + 1);
    ALONE(0, MXC_OP_NNP, .text = "x");
    ALONE(0, MXC_OP_NNP, .blob = "x", .blob_length = 1);
    ALONE(0, (enum mxc_op_kind)0, .a = 0);
    ALONE(0, MXC_OP_KINDS, .a = 0);
}

static void order_is_fixed(void **state) {
    struct mxc_plan plan = {0};
    (void)state;
    MXC_PLAN_ADD(&plan, MXC_OP_NNP);
    MXC_PLAN_ADD(&plan, MXC_OP_CAPS);
    assert_int_equal(accepted(&plan), 0);
    mxc_plan_clear(&plan);
    MXC_PLAN_ADD(&plan, MXC_OP_PIVOT);
    MXC_PLAN_ADD(&plan, MXC_OP_PIVOT);
    assert_int_equal(accepted(&plan), 0);
    mxc_plan_clear(&plan);
    MXC_PLAN_ADD(&plan, MXC_OP_CGROUP_SET, .text = "memory.max", .text2 = "1");
    assert_int_equal(accepted(&plan), 0);
    mxc_plan_clear(&plan);
    MXC_PLAN_ADD(&plan, MXC_OP_CGROUP, .text = "/g", .a = 1, .b = 1);
    MXC_PLAN_ADD(&plan, MXC_OP_CGROUP_SET, .text = "../memory.max", .text2 = "1");
    assert_int_equal(accepted(&plan), 0);
    mxc_plan_clear(&plan);
}

static void too_many_operations_are_refused(void **state) {
    struct mxc_plan plan = {0};
    (void)state;
    for (unsigned int i = 0; i < MXC_PLAN_MAX_OPS; i++)
        MXC_PLAN_ADD(&plan, MXC_OP_DIR, .text = "/d", .a = 0755);
    assert_int_equal(accepted(&plan), 1);
    MXC_PLAN_ADD(&plan, MXC_OP_DIR, .text = "/d", .a = 0755);
    assert_int_equal(accepted(&plan), 0);
    mxc_plan_clear(&plan);
}

/* Reads all that a keeper could read through an accepted view. */
static unsigned long touch(const struct mxc_plan_view *view) {
    unsigned long sum = 0;
    for (uint32_t i = 0; i < view->op_count; i++) {
        const struct mxc_op *op = &view->ops[i];
        sum += strlen(mxc_plan_text_at(view, op->origin)) + strlen(mxc_plan_text_at(view, op->text)) +
               strlen(mxc_plan_text_at(view, op->text2));
        for (uint32_t j = 0; j < op->blob_length; j++)
            sum += view->blobs[op->blob + j];
    }
    return sum;
}

static void random_changes_never_lead_outside(void **state) {
    size_t length;
    unsigned char *whole = encoded(&length);
    unsigned char *bytes = malloc(length); /* exact size: a byte too far is seen */
    unsigned int seed = 1, good = 0;
    (void)state;
    for (unsigned int i = 0; i < ROUNDS; i++) {
        struct mxc_plan_view view;
        MXC_AUTO_BUF struct mxc_buf text = {0};
        memcpy(bytes, whole, length);
        for (int changes = 1 + rand_r(&seed) % 3; changes; changes--) {
            size_t at = (size_t)rand_r(&seed) % length;
            int byte = rand_r(&seed) % 4 ? bytes[at] ^ 1 << rand_r(&seed) % 8 : rand_r(&seed);
            bytes[at] = (unsigned char)byte;
        }
        if (mxc_plan_view(&view, bytes, length))
            continue;
        good++;
        assert_true(touch(&view) < length * view.op_count * 4 + 1000000);
        if (i % 16 == 0)
            mxc_plan_print(&text, &view, 1);
    }
    assert_in_range(good, ROUNDS / 100, ROUNDS - 1); /* the changes hit something, and not everything */
    free(bytes);
    mxc_free(whole);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    for (unsigned long n = 1;; n++) {
        struct mxc_plan plan = {0};
        size_t length;
        mxc_alloc_fail_at(n);
        add_all(&plan);
        void *bytes = mxc_plan_encode(&plan, &length);
        int reached = mxc_alloc_count() >= n;
        mxc_alloc_fail_at(0);
        assert_int_equal(bytes == NULL, reached);
        mxc_free(bytes);
        mxc_plan_clear(&plan);
        if (!reached)
            break;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_built_is_viewed),
        cmocka_unit_test(an_empty_plan_is_well_formed_and_not_complete),
        cmocka_unit_test(no_wall_may_be_missing),
        cmocka_unit_test(header_faults_are_refused),
        cmocka_unit_test(paths_must_be_absolute_and_normal),
        cmocka_unit_test(numbers_must_be_known),
        cmocka_unit_test(order_is_fixed),
        cmocka_unit_test(too_many_operations_are_refused),
        cmocka_unit_test(random_changes_never_lead_outside),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("plan view", tests, NULL, NULL);
}
