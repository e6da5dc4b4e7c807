/* dns.c: the server's side of dns.h: what a sandbox asks and what it is told. Any program inside may send any bytes
 * here. */
#include "relay/dns.h"

#include <string.h>

#include "relay/dns_wire.h"

#define FLAG_RESPONSE 0x8000u
#define FLAG_RECURSION_WANTED 0x0100u
#define FLAG_RECURSION_OFFERED 0x0080u
#define CLASS_ANY 255u
#define TTL_SECONDS 60u

int mxc_dns_read_question(struct mxc_dns_question *question, const uint8_t *packet, size_t length) {
    memset(question, 0, sizeof *question);
    if (length < MXC_DNS_HEADER)
        return -1;
    uint16_t flags = mxc_dns_16(packet + 2);
    if (flags & FLAG_RESPONSE)
        return -1;
    question->id = mxc_dns_16(packet);
    question->wants_recursion = !!(flags & FLAG_RECURSION_WANTED);
    if (flags >> 11 & 15)
        return MXC_DNS_NOT_IMPLEMENTED;
    if (mxc_dns_16(packet + 4) != 1)
        return MXC_DNS_FORMAT;
    size_t at = MXC_DNS_HEADER;
    char name[MXC_HOSTNAME_MAX + 1];
    if (mxc_dns_name(packet, length, &at, name) < 0 || at + 4 > length || at + 4 > MXC_DNS_HEADER + 259)
        return MXC_DNS_FORMAT;
    question->type = mxc_dns_16(packet + at);
    uint16_t class = mxc_dns_16(packet + at + 2);
    question->end = at + 4;
    if (class != MXC_DNS_IN && class != CLASS_ANY)
        return MXC_DNS_REFUSED;
    if (mxc_hostname_canonical(question->name, name, strlen(name)) != 0)
        question->name[0] = 0;
    return 0;
}

static size_t put_address(uint8_t *at, const struct mxc_ip *ip) {
    size_t length = ip->family == 4 ? 4 : 16;
    mxc_dns_put_16(at, 0xc000u | MXC_DNS_HEADER); /* the name of the question */
    mxc_dns_put_16(at + 2, ip->family == 4 ? MXC_DNS_A : MXC_DNS_AAAA);
    mxc_dns_put_16(at + 4, MXC_DNS_IN);
    mxc_dns_put_16(at + 6, 0);
    mxc_dns_put_16(at + 8, TTL_SECONDS);
    mxc_dns_put_16(at + 10, (unsigned int)length);
    memcpy(at + 12, ip->address, length);
    return 12 + length;
}

size_t mxc_dns_write_answer(uint8_t out[MXC_DNS_UDP_MAX], const uint8_t *packet,
                            const struct mxc_dns_question *question, int rcode, const struct mxc_ip *ip) {
    size_t length = question->end ? question->end : MXC_DNS_HEADER;
    memset(out, 0, MXC_DNS_HEADER);
    if (question->end) /* as it came, also its capitals: some resolvers check them */
        memcpy(out + MXC_DNS_HEADER, packet + MXC_DNS_HEADER, question->end - MXC_DNS_HEADER);
    mxc_dns_put_16(out, question->id);
    mxc_dns_put_16(out + 2, FLAG_RESPONSE | FLAG_RECURSION_OFFERED | (unsigned int)rcode |
                                (question->wants_recursion ? FLAG_RECURSION_WANTED : 0));
    mxc_dns_put_16(out + 4, question->end ? 1 : 0);
    mxc_dns_put_16(out + 6, ip ? 1 : 0);
    return ip ? length + put_address(out + length, ip) : length;
}
