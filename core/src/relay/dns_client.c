/* dns_client.c: the client's side of dns.h: our question to a real server and what it says. The server, or whoever
 * answers in its place, is not trusted: an answer counts only for the question that was asked. */
#include <string.h>

#include "relay/dns.h"
#include "relay/dns_wire.h"

#define FLAG_RESPONSE 0x8000u
#define FLAG_TRUNCATED 0x0200u
#define FLAG_RECURSION_WANTED 0x0100u
#define MOST_ALIASES 16
#define LONGEST_TTL 86400u

size_t mxc_dns_write_question(uint8_t out[MXC_DNS_UDP_MAX], uint16_t id, const char *name, uint16_t type) {
    size_t at = MXC_DNS_HEADER;
    memset(out, 0, MXC_DNS_HEADER);
    mxc_dns_put_16(out, id);
    mxc_dns_put_16(out + 2, FLAG_RECURSION_WANTED);
    mxc_dns_put_16(out + 4, 1);
    while (*name) {
        size_t label = strcspn(name, ".");
        out[at++] = (uint8_t)label;
        memcpy(out + at, name, label);
        at += label;
        name += label + (name[label] == '.');
    }
    out[at++] = 0;
    mxc_dns_put_16(out + at, type);
    mxc_dns_put_16(out + at + 2, MXC_DNS_IN);
    return at + 4;
}

struct record {
    char owner[MXC_HOSTNAME_MAX + 1];
    uint16_t type, class, length;
    uint32_t ttl;
    size_t data; /* where it begins */
};

/* Reads the record at *at and moves behind it. */
static int read_record(struct record *record, const uint8_t *packet, size_t length, size_t *at) {
    if (mxc_dns_name(packet, length, at, record->owner) < 0 || *at + 10 > length)
        return -1;
    const uint8_t *head = packet + *at;
    record->type = mxc_dns_16(head);
    record->class = mxc_dns_16(head + 2);
    record->ttl = mxc_dns_32(head + 4) > LONGEST_TTL ? 0 : mxc_dns_32(head + 4);
    record->length = mxc_dns_16(head + 8);
    record->data = *at + 10;
    if (record->length > length - record->data)
        return -1;
    *at = record->data + record->length;
    return 0;
}

static void take_address(struct mxc_dns_reply *reply, const struct record *record, const uint8_t *packet) {
    const uint8_t *data = packet + record->data;
    if (record->length != (record->type == MXC_DNS_A ? 4 : 16) || reply->count == MXC_DNS_ADDRESSES)
        return;
    reply->addresses[reply->count++] = record->type == MXC_DNS_A ? mxc_ip_v4(data) : mxc_ip_v6(data);
    reply->ttl = record->ttl < reply->ttl ? record->ttl : reply->ttl;
}

/* One walk over the answers: the addresses of `name`, and the name that it is an alias of. 1: there is one. */
static int walk(struct mxc_dns_reply *reply, const uint8_t *packet, size_t length, size_t at, char *name,
                uint16_t type) {
    char alias[MXC_HOSTNAME_MAX + 1] = "";
    struct record record;
    for (unsigned int left = mxc_dns_16(packet + 6); left; left--) {
        if (read_record(&record, packet, length, &at) != 0)
            return -1;
        if (record.class != MXC_DNS_IN || strcmp(record.owner, name) != 0)
            continue;
        if (record.type == type)
            take_address(reply, &record, packet);
        size_t target = record.data;
        if (record.type == MXC_DNS_CNAME && mxc_dns_name(packet, length, &target, alias) != 0)
            return -1;
        if (record.type == MXC_DNS_CNAME)
            reply->ttl = record.ttl < reply->ttl ? record.ttl : reply->ttl;
    }
    if (reply->count || !alias[0])
        return 0;
    memcpy(name, alias, sizeof alias);
    return 1;
}

int mxc_dns_read_reply(struct mxc_dns_reply *reply, const uint8_t *packet, size_t length, uint16_t id, const char *name,
                       uint16_t type) {
    char current[MXC_HOSTNAME_MAX + 1];
    size_t at = MXC_DNS_HEADER;
    memset(reply, 0, sizeof *reply);
    reply->ttl = LONGEST_TTL;
    if (length < MXC_DNS_HEADER || mxc_dns_16(packet) != id || mxc_dns_16(packet + 4) != 1)
        return -1;
    uint16_t flags = mxc_dns_16(packet + 2);
    if (!(flags & FLAG_RESPONSE) || (flags >> 11 & 15))
        return -1;
    if (mxc_dns_name(packet, length, &at, current) != 0 || strcmp(current, name) != 0 || at + 4 > length ||
        mxc_dns_16(packet + at) != type || mxc_dns_16(packet + at + 2) != MXC_DNS_IN)
        return -1;
    reply->rcode = flags & 15;
    reply->truncated = !!(flags & FLAG_TRUNCATED);
    if (reply->truncated || reply->rcode)
        return 0;
    int more = 1;
    for (int i = 0; more == 1 && i < MOST_ALIASES; i++)
        more = walk(reply, packet, length, at + 4, current, type);
    return more < 0 ? -1 : 0;
}
