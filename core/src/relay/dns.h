/* dns.h: DNS messages, both ways: questions of the sandbox and our answers; our questions to a real server and its
 * answers. Pure; works on the caller's bytes, allocates nothing, believes no length. */
#ifndef MXC_RELAY_DNS_H
#define MXC_RELAY_DNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/hostname.h"
#include "relay/address.h"

#define MXC_DNS_UDP_MAX 512
#define MXC_DNS_TCP_MAX 4096 /* larger messages are not taken */
#define MXC_DNS_ADDRESSES 8
#define MXC_DNS_PORT 53

enum mxc_dns_type { MXC_DNS_A = 1, MXC_DNS_CNAME = 5, MXC_DNS_AAAA = 28 };
enum mxc_dns_rcode {
    MXC_DNS_OK = 0,
    MXC_DNS_FORMAT = 1,
    MXC_DNS_SERVER_FAILED = 2,
    MXC_DNS_NO_NAME = 3,
    MXC_DNS_NOT_IMPLEMENTED = 4,
    MXC_DNS_REFUSED = 5,
};

struct mxc_dns_question {
    uint16_t id, type;
    int wants_recursion;
    size_t end;                      /* of the question in the packet */
    char name[MXC_HOSTNAME_MAX + 1]; /* canonical; "" when it is no host name */
};

/* Reads a question. 0; an rcode to answer with (enum mxc_dns_rcode; `end` is 0 when the question itself is not to be
 * repeated); or -1: not to be answered at all. */
int mxc_dns_read_question(struct mxc_dns_question *question, const uint8_t *packet, size_t length);
/* Writes the answer to `packet`, which `question` was read from: bytes written, at most MXC_DNS_UDP_MAX. `ip`: NULL for
 * none. */
size_t mxc_dns_write_answer(uint8_t out[MXC_DNS_UDP_MAX], const uint8_t *packet,
                            const struct mxc_dns_question *question, int rcode, const struct mxc_ip *ip);

/* Writes a question for a canonical name: bytes written. */
size_t mxc_dns_write_question(uint8_t out[MXC_DNS_UDP_MAX], uint16_t id, const char *name, uint16_t type);

struct mxc_dns_reply {
    int rcode, truncated;
    uint32_t count; /* addresses of the type that was asked for; more than fit are left out */
    uint32_t ttl;   /* seconds; the shortest on the way */
    struct mxc_ip addresses[MXC_DNS_ADDRESSES];
};

/* Reads a server's answer to the question (id, name, type): 0, or -1 when it is not an answer to just that question or
 * not well formed. */
int mxc_dns_read_reply(struct mxc_dns_reply *reply, const uint8_t *packet, size_t length, uint16_t id, const char *name,
                       uint16_t type);

#endif
