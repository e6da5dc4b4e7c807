/* hostname.h: one spelling per host name, for the policy, the names that a sandbox asks for, and the log: lower case,
 * no trailing dot, labels of letters, digits, "-" and "_". Freestanding. */
#ifndef MXC_BASE_HOSTNAME_H
#define MXC_BASE_HOSTNAME_H

#include <stddef.h>

#define MXC_HOSTNAME_MAX 253

/* NULL when `name` (in lower case, without trailing dot) is a host name in its one spelling; else what is wrong. */
const char *mxc_hostname_fault(const char *name);
/* Copies text[0..length) in lower case, without one trailing dot. 0, or -1 when it is too long or no host name. */
int mxc_hostname_canonical(char name[MXC_HOSTNAME_MAX + 1], const char *text, size_t length);
/* 1 when they are equal or `outer` is "*.suffix" and `inner` lies strictly below it: "a.b.c" and "*.b.c" are within
 * "*.c". */
int mxc_hostname_within(const char *inner, const char *outer);

#endif
