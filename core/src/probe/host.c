/* host.c: feature tests. Each asks the kernel with a call that cannot succeed and tells from the error whether
 * the call is there; nothing is created, no process is started, no version number is looked at. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/sys.h"
#include "base/text.h"
#include "probe/internal.h"
#include "probe/probe.h"

/* linux/landlock.h and linux/seccomp.h of Debian 12 are older than these. */
#define LANDLOCK_VERSION 1u
#define LANDLOCK_ERRATA 2u
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#define OWN_UIDS_FIRST 1879048192u /* of docs/architecture.md, "Started by root": this + the largest pid */
#define OWN_UIDS_LAST (OWN_UIDS_FIRST + (64u << 22) - 1) /* with the parts of other pid namespaces */
#define INITIAL_USERNS_INODE 0xeffffffdu                 /* fixed: USER_NS_INIT_INO of linux/nsfs.h */

int mxc_probe_capabilities(uint32_t wanted) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0}};
    if (mxc_sys(SYS_capget, &header, data) < 0)
        return 0;
    return (data[0].effective & wanted) == wanted;
}

/* What a keeper of root needs to give a sandbox an id of its own, to end it and to clean up after it. `map` is that of
 * the user ids here. */
static int may_use_own_uids(const char *map) {
    static const uint32_t needs = 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_SETPCAP | 1u << CAP_KILL |
                                  1u << CAP_CHOWN | 1u << CAP_DAC_OVERRIDE | 1u << CAP_FOWNER;
    const char *cursor = map;
    if (geteuid() != 0 || !mxc_probe_capabilities(needs))
        return 0;
    while (*cursor) {
        uint64_t part[3];
        for (int i = 0; i < 3; i++) {
            cursor += strspn(cursor, " ");
            part[i] = mxc_text_number(&cursor);
        }
        if (part[0] <= OWN_UIDS_FIRST && part[0] + part[2] > OWN_UIDS_LAST)
            return 1;
        cursor += strcspn(cursor, "\n");
        cursor += *cursor == '\n';
    }
    return 0;
}

/* The first user namespace maps all ids to themselves; the inode tells it from a later one that does so too. */
static int in_first_userns(const char *map) {
    struct stat st;
    const char *cursor = map;
    uint64_t part[3];
    for (int i = 0; i < 3; i++) {
        cursor += strspn(cursor, " ");
        part[i] = mxc_text_number(&cursor);
    }
    if (part[0] != 0 || part[1] != 0 || part[2] != UINT32_MAX)
        return 0;
    return stat("/proc/self/ns/user", &st) == 0 && st.st_ino == INITIAL_USERNS_INODE;
}

/* Nobody but root and who has its capabilities is asked for the map. */
static void probe_rights(struct mxc_host *host) {
    char map[4096];
    int administers = mxc_probe_capabilities(1u << CAP_SYS_ADMIN);
    if ((!administers && geteuid() != 0) || mxc_file_read(AT_FDCWD, "/proc/self/uid_map", map, sizeof map) < 0)
        return;
    host->privileged = administers && in_first_userns(map);
    host->own_uids = may_use_own_uids(map);
}

static void probe_landlock(struct mxc_host *host) {
    long abi = mxc_sys(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
    host->landlock_abi = abi > 0 ? (int)abi : 0;
    long errata = abi > 0 ? mxc_sys(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_ERRATA) : 0;
    host->landlock_errata = errata > 0 ? (uint32_t)errata : 0;
}

/* The flags are looked at before the program is: EFAULT says that they are known. */
static int probe_notify(void) {
    uint32_t action = SECCOMP_RET_USER_NOTIF;
    struct seccomp_notif_sizes sizes;
    const unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    return mxc_sys(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0 &&
           mxc_sys(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
           mxc_sys(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) == -EFAULT;
}

/* 1 when the call answered as only the kernel itself does; else its name is noted. */
static int answered(struct mxc_host *host, const char *name, int itself) {
    const size_t used = strlen(host->lacking);
    if (!itself)
        snprintf(host->lacking + used, sizeof host->lacking - used, "%s%s", used ? ", " : "", name);
    return itself;
}

/* move_mount and mount_setattr look at the caller's rights first, so EPERM says that they are there; for the other
 * two it says that a filter of somebody (a container) refuses them. */
static void probe_mounts(struct mxc_host *host) {
    struct mxc_open_how how = {.flags = O_PATH};
    struct mxc_mount_attr attr = {.attr_set = MXC_ATTR_IDMAP, .userns_fd = INT_MAX};
    int all = answered(host, "open_tree", mxc_sys(SYS_open_tree, -1, "-", 0) == -EBADF);
    all &= answered(host, "move_mount", mxc_sys(SYS_move_mount, -1, "-", -1, "-", 0) != -ENOSYS);
    all &= answered(host, "mount_setattr", mxc_sys(SYS_mount_setattr, -1, "", 0, NULL, 0) != -ENOSYS);
    all &= answered(host, "openat2", mxc_sys(SYS_openat2, -1, "-", &how, sizeof how) == -EBADF);
    long idmap = mxc_sys(SYS_mount_setattr, -1, "", MXC_AT_EMPTY, &attr, sizeof attr);
    host->mount_api = all;
    host->idmapped_mounts = all && (idmap == -EBADF || idmap == -EPERM);
}

/* Older than the mount calls: only a filter can have taken them away. */
static void probe_processes(struct mxc_host *host) {
    int all = answered(host, "close_range", mxc_sys(SYS_close_range, 1u, 0u, 0u) == -EINVAL);
    all &= answered(host, "pidfd_open", mxc_sys(SYS_pidfd_open, -1, 0u) == -EINVAL);
    all &= answered(host, "pidfd_send_signal", mxc_sys(SYS_pidfd_send_signal, -1, 0, NULL, 0u) == -EBADF);
    host->process_api = all;
}

/* A whole file of /proc, of any length: NULL when it cannot be read, -1 when out of memory. */
static int read_whole(const char *path, char **out) {
    size_t size = 4096;
    for (;;) {
        char *text = mxc_alloc(size);
        if (!text)
            return -1;
        long length = mxc_file_read(AT_FDCWD, path, text, size);
        if (length >= 0 && (size_t)length < size - 1) {
            *out = text;
            return 0;
        }
        mxc_free(text);
        if (length < 0 || size > (64u << 20))
            return 0;
        size *= 4;
    }
}

static int probe_cgroups(struct mxc_host *host) {
    MXC_AUTO_FREE char *own = NULL, *mounts = NULL;
    if (read_whole("/proc/self/cgroup", &own) < 0)
        return -1;
    if (!own)
        return 0;
    if (read_whole("/proc/self/mountinfo", &mounts) < 0)
        return -1;
    return mounts ? mxc_probe_cgroups(host, own, mounts) : 0;
}

static int probe_rest(struct mxc_host *host) {
    struct utsname names;
    host->kernel = mxc_strdup(uname(&names) == 0 ? names.release : "unknown");
    if (!host->kernel || mxc_probe_userns(host) < 0)
        return -1;
    return probe_cgroups(host);
}

mxc_status mxc_host_probe(struct mxc_host *host, mxc_error **err) {
    struct mxc_host found = {.uid = geteuid(), .gid = getegid()};
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    found.cpus = cpus > 0 ? (uint32_t)cpus : 1;
    probe_rights(&found);
    found.seccomp_notify = probe_notify();
    probe_landlock(&found);
    probe_mounts(&found);
    probe_processes(&found);
    if (probe_rest(&found) < 0) {
        mxc_host_clear(&found);
        return mxc_fail_memory(err);
    }
    *host = found;
    return MXC_OK;
}

void mxc_host_clear(struct mxc_host *host) {
    for (size_t i = 0; i < host->path_count; i++)
        mxc_probe_path_clear(&host->paths[i]);
    for (size_t i = 0; i < host->cgroup_count; i++)
        mxc_free(host->cgroups[i].folder);
    for (size_t i = 0; i < host->tree_count; i++)
        mxc_tree_clear(&host->trees[i]);
    for (size_t i = 0; i < host->linked_count; i++) {
        mxc_free(host->linked[i].folder);
        mxc_free(host->linked[i].first);
    }
    mxc_free(host->paths);
    mxc_free(host->found);
    mxc_free(host->trees);
    mxc_free(host->linked);
    mxc_free(host->cgroups);
    mxc_free(host->kernel);
    mxc_free(host->user_namespaces_why);
    *host = (struct mxc_host){0};
}
