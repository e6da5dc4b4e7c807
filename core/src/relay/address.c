/* address.c: see address.h. */
#include "relay/address.h"

#include <string.h>

struct mxc_ip mxc_ip_v4(const uint8_t address[4]) {
    struct mxc_ip ip = {.family = 4};
    memcpy(ip.address, address, 4);
    return ip;
}

struct mxc_ip mxc_ip_v6(const uint8_t address[16]) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    struct mxc_ip ip = {.family = 6};
    if (memcmp(address, mapped, sizeof mapped) == 0)
        return mxc_ip_v4(address + 12);
    memcpy(ip.address, address, 16);
    return ip;
}

struct mxc_ip mxc_ip_of_block(const struct mxc_net_block *block) {
    return block->family == 4 ? mxc_ip_v4(block->address) : mxc_ip_v6(block->address);
}

void mxc_ip_mapped(uint8_t out[16], const struct mxc_ip *ip) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (ip->family == 6) {
        memcpy(out, ip->address, 16);
        return;
    }
    memcpy(out, mapped, sizeof mapped);
    memcpy(out + sizeof mapped, ip->address, 4);
}

int mxc_ip_equal(const struct mxc_ip *a, const struct mxc_ip *b) {
    return a->family == b->family && memcmp(a->address, b->address, sizeof a->address) == 0;
}

static int bits_equal(const uint8_t *a, const uint8_t *b, unsigned int bits) {
    unsigned int whole = bits / 8, rest = bits % 8;
    if (memcmp(a, b, whole) != 0)
        return 0;
    return rest == 0 || ((a[whole] ^ b[whole]) & (0xff00 >> rest) & 0xff) == 0;
}

int mxc_ip_is_loopback(const struct mxc_ip *ip) {
    static const struct mxc_ip v6 = {.family = 6, .address = {[15] = 1}};
    return ip->family == 4 ? ip->address[0] == 127 : mxc_ip_equal(ip, &v6);
}

int mxc_ip_within(const struct mxc_ip *ip, const struct mxc_net_block *block) {
    return ip->family == block->family && bits_equal(ip->address, block->address, block->prefix);
}

int mxc_block_within(const struct mxc_net_block *inner, const struct mxc_net_block *outer) {
    return inner->family == outer->family && inner->prefix >= outer->prefix &&
           bits_equal(inner->address, outer->address, outer->prefix);
}

int mxc_ip_from(struct mxc_ip *ip, uint16_t *port, const struct sockaddr_storage *from) {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (from->ss_family == AF_INET) {
        memcpy(&v4, from, sizeof v4);
        *ip = mxc_ip_v4((const uint8_t *)&v4.sin_addr);
        *port = ntohs(v4.sin_port);
        return 0;
    }
    if (from->ss_family != AF_INET6)
        return -1;
    memcpy(&v6, from, sizeof v6);
    *ip = mxc_ip_v6(v6.sin6_addr.s6_addr);
    *port = ntohs(v6.sin6_port);
    return 0;
}

socklen_t mxc_ip_to(struct sockaddr_storage *to, const struct mxc_ip *ip, uint16_t port) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memset(to, 0, sizeof *to);
    if (ip->family == 4) {
        memcpy(&v4.sin_addr, ip->address, 4);
        memcpy(to, &v4, sizeof v4);
        return sizeof v4;
    }
    memcpy(&v6.sin6_addr, ip->address, 16);
    memcpy(to, &v6, sizeof v6);
    return sizeof v6;
}

/* ---- the guard ---- */

static struct mxc_net_block block_of(const struct mxc_guarded *guard) {
    struct mxc_net_block block = {.family = guard->family, .prefix = guard->prefix};
    memcpy(block.address, guard->address, sizeof block.address);
    return block;
}

const struct mxc_guarded *mxc_guard(const struct mxc_ip *ip) {
    const struct mxc_guarded *found = NULL;
    for (const struct mxc_guarded *guard = mxc_guarded_blocks; guard->family; guard++) {
        const struct mxc_net_block block = block_of(guard);
        if (mxc_ip_within(ip, &block) && (!found || guard->prefix > found->prefix))
            found = guard;
    }
    return found;
}

int mxc_block_within_guard(const struct mxc_net_block *inner, const struct mxc_guarded *guard) {
    const struct mxc_net_block block = block_of(guard);
    return mxc_block_within(inner, &block);
}
