/* structs_test.c: structs that the caller fills: sizes of other versions, and everything that can be wrong in one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/structs.h"

static mxc_status read_command(const mxc_command *command) {
    mxc_command out;
    return mxc_command_read(&out, command, NULL);
}

static void test_sizes(void **state) {
    (void)state;
    struct {
        mxc_command command;
        uint64_t later[4];
    } newer = {{.struct_size = sizeof newer}, {0}};
    assert_int_equal(read_command(&newer.command), MXC_OK);
    newer.later[3] = 1;
    assert_int_equal(read_command(&newer.command), MXC_E_INVALID_ARGUMENT);
    newer.command.struct_size = sizeof newer.command;
    assert_int_equal(read_command(&newer.command), MXC_OK);
    newer.command.struct_size--;
    assert_int_equal(read_command(&newer.command), MXC_E_INVALID_ARGUMENT);
    newer.command.struct_size = 0;
    assert_int_equal(read_command(&newer.command), MXC_E_INVALID_ARGUMENT);
    newer.command.struct_size = SIZE_MAX;
    assert_int_equal(read_command(&newer.command), MXC_E_INVALID_ARGUMENT);
    assert_int_equal(read_command(NULL), MXC_E_INVALID_ARGUMENT);
}

static void test_options(void **state) {
    (void)state;
    mxc_sandbox_options out, given = {.struct_size = sizeof given};
    assert_int_equal(mxc_options_read(&out, NULL, NULL), MXC_OK);
    assert_null(out.runtime_paths);
    assert_int_equal(mxc_options_read(&out, &given, NULL), MXC_OK);
    given.runtime_paths = (const char *const[]){"/opt/x", "relative", NULL};
    assert_int_equal(mxc_options_read(&out, &given, NULL), MXC_E_INVALID_ARGUMENT);
    given.struct_size = 1;
    assert_int_equal(mxc_options_read(&out, &given, NULL), MXC_E_INVALID_ARGUMENT);
}

static const char *const argv[] = {"true", NULL};
static const char *const no_argv[] = {NULL};
static const char *const no_name[] = {"=x", NULL};
static const char *const no_value[] = {"A", NULL};

#define WRONG(...) \
    assert_int_equal(read_command(&(mxc_command){.struct_size = sizeof(mxc_command), __VA_ARGS__}), \
                     MXC_E_INVALID_ARGUMENT)
#define RIGHT(...) \
    assert_int_equal(read_command(&(mxc_command){.struct_size = sizeof(mxc_command), __VA_ARGS__}), MXC_OK)

static void test_fields(void **state) {
    (void)state;
    RIGHT(.argv = argv);
    RIGHT(.code = "", .code_length = 0);
    RIGHT(.argv = argv, .input = "x", .input_length = 1);
    WRONG(.argv = argv, .code = "x", .code_length = 1);
    WRONG(.argv = no_argv);
    WRONG(.code_length = 1);
    WRONG(.code = "a\0b", .code_length = 3);
    WRONG(.code = "x", .code_length = (4u << 20) + 1);
    WRONG(.argv = argv, .input_length = 1);
    WRONG(.argv = argv, .stdin_mode = 4);
    WRONG(.argv = argv, .stdout_mode = -1);
    WRONG(.argv = argv, .stderr_mode = 99);
    WRONG(.argv = argv, .input = "x", .input_length = 1, .stdin_mode = MXC_STDIO_PIPE);
    WRONG(.argv = argv, .cwd = "here");
    WRONG(.argv = argv, .env = no_name);
    WRONG(.argv = argv, .env = no_value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_fields),
    };
    return cmocka_run_group_tests_name("structs", tests, NULL, NULL);
}
