/* demand.c: listeners for connections whose ports nobody can list ahead. The filter tells of each connection before it
 * is made; the keeper reads where it goes, lets a spare socket listen exactly there, hands it to the relay, and lets the
 * call go on. What was read is a hint and decides nothing: there is no way out of that network but to a listener of the
 * relay's, and the relay asks the kernel where a connection really went. Who lies, or changes the address meanwhile,
 * meets no listener. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "keeper/keeper.h"

#define NAMES_PORT 53
#define FEW (MXC_NET_MAX_SPARES - MXC_MAX_MESSAGE_FDS) /* more are asked for below it */

enum { FLAG_CONTINUE = 1 }; /* SECCOMP_USER_NOTIF_FLAG_CONTINUE */

/* Started by root: whoever made the sandbox's namespaces may read there and take ports below 1024, and that are the
 * effective ids which root lent itself for it (start.c). One of them stays as the saved one. */
static int lend(const struct mxc_keeper *keeper, int on) {
    if (!keeper->apply.session)
        return 0;
    return (int)mxc_sys(SYS_setresuid, -1, on ? keeper->apply.host_uid : 0, -1);
}

static void lend_no_more(const struct mxc_keeper *keeper) {
    if (lend(keeper, 0) < 0) /* out of memory for a moment; without its own id it could not clean up */
        (void)lend(keeper, 0);
}

static int read_inside(pid_t pid, uint64_t from, void *to, size_t length) {
    struct iovec here = {.iov_base = to, .iov_len = length};
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): an address of another process */
    struct iovec there = {.iov_base = (void *)(uintptr_t)from, .iov_len = length};
    long got = mxc_sys(SYS_process_vm_readv, pid, &here, 1, &there, 1, 0);
    return got < 0 ? (int)got : (size_t)got == length ? 0 : -EFAULT;
}

int mxc_demand_begin(struct mxc_keeper *keeper) {
    const struct mxc_op *relay = mxc_plan_find(&keeper->plan, MXC_OP_RELAY);
    const struct mxc_op *spares = mxc_plan_find(&keeper->plan, MXC_OP_SPARES);
    char byte;
    if (!spares)
        return 0;
    if (!relay || mxc_net_view(&keeper->demand.rules, keeper->plan.blobs + relay->blob, relay->blob_length) != 0)
        return -EINVAL;
    long result =
        keeper->apply.session ? mxc_sys(SYS_setresuid, -1, keeper->apply.host_uid, keeper->apply.host_uid) : 0;
    if (result < 0)
        return (int)result;
    /* Nothing is at address 0, which is said only to those who may read; a security module may forbid it to all. */
    result = read_inside(keeper->init_pid, 0, &byte, sizeof byte);
    lend_no_more(keeper);
    if (result != -EFAULT)
        return result < 0 ? (int)result : -EPERM;
    keeper->demand.told = (uint32_t)spares->b;
    return 0;
}

/* ---- spare sockets ---- */

/* One question and one answer at a time. */
static void ask_for_more(struct mxc_keeper *keeper) {
    struct mxc_demand *demand = &keeper->demand;
    const struct mxc_message message = {.kind = MXC_MSG_SPARES, .a = MXC_MAX_MESSAGE_FDS};
    if (!demand->asked && demand->spare_count <= FEW && keeper->ready && keeper->init >= 0)
        demand->asked = mxc_message_send(keeper->init, &message, NULL, 0) == 0;
}

void mxc_demand_take(struct mxc_keeper *keeper, const int *fds, unsigned int count) {
    struct mxc_demand *demand = &keeper->demand;
    for (unsigned int i = 0; i < count; i++) {
        if (demand->spare_count < MXC_NET_MAX_SPARES && demand->told)
            demand->spare[demand->spare_count++] = fds[i];
        else
            close(fds[i]);
    }
    demand->asked = 0;
    demand->dry = !count; /* init can have no more now; the next connection asks again */
    if (count)
        ask_for_more(keeper);
}

/* ---- where a connection goes ---- */

static const struct told_call {
    int number;
    enum mxc_told_call bit;
    int address, length; /* arguments; length -1: `address` is that of a message header */
} calls[] = {
    {SYS_connect, MXC_TOLD_CONNECT, 1, 2},
    {SYS_sendto, MXC_TOLD_SENDTO, 4, 5},
    {SYS_sendmsg, MXC_TOLD_SENDMSG, 1, -1},
    {SYS_sendmmsg, MXC_TOLD_SENDMMSG, 1, -1},
};

static const struct told_call *call_of(const struct mxc_keeper *keeper, int number) {
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (calls[i].number == number && (keeper->demand.told & calls[i].bit))
            return &calls[i];
    return NULL;
}

/* 0, or -errno; nothing is known of the bytes. */
static int read_address(const struct seccomp_notif *request, const struct told_call *call, uint8_t bytes[28]) {
    struct {
        uint64_t name;
        uint32_t length;
    } __attribute__((packed)) header = {request->data.args[call->address], 0}; /* how a struct msghdr begins */
    if (call->length >= 0)
        header.length = (uint32_t)request->data.args[call->length];
    else if (read_inside((pid_t)request->pid, request->data.args[call->address], &header, sizeof header) != 0)
        return -EFAULT;
    if (header.length < sizeof(struct sockaddr_in) || !header.name)
        return -EINVAL;
    return read_inside((pid_t)request->pid, header.name, bytes,
                       header.length < sizeof(struct sockaddr_in6) ? header.length : sizeof(struct sockaddr_in6));
}

static int target_of(struct mxc_target *target, const uint8_t bytes[28]) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    memcpy(&v4, bytes, sizeof v4);
    memcpy(&v6, bytes, sizeof v6);
    target->port = ntohs(v4.sin_port);
    if (v4.sin_family == AF_INET) {
        memcpy(target->address, mapped, sizeof mapped);
        memcpy(target->address + sizeof mapped, &v4.sin_addr, 4);
        return 0;
    }
    memcpy(target->address, &v6.sin6_addr, 16);
    return v6.sin6_family == AF_INET6 ? 0 : -1;
}

/* Loopback, and the addresses that the kernel takes for it, are the sandbox's own. */
static int is_its_own(const uint8_t address[16]) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    uint8_t rest = 0;
    if (memcmp(address, mapped, sizeof mapped) == 0)
        return address[12] == 0 || address[12] == 127;
    for (int i = 0; i < 15; i++)
        rest |= address[i];
    return !rest && address[15] <= 1;
}

/* By the rules that the sandbox was opened with; those of now are the relay's to know. */
static int may_listen(const struct mxc_keeper *keeper, const struct mxc_target *target) {
    if (!target->port || target->port == NAMES_PORT || is_its_own(target->address))
        return 0;
    for (unsigned int i = 0; i < keeper->apply.published_count; i++)
        if (keeper->apply.published[i].port == target->port)
            return 0; /* a program inside is to listen there */
    return mxc_net_grants_port(&keeper->demand.rules, target->port);
}

/* ---- listeners ---- */

static int is_at(const struct mxc_demanded *place, const struct mxc_target *target) {
    return place->at.port == target->port && memcmp(place->at.address, target->address, sizeof target->address) == 0;
}

/* Where it listens already, or the place that was longest without a connection. */
static struct mxc_demanded *place_for(struct mxc_demand *demand, const struct mxc_target *target) {
    struct mxc_demanded *found = &demand->place[0];
    for (unsigned int i = 0; i < MXC_NET_MAX_DEMANDED; i++) {
        struct mxc_demanded *place = &demand->place[i];
        if (is_at(place, target))
            return place;
        if (place->used < found->used)
            found = place;
    }
    return found;
}

/* A socket that could not be bound is as good as before: somebody inside listens there, and is who will be met. */
static int listen_at(struct mxc_keeper *keeper, const struct mxc_target *target) {
    struct mxc_demand *demand = &keeper->demand;
    int fd = demand->spare[demand->spare_count - 1];
    int result = lend(keeper, 1);
    if (result == 0)
        result = mxc_spare_bind(fd, target->address, target->port);
    lend_no_more(keeper);
    if (result < 0)
        return result;
    demand->spare_count--;
    result = mxc_spare_listen(fd);
    if (result == 0)
        return fd;
    close(fd);
    return result;
}

/* 0: done, or it cannot be done; 1: later, when there are spares again, or the relay has read what it was sent. */
static int open_listener(struct mxc_keeper *keeper, const struct mxc_target *target) {
    struct mxc_demand *demand = &keeper->demand;
    struct mxc_demanded *place = place_for(demand, target);
    const struct mxc_message message = {.kind = MXC_MSG_DEMANDED, .a = (uint64_t)(place - demand->place)};
    demand->full = 0;
    if (is_at(place, target)) {
        place->used = ++demand->uses;
        return 0;
    }
    if (!demand->spare_count) {
        if (!demand->dry)
            ask_for_more(keeper);
        return demand->asked && keeper->init >= 0;
    }
    MXC_AUTO_FD int fd = listen_at(keeper, target);
    int result = fd < 0 ? fd : mxc_relay_hand_over(keeper, &message, &fd, 1);
    demand->full = fd >= 0 && result == -EAGAIN;
    if (result == 0)
        *place = (struct mxc_demanded){.at = *target, .used = ++demand->uses};
    return demand->full;
}

static void let_go_on(const struct mxc_keeper *keeper, uint64_t id) {
    struct seccomp_notif_resp answer = {.id = id, .flags = FLAG_CONTINUE};
    (void)ioctl(keeper->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer); /* ENOENT: the caller was killed meanwhile */
}

void mxc_demand_again(struct mxc_keeper *keeper, int relay_reads) {
    struct mxc_demand *demand = &keeper->demand;
    if (demand->full && !relay_reads && keeper->relay >= 0)
        return;
    if (!demand->waiting || open_listener(keeper, &demand->wanted))
        return;
    demand->waiting = 0;
    ask_for_more(keeper);
    let_go_on(keeper, demand->caller);
}

int mxc_demand_answer(struct mxc_keeper *keeper, const struct seccomp_notif *request) {
    struct mxc_demand *demand = &keeper->demand;
    const struct told_call *call = call_of(keeper, request->data.nr);
    uint8_t bytes[sizeof(struct sockaddr_in6)] = {0};
    if (!call)
        return 0;
    demand->dry = 0;
    int result = lend(keeper, 1);
    if (result == 0)
        result = read_address(request, call, bytes);
    lend_no_more(keeper);
    /* Only while the caller still waits were the bytes its own: its number may be another's by now. */
    if (result == 0 && ioctl(keeper->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &request->id) == 0 &&
        target_of(&demand->wanted, bytes) == 0 && may_listen(keeper, &demand->wanted))
        demand->waiting = open_listener(keeper, &demand->wanted);
    demand->caller = request->id;
    ask_for_more(keeper);
    if (!demand->waiting)
        let_go_on(keeper, request->id);
    return 1;
}
