/* hostname_fuzz.c: one spelling per host name. What is accepted is its own canonical form, is no address to anybody, and
 * lies below a suffix only at a dot. The first half of an input is a name, the second a pattern. */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "base/hostname.h"
#include "fuzz/fuzz.h"

static void is_canonical(const char *name, const char *text, size_t length) {
    char again[MXC_HOSTNAME_MAX + 1];
    struct in_addr v4;
    struct in6_addr v6;
    size_t own = strlen(name);
    FUZZ_HOLDS(own >= 1 && own <= MXC_HOSTNAME_MAX && (own == length || own + 1 == length));
    FUZZ_HOLDS(mxc_hostname_fault(name) == NULL);
    FUZZ_HOLDS(mxc_hostname_canonical(again, name, own) == 0 && strcmp(again, name) == 0);
    FUZZ_HOLDS(inet_aton(name, &v4) == 0 && inet_pton(AF_INET6, name, &v6) != 1);
    FUZZ_HOLDS(name[0] != '.' && name[own - 1] != '.' && !strstr(name, ".."));
    for (size_t i = 0; i < own; i++) {
        FUZZ_HOLDS(tolower((unsigned char)text[i]) == name[i]);
        FUZZ_HOLDS(name[i] > ' ' && name[i] < 127 && !isupper((unsigned char)name[i]) &&
                   !strchr("*:/\\@[]%#?", name[i]));
    }
}

static void lies_below(const char *name, const char *pattern) {
    size_t in = strlen(name), suffix = strlen(pattern + 1); /* with its dot */
    int within = mxc_hostname_within(name, pattern);
    int wanted = in > suffix && strcmp(name + in - suffix, pattern + 1) == 0;
    FUZZ_HOLDS(within == wanted);
    FUZZ_HOLDS(!mxc_hostname_within(pattern + 2, pattern));
    FUZZ_HOLDS(mxc_hostname_within(name, name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char name[MXC_HOSTNAME_MAX + 1], pattern[MXC_HOSTNAME_MAX + 3] = "*.";
    const char *text = (const char *)data, *split = size ? memchr(data, '|', size) : NULL;
    size_t length = split ? (size_t)(split - text) : size;
    fuzz_accepted = mxc_hostname_canonical(name, text, length) == 0;
    if (!fuzz_accepted)
        return 0;
    is_canonical(name, text, length);
    if (split && mxc_hostname_canonical(pattern + 2, split + 1, size - length - 1) == 0)
        lies_below(name, pattern);
    return 0;
}
