/* names.c: see names.h. */
#include "unit/filter/names.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define N(call, argument, value) \
    { call, argument, (uint32_t)(value), #value }

static const struct {
    const char *call;
    int argument;
    uint32_t value;
    const char *name;
} names[] = {N("socket", 0, AF_UNIX),
             N("socket", 0, AF_INET),
             N("socket", 0, AF_INET6),
             N("socket", 0, AF_NETLINK),
             N("socket", 1, SOCK_STREAM),
             N("socket", 1, SOCK_DGRAM),
             N("socket", 2, IPPROTO_TCP),
             N("socket", 2, IPPROTO_UDP),
             {"socket", 2, 262, "IPPROTO_MPTCP"},
             N("socketpair", 0, AF_UNIX),
             N("ioctl", 1, TIOCSTI),
             N("ioctl", 1, TIOCLINUX),
             N("ioctl", 1, TIOCCONS),
             N("ioctl", 1, TIOCSETD),
             N("ioctl", 1, FS_IOC_SETFLAGS),
             N("ioctl", 1, FS_IOC32_SETFLAGS),
             N("ioctl", 1, FS_IOC_FSSETXATTR),
             N("ioctl", 1, FS_IOC_SETVERSION),
             N("ioctl", 1, FS_IOC32_SETVERSION),
             N("ioctl", 1, FIFREEZE),
             N("ioctl", 1, FITHAW),
             N("ioctl", 1, FITRIM),
             {"ioctl", 1, 0x40806685, "FS_IOC_ENABLE_VERITY"},
             {"ioctl", 1, 0x800c6613, "FS_IOC_SET_ENCRYPTION_POLICY"},
             {"ioctl", 1, 0xc0506617, "FS_IOC_ADD_ENCRYPTION_KEY"},
             {"ioctl", 1, 0x4008941a, "BTRFS_IOC_SUBVOL_SETFLAGS"},
             {"ioctl", 1, 0x4b00, "KD*: keyboard and font"},
             {"ioctl", 1, 0x5600, "VT_*: virtual consoles"},
             N("prctl", 0, PR_SET_MM),
             N("prctl", 0, PR_SET_SECUREBITS),
             N("seccomp", 0, SECCOMP_SET_MODE_STRICT),
             N("seccomp", 0, SECCOMP_SET_MODE_FILTER),
             N("seccomp", 0, SECCOMP_GET_ACTION_AVAIL),
             N("seccomp", 0, SECCOMP_GET_NOTIF_SIZES),
             N("seccomp", 1, SECCOMP_FILTER_FLAG_NEW_LISTENER),
             {"clone", 0, 0x7e020000, "CLONE_NEWNS NEWCGROUP NEWUTS NEWIPC NEWUSER NEWPID NEWNET"},
             {"personality", 0, 0xffffffff, "the question which one it is"},
             {"personality", 0, 0, "plain Linux"}};

static const char *name_of(const char *call, int argument, uint32_t value) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i].call, call) && names[i].argument == argument && names[i].value == value)
            return names[i].name;
    return NULL;
}

/* Modes of files, and the two flags of open that look at one. */
static const char *mode_text(const char *call, uint32_t value) {
    static const char *const takes_mode[] = {"open",      "openat", "creat",   "chmod", "fchmod", "fchmodat",
                                             "fchmodat2", "mkdir",  "mkdirat", "mknod", "mknodat"};
    int takes = 0;
    for (size_t i = 0; i < sizeof takes_mode / sizeof *takes_mode; i++)
        takes |= !strcmp(takes_mode[i], call);
    if (!takes)
        return NULL;
    switch (value) {
    case S_ISUID | S_ISGID:
        return "06000 (setuid, setgid)";
    case O_CREAT | (O_TMPFILE & ~O_DIRECTORY):
        return "O_CREAT, O_TMPFILE";
    case S_IFREG:
        return "0100000 (file)";
    case S_IFIFO:
        return "010000 (fifo)";
    case S_IFSOCK:
        return "0140000 (socket)";
    case 0:
        return "0 (file)";
    default:
        return NULL;
    }
}

void put_value(struct mxc_buf *out, const char *call, int argument, uint32_t value) {
    const char *mode = mode_text(call, value), *name = name_of(call, argument, value);
    if (mode)
        mxc_buf_text(out, mode);
    else if (name)
        mxc_buf_format(out, value < 10 ? "%u (%s)" : "%#x (%s)", value, name);
    else
        mxc_buf_format(out, "%u", value);
}
