/* cgroup.c: control groups, made by the keeper (of an ordinary user only delegated ones), entered by the builder itself:
 * limits hold before the first instruction of the workload, and the cgroup namespace is made after the group was
 * entered. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/text.h"
#include "ops/ops.h"

#define REMOVE_TRIES 200 /* times 5 ms */
#define LEFTOVER_SECONDS 60
#define GROUP_PREFIX "mxc-"

int mxc_op_cgroup(struct mxc_apply *apply, const struct mxc_op *op) {
    if (apply->cgroup_count == MXC_MAX_CGROUPS)
        return -E2BIG;
    MXC_AUTO_FD int parent = open(mxc_plan_text_at(apply->plan, op->text), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0)
        return -errno;
    if (mkdirat(parent, apply->group_name, 0755) != 0 && errno != EEXIST)
        return -errno;
    struct mxc_cgroup *group = &apply->cgroups[apply->cgroup_count];
    *group = (struct mxc_cgroup){.controller = (uint32_t)op->a, .version = (uint32_t)op->b, .procs = -1};
    group->parent = mxc_take_fd(&parent);
    group->folder = openat(group->parent, apply->group_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    apply->cgroup_count++; /* from here on it is removed at the end */
    if (group->folder < 0)
        return -errno;
    /* v1: moving one thread, oneself, needs no lock over all forks of the host; through cgroup.procs it does, which
     * took 16 ms of waiting for RCU here. v2 has no such file for an ordinary group. */
    group->procs = openat(group->folder, op->b == 1 ? "tasks" : "cgroup.procs", O_WRONLY | O_CLOEXEC);
    return group->procs < 0 ? -errno : 0;
}

int mxc_op_cgroup_set(struct mxc_apply *apply, const struct mxc_op *op) {
    const char *file = mxc_plan_text_at(apply->plan, op->text);
    const char *value = mxc_plan_text_at(apply->plan, op->text2);
    if (!apply->cgroup_count || strchr(file, '/'))
        return -EINVAL;
    int result = mxc_file_write(apply->cgroups[apply->cgroup_count - 1].folder, file, value, strlen(value));
    /* Swap accounting is a build and boot option; without swap accounting there is nothing to limit by it. */
    if (result == -ENOENT && (strcmp(file, "memory.memsw.limit_in_bytes") == 0 || strcmp(file, "memory.swap.max") == 0))
        return 0;
    return result;
}

int mxc_op_watch(struct mxc_apply *apply, const struct mxc_op *op) {
    if (op->a >= sizeof apply->watch / sizeof *apply->watch)
        return -EINVAL;
    apply->watch[op->a] = op->b;
    return 0;
}

const struct mxc_cgroup *mxc_cgroup_find(const struct mxc_apply *apply, uint32_t controller) {
    for (unsigned int i = 0; i < apply->cgroup_count; i++)
        if (apply->cgroups[i].controller == controller || apply->cgroups[i].controller == MXC_CGROUP_UNIFIED)
            return &apply->cgroups[i];
    return NULL;
}

/* 1 when `name` is a group of a keeper that died before it could remove it. A young one may belong to a keeper in
 * another pid namespace that has not entered it yet. */
static int is_leftover(int parent, const char *name) {
    const char *digits = name + strlen(GROUP_PREFIX);
    struct stat info;
    struct timespec now;
    if (strncmp(name, GROUP_PREFIX, strlen(GROUP_PREFIX)) != 0 || *digits < '1' || *digits > '9')
        return 0;
    pid_t pid = (pid_t)mxc_text_number(&digits);
    if (*digits == '-') {
        /* of a pid namespace: whether the keeper lives cannot be asked here, but where it does the group has tasks */
        digits++;
        (void)mxc_text_number(&digits);
        if (*digits)
            return 0;
    } else if (*digits || kill(pid, 0) == 0 || errno != ESRCH) {
        return 0;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    return fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && now.tv_sec - info.st_mtime > LEFTOVER_SECONDS;
}

static void sweep(int parent) {
    MXC_AUTO_FD int folder = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char entries[4096];
    long got;
    while (folder >= 0 && (got = mxc_sys(SYS_getdents64, folder, entries, sizeof entries)) > 0) {
        for (long at = 0; at < got;) {
            const struct mxc_dirent *entry = (const void *)(entries + at);
            if (is_leftover(parent, entry->name))
                unlinkat(parent, entry->name, AT_REMOVEDIR); /* only an empty one goes */
            at += entry->length;
        }
    }
}

void mxc_cgroups_remove(struct mxc_apply *apply) {
    const struct timespec pause = {.tv_nsec = 5000000};
    for (unsigned int i = 0; i < apply->cgroup_count; i++) {
        struct mxc_cgroup *group = &apply->cgroups[i];
        mxc_close(&group->procs);
        mxc_close(&group->folder);
        /* EBUSY: the last task is dead but not yet off the list. */
        for (int tries = 0; tries < REMOVE_TRIES; tries++) {
            if (unlinkat(group->parent, apply->group_name, AT_REMOVEDIR) == 0 || errno != EBUSY)
                break;
            nanosleep(&pause, NULL);
        }
        sweep(group->parent);
        mxc_close(&group->parent);
    }
    apply->cgroup_count = 0;
}
