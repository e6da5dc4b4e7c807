/* checks.h: small BPF programs over the arguments of a system call; everything but the allowed combinations is denied. */
#ifndef MXC_FILTER_CHECKS_H
#define MXC_FILTER_CHECKS_H

#include <linux/filter.h>
#include <stddef.h>

#include "filter/tables.h"

/* No check is longer; jumps inside one fit in 8 bits. */
#define MXC_CHECK_MAX 128

/* Writes the program of a check; returns the number of instructions. Every path ends in a return. */
size_t mxc_check_program(enum mxc_call_check check, struct sock_filter out[MXC_CHECK_MAX]);

#endif
