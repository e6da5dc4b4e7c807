/* reference.c: the rules for arguments as plain C, over names. The table of names is the library's own: what is in
 * it is reviewed through the golden files in tests/plan. */
#include "unit/filter/reference.h"

#include <string.h>

#include "filter/tables.h"

static uint32_t verdict(int allowed) { return allowed ? ANSWER_ALLOW : (uint32_t)ANSWER_NOTIFY; }

static int setid(uint64_t mode) { return (mode & 04000) || (mode & 02000); }

static uint32_t open_answer(uint32_t flags, uint64_t mode) {
    int creates = (flags & 0100) || (flags & 020000000); /* O_CREAT, __O_TMPFILE */
    return verdict(!creates || !setid(mode));
}

static uint32_t node_answer(uint32_t mode) {
    uint32_t type = mode & 0170000;
    return verdict(!setid(mode) && (type == 0 || type == 0100000 || type == 0010000 || type == 0140000));
}

static uint32_t socket_answer(uint32_t family, uint32_t type, uint32_t protocol, int strict) {
    type %= 16;
    if (family == 1)
        return ANSWER_ALLOW;
    if (strict)
        return ANSWER_NOTIFY;
    if (family == 16)
        return verdict(protocol == 0);
    if (family != 2 && family != 10)
        return ANSWER_NOTIFY;
    if (type == 1 && protocol == 262) /* MPTCP */
        return ANSWER_EPERM;
    return verdict((type == 1 && (protocol == 0 || protocol == 6)) || (type == 2 && (protocol == 0 || protocol == 17)));
}

static uint32_t ioctl_answer(uint32_t request) {
    static const uint32_t refused[] = {
        0x5412,     0x541c,     0x541d,     0x5423,     /* TIOCSTI TIOCLINUX TIOCCONS TIOCSETD */
        0x40086602, 0x40046602, 0x401c5820, 0x40087602, /* SETFLAGS twice, FSSETXATTR, SETVERSION */
        0x40047602, 0x40806685, 0x800c6613, 0xc0506617, /* SETVERSION, verity, encryption twice */
        0x4008941a, 0xc0045877, 0xc0045878, 0xc0185879, /* subvolume flags, FIFREEZE FITHAW FITRIM */
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (refused[i] == request)
            return ANSWER_NOTIFY;
    }
    return verdict(request >> 8 != 0x4b && request >> 8 != 0x56);
}

static uint32_t seccomp_answer(uint32_t operation, uint32_t flags) {
    if (operation == 1) /* SECCOMP_SET_MODE_FILTER */
        return verdict((flags & 8) == 0);
    return verdict(operation == 0 || operation == 2 || operation == 3);
}

static uint32_t checked(const char *name, const uint64_t a[6], int strict) {
    const uint32_t a0 = (uint32_t)a[0], a1 = (uint32_t)a[1], a2 = (uint32_t)a[2], a3 = (uint32_t)a[3];
    if (!strcmp(name, "open"))
        return open_answer(a1, a2);
    if (!strcmp(name, "openat"))
        return open_answer(a2, a3);
    if (!strcmp(name, "chmod") || !strcmp(name, "fchmod") || !strcmp(name, "creat") || !strcmp(name, "mkdir"))
        return verdict(!setid(a1));
    if (!strcmp(name, "fchmodat") || !strcmp(name, "fchmodat2") || !strcmp(name, "mkdirat"))
        return verdict(!setid(a2));
    if (!strcmp(name, "mknod") || !strcmp(name, "mknodat"))
        return node_answer(name[5] ? a2 : a1);
    if (!strcmp(name, "clone"))
        return verdict((a0 & 0x7e020000u) == 0);
    if (!strcmp(name, "socket"))
        return socket_answer(a0, a1, a2, strict);
    if (!strcmp(name, "socketpair"))
        return verdict(a0 == 1);
    if (!strcmp(name, "ioctl"))
        return ioctl_answer(a1);
    if (!strcmp(name, "prctl"))
        return verdict(a0 != 35 && a0 != 28);
    if (!strcmp(name, "seccomp"))
        return seccomp_answer(a0, a1);
    if (!strcmp(name, "prlimit64"))
        return verdict(a0 == 0);
    if (!strcmp(name, "personality"))
        return verdict(a0 == 0 || a0 == 0xffffffffu);
    return 0;
}

uint32_t reference_answer(const char *name, const uint64_t args[6], int strict) {
    static const uint32_t plain[] = {ANSWER_NOSYS, ANSWER_ALLOW, ANSWER_NOTIFY};
    struct mxc_call call;
    if (!mxc_call_find(&call, name))
        return ANSWER_NOSYS;
    enum mxc_call_verdict v = mxc_call_verdict_in(&call, strict);
    return v == MXC_CALL_CHECK ? checked(name, args, strict) : plain[v];
}

const uint32_t interesting[] = {
    0,          1,          2,          3,          5,          6,          8,          10,         11,
    16,         17,         28,         35,         47,         0100,       0101,       020200000,  020000000,
    0644,       02000,      02755,      04000,      04755,      06755,      0100644,    0104755,    0010600,
    0140600,    0020666,    0060660,    0120777,    262,        0x80001,    0x80802,    0x80000003, 0x1200011,
    0x20000,    0x10000000, 0x40000000, 0x2000000,  0x80,       0x5412,     0x541c,     0x541d,     0x5423,
    0x540e,     0x5401,     0x4b47,     0x5606,     0x40086602, 0x40046602, 0x401c5820, 0xc0045877, 0xc0045878,
    0xc0185879, 0x40087602, 0x40047602, 0x40806685, 0x800c6613, 0xc0506617, 0x4008941a, 0x40049409, 0xffffffff,
    0x7fffffff, 132,        136,        40,         38,
};
const size_t interesting_count = sizeof interesting / sizeof *interesting;
