/* main.c: the relay program. Started by the keeper with two descriptors (plan/channel.h) and nothing else; takes no
 * arguments, reads no environment, and ends when the keeper does. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "plan/plan.h"
#include "relay/relay.h"

/* Large and zero at first: its pages come into being when they are used. */
static struct mxc_relay relay;

static int load_rules(void) {
    struct mxc_plan_view plan;
    struct stat info;
    if (fstat(MXC_KEEPER_FD_PLAN, &info) != 0 || info.st_size <= 0 || info.st_size > (off_t)MXC_PLAN_MAX_BYTES)
        return -1;
    const void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, MXC_KEEPER_FD_PLAN, 0);
    close(MXC_KEEPER_FD_PLAN);
    if (bytes == MAP_FAILED || mxc_plan_view(&plan, bytes, (size_t)info.st_size) != 0)
        return -1;
    relay.on_demand = mxc_plan_find(&plan, MXC_OP_SPARES) != NULL;
    const struct mxc_op *op = mxc_plan_find(&plan, MXC_OP_RELAY);
    return op ? mxc_net_view(&relay.rules, plan.blobs + op->blob, op->blob_length) : -1;
}

/* Names without a wildcard get their addresses first: always the same ones, and no flood of others takes them. */
static void add_granted_names(void) {
    for (uint32_t i = 0; i < relay.rules.entry_count; i++) {
        const struct mxc_net_entry *entry = &relay.rules.entries[i];
        const char *name = relay.rules.text + entry->name;
        uint32_t rule = 0;
        if (entry->kind == MXC_NET_HOST && entry->allow && *name != '*' &&
            mxc_rules_know_name(&relay.rules, name, &rule) == MXC_PERMITTED)
            (void)mxc_names_add(&relay.names, name);
    }
}

static int prepare(void) {
    struct mxc_watched control = {.fd = MXC_KEEPER_FD_CONTROL};
    relay.control = MXC_KEEPER_FD_CONTROL;
    for (unsigned int i = 0; i < MXC_RELAY_LOOKUPS; i++)
        relay.lookup[i] = (struct mxc_lookup){.name = -1, .socket = {.fd = -1}};
    for (unsigned int i = 0; i < MXC_RELAY_QUESTIONS; i++)
        relay.question[i].socket.fd = -1;
    for (unsigned int i = 0; i < MXC_RELAY_BUFFERS; i++)
        relay.free_buffer[i] = (int)i;
    relay.free_buffers = MXC_RELAY_BUFFERS;
    add_granted_names();
    mxc_relay_read_settings(&relay);
    mxc_relay_clock(&relay);
    relay.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (relay.epoll < 0 || mxc_relay_watch(&relay, &control, EPOLLIN, MXC_ON_CONTROL, 0) != 0)
        return -1;
    return mxc_relay_confine(&relay);
}

int main(void) {
    prctl(PR_SET_NAME, "mxc-relay", 0, 0, 0);
    signal(SIGPIPE, SIG_IGN); /* splice() has no MSG_NOSIGNAL */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || load_rules() != 0 || prepare() != 0 ||
        mxc_relay_tell(&relay, MXC_RELAY_READY) != 0)
        return 1;
    return mxc_relay_run(&relay) == 0 ? 0 : 1;
}
