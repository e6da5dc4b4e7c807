/* network.h: what a sandbox may reach, as the relay holds it: the policy's egress rules as a flat list of one peer and
 * one range of ports each. It is the blob of MXC_OP_RELAY. Plain integers and offsets, little endian; shared with the
 * relay, so no allocation and no libc. */
#ifndef MXC_PLAN_NETWORK_H
#define MXC_PLAN_NETWORK_H

#include <stddef.h>
#include <stdint.h>

#define MXC_NET_MAGIC 0x4e43584du /* "MXCN" */
#define MXC_NET_MAX_ENTRIES 4096u
#define MXC_NET_MAX_PORTS 64u /* listeners of one sandbox, beside the two for names */
#define MXC_NET_MAX_PUBLISHED 16u
#define MXC_NET_MAX_SPARES 48u    /* sockets made inside ahead */
#define MXC_NET_MAX_DEMANDED 256u /* places where one of them listens, at the same time */
#define MXC_NET_MAX_DIALERS 64u   /* published connections at the same time */
#define MXC_NET_NO_ENTRY UINT32_MAX
#define MXC_NET_MAX_BYTES (2u << 20)

/* Rules of a running sandbox can be replaced. A record names an entry by its generation (0: the rules of the plan) and
 * its index. */
#define MXC_NET_ENTRY(generation, index) ((generation)*MXC_NET_MAX_ENTRIES + (index))
#define MXC_NET_GENERATION(entry) ((entry) / MXC_NET_MAX_ENTRIES)
#define MXC_NET_INDEX(entry) ((entry) % MXC_NET_MAX_ENTRIES)
#define MXC_NET_LAST_GENERATION (UINT32_MAX / MXC_NET_MAX_ENTRIES - 1)

enum mxc_net_protocol { /* bits */
                        MXC_NET_TCP = 1,
                        MXC_NET_UDP = 2,
};

enum mxc_net_kind {
    MXC_NET_HOST = 1,      /* name: "example.org", "*.example.org", or "*": every name */
    MXC_NET_BLOCK = 2,     /* address/prefix without the exceptions */
    MXC_NET_LOCAL = 3,     /* the port on the sandbox's loopback is this one address of the host's loopback */
    MXC_NET_PUBLISHED = 4, /* the host's loopback may connect to this port inside */
};

struct mxc_net_block {
    uint8_t family; /* 4 or 6; an IPv4 address is in the first four bytes */
    uint8_t prefix;
    uint8_t reserved[2];
    uint8_t address[16];
};

struct mxc_net_entry {
    uint8_t kind;
    uint8_t allow;     /* 0: denied, which wins */
    uint8_t protocols; /* enum mxc_net_protocol */
    uint8_t reserved;
    uint16_t port, end_port; /* both 0: every port */
    uint32_t name;           /* offset in the text */
    uint32_t origin;         /* offset in the text: pointer to the rule in the policy */
    struct mxc_net_block block;
    uint32_t except_first, except_count;
};

struct mxc_net_header {
    uint32_t magic;
    uint32_t total_bytes;
    uint32_t entry_count;  /* struct mxc_net_entry[] follows */
    uint32_t except_count; /* then struct mxc_net_block[] */
    uint32_t text_bytes;   /* then strings, each NUL-terminated, the first one empty */
    uint32_t reserved;     /* 0 */
};

/* Rules that were checked by mxc_net_view(). */
struct mxc_net_rules_view {
    const struct mxc_net_entry *entries;
    const struct mxc_net_block *excepts;
    const char *text;
    uint32_t entry_count;
};

/* 0, or -1 when the bytes (aligned to 4) are not well formed. */
int mxc_net_view(struct mxc_net_rules_view *view, const void *bytes, size_t length);
/* 1 when some rule grants connections by TCP on this port, to whatever. */
int mxc_net_grants_port(const struct mxc_net_rules_view *view, uint16_t port);

#endif
