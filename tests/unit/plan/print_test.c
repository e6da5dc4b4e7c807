/* print_test.c: the text of a plan, above all that no name in it can act on a terminal or pass for another line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "plan/builder.h"

static void expect(const struct mxc_plan *plan, int identities, const char *expected) {
    MXC_AUTO_BUF struct mxc_buf text = {0};
    struct mxc_plan_view view;
    size_t length;
    void *bytes = mxc_plan_encode(plan, &length);
    assert_non_null(bytes);
    assert_int_equal(mxc_plan_view(&view, bytes, length), 0);
    mxc_plan_print(&text, &view, identities);
    assert_string_equal(text.data, expected);
    mxc_free(bytes);
}

static void one_line_an_operation(void **state) {
    struct mxc_plan plan = {0};
    (void)state;
    MXC_PLAN_ADD(&plan, MXC_OP_WATCH, .origin = "/limits/memoryBytes", .a = MXC_WATCH_MEMORY, .b = 5);
    MXC_PLAN_ADD(&plan, MXC_OP_NAMESPACES, .a = CLONE_NEWNET | CLONE_NEWUSER | 1);
    MXC_PLAN_ADD(&plan, MXC_OP_FILE, .text = "/f", .a = 0644, .blob = "a\n\"", .blob_length = 3);
    MXC_PLAN_ADD(&plan, MXC_OP_RLIMIT, .a = 99, .b = 1);
    MXC_PLAN_ADD(&plan, MXC_OP_LANDLOCK_RULE, .text = "/", .a = 1u << 20 | 9);
    expect(&plan, 0,
           "watch memory 5  # /limits/memoryBytes\n"
           "namespaces user,net,0x1\n"
           "file /f 0644 \"a\\n\\\"\"\n"
           "rlimit ? 1\n"
           "landlock-rule / execute,read_dir,0x100000\n");
    mxc_plan_clear(&plan);
}

static void long_files_are_counted(void **state) {
    static char content[2000];
    struct mxc_plan plan = {0};
    (void)state;
    MXC_PLAN_ADD(&plan, MXC_OP_FILE, .text = "/f", .a = 0600, .blob = content, .blob_length = sizeof content);
    expect(&plan, 0, "file /f 0600 2000 bytes\n");
    mxc_plan_clear(&plan);
}

static void identities_only_when_asked_for(void **state) {
    struct mxc_plan plan = {0};
    (void)state;
    MXC_PLAN_ADD(&plan, MXC_OP_BIND, .text = "/b", .text2 = "/c", .a = MXC_BIND_READONLY | MXC_BIND_IDMAP, .b = 7,
                 .c = 8, .d = S_IFREG);
    expect(&plan, 0, "bind /b <- /c ro idmap file\n");
    expect(&plan, 1, "bind /b <- /c ro idmap file dev=7 ino=8\n");
    mxc_plan_clear(&plan);
}

static void expect_name(const char *name, const char *shown) {
    struct mxc_plan plan = {0};
    MXC_AUTO_BUF struct mxc_buf line = {0};
    mxc_buf_format(&line, "proc %s\n", shown);
    MXC_PLAN_ADD(&plan, MXC_OP_PROC, .text = name);
    expect(&plan, 0, line.data);
    mxc_plan_clear(&plan);
}

static void names_cannot_act_on_a_terminal(void **state) {
    (void)state;
    expect_name("/a\nbind /etc <- /etc rw", "/a\\x0abind\\x20/etc\\x20<-\\x20/etc\\x20rw");
    expect_name("/a\x1b[2J", "/a\\x1b[2J");
    expect_name("/a\x7f\\", "/a\\x7f\\x5c");
    expect_name("/caf\xc3\xa9", "/caf\xc3\xa9");
    expect_name("/\xc2\x9b", "/\\xc2\\x9b");                  /* C1: CSI in one character */
    expect_name("/\xe2\x80\xae.gpj", "/\\xe2\\x80\\xae.gpj"); /* right-to-left override */
    expect_name("/\xe2\x81\xa6x", "/\\xe2\\x81\\xa6x");
    expect_name("/\xe2\x82\xac", "/\xe2\x82\xac");
    expect_name("/\xff\xc3\xa9", "/\\xff\\xc3\\xa9"); /* not UTF-8: nothing of it is trusted */
    expect_name("/\xc2", "/\\xc2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_an_operation),
        cmocka_unit_test(long_files_are_counted),
        cmocka_unit_test(identities_only_when_asked_for),
        cmocka_unit_test(names_cannot_act_on_a_terminal),
    };
    return cmocka_run_group_tests_name("plan print", tests, NULL, NULL);
}
