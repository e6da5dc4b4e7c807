/* canonical.c: what base and relay make of names and addresses, line by line, for canonical.py to compare.
 *   h HEX           the canonical host name, or "-"
 *   w INNER OUTER   1 when INNER lies within the pattern
 *   g ADDRESS       0: not guarded; 1: guarded unless a rule points at it; 2: never dialled */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/hostname.h"
#include "relay/address.h"

static void host(const char *hex) {
    char text[1024], name[MXC_HOSTNAME_MAX + 1];
    size_t length = 0;
    unsigned int byte;
    for (; length < sizeof text && sscanf(hex + 2 * length, "%2x", &byte) == 1; length++)
        text[length] = (char)byte;
    puts(mxc_hostname_canonical(name, text, length) == 0 ? name : "-");
}

static void guard(const char *text) {
    uint8_t bytes[16];
    int v4 = inet_pton(AF_INET, text, bytes) == 1;
    if (!v4 && inet_pton(AF_INET6, text, bytes) != 1) {
        puts("-");
        return;
    }
    struct mxc_ip ip = v4 ? mxc_ip_v4(bytes) : mxc_ip_v6(bytes);
    const struct mxc_guarded *found = mxc_guard(&ip);
    printf("%d\n", found ? 1 + found->never : 0);
}

int main(void) {
    char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        char *second = strchr(line + 2, ' ');
        if (line[0] == 'h') {
            host(line + 2);
        } else if (line[0] == 'g') {
            guard(line + 2);
        } else if (second) {
            *second = 0;
            printf("%d\n", mxc_hostname_within(line + 2, second + 1));
        }
    }
    return 0;
}
