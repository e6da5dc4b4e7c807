/* checks.c: the programs that look at arguments. The kernel takes these arguments as 32-bit (or narrower)
 * numbers and ignores what is above, so only the low word is loaded: a compare of 64 bits could be passed with
 * garbage in the upper half (CVE-2019-10063). Pointers are never followed: what they point to can change. */
#include "filter/checks.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* Targets of a jump until the program is complete. */
enum {
    TO_NEXT = 0,
    TO_LABEL_0 = 250, /* and 251 */
    TO_ALLOW = 254,
    TO_DENY = 255,
};

struct program {
    struct sock_filter *code;
    size_t count;
    size_t labels[2];
};

static void emit(struct program *p, struct sock_filter instruction) {
    if (p->count < MXC_CHECK_MAX)
        p->code[p->count] = instruction;
    p->count++;
}

static void load(struct program *p, unsigned int argument) {
    uint32_t offset = (uint32_t)(offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    offset += 4;
#endif
    emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static void keep_bits(struct program *p, uint32_t mask) {
    emit(p, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
}

static void if_equal(struct program *p, uint32_t value, uint8_t yes, uint8_t no) {
    emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no));
}

static void if_any_bit(struct program *p, uint32_t mask, uint8_t yes, uint8_t no) {
    emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, mask, yes, no));
}

static void label(struct program *p, int number) { p->labels[number] = p->count; }

static uint8_t distance(const struct program *p, size_t from, uint8_t target) {
    size_t to = from + 1 + target;
    if (target == TO_ALLOW)
        to = p->count - 2;
    else if (target == TO_DENY)
        to = p->count - 1;
    else if (target >= TO_LABEL_0)
        to = p->labels[target - TO_LABEL_0];
    return (uint8_t)(to - from - 1);
}

static size_t finish(struct program *p) {
    emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
    for (size_t i = 0; i < p->count && p->count <= MXC_CHECK_MAX; i++) {
        if (BPF_CLASS(p->code[i].code) != BPF_JMP)
            continue;
        p->code[i].jt = distance(p, i, p->code[i].jt);
        p->code[i].jf = distance(p, i, p->code[i].jf);
    }
    return p->count;
}

static void check_mode(struct program *p, unsigned int argument) {
    load(p, argument);
    if_any_bit(p, S_ISUID | S_ISGID, TO_DENY, TO_ALLOW);
}

static void check_open(struct program *p, unsigned int flags) {
    load(p, flags);
    /* O_TMPFILE is __O_TMPFILE with O_DIRECTORY; the kernel looks at the mode when either bit is there */
    if_any_bit(p, O_CREAT | (O_TMPFILE & ~O_DIRECTORY), TO_NEXT, TO_ALLOW);
    check_mode(p, flags + 1);
}

/* Landlock asks for rights to read and to write. The access mode 3 is neither (the kernel opens for ioctl alone), and
 * through such a descriptor of any file the mode and the times can be changed. Before its ABI 3 it does not know
 * O_TRUNC either, which empties a file that is opened for reading. */
static void check_seen(struct program *p, unsigned int flags) {
    load(p, flags);
    keep_bits(p, O_ACCMODE | O_TRUNC);
    if_equal(p, O_RDONLY | O_TRUNC, TO_DENY, TO_NEXT);
    keep_bits(p, O_ACCMODE);
    if_equal(p, O_ACCMODE, TO_DENY, TO_NEXT);
    check_open(p, flags);
}

static void check_node(struct program *p, unsigned int argument) {
    load(p, argument);
    if_any_bit(p, S_ISUID | S_ISGID, TO_DENY, TO_NEXT);
    keep_bits(p, S_IFMT);
    if_equal(p, 0, TO_ALLOW, TO_NEXT); /* the same as S_IFREG */
    if_equal(p, S_IFREG, TO_ALLOW, TO_NEXT);
    if_equal(p, S_IFIFO, TO_ALLOW, TO_NEXT);
    if_equal(p, S_IFSOCK, TO_ALLOW, TO_DENY);
}

/* CLONE_NEWTIME is not here: its bit is part of the exit signal in clone(2), which cannot ask for it. */
static void check_clone(struct program *p) {
    load(p, 0);
    if_any_bit(p,
               CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                   (uint32_t)CLONE_NEWNET,
               TO_DENY, TO_ALLOW);
}

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define SOCKET_TYPE_BITS 0xfu /* SOCK_TYPE_MASK of the kernel; above are SOCK_CLOEXEC and SOCK_NONBLOCK */

static void check_local(struct program *p) {
    load(p, 0);
    if_equal(p, AF_UNIX, TO_ALLOW, TO_DENY);
}

/* TCP and UDP only: MPTCP, SCTP, DCCP, UDPLITE, ping and raw sockets are more kernel and go around rules by port. */
static void check_socket(struct program *p) {
    enum { INTERNET = TO_LABEL_0, DATAGRAM = TO_LABEL_0 + 1 };
    load(p, 0);
    if_equal(p, AF_UNIX, TO_ALLOW, TO_NEXT);
    if_equal(p, AF_INET, INTERNET, TO_NEXT);
    if_equal(p, AF_INET6, INTERNET, TO_NEXT);
    if_equal(p, AF_NETLINK, TO_NEXT, TO_DENY);
    load(p, 2);
    if_equal(p, 0, TO_ALLOW, TO_DENY); /* NETLINK_ROUTE: names of interfaces */
    label(p, 0);
    load(p, 1);
    keep_bits(p, SOCKET_TYPE_BITS);
    if_equal(p, SOCK_DGRAM, DATAGRAM, TO_NEXT);
    if_equal(p, SOCK_STREAM, TO_NEXT, TO_DENY);
    load(p, 2);
    if_equal(p, 0, TO_ALLOW, TO_NEXT);
    if_equal(p, IPPROTO_TCP, TO_ALLOW, TO_NEXT);
    if_equal(p, IPPROTO_MPTCP, TO_NEXT, TO_DENY);
    /* not recorded: every Go program asks for one as it starts, to learn whether the kernel has them */
    emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
    label(p, 1);
    load(p, 2);
    if_equal(p, 0, TO_ALLOW, TO_NEXT);
    if_equal(p, IPPROTO_UDP, TO_ALLOW, TO_DENY);
}

#define FS_IOC_ADD_KEY 0xc0506617u          /* FS_IOC_ADD_ENCRYPTION_KEY */
#define FS_IOC_SET_POLICY 0x800c6613u       /* FS_IOC_SET_ENCRYPTION_POLICY */
#define FS_IOC_VERITY 0x40806685u           /* FS_IOC_ENABLE_VERITY */
#define FS_IOC_BTRFS_SUBVOL_SET 0x4008941au /* BTRFS_IOC_SUBVOL_SETFLAGS */

static void check_ioctl(struct program *p) {
    static const uint32_t denied[] = {
        /* terminals: input of others, line disciplines */
        TIOCSTI, TIOCLINUX, TIOCCONS, TIOCSETD,
        /* marks on files that outlive the sandbox: immutable, project quota, encryption, verity */
        FS_IOC_SETFLAGS, FS_IOC32_SETFLAGS, FS_IOC_FSSETXATTR, FS_IOC_SETVERSION, FS_IOC32_SETVERSION, FS_IOC_VERITY,
        FS_IOC_SET_POLICY, FS_IOC_ADD_KEY, FS_IOC_BTRFS_SUBVOL_SET,
        /* whole file systems */
        FIFREEZE, FITHAW, FITRIM};
    /* TIOCSCTTY is not here: without CAP_SYS_ADMIN it takes a free terminal only, and script(1) needs it */
    load(p, 1);
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
        if_equal(p, denied[i], TO_DENY, TO_NEXT);
    keep_bits(p, 0xffffff00u);
    if_equal(p, 0x4b00, TO_DENY, TO_NEXT);  /* KD*: keyboard maps, console fonts */
    if_equal(p, 0x5600, TO_DENY, TO_ALLOW); /* VT_*: virtual consoles */
}

static void check_prctl(struct program *p) {
    load(p, 0);
    if_equal(p, PR_SET_MM, TO_DENY, TO_NEXT);          /* rewrites what /proc says about the process */
    if_equal(p, PR_SET_SECUREBITS, TO_DENY, TO_ALLOW); /* locked by init */
}

static void check_seccomp(struct program *p) {
    load(p, 0);
    if_equal(p, SECCOMP_SET_MODE_STRICT, TO_ALLOW, TO_NEXT);
    if_equal(p, SECCOMP_GET_ACTION_AVAIL, TO_ALLOW, TO_NEXT);
    if_equal(p, SECCOMP_GET_NOTIF_SIZES, TO_ALLOW, TO_NEXT);
    if_equal(p, SECCOMP_SET_MODE_FILTER, TO_NEXT, TO_DENY);
    load(p, 1);
    if_any_bit(p, SECCOMP_FILTER_FLAG_NEW_LISTENER, TO_DENY, TO_ALLOW);
}

static void check_own_pid(struct program *p) {
    load(p, 0);
    if_equal(p, 0, TO_ALLOW, TO_DENY);
}

/* A datagram socket of a pair can be sent to any address all the same; these two kinds cannot. */
static void check_pair(struct program *p) {
    load(p, 0);
    if_equal(p, AF_UNIX, TO_NEXT, TO_DENY);
    load(p, 1);
    keep_bits(p, SOCKET_TYPE_BITS);
    if_equal(p, SOCK_STREAM, TO_ALLOW, TO_NEXT);
    if_equal(p, SOCK_SEQPACKET, TO_ALLOW, TO_DENY);
}

static void check_self(struct program *p, uint32_t kind) {
    load(p, 0);
    if_equal(p, kind, TO_NEXT, TO_DENY);
    load(p, 1);
    if_equal(p, 0, TO_ALLOW, TO_DENY);
}

static void check_kill(struct program *p) {
    load(p, 0);
    if_equal(p, UINT32_MAX, TO_DENY, TO_ALLOW);
}

/* A pointer, of which both halves count. */
static void check_no_path(struct program *p) {
    const uint32_t offset = (uint32_t)offsetof(struct seccomp_data, args[1]);
    emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
    if_equal(p, 0, TO_NEXT, TO_DENY);
    emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset + 4));
    if_equal(p, 0, TO_ALLOW, TO_DENY);
}

static void check_personality(struct program *p) {
    load(p, 0);
    if_equal(p, 0, TO_ALLOW, TO_NEXT);
    if_equal(p, 0xffffffffu, TO_ALLOW, TO_DENY);
}

/* Most clients of Unix sockets give the whole structure. Whoever connects to an internet address of that length is only
 * not told of. */
static void tell_connect(struct program *p) {
    load(p, 2);
    if_equal(p, sizeof(struct sockaddr_un), TO_ALLOW, TO_DENY);
}

static void tell_data(struct program *p, unsigned int flags) {
    load(p, flags);
    if_any_bit(p, MSG_FASTOPEN, TO_DENY, TO_ALLOW);
}

static void check(struct program *p, enum mxc_call_check which) {
    switch (which) {
    case MXC_CHECK_MODE_1:
    case MXC_CHECK_MODE_2:
        return check_mode(p, which == MXC_CHECK_MODE_1 ? 1 : 2);
    case MXC_CHECK_OPEN_1:
    case MXC_CHECK_OPEN_2:
        return check_open(p, which == MXC_CHECK_OPEN_1 ? 1 : 2);
    case MXC_CHECK_NODE_1:
    case MXC_CHECK_NODE_2:
        return check_node(p, which == MXC_CHECK_NODE_1 ? 1 : 2);
    case MXC_CHECK_CLONE:
        return check_clone(p);
    case MXC_CHECK_SOCKET:
        return check_socket(p);
    case MXC_CHECK_LOCAL:
        return check_local(p);
    case MXC_CHECK_IOCTL:
        return check_ioctl(p);
    case MXC_CHECK_PRCTL:
        return check_prctl(p);
    case MXC_CHECK_SECCOMP:
        return check_seccomp(p);
    case MXC_CHECK_PERSONA:
        return check_personality(p);
    case MXC_CHECK_PRLIMIT:
    case MXC_CHECK_SELF:
        return check_own_pid(p);
    case MXC_CHECK_PAIR:
        return check_pair(p);
    case MXC_CHECK_SELF_1:
        return check_self(p, 0); /* PRIO_PROCESS */
    case MXC_CHECK_IO_SELF:
        return check_self(p, 1); /* IOPRIO_WHO_PROCESS */
    case MXC_CHECK_KILL:
        return check_kill(p);
    case MXC_CHECK_NO_PATH:
        return check_no_path(p);
    case MXC_CHECK_SEEN_1:
    case MXC_CHECK_SEEN_2:
        return check_seen(p, which == MXC_CHECK_SEEN_1 ? 1 : 2);
    case MXC_CHECK_TELL_CONNECT:
        return tell_connect(p);
    case MXC_CHECK_TELL_DATA_2:
    case MXC_CHECK_TELL_DATA_3:
        return tell_data(p, which == MXC_CHECK_TELL_DATA_2 ? 2 : 3);
    case MXC_CHECK_NONE:
    case MXC_CHECKS:
        break;
    }
    emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)); /* unknown: denied */
}

size_t mxc_check_program(enum mxc_call_check which, struct sock_filter out[MXC_CHECK_MAX]) {
    struct program p = {.code = out};
    check(&p, which);
    return finish(&p);
}
