/* rules_update_fuzz.c: the message with which a running sandbox gets other rules, and the memory that comes with it, to
 * the relay's own code. Rules hold as a whole or not at all: the host hears of them when they do, every connection that
 * they do not grant is cut, a denial wins, and every descriptor is closed. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hostname.h"
#include "fuzz/fuzz.h"
#include "relay/relay.h"

#define LINKS 4

static struct mxc_relay relay;
static const char first_text[] = "\0*.test\0/network/egress/allow/0";
static const struct mxc_net_entry first[] = {
    {.kind = MXC_NET_HOST, .allow = 1, .protocols = MXC_NET_TCP, .port = 1, .end_port = 65535, .name = 1, .origin = 8}};

static void add_link(uint32_t number, enum mxc_link_state state, const char *name, const char address[4],
                     uint16_t port) {
    struct mxc_link *link = &relay.link[number];
    *link = (struct mxc_link){.state = state,
                              .id = number + 1,
                              .inner = {.fd = -1},
                              .outer = {.fd = -1},
                              .out = {.buffer = -1, .pipe = -1},
                              .in = {.buffer = -1, .pipe = -1},
                              .protocol = MXC_NET_TCP,
                              .port = port,
                              .name = name ? mxc_names_add(&relay.names, name) : -1,
                              .rule = MXC_NET_NO_ENTRY,
                              .candidate_count = state == MXC_LINK_OPEN};
    link->candidates[0] = mxc_ip_v4((const uint8_t *)address);
}

static void set_up(int control) {
    relay.control = control;
    relay.epoll = -1;
    relay.link_room = LINKS;
    relay.waiting = 1;
    relay.generation = 0;
    relay.rules_at = 0;
    relay.rules = (struct mxc_net_rules_view){first, NULL, first_text, 1};
    add_link(0, MXC_LINK_OPEN, "a.test", "\xc0\0\2\7", 80);
    add_link(1, MXC_LINK_OPEN, NULL, "\xc0\0\2\7", 80);
    add_link(2, MXC_LINK_RESOLVING, "b.a.test", "\0\0\0\0", 443);
    add_link(3, MXC_LINK_OPEN, NULL, "\x7f\0\0\1", 8000);
    relay.link[1].protocol = relay.link[2].protocol = MXC_NET_UDP;
    relay.link[3].inbound = 1;
    relay.dialers = relay.resting_count = 0;
}

/* Whether an entry of that kind of permission is about the name; written again, and simply. */
static int says(int allow, const struct mxc_link *link) {
    const char *name = relay.names.entry[link->name].text;
    for (uint32_t i = 0; i < relay.rules.entry_count; i++) {
        const struct mxc_net_entry *entry = &relay.rules.entries[i];
        const char *pattern = relay.rules.text + entry->name;
        if (entry->kind != MXC_NET_HOST || entry->allow != allow || !(entry->protocols & link->protocol) ||
            (entry->port && (link->port < entry->port || link->port > entry->end_port)))
            continue;
        if (strcmp(pattern, "*") == 0 || strcmp(pattern, name) == 0 ||
            (strncmp(pattern, "*.", 2) == 0 && strlen(name) > strlen(pattern + 1) &&
             strcmp(name + strlen(name) - strlen(pattern + 1), pattern + 1) == 0))
            return 1;
    }
    return 0;
}

static void look_at_links(int taken) {
    for (uint32_t i = 0; i < LINKS; i++) {
        const struct mxc_link *link = &relay.link[i];
        FUZZ_HOLDS(taken || link->state != MXC_LINK_FREE);
        if (!taken || link->state == MXC_LINK_FREE)
            continue;
        FUZZ_HOLDS(link->name < 0 || (says(1, link) && !says(0, link)));
        FUZZ_HOLDS(link->name >= 0 || (link->rule != MXC_NET_NO_ENTRY && relay.rules.entries[link->rule].allow &&
                                       (relay.rules.entries[link->rule].protocols & link->protocol)));
    }
}

static int made_memory(const uint8_t *rules, size_t size) {
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_HOLDS(fd >= 0 && write(fd, rules, size) == (ssize_t)size);
    return fd;
}

static unsigned int open_ones(const int *fds, unsigned int count) {
    unsigned int found = 0;
    for (unsigned int i = 0; i < count; i++)
        found += fcntl(fds[i], F_GETFD) >= 0;
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input input = {data, size};
    unsigned int count = (unsigned int)fuzz_number(&input, 1) % 4;
    struct mxc_message message = {.kind = MXC_MSG_RULES, .id = (uint32_t)fuzz_number(&input, 3)};
    int control[2], answer[2], fds[3];
    char said = 0;
    int8_t more = (int8_t)fuzz_number(&input, 1); /* the message's own idea of the length */
    message.a = input.size + (uint64_t)(int64_t)more;
    FUZZ_HOLDS(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) == 0);
    FUZZ_HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, answer) == 0);
    fds[0] = made_memory(input.data, input.size);
    fds[1] = answer[1];
    fds[2] = dup(answer[1]);
    for (unsigned int i = count; i < 3; i++)
        close(fds[i]);
    set_up(control[1]);
    mxc_relay_update(&relay, &message, fds, count);
    FUZZ_HOLDS(open_ones(fds, count) == 0);
    ssize_t heard = recv(answer[0], &said, 1, MSG_DONTWAIT);
    int taken = relay.rules.entries != first;
    FUZZ_HOLDS(heard == taken && said == taken);
    FUZZ_HOLDS(relay.generation == (taken ? message.id : 0));
    look_at_links(taken);
    fuzz_accepted = taken;
    close(answer[0]);
    close(control[0]);
    close(control[1]);
    return 0;
}
