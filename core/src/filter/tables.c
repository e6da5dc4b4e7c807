/* tables.c: the decision table. Groups follow the purpose of the calls; each has one reason, which is also what
 * docs/syscalls.md and the golden tables tell. A call that is in no group does not exist inside (ENOSYS), so
 * a new call of a new kernel stays outside until someone has read what it does. */
#include "filter/tables.h"

#include <string.h>

enum group {
    G_IO,
    G_FILES,
    G_MODES,
    G_PROCESS,
    G_SIGNALS,
    G_THREADS,
    G_MEMORY,
    G_TIME,
    G_EVENTS,
    G_SOCKETS,
    G_FAMILIES,
    G_IDS,
    G_SCHED,
    G_SELF,
    G_CONTROL,
    G_PERSONA,
    G_IPC,
    G_WATCH,
    G_MEMFD,
    G_AIO,
    G_TUNING,
    G_MOUNT,
    G_NAMESPACE,
    G_HANDLES,
    G_DEBUG,
    G_KERNEL,
    G_URING,
    G_KEYS,
    G_MACHINE,
    G_CLOCK,
    G_NUMA,
    G_OBSCURE,
    G_LEGACY,
    G_POINTER,
    G_LATER,
    GROUPS,
};

#define ALLOW MXC_CALL_ALLOW
#define DENY MXC_CALL_DENY
#define CHECK MXC_CALL_CHECK
#define NOSYS MXC_CALL_NOSYS

const struct mxc_call_group mxc_call_groups[] = {
    [G_IO] = {"input and output", "works on descriptors that were granted", {ALLOW, ALLOW}, 0},
    [G_FILES] = {"files", "mounts and Landlock decide which", {ALLOW, ALLOW}, 0},
    [G_MODES] = {"file modes", "a setuid or setgid file would outlive the sandbox on the host", {CHECK, CHECK}, 0},
    [G_PROCESS] = {"processes", "the process namespace bounds them", {ALLOW, ALLOW}, 0},
    [G_SIGNALS] = {"signals", "reach only processes inside", {ALLOW, ALLOW}, 0},
    [G_THREADS] = {"threads", "of the own process", {ALLOW, ALLOW}, 0},
    [G_MEMORY] = {"memory", "of the own process", {ALLOW, ALLOW}, 0},
    [G_TIME] = {"time", "reading clocks, own timers", {ALLOW, ALLOW}, 0},
    [G_EVENTS] = {"events", "waiting for own descriptors", {ALLOW, ALLOW}, 0},
    [G_SOCKETS] = {"sockets", "the network namespace decides what they reach", {ALLOW, ALLOW}, 0},
    [G_FAMILIES] = {"socket families", "other families are kernel code that few have read", {CHECK, CHECK}, 0},
    [G_IDS] = {"ids", "one id is mapped and no capability is left", {ALLOW, ALLOW}, 0},
    [G_SCHED] = {"scheduling", "the kernel bounds them without capabilities", {ALLOW, ALLOW}, 0},
    [G_SELF] = {"self-confinement", "only ever takes rights away", {ALLOW, ALLOW}, 0},
    [G_CONTROL] = {"multiplexers", "some of their requests reach out of the sandbox", {CHECK, CHECK}, 0},
    [G_PERSONA] = {"personality", "switches hardening off", {CHECK, CHECK}, MXC_CALL_FREE},
    [G_IPC] = {"System V and POSIX ipc", "own ipc namespace; strict: seldom needed", {ALLOW, DENY}, 0},
    [G_WATCH] = {"inotify", "sees granted files only; strict: seldom needed", {ALLOW, DENY}, 0},
    [G_MEMFD] = {"anonymous files", "no file behind them; strict: unnamed code", {ALLOW, DENY}, 0},
    [G_AIO] = {"asynchronous input and output", "old interface; strict: seldom needed", {ALLOW, DENY}, 0},
    [G_TUNING] = {"tuning", "harmless; strict: seldom needed", {ALLOW, DENY}, 0},
    [G_MOUNT] = {"mounts, roots, quotas, inode flags", "the walls are made of them", {DENY, DENY}, MXC_CALL_WALL},
    [G_NAMESPACE] = {"namespaces", "a new one gives all capabilities inside it", {DENY, DENY}, MXC_CALL_WALL},
    [G_HANDLES] = {"objects without a path", "goes around mounts and Landlock", {DENY, DENY}, MXC_CALL_WALL},
    [G_DEBUG] = {"other processes' memory", "one program of the sandbox takes over another", {DENY, DENY}, 0},
    [G_KERNEL] = {"large kernel interfaces", "programs and watchers in the kernel", {DENY, DENY}, MXC_CALL_WALL},
    [G_URING] = {"io_uring", "does calls that no filter sees", {DENY, DENY}, MXC_CALL_WALL},
    [G_KEYS] = {"kernel keys", "not part of any namespace", {DENY, DENY}, MXC_CALL_WALL},
    [G_MACHINE] = {"the machine", "belongs to the host", {DENY, DENY}, MXC_CALL_WALL},
    [G_CLOCK] = {"setting clocks", "belongs to the host", {DENY, DENY}, MXC_CALL_WALL},
    [G_NUMA] = {"memory placement", "kernel surface for tuning of large machines", {DENY, DENY}, 0},
    [G_OBSCURE] = {"rare calls", "often part of exploits, seldom of programs", {DENY, DENY}, 0},
    [G_LEGACY] = {"abandoned calls", "no program of today uses them", {DENY, DENY}, 0},
    [G_POINTER] = {"arguments behind a pointer",
                   "cannot be checked; programs fall back",
                   {NOSYS, NOSYS},
                   MXC_CALL_WALL},
    [G_LATER] = {"new calls", "nothing needs them yet; programs fall back", {NOSYS, NOSYS}, 0},
};
const size_t mxc_call_group_count = GROUPS;

#define C(name) \
    { #name, GROUP, MXC_CHECK_NONE }
#define K(name, check) \
    { #name, GROUP, MXC_CHECK_##check }

/* clang-format off: a table, several calls on a line */
const struct mxc_call mxc_calls[] = {
#define GROUP G_IO
    C(read),
    C(write),
    C(readv),
    C(writev),
    C(pread64),
    C(pwrite64),
    C(preadv),
    C(pwritev),
    C(preadv2),
    C(pwritev2),
    C(lseek),
    C(_llseek),
    C(close),
    C(close_range),
    C(dup),
    C(dup2),
    C(dup3),
    C(fcntl),
    C(fcntl64),
    C(flock),
    C(pipe),
    C(pipe2),
    C(sendfile),
    C(sendfile64),
    C(splice),
    C(tee),
    C(copy_file_range),
    C(fsync),
    C(fdatasync),
    C(sync_file_range),
    C(sync_file_range2),
    C(readahead),
    C(fadvise64),
    C(fadvise64_64),
    C(ftruncate),
    C(ftruncate64),
    C(fallocate),
#undef GROUP
#define GROUP G_FILES
    C(stat),
    C(fstat),
    C(lstat),
    C(stat64),
    C(fstat64),
    C(lstat64),
    C(newfstatat),
    C(fstatat64),
    C(statx),
    C(access),
    C(faccessat),
    C(faccessat2),
    C(readlink),
    C(readlinkat),
    C(getdents),
    C(getdents64),
    C(getcwd),
    C(chdir),
    C(fchdir),
    C(rename),
    C(renameat),
    C(renameat2),
    C(link),
    C(linkat),
    C(symlink),
    C(symlinkat),
    C(unlink),
    C(unlinkat),
    C(rmdir),
    C(truncate),
    C(truncate64),
    C(chown),
    C(fchown),
    C(lchown),
    C(fchownat),
    C(utime),
    C(utimes),
    C(futimesat),
    C(utimensat),
    C(umask),
    C(statfs),
    C(fstatfs),
    C(statfs64),
    C(fstatfs64),
    C(setxattr),
    C(lsetxattr),
    C(fsetxattr),
    C(getxattr),
    C(lgetxattr),
    C(fgetxattr),
    C(listxattr),
    C(llistxattr),
    C(flistxattr),
    C(removexattr),
    C(lremovexattr),
    C(fremovexattr),
    C(setxattrat),
    C(getxattrat),
    C(listxattrat),
    C(removexattrat),
    C(file_getattr),
#undef GROUP
#define GROUP G_MODES
    K(chmod, MODE_1),
    K(fchmod, MODE_1),
    K(fchmodat, MODE_2),
    K(fchmodat2, MODE_2),
    K(creat, MODE_1),
    K(mkdir, MODE_1),
    K(mkdirat, MODE_2),
    K(open, OPEN_1),
    K(openat, OPEN_2),
    K(mknod, NODE_1),
    K(mknodat, NODE_2),
#undef GROUP
#define GROUP G_PROCESS
    C(fork),
    C(vfork),
    C(execve),
    C(execveat),
    C(exit),
    C(exit_group),
    C(wait4),
    C(waitid),
    C(waitpid),
    C(getpid),
    C(getppid),
    C(gettid),
    C(getpgid),
    C(getpgrp),
    C(setpgid),
    C(getsid),
    C(setsid),
    C(pidfd_open),
    C(pidfd_send_signal),
    C(getrusage),
    C(times),
    C(sysinfo),
    C(uname),
    C(getrlimit),
    C(ugetrlimit),
    C(setrlimit),
    C(prlimit64),
    C(arch_prctl),
    C(set_tid_address),
    C(restart_syscall),
    C(getrandom),
#undef GROUP
#define GROUP G_SIGNALS
    C(kill),
    C(tkill),
    C(tgkill),
    C(rt_sigaction),
    C(rt_sigprocmask),
    C(rt_sigreturn),
    C(rt_sigpending),
    C(rt_sigtimedwait),
    C(rt_sigsuspend),
    C(rt_sigqueueinfo),
    C(rt_tgsigqueueinfo),
    C(sigaltstack),
    C(pause),
    C(signalfd),
    C(signalfd4),
#undef GROUP
#define GROUP G_THREADS
    C(futex),
    C(futex_waitv),
    C(futex_wake),
    C(futex_wait),
    C(futex_requeue),
    C(set_robust_list),
    C(get_robust_list),
    C(rseq),
    C(membarrier),
    C(sched_yield),
    C(getcpu),
    C(set_thread_area),
    C(get_thread_area),
#undef GROUP
#define GROUP G_MEMORY
    C(brk),
    C(mmap),
    C(mmap2),
    C(munmap),
    C(mremap),
    C(mprotect),
    C(madvise),
    C(msync),
    C(mincore),
    C(mlock),
    C(mlock2),
    C(munlock),
    C(mlockall),
    C(munlockall),
    C(mseal),
    C(map_shadow_stack),
#undef GROUP
#define GROUP G_TIME
    C(time),
    C(gettimeofday),
    C(clock_gettime),
    C(clock_getres),
    C(clock_nanosleep),
    C(nanosleep),
    C(alarm),
    C(getitimer),
    C(setitimer),
    C(timer_create),
    C(timer_settime),
    C(timer_gettime),
    C(timer_getoverrun),
    C(timer_delete),
    C(timerfd_create),
    C(timerfd_settime),
    C(timerfd_gettime),
#undef GROUP
#define GROUP G_EVENTS
    C(poll),
    C(ppoll),
    C(select),
    C(_newselect),
    C(pselect6),
    C(epoll_create),
    C(epoll_create1),
    C(epoll_ctl),
    C(epoll_wait),
    C(epoll_pwait),
    C(epoll_pwait2),
    C(eventfd),
    C(eventfd2),
#undef GROUP
#define GROUP G_SOCKETS
    C(connect),
    C(accept),
    C(accept4),
    C(bind),
    C(listen),
    C(shutdown),
    C(getsockname),
    C(getpeername),
    C(getsockopt),
    C(setsockopt),
    C(sendto),
    C(recvfrom),
    C(sendmsg),
    C(recvmsg),
    C(sendmmsg),
    C(recvmmsg),
#undef GROUP
#define GROUP G_FAMILIES
    K(socket, SOCKET),
    K(socketpair, LOCAL),
#undef GROUP
#define GROUP G_IDS
    C(getuid),
    C(geteuid),
    C(getgid),
    C(getegid),
    C(getresuid),
    C(getresgid),
    C(getgroups),
    C(setuid),
    C(setgid),
    C(setreuid),
    C(setregid),
    C(setresuid),
    C(setresgid),
    C(setfsuid),
    C(setfsgid),
    C(setgroups),
    C(capget),
    C(capset),
#undef GROUP
#define GROUP G_SCHED
    C(getpriority),
    C(setpriority),
    C(sched_getaffinity),
    C(sched_setaffinity),
    C(sched_getparam),
    C(sched_getscheduler),
    C(sched_getattr),
    C(sched_get_priority_max),
    C(sched_get_priority_min),
    C(sched_rr_get_interval),
    C(ioprio_get),
#undef GROUP
#define GROUP G_SELF
    C(landlock_create_ruleset),
    C(landlock_add_rule),
    C(landlock_restrict_self),
#undef GROUP
#define GROUP G_CONTROL
    K(clone, CLONE),
    K(ioctl, IOCTL),
    K(prctl, PRCTL),
    K(seccomp, SECCOMP),
#undef GROUP
#define GROUP G_PERSONA
    K(personality, PERSONA),
#undef GROUP
#define GROUP G_IPC
    C(shmget),
    C(shmat),
    C(shmctl),
    C(shmdt),
    C(semget),
    C(semop),
    C(semctl),
    C(semtimedop),
    C(msgget),
    C(msgsnd),
    C(msgrcv),
    C(msgctl),
    C(mq_open),
    C(mq_unlink),
    C(mq_timedsend),
    C(mq_timedreceive),
    C(mq_notify),
    C(mq_getsetattr),
#undef GROUP
#define GROUP G_WATCH
    C(inotify_init),
    C(inotify_init1),
    C(inotify_add_watch),
    C(inotify_rm_watch),
#undef GROUP
#define GROUP G_MEMFD
    C(memfd_create),
#undef GROUP
#define GROUP G_AIO
    C(io_setup),
    C(io_destroy),
    C(io_submit),
    C(io_cancel),
    C(io_getevents),
    C(io_pgetevents),
#undef GROUP
#define GROUP G_TUNING
    C(sync),
    C(syncfs),
    C(sched_setscheduler),
    C(sched_setparam),
    C(sched_setattr),
    C(ioprio_set),
    C(get_mempolicy),
    C(pkey_alloc),
    C(pkey_free),
    C(pkey_mprotect),
    C(process_mrelease),
#undef GROUP
#define GROUP G_MOUNT
    C(mount),
    C(umount),
    C(umount2),
    C(pivot_root),
    C(chroot),
    C(open_tree),
    C(open_tree_attr),
    C(move_mount),
    C(fsopen),
    C(fsconfig),
    C(fsmount),
    C(fspick),
    C(mount_setattr),
    C(quotactl),
    C(quotactl_fd),
    C(file_setattr),
#undef GROUP
#define GROUP G_NAMESPACE
    C(unshare),
    C(setns),
#undef GROUP
#define GROUP G_HANDLES
    C(name_to_handle_at),
    C(open_by_handle_at),
    C(pidfd_getfd),
#undef GROUP
#define GROUP G_DEBUG
    C(ptrace),
    C(process_vm_readv),
    C(process_vm_writev),
    C(process_madvise),
    C(kcmp),
#undef GROUP
#define GROUP G_KERNEL
    C(bpf),
    C(perf_event_open),
    C(userfaultfd),
    C(fanotify_init),
    C(fanotify_mark),
#undef GROUP
#define GROUP G_URING
    C(io_uring_setup),
    C(io_uring_enter),
    C(io_uring_register),
#undef GROUP
#define GROUP G_KEYS
    C(add_key),
    C(request_key),
    C(keyctl),
#undef GROUP
#define GROUP G_MACHINE
    C(kexec_load),
    C(kexec_file_load),
    C(init_module),
    C(finit_module),
    C(delete_module),
    C(create_module),
    C(get_kernel_syms),
    C(query_module),
    C(swapon),
    C(swapoff),
    C(acct),
    C(reboot),
    C(iopl),
    C(ioperm),
    C(sethostname),
    C(setdomainname),
    C(syslog),
    C(vhangup),
    C(lsm_set_self_attr),
#undef GROUP
#define GROUP G_CLOCK
    C(settimeofday),
    C(clock_settime),
    C(clock_adjtime),
    C(adjtimex),
#undef GROUP
#define GROUP G_NUMA
    C(mbind),
    C(set_mempolicy),
    C(set_mempolicy_home_node),
    C(move_pages),
    C(migrate_pages),
#undef GROUP
#define GROUP G_OBSCURE
    C(memfd_secret),
    C(vmsplice),
    C(modify_ldt),
    C(lookup_dcookie),
#undef GROUP
#define GROUP G_LEGACY
    C(uselib),
    C(ustat),
    C(sysfs),
    C(_sysctl),
    C(nfsservctl),
#undef GROUP
#define GROUP G_POINTER
    C(clone3),
    C(openat2),
#undef GROUP
#define GROUP G_LATER
    C(cachestat),
    C(statmount),
    C(listmount),
    C(listns),
    C(lsm_get_self_attr),
    C(lsm_list_modules),
    C(remap_file_pages),
    C(uretprobe),
    C(uprobe),
    C(rseq_slice_yield),
#undef GROUP
};
/* clang-format on */
const size_t mxc_call_count = sizeof mxc_calls / sizeof *mxc_calls;

/* Used by init while it serves (it lives under the same filter), by the loaders of both C libraries, or by exec
 * itself. A policy that denied one of these would be a sandbox that cannot start or cannot be ended. */
static const char *const needed[] = {
    "read",         "write",           "readv",         "writev",
    "open",         "openat",          "close",         "close_range",
    "lseek",        "pread64",         "dup",           "dup2",
    "dup3",         "fcntl",           "fcntl64",       "ioctl",
    "poll",         "ppoll",           "stat",          "fstat",
    "lstat",        "newfstatat",      "fstatat64",     "statx",
    "statfs",       "fstatfs",         "access",        "faccessat",
    "readlink",     "readlinkat",      "getdents64",    "getcwd",
    "chdir",        "fchdir",          "umask",         "brk",
    "mmap",         "mmap2",           "munmap",        "mremap",
    "mprotect",     "madvise",         "execve",        "execveat",
    "exit",         "exit_group",      "clone",         "fork",
    "vfork",        "wait4",           "waitid",        "waitpid",
    "getpid",       "getppid",         "gettid",        "setsid",
    "setpgid",      "prctl",           "arch_prctl",    "set_tid_address",
    "prlimit64",    "setrlimit",       "setpriority",   "kill",
    "tkill",        "tgkill",          "rt_sigaction",  "rt_sigprocmask",
    "rt_sigreturn", "rt_sigtimedwait", "rt_sigsuspend", "sigaltstack",
    "signalfd4",    "restart_syscall", "futex",         "set_robust_list",
    "rseq",         "getrandom",       "sendmsg",       "recvmsg",
    "sendto",       "recvfrom",        "clock_gettime", "clock_nanosleep",
    "nanosleep",    "gettimeofday",    "pidfd_open",    "pidfd_send_signal",
    "getuid",       "geteuid",         "getgid",        "getegid",
    "capget",       "getrusage",       "uname",
};

const struct mxc_call *mxc_call_find(const char *name) {
    for (size_t i = 0; i < mxc_call_count; i++) {
        if (!strcmp(mxc_calls[i].name, name))
            return &mxc_calls[i];
    }
    return NULL;
}

int mxc_call_needed(const char *name) {
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!strcmp(needed[i], name))
            return 1;
    }
    return 0;
}

enum mxc_call_verdict mxc_call_verdict_in(const struct mxc_call *call, int profile) {
    return mxc_call_groups[call->group].verdict[profile != 0];
}

enum mxc_call_check mxc_call_check_in(const struct mxc_call *call, int profile) {
    if (profile != 0 && call->check == MXC_CHECK_SOCKET)
        return MXC_CHECK_LOCAL;
    return call->check;
}

const char *mxc_call_check_text(enum mxc_call_check check) {
    static const char *const texts[MXC_CHECKS] = {
        [MXC_CHECK_NONE] = "",
        [MXC_CHECK_MODE_1] = "setuid or setgid bit",
        [MXC_CHECK_MODE_2] = "setuid or setgid bit",
        [MXC_CHECK_OPEN_1] = "setuid or setgid bit",
        [MXC_CHECK_OPEN_2] = "setuid or setgid bit",
        [MXC_CHECK_NODE_1] = "device, setuid or setgid bit",
        [MXC_CHECK_NODE_2] = "device, setuid or setgid bit",
        [MXC_CHECK_CLONE] = "new namespace",
        [MXC_CHECK_SOCKET] = "family or protocol",
        [MXC_CHECK_LOCAL] = "family or protocol",
        [MXC_CHECK_IOCTL] = "request",
        [MXC_CHECK_PRCTL] = "option",
        [MXC_CHECK_SECCOMP] = "listener",
        [MXC_CHECK_PERSONA] = "personality",
    };
    return check < MXC_CHECKS ? texts[check] : "";
}
