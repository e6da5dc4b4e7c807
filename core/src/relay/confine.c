/* confine.c: the relay reads bytes of hostile programs and of unknown servers, so it keeps nothing but its sockets: no
 * capability, no file, no new program, no other process, and the few system calls of its loop. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "relay/relay.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "add this architecture's AUDIT_ARCH_ number"
#endif

#define SPARE_DESCRIPTORS 256 /* listeners, lookups, questions, and what the loop itself holds */

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
/* the low word: both machines are little-endian */
#define LOAD_ARGUMENT(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, args) + 8u * (n))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define IF_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), (yes), (no))
#define ALLOW(number) IF_EQUAL(number, 0, 1), ANSWER(SECCOMP_RET_ALLOW)

static struct sock_filter program[] = {
    LOAD(arch),
    IF_EQUAL(ARCHITECTURE, 1, 0),
    ANSWER(SECCOMP_RET_KILL_PROCESS),
    LOAD(nr),
#ifdef SYS_epoll_wait
    ALLOW(SYS_epoll_wait),
#endif
    ALLOW(SYS_epoll_pwait),
    ALLOW(SYS_epoll_ctl),
    ALLOW(SYS_recvfrom),
    ALLOW(SYS_sendto),
    ALLOW(SYS_recvmsg),
    ALLOW(SYS_sendmsg),
    ALLOW(SYS_pread64), /* rules that replace others */
    ALLOW(SYS_splice),  /* bytes of busy flows, through pipes of its own */
    ALLOW(SYS_pipe2),
    ALLOW(SYS_accept4),
    ALLOW(SYS_connect),
    ALLOW(SYS_getsockname),
    ALLOW(SYS_getpeername),
    ALLOW(SYS_getsockopt),
    ALLOW(SYS_setsockopt),
    ALLOW(SYS_shutdown),
    ALLOW(SYS_close),
    ALLOW(SYS_getrandom),
    ALLOW(SYS_clock_gettime),
    ALLOW(SYS_restart_syscall),
    ALLOW(SYS_rt_sigreturn),
    ALLOW(SYS_exit_group),
    ALLOW(SYS_exit),
    IF_EQUAL(SYS_fcntl, 0, 4),
    LOAD_ARGUMENT(1),
    IF_EQUAL(F_SETPIPE_SZ, 0, 1),
    ANSWER(SECCOMP_RET_ALLOW),
    ANSWER(SECCOMP_RET_KILL_PROCESS),
    /* sockets of the internet, and no raw ones */
    IF_EQUAL(SYS_socket, 0, 7),
    LOAD_ARGUMENT(0),
    IF_EQUAL(AF_INET, 1, 0),
    IF_EQUAL(AF_INET6, 0, 4),
    LOAD_ARGUMENT(1),
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff), /* without SOCK_NONBLOCK and SOCK_CLOEXEC */
    IF_EQUAL(SOCK_STREAM, 2, 0),
    IF_EQUAL(SOCK_DGRAM, 1, 0),
    ANSWER(SECCOMP_RET_KILL_PROCESS),
    ANSWER(SECCOMP_RET_ALLOW),
};

static int limit(int resource, uint64_t value) {
    const struct rlimit both = {value, value};
    return setrlimit((__typeof__(RLIMIT_CPU))resource, &both) ? -errno : 0;
}

/* As many descriptors as the tables can use; with fewer, fewer links. */
static int limit_descriptors(struct mxc_relay *relay) {
    struct rlimit now;
    uint64_t spare = SPARE_DESCRIPTORS;
    for (uint32_t i = 0; i < relay->rules.entry_count; i++)
        if (relay->rules.entries[i].kind == MXC_NET_PUBLISHED)
            spare = SPARE_DESCRIPTORS + MXC_NET_MAX_PUBLISHED + MXC_NET_MAX_DIALERS;
    if (relay->on_demand)
        spare += MXC_NET_MAX_DEMANDED;
    uint64_t wanted = 2 * MXC_RELAY_LINKS + spare;
    if (getrlimit(RLIMIT_NOFILE, &now) != 0)
        return -errno;
    if (now.rlim_max < wanted)
        wanted = now.rlim_max;
    if (wanted <= spare + 2)
        return -EMFILE;
    relay->link_room = (unsigned int)((wanted - spare) / 2);
    return limit(RLIMIT_NOFILE, wanted);
}

/* Every right over files, and no rule that gives one back. Where Landlock is missing the filter stands alone. */
static int drop_files(void) {
    const struct {
        uint64_t handled_fs, handled_net, scoped;
    } all[3] = {{0x1fff, 0, 0}, {0xffff, 0, 0}, {0xffff, 0, 3}}; /* ABI 1, 5, 6 */
    const size_t sizes[3] = {8, 8, 24};
    long ruleset = -1;
    for (int i = 2; i >= 0 && ruleset < 0; i--)
        ruleset = mxc_sys(SYS_landlock_create_ruleset, &all[i], sizes[i], 0);
    if (ruleset < 0)
        return 0;
    long result = mxc_sys(SYS_landlock_restrict_self, ruleset, 0);
    close((int)ruleset);
    return (int)result;
}

int mxc_relay_confine(struct mxc_relay *relay) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[2] = {{0}, {0}};
    const struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    long result = limit_descriptors(relay);
    if (result == 0)
        result = mxc_sys(SYS_capset, &header, none);
    if (result == 0 && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0))
        result = -errno;
    if (result == 0)
        result = drop_files();
    if (result == 0)
        result = limit(RLIMIT_FSIZE, 0);
    if (result == 0)
        result = limit(RLIMIT_CORE, 0);
    if (result == 0)
        result = limit(RLIMIT_NPROC, 0);
    return result ? (int)result : (int)mxc_sys(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
}
