/* names.c: see names.h. Nothing is ever taken out, so an address means one name for the whole run; a sandbox that asks
 * for more names than there is room for is told that the server fails, and nobody else notices. */
#include "relay/names.h"

#include <string.h>

#define BUCKETS (MXC_NAMES_MAX * 2)
#define FIRST 256u /* 198.18.1.0: what ends in .0.0 to .0.255 is left out, some programs take it for a network */

static const uint8_t prefix6[8] = {0xfd, 0x6d, 0x78, 0x63, 0x72, 0x65, 0, 1};

static uint32_t hash(const char *text) {
    uint32_t sum = 2166136261u;
    for (; *text; text++)
        sum = (sum ^ (uint8_t)*text) * 16777619u;
    return sum;
}

int mxc_names_add(struct mxc_names *names, const char *name) {
    uint32_t at = hash(name) % BUCKETS;
    for (; names->bucket[at]; at = (at + 1) % BUCKETS)
        if (strcmp(names->entry[names->bucket[at] - 1].text, name) == 0)
            return names->bucket[at] - 1;
    size_t length = strlen(name);
    if (names->count == MXC_NAMES_MAX || length > MXC_HOSTNAME_MAX)
        return -1;
    memcpy(names->entry[names->count].text, name, length + 1);
    names->bucket[at] = (uint16_t)(names->count + 1);
    return (int)names->count++;
}

struct mxc_ip mxc_names_address(uint32_t number, int family) {
    uint32_t offset = number + FIRST;
    uint8_t address[16] = {198, (uint8_t)(18 + (offset >> 16)), (uint8_t)(offset >> 8), (uint8_t)offset};
    if (family == 4)
        return mxc_ip_v4(address);
    memcpy(address, prefix6, sizeof prefix6);
    memset(address + 8, 0, 4);
    address[12] = (uint8_t)(offset >> 24);
    address[13] = (uint8_t)(offset >> 16);
    address[14] = (uint8_t)(offset >> 8);
    address[15] = (uint8_t)offset;
    return mxc_ip_v6(address);
}

int mxc_names_synthetic(const struct mxc_ip *ip) {
    if (ip->family == 4)
        return ip->address[0] == 198 && (ip->address[1] & 0xfe) == 18;
    return memcmp(ip->address, prefix6, sizeof prefix6) == 0;
}

int mxc_names_find(const struct mxc_names *names, const struct mxc_ip *ip) {
    const uint8_t *a = ip->address;
    if (!mxc_names_synthetic(ip))
        return -1;
    uint32_t offset = ip->family == 4 ? (uint32_t)(a[1] & 1) << 16 | (uint32_t)a[2] << 8 | a[3]
                                      : (uint32_t)a[12] << 24 | (uint32_t)a[13] << 16 | (uint32_t)a[14] << 8 | a[15];
    uint32_t number = offset - FIRST;
    if (offset < FIRST || number >= names->count)
        return -1;
    struct mxc_ip own = mxc_names_address(number, ip->family);
    return mxc_ip_equal(&own, ip) ? (int)number : -1; /* nothing in the bits between */
}
