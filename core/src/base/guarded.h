/* guarded.h: addresses that a grant opens only where it is about them: the policy's sets and the relay's decisions have
 * one list. Neither a name nor 0.0.0.0/0 opens one of these blocks; a grant that lies within it does. */
#ifndef MXC_BASE_GUARDED_H
#define MXC_BASE_GUARDED_H

#include <stdint.h>

struct mxc_guarded {
    uint8_t family; /* 4 or 6; 0 ends the list */
    uint8_t prefix;
    uint8_t never; /* no grant opens it: loopback, multicast, the sandbox's own synthetic addresses, ... */
    uint8_t address[16];
};

extern const struct mxc_guarded mxc_guarded_blocks[];

#endif
