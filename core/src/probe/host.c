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
#define INITIAL_USERNS_INODE 0xeffffffdu /* fixed: USER_NS_INIT_INO of linux/nsfs.h */

/* Only what hosts really set. The limits of the other namespaces (user/max_mnt_namespaces, ...) would cost 5 us each
 * at every start; where one is 0 the keeper says so. */
const struct mxc_userns_setting mxc_userns_settings[] = {
    {"user/max_user_namespaces", 0, 1, "sysctl -w user.max_user_namespaces=15000"},
    {"kernel/unprivileged_userns_clone", 0, 0, "sysctl -w kernel.unprivileged_userns_clone=1"},
    {"kernel/apparmor_restrict_unprivileged_userns", 1, 0, "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
    {NULL, 0, 0, NULL},
};

static int has_sys_admin(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0}};
    if (mxc_sys(SYS_capget, &header, data) < 0)
        return 0;
    return (data[0].effective & (1u << CAP_SYS_ADMIN)) != 0;
}

/* The first user namespace maps all ids to themselves; the inode tells it from a later one that does so too. */
static int in_first_userns(void) {
    char map[64];
    struct stat st;
    const char *cursor = map;
    if (mxc_file_read(AT_FDCWD, "/proc/self/uid_map", map, sizeof map) < 0)
        return 0;
    uint64_t part[3];
    for (int i = 0; i < 3; i++) {
        cursor += strspn(cursor, " ");
        part[i] = mxc_text_number(&cursor);
    }
    if (part[0] != 0 || part[1] != 0 || part[2] != UINT32_MAX)
        return 0;
    return stat("/proc/self/ns/user", &st) == 0 && st.st_ino == INITIAL_USERNS_INODE;
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

/* move_mount and mount_setattr look at the caller's rights first, so EPERM says that they are there; for the other
 * two it says that a filter of somebody (a container) refuses them. */
static void probe_mounts(struct mxc_host *host) {
    struct mxc_open_how how = {.flags = O_PATH};
    struct mxc_mount_attr attr = {.attr_set = MXC_ATTR_IDMAP, .userns_fd = INT_MAX};
    long open_tree = mxc_sys(SYS_open_tree, -1, "-", 0);
    long openat2 = mxc_sys(SYS_openat2, -1, "-", &how, sizeof how);
    long move = mxc_sys(SYS_move_mount, -1, "-", -1, "-", 0);
    long setattr = mxc_sys(SYS_mount_setattr, -1, "", 0, NULL, 0);
    long idmap = mxc_sys(SYS_mount_setattr, -1, "", MXC_AT_EMPTY, &attr, sizeof attr);
    host->mount_api = open_tree == -EBADF && openat2 == -EBADF && move != -ENOSYS && setattr != -ENOSYS;
    host->idmapped_mounts = host->mount_api && (idmap == -EBADF || idmap == -EPERM);
}

/* -1: no such setting here. */
static long read_setting(int dir, const char *file) {
    char text[32];
    const char *cursor = text;
    if (mxc_file_read(dir, file, text, sizeof text) <= 0)
        return -1;
    return (long)mxc_text_number(&cursor);
}

/* Ubuntu: programs that no AppArmor profile names get namespaces without capabilities. */
static int apparmor_confines_nothing(void) {
    char label[128];
    if (mxc_file_read(AT_FDCWD, "/proc/self/attr/apparmor/current", label, sizeof label) < 0)
        return 1;
    return !strncmp(label, "unconfined", 10);
}

static int setting_forbids(const struct mxc_host *host, const struct mxc_userns_setting *setting, long value) {
    if (value < 0 || (host->privileged && !setting->for_root))
        return 0;
    if (!setting->forbids_above)
        return value == 0;
    return value > 0 && apparmor_confines_nothing();
}

static int probe_user_namespaces(struct mxc_host *host) {
    char why[128];
    struct stat st;
    host->user_namespaces = 0;
    if (stat("/proc/self/ns/user", &st) < 0) {
        host->user_namespaces_why = mxc_strdup("/proc/self/ns/user is not there: the kernel is built without them");
        return host->user_namespaces_why ? 0 : -1;
    }
    MXC_AUTO_FD int dir = open("/proc/sys", O_PATH | O_CLOEXEC | O_DIRECTORY);
    for (const struct mxc_userns_setting *setting = mxc_userns_settings; setting->file; setting++) {
        long value = read_setting(dir, setting->file);
        if (!setting_forbids(host, setting, value))
            continue;
        snprintf(why, sizeof why, "/proc/sys/%s is %ld", setting->file, value);
        host->user_namespaces_why = mxc_strdup(why);
        return host->user_namespaces_why ? 0 : -1;
    }
    host->user_namespaces = 1;
    return 0;
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
    if (!host->kernel || probe_user_namespaces(host) < 0)
        return -1;
    return probe_cgroups(host);
}

mxc_status mxc_host_probe(struct mxc_host *host, mxc_error **err) {
    struct mxc_host found = {.uid = geteuid(), .gid = getegid()};
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    found.cpus = cpus > 0 ? (uint32_t)cpus : 1;
    found.privileged = has_sys_admin() && in_first_userns();
    found.seccomp_notify = probe_notify();
    probe_landlock(&found);
    probe_mounts(&found);
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
    mxc_free(host->trees);
    mxc_free(host->linked);
    mxc_free(host->cgroups);
    mxc_free(host->kernel);
    mxc_free(host->user_namespaces_why);
    *host = (struct mxc_host){0};
}
