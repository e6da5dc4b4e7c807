/* sweep.c: what a keeper leaves on the host when it is killed: the empty folders that held the places of protected
 * names (base/ghost.h). It works on paths of the plan, in folders that hold whatever the workload put there: nothing
 * is followed, and nothing but an unused ghost is removed. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/fd.h"
#include "base/ghost.h"
#include "base/sys.h"
#include "client/parts.h"

/* The kernel has just been told to end what ran inside, which may still hold a ghost; so may another sandbox. */
#define PAUSE_NS 2000000
#define ROUNDS 20

/* 1 when a ghost is there still. */
static int sweep_op(const struct mxc_plan_view *view, const struct mxc_op *op) {
    char folder[4096];
    struct stat found;
    const char *path = mxc_plan_text_at(view, op->text), *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    if (!length || length >= sizeof folder)
        return 0;
    memcpy(folder, path, length);
    folder[length] = 0;
    MXC_AUTO_FD int fd = mxc_openat2(AT_FDCWD, folder, O_PATH | O_DIRECTORY | O_CLOEXEC,
                                     MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS);
    if (fd < 0 || fstat(fd, &found) != 0 || found.st_dev != op->b || found.st_ino != op->c)
        return 0;
    return mxc_ghost_sweep(fd, slash + 1);
}

static int sweep_all(const struct mxc_plan_view *view) {
    int left = 0;
    for (uint32_t i = 0; i < view->op_count; i++)
        if (view->ops[i].kind == MXC_OP_GHOST)
            left |= sweep_op(view, &view->ops[i]);
    return left;
}

static int has_ghosts(const struct mxc_plan_view *view) {
    for (uint32_t i = 0; i < view->op_count; i++)
        if (view->ops[i].kind == MXC_OP_GHOST)
            return 1;
    return 0;
}

void mxc_keeper_sweep(const struct mxc_plan_view *view) {
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    int left = has_ghosts(view);
    for (int round = 0; left && round < ROUNDS; round++) {
        nanosleep(&pause, NULL);
        left = sweep_all(view);
    }
}
