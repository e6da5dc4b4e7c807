/* narrow.c: without namespaces the kernel's objects outside the file system are those of the host, and Landlock knows
 * only part of the rest. Every row says what the calls would reach there. */
#include "filter/narrow.h"

#include <string.h>

static const struct mxc_narrowing narrowings[] = {
    {MXC_NARROW_SOCKETS, "socket connect accept accept4 bind listen", "they reach the network and services of the host",
     MXC_CHECK_NONE},
    {MXC_NARROW_SOCKETS, "socketpair", "it reaches services of the host", MXC_CHECK_PAIR},
    {MXC_NARROW_OBJECTS,
     "shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink "
     "mq_timedsend mq_timedreceive mq_notify mq_getsetattr",
     "the objects are those of the host", MXC_CHECK_NONE},
    {MXC_NARROW_OBJECTS, "inotify_init inotify_init1 inotify_add_watch inotify_rm_watch",
     "it watches every file of the host", MXC_CHECK_NONE},
    {MXC_NARROW_TRUNCATE, "truncate truncate64", "it empties every file that the user may write", MXC_CHECK_NONE},
    /* a policy may list them: they keep this check */
    {MXC_NARROW_UNSEEN, "open", NULL, MXC_CHECK_SEEN_1},
    {MXC_NARROW_UNSEEN, "openat", NULL, MXC_CHECK_SEEN_2},
    {MXC_NARROW_METADATA,
     "chmod fchmodat fchmodat2 chown lchown fchownat utime utimes futimesat setxattr lsetxattr removexattr lremovexattr "
     "setxattrat removexattrat",
     NULL, MXC_CHECK_NONE},
    {MXC_NARROW_OPENED, "fchmod fchown fsetxattr fremovexattr utimensat", NULL, MXC_CHECK_NONE},
    {MXC_NARROW_METADATA, "utimensat", NULL, MXC_CHECK_NO_PATH}, /* after the row that denies it */
    {MXC_NARROW_OTHERS, "sched_setaffinity sched_setscheduler sched_setparam sched_setattr",
     "it changes other processes of the user", MXC_CHECK_SELF},
    {MXC_NARROW_OTHERS, "setpriority", "it changes other processes of the user", MXC_CHECK_SELF_1},
    {MXC_NARROW_OTHERS, "ioprio_set", "it changes other processes of the user", MXC_CHECK_IO_SELF},
    {MXC_NARROW_OTHERS, "process_mrelease", "it changes other processes of the user", MXC_CHECK_NONE},
    {MXC_NARROW_KILL, "kill", "it ends every process of the user", MXC_CHECK_KILL},
};

static int lists(const char *names, const char *name) {
    char one[MXC_CALL_NAME];
    while (mxc_call_next(&names, one)) {
        if (!strcmp(one, name))
            return 1;
    }
    return 0;
}

const struct mxc_narrowing *mxc_narrowing_of(const char *name, unsigned int narrow) {
    for (size_t i = 0; i < sizeof narrowings / sizeof *narrowings; i++) {
        if ((narrowings[i].bit & narrow) && lists(narrowings[i].names, name))
            return &narrowings[i];
    }
    return NULL;
}
