/* refused.c: sockets that hear what the sandbox's own network refuses, for the relay's record. A connection to a port on
 * which nobody listens ends inside the kernel, and nobody would know of it: but the refusal passes over lo like
 * everything else. Raw sockets, since packet sockets take 10 ms to close. Where somebody forbids them the record has less,
 * and nothing else is different. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "ops/ops.h"

#define ENOUGH 80 /* bytes of a packet: the relay reads no more (relay/refused.c) */
#define LOAD(size, at) BPF_STMT(BPF_LD | BPF_##size | BPF_ABS, (at))
#define BEHIND(size, at) BPF_STMT(BPF_LD | BPF_##size | BPF_IND, (at))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))
#define IF(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (skip), 0)

/* The answer to a first packet that nobody wanted, and to no other one, is a reset that acknowledges and has the
 * sequence number 0 (RFC 9293, 3.10.7.1). */
static const struct sock_filter v4[] = {
    LOAD(B, 12), /* from: */
    IF(127, 9),  /* its own loopback is the sandbox's own affair */
    LOAD(B, 9),  /* protocol: */
    UNLESS(IPPROTO_TCP, 7),
    BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), /* behind the header of IP: */
    BEHIND(B, 13),                          /* flags */
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x3f),
    UNLESS(0x14, 3), /* RST, ACK */
    BEHIND(W, 4),    /* sequence number */
    UNLESS(0, 1),
    BPF_STMT(BPF_RET | BPF_K, ENOUGH),
    BPF_STMT(BPF_RET | BPF_K, 0),
};
/* Of IPv6 the kernel gives what is behind the header. */
static const struct sock_filter v6[] = {
    LOAD(B, 13),
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x3f),
    UNLESS(0x14, 3),
    LOAD(W, 4),
    UNLESS(0, 1),
    BPF_STMT(BPF_RET | BPF_K, ENOUGH),
    BPF_STMT(BPF_RET | BPF_K, 0),
};

/* Nothing inside speaks before this, so no packet comes that the filter has not seen. */
static int hear(int family, const struct sock_filter *filter, size_t count) {
    const struct sock_fprog program = {.len = (unsigned short)count, .filter = (struct sock_filter *)filter};
    const int one = 1;
    MXC_AUTO_FD int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof one) != 0)
        return -errno;
    return mxc_take_fd(&fd);
}

void mxc_hear_refused(struct mxc_apply *apply) {
    const int fds[2] = {hear(AF_INET, v4, sizeof v4 / sizeof *v4), hear(AF_INET6, v6, sizeof v6 / sizeof *v6)};
    for (int i = 0; i < 2; i++)
        if (fds[i] >= 0)
            apply->refused[apply->refused_count++] = fds[i];
}
