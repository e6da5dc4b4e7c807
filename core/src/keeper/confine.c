/* confine.c: the keeper's own filter, taken when the sandbox stands. From then on it reads descriptors that the
 * workload can write to, so it keeps only the calls that watching and ending need: it can start nothing, open
 * nothing for writing, and reach no network. Whatever else it would try fails with EPERM. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "base/sys.h"
#include "keeper/keeper.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
/* the low word: both machines are little-endian */
#define LOAD_ARGUMENT(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, args) + 8u * (n))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define ALLOW(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(number), 0, 1), ANSWER(SECCOMP_RET_ALLOW)
#define REFUSE (SECCOMP_RET_ERRNO | EPERM)

#if defined(ARCHITECTURE)
static struct sock_filter program[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
    ANSWER(SECCOMP_RET_KILL_PROCESS),
    LOAD(nr),
/* waiting and talking */
#ifdef SYS_poll
    ALLOW(SYS_poll),
#endif
    ALLOW(SYS_ppoll),
    ALLOW(SYS_recvmsg),
    ALLOW(SYS_sendmsg),
    ALLOW(SYS_sendto),
    ALLOW(SYS_read),
    ALLOW(SYS_pread64),
    ALLOW(SYS_close),
    ALLOW(SYS_restart_syscall),
    ALLOW(SYS_rt_sigreturn),
    ALLOW(SYS_clock_gettime),
    ALLOW(SYS_nanosleep),
    ALLOW(SYS_clock_nanosleep),
    /* a command: its sockets, pipes, and the area for its output */
    ALLOW(SYS_socketpair),
    ALLOW(SYS_pipe2),
    ALLOW(SYS_fcntl),
    ALLOW(SYS_fstat),
    ALLOW(SYS_munmap),
    /* looking at the sandbox, ending it, removing its groups */
    ALLOW(SYS_getdents64),
    ALLOW(SYS_newfstatat),
    ALLOW(SYS_unlinkat),
    ALLOW(SYS_flock), /* on folders that keepers share */
    ALLOW(SYS_kill),
    ALLOW(SYS_pidfd_send_signal),
    ALLOW(SYS_wait4),
    ALLOW(SYS_exit_group),
    ALLOW(SYS_exit),
    /* opening: for reading only, and nothing is created */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 4),
    LOAD_ARGUMENT(2),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_ACCMODE | O_CREAT | O_TRUNC, 1, 0),
    ANSWER(SECCOMP_RET_ALLOW),
    ANSWER(REFUSE),
    /* a ghost that somebody has filled stays, without its mark: to plain permissions only */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fchmod, 0, 4),
    LOAD_ARGUMENT(1),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, ~0777u, 1, 0),
    ANSWER(SECCOMP_RET_ALLOW),
    ANSWER(REFUSE),
    /* memory: never executable */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 4),
    LOAD_ARGUMENT(2),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0),
    ANSWER(SECCOMP_RET_ALLOW),
    ANSWER(REFUSE),
    /* requests: those of the listener */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 6),
    LOAD_ARGUMENT(1),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)SECCOMP_IOCTL_NOTIF_ID_VALID, 2, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)SECCOMP_IOCTL_NOTIF_RECV, 1, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)SECCOMP_IOCTL_NOTIF_SEND, 0, 1),
    ANSWER(SECCOMP_RET_ALLOW),
    ANSWER(REFUSE),
    ANSWER(REFUSE),
};
#endif

#if defined(ARCHITECTURE)
/* Without namespaces the keeper finds processes by itself and empties a folder that the workload has filled. */
static const struct sock_filter plain_calls[] = {
    ALLOW(SYS_getpid), ALLOW(SYS_pidfd_open), ALLOW(SYS_lseek),
    ALLOW(SYS_fchmod), ALLOW(SYS_fchmodat),   ALLOW(SYS_renameat2),
};
/* Listeners on demand: it reads where a connection goes, with the ids that may, and lets a socket that it has listen. It
 * can make none. */
static const struct sock_filter demand_calls[] = {
    ALLOW(SYS_process_vm_readv), ALLOW(SYS_setresuid), ALLOW(SYS_setsockopt), ALLOW(SYS_bind), ALLOW(SYS_listen),
};
#define PROGRAM_LENGTH (sizeof program / sizeof *program)
#define MOST_MORE (sizeof plain_calls / sizeof *plain_calls)
#define HEAD_LENGTH 4 /* until the number is loaded */
_Static_assert(sizeof demand_calls <= sizeof plain_calls, "room for either");
#endif

int mxc_keeper_confine(int plain, int on_demand) {
#if defined(ARCHITECTURE)
    static struct sock_filter longer[PROGRAM_LENGTH + MOST_MORE];
    const struct sock_filter *more = plain ? plain_calls : demand_calls;
    size_t more_bytes = plain ? sizeof plain_calls : on_demand ? sizeof demand_calls : 0;
    memcpy(longer, program, HEAD_LENGTH * sizeof *program);
    memcpy(longer + HEAD_LENGTH, more, more_bytes);
    memcpy(longer + HEAD_LENGTH + more_bytes / sizeof *more, program + HEAD_LENGTH,
           sizeof program - HEAD_LENGTH * sizeof *program);
    const struct sock_fprog filter = {.len = (unsigned short)(PROGRAM_LENGTH + more_bytes / sizeof *more),
                                      .filter = longer};
    return (int)mxc_sys(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
#else
    (void)plain; /* the capabilities are gone all the same */
    (void)on_demand;
    return 0;
#endif
}
