/* settings.c: the host's name servers and hosts file, read once before the relay gives up its files. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>

#include "base/text.h"
#include "relay/relay.h"

static int parse_ip(struct mxc_ip *ip, const char *text) {
    uint8_t address[16];
    if (inet_pton(AF_INET, text, address) == 1)
        *ip = mxc_ip_v4(address);
    else if (inet_pton(AF_INET6, text, address) == 1)
        *ip = mxc_ip_v6(address);
    else
        return -1;
    return 0;
}

/* The next word of a line in `word` (one that does not fit becomes ""); NULL at its end or at a comment. */
static const char *next_word(const char *at, char *word, size_t room) {
    at += strspn(at, " \t\r");
    size_t length = strcspn(at, " \t\r\n#;");
    if (!length)
        return NULL;
    if (length < room)
        memcpy(word, at, length);
    word[length < room ? length : 0] = 0;
    return at + length;
}

static const char *next_line(const char *at) {
    at += strcspn(at, "\n");
    return *at ? at + 1 : NULL;
}

static void read_servers(struct mxc_relay *relay, const char *text) {
    static const uint8_t loopback[4] = {127, 0, 0, 1};
    char word[64];
    for (const char *line = text; line; line = next_line(line)) {
        const char *rest = next_word(line, word, sizeof word);
        if (!rest || strcmp(word, "nameserver") != 0 || !next_word(rest, word, sizeof word))
            continue;
        word[strcspn(word, "%")] = 0;
        if (relay->server_count < MXC_RELAY_SERVERS && parse_ip(&relay->server[relay->server_count], word) == 0)
            relay->server_count++;
    }
    if (!relay->server_count) /* as resolv.conf(5) has it */
        relay->server[relay->server_count++] = mxc_ip_v4(loopback);
}

void mxc_relay_read_settings(struct mxc_relay *relay) {
    char text[4096];
    long got = mxc_file_read(AT_FDCWD, "/etc/resolv.conf", text, sizeof text);
    read_servers(relay, got > 0 ? text : "");
    if (mxc_file_read(AT_FDCWD, "/etc/hosts", relay->hosts, sizeof relay->hosts) < 0)
        relay->hosts[0] = 0;
}

static int line_names(const char *rest, const char *name) {
    char word[MXC_HOSTNAME_MAX + 2], canonical[MXC_HOSTNAME_MAX + 1];
    while ((rest = next_word(rest, word, sizeof word)))
        if (mxc_hostname_canonical(canonical, word, strlen(word)) == 0 && strcmp(canonical, name) == 0)
            return 1;
    return 0;
}

uint32_t mxc_hosts_find(const struct mxc_relay *relay, const char *name, struct mxc_ip *out, uint32_t room) {
    uint32_t count = 0;
    char word[64];
    for (const char *line = relay->hosts; line && count < room; line = next_line(line)) {
        const char *rest = next_word(line, word, sizeof word);
        if (rest && line_names(rest, name) && parse_ip(&out[count], word) == 0)
            count++;
    }
    return count;
}
