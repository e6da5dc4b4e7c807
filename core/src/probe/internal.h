/* internal.h: what the files of the probe share. Not for other rooms. */
#ifndef MXC_PROBE_INTERNAL_H
#define MXC_PROBE_INTERNAL_H

#include <sys/stat.h>
#include <time.h>

#include "probe/probe.h"

/* cgroups.c. 0, or -1 when out of memory; a host without cgroups has no places. The two texts are those of
 * /proc/self/cgroup and /proc/self/mountinfo: tests hand in those of other hosts. */
int mxc_probe_cgroups(struct mxc_host *host, const char *own, const char *mounts);

/* paths.c */
void mxc_probe_path_clear(struct mxc_path_fact *fact);
/* access(2) by the effective ids. */
int mxc_probe_may(int dir, const char *path, int mode);
/* 1 when the object with these facts, `name` in the folder `dir`, is a ghost. One that was filled meanwhile is somebody's folder; one
 * that was removed meanwhile (ENOENT) never was one. */
int mxc_probe_is_ghost(int dir, const char *name, const struct stat *info);

/* scan.c: the bounded walk over a tree of folders, breadth first. */
struct mxc_scan_folder { /* one that waits for its turn, or had it */
    char *path;          /* below the root: "", "/a", "/a/b"; NULL: not to be looked at */
    unsigned depth;
    size_t parent; /* its index */
    int plain; /* it was read, nothing but folders in it matters, and one that has this identity still has the same ones */
    unsigned entries;    /* that were counted for it */
    size_t was;          /* its index + 1 among those of an earlier walk; 0: it was not there, or that is not known */
    size_t first, count; /* the folders in it, in the queue */
    uint64_t dev, ino;
    struct timespec changed; /* st_ctim */
};
struct mxc_scan {
    int root; /* descriptor */
    unsigned entries;
    enum mxc_cut cut;
    unsigned whole;
    struct mxc_scan_folder *queue; /* of the caller, with its paths */
    size_t next, count, capacity;
    const struct mxc_scan_folder *was; /* the queue of an earlier walk with the same callbacks; or NULL */
    /* The names that matter when they are not folders', NULL at the end; NULL: all do. */
    const char *const *names;
    int noted; /* set by the callbacks: the folder that is being read has something that matters besides its folders */
    /* For every entry of a folder: its type by d_type (S_IFMT form), after which a folder is queued. -1: out of memory */
    int (*entry)(struct mxc_scan *scan, const struct mxc_scan_folder *folder, int fd, const char *name, uint32_t type);
    /* After the last entry; `first` is the index of the folder's first child in the queue. May be NULL. */
    int (*done)(struct mxc_scan *scan, const struct mxc_scan_folder *folder, int fd, size_t first);
    void *context;
    /* its own */
    uint64_t dev;      /* of the root */
    int counts, dates; /* what its file system is known to keep: links_tell() and dates_tell() of scan.c */
    time_t began;
    int above; /* descriptor of the folder above those whose turn it is, or -1 */
    size_t above_index;
};
int mxc_scan_run(struct mxc_scan *scan, const char *folder); /* 0, or -1: out of memory */
void mxc_scan_clear(struct mxc_scan_folder *queue, size_t count);

/* home.c: 1 when the folder is the caller's home or one of the password file. */
int mxc_probe_is_home(const char *folder);

/* userns.c. 0, or -1 when out of memory. */
int mxc_probe_userns(struct mxc_host *host);
/* The command that allows what host->user_namespaces_why says is forbidden. */
void mxc_userns_remedy(struct mxc_buf *out, const struct mxc_host *host);

/* host.c: whether the caller has all of these (of the first 32, as bits) in effect. */
int mxc_probe_capabilities(uint32_t wanted);

#endif
