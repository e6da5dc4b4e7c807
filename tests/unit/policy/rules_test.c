/* rules_test.c: path rules by hand: which rule holds, in every order they can be said in, runtime grants, presets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "policy/model.h"
#include "policy/paths.h"
#include "policy/presets.h"

static void add(mxc_policy *policy, mxc_access access, const char *path) {
    struct mxc_path_rule rule = {access, (char *)path, (char *)"/test"};
    assert_int_equal(mxc_policy_add_path(policy, &rule, "/base", NULL), MXC_OK);
}

static mxc_policy *frozen(mxc_policy *policy) {
    assert_int_equal(mxc_policy_freeze(policy, NULL), MXC_OK);
    return policy;
}

struct said {
    mxc_access access;
    const char *path;
};

struct asked {
    const char *path;
    enum mxc_reach level;
};

static const struct said nested[] = {
    {MXC_ACCESS_WRITE, "/w"}, {MXC_ACCESS_DENY, "/w/a"}, {MXC_ACCESS_READ, "/w/a/b"}, {MXC_ACCESS_DENY, "/w/a/b/c"}};

static const struct asked nested_answers[] = {
    {"/", MXC_REACH_NONE},        {"/w", MXC_REACH_WRITE},       {"/wa", MXC_REACH_NONE},
    {"/w/b", MXC_REACH_WRITE},    {"/w/ab", MXC_REACH_WRITE},    {"/w/a", MXC_REACH_NONE},
    {"/w/a/x", MXC_REACH_NONE},   {"/w/a/b", MXC_REACH_READ},    {"/w/a/b/x", MXC_REACH_READ},
    {"/w/a/b/c", MXC_REACH_NONE}, {"/w/a/b/c/d", MXC_REACH_NONE}};

/* S4: all 24 orders of four rules. */
static void order_does_not_matter(void **state) {
    (void)state;
    for (int order = 0; order < 24; order++) {
        int left[4] = {0, 1, 2, 3}, rest = order;
        mxc_policy *policy = mxc_policy_new();
        for (int size = 4; size > 0; size--) {
            int pick = rest % size;
            rest /= size;
            add(policy, nested[left[pick]].access, nested[left[pick]].path);
            memmove(&left[pick], &left[pick + 1], (size_t)(size - pick - 1) * sizeof *left);
        }
        frozen(policy);
        for (size_t i = 0; i < sizeof nested_answers / sizeof *nested_answers; i++)
            assert_int_equal(mxc_policy_reach(policy, nested_answers[i].path), nested_answers[i].level);
        mxc_policy_unref(policy);
    }
}

static void strictest_of_one_path(void **state) {
    (void)state;
    mxc_policy *policy = mxc_policy_new();
    add(policy, MXC_ACCESS_WRITE, "/a");
    add(policy, MXC_ACCESS_READ, "/a/");
    add(policy, MXC_ACCESS_WRITE, "//b");
    add(policy, MXC_ACCESS_DENY, "/b");
    add(policy, MXC_ACCESS_READ, "/b");
    frozen(policy);
    assert_int_equal(policy->filesystem.count, 2);
    assert_int_equal(mxc_policy_rule_for(policy, "/a")->access, MXC_ACCESS_READ);
    assert_int_equal(mxc_policy_rule_for(policy, "/b")->access, MXC_ACCESS_DENY);
    mxc_policy_unref(policy);
}

/* "-" and "." sort before "/": siblings stand between a folder and what is below it. */
static void finds_among_siblings(void **state) {
    static const char *const names[] = {"/a", "/a-b", "/a.b", "/a/b", "/a/b-c", "/a/b/c", "/a0", "/ab", "/"};
    (void)state;
    mxc_policy *policy = mxc_policy_new();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        add(policy, MXC_ACCESS_READ, names[i]);
    frozen(policy);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(mxc_policy_rule_for(policy, names[i])->path, names[i]);
    assert_string_equal(mxc_policy_rule_for(policy, "/a/b/c/d/e")->path, "/a/b/c");
    assert_string_equal(mxc_policy_rule_for(policy, "/a/x")->path, "/a");
    assert_string_equal(mxc_policy_rule_for(policy, "/x/y")->path, "/");
    mxc_policy_unref(policy);
}

static void no_rule_is_null(void **state) {
    (void)state;
    mxc_policy *policy = frozen(mxc_policy_new());
    assert_null(mxc_policy_rule_for(policy, "/"));
    assert_null(mxc_policy_rule_for(policy, "/a/b"));
    mxc_policy_unref(policy);
}

static void baseline(void **state) {
    static const struct asked answers[] = {{"/usr/bin/env", MXC_REACH_READ}, {"/lib64", MXC_REACH_READ},
                                           {"/lib6", MXC_REACH_NONE},        {"/etc", MXC_REACH_VIEW},
                                           {"/etc/shadow", MXC_REACH_VIEW},  {"/home", MXC_REACH_NONE},
                                           {"/proc", MXC_REACH_NONE},        {"/", MXC_REACH_NONE}};
    (void)state;
    mxc_policy *policy = frozen(mxc_policy_new());
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        assert_int_equal(mxc_policy_reach(policy, answers[i].path), answers[i].level);
    policy->filesystem.baseline = MXC_BASELINE_NONE;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        assert_int_equal(mxc_policy_reach(policy, answers[i].path), MXC_REACH_NONE);
    mxc_policy_unref(policy);
}

static void protected_names_are_sorted(void **state) {
    (void)state;
    const char *const *name = mxc_default_protected_names();
    for (size_t i = 1; name[i]; i++)
        assert_true(strcmp(name[i - 1], name[i]) < 0);
}

/* ---- runtime grants ------------------------------------------------------------------------------------------------- */

static void runtime_adds_only_what_is_missing(void **state) {
    static const char *const paths[] = {"/opt/py/",   "/w/venv", "/usr/lib/python3", "/r/x", "/secret/py",
                                        "//opt/./py", NULL};
    mxc_policy *out = NULL, *policy = mxc_policy_new();
    (void)state;
    add(policy, MXC_ACCESS_WRITE, "/w");
    add(policy, MXC_ACCESS_READ, "/r");
    add(policy, MXC_ACCESS_DENY, "/secret");
    add(policy, MXC_ACCESS_DENY, "/opt/py/site");
    frozen(policy);
    assert_int_equal(mxc_policy_with_runtime(&out, policy, paths, NULL), MXC_OK);
    assert_int_equal(out->filesystem.count, policy->filesystem.count + 1);
    assert_string_equal(mxc_policy_rule_for(out, "/opt/py/bin")->origin, "/runtime");
    assert_int_equal(mxc_policy_reach(out, "/opt/py/site/x"), MXC_REACH_NONE);
    assert_int_equal(mxc_policy_reach(out, "/w/venv"), MXC_REACH_WRITE);
    assert_int_equal(mxc_policy_reach(out, "/secret/py"), MXC_REACH_NONE);
    assert_int_equal(policy->filesystem.count, 4);
    mxc_policy_unref(out);
    mxc_policy_unref(policy);
}

static void runtime_refuses(void **state) {
    static const char *const relative[] = {"opt", NULL}, *const proc[] = {"/proc/1/root", NULL},
                             *const up[] = {"/a/../b", NULL};
    mxc_policy *out = NULL, *policy = frozen(mxc_policy_new());
    (void)state;
    assert_int_equal(mxc_policy_with_runtime(&out, policy, relative, NULL), MXC_E_INVALID_ARGUMENT);
    assert_int_equal(mxc_policy_with_runtime(&out, policy, proc, NULL), MXC_E_PATH);
    assert_int_equal(mxc_policy_with_runtime(&out, policy, up, NULL), MXC_E_PATH);
    assert_int_equal(mxc_policy_with_runtime(&out, policy, NULL, NULL), MXC_OK);
    mxc_policy_unref(out);
    mxc_policy_unref(policy);
}

/* ---- presets and counting --------------------------------------------------------------------------------------------- */

static void presets(void **state) {
    mxc_policy *policy = NULL;
    mxc_error *error = NULL;
    (void)state;
    assert_int_equal(mxc_policy_from_preset(&policy, "strict", "/d", NULL), MXC_OK);
    assert_int_equal(policy->filesystem.count, 0);
    mxc_policy_unref(policy);
    assert_int_equal(mxc_policy_from_preset(&policy, "read-only", "/d/", NULL), MXC_OK);
    assert_int_equal(mxc_policy_reach(policy, "/d"), MXC_REACH_READ);
    mxc_policy_unref(policy);
    assert_int_equal(mxc_policy_from_preset(&policy, "workspace", "/d", NULL), MXC_OK);
    assert_int_equal(mxc_policy_reach(policy, "/d/x"), MXC_REACH_WRITE);
    assert_int_equal(policy->network.egress_default, MXC_VERDICT_DENY);
    mxc_policy_unref(policy);
    assert_int_equal(mxc_policy_from_preset(&policy, "workspace", "/", NULL), MXC_E_PATH);
    assert_int_equal(mxc_policy_from_preset(&policy, "Workspace", "/d", &error), MXC_E_INVALID_ARGUMENT);
    assert_non_null(strstr(mxc_error_hint(error), "read-only"));
    mxc_error_free(error);
}

static void *count_up_and_down(void *policy) {
    for (int i = 0; i < 20000; i++)
        mxc_policy_unref(mxc_policy_ref(policy));
    return NULL;
}

static void references_are_thread_safe(void **state) {
    pthread_t threads[4];
    mxc_policy *policy = frozen(mxc_policy_new());
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_up_and_down, policy), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(policy->references, 1);
    mxc_policy_unref(policy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(strictest_of_one_path),
        cmocka_unit_test(finds_among_siblings),
        cmocka_unit_test(no_rule_is_null),
        cmocka_unit_test(baseline),
        cmocka_unit_test(protected_names_are_sorted),
        cmocka_unit_test(runtime_adds_only_what_is_missing),
        cmocka_unit_test(runtime_refuses),
        cmocka_unit_test(presets),
        cmocka_unit_test(references_are_thread_safe),
    };
    return cmocka_run_group_tests_name("policy_rules", tests, NULL, NULL);
}
