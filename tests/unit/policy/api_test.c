/* api_test.c: the policy functions as a host program sees them: files, folders, NULL, ownership of outputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mxc/mxc.h"

static char folder[] = "/tmp/mxc-policy-XXXXXX";

static const char *in_folder(const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text, size_t length) {
    int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), (ssize_t)length);
    close(fd);
}

static void assert_json_has(const mxc_policy *policy, const char *part) {
    char *text = NULL;
    assert_int_equal(mxc_policy_to_json(&text, policy, NULL), MXC_OK);
    assert_non_null(strstr(text, part));
    mxc_string_free(text);
}

static void loads_relative_to_the_file(void **state) {
    static const char json[] = "{\"filesystem\":{\"readwritePaths\":[\"work\"]}}";
    mxc_policy *policy = NULL;
    char expected[300];
    (void)state;
    write_file("p.json", json, strlen(json));
    assert_int_equal(mxc_policy_load(&policy, in_folder("p.json"), NULL), MXC_OK);
    snprintf(expected, sizeof expected, "\"%s/work\"", folder);
    assert_json_has(policy, expected);
    mxc_policy_free(policy);
}

static void load_fails(const char *path, mxc_status expected, const char *message) {
    mxc_policy *policy = NULL;
    mxc_error *error = NULL;
    assert_int_equal(mxc_policy_load(&policy, path, &error), expected);
    assert_null(policy);
    assert_non_null(strstr(mxc_error_message(error), message));
    mxc_error_free(error);
}

static void refuses_what_is_no_file(void **state) {
    (void)state;
    load_fails(in_folder("missing"), MXC_E_PATH, "cannot be read");
    load_fails("", MXC_E_PATH, "cannot be read");
    load_fails(folder, MXC_E_PATH, "not a regular file");
    load_fails("/dev/zero", MXC_E_PATH, "not a regular file");
    assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
    load_fails(in_folder("fifo"), MXC_E_PATH, "not a regular file"); /* and does not wait for a writer */
}

static void refuses_large_and_empty_files(void **state) {
    size_t size = ((size_t)1 << 20) + 1;
    char *text = malloc(size);
    (void)state;
    assert_non_null(text);
    memset(text, ' ', size);
    write_file("large", text, size);
    free(text);
    load_fails(in_folder("large"), MXC_E_POLICY_SYNTAX, "longer than 1 MiB");
    write_file("empty", "", 0);
    load_fails(in_folder("empty"), MXC_E_POLICY_SYNTAX, "empty");
}

static void takes_the_current_folder(void **state) {
    mxc_policy *policy = NULL;
    char cwd[4096], expected[4200];
    static const char json[] = "{\"filesystem\":{\"readonlyPaths\":[\"x\"]}}";
    (void)state;
    assert_non_null(getcwd(cwd, sizeof cwd));
    snprintf(expected, sizeof expected, "\"%s/x\"", strcmp(cwd, "/") == 0 ? "" : cwd);
    assert_int_equal(mxc_policy_parse(&policy, json, strlen(json), NULL, NULL), MXC_OK);
    assert_json_has(policy, expected);
    mxc_policy_free(policy);
    assert_int_equal(mxc_policy_parse(&policy, json, strlen(json), "rel", NULL), MXC_E_INVALID_ARGUMENT);
    assert_int_equal(mxc_policy_parse(&policy, json, strlen(json), "/given", NULL), MXC_OK);
    assert_json_has(policy, "\"/given/x\"");
    mxc_policy_free(policy);
}

static void null_is_an_error(void **state) {
    mxc_policy *policy = NULL;
    mxc_policy_builder *builder = NULL;
    char *text = NULL;
    (void)state;
    assert_int_equal(mxc_policy_preset(&policy, "strict", "/", NULL), MXC_OK);
    assert_int_equal(mxc_policy_builder_new(&builder, policy, NULL), MXC_OK);
    const mxc_status all[] = {
        mxc_policy_parse(NULL, "{}", 2, "/", NULL),
        mxc_policy_parse(&policy, NULL, 0, "/", NULL),
        mxc_policy_load(NULL, "/x", NULL),
        mxc_policy_load(&policy, NULL, NULL),
        mxc_policy_preset(NULL, "strict", "/", NULL),
        mxc_policy_preset(&policy, NULL, "/", NULL),
        mxc_policy_preset(&policy, "strict", "rel", NULL),
        mxc_policy_preset(&policy, "other", "/", NULL),
        mxc_policy_intersect(NULL, policy, policy, NULL),
        mxc_policy_intersect(&policy, NULL, policy, NULL),
        mxc_policy_intersect(&policy, policy, NULL, NULL),
        mxc_policy_to_json(NULL, policy, NULL),
        mxc_policy_to_json(&text, NULL, NULL),
        mxc_policy_builder_new(NULL, policy, NULL),
        mxc_policy_builder_path(NULL, MXC_ACCESS_READ, "/a", NULL),
        mxc_policy_builder_path(builder, MXC_ACCESS_READ, NULL, NULL),
        mxc_policy_builder_path(builder, 3, "/a", NULL),
        mxc_policy_builder_allow(NULL, "a", NULL),
        mxc_policy_builder_allow(builder, NULL, NULL),
        mxc_policy_builder_limit(NULL, MXC_LIMIT_MEMORY, 1, NULL),
        mxc_policy_builder_env(NULL, "A=1", NULL),
        mxc_policy_builder_env(builder, NULL, NULL),
        mxc_policy_builder_set(NULL, "/containment", "process", NULL),
        mxc_policy_builder_set(builder, NULL, "process", NULL),
        mxc_policy_builder_set(builder, "/containment", NULL, NULL),
        mxc_policy_builder_build(NULL, builder, NULL),
        mxc_policy_builder_build(&policy, NULL, NULL),
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_int_equal(all[i], MXC_E_INVALID_ARGUMENT);
    assert_json_has(policy, "1.0.0"); /* no output was touched */
    mxc_policy_builder_free(builder);
    mxc_policy_free(policy);
    mxc_policy_free(NULL);
    mxc_policy_builder_free(NULL);
}

static void intersects_and_prints(void **state) {
    mxc_policy *workspace = NULL, *reader = NULL, *both = NULL;
    (void)state;
    assert_int_equal(mxc_policy_preset(&workspace, "workspace", "/w", NULL), MXC_OK);
    assert_int_equal(mxc_policy_preset(&reader, "read-only", "/w", NULL), MXC_OK);
    assert_int_equal(mxc_policy_intersect(&both, workspace, reader, NULL), MXC_OK);
    assert_json_has(both, "\"readonlyPaths\": [\n      \"/w\"\n    ]");
    mxc_policy_free(workspace);
    mxc_policy_free(reader);
    mxc_policy_free(both);
    assert_non_null(strstr(mxc_policy_schema(), "\"readwritePaths\""));
}

static int set_up(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state) {
    static const char *const names[] = {"p.json", "fifo", "large", "empty"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(in_folder(names[i]));
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_relative_to_the_file),
        cmocka_unit_test(refuses_what_is_no_file),
        cmocka_unit_test(refuses_large_and_empty_files),
        cmocka_unit_test(takes_the_current_folder),
        cmocka_unit_test(null_is_an_error),
        cmocka_unit_test(intersects_and_prints),
    };
    return cmocka_run_group_tests_name("policy_api", tests, set_up, tear_down);
}
