/* tables.h: the decision for every system call as data: groups with a reason, the calls in them, and which
 * calls have their arguments looked at. Knows names only, no numbers: those differ between machines. */
#ifndef MXC_FILTER_TABLES_H
#define MXC_FILTER_TABLES_H

#include <stddef.h>
#include <stdint.h>

enum mxc_call_verdict {
    MXC_CALL_NOSYS = 0, /* ENOSYS, not recorded: also what every call that is in no group gets */
    MXC_CALL_ALLOW,
    MXC_CALL_DENY,  /* EPERM, recorded: SECCOMP_RET_USER_NOTIF, answered by the keeper */
    MXC_CALL_CHECK, /* allowed or denied by its arguments: enum mxc_call_check */
};

/* Programs over the arguments; the number after an underscore is the index of the argument. */
enum mxc_call_check {
    MXC_CHECK_NONE = 0,
    MXC_CHECK_MODE_1,       /* mode without setuid and setgid bit */
    MXC_CHECK_MODE_2,       /* */
    MXC_CHECK_OPEN_1,       /* flags at 1, mode at 2: the mode counts with O_CREAT and O_TMPFILE only */
    MXC_CHECK_OPEN_2,       /* flags at 2, mode at 3 */
    MXC_CHECK_NODE_1,       /* mode at 1: no setuid and setgid bit, no device */
    MXC_CHECK_NODE_2,       /* */
    MXC_CHECK_CLONE,        /* no new namespace */
    MXC_CHECK_SOCKET,       /* families, types and protocols by value */
    MXC_CHECK_LOCAL,        /* AF_UNIX only: socketpair, and socket of the strict profile */
    MXC_CHECK_IOCTL,        /* not the requests of the list */
    MXC_CHECK_PRCTL,        /* not the options of the list */
    MXC_CHECK_SECCOMP,      /* no listener */
    MXC_CHECK_PRLIMIT,      /* of the caller alone: pid 1 and the tenders have the same uid */
    MXC_CHECK_PERSONA,      /* plain Linux, or the question which one it is */
    MXC_CHECK_PAIR,         /* socketpair of connected Unix sockets, which cannot be sent elsewhere */
    MXC_CHECK_SELF,         /* pid at 0: 0, the caller itself */
    MXC_CHECK_SELF_1,       /* priority of a process at 0, pid at 1: 0 */
    MXC_CHECK_IO_SELF,      /* the same with the numbers of ioprio_set */
    MXC_CHECK_KILL,         /* not everybody at once: -1 */
    MXC_CHECK_NO_PATH,      /* path at 1: NULL, the descriptor at 0 itself */
    MXC_CHECK_SEEN_1,       /* MXC_CHECK_OPEN_1, and an access that Landlock sees */
    MXC_CHECK_SEEN_2,       /* */
    MXC_CHECK_TELL_CONNECT, /* nothing is refused: the keeper is asked first, but for what can only be a Unix socket */
    MXC_CHECK_TELL_DATA_2,  /* the same of data in the first packet of a connection: MSG_FASTOPEN in the flags at 2 */
    MXC_CHECK_TELL_DATA_3,  /* */
    MXC_CHECKS,
};

enum { MXC_CALL_NAME = 32 }; /* room for a name and its NUL */

enum mxc_call_flags {
    MXC_CALL_WALL = 1, /* a policy may not allow it: it would open the walls */
    MXC_CALL_FREE = 2, /* a policy's allow takes the check of arguments away; of others it is kept */
};

struct mxc_call_group {
    const char *title;
    const char *reason;
    const char *names;  /* separated by blanks: mxc_call_next */
    uint8_t verdict[2]; /* by enum mxc_syscall_profile */
    uint8_t flags;
};

struct mxc_call {
    const char *name;
    const struct mxc_call_group *group;
    enum mxc_call_check check; /* of the default profile */
};

extern const struct mxc_call_group mxc_call_groups[];
extern const size_t mxc_call_group_count;

/* Takes the next name of a group's list; 0 at its end. */
int mxc_call_next(const char **names, char name[MXC_CALL_NAME]);
/* Finds a name in the groups: 1, or 0 when it is in none. `out->name` is `name`. */
int mxc_call_find(struct mxc_call *out, const char *name);
/* Names in all groups, also those that this machine does not have. */
size_t mxc_call_count(void);
/* 1 when init or every exec needs the call, so that a policy may not deny it. */
int mxc_call_needed(const char *name);
/* Verdict and check of a row in a profile. */
enum mxc_call_verdict mxc_call_verdict_in(const struct mxc_call *call, int profile);
enum mxc_call_check mxc_call_check_in(const struct mxc_call *call, int profile);
/* What a check refuses, for records: "setuid or setgid bit". "" for MXC_CHECK_NONE. */
const char *mxc_call_check_text(enum mxc_call_check check);

/* Native number of a name: -1 unknown name, -2 known but not on this machine. Knows also names that are newer
 * than the libseccomp that we build with. */
int mxc_call_number(const char *name);
/* Name of a native number in a caller's array; 0, or -1 when nobody knows it. */
int mxc_call_name(int number, char *name, size_t size);

#endif
