/* filter.h: the system-call filter as a BPF program, made at build time for the two profiles, at run time when a policy
 * adds or removes names. The only room that knows libseccomp, for names and numbers. */
#ifndef MXC_FILTER_FILTER_H
#define MXC_FILTER_FILTER_H

#include <linux/filter.h>

#include "policy/policy.h"

struct mxc_filter {
    const struct sock_filter *program; /* borrowed from the library when `owned` is NULL */
    size_t count;                      /* instructions */
    void *owned;                       /* freed with mxc_free by mxc_filter_clear */
    unsigned int told; /* bits of enum mxc_told_call: calls that are allowed, and the keeper is asked first */
};

/* What a wall without namespaces has to refuse besides, because the calls reach what is not inside (narrow.c). */
enum mxc_filter_narrow {
    MXC_NARROW_SOCKETS = 1,  /* all but pairs: no network and no socket of the host */
    MXC_NARROW_OBJECTS = 2,  /* ipc objects of the host, watching its files */
    MXC_NARROW_TRUNCATE = 4, /* by path: Landlock sees it from ABI 3 on */
    MXC_NARROW_METADATA = 8, /* mode, owner, times, attributes by path: Landlock does not see them. A policy may allow
                                these and the next */
    MXC_NARROW_OTHERS = 16,  /* limits and priorities of other processes of the same user */
    MXC_NARROW_KILL = 32,    /* signals to everybody: Landlock bounds them from ABI 6 on */
    MXC_NARROW_OPENED = 64,  /* metadata of what is open already, also for reading only */
    MXC_NARROW_UNSEEN = 128, /* opening neither for reading nor for writing, or emptying what is read */
    /* refuses nothing: the keeper is told of connections before they are made */
    MXC_NARROW_TELL = 256,
};

/* The program for a policy, on a wall that refuses what `narrow` says (bits; 0: nothing). MXC_E_POLICY_INVALID with
 * /syscalls/allow/N for an unknown name or one that would open the walls (unshare, mount, ...: the list is in the
 * tables). */
mxc_status mxc_filter_for(struct mxc_filter *out, const struct mxc_policy *policy, unsigned int narrow,
                          mxc_error **err);
void mxc_filter_clear(struct mxc_filter *filter);

/* Name of a native system call, or NULL; "open_by_handle_at". The string is the caller's (mxc_free). */
char *mxc_filter_syscall_name(int number);

/* What a denial record says: the name, and for calls that are allowed with other arguments what was wrong with
 * these: "chmod (setuid or setgid bit)", "clone (new namespace)", "socket (family)". Unknown: "syscall 999".
 * `narrow`: as for mxc_filter_for. The string is the caller's (mxc_free); NULL when out of memory. */
char *mxc_filter_denial_text(uint32_t number, unsigned int narrow);

#endif
