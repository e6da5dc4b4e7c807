/* host.c: one spelling per name and per address. A filter that decides on one spelling and a resolver that reads
 * another is the classic hole (127.1, 0x7f.1, 0177.0.0.1, ::ffff:127.0.0.1), so all others are refused. */
#include "policy/host.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hostname.h"
#include "policy/checks.h"

static mxc_status refuse(mxc_error **err, const char *origin, const char *hint, const char *what, const char *text) {
    struct mxc_quote quote;
    return mxc_fail(err, MXC_E_POLICY_INVALID, MXC_FAULT(.origin = origin, .hint = hint), "%s: %s", what,
                    mxc_quoted(&quote, text));
}

static int digit(char c) { return c >= '0' && c <= '9'; }

/* A decimal number without sign, leading zero or anything behind it, up to `high`; -1 otherwise. */
static long decimal(const char *text, size_t length, long high) {
    long value = 0;
    if (length == 0 || length > 9 || (length > 1 && text[0] == '0'))
        return -1;
    for (size_t i = 0; i < length; i++) {
        if (!digit(text[i]))
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value <= high ? value : -1;
}

int mxc_port_parse(uint16_t *out, const char *text) {
    long value = decimal(text, strlen(text), 65535);
    if (value < 1)
        return -1;
    *out = (uint16_t)value;
    return 0;
}

/* ---- names -------------------------------------------------------------------------------------------------------- */

static char *lower_without_dot(const char *text) {
    size_t length = strlen(text);
    char *name = mxc_strndup(text, length > 1 && text[length - 1] == '.' ? length - 1 : length);
    for (char *c = name; c && *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return name;
}

mxc_status mxc_host_parse(char **out, const char *text, const char *origin, mxc_error **err) {
    static const char addresses[] = "write addresses as {\"cidr\": \"192.0.2.7\"}, in the usual spelling";
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c >= 0x80)
            return refuse(err, origin, "write the name in its ASCII form (xn--...)",
                          "the host name has characters outside ASCII", text);
    if (strcmp(text, "*") == 0)
        return refuse(err, origin, "to allow every host set network.egress.default to \"allow\"",
                      "\"*\" alone is not a host pattern", text);
    if (strpbrk(text, "/:@?#[]%"))
        return refuse(err, origin, "write the name alone, without scheme, port and path", "this is not a host name",
                      text);
    MXC_AUTO_FREE char *name = lower_without_dot(text);
    if (!name)
        return mxc_fail_memory(err);
    const char *fault = mxc_hostname_fault(strncmp(name, "*.", 2) == 0 ? name + 2 : name);
    if (fault)
        return refuse(err, origin,
                      strncmp(fault, "this is an", 10) == 0
                          ? addresses
                          : "write a name such as \"example.org\" or \"*.example.com\"",
                      fault, text);
    *out = mxc_take(name);
    return MXC_OK;
}

int mxc_host_within(const char *inner, const char *outer) { return mxc_hostname_within(inner, outer); }

/* ---- addresses ------------------------------------------------------------------------------------------------------ */

static int parse_v4(uint8_t address[16], const char *text) {
    for (int i = 0; i < 4; i++) {
        size_t length = strcspn(text, ".");
        long value = decimal(text, length, 255);
        if (value < 0 || (i < 3) != (text[length] == '.'))
            return -1;
        address[i] = (uint8_t)value;
        text += length + (i < 3);
    }
    return 0;
}

static int host_bits_zero(const struct mxc_cidr *cidr) {
    int bits = cidr->family == 4 ? 32 : 128;
    for (int bit = cidr->prefix; bit < bits; bit++)
        if (cidr->address[bit / 8] & (0x80 >> (bit % 8)))
            return 0;
    return 1;
}

static int is_mapped_v4(const struct mxc_cidr *cidr) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return cidr->family == 6 && memcmp(cidr->address, mapped, sizeof mapped) == 0;
}

/* Splits "ADDRESS/PREFIX"; the prefix may be missing. */
static int parse_cidr(struct mxc_cidr *cidr, const char *text) {
    char address[64];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : strlen(text);
    if (length >= sizeof address)
        return -1;
    memcpy(address, text, length);
    address[length] = 0;
    cidr->family = strchr(address, ':') ? 6 : 4;
    if (cidr->family == 6 ? inet_pton(AF_INET6, address, cidr->address) != 1 : parse_v4(cidr->address, address))
        return -1;
    int bits = cidr->family == 4 ? 32 : 128;
    long prefix = slash ? decimal(slash + 1, strlen(slash + 1), bits) : bits;
    cidr->prefix = (uint8_t)prefix;
    return prefix < 0 ? -1 : 0;
}

mxc_status mxc_cidr_parse(struct mxc_cidr *out, const char *text, const char *origin, mxc_error **err) {
    struct mxc_cidr cidr = {0};
    if (parse_cidr(&cidr, text))
        return refuse(err, origin, "write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32; names go into \"host\"",
                      "this is not an address or address block in the usual spelling", text);
    if (is_mapped_v4(&cidr))
        return refuse(err, origin, "write the IPv4 form; it holds for both", "this is an IPv4 address in IPv6 clothes",
                      text);
    if (!host_bits_zero(&cidr))
        return refuse(err, origin, "write the first address of the block, or a longer prefix",
                      "the bits behind the prefix are not zero", text);
    *out = cidr;
    return MXC_OK;
}

const char *mxc_cidr_format(char text[MXC_CIDR_TEXT], const struct mxc_cidr *cidr) {
    inet_ntop(cidr->family == 4 ? AF_INET : AF_INET6, cidr->address, text, MXC_CIDR_TEXT - 5);
    size_t used = strlen(text);
    snprintf(text + used, MXC_CIDR_TEXT - used, "/%d", cidr->prefix);
    return text;
}

int mxc_cidr_within(const struct mxc_cidr *inner, const struct mxc_cidr *outer) {
    int whole = outer->prefix / 8, rest = outer->prefix % 8;
    if (inner->family != outer->family || inner->prefix < outer->prefix ||
        memcmp(inner->address, outer->address, (size_t)whole) != 0)
        return 0;
    return rest == 0 || ((inner->address[whole] ^ outer->address[whole]) & (0xff00 >> rest) & 0xff) == 0;
}

int mxc_cidr_compare(const struct mxc_cidr *a, const struct mxc_cidr *b) {
    if (a->family != b->family)
        return a->family - b->family;
    int order = memcmp(a->address, b->address, sizeof a->address);
    return order ? order : a->prefix - b->prefix;
}
