/* guarded.c: see guarded.h. The blocks are those of the IANA special-purpose registries, the metadata services of the
 * large clouds, and the forms that carry an IPv4 address inside an IPv6 one. */
#include "base/guarded.h"

#define V4(a, b, c, d, bits, never_) \
    { \
        .family = 4, .prefix = (bits), .never = (never_), .address = { a, b, c, d } \
    }
#define V6(bits, never_, ...) \
    { \
        .family = 6, .prefix = (bits), .never = (never_), .address = { __VA_ARGS__ } \
    }

const struct mxc_guarded mxc_guarded_blocks[] = {
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
    {0},
};
