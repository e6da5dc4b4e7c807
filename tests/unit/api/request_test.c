/* request_test.c: argv, environment, folder and times, from the call, the policy and the defaults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/request.h"
#include "base/alloc.h"
#include "base/error.h"
#include "policy/model.h"

static struct mxc_interpreter python = {
    .language = MXC_LANGUAGE_PYTHON, .found = (char *)"/opt/py/bin/python3", .real = (char *)"/opt/py/bin/python3"};

struct made {
    struct mxc_prepared prepared;
    struct mxc_request request;
    mxc_command command;
    mxc_error *err;
};

static int setup(void **state) {
    struct made *made = calloc(1, sizeof *made);
    made->prepared.policy = mxc_policy_new();
    made->command.struct_size = sizeof made->command;
    *state = made;
    return made->prepared.policy ? 0 : -1;
}

static int teardown(void **state) {
    struct made *made = *state;
    mxc_request_clear(&made->request);
    mxc_prepared_clear(&made->prepared);
    mxc_error_free(made->err);
    free(made);
    return 0;
}

static mxc_status make(struct made *made, struct mxc_interpreter *interpreter) {
    mxc_request_clear(&made->request);
    return mxc_request_make(&made->request, &made->command, &made->prepared, interpreter, &made->err);
}

static void expect_argv(const struct made *made, const char *const *expected) {
    for (size_t i = 0; expected[i] || made->request.launch.argv[i]; i++) {
        assert_non_null(expected[i]);
        assert_non_null(made->request.launch.argv[i]);
        assert_string_equal(made->request.launch.argv[i], expected[i]);
    }
}
#define EXPECT_ARGV(made, ...) expect_argv((made), (const char *const[]){__VA_ARGS__, NULL})

static const char *env_of(const struct made *made, const char *name) {
    const char *const *env = made->request.launch.env;
    const char *found = NULL;
    for (; *env; env++)
        if (strncmp(*env, name, strlen(name)) == 0 && (*env)[strlen(name)] == '=') {
            assert_null(found); /* a name is there once */
            found = *env + strlen(name) + 1;
        }
    return found;
}

static void test_what_runs(void **state) {
    struct made *made = *state;
    assert_int_equal(make(made, NULL), MXC_E_INVALID_ARGUMENT);
    assert_string_equal(mxc_error_origin(made->err), "/process");
    made->prepared.policy->process.command_line = mxc_strdup("echo $x");
    assert_int_equal(make(made, NULL), MXC_OK);
    EXPECT_ARGV(made, "/bin/sh", "-c", "echo $x");
    mxc_strings_add(&made->prepared.policy->process.argv, "from");
    mxc_strings_add(&made->prepared.policy->process.argv, "policy");
    assert_int_equal(make(made, NULL), MXC_OK);
    EXPECT_ARGV(made, "from", "policy");
    made->command.argv = (const char *const[]){"from", "call", NULL};
    assert_int_equal(make(made, NULL), MXC_OK);
    EXPECT_ARGV(made, "from", "call");
}

static void code(struct made *made, enum mxc_language language, const char *text) {
    struct mxc_interpreter interpreter = python;
    interpreter.language = language;
    made->command.code = text;
    made->command.code_length = strlen(text);
    assert_int_equal(make(made, &interpreter), MXC_OK);
}

static void test_code(void **state) {
    struct made *made = *state;
    code(made, MXC_LANGUAGE_PYTHON, "print(1)");
    EXPECT_ARGV(made, "/opt/py/bin/python3", "-c", "print(1)");
    code(made, MXC_LANGUAGE_BASH, "-x");
    EXPECT_ARGV(made, "/opt/py/bin/python3", "-c", "--", "-x", "bash");
    code(made, MXC_LANGUAGE_NODE, "1");
    EXPECT_ARGV(made, "/opt/py/bin/python3", "-e", "1");
    code(made, MXC_LANGUAGE_NODE, "-1");
    EXPECT_ARGV(made, "/opt/py/bin/python3", "-e", " -1");
    code(made, MXC_LANGUAGE_NODE, "");
    EXPECT_ARGV(made, "/opt/py/bin/python3", "-e", " ");
    code(made, MXC_LANGUAGE_PYTHON, "");
    EXPECT_ARGV(made, "/opt/py/bin/python3", "-c", "");
    assert_null(made->request.launch.input);
}

static void test_long_code(void **state) {
    struct made *made = *state;
    size_t length = (96u << 10) + 1;
    char *text = malloc(length + 1);
    memset(text, '#', length);
    text[length] = 0;
    code(made, MXC_LANGUAGE_PYTHON, text);
    EXPECT_ARGV(made, "/opt/py/bin/python3", "-");
    assert_ptr_equal(made->request.launch.input, text);
    assert_int_equal(made->request.launch.input_length, length);
    code(made, MXC_LANGUAGE_BASH, text);
    EXPECT_ARGV(made, "/opt/py/bin/python3", "-s");
    made->command.stdin_mode = MXC_STDIO_PIPE;
    assert_int_equal(make(made, &python), MXC_E_INVALID_ARGUMENT);
    made->command.stdin_mode = MXC_STDIO_DEFAULT;
    made->command.input = "x";
    made->command.input_length = 1;
    assert_int_equal(make(made, &python), MXC_E_INVALID_ARGUMENT);
    made->command.code_length--;
    assert_int_equal(make(made, &python), MXC_OK);
    assert_int_equal(made->request.launch.input_length, 1);
    free(text);
}

static void test_environment(void **state) {
    struct made *made = *state;
    mxc_policy *policy = made->prepared.policy;
    made->command.argv = (const char *const[]){"true", NULL};
    setenv("MXC_TEST_SECRET", "x", 1);
    assert_int_equal(make(made, NULL), MXC_OK);
    assert_string_equal(env_of(made, "HOME"), "/tmp");
    assert_string_equal(env_of(made, "PATH"), "/usr/local/bin:/usr/bin:/bin");
    assert_string_equal(made->request.launch.path, "/usr/local/bin:/usr/bin:/bin");
    assert_null(env_of(made, "MXC_TEST_SECRET"));
    made->command.env = (const char *const[]){"HOME=/h", "X=", "X=2", NULL};
    assert_int_equal(make(made, NULL), MXC_OK);
    assert_string_equal(env_of(made, "HOME"), "/h");
    assert_string_equal(env_of(made, "X"), "2");
    policy->process.has_env = 1;
    assert_int_equal(make(made, NULL), MXC_OK);
    assert_null(env_of(made, "PATH"));
    assert_string_equal(env_of(made, "HOME"), "/h");
    assert_string_equal(made->request.launch.path, "/usr/local/bin:/usr/bin:/bin");
    mxc_strings_add(&policy->process.env, "PATH=/p");
    mxc_strings_add(&policy->process.env, "HOME=/q");
    assert_int_equal(make(made, NULL), MXC_OK);
    assert_string_equal(env_of(made, "PATH"), "/p");
    assert_string_equal(env_of(made, "HOME"), "/h");
    assert_null(env_of(made, "USER"));
    policy->process.inherit_default_env = 1;
    assert_int_equal(make(made, NULL), MXC_OK);
    assert_string_equal(env_of(made, "USER"), "sandbox");
    assert_string_equal(made->request.launch.path, "/p");
}

static void test_interpreter_in_path(void **state) {
    struct made *made = *state;
    code(made, MXC_LANGUAGE_PYTHON, "1");
    assert_string_equal(env_of(made, "PATH"), "/opt/py/bin:/usr/local/bin:/usr/bin:/bin");
    made->command.env = (const char *const[]){"PATH=/bin:/opt/py/bin", NULL};
    code(made, MXC_LANGUAGE_PYTHON, "1");
    assert_string_equal(env_of(made, "PATH"), "/bin:/opt/py/bin");
    made->command.env = (const char *const[]){"PATH=", NULL};
    code(made, MXC_LANGUAGE_PYTHON, "1");
    assert_string_equal(env_of(made, "PATH"), "/opt/py/bin");
}

static void add_rule(struct made *made, mxc_access access, const char *path, const char *origin, uint32_t type) {
    mxc_policy *policy = made->prepared.policy;
    struct mxc_host *host = &made->prepared.host;
    assert_int_equal(mxc_reserve(&policy->filesystem.rules, &policy->filesystem.capacity, policy->filesystem.count + 1,
                                 sizeof *policy->filesystem.rules),
                     0);
    policy->filesystem.rules[policy->filesystem.count++] =
        (struct mxc_path_rule){access, mxc_strdup(path), mxc_strdup(origin)};
    assert_int_equal(mxc_reserve(&host->paths, &host->path_capacity, host->path_count + 1, sizeof *host->paths), 0);
    memset(&host->paths[host->path_count], 0, sizeof *host->paths);
    host->paths[host->path_count].path = mxc_strdup(path);
    host->paths[host->path_count++].type = type;
}

enum { FOLDER = 0040000, FILE_TYPE = 0100000 };

static void expect_cwd(struct made *made, const char *cwd, int required) {
    assert_int_equal(make(made, NULL), MXC_OK);
    assert_string_equal(made->request.launch.cwd, cwd);
    assert_int_equal(made->request.launch.cwd_required, required);
}

static void test_folder(void **state) {
    struct made *made = *state;
    made->command.argv = (const char *const[]){"true", NULL};
    expect_cwd(made, "", 0);
    add_rule(made, MXC_ACCESS_READ, "/a/file", "/filesystem/readonlyPaths/0", FILE_TYPE);
    add_rule(made, MXC_ACCESS_READ, "/a/tree", "/runtime", FOLDER);
    expect_cwd(made, "", 0);
    add_rule(made, MXC_ACCESS_READ, "/b", "/filesystem/readonlyPaths/1", FOLDER);
    expect_cwd(made, "/b", 0);
    add_rule(made, MXC_ACCESS_WRITE, "/c", "/filesystem/readwritePaths/10", FOLDER);
    add_rule(made, MXC_ACCESS_WRITE, "/d", "/filesystem/readwritePaths/9", FOLDER);
    add_rule(made, MXC_ACCESS_WRITE, "/e", "/filesystem/readwritePaths/0", FILE_TYPE);
    expect_cwd(made, "/d", 0);
    made->prepared.policy->process.cwd = mxc_strdup("/p");
    expect_cwd(made, "/p", 1);
    made->command.cwd = "/q";
    expect_cwd(made, "/q", 1);
}

static void expect_time(struct made *made, uint64_t command, uint64_t policy, uint64_t expected) {
    made->command.timeout_ms = command;
    made->prepared.policy->limits.wall_time_ms = policy;
    assert_int_equal(make(made, NULL), MXC_OK);
    assert_int_equal(made->request.launch.timeout_ms, expected);
}

static void test_times(void **state) {
    struct made *made = *state;
    made->command.argv = (const char *const[]){"true", NULL};
    expect_time(made, 0, MXC_UNSET, 0);
    expect_time(made, 5, MXC_UNSET, 5);
    expect_time(made, 0, 7, 7);
    expect_time(made, 5, 7, 5);
    expect_time(made, 9, 7, 7);
    assert_int_equal(made->request.launch.grace_ms, 1000);
    assert_int_equal(made->request.launch.output_bytes, 1u << 20);
    made->command.grace_ms = 3;
    assert_int_equal(make(made, NULL), MXC_OK);
    assert_int_equal(made->request.launch.grace_ms, 3);
}

static void test_every_allocation(void **state) {
    struct made *made = *state;
    made->command.code = "print(1)";
    made->command.code_length = 8;
    made->command.env = (const char *const[]){"HOME=/h", "X=1", NULL};
    for (unsigned long n = 1;; n++) {
        mxc_alloc_fail_at(n);
        mxc_status status = make(made, &python);
        unsigned long count = mxc_alloc_count();
        mxc_alloc_fail_at(0);
        if (count < n) {
            assert_int_equal(status, MXC_OK);
            assert_true(n > 10);
            return;
        }
        assert_int_equal(status, MXC_E_NO_MEMORY);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_runs),           TEST(code),   TEST(long_code), TEST(environment),
        TEST(interpreter_in_path), TEST(folder), TEST(times),     TEST(every_allocation),
    };
    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
