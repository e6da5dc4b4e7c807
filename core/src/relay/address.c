/* address.c: see address.h. The blocks are those of the IANA special-purpose registries, the metadata services of the
 * large clouds, and the forms that carry an IPv4 address inside an IPv6 one. */
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

#define V4(a, b, c, d, bits, never_) \
    { .block = {.family = 4, .prefix = (bits), .address = {a, b, c, d}}, .never = (never_) }
#define V6(bits, never_, ...) \
    { .block = {.family = 6, .prefix = (bits), .address = {__VA_ARGS__}}, .never = (never_) }

static const struct mxc_guarded guarded[] = {
    V4(0, 0, 0, 0, 8, 1),                                                   /* this host */
    V4(127, 0, 0, 0, 8, 1),                                                 /* loopback */
    V4(198, 18, 0, 0, 15, 1),                                               /* our synthetic addresses */
    V4(224, 0, 0, 0, 4, 1),                                                 /* multicast */
    V4(240, 0, 0, 0, 4, 1),                                                 /* reserved, broadcast */
    V4(10, 0, 0, 0, 8, 0),                                                  /* private */
    V4(172, 16, 0, 0, 12, 0),                                               /* private */
    V4(192, 168, 0, 0, 16, 0),                                              /* private */
    V4(100, 64, 0, 0, 10, 0),                                               /* carrier-grade NAT */
    V4(169, 254, 0, 0, 16, 0),                                              /* link-local */
    V4(192, 0, 0, 0, 24, 0),                                                /* protocol assignments */
    V4(192, 88, 99, 0, 24, 0),                                              /* 6to4 relays */
    V4(169, 254, 169, 254, 32, 0),                                          /* metadata: most clouds */
    V4(169, 254, 170, 2, 32, 0),                                            /* metadata: container tasks */
    V4(100, 100, 100, 200, 32, 0),                                          /* metadata */
    V4(168, 63, 129, 16, 32, 0),                                            /* metadata */
    V4(192, 0, 0, 192, 32, 0),                                              /* metadata */
    V6(96, 1, 0),                                                           /* ::, ::1, IPv4-compatible */
    V6(96, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0),                    /* SIIT */
    V6(8, 1, 0xff),                                                         /* multicast */
    V6(64, 1, 0xfd, 0x6d, 0x78, 0x63, 0x72, 0x65, 0, 1),                    /* our synthetic addresses */
    V6(96, 0, 0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0),                 /* NAT64 */
    V6(48, 0, 0, 0x64, 0xff, 0x9b, 0, 1),                                   /* NAT64, local use */
    V6(64, 0, 1, 0),                                                        /* discard */
    V6(32, 0, 0x20, 1, 0, 0),                                               /* Teredo */
    V6(16, 0, 0x20, 2),                                                     /* 6to4 */
    V6(7, 0, 0xfc),                                                         /* unique local */
    V6(10, 0, 0xfe, 0x80),                                                  /* link-local */
    V6(10, 0, 0xfe, 0xc0),                                                  /* site-local */
    V6(128, 0, 0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54), /* metadata */
    V6(128, 0, 0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54), /* metadata */
    V6(128, 0, 0xfd, 0, 0, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x42),    /* metadata */
};

const struct mxc_guarded *mxc_guard(const struct mxc_ip *ip) {
    const struct mxc_guarded *found = NULL;
    for (size_t i = 0; i < sizeof guarded / sizeof *guarded; i++)
        if (mxc_ip_within(ip, &guarded[i].block) && (!found || guarded[i].block.prefix > found->block.prefix))
            found = &guarded[i];
    return found;
}
