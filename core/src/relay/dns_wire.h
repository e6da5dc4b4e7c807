/* dns_wire.h: what both directions of dns.h share: the header, and names on the wire. */
#ifndef MXC_RELAY_DNS_WIRE_H
#define MXC_RELAY_DNS_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/hostname.h"

#define MXC_DNS_HEADER 12u
#define MXC_DNS_IN 1u

static inline uint16_t mxc_dns_16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }
static inline uint32_t mxc_dns_32(const uint8_t *at) { return (uint32_t)mxc_dns_16(at) << 16 | mxc_dns_16(at + 2); }
static inline void mxc_dns_put_16(uint8_t *at, unsigned int value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* Reads the name at *at, following compression, into dotted lower case; *at becomes what follows it. 0; 1 when it is
 * well formed but holds bytes that are in no host name (`name` is "" then); -1 when it is not well formed. */
int mxc_dns_name(const uint8_t *packet, size_t length, size_t *at, char name[MXC_HOSTNAME_MAX + 1]);

#endif
