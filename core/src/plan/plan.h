/* plan.h: what will be done, as data. A backend lowers policy x host to an ordered list of operations; the plan
 * is printed for people (print.c), encoded (builder.c), checked (view.c) and applied by keeper and init (ops/). Each op
 * carries the JSON pointer of the policy item it serves, so a failing mount is reported in the policy's words.
 * The structures here are shared with the keeper: plain integers and offsets, no pointers, little endian. */
#ifndef MXC_PLAN_PLAN_H
#define MXC_PLAN_PLAN_H

#include <stddef.h>
#include <stdint.h>

#define MXC_PLAN_MAGIC 0x3143584du /* "MXC1" */
#define MXC_PLAN_MAX_BYTES (4u << 20)
#define MXC_PLAN_MAX_OPS 4096u
#define MXC_LANDLOCK_FIRST_RIGHTS 0x1fffu /* what every ABI of Landlock knows */
#define MXC_LANDLOCK_SCOPE_SIGNAL 2u      /* ABI 6 */

/* Kinds, but for the last ones in the order in which a valid plan has its groups. The comment names the fields that count:
 * a, b, c, d (numbers), text and text2 (strings), blob. Every other field must be 0. */
enum mxc_op_kind {
    /* applied by the keeper, in the host's namespaces */
    MXC_OP_IDENTITY = 1, /* a: enum mxc_identity; b: first host uid of the session range; c: inner uid and gid */
    MXC_OP_CGROUP,       /* a: enum mxc_cgroup_controller; b: version 1 or 2; text: folder to make the group in */
    MXC_OP_CGROUP_SET,   /* belongs to the CGROUP before it. text: file; text2: value */
    MXC_OP_WATCH,        /* a: enum mxc_watch; b: limit. The keeper holds this one by looking (supervisor) */
    MXC_OP_RELAY,        /* start the relay. blob: rules (network.h) */
    /* applied by the builder (pid 1, all capabilities in the first user namespace only) */
    MXC_OP_NAMESPACES, /* a: CLONE_NEW* flags */
    MXC_OP_LOOPBACK,   /* enter the new network namespace, in which lo is up */
    MXC_OP_HOSTNAME,   /* text */
    MXC_OP_ROUTES,     /* every address is delivered to this namespace itself. a: largest segment on lo, bytes */
    MXC_OP_LISTEN,     /* a: port; b: 1 for UDP. A socket on every address, handed to the relay */
    MXC_OP_ROOT,       /* new root tmpfs. a: bytes; b: inodes */
    MXC_OP_DIR,        /* text: path in the new root; a: mode. Exists already: fine */
    MXC_OP_FILE,       /* text: path; a: mode; blob: content */
    MXC_OP_SYMLINK,    /* text: path; text2: target */
    MXC_OP_BIND,       /* text: path in the new root; text2: host path; a: enum mxc_bind flags; b: st_dev; c: st_ino;
                          d: st_mode & S_IFMT. dev, ino, type must match what is found, else the start fails */
    MXC_OP_TMPFS,      /* text: path; a: bytes; b: inodes; c: mode; d: enum mxc_bind flags (READONLY, NOEXEC).
                          READONLY holds from PIVOT on, so that mount points can be made in it before */
    MXC_OP_DEVPTS,     /* text: path */
    MXC_OP_PROC,       /* text: path */
    MXC_OP_DEVICE,     /* text: path; text2: host path; a: major; b: minor. Bind of a verified character device */
    MXC_OP_MASK,  /* text: path; a: S_IFDIR, S_IFREG, or S_IFLNK for a symbolic link itself; nothing there: fine when
                          b is 1. Mounts an empty, unreadable, read-only object on it */
    MXC_OP_GHOST, /* text: path in the new root and on the host, which does not exist; b: st_dev, c: st_ino of the
                          folder that it would be in. The keeper makes an empty folder there, for as long as the sandbox
                          lives; the builder mounts an empty read-only one on it */
    MXC_OP_SEAL_NAMESPACES, /* max_user_namespaces=1 in the first user namespace */
    MXC_OP_PIVOT,           /* pivot_root, old root gone, root and /proc read-only */
    MXC_OP_LOCK,            /* second user namespace: all mounts locked. a: inner uid; b: inner gid */
    /* applied by init to itself, once; every command inherits it */
    MXC_OP_RLIMIT, /* a: RLIMIT_* number; b: value (soft and hard); c: 1: on top of what the uid has now (NPROC) */
    MXC_OP_CAPS,   /* bounding set, ambient, securebits locked, all sets zero. a: 1 with CHILD by an ordinary
                             user, who may not change the first two: no_new_privs alone holds them */
    MXC_OP_NNP,    /* no_new_privs */
    MXC_OP_LANDLOCK_RULE, /* text: path inside; a: LANDLOCK_ACCESS_FS_* rights (masked by inode type when applied);
                             b: st_dev; c: st_ino; d: st_mode & S_IFMT of what must be found there, 0: anything */
    MXC_OP_LANDLOCK,      /* a: handled fs rights; b: scoped, handled net rights in the upper half; c: restrict flags;
                             d: ABI it was made for */
    MXC_OP_SECCOMP,       /* blob: struct sock_filter[]; a: flags of seccomp(2) */
    MXC_OP_VERIFY,        /* init reads back capabilities, no_new_privs, seccomp mode and the flags of each mount */
    /* without namespaces: the first with the keeper's, the second in the place of NAMESPACES to LOCK */
    MXC_OP_SCRATCH, /* text: folder that the keeper makes for this sandbox (0700) and removes at its end */
    MXC_OP_CHILD,   /* instead of NAMESPACES to LOCK: init is an ordinary child of the keeper with a session of
                               its own and the host uid of the sandbox; it keeps orphans (subreaper).
                               a: 1 when kill(-1) by init reaches the sandbox and nothing else */
    /* published ports: the first with the keeper's, the second with LISTEN */
    MXC_OP_PUBLISH, /* a: port inside; b: port of the host's 127.0.0.1, 0: a free one. The keeper listens for the relay */
    MXC_OP_DIALERS, /* a: how many sockets are made inside, with which the relay connects to published ports */
    MXC_OP_SPARES, /* a: how many sockets are made inside ahead; b: enum mxc_told_call bits. Of every connection that is about
                       to be made the keeper is told, and it lets one of these listen where it goes to. With LISTEN */
    MXC_OP_KINDS,
};

enum mxc_identity {
    MXC_IDENTITY_CALLER = 1,  /* the caller's own uid, mapped to one inner uid */
    MXC_IDENTITY_SESSION = 2, /* started by root: host uid = b + pid of the keeper; granted paths are ID-mapped */
};

enum mxc_cgroup_controller {
    MXC_CGROUP_MEMORY = 1,
    MXC_CGROUP_PIDS = 2,
    MXC_CGROUP_CPU = 3,
    MXC_CGROUP_CPUACCT = 4,
    MXC_CGROUP_UNIFIED = 5, /* v2: one group for all */
};

enum mxc_watch {
    MXC_WATCH_MEMORY = 1,    /* bytes: sum over the sandbox (PSS near the limit); over it everything is killed */
    MXC_WATCH_PROCESSES = 2, /* count, the same as the RLIMIT_NPROC of the plan: that one holds, this one reports */
    MXC_WATCH_CPU_TIME = 3,  /* ms over the whole sandbox; over it everything is killed */
    MXC_WATCH_WALL_TIME = 4, /* ms per command: TERM, grace, KILL */
    MXC_WATCH_OUTPUT = 5,    /* bytes captured per stream; not a kill, the middle is dropped */
    MXC_WATCH_DISK = 6,
};

enum mxc_bind {
    MXC_BIND_READONLY = 1,
    MXC_BIND_NOEXEC = 2,
    MXC_BIND_IDMAP = 4,    /* with MXC_IDENTITY_SESSION: owner of the object <-> session uid */
    MXC_BIND_OPTIONAL = 8, /* source gone: skip. Only for parts of the baseline */
    MXC_BIND_ON_LINK = 16, /* a file: the path in the new root is a symbolic link, which stays covered */
};

enum mxc_told_call { /* calls that the filter allows and the keeper is told of first */
                     MXC_TOLD_CONNECT = 1,
                     MXC_TOLD_SENDTO = 2,
                     MXC_TOLD_SENDMSG = 4,
                     MXC_TOLD_SENDMMSG = 8,
                     MXC_TOLD_ALL = 15,
};

enum mxc_object { /* types in BIND and MASK: S_IFDIR, S_IFREG, S_IFLNK, which are the same on every architecture */
                  MXC_OBJECT_FOLDER = 0040000,
                  MXC_OBJECT_FILE = 0100000,
                  MXC_OBJECT_LINK = 0120000,
};

struct mxc_op {
    uint32_t kind;
    uint32_t origin; /* string offsets below; 0: the empty string */
    uint32_t text;
    uint32_t text2;
    uint32_t blob;
    uint32_t blob_length;
    uint64_t a, b, c, d;
};

struct mxc_plan_header {
    uint32_t magic;
    uint32_t total_bytes;
    uint32_t op_count;     /* struct mxc_op[op_count] follows the header */
    uint32_t string_bytes; /* then this many bytes of strings, each NUL-terminated, the first one empty */
    uint32_t blob_bytes;   /* then, aligned to 8, the blobs */
    uint32_t flags;        /* 0 */
};

/* A plan that was checked by mxc_plan_view(): every offset is inside, every string ends. */
struct mxc_plan_view {
    const struct mxc_plan_header *header;
    const struct mxc_op *ops;
    const char *strings;
    const unsigned char *blobs;
    uint32_t op_count;
};

/* 0, or -1 when the bytes are not a well-formed plan (kinds known, offsets inside, strings end, groups in order).
 * Freestanding: no allocation, no libc but memcmp; used by the keeper on the sealed memfd. */
int mxc_plan_view(struct mxc_plan_view *view, const void *bytes, size_t length);
/* 0 when every wall that no sandbox may lack has its op (IDENTITY, NAMESPACES, ROOT, SEAL_NAMESPACES, PIVOT, LOCK,
 * CAPS, NNP, SECCOMP, VERIFY; without namespaces IDENTITY, SCRATCH, CHILD, CAPS, NNP, LANDLOCK, SECCOMP, VERIFY), and
 * none of the other kind, else -1. A plan that is well formed but not complete is never applied. */
int mxc_plan_complete(const struct mxc_plan_view *view);
/* The first op of a kind, or NULL. */
const struct mxc_op *mxc_plan_find(const struct mxc_plan_view *view, uint32_t kind);
static inline const char *mxc_plan_text_at(const struct mxc_plan_view *view, uint32_t offset) {
    return view->strings + offset;
}

#endif
