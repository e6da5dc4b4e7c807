/* probe.h: what this host can do and what its paths are, as plain data. Found by feature tests, never by version
 * numbers; starts no process. A golden test writes such a description by hand. */
#ifndef MXC_PROBE_PROBE_H
#define MXC_PROBE_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "mxc/mxc.h"

struct mxc_link { /* a symbolic link met while resolving a path: "/bin" -> "usr/bin" */
    char *path;
    char *target;
};

struct mxc_path_fact {
    char *path;     /* as asked: absolute, normal */
    char *real;     /* without symbolic links; NULL when it does not exist or cannot be reached */
    int sys_errno;  /* why not */
    uint32_t type;  /* st_mode & S_IFMT of the object */
    uint32_t mode;  /* st_mode & 07777 */
    uint32_t owner; /* uid */
    uint64_t dev, ino;
    uint64_t links;         /* st_nlink */
    int readable, writable; /* by the caller, access(2) */
    struct mxc_link *via;
    size_t via_count;
};

/* v1: one place per controller that is mounted. v2: one place, as UNIFIED, with memory and pids for its groups, and the
 * same folder once more for each controller that its groups have (so that cpu can be told). A host may have both. */
struct mxc_cgroup_place {
    int controller; /* enum mxc_cgroup_controller of plan.h, by number */
    int version;    /* 1 or 2 */
    char *folder;   /* where a group may be made, e.g. /sys/fs/cgroup/memory/user.slice */
    int writable;   /* the caller may make one there */
};

struct mxc_host {
    uint32_t uid, gid; /* effective */
    int privileged;    /* CAP_SYS_ADMIN in the first user namespace */
    int own_uids;      /* the caller may become any user id that mxc uses for sandboxes (CAP_SETUID, ids mapped) */
    uint32_t cpus;     /* online */
    int landlock_abi;  /* 0: none */
    uint32_t landlock_errata;
    int seccomp_notify;        /* SECCOMP_RET_USER_NOTIF with the flags that we use */
    int user_namespaces;       /* 1 allowed as far as can be seen without trying, else 0 */
    char *user_namespaces_why; /* when not: the file and value that forbid it */
    int mount_api;             /* open_tree, move_mount, mount_setattr, openat2 */
    int idmapped_mounts;       /* mount_setattr(MOUNT_ATTR_IDMAP) known */
    int cgroup_v1, cgroup_v2;  /* mounted */
    struct mxc_cgroup_place *cgroups;
    size_t cgroup_count, cgroup_capacity;
    char *kernel;                /* uname -r, for people only */
    struct mxc_path_fact *paths; /* in the order asked */
    size_t path_count, path_capacity;
};

mxc_status mxc_host_probe(struct mxc_host *host, mxc_error **err);
/* Looks `path` up (once) and remembers the fact; never fails for a missing path. */
mxc_status mxc_host_look(struct mxc_host *host, const char *path, mxc_error **err);
/* The remembered fact, or NULL when it was never looked up. */
const struct mxc_path_fact *mxc_host_path(const struct mxc_host *host, const char *path);
/* {"kernel", "user", "privileged", "cpus", "features": [{"name", "available", "detail", "remedy"}]}: the remedy is
 * the exact command that would enable what is missing. */
void mxc_host_json(struct mxc_buf *out, const struct mxc_host *host);
void mxc_host_clear(struct mxc_host *host);

#endif
