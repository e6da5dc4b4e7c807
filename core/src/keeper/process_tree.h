/* process_tree.h: the descendants of a process, found through /proc: by a tender inside a pid namespace for its own, by
 * the keeper and init for those of a sandbox that has none. */
#ifndef MXC_KEEPER_PROCESS_TREE_H
#define MXC_KEEPER_PROCESS_TREE_H

#include <sys/types.h>

#define MXC_MAX_PROCESSES 8192

struct mxc_tree_process {
    pid_t pid, parent;
    int ours; /* a descendant of the root */
};

#define MXC_MAX_EXCEPT 128

struct mxc_except { /* children of the root that do not count, with all below them */
    pid_t pid[MXC_MAX_EXCEPT];
    unsigned int count;
};

/* All processes of `proc` in a table that the next call overwrites; those below `root` are marked. Returns how many
 * there are in the table. `except` may be NULL. */
unsigned int mxc_process_tree(int proc, pid_t root, const struct mxc_except *except,
                              const struct mxc_tree_process **list);
/* The same, but only the descendants, from parent to child where the kernel lists children: much cheaper on a host with
 * many processes, and a child may be missed while others end. For looking, not for ending. */
unsigned int mxc_process_descendants(int proc, pid_t root, const struct mxc_tree_process **list);
/* Signals every descendant of `root`; returns how many there were. Never hits a process that has taken the number of
 * one that ended in between. */
unsigned int mxc_process_tree_signal(int proc, pid_t root, const struct mxc_except *except, int signal);
/* Kills the children of the calling thread, a subreaper, and the children that it gets by that, until there is none.
 * `children`: its /proc/thread-self/children. */
void mxc_process_children_end(int children);
pid_t mxc_process_parent(int proc, pid_t pid); /* 0: gone */

#endif
