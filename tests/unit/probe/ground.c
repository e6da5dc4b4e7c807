/* ground.c: see ground.h. */
#include "unit/probe/ground.h"

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

int ground_make(void **state) {
    char folder[] = "/tmp/mxc-probe-XXXXXX";
    if (!mkdtemp(folder))
        return -1;
    *state = realpath(folder, NULL);
    return *state ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

int ground_remove(void **state) {
    int result = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return result;
}

const char *ground_path(void *const *state, const char *name) {
    static char paths[4][PATH_MAX];
    static unsigned int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s%s%s", (const char *)*state, *name ? "/" : "", name);
    return path;
}

void ground_folder(void *const *state, const char *name) { assert_int_equal(mkdir(ground_path(state, name), 0755), 0); }

void ground_file(void *const *state, const char *name, const char *text) {
    int fd = open(ground_path(state, name), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

void ground_link(void *const *state, const char *name, const char *target) {
    assert_int_equal(symlink(target, ground_path(state, name)), 0);
}
