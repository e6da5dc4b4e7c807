/* tree_test.c: mount points, folders and files are made in the new root and nowhere else, also when a granted folder
 * has a symbolic link where the plan has a folder. */
#include <errno.h>
#include <fcntl.h>
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

#include "base/alloc.h"
#include "base/fd.h"
#include "ops/ops.h"
#include "plan/builder.h"

static char top[] = "/tmp/mxc-ops-tree.XXXXXX";
static struct mxc_apply apply;

static int set_up(void **state) {
    char path[64];
    (void)state;
    if (!mkdtemp(top))
        return -1;
    apply.root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
    snprintf(path, sizeof path, "%s/folder", top);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/link", top);
    return apply.root < 0 || symlink("/folder", path) != 0 ? -1 : 0;
}

static int tear_down(void **state) {
    char command[64];
    (void)state;
    close(apply.root);
    snprintf(command, sizeof command, "rm -r %s", top);
    return system(command); /* NOLINT(cert-env33-c) */
}

static int dir(const char *path) {
    MXC_AUTO_FD int made = mxc_target_dir(&apply, path, 0755);
    return made < 0 ? made : 0;
}

static int file(const char *path) {
    MXC_AUTO_FD int made = mxc_target_file(&apply, path);
    return made < 0 ? made : 0;
}

/* One op with a text and, where it has one, a target or a content. */
static int op(int (*function)(struct mxc_apply *, const struct mxc_op *), enum mxc_op_kind kind, const char *path) {
    struct mxc_plan plan = {0};
    struct mxc_plan_view view;
    size_t length;
    MXC_PLAN_ADD(&plan, kind, .text = path, .text2 = kind == MXC_OP_SYMLINK ? "x" : NULL,
                 .a = kind == MXC_OP_SYMLINK ? 0 : 0644);
    void *bytes = mxc_plan_encode(&plan, &length);
    assert_int_equal(mxc_plan_view(&view, bytes, length), 0);
    apply.plan = &view;
    int result = function(&apply, view.ops);
    mxc_plan_clear(&plan);
    mxc_free(bytes);
    return result;
}

static int is_there(const char *path) {
    struct stat info;
    return fstatat(apply.root, path, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

static void test_folders_are_made(void **state) {
    (void)state;
    assert_int_equal(dir("/a/b/c"), 0);
    assert_int_equal(dir("/a/b/c"), 0);
    assert_true(is_there("a/b/c"));
    assert_int_equal(file("/a/b/d"), 0);
    assert_int_equal(op(mxc_op_file, MXC_OP_FILE, "/e/f"), 0);
    assert_int_equal(op(mxc_op_symlink, MXC_OP_SYMLINK, "/e/g"), 0);
    assert_int_equal(op(mxc_op_file, MXC_OP_FILE, "/e/f"), -EEXIST);
}

static void test_no_link_is_followed(void **state) {
    (void)state;
    assert_int_equal(dir("/link/x"), -ELOOP);
    assert_int_equal(dir("/link/x/y"), -ELOOP);
    assert_int_equal(file("/link/x"), -ELOOP);
    assert_int_equal(dir("/link"), -ELOOP);
    assert_int_equal(file("/link"), -ELOOP);
    assert_int_equal(op(mxc_op_dir, MXC_OP_DIR, "/link/x"), -ELOOP);
    assert_int_equal(op(mxc_op_file, MXC_OP_FILE, "/link/x"), -ELOOP);
    assert_int_equal(op(mxc_op_symlink, MXC_OP_SYMLINK, "/link/x"), -ELOOP);
    assert_false(is_there("folder/x"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_folders_are_made),
                                       cmocka_unit_test(test_no_link_is_followed)};
    return cmocka_run_group_tests_name("ops_tree", tests, set_up, tear_down);
}
