/* address.h: one address in one form, blocks of addresses, and the guard: blocks that a name must never lead into and
 * that only a rule for just them opens. Pure. */
#ifndef MXC_RELAY_ADDRESS_H
#define MXC_RELAY_ADDRESS_H

#include <netinet/in.h>
#include <stdint.h>

#include "base/guarded.h"
#include "plan/network.h"

struct mxc_ip {
    uint8_t family; /* 4 or 6; an IPv4 address is in the first four bytes, the rest is 0 */
    uint8_t address[16];
};

struct mxc_peer_address {
    struct mxc_ip ip;
    uint16_t port;
};

/* IPv4 in IPv6 clothes (::ffff:a.b.c.d) becomes IPv4: it is the same destination. */
struct mxc_ip mxc_ip_v6(const uint8_t address[16]);
struct mxc_ip mxc_ip_v4(const uint8_t address[4]);
/* The first address of a block. */
struct mxc_ip mxc_ip_of_block(const struct mxc_net_block *block);
void mxc_ip_mapped(uint8_t out[16], const struct mxc_ip *ip); /* as a socket of IPv6 wants it */
int mxc_ip_equal(const struct mxc_ip *a, const struct mxc_ip *b);
int mxc_ip_within(const struct mxc_ip *ip, const struct mxc_net_block *block);
int mxc_block_within(const struct mxc_net_block *inner, const struct mxc_net_block *outer); /* or equal */

int mxc_ip_is_loopback(const struct mxc_ip *ip);

/* 0 and the address of a sockaddr_in or sockaddr_in6, or -1. */
int mxc_ip_from(struct mxc_ip *ip, uint16_t *port, const struct sockaddr_storage *from);
/* The length for connect(). */
socklen_t mxc_ip_to(struct sockaddr_storage *to, const struct mxc_ip *ip, uint16_t port);

/* The narrowest guarded block around the address, or NULL. */
const struct mxc_guarded *mxc_guard(const struct mxc_ip *ip);
int mxc_block_within_guard(const struct mxc_net_block *inner, const struct mxc_guarded *guard);

#endif
