/* process_tree.c: see process_tree.h. */
#define _GNU_SOURCE
#include "keeper/process_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/text.h"

#define FIRST_PAUSE_NS 50000
#define LONGEST_PAUSE_NS 5000000

pid_t mxc_process_parent(int proc, pid_t pid) {
    char path[32], stat[512];
    struct mxc_text text = MXC_TEXT(path);
    mxc_text_add_number(&text, (uint64_t)pid);
    mxc_text_add(&text, "/stat");
    if (mxc_file_read(proc, path, stat, sizeof stat) <= 0)
        return 0;
    const char *cursor = strrchr(stat, ')'); /* the name may hold anything, also ")" */
    if (!cursor || strlen(cursor) < 5)
        return 0;
    cursor += 4; /* ") S " */
    return (pid_t)mxc_text_number(&cursor);
}

static unsigned int snapshot(int proc, struct mxc_tree_process *list) {
    char entries[8192];
    unsigned int count = 0;
    MXC_AUTO_FD int folder = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    long got;
    while (folder >= 0 && (got = mxc_sys(SYS_getdents64, folder, entries, sizeof entries)) > 0) {
        for (long at = 0; at < got && count < MXC_MAX_PROCESSES;) {
            const struct mxc_dirent *entry = (const void *)(entries + at);
            const char *name = entry->name;
            at += entry->length;
            if (*name < '1' || *name > '9')
                continue;
            list[count].pid = (pid_t)mxc_text_number(&name);
            list[count].parent = mxc_process_parent(proc, list[count].pid);
            list[count++].ours = 0;
        }
    }
    return count;
}

static int is_ours(const struct mxc_tree_process *list, unsigned int count, pid_t parent, pid_t root) {
    if (parent == root)
        return 1;
    for (unsigned int i = 0; i < count; i++)
        if (list[i].ours && list[i].pid == parent)
            return 1;
    return 0;
}

static int is_excepted(const struct mxc_except *except, pid_t pid) {
    for (unsigned int i = 0; except && i < except->count; i++)
        if (except->pid[i] == pid)
            return 1;
    return 0;
}

unsigned int mxc_process_tree(int proc, pid_t root, const struct mxc_except *except,
                              const struct mxc_tree_process **out) {
    static struct mxc_tree_process list[MXC_MAX_PROCESSES];
    unsigned int count = snapshot(proc, list);
    for (int found = 1; found;) {
        found = 0;
        for (unsigned int i = 0; i < count; i++)
            if (!list[i].ours && is_ours(list, count, list[i].parent, root) && !is_excepted(except, list[i].pid))
                list[i].ours = found = 1;
    }
    *out = list;
    return count;
}

/* ---- from parent to child ---- */

static unsigned int add_children(struct mxc_tree_process *list, unsigned int count, pid_t parent, const char *pids) {
    while (*pids && count < MXC_MAX_PROCESSES) {
        pid_t pid = (pid_t)mxc_text_number(&pids);
        if (pid > 0)
            list[count++] = (struct mxc_tree_process){.pid = pid, .parent = parent, .ours = 1};
        pids += strcspn(pids, " ");
        pids += *pids == ' ';
    }
    return count;
}

/* Each thread has a list of its own. -1: the kernel does not tell (CONFIG_PROC_CHILDREN). */
static long list_children(int proc, pid_t parent, struct mxc_tree_process *list, unsigned int count) {
    static char pids[MXC_MAX_PROCESSES * 8];
    char entries[4096], path[64];
    struct mxc_text text = MXC_TEXT(path);
    mxc_text_add_number(&text, (uint64_t)parent);
    mxc_text_add(&text, "/task");
    MXC_AUTO_FD int tasks = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    long got;
    while (tasks >= 0 && (got = mxc_sys(SYS_getdents64, tasks, entries, sizeof entries)) > 0) {
        for (long at = 0; at < got;) {
            const struct mxc_dirent *entry = (const void *)(entries + at);
            struct mxc_text file = MXC_TEXT(path);
            at += entry->length;
            if (entry->name[0] < '1' || entry->name[0] > '9')
                continue;
            mxc_text_add(&file, entry->name);
            mxc_text_add(&file, "/children");
            long length = mxc_file_read(tasks, path, pids, sizeof pids);
            if (length == -ENOENT && parent == getpid())
                return -1;
            count = length > 0 ? add_children(list, count, parent, pids) : count;
        }
    }
    return (long)count;
}

unsigned int mxc_process_descendants(int proc, pid_t root, const struct mxc_tree_process **out) {
    static struct mxc_tree_process list[MXC_MAX_PROCESSES];
    long count = list_children(proc, root, list, 0);
    if (count < 0)
        return mxc_process_tree(proc, root, NULL, out);
    for (long i = 0; i < count; i++)
        count = list_children(proc, list[i].pid, list, (unsigned int)count);
    *out = list;
    return (unsigned int)count;
}

/* ---- signals ---- */

struct tree {
    const struct mxc_tree_process *list;
    unsigned int count;
    pid_t root;
};

/* Its number may have gone to another process since the look: that one has a parent that is not of the tree. One of
 * the tree may have lost its own, and has another or the root by now. */
static void signal_exactly(int proc, const struct tree *tree, pid_t pid, int signal) {
    MXC_AUTO_FD int pidfd = (int)mxc_sys(SYS_pidfd_open, pid, 0);
    int refused = pidfd == -ENOSYS; /* then the numbers are those of a pid namespace of our own, or nearly new */
    if ((pidfd < 0 && !refused) || !is_ours(tree->list, tree->count, mxc_process_parent(proc, pid), tree->root))
        return;
    if (refused)
        kill(pid, signal);
    else
        (void)mxc_sys(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

unsigned int mxc_process_tree_signal(int proc, pid_t root, const struct mxc_except *except, int signal) {
    struct tree tree = {.root = root};
    unsigned int count = 0;
    tree.count = mxc_process_tree(proc, root, except, &tree.list);
    for (unsigned int i = 0; i < tree.count; i++) {
        if (!tree.list[i].ours)
            continue;
        signal_exactly(proc, &tree, tree.list[i].pid, signal);
        count++;
    }
    return count;
}

/* A child that is not waited for keeps its number, so none of these can be another process. */
static void kill_listed(int children) {
    char pids[4096];
    ssize_t length = pread(children, pids, sizeof pids - 1, 0);
    pids[length > 0 ? length : 0] = '\0';
    for (const char *cursor = pids; *cursor;) {
        pid_t pid = (pid_t)mxc_text_number(&cursor);
        if (pid <= 1 || *cursor++ != ' ') /* the last one may be cut off */
            return;
        kill(pid, SIGKILL);
    }
}

void mxc_process_children_end(int children) {
    struct timespec pause = {0};
    for (;;) {
        pid_t pid;
        kill_listed(children);
        while ((pid = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
            pause.tv_nsec = 0; /* who was below it is a child now */
        if (pid < 0 && errno == ECHILD)
            return;
        pause.tv_nsec = pause.tv_nsec ? pause.tv_nsec : FIRST_PAUSE_NS;
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < LONGEST_PAUSE_NS)
            pause.tv_nsec *= 2;
    }
}
