/* tree_test.c: what the walks find: repositories in every form, hooks, homes, hard links from outside, and where the
 * bounds cut them off. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/internal.h"
#include "probe/probe.h"
#include "unit/probe/ground.h"

static const char *in(const char *folder, const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void repository(void *const *state, const char *name) {
    ground_folder(state, name);
    ground_folder(state, in(name, "objects"));
    ground_folder(state, in(name, "refs"));
    ground_folder(state, in(name, "hooks"));
    ground_file(state, in(name, "HEAD"), "ref: refs/heads/main\n");
}

static const struct mxc_git *git_at(void *const *state, const struct mxc_tree_fact *tree, const char *name) {
    for (size_t i = 0; i < tree->git_count; i++)
        if (strcmp(tree->gits[i].path, ground_path(state, name)) == 0)
            return &tree->gits[i];
    return NULL;
}

static void every_form_of_repository(void **state) {
    struct mxc_tree_fact tree;
    ground_folder(state, "sub");
    repository(state, ".git");
    repository(state, "sub/.git");
    repository(state, "bare");
    ground_folder(state, ".git/modules");
    repository(state, ".git/modules/m");
    ground_folder(state, ".git/worktrees");
    ground_folder(state, ".git/worktrees/w");
    ground_file(state, ".git/worktrees/w/HEAD", "x");
    ground_file(state, ".git/worktrees/w/commondir", "../..\n");
    ground_folder(state, "w");
    ground_file(state, "w/.git", "gitdir: elsewhere\n");
    ground_folder(state, "l");
    ground_link(state, "l/.git", "../bare");
    ground_folder(state, "half"); /* no refs */
    ground_folder(state, "half/objects");
    ground_file(state, "half/HEAD", "x");
    ground_folder(state, ".git/objects/deep"); /* where nobody looks for a working tree */
    repository(state, ".git/objects/deep/.git");
    assert_int_equal(mxc_tree_look(&tree, ground_path(state, ""), NULL), MXC_OK);
    assert_int_equal(git_at(state, &tree, ".git")->type, S_IFDIR);
    assert_int_equal(git_at(state, &tree, "sub/.git")->type, S_IFDIR);
    assert_non_null(git_at(state, &tree, "bare"));
    assert_non_null(git_at(state, &tree, ".git/modules/m"));
    assert_non_null(git_at(state, &tree, ".git/worktrees/w"));
    assert_int_equal(git_at(state, &tree, "w/.git")->type, S_IFREG);
    assert_int_equal(git_at(state, &tree, "l/.git")->type, S_IFLNK);
    assert_int_equal(tree.git_count, 7);
    assert_int_equal(tree.cut, MXC_CUT_NOT);
    assert_true(tree.whole > MXC_TREE_DEPTH);
    mxc_tree_clear(&tree);
}

static void hooks_but_no_samples(void **state) {
    struct mxc_tree_fact tree;
    repository(state, ".git");
    ground_file(state, ".git/hooks/pre-commit", "x");
    ground_file(state, ".git/hooks/pre-push.sample", "x");
    assert_int_equal(mxc_tree_look(&tree, ground_path(state, ""), NULL), MXC_OK);
    assert_int_equal(tree.hook_count, 1);
    assert_string_equal(tree.hooks[0], ground_path(state, ".git/hooks/pre-commit"));
    mxc_tree_clear(&tree);
}

static void same_again(void *const *state, const char *made, int expected) {
    struct mxc_tree_fact tree;
    assert_int_equal(mxc_tree_look(&tree, ground_path(state, ""), NULL), MXC_OK);
    assert_int_equal(mxc_tree_still(&tree), 1);
    ground_file(state, made, "x");
    assert_int_equal(mxc_tree_still(&tree), expected);
    mxc_tree_clear(&tree);
}

static void changes_are_noticed(void **state) {
    repository(state, ".git");
    ground_folder(state, "half");
    ground_folder(state, "half/objects");
    ground_folder(state, "half/refs");
    ground_folder(state, "w");
    same_again(state, "w/text", 1);
    same_again(state, "w/.git", 0);
    same_again(state, "half/HEAD", 0);
    same_again(state, ".git/hooks/post-commit", 0);
    same_again(state, ".git/hooks/pre-push.sample", 1);
    struct mxc_tree_fact tree;
    assert_int_equal(mxc_tree_look(&tree, ground_path(state, ""), NULL), MXC_OK);
    assert_int_equal(rename(ground_path(state, "half"), ground_path(state, "moved")), 0);
    repository(state, "half"); /* another one at the same place */
    assert_int_equal(mxc_tree_still(&tree), 0);
    mxc_tree_clear(&tree);
}

/* What is in the folder now, found by a walk that knows an earlier one, and by one that does not. */
static void the_same_as_read_anew(void *const *state, const struct mxc_tree_fact *was, size_t gits, size_t hooks) {
    struct mxc_tree_fact again, anew;
    assert_int_equal(mxc_tree_look_again(&again, was, NULL), MXC_OK);
    assert_int_equal(mxc_tree_look(&anew, ground_path(state, ""), NULL), MXC_OK);
    assert_int_equal(again.git_count, gits);
    assert_int_equal(again.hook_count, hooks);
    assert_int_equal(again.entries, anew.entries);
    assert_int_equal(again.git_count, anew.git_count);
    for (size_t i = 0; i < gits; i++)
        assert_string_equal(again.gits[i].path, anew.gits[i].path);
    mxc_tree_clear(&again);
    mxc_tree_clear(&anew);
}

static void set_times_back(const char *path, const struct stat *was) {
    const struct timespec times[2] = {was->st_atim, was->st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* Folders that are old enough are not read again unless they changed, and whatever is done to them counts as a
 * change, also when the times that can be set are set back. */
static void old_folders_that_changed(void **state) {
    struct mxc_tree_fact was;
    struct stat info;
    ground_folder(state, "a");
    ground_folder(state, "a/leaf");
    ground_folder(state, "a/leaf2");
    ground_folder(state, "b");
    ground_folder(state, "b/half");
    ground_folder(state, "b/half/objects");
    ground_folder(state, "b/half/refs");
    repository(state, ".git");
    (void)sleep(3);
    assert_int_equal(mxc_tree_look(&was, ground_path(state, ""), NULL), MXC_OK);
    assert_int_equal(was.git_count, 1);
    the_same_as_read_anew(state, &was, 1, 0);
    assert_int_equal(mxc_tree_still(&was), 1);
    assert_int_equal(stat(ground_path(state, "a/leaf"), &info), 0);
    ground_file(state, "a/leaf/.git", "gitdir: elsewhere\n");
    set_times_back(ground_path(state, "a/leaf"), &info);
    the_same_as_read_anew(state, &was, 2, 0);
    assert_int_equal(stat(ground_path(state, "b/half"), &info), 0);
    ground_file(state, "b/half/HEAD", "x");
    set_times_back(ground_path(state, "b/half"), &info);
    the_same_as_read_anew(state, &was, 3, 0);
    repository(state, "a/leaf2/.git"); /* one that had no folders in it */
    the_same_as_read_anew(state, &was, 4, 0);
    assert_int_equal(rename(ground_path(state, "a"), ground_path(state, "c")), 0);
    ground_link(state, "a", "c");
    the_same_as_read_anew(state, &was, 4, 0);
    ground_file(state, ".git/hooks/post-commit", "x");
    the_same_as_read_anew(state, &was, 4, 1);
    assert_int_equal(rename(ground_path(state, "b/half"), ground_path(state, "half")), 0);
    ground_folder(state, "b/half");
    the_same_as_read_anew(state, &was, 4, 1);
    mxc_tree_clear(&was);
}

/* Too young to be believed: a change within the same tick would not show. */
static void young_folders_are_read(void **state) {
    struct mxc_tree_fact was;
    for (int i = 0; i < 50; i++) {
        char name[32];
        snprintf(name, sizeof name, "w%d", i);
        ground_folder(state, name);
        assert_int_equal(mxc_tree_look(&was, ground_path(state, ""), NULL), MXC_OK);
        assert_int_equal(was.git_count, i);
        ground_file(state, in(name, ".git"), "x");
        assert_int_equal(mxc_tree_still(&was), 0);
        mxc_tree_clear(&was);
    }
}

static void folders_without_folders(void **state) {
    struct mxc_tree_fact tree;
    ground_folder(state, "files");
    for (char name[] = "files/a"; name[6] <= 'z'; name[6]++)
        ground_file(state, name, "");
    ground_folder(state, "tree"); /* the store of a working tree */
    ground_file(state, "tree/HEAD", "x");
    ground_file(state, "tree/commondir", "../..\n");
    ground_folder(state, "linked"); /* git takes links for folders here */
    ground_file(state, "linked/HEAD", "x");
    ground_link(state, "linked/objects", "../files");
    ground_link(state, "linked/refs", "../files");
    ground_folder(state, "work");
    ground_link(state, "work/.git", "../linked");
    assert_int_equal(mxc_tree_look(&tree, ground_path(state, ""), NULL), MXC_OK);
    assert_int_equal(tree.git_count, 3);
    assert_non_null(git_at(state, &tree, "tree"));
    assert_non_null(git_at(state, &tree, "linked"));
    assert_int_equal(git_at(state, &tree, "work/.git")->type, S_IFLNK);
    mxc_tree_clear(&tree);
}

static void links_are_not_followed(void **state) {
    struct mxc_tree_fact tree;
    ground_folder(state, "in");
    ground_folder(state, "out");
    repository(state, "out/.git");
    ground_link(state, "in/out", "../out");
    ground_link(state, "in/loop", ".");
    assert_int_equal(mxc_tree_look(&tree, ground_path(state, "in"), NULL), MXC_OK);
    assert_int_equal(tree.git_count, 0);
    mxc_tree_clear(&tree);
    assert_int_equal(mxc_tree_look(&tree, ground_path(state, "in/out"), NULL), MXC_OK); /* nor as the root */
    assert_int_equal(tree.git_count, 0);
    mxc_tree_clear(&tree);
}

static void what_is_cut_off_is_the_deepest(void **state) {
    struct mxc_tree_fact tree;
    char name[32];
    repository(state, ".git");
    ground_folder(state, "many");
    for (unsigned i = 0; i < MXC_TREE_ENTRIES; i++) {
        snprintf(name, sizeof name, "many/%u", i);
        ground_file(state, name, "");
    }
    ground_folder(state, "many/sub");
    repository(state, "many/sub/.git");
    assert_int_equal(mxc_tree_look(&tree, ground_path(state, ""), NULL), MXC_OK);
    assert_int_equal(tree.cut, MXC_CUT_ENTRIES);
    assert_true(tree.entries <= MXC_TREE_ENTRIES);
    assert_int_equal(tree.whole, 1);
    assert_int_equal(tree.git_count, 1);
    mxc_tree_clear(&tree);
}

static void depth_has_an_end(void **state) {
    struct mxc_tree_fact tree;
    char path[256] = "d";
    for (unsigned i = 0; i < MXC_TREE_DEPTH + 2; i++) {
        ground_folder(state, path);
        strcat(path, "/d");
    }
    assert_int_equal(mxc_tree_look(&tree, ground_path(state, ""), NULL), MXC_OK);
    assert_int_equal(tree.cut, MXC_CUT_DEPTH);
    mxc_tree_clear(&tree);
}

static void homes(void **state) {
    const char *before = getenv("HOME");
    char *kept = before ? strdup(before) : NULL;
    setenv("HOME", ground_path(state, ""), 1);
    assert_true(mxc_probe_is_home(ground_path(state, "")));
    setenv("HOME", "/nonexistent", 1);
    assert_false(mxc_probe_is_home(ground_path(state, "")));
    assert_true(mxc_probe_is_home("/root")); /* of the password file */
    assert_false(mxc_probe_is_home("/roo"));
    if (kept)
        setenv("HOME", kept, 1);
    free(kept);
}

static void hard_links_from_outside(void **state) {
    struct mxc_host host = {0};
    char secret[512];
    ground_folder(state, "no");
    ground_folder(state, "no/deep");
    ground_file(state, "no/deep/secret", "x");
    ground_file(state, "no/twice", "x");
    snprintf(secret, sizeof secret, "%s", ground_path(state, "no/deep/secret"));
    assert_int_equal(link(ground_path(state, "no/twice"), ground_path(state, "no/deep/again")), 0); /* both inside */
    assert_int_equal(mxc_host_look_links(&host, ground_path(state, "no"), NULL), MXC_OK);
    assert_null(mxc_host_linked(&host, ground_path(state, "no"))->first);
    mxc_host_clear(&host);
    assert_int_equal(link(secret, ground_path(state, "other")), 0);
    assert_int_equal(mxc_host_look_links(&host, ground_path(state, "no"), NULL), MXC_OK);
    assert_string_equal(mxc_host_linked(&host, ground_path(state, "no"))->first, secret);
    assert_int_equal(mxc_host_linked(&host, ground_path(state, "no"))->count, 1);
    mxc_host_clear(&host);
}

static void ghosts(void **state) {
    struct mxc_host host = {0};
    ground_folder(state, "g");
    ground_folder(state, "filled");
    ground_file(state, "filled/x", "");
    assert_int_equal(chmod(ground_path(state, "g"), 01755), 0);
    assert_int_equal(chmod(ground_path(state, "filled"), 01755), 0);
    assert_int_equal(mxc_host_look(&host, ground_path(state, "g"), NULL), MXC_OK);
    assert_int_equal(mxc_host_look(&host, ground_path(state, "filled"), NULL), MXC_OK);
    assert_true(mxc_host_path(&host, ground_path(state, "g"))->ghost);
    assert_false(mxc_host_path(&host, ground_path(state, "filled"))->ghost);
    mxc_host_clear(&host);
}

/* Another sandbox may remove its ghost between any two steps of a look: it is absent or a ghost, never a folder. */
static void ghosts_that_go(void **state) {
    const char *path = ground_path(state, "g");
    pid_t other = fork();
    assert_true(other >= 0);
    while (other == 0) {
        (void)mkdir(path, 01755);
        (void)rmdir(path);
    }
    for (int i = 0; i < 40000; i++) {
        struct mxc_host host = {0};
        assert_int_equal(mxc_host_look(&host, path, NULL), MXC_OK);
        const struct mxc_path_fact *fact = mxc_host_path(&host, path);
        if (fact->real && !fact->ghost) {
            (void)kill(other, SIGKILL);
            fail_msg("a folder in look %d", i);
        }
        mxc_host_clear(&host);
    }
    assert_int_equal(kill(other, SIGKILL), 0);
    assert_int_equal(waitpid(other, NULL, 0), other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_form_of_repository, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(hooks_but_no_samples, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(changes_are_noticed, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(old_folders_that_changed, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(young_folders_are_read, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(folders_without_folders, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(links_are_not_followed, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(what_is_cut_off_is_the_deepest, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(depth_has_an_end, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(homes, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(hard_links_from_outside, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(ghosts, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(ghosts_that_go, ground_make, ground_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
