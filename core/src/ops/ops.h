/* ops.h: applying a plan. One function per op kind, in three stages: the keeper on the host, the builder (pid 1,
 * still with capabilities in the first user namespace), init confining itself. Only this room confines; it knows
 * the plan and the kernel, never a policy. Part of the keeper program: no allocation, no stdio. */
#ifndef MXC_OPS_OPS_H
#define MXC_OPS_OPS_H

#include "base/timing.h"
#include "plan/network.h"
#include "plan/plan.h"

enum mxc_apply_stage {
    MXC_APPLY_NONE,
    MXC_APPLY_KEEPER,
    MXC_APPLY_GRANTS, /* by the keeper too, while the builder is at work already */
    MXC_APPLY_GHOSTS, /* as well */
    MXC_APPLY_BUILDER,
    MXC_APPLY_INIT
};

#define MXC_MAX_CGROUPS 4
#define MXC_MAX_BELOW 512     /* a submount's path below the grant that contains it */
#define MXC_MAX_TREES 512     /* granted paths that the keeper opens on the host as root */
#define MXC_MAX_GHOSTS 256    /* protected names that do not exist */
#define MXC_MAX_LISTENERS 130 /* sockets for the relay: MXC_NET_MAX_PORTS of TCP and of UDP, and the two for names */

struct mxc_cgroup {
    uint32_t controller, version;
    int folder; /* descriptor of the group made for this sandbox */
    int parent; /* descriptor of the folder it was made in, for rmdir */
    int procs;  /* tasks or cgroup.procs, opened by the keeper, written by the builder for itself */
};

struct mxc_apply {
    const struct mxc_plan_view *plan;
    /* identity */
    int session;                 /* 1: started by root, the workload gets a host uid of its own */
    uint32_t host_uid, host_gid; /* what the workload is on the host */
    char group_name[32];         /* "mxc-PID", in a pid namespace "mxc-PID-INODE" */
    /* keeper */
    struct mxc_cgroup cgroups[MXC_MAX_CGROUPS];
    unsigned int cgroup_count;
    struct mxc_published { /* sockets that listen on the host's loopback, for the relay */
        int fd;
        uint16_t port, host_port; /* inside, outside */
    } published[MXC_NET_MAX_PUBLISHED];
    unsigned int published_count;
    uint64_t watch[8]; /* by enum mxc_watch; 0: not watched */
    struct mxc_scratch {
        int parent; /* -1: there is none */
        int lock;   /* the folder itself, locked */
        const char *name;
    } scratch;
    struct mxc_tree {
        uint32_t op;
        int fd;
        char below[MXC_MAX_BELOW]; /* "": the granted object; else "/sub/mount" below it, mapped on its own */
    } trees[MXC_MAX_TREES];        /* detached mounts made on the host, in plan order */
    unsigned int tree_count;
    int trees_heard; /* the builder has them all */
    struct mxc_ghost {
        uint32_t op;
        int folder; /* that it is in; several ghosts may share the descriptor */
        int owns_folder;
        int fd; /* the ghost itself, locked */
    } ghosts[MXC_MAX_GHOSTS];
    unsigned int ghost_count;
    int ghosts_removed;
    /* builder */
    struct mxc_network {
        int helper;    /* its pid until it is reaped */
        int fd;        /* of the namespace that it has made */
        int failed;    /* -errno */
        int refused;   /* -errno when there is no new namespace at all */
        uint64_t host; /* inode of the one that the keeper is in */
    } network;
    int keeper; /* socket that tells which ghosts were made */
    struct mxc_made {
        uint64_t op, dev, ino;
    } made[MXC_MAX_GHOSTS];
    unsigned int made_count;
    int root;                         /* the new root */
    int proc;                         /* detached, writable instance of the sandbox's /proc */
    int mask_dir;                     /* -1 until the first MASK */
    int empty;                        /* what covers ghosts; -1 until the first of them */
    int outer;                        /* the first mount namespace, which LOCK leaves: the keeper lets it go */
    int listeners[MXC_MAX_LISTENERS]; /* made inside, for the relay */
    unsigned int listen_count;
    int dialers[MXC_NET_MAX_DIALERS]; /* made inside, for the relay to connect with */
    unsigned int dialer_count;
    int spares[MXC_NET_MAX_SPARES]; /* made inside, to listen where they are needed */
    unsigned int spare_count;
    int refused[2]; /* hear what the network inside refuses */
    unsigned int refused_count;
    int yields; /* it builds with less weight than others (keeper/ahead.c) */
    /* init */
    int plain;         /* without namespaces: init is a child of the keeper like any other */
    int kill_everyone; /* its kill(-1) reaches the sandbox alone */
    int status;        /* its /proc/self/status, opened before Landlock closed it */
    int children;      /* likewise its list of children, where kill_everyone is not; -1: the kernel has none */
    int ruleset;
    int listener;
    struct mxc_times times;
    /* what went wrong, for the report */
    uint32_t detail;
};

/* Applies all ops of a stage in order. 0, or -errno with *failed = index of the op. */
int mxc_apply_stage(struct mxc_apply *apply, enum mxc_apply_stage stage, uint32_t *failed);

typedef int (*mxc_op_function)(struct mxc_apply *apply, const struct mxc_op *op);

/* keeper */
int mxc_op_identity(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_cgroup(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_cgroup_set(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_watch(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_publish(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_scratch(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_bind_acquire(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_ghost_make(struct mxc_apply *apply, const struct mxc_op *op);
/* builder */
int mxc_op_loopback(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_hostname(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_routes(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_listen(struct mxc_apply *apply, const struct mxc_op *op);
void mxc_hear_refused(struct mxc_apply *apply); /* a part of ROUTES */
int mxc_op_dialers(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_spares(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_root(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_dir(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_file(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_symlink(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_bind(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_tmpfs(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_devpts(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_proc(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_device(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_mask(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_ghost(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_seal_namespaces(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_pivot(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_lock(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_child(struct mxc_apply *apply, const struct mxc_op *op);
/* init */
int mxc_op_rlimit(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_caps(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_nnp(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_landlock_rule(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_landlock(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_seccomp(struct mxc_apply *apply, const struct mxc_op *op);
int mxc_op_verify(struct mxc_apply *apply, const struct mxc_op *op);

/* Before any op of the builder: leave the host's session keyring out, drop the two capabilities that could write a
 * file capability or a device through a granted path, enter the cgroups, make every mount private. */
int mxc_builder_begin(struct mxc_apply *apply);
/* The same of an init without namespaces: it only enters the cgroups. */
int mxc_child_begin(struct mxc_apply *apply);
/* VERIFY without namespaces: 0 or -errno with apply->detail. */
int mxc_verify_child(struct mxc_apply *apply);
/* The mount points below `folder` in this mount namespace: calls `each` with the part after `folder` for every one,
 * outer before inner; stops at the first result that is not 0. -E2BIG: the table is too large. */
typedef int (*mxc_submount_function)(struct mxc_apply *apply, const struct mxc_op *op, const char *below);
int mxc_submounts(struct mxc_apply *apply, const struct mxc_op *op, mxc_submount_function each);
/* Undoes the octal escapes of mountinfo (space, tab, newline, backslash) in place. */
void mxc_mountinfo_unescape(char *path);

/* Sockets made inside that listen later: a new one, or -errno; then, outside, at an IPv6 address or an IPv4 one in its
 * IPv6 form. A socket that was not bound is unchanged. The builder makes the first ones when the keeper allows it. */
int mxc_spare_make(void);
int mxc_spare_bind(int fd, const uint8_t address[16], uint16_t port);
int mxc_spare_listen(int fd);
int mxc_spares_allow(int builder);

/* The network namespace: begun first, entered by LOOPBACK. Joining waits for the helper, however the building went. */
int mxc_network_begin(struct mxc_apply *apply);
int mxc_network_join(struct mxc_apply *apply);
int mxc_network_is_new(const struct mxc_apply *apply); /* as the kernel says now */

/* Processes and threads of the caller's uid, as RLIMIT_NPROC counts them. */
uint64_t mxc_tasks_of_own_uid(int proc);

/* Writes setgroups=deny and single-line maps for the calling process through `proc`. */
int mxc_write_own_maps(int proc, uint32_t inside_uid, uint32_t outside_uid, uint32_t inside_gid, uint32_t outside_gid);

/* Mount points inside the new root: opened without following links; created (with parents) when missing. */
int mxc_target_dir(const struct mxc_apply *apply, const char *path, unsigned int mode);
int mxc_target_file(const struct mxc_apply *apply, const char *path);
/* A symbolic link that is there, itself; -ESTALE when there is none. */
int mxc_target_link(const struct mxc_apply *apply, const char *path);

/* Mounts an empty read-only folder. */
int mxc_cover_with_empty(struct mxc_apply *apply, int target);

/* The builder binds mounts of the keeper's (root only); gives them to it, and lets them go; waits for them, once. */
int mxc_trees_wanted(const struct mxc_apply *apply);
int mxc_trees_tell(struct mxc_apply *apply, int builder);
int mxc_trees_hear(struct mxc_apply *apply);

/* The keeper tells the builder which ghosts it has made: 0 or -errno. */
int mxc_ghosts_tell(const struct mxc_apply *apply, int builder);
/* 1 when at least one of them is for us to remove; the others are let go. */
int mxc_ghosts_are_ours(const struct mxc_apply *apply);
void mxc_ghosts_remove(struct mxc_apply *apply);

/* Removes the scratch folder with all that is in it, when everything inside is dead. Follows no link. */
void mxc_scratch_remove(struct mxc_apply *apply);

/* Groups of this sandbox: removing them at the end, reading a number or a "key value" line of one. */
void mxc_cgroups_remove(struct mxc_apply *apply);
const struct mxc_cgroup *mxc_cgroup_find(const struct mxc_apply *apply, uint32_t controller);

#endif
