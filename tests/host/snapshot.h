/* snapshot.h: everything of a process that a library inside it must leave alone, as text that can be compared. */
#ifndef MXC_TESTS_HOST_SNAPSHOT_H
#define MXC_TESTS_HOST_SNAPSHOT_H

/* Descriptors with target and flags, signal dispositions and mask, umask, folder, environment, limits, subreaper,
 * dumpable, no_new_privs, keyring, threads, children, timers. Freed by the caller. */
char *snapshot(void);
/* Prints what differs; 0 when nothing does. */
int snapshot_differs(const char *before, const char *after);
int count_children(void);

#endif
