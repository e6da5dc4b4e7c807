/* interpreter_test.c: which interpreter is found, what of the host it may be given, and what it never is. The trees
 * are made of shell scripts' worth of nothing: no interpreter is ever started. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/interpreter.h"
#include "api/runtime.h"
#include "base/alloc.h"
#include "policy/model.h"
#include "policy/paths.h"

static char ground[PATH_MAX]; /* no links in it */
static char *saved_path, *saved_home;

static const char *at(const char *path) {
    static char made[4][PATH_MAX * 2];
    static unsigned turn;
    char *text = made[turn++ % 4];
    snprintf(text, sizeof made[0], "%s%s", ground, path);
    return text;
}

static void make_folders(const char *path) {
    char text[PATH_MAX * 2];
    snprintf(text, sizeof text, "%s", path);
    for (char *slash = text + strlen(ground); (slash = strchr(slash + 1, '/'));) {
        *slash = 0;
        mkdir(text, 0755);
        *slash = '/';
    }
}

static void file(const char *path, const char *content, mode_t mode) {
    make_folders(at(path));
    int fd = open(at(path), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    close(fd);
}

static void link_to(const char *path, const char *target) {
    make_folders(at(path));
    assert_int_equal(symlink(target, at(path)), 0);
}

static int setup(void **state) {
    (void)state;
    char name[] = "/tmp/mxc-interpreter-XXXXXX";
    if (!mkdtemp(name) || !realpath(name, ground))
        return -1;
    saved_path = mxc_strdup(getenv("PATH"));
    saved_home = mxc_strdup(getenv("HOME"));
    file("/opt/py/bin/python3.9",
         "\x7f"
         "ELF",
         0755);
    file("/opt/py/lib/os.py", "", 0644);
    link_to("/opt/py/bin/python3", "python3.9");
    file("/shims/python3", "#!/bin/sh\n", 0755);
    file("/plain/bash",
         "\x7f"
         "ELF",
         0755);
    file("/plain/bash.txt", "text", 0644);
    file("/venv/pyvenv.cfg", "home = x\n", 0644);
    link_to("/venv/bin/python", at("/opt/py/bin/python3"));
    link_to("/alias", at("/opt"));
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

static int teardown(void **state) {
    (void)state;
    nftw(ground, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    setenv("PATH", saved_path ? saved_path : "", 1);
    setenv("HOME", saved_home ? saved_home : "", 1);
    mxc_free(saved_path);
    mxc_free(saved_home);
    return 0;
}

static mxc_status find(struct mxc_interpreter *out, const char *language, const char *interpreter, mxc_error **err) {
    mxc_command command = {.language = language, .interpreter = interpreter};
    return mxc_interpreter_find(out, &command, err);
}

static void test_by_path(void **state) {
    (void)state;
    struct mxc_interpreter found;
    assert_int_equal(find(&found, NULL, at("/alias/py/bin/python3"), NULL), MXC_OK);
    assert_int_equal(found.language, MXC_LANGUAGE_PYTHON);
    assert_string_equal(found.real, at("/opt/py/bin/python3.9"));
    assert_string_equal(found.found, at("/opt/py/bin/python3"));
    assert_string_equal(found.tree, at("/opt/py"));
    assert_null(found.venv);
    assert_string_equal(mxc_interpreter_program(&found), found.real);
    mxc_interpreter_clear(&found);
}

static void test_in_path(void **state) {
    (void)state;
    char search[PATH_MAX * 8];
    struct mxc_interpreter found;
    snprintf(search, sizeof search, "relative::%s:%s:%s", at("/nowhere"), at("/shims"), at("/opt/py/bin"));
    setenv("PATH", search, 1);
    assert_int_equal(find(&found, "python", NULL, NULL), MXC_OK);
    assert_string_equal(found.real, at("/opt/py/bin/python3.9")); /* not the script of the same name */
    mxc_interpreter_clear(&found);
    assert_int_equal(find(&found, "python", "python3.9", NULL), MXC_OK);
    mxc_interpreter_clear(&found);
    mxc_error *err = NULL;
    assert_int_equal(find(&found, "node", NULL, &err), MXC_E_INTERPRETER);
    assert_non_null(strstr(mxc_error_message(err), "no interpreter for node"));
    assert_non_null(strstr(mxc_error_message(err), at("/shims")));
    mxc_error_free(err);
}

static void test_wrong(void **state) {
    (void)state;
    struct mxc_interpreter found;
    assert_int_equal(find(&found, "cobol", NULL, NULL), MXC_E_INTERPRETER);
    assert_int_equal(find(&found, NULL, at("/none"), NULL), MXC_E_INTERPRETER);
    assert_int_equal(find(&found, NULL, at("/opt"), NULL), MXC_E_INTERPRETER);
    assert_int_equal(find(&found, NULL, at("/plain/bash.txt"), NULL), MXC_E_INTERPRETER);
    assert_int_equal(find(&found, NULL, "bin/python3", NULL), MXC_E_INVALID_ARGUMENT);
    assert_null(found.found);
}

/* ---- What it needs ---- */

static mxc_policy *policy_with(mxc_access access, const char *path) {
    mxc_policy *policy = mxc_policy_new();
    struct mxc_path_rule rule = {access, (char *)path, (char *)"/filesystem/rule/0"};
    if (path)
        assert_int_equal(mxc_policy_add_path(policy, &rule, "/", NULL), MXC_OK);
    assert_int_equal(mxc_policy_freeze(policy, NULL), MXC_OK);
    return policy;
}

static mxc_status needs(struct mxc_strings *paths, mxc_policy *policy, const char *interpreter, mxc_error **err) {
    struct mxc_interpreter found;
    memset(paths, 0, sizeof *paths);
    assert_int_equal(find(&found, NULL, at(interpreter), NULL), MXC_OK);
    mxc_status status = mxc_interpreter_needs(paths, &found, policy, err);
    mxc_interpreter_clear(&found);
    mxc_policy_unref(policy);
    return status;
}

static void test_needs(void **state) {
    (void)state;
    struct mxc_strings paths;
    assert_int_equal(needs(&paths, policy_with(0, NULL), "/opt/py/bin/python3", NULL), MXC_OK);
    assert_int_equal(paths.count, 1);
    assert_string_equal(paths.items[0], at("/opt/py"));
    mxc_strings_clear(&paths);
    assert_int_equal(needs(&paths, policy_with(0, NULL), "/venv/bin/python", NULL), MXC_OK);
    assert_int_equal(paths.count, 2);
    assert_string_equal(paths.items[0], at("/venv"));
    assert_string_equal(paths.items[1], at("/opt/py"));
    mxc_strings_clear(&paths);
    assert_int_equal(needs(&paths, policy_with(MXC_ACCESS_READ, at("/opt")), "/opt/py/bin/python3", NULL), MXC_OK);
    assert_int_equal(paths.count, 0);
    assert_int_equal(needs(&paths, policy_with(0, NULL), "/plain/bash", NULL), MXC_OK);
    assert_int_equal(paths.count, 1);
    assert_string_equal(paths.items[0], at("/plain/bash")); /* no installation: the file alone */
    mxc_strings_clear(&paths);
}

static mxc_status languages_need(struct mxc_strings *paths, mxc_policy *policy, const char *language) {
    const char *const names[] = {"node", language, NULL}; /* there is no node in PATH */
    mxc_error *err = NULL;
    memset(paths, 0, sizeof *paths);
    mxc_status status = mxc_languages_need(paths, names, policy, &err);
    assert_int_equal(status != MXC_OK, err != NULL);
    mxc_error_free(err);
    mxc_policy_unref(policy);
    return status;
}

static void test_languages(void **state) {
    (void)state;
    struct mxc_strings paths;
    setenv("PATH", at("/opt/py/bin"), 1);
    assert_int_equal(languages_need(&paths, policy_with(0, NULL), "python"), MXC_OK);
    assert_int_equal(paths.count, 1);
    assert_string_equal(paths.items[0], at("/opt/py"));
    mxc_strings_clear(&paths);
    assert_int_equal(languages_need(&paths, policy_with(MXC_ACCESS_DENY, at("/opt")), "python"), MXC_OK);
    assert_int_equal(paths.count, 0);
    assert_int_equal(languages_need(&paths, policy_with(0, NULL), "cobol"), MXC_E_INTERPRETER);
    assert_int_equal(paths.count, 0);
    setenv("PATH", saved_path, 1);
}

static void test_denied(void **state) {
    (void)state;
    static const char *const denied[] = {"/opt", "/opt/py", "/opt/py/bin/python3.9"};
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++) {
        struct mxc_strings paths;
        mxc_error *err = NULL;
        mxc_policy *policy = policy_with(MXC_ACCESS_DENY, at(denied[i]));
        assert_int_equal(needs(&paths, policy, "/opt/py/bin/python3", &err), MXC_E_INTERPRETER);
        assert_string_equal(mxc_error_origin(err), "/filesystem/rule/0");
        mxc_error_free(err);
        assert_int_equal(paths.count, 0);
    }
}

/* A link in a place where earlier runs could write grants nothing. */
static void test_writable_place(void **state) {
    (void)state;
    struct mxc_strings paths;
    mxc_error *err = NULL;
    mxc_policy *policy = policy_with(MXC_ACCESS_WRITE, at("/venv"));
    assert_int_equal(needs(&paths, policy, "/venv/bin/python", &err), MXC_E_INTERPRETER);
    assert_non_null(strstr(mxc_error_hint(err), "runtime_paths"));
    mxc_error_free(err);
    assert_int_equal(paths.count, 0);
}

/* Home folders and their like have bin/ and lib/ too. */
static void test_too_wide(void **state) {
    (void)state;
    struct mxc_strings paths;
    file("/home/bin/python3",
         "\x7f"
         "ELF",
         0755);
    file("/home/lib/x", "", 0644);
    file("/user/.local/bin/python3",
         "\x7f"
         "ELF",
         0755);
    file("/user/.local/lib/x", "", 0644);
    setenv("HOME", at("/home"), 1);
    assert_int_equal(needs(&paths, policy_with(0, NULL), "/home/bin/python3", NULL), MXC_OK);
    assert_string_equal(paths.items[0], at("/home/bin/python3"));
    mxc_strings_clear(&paths);
    assert_int_equal(needs(&paths, policy_with(0, NULL), "/user/.local/bin/python3", NULL), MXC_OK);
    assert_string_equal(paths.items[0], at("/user/.local/bin/python3"));
    mxc_strings_clear(&paths);
}

static void test_no_baseline(void **state) {
    (void)state;
    struct mxc_strings paths = {0};
    struct mxc_interpreter system = {
        .found = (char *)"/usr/bin/bash", .real = (char *)"/usr/bin/bash", .tree = (char *)"/usr/bin/bash"};
    mxc_policy *policy = mxc_policy_new();
    assert_int_equal(mxc_interpreter_needs(&paths, &system, policy, NULL), MXC_OK);
    assert_int_equal(paths.count, 0);
    policy->filesystem.baseline = MXC_BASELINE_NONE;
    mxc_error *err = NULL;
    assert_int_equal(mxc_interpreter_needs(&paths, &system, policy, &err), MXC_E_INTERPRETER);
    assert_string_equal(mxc_error_origin(err), "/filesystem/baseline");
    mxc_error_free(err);
    mxc_policy_unref(policy);
}

static void test_visible(void **state) {
    (void)state;
    struct mxc_interpreter found;
    assert_int_equal(find(&found, NULL, at("/venv/bin/python"), NULL), MXC_OK);
    mxc_policy *policy = policy_with(0, NULL);
    assert_int_equal(mxc_interpreter_visible(&found, policy, NULL), MXC_E_INTERPRETER);
    mxc_policy_unref(policy);
    policy = policy_with(MXC_ACCESS_READ, at("/opt"));
    assert_int_equal(mxc_interpreter_visible(&found, policy, NULL), MXC_E_INTERPRETER);
    mxc_policy_unref(policy);
    policy = policy_with(MXC_ACCESS_READ, ground);
    assert_int_equal(mxc_interpreter_visible(&found, policy, NULL), MXC_OK);
    mxc_policy_unref(policy);
    mxc_interpreter_clear(&found);
}

/* ---- The policy that holds ---- */

static const struct mxc_path_rule *rule_with(mxc_policy *policy, const char *runtime, mxc_policy **out) {
    const char *const paths[] = {runtime, NULL};
    assert_int_equal(mxc_runtime_policy(out, policy, paths, NULL, NULL), MXC_OK);
    mxc_policy_unref(policy);
    return mxc_policy_rule_for(*out, runtime);
}

static void test_runtime_policy(void **state) {
    (void)state;
    mxc_policy *out = NULL;
    const struct mxc_path_rule *rule = rule_with(policy_with(0, NULL), at("/opt/py"), &out);
    assert_non_null(rule);
    assert_int_equal(rule->access, MXC_ACCESS_READ);
    assert_string_equal(rule->origin, "/runtime");
    mxc_policy_unref(out);
    rule = rule_with(policy_with(MXC_ACCESS_DENY, at("/opt")), at("/opt/py"), &out);
    assert_int_equal(rule->access, MXC_ACCESS_DENY);
    mxc_policy_unref(out);
    rule = rule_with(policy_with(MXC_ACCESS_WRITE, at("/opt")), at("/opt/py"), &out);
    assert_int_equal(rule->access, MXC_ACCESS_WRITE);
    mxc_policy_unref(out);
    rule = rule_with(policy_with(MXC_ACCESS_DENY, at("/opt")), at("/alias/py"), &out); /* the same by another name */
    assert_null(rule);
    mxc_policy_unref(out);
}

static void test_every_allocation(void **state) {
    (void)state;
    mxc_policy *policy = policy_with(0, NULL);
    for (unsigned long n = 1;; n++) {
        struct mxc_interpreter found;
        struct mxc_strings paths = {0};
        mxc_policy *out = NULL;
        mxc_alloc_fail_at(n);
        mxc_status status = find(&found, NULL, at("/venv/bin/python"), NULL);
        if (status == MXC_OK)
            status = mxc_interpreter_needs(&paths, &found, policy, NULL);
        if (status == MXC_OK)
            status = mxc_runtime_policy(&out, policy, NULL, &paths, NULL);
        unsigned long count = mxc_alloc_count();
        mxc_alloc_fail_at(0);
        mxc_strings_clear(&paths);
        mxc_interpreter_clear(&found);
        mxc_policy_unref(out);
        if (count < n) {
            assert_int_equal(status, MXC_OK);
            break;
        }
        assert_int_equal(status, MXC_E_NO_MEMORY);
    }
    mxc_policy_unref(policy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_path),        cmocka_unit_test(test_in_path),
        cmocka_unit_test(test_wrong),          cmocka_unit_test(test_needs),
        cmocka_unit_test(test_languages),      cmocka_unit_test(test_denied),
        cmocka_unit_test(test_writable_place), cmocka_unit_test(test_too_wide),
        cmocka_unit_test(test_no_baseline),    cmocka_unit_test(test_visible),
        cmocka_unit_test(test_runtime_policy), cmocka_unit_test(test_every_allocation),
    };
    return cmocka_run_group_tests_name("interpreter", tests, setup, teardown);
}
