/* names.h: the synthetic addresses: each name that was asked for gets one of 198.18.0.0/15 and one of a unique local
 * /64, for as long as the sandbox lives. A connection to such an address is a connection to the name. */
#ifndef MXC_RELAY_NAMES_H
#define MXC_RELAY_NAMES_H

#include "base/hostname.h"
#include "relay/address.h"

#define MXC_NAMES_MAX 4096
#define MXC_NAME_ADDRESSES 8

struct mxc_name {
    char text[MXC_HOSTNAME_MAX + 1];
    struct mxc_ip addresses[MXC_NAME_ADDRESSES]; /* what it really has; kept for a while */
    uint32_t address_count;
    uint64_t fresh_until_ns;
};

struct mxc_names {
    struct mxc_name entry[MXC_NAMES_MAX];
    uint16_t bucket[MXC_NAMES_MAX * 2]; /* index + 1; 0: free */
    uint32_t count;
};

/* The number of a canonical name; a new one when it is not there yet. -1: the table is full. */
int mxc_names_add(struct mxc_names *names, const char *name);
/* The number behind a synthetic address; -1 when it is none, or none that was given out. */
int mxc_names_find(const struct mxc_names *names, const struct mxc_ip *ip);
struct mxc_ip mxc_names_address(uint32_t number, int family);
int mxc_names_synthetic(const struct mxc_ip *ip); /* in one of the two ranges */

#endif
