/* paths.c: what a path of the policy is on this host, as a fact. The object itself is never opened (O_PATH only),
 * every symbolic link on the way is remembered, and links that are not text (those of /proc/PID) are refused.
 * Must not know what a path will be used for. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/ghost.h"
#include "base/sys.h"
#include "probe/probe.h"
#include "probe/internal.h"

enum { MAX_LINKS = 40 }; /* as the kernel */

#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

struct walk {
    struct mxc_path_fact *fact;
    int dir;             /* O_PATH: where the walk is */
    char real[PATH_MAX]; /* name of that, "" for the root */
    char rest[PATH_MAX]; /* what is still to be walked */
    int links;
};

enum { OUT_OF_MEMORY = -100000 }; /* no errno */

static int open_path(int dir, const char *name) {
    int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static void move_to(struct walk *walk, int fd) {
    mxc_close(&walk->dir);
    walk->dir = fd;
}

static int go_root(struct walk *walk) {
    int fd = open_path(AT_FDCWD, "/");
    if (fd < 0)
        return fd;
    move_to(walk, fd);
    walk->real[0] = 0;
    return 0;
}

static int go_up(struct walk *walk) {
    int fd = open_path(walk->dir, "..");
    if (fd < 0)
        return fd;
    move_to(walk, fd);
    char *slash = strrchr(walk->real, '/');
    if (slash)
        *slash = 0;
    return 0;
}

static int remember_link(struct walk *walk, const char *name, const char *target) {
    char path[PATH_MAX + 256];
    struct mxc_path_fact *fact = walk->fact;
    snprintf(path, sizeof path, "%s/%s", walk->real, name);
    for (size_t i = 0; i < fact->via_count; i++) {
        if (!strcmp(fact->via[i].path, path))
            return 0;
    }
    struct mxc_link *grown = mxc_realloc(fact->via, (fact->via_count + 1) * sizeof *grown);
    if (!grown)
        return OUT_OF_MEMORY;
    fact->via = grown;
    grown[fact->via_count] = (struct mxc_link){mxc_strdup(path), mxc_strdup(target)};
    fact->via_count++;
    return grown[fact->via_count - 1].path && grown[fact->via_count - 1].target ? 0 : OUT_OF_MEMORY;
}

/* The links of /proc/PID lead to objects, not to the path that they show. Only /proc/self, /proc/thread-self and
 * the like are text there, and those are relative paths of plain words. */
static int is_magic(int fd, const char *target) {
    struct statfs fs;
    if (fstatfs(fd, &fs) < 0 || (unsigned long)fs.f_type != PROC_SUPER_MAGIC)
        return 0;
    return target[0] == '/' || strpbrk(target, ":( ") != NULL;
}

static int follow(struct walk *walk, int fd, const char *name) {
    char target[PATH_MAX], rest[sizeof walk->rest];
    ssize_t length = readlinkat(fd, "", target, sizeof target - 1);
    if (length < 0)
        return -errno;
    target[length] = 0;
    if (++walk->links > MAX_LINKS || is_magic(fd, target))
        return -ELOOP;
    int result = remember_link(walk, name, target);
    if (result < 0)
        return result;
    memcpy(rest, walk->rest, sizeof rest);
    if ((size_t)snprintf(walk->rest, sizeof walk->rest, "%s/%s", target, rest) >= sizeof walk->rest)
        return -ENAMETOOLONG;
    return target[0] == '/' ? go_root(walk) : 0;
}

static int step(struct walk *walk, const char *name) {
    struct stat st;
    if (!strcmp(name, "."))
        return 0;
    if (!strcmp(name, ".."))
        return go_up(walk);
    MXC_AUTO_FD int fd = open_path(walk->dir, name);
    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (S_ISLNK(st.st_mode))
        return follow(walk, fd, name);
    size_t at = strlen(walk->real), need = strlen(name) + 2;
    if (at + need > sizeof walk->real)
        return -ENAMETOOLONG;
    walk->real[at] = '/';
    memcpy(walk->real + at + 1, name, need - 1);
    move_to(walk, mxc_take_fd(&fd));
    return 0;
}

static int walk_slowly(struct walk *walk, const char *path) {
    char name[256];
    int result = go_root(walk);
    memcpy(walk->rest, path, strlen(path) + 1);
    while (result == 0) {
        char *start = walk->rest + strspn(walk->rest, "/");
        size_t length = strcspn(start, "/");
        if (length == 0)
            return 0;
        if (length >= sizeof name)
            return -ENAMETOOLONG;
        memcpy(name, start, length);
        name[length] = 0;
        memmove(walk->rest, start + length, strlen(start + length) + 1);
        result = step(walk, name);
    }
    return result;
}

/* One call when no link is on the way, which is nearly always. */
static int walk_path(struct walk *walk, const char *path) {
    struct mxc_open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = MXC_RESOLVE_NO_SYMLINKS};
    long fd = mxc_sys(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
    if (fd == -ENOENT || fd == -EACCES || fd == -ENOTDIR)
        return (int)fd;
    if (fd < 0)
        return walk_slowly(walk, path);
    walk->dir = (int)fd;
    memcpy(walk->real, path, strlen(path) + 1);
    if (!strcmp(path, "/"))
        walk->real[0] = 0;
    return 0;
}

int mxc_probe_may(int dir, const char *path, int mode) {
    int failed = faccessat(dir, path, mode, AT_EACCESS) == 0 ? 0 : errno;
    /* a container's filter (the C library falls back from ENOSYS alone), or the object's own answer */
    if (failed == EPERM && geteuid() == getuid() && getegid() == getgid())
        failed = mxc_sys(SYS_faccessat, dir, path, mode) == 0 ? 0 : EPERM;
    return !failed;
}

/* Of an open object; where that cannot be asked (before Linux 5.8, or a container's filter), of its path. */
static int may(int fd, const char *real, int mode) {
    long result = mxc_sys(SYS_faccessat2, fd, "", mode, AT_EMPTY_PATH | AT_EACCESS);
    if (result == -ENOSYS || result == -EPERM)
        return mxc_probe_may(AT_FDCWD, real, mode);
    return result == 0;
}

int mxc_probe_is_ghost(int dir, const char *name, const struct stat *info) {
    _Alignas(8) char entries[512] = {0};
    if (!mxc_ghost_marked(info))
        return 0;
    MXC_AUTO_FD int folder = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    long got = folder < 0 ? -errno : mxc_sys(SYS_getdents64, folder, entries, sizeof entries);
    for (long at = 0; at < got;) {
        const struct mxc_dirent *entry = (const void *)(entries + at);
        if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0)
            return 0;
        at += entry->length;
    }
    return got >= 0 || got == -ENOENT;
}

static int describe(struct mxc_path_fact *fact, const struct walk *walk) {
    struct stat st;
    if (fstat(walk->dir, &st) < 0)
        return -errno;
    fact->real = mxc_strdup(walk->real[0] ? walk->real : "/");
    if (!fact->real)
        return OUT_OF_MEMORY;
    fact->type = st.st_mode & S_IFMT;
    fact->mode = st.st_mode & 07777;
    fact->owner = st.st_uid;
    fact->dev = st.st_dev;
    fact->ino = st.st_ino;
    fact->links = st.st_nlink;
    fact->ghost = mxc_probe_is_ghost(walk->dir, ".", &st);
    fact->readable = may(walk->dir, fact->real, R_OK);
    fact->writable = may(walk->dir, fact->real, W_OK);
    return 0;
}

void mxc_probe_path_clear(struct mxc_path_fact *fact) {
    for (size_t i = 0; i < fact->via_count; i++) {
        mxc_free(fact->via[i].path);
        mxc_free(fact->via[i].target);
    }
    mxc_free(fact->via);
    mxc_free(fact->path);
    mxc_free(fact->real);
    *fact = (struct mxc_path_fact){0};
}

/* 0, or OUT_OF_MEMORY; any other trouble is the fact. */
static int look(struct mxc_path_fact *fact, const char *path) {
    struct walk walk; /* its paths are long, and empty at first */
    int result = path[0] != '/' ? -EINVAL : strlen(path) >= sizeof walk.rest ? -ENAMETOOLONG : 0;
    walk.fact = fact;
    walk.dir = -1;
    walk.links = 0;
    walk.real[0] = walk.rest[0] = 0;
    fact->path = mxc_strdup(path);
    if (!fact->path)
        return OUT_OF_MEMORY;
    if (result == 0)
        result = walk_path(&walk, path);
    if (result == 0)
        result = describe(fact, &walk);
    mxc_close(&walk.dir);
    if (result == OUT_OF_MEMORY)
        return OUT_OF_MEMORY;
    fact->sys_errno = -result;
    return 0;
}

/* ---- which paths are known --------------------------------------------------------------------------------------- */

#define FOUND_FIRST 256 /* half of it is some more than a policy's paths */

/* Where the path is in the table, or would be. */
static size_t place_of(const struct mxc_host *host, const char *path) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (const char *c = path; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    size_t at = hash & (host->found_size - 1);
    while (host->found[at] && strcmp(host->paths[host->found[at] - 1].path, path) != 0)
        at = (at + 1) & (host->found_size - 1);
    return at;
}

static int grow_found(struct mxc_host *host) {
    size_t size = host->found_size ? host->found_size * 2 : FOUND_FIRST;
    uint16_t *table = mxc_alloc(size * sizeof *table);
    if (!table)
        return -1;
    mxc_free(host->found);
    host->found = table;
    host->found_size = size;
    for (size_t i = 0; i < host->path_count; i++)
        host->found[place_of(host, host->paths[i].path)] = (uint16_t)(i + 1);
    host->found_count = host->path_count;
    return 0;
}

/* The last path. Of more than a number can say, none is in the table any more. */
static void note_found(struct mxc_host *host) {
    if (host->path_count >= UINT16_MAX || host->found_count + 1 != host->path_count)
        return;
    host->found[place_of(host, host->paths[host->path_count - 1].path)] = (uint16_t)host->path_count;
    host->found_count++;
}

mxc_status mxc_host_look(struct mxc_host *host, const char *path, mxc_error **err) {
    struct mxc_path_fact fact = {0};
    if (mxc_host_path(host, path))
        return MXC_OK;
    if (mxc_reserve(&host->paths, &host->path_capacity, host->path_count + 1, sizeof *host->paths) < 0 ||
        (host->path_count < UINT16_MAX && host->path_count * 2 >= host->found_size && grow_found(host) < 0))
        return mxc_fail_memory(err);
    if (look(&fact, path) != 0) {
        mxc_probe_path_clear(&fact);
        return mxc_fail_memory(err);
    }
    host->paths[host->path_count++] = fact;
    note_found(host);
    return MXC_OK;
}

const struct mxc_path_fact *mxc_host_path(const struct mxc_host *host, const char *path) {
    if (host->found_size && host->found_count == host->path_count) {
        uint16_t number = host->found[place_of(host, path)];
        return number ? &host->paths[number - 1] : NULL;
    }
    for (size_t i = 0; i < host->path_count; i++) /* of a description that was written by hand, say */
        if (!strcmp(host->paths[i].path, path))
            return &host->paths[i];
    return NULL;
}
