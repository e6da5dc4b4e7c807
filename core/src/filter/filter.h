/* filter.h: the system-call filter as a BPF program, made by libseccomp: at build time for the two profiles, at
 * run time when a policy adds or removes names. The only room that knows libseccomp. */
#ifndef MXC_FILTER_FILTER_H
#define MXC_FILTER_FILTER_H

#include <linux/filter.h>

#include "policy/policy.h"

struct mxc_filter {
    const struct sock_filter *program; /* borrowed from the library when `owned` is NULL */
    size_t count;                      /* instructions */
    void *owned;                       /* freed with mxc_free by mxc_filter_clear */
};

/* The program for a policy. MXC_E_POLICY_INVALID with /syscalls/allow/N for an unknown name or one that would
 * open the walls (unshare, mount, ...: the list is in the tables). */
mxc_status mxc_filter_for(struct mxc_filter *out, const struct mxc_policy *policy, mxc_error **err);
void mxc_filter_clear(struct mxc_filter *filter);

/* Name of a native system call, or NULL; "open_by_handle_at". The string is the caller's (mxc_free). */
char *mxc_filter_syscall_name(int number);

/* What a denial record says: the name, and for calls that are allowed with other arguments what was wrong with
 * these: "chmod (setuid or setgid bit)", "clone (new namespace)", "socket (family)". Unknown: "syscall 999".
 * The string is the caller's (mxc_free); NULL when out of memory. */
char *mxc_filter_denial_text(uint32_t number);

#endif
