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
    int ghost;              /* an empty folder that a sandbox made and will remove (base/ghost.h) */
    struct mxc_link *via;
    size_t via_count;
};

enum mxc_cut { /* why a walk ended early */
               MXC_CUT_NOT,
               MXC_CUT_ENTRIES, /* MXC_TREE_ENTRIES were looked at */
               MXC_CUT_TIME,    /* MXC_TREE_MS passed */
               MXC_CUT_DEPTH,   /* folders below MXC_TREE_DEPTH were left out */
};
#define MXC_TREE_ENTRIES 10000u
#define MXC_TREE_LEAF 5u /* entries that a folder counts as which has no folders in it, where it is not read for that */
#define MXC_TREE_MS 250u
#define MXC_TREE_DEPTH 32u

struct mxc_git {
    char *path;
    uint32_t type;  /* a folder that git takes for a repository's own; or a file or link that is called ".git" */
    unsigned depth; /* folders below the tree's own */
    uint64_t dev, ino;
};

struct mxc_tree_fact { /* what a bounded walk found in a folder, breadth first */
    char *folder;      /* without symbolic links */
    int home;          /* it is somebody's home folder */
    enum mxc_cut cut;
    unsigned whole; /* folders of a smaller depth than this were all read */
    unsigned entries;
    struct mxc_git *gits;
    size_t git_count, git_capacity;
    char **hooks; /* files in the `hooks` of the repositories, but no samples */
    size_t hook_count, hook_capacity;
    struct mxc_scan_folder *folders; /* of the walk, for the next one */
    size_t folder_count;
};

struct mxc_linked_fact { /* files in a folder that have another name outside of it */
    char *folder;
    char *first; /* one of them; NULL: none */
    unsigned count;
    enum mxc_cut cut;
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
    int process_api;           /* close_range, pidfd_open, pidfd_send_signal */
    char lacking[128];         /* the names of those of both that do not answer, with ", " between them */
    int idmapped_mounts;       /* mount_setattr(MOUNT_ATTR_IDMAP) known */
    int cgroup_v1, cgroup_v2;  /* mounted */
    struct mxc_cgroup_place *cgroups;
    size_t cgroup_count, cgroup_capacity;
    char *kernel;                /* uname -r, for people only */
    struct mxc_path_fact *paths; /* in the order asked */
    size_t path_count, path_capacity;
    uint16_t *found; /* numbers + 1 of paths, by the hash of their text; of all of them or not used */
    size_t found_size, found_count;
    struct mxc_tree_fact *trees;
    size_t tree_count, tree_capacity;
    struct mxc_linked_fact *linked;
    size_t linked_count, linked_capacity;
};

mxc_status mxc_host_probe(struct mxc_host *host, mxc_error **err);
/* Looks `path` up (once) and remembers the fact; never fails for a missing path. */
mxc_status mxc_host_look(struct mxc_host *host, const char *path, mxc_error **err);
/* The remembered fact, or NULL when it was never looked up. */
const struct mxc_path_fact *mxc_host_path(const struct mxc_host *host, const char *path);
/* 1 when the caller is still the same and every path that was looked up still is what it was: its object, by type, mode,
 * owner and inode, and every link on the way to it. A ghost is as good as nothing at its place: they come and go.
 * Folders that were walked are not walked again. */
int mxc_host_still(const struct mxc_host *host);
/* 1 when no ghost is or was at the path of this fact. */
int mxc_path_unheld(const struct mxc_path_fact *fact);
/* Walks the folder (by its path without links, once) and remembers what it found; a folder that cannot be opened has
 * nothing in it. */
mxc_status mxc_host_walk(struct mxc_host *host, const char *folder, mxc_error **err);
const struct mxc_tree_fact *mxc_host_tree(const struct mxc_host *host, const char *folder);
/* One walk of its own; cleared by the caller. */
mxc_status mxc_tree_look(struct mxc_tree_fact *tree, const char *folder, mxc_error **err);
/* The folder of an earlier walk again, for comparing: folders that have not changed since are not read again. */
mxc_status mxc_tree_look_again(struct mxc_tree_fact *tree, const struct mxc_tree_fact *was, mxc_error **err);
/* Walks again: 1 when there are the same repositories with the same hooks, as far as the first walk came. */
int mxc_tree_still(const struct mxc_tree_fact *was);
void mxc_tree_clear(struct mxc_tree_fact *tree);
/* Looks for hard links that lead into a folder from outside. */
mxc_status mxc_host_look_links(struct mxc_host *host, const char *folder, mxc_error **err);
const struct mxc_linked_fact *mxc_host_linked(const struct mxc_host *host, const char *folder);
/* {"kernel", "user", "privileged", "cpus", "features": [{"name", "available", "detail", "remedy"}]}: the remedy is
 * the exact command that would enable what is missing. */
void mxc_host_json(struct mxc_buf *out, const struct mxc_host *host);
void mxc_host_clear(struct mxc_host *host);

#endif
