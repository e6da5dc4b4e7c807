/* tables.c: the decision table. Groups follow the purpose of the calls; each has one reason, which is also what
 * docs/syscalls.md and the golden tables tell. A call that is in no group does not exist inside (ENOSYS), so
 * a new call of a new kernel stays outside until someone has read what it does. */
#include "filter/tables.h"

#include <string.h>

#define ALLOW MXC_CALL_ALLOW
#define DENY MXC_CALL_DENY
#define CHECK MXC_CALL_CHECK
#define NOSYS MXC_CALL_NOSYS
#define WALL MXC_CALL_WALL
#define FREE MXC_CALL_FREE

static const char io_calls[] =
    "read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek _llseek close "
    "close_range dup dup2 dup3 fcntl fcntl64 flock pipe pipe2 sendfile sendfile64 splice tee "
    "copy_file_range fsync fdatasync sync_file_range sync_file_range2 readahead fadvise64 fadvise64_64 "
    "ftruncate ftruncate64 fallocate";
static const char files_calls[] =
    "stat fstat lstat stat64 fstat64 lstat64 newfstatat fstatat64 statx access faccessat faccessat2 "
    "readlink readlinkat getdents getdents64 getcwd chdir fchdir rename renameat renameat2 link linkat "
    "symlink symlinkat unlink unlinkat rmdir truncate truncate64 chown fchown lchown fchownat utime "
    "utimes futimesat utimensat umask statfs fstatfs statfs64 fstatfs64 setxattr lsetxattr fsetxattr "
    "getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr "
    "setxattrat getxattrat listxattrat removexattrat file_getattr";
static const char modes_calls[] = "chmod fchmod fchmodat fchmodat2 creat mkdir mkdirat open openat mknod mknodat";
static const char process_calls[] =
    "fork vfork execve execveat exit exit_group wait4 waitid waitpid getpid getppid gettid getpgid "
    "getpgrp setpgid getsid setsid pidfd_open pidfd_send_signal getrusage times sysinfo uname getrlimit "
    "ugetrlimit setrlimit arch_prctl set_tid_address restart_syscall getrandom";
static const char signals_calls[] =
    "kill tkill tgkill rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait "
    "rt_sigsuspend rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack pause signalfd signalfd4";
static const char threads_calls[] =
    "futex futex_waitv futex_wake futex_wait futex_requeue set_robust_list get_robust_list rseq "
    "membarrier sched_yield getcpu set_thread_area get_thread_area";
static const char memory_calls[] =
    "brk mmap mmap2 munmap mremap mprotect madvise msync mincore mlock mlock2 munlock mlockall munlockall "
    "mseal map_shadow_stack";
static const char time_calls[] =
    "time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep alarm getitimer setitimer "
    "timer_create timer_settime timer_gettime timer_getoverrun timer_delete timerfd_create "
    "timerfd_settime timerfd_gettime";
static const char events_calls[] =
    "poll ppoll select _newselect pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait "
    "epoll_pwait2 eventfd eventfd2";
static const char sockets_calls[] =
    "connect accept accept4 bind listen shutdown getsockname getpeername getsockopt setsockopt sendto "
    "recvfrom sendmsg recvmsg sendmmsg recvmmsg";
static const char families_calls[] = "socket socketpair";
static const char ids_calls[] =
    "getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid setregid "
    "setresuid setresgid setfsuid setfsgid setgroups capget capset";
static const char sched_calls[] =
    "getpriority setpriority sched_getaffinity sched_setaffinity sched_getparam sched_getscheduler "
    "sched_getattr sched_get_priority_max sched_get_priority_min sched_rr_get_interval ioprio_get";
static const char self_calls[] = "landlock_create_ruleset landlock_add_rule landlock_restrict_self";
static const char control_calls[] = "clone ioctl prctl seccomp";
static const char limits_calls[] = "prlimit64";
static const char persona_calls[] = "personality";
static const char ipc_calls[] =
    "shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open "
    "mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr";
static const char watch_calls[] = "inotify_init inotify_init1 inotify_add_watch inotify_rm_watch";
static const char memfd_calls[] = "memfd_create";
static const char aio_calls[] = "io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents";
static const char tuning_calls[] =
    "sync syncfs sched_setscheduler sched_setparam sched_setattr ioprio_set get_mempolicy pkey_alloc "
    "pkey_free pkey_mprotect process_mrelease";
static const char mount_calls[] =
    "mount umount umount2 pivot_root chroot open_tree open_tree_attr move_mount fsopen fsconfig fsmount "
    "fspick mount_setattr quotactl quotactl_fd file_setattr";
static const char namespace_calls[] = "unshare setns";
static const char handles_calls[] = "name_to_handle_at open_by_handle_at pidfd_getfd";
static const char debug_calls[] = "ptrace process_vm_readv process_vm_writev process_madvise kcmp";
static const char kernel_calls[] = "bpf perf_event_open userfaultfd fanotify_init fanotify_mark";
static const char uring_calls[] = "io_uring_setup io_uring_enter io_uring_register";
static const char keys_calls[] = "add_key request_key keyctl";
static const char machine_calls[] =
    "kexec_load kexec_file_load init_module finit_module delete_module create_module get_kernel_syms "
    "query_module swapon swapoff acct reboot iopl ioperm sethostname setdomainname syslog vhangup "
    "lsm_set_self_attr";
static const char clock_calls[] = "settimeofday clock_settime clock_adjtime adjtimex";
static const char numa_calls[] = "mbind set_mempolicy set_mempolicy_home_node move_pages migrate_pages";
static const char obscure_calls[] = "memfd_secret vmsplice modify_ldt lookup_dcookie";
static const char legacy_calls[] = "uselib ustat sysfs _sysctl nfsservctl";
static const char pointer_calls[] = "clone3 openat2";
static const char later_calls[] =
    "cachestat statmount listmount listns lsm_get_self_attr lsm_list_modules remap_file_pages uretprobe "
    "uprobe rseq_slice_yield";

const struct mxc_call_group mxc_call_groups[] = {
    {"input and output", "works on descriptors that were granted", io_calls, {ALLOW, ALLOW}, 0},
    {"files", "mounts and Landlock decide which", files_calls, {ALLOW, ALLOW}, 0},
    {"file modes", "a setuid or setgid file would outlive the sandbox on the host", modes_calls, {CHECK, CHECK}, 0},
    {"processes", "the process namespace bounds them", process_calls, {ALLOW, ALLOW}, 0},
    {"signals", "reach only processes inside", signals_calls, {ALLOW, ALLOW}, 0},
    {"threads", "of the own process", threads_calls, {ALLOW, ALLOW}, 0},
    {"memory", "of the own process", memory_calls, {ALLOW, ALLOW}, 0},
    {"time", "reading clocks, own timers", time_calls, {ALLOW, ALLOW}, 0},
    {"events", "waiting for own descriptors", events_calls, {ALLOW, ALLOW}, 0},
    {"sockets", "the network namespace decides what they reach", sockets_calls, {ALLOW, ALLOW}, 0},
    {"socket families", "other families are kernel code that few have read", families_calls, {CHECK, CHECK}, 0},
    {"ids", "one id is mapped and no capability is left", ids_calls, {ALLOW, ALLOW}, 0},
    {"scheduling", "the kernel bounds them without capabilities", sched_calls, {ALLOW, ALLOW}, 0},
    {"self-confinement", "only ever takes rights away", self_calls, {ALLOW, ALLOW}, 0},
    {"multiplexers", "some of their requests reach out of the sandbox", control_calls, {CHECK, CHECK}, 0},
    {"limits", "those of the process that ends the others are not the workload's", limits_calls, {CHECK, CHECK}, 0},
    {"personality", "switches hardening off", persona_calls, {CHECK, CHECK}, FREE},
    {"System V and POSIX ipc", "own ipc namespace; strict: seldom needed", ipc_calls, {ALLOW, DENY}, 0},
    {"inotify", "sees granted files only; strict: seldom needed", watch_calls, {ALLOW, DENY}, 0},
    {"anonymous files", "no file behind them; strict: unnamed code", memfd_calls, {ALLOW, DENY}, 0},
    {"asynchronous input and output", "old interface; strict: seldom needed", aio_calls, {ALLOW, DENY}, 0},
    {"tuning", "harmless; strict: seldom needed", tuning_calls, {ALLOW, DENY}, 0},
    {"mounts, roots, quotas, inode flags", "the walls are made of them", mount_calls, {DENY, DENY}, WALL},
    {"namespaces", "a new one gives all capabilities inside it", namespace_calls, {DENY, DENY}, WALL},
    {"objects without a path", "goes around mounts and Landlock", handles_calls, {DENY, DENY}, WALL},
    {"other processes' memory", "one program of the sandbox takes over another", debug_calls, {DENY, DENY}, 0},
    {"large kernel interfaces", "programs and watchers in the kernel", kernel_calls, {DENY, DENY}, WALL},
    {"io_uring", "does calls that no filter sees", uring_calls, {DENY, DENY}, WALL},
    {"kernel keys", "not part of any namespace", keys_calls, {DENY, DENY}, WALL},
    {"the machine", "belongs to the host", machine_calls, {DENY, DENY}, WALL},
    {"setting clocks", "belongs to the host", clock_calls, {DENY, DENY}, WALL},
    {"memory placement",
     "for large machines only; not recorded because libnuma (ps) tries it",
     numa_calls,
     {NOSYS, NOSYS},
     0},
    {"rare calls", "often part of exploits, seldom of programs", obscure_calls, {DENY, DENY}, 0},
    {"abandoned calls", "no program of today uses them", legacy_calls, {DENY, DENY}, 0},
    {"arguments behind a pointer", "cannot be checked; programs fall back", pointer_calls, {NOSYS, NOSYS}, WALL},
    {"new calls", "nothing needs them yet; programs fall back", later_calls, {NOSYS, NOSYS}, 0},
};
const size_t mxc_call_group_count = sizeof mxc_call_groups / sizeof *mxc_call_groups;

static const struct {
    const char *name;
    enum mxc_call_check check;
} checked[] = {
    {"chmod", MXC_CHECK_MODE_1},      {"fchmod", MXC_CHECK_MODE_1},   {"fchmodat", MXC_CHECK_MODE_2},
    {"fchmodat2", MXC_CHECK_MODE_2},  {"creat", MXC_CHECK_MODE_1},    {"mkdir", MXC_CHECK_MODE_1},
    {"mkdirat", MXC_CHECK_MODE_2},    {"open", MXC_CHECK_OPEN_1},     {"openat", MXC_CHECK_OPEN_2},
    {"mknod", MXC_CHECK_NODE_1},      {"mknodat", MXC_CHECK_NODE_2},  {"socket", MXC_CHECK_SOCKET},
    {"socketpair", MXC_CHECK_LOCAL},  {"clone", MXC_CHECK_CLONE},     {"ioctl", MXC_CHECK_IOCTL},
    {"prctl", MXC_CHECK_PRCTL},       {"seccomp", MXC_CHECK_SECCOMP}, {"personality", MXC_CHECK_PERSONA},
    {"prlimit64", MXC_CHECK_PRLIMIT},
};

/* Used by init while it serves (it lives under the same filter), by the loaders of both C libraries, or by exec
 * itself. A policy that denied one of these would be a sandbox that cannot start or cannot be ended. */
static const char needed[] =
    "read write readv writev open openat close close_range lseek pread64 dup dup2 dup3 fcntl fcntl64 "
    "ioctl poll ppoll stat fstat lstat newfstatat fstatat64 statx statfs fstatfs access faccessat "
    "readlink readlinkat getdents64 getcwd chdir fchdir umask brk mmap mmap2 munmap mremap mprotect "
    "madvise execve execveat exit exit_group clone fork vfork wait4 waitid waitpid getpid getppid gettid "
    "setsid setpgid prctl arch_prctl set_tid_address prlimit64 setrlimit setpriority kill tkill tgkill "
    "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigtimedwait rt_sigsuspend sigaltstack signalfd4 "
    "restart_syscall futex set_robust_list rseq getrandom sendmsg recvmsg sendto recvfrom clock_gettime "
    "clock_nanosleep nanosleep gettimeofday pidfd_open pidfd_send_signal getuid geteuid getgid getegid "
    "capget getrusage uname";

int mxc_call_next(const char **names, char name[MXC_CALL_NAME]) {
    size_t length = strcspn(*names, " ");
    if (length == 0 || length >= MXC_CALL_NAME)
        return 0;
    memcpy(name, *names, length);
    name[length] = 0;
    *names += length + strspn(*names + length, " ");
    return 1;
}

static int in_list(const char *names, const char *name) {
    char one[MXC_CALL_NAME];
    while (mxc_call_next(&names, one)) {
        if (!strcmp(one, name))
            return 1;
    }
    return 0;
}

static enum mxc_call_check check_of(const char *name) {
    for (size_t i = 0; i < sizeof checked / sizeof *checked; i++) {
        if (!strcmp(checked[i].name, name))
            return checked[i].check;
    }
    return MXC_CHECK_NONE;
}

int mxc_call_find(struct mxc_call *out, const char *name) {
    for (size_t i = 0; i < mxc_call_group_count; i++) {
        if (!in_list(mxc_call_groups[i].names, name))
            continue;
        *out = (struct mxc_call){name, &mxc_call_groups[i], check_of(name)};
        return 1;
    }
    return 0;
}

size_t mxc_call_count(void) {
    size_t count = 0;
    char name[MXC_CALL_NAME];
    for (size_t i = 0; i < mxc_call_group_count; i++) {
        for (const char *names = mxc_call_groups[i].names; mxc_call_next(&names, name);)
            count++;
    }
    return count;
}

int mxc_call_needed(const char *name) { return in_list(needed, name); }

enum mxc_call_verdict mxc_call_verdict_in(const struct mxc_call *call, int profile) {
    return (enum mxc_call_verdict)call->group->verdict[profile != 0];
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
        [MXC_CHECK_PRLIMIT] = "another process",
        [MXC_CHECK_PERSONA] = "personality",
        [MXC_CHECK_PAIR] = "family or kind",
        [MXC_CHECK_SELF] = "another process",
        [MXC_CHECK_SELF_1] = "another process",
        [MXC_CHECK_IO_SELF] = "another process",
        [MXC_CHECK_KILL] = "everybody",
        [MXC_CHECK_NO_PATH] = "by path",
        [MXC_CHECK_SEEN_1] = "access mode, setuid or setgid bit",
        [MXC_CHECK_SEEN_2] = "access mode, setuid or setgid bit",
    };
    return check < MXC_CHECKS ? texts[check] : "";
}
