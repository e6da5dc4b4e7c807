/* golden_test.c: the decision tables that a reviewer reads, tests/plan/filter-default.txt and filter-strict.txt, are
 * what the library decides. With MXC_GOLDEN_UPDATE=1 in the environment they are written anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "filter/tables.h"

static void one_call(struct mxc_buf *out, const char *name, int profile) {
    struct mxc_call call;
    assert_int_equal(mxc_call_find(&call, name), 1);
    switch (mxc_call_verdict_in(&call, profile)) {
    case MXC_CALL_ALLOW:
        mxc_buf_format(out, "  %-25s allowed\n", name);
        return;
    case MXC_CALL_DENY:
        mxc_buf_format(out, "  %-25s EPERM, recorded\n", name);
        return;
    case MXC_CALL_NOSYS:
        mxc_buf_format(out, "  %-25s ENOSYS\n", name);
        return;
    case MXC_CALL_CHECK:
        break;
    }
    mxc_buf_format(out, "  %-25s allowed but for: %s\n", name, mxc_call_check_text(mxc_call_check_in(&call, profile)));
}

static void table(struct mxc_buf *out, int profile) {
    mxc_buf_format(out,
                   "System calls of the profile \"%s\". Every other call: ENOSYS. Calls of another machine or of\n"
                   "x32: the process is killed.\n",
                   profile ? "strict" : "default");
    for (size_t i = 0; i < mxc_call_group_count; i++) {
        const struct mxc_call_group *group = &mxc_call_groups[i];
        char name[MXC_CALL_NAME];
        mxc_buf_format(out, "\n%s: %s%s\n", group->title, group->reason,
                       group->flags & MXC_CALL_WALL ? " (no policy can allow these)" : "");
        for (const char *names = group->names; mxc_call_next(&names, name);)
            one_call(out, name, profile);
    }
}

static void compare(const char *file, const char *wanted) {
    char path[1024], line[256];
    snprintf(path, sizeof path, "%s/tests/plan/%s", getenv("MXC_SOURCE") ? getenv("MXC_SOURCE") : ".", file);
    FILE *golden = fopen(path, getenv("MXC_GOLDEN_UPDATE") ? "w+" : "r");
    if (!golden)
        fail_msg("%s cannot be opened", path);
    if (getenv("MXC_GOLDEN_UPDATE")) {
        fputs(wanted, golden);
        rewind(golden);
    }
    for (int number = 1; fgets(line, sizeof line, golden); number++) {
        size_t length = strlen(line);
        if (strncmp(wanted, line, length) != 0)
            fail_msg("%s:%d differs: the library says \"%.*s\"", path, number, (int)strcspn(wanted, "\n"), wanted);
        wanted += length;
    }
    fclose(golden);
    assert_string_equal(wanted, "");
}

static void test_tables_are_the_reviewed_ones(void **state) {
    (void)state;
    for (int profile = 0; profile < 2; profile++) {
        MXC_AUTO_BUF struct mxc_buf text = {0};
        table(&text, profile);
        assert_int_equal(text.failed, 0);
        compare(profile ? "filter-strict.txt" : "filter-default.txt", text.data);
    }
}

static void test_no_name_is_in_two_groups(void **state) {
    (void)state;
    for (size_t i = 0; i < mxc_call_group_count; i++) {
        char name[MXC_CALL_NAME];
        for (const char *names = mxc_call_groups[i].names; mxc_call_next(&names, name);) {
            struct mxc_call call;
            assert_int_equal(mxc_call_find(&call, name), 1);
            assert_ptr_equal(call.group, &mxc_call_groups[i]);
            assert_int_not_equal(mxc_call_number(name), -1); /* a misspelt name would be allowed nowhere */
        }
    }
}

static void test_checked_calls_are_in_checked_groups(void **state) {
    (void)state;
    for (size_t i = 0; i < mxc_call_group_count; i++) {
        char name[MXC_CALL_NAME];
        for (const char *names = mxc_call_groups[i].names; mxc_call_next(&names, name);) {
            struct mxc_call call;
            assert_int_equal(mxc_call_find(&call, name), 1);
            for (int profile = 0; profile < 2; profile++)
                assert_int_equal(mxc_call_verdict_in(&call, profile) == MXC_CALL_CHECK, call.check != MXC_CHECK_NONE);
        }
    }
}

static void test_needed_calls_are_allowed(void **state) {
    (void)state;
    for (size_t i = 0; i < mxc_call_group_count; i++) {
        char name[MXC_CALL_NAME];
        for (const char *names = mxc_call_groups[i].names; mxc_call_next(&names, name);) {
            struct mxc_call call;
            assert_int_equal(mxc_call_find(&call, name), 1);
            for (int profile = 0; profile < 2 && mxc_call_needed(name); profile++)
                assert_true(mxc_call_verdict_in(&call, profile) == MXC_CALL_ALLOW || call.check != MXC_CHECK_NONE);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_are_the_reviewed_ones),
        cmocka_unit_test(test_no_name_is_in_two_groups),
        cmocka_unit_test(test_checked_calls_are_in_checked_groups),
        cmocka_unit_test(test_needed_calls_are_allowed),
    };
    return cmocka_run_group_tests_name("filter_golden", tests, NULL, NULL);
}
