/* bind.c: host files and folders inside. The object is found again by its path, compared with the device, inode
 * and type that the policy's author saw, and cloned through that very descriptor: no second walk, so no race.
 * Started by root, the keeper does this on the host and ID-maps the clone; else the builder does it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/text.h"
#include "ops/ops.h"

#define LAST_ID 4294967294u /* (uid_t)-1 is not an id */

static uint64_t bind_attributes(const struct mxc_op *op) {
    uint64_t set = MXC_ATTR_NOSUID | MXC_ATTR_NODEV;
    if (op->a & MXC_BIND_READONLY)
        set |= MXC_ATTR_RDONLY;
    if (op->a & MXC_BIND_NOEXEC)
        set |= MXC_ATTR_NOEXEC;
    return set;
}

/* Opens the source and checks that it is still the object of the plan: -ESTALE when it is another one. */
static int open_source(struct mxc_apply *apply, const struct mxc_op *op, struct stat *found) {
    const char *path = mxc_plan_text_at(apply->plan, op->text2);
    MXC_AUTO_FD int source =
        mxc_openat2(AT_FDCWD, path, O_PATH | O_CLOEXEC, MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS);
    if (source == -ENOENT || source == -ELOOP)
        return -ESTALE;
    if (source < 0)
        return mxc_take_fd(&source);
    if (fstat(source, found) != 0)
        return -errno;
    if (found->st_dev != op->b || found->st_ino != op->c || (found->st_mode & S_IFMT) != op->d)
        return -ESTALE;
    return mxc_take_fd(&source);
}

static int attach_at(struct mxc_apply *apply, const char *path, uint64_t type, int tree) {
    MXC_AUTO_FD int target = type == S_IFDIR ? mxc_target_dir(apply, path, 0755) : mxc_target_file(apply, path);
    return target < 0 ? target : mxc_move_mount(tree, target);
}

/* On the link itself: while something is mounted there, it can be neither removed nor replaced. */
static int attach_on_link(struct mxc_apply *apply, const char *path, int tree) {
    MXC_AUTO_FD int target = mxc_target_link(apply, path);
    return target < 0 ? target : mxc_move_mount(tree, target);
}

static int attach(struct mxc_apply *apply, const struct mxc_op *op, int tree) {
    if (op->a & MXC_BIND_ON_LINK)
        return attach_on_link(apply, mxc_plan_text_at(apply->plan, op->text), tree);
    return attach_at(apply, mxc_plan_text_at(apply->plan, op->text), op->d & S_IFMT, tree);
}

/* Attaches what the keeper has opened for this op: the object, then the file systems inside it. 0: there is none. */
static int attach_acquired(struct mxc_apply *apply, const struct mxc_op *op) {
    uint32_t index = (uint32_t)(op - apply->plan->ops);
    char path[4096];
    int count = 0;
    if (apply->session && (op->a & MXC_BIND_IDMAP)) {
        int result = mxc_trees_hear(apply);
        if (result < 0)
            return result;
    }
    for (unsigned int i = 0; i < apply->tree_count; i++) {
        struct mxc_tree *tree = &apply->trees[i];
        struct mxc_text text = MXC_TEXT(path);
        struct stat info;
        if (tree->op != index)
            continue;
        mxc_text_add(&text, mxc_plan_text_at(apply->plan, op->text));
        mxc_text_add(&text, tree->below);
        if (text.overflow || fstat(tree->fd, &info) != 0)
            return -ENAMETOOLONG;
        int result = op->a & MXC_BIND_ON_LINK ? attach_on_link(apply, path, tree->fd)
                                              : attach_at(apply, path, info.st_mode & S_IFMT, tree->fd);
        mxc_close(&tree->fd);
        if (result < 0)
            return result;
        count++;
    }
    return count;
}

int mxc_op_bind(struct mxc_apply *apply, const struct mxc_op *op) {
    struct stat found;
    int ready = attach_acquired(apply, op);
    if (ready != 0)
        return ready < 0 ? ready : 0;
    MXC_AUTO_FD int source = open_source(apply, op, &found);
    if (source < 0)
        return source == -ESTALE && (op->a & MXC_BIND_OPTIONAL) ? 0 : mxc_take_fd(&source);
    MXC_AUTO_FD int tree = mxc_open_tree(source, "", MXC_AT_EMPTY | MXC_AT_RECURSIVE);
    if (tree < 0)
        return mxc_take_fd(&tree);
    struct mxc_mount_attr attr = {.attr_set = bind_attributes(op)};
    int result = mxc_mount_setattr(tree, "", MXC_AT_EMPTY | MXC_AT_RECURSIVE, &attr);
    return result < 0 ? result : attach(apply, op, tree);
}

static void map_line(struct mxc_text *text, uint64_t inside, uint64_t outside, uint64_t count) {
    if (!count)
        return;
    mxc_text_add_number(text, inside);
    mxc_text_add(text, " ");
    mxc_text_add_number(text, outside);
    mxc_text_add(text, " ");
    mxc_text_add_number(text, count);
    mxc_text_add(text, "\n");
}

/* On the mount the owner's files belong to the session, everyone else's stay everyone else's: with only the
 * owner's line other files could not even be unlinked by mode bits (EOVERFLOW). */
static int write_id_map(int proc_pid, const char *file, uint32_t owner, uint32_t session) {
    char lines[256];
    struct mxc_text text = MXC_TEXT(lines);
    map_line(&text, 0, 0, owner);
    map_line(&text, owner, session, 1);
    map_line(&text, (uint64_t)owner + 1, (uint64_t)owner + 1, session - owner - 1);
    map_line(&text, (uint64_t)session + 1, (uint64_t)session + 1, LAST_ID - session);
    return text.overflow ? -EOVERFLOW : mxc_file_write(proc_pid, file, lines, text.length);
}

struct id_map_child {
    int go[2];
};

static int id_map_wait(void *argument) {
    const struct id_map_child *child = argument;
    char byte;
    close(child->go[1]);
    return (int)read(child->go[0], &byte, 1);
}

static int fill_id_maps(const struct mxc_apply *apply, const struct stat *object, pid_t pid) {
    char path[32];
    struct mxc_text text = MXC_TEXT(path);
    mxc_text_add(&text, "/proc/");
    mxc_text_add_number(&text, (uint64_t)pid);
    MXC_AUTO_FD int proc_pid = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc_pid < 0)
        return -errno;
    int result = write_id_map(proc_pid, "uid_map", object->st_uid, apply->host_uid);
    if (result == 0)
        result = write_id_map(proc_pid, "gid_map", object->st_gid, apply->host_gid);
    if (result < 0)
        return result;
    int ns = openat(proc_pid, "ns/user", O_RDONLY | O_CLOEXEC);
    return ns < 0 ? -errno : ns;
}

/* A user namespace with the maps of one mount. It needs a process to be made; the descriptor keeps it alive. */
static int make_id_map(const struct mxc_apply *apply, const struct stat *object) {
    static char stack[16384] __attribute__((aligned(16)));
    struct id_map_child child;
    /* The session's ids must not be an owner's: the map would not be one to one. */
    if (object->st_uid >= apply->host_uid || object->st_gid >= apply->host_gid)
        return -EOVERFLOW;
    if (pipe2(child.go, O_CLOEXEC) != 0)
        return -errno;
    /* Sharing memory saves a copy of the page tables; the child does two calls, on its own descriptors. */
    pid_t pid = clone(id_map_wait, stack + sizeof stack, CLONE_NEWUSER | CLONE_VM | SIGCHLD, &child);
    int result = pid < 0 ? -errno : fill_id_maps(apply, object, pid);
    close(child.go[0]);
    close(child.go[1]);
    if (pid > 0)
        kill(pid, SIGKILL); /* not a word is expected of it: it must not be able to keep us waiting */
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return result;
}

static int keep_tree(struct mxc_apply *apply, const struct mxc_op *op, const char *below, int *tree) {
    if (apply->tree_count == MXC_MAX_TREES)
        return -E2BIG;
    struct mxc_tree *kept = &apply->trees[apply->tree_count];
    struct mxc_text text = MXC_TEXT(kept->below);
    mxc_text_add(&text, below);
    if (text.overflow)
        return -ENAMETOOLONG;
    kept->op = (uint32_t)(op - apply->plan->ops);
    kept->fd = mxc_take_fd(tree);
    apply->tree_count++;
    return 0;
}

/* Clones one object (with all below it when `recursive`) with the op's flags and the owner's ID map.
 * EINVAL: a file system among it cannot be ID-mapped (overlay, proc, FUSE, ...). */
static int clone_mapped(const struct mxc_apply *apply, const struct mxc_op *op, int source, unsigned int recursive) {
    struct stat found;
    if (fstat(source, &found) != 0)
        return -errno;
    MXC_AUTO_FD int tree = mxc_open_tree(source, "", MXC_AT_EMPTY | recursive);
    if (tree < 0)
        return mxc_take_fd(&tree);
    MXC_AUTO_FD int map = make_id_map(apply, &found);
    if (map < 0)
        return mxc_take_fd(&map);
    /* Private: a clone made on the host is a slave of the host's mount, and what the host mounts below it later would
     * appear inside, without any of these flags. */
    struct mxc_mount_attr attr = {
        .attr_set = bind_attributes(op) | MXC_ATTR_IDMAP, .propagation = MS_PRIVATE, .userns_fd = (uint64_t)map};
    int result = mxc_mount_setattr(tree, "", MXC_AT_EMPTY | recursive, &attr);
    if (result == -EINVAL && !recursive && (op->a & MXC_BIND_READONLY)) {
        /* Readable all the same, but only what everybody may read; for a writable grant it is an error. */
        attr = (struct mxc_mount_attr){.attr_set = bind_attributes(op), .propagation = MS_PRIVATE};
        result = mxc_mount_setattr(tree, "", MXC_AT_EMPTY, &attr);
    }
    return result < 0 ? result : mxc_take_fd(&tree);
}

static int acquire_submount(struct mxc_apply *apply, const struct mxc_op *op, const char *below) {
    char path[4096];
    struct mxc_text text = MXC_TEXT(path);
    mxc_text_add(&text, mxc_plan_text_at(apply->plan, op->text2));
    mxc_text_add(&text, below);
    if (text.overflow)
        return -ENAMETOOLONG;
    MXC_AUTO_FD int source =
        mxc_openat2(AT_FDCWD, path, O_PATH | O_CLOEXEC, MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS);
    if (source == -ENOENT) /* hidden by a later mount on a folder above it */
        return 0;
    MXC_AUTO_FD int tree = source < 0 ? source : clone_mapped(apply, op, source, 0);
    return tree < 0 ? tree : keep_tree(apply, op, below, &tree);
}

int mxc_op_bind_acquire(struct mxc_apply *apply, const struct mxc_op *op) {
    struct stat found;
    MXC_AUTO_FD int source = open_source(apply, op, &found);
    if (source < 0)
        return source == -ESTALE && (op->a & MXC_BIND_OPTIONAL) ? 0 : mxc_take_fd(&source);
    MXC_AUTO_FD int tree = clone_mapped(apply, op, source, MXC_AT_RECURSIVE);
    if (tree >= 0)
        return keep_tree(apply, op, "", &tree);
    if (tree != -EINVAL)
        return mxc_take_fd(&tree);
    /* Mapping is all or nothing for a tree, so its file systems are taken one by one. */
    tree = clone_mapped(apply, op, source, 0);
    int result = tree < 0 ? tree : keep_tree(apply, op, "", &tree);
    return result < 0 ? result : mxc_submounts(apply, op, acquire_submount);
}
