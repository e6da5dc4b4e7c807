/* Made from core/include/mxc/mxc.h by `make bindings`; do not edit. */
/* clang-format off */
#ifndef MXC_NODE_GENERATED_CONSTANTS_H
#define MXC_NODE_GENERATED_CONSTANTS_H

#include <stddef.h>
#include <stdint.h>

#include "mxc/mxc.h"

#if defined(__cplusplus)
#define MXC_LAYOUT_ASSERT(what) static_assert(what, #what)
#else
#define MXC_LAYOUT_ASSERT(what) _Static_assert(what, #what)
#endif
#if defined(__GNUC__)
#define MXC_TABLE static const __attribute__((unused))
#else
#define MXC_TABLE static const
#endif

struct mxc_constant {
    const char *key;  /* as in constants.ts: "PolicyInvalid" */
    int32_t value;
    const char *text; /* the library's name for it; NULL where it has none */
};

MXC_TABLE struct mxc_constant mxc_access_constants[] = {
    {"Deny", MXC_ACCESS_DENY, NULL},
    {"Read", MXC_ACCESS_READ, NULL},
    {"Write", MXC_ACCESS_WRITE, NULL},
};

MXC_TABLE struct mxc_constant mxc_connection_outcome_constants[] = {
    {"ConnectionOpen", MXC_CONNECTION_OPEN, "open"},
    {"ConnectionClosed", MXC_CONNECTION_CLOSED, "closed"},
    {"ConnectionReset", MXC_CONNECTION_RESET, "reset"},
    {"ConnectionUnreachable", MXC_CONNECTION_UNREACHABLE, "unreachable"},
    {"ConnectionUnresolved", MXC_CONNECTION_UNRESOLVED, "unresolved"},
    {"ConnectionDenied", MXC_CONNECTION_DENIED, "denied"},
    {"ConnectionGuarded", MXC_CONNECTION_GUARDED, "guarded"},
    {"ConnectionUnknownName", MXC_CONNECTION_UNKNOWN_NAME, "unknown_name"},
    {"ConnectionTooMany", MXC_CONNECTION_TOO_MANY, "too_many"},
    {"ConnectionCut", MXC_CONNECTION_CUT, "cut"},
};

MXC_TABLE struct mxc_constant mxc_limit_constants[] = {
    {"None", MXC_LIMIT_NONE, "none"},
    {"Memory", MXC_LIMIT_MEMORY, "memory"},
    {"Processes", MXC_LIMIT_PROCESSES, "processes"},
    {"CpuTime", MXC_LIMIT_CPU_TIME, "cpu_time"},
    {"WallTime", MXC_LIMIT_WALL_TIME, "wall_time"},
    {"Output", MXC_LIMIT_OUTPUT, "output"},
    {"FileSize", MXC_LIMIT_FILE_SIZE, "file_size"},
    {"OpenFiles", MXC_LIMIT_OPEN_FILES, "open_files"},
    {"Swap", MXC_LIMIT_SWAP, "swap"},
    {"Cpus", MXC_LIMIT_CPUS, "cpus"},
    {"Tmp", MXC_LIMIT_TMP, "tmp"},
    {"Disk", MXC_LIMIT_DISK, "disk"},
};

MXC_TABLE struct mxc_constant mxc_mechanism_constants[] = {
    {"UserNamespace", MXC_MECHANISM_USER_NAMESPACE, "user namespace"},
    {"MountNamespace", MXC_MECHANISM_MOUNT_NAMESPACE, "mount namespace"},
    {"PidNamespace", MXC_MECHANISM_PID_NAMESPACE, "pid namespace"},
    {"IpcNamespace", MXC_MECHANISM_IPC_NAMESPACE, "ipc namespace"},
    {"UtsNamespace", MXC_MECHANISM_UTS_NAMESPACE, "uts namespace"},
    {"CgroupNamespace", MXC_MECHANISM_CGROUP_NAMESPACE, "cgroup namespace"},
    {"NetworkNamespace", MXC_MECHANISM_NETWORK_NAMESPACE, "network namespace"},
    {"Mount", MXC_MECHANISM_MOUNT, "mount"},
    {"Landlock", MXC_MECHANISM_LANDLOCK, "landlock"},
    {"Seccomp", MXC_MECHANISM_SECCOMP, "seccomp"},
    {"Capabilities", MXC_MECHANISM_CAPABILITIES, "capabilities"},
    {"NoNewPrivs", MXC_MECHANISM_NO_NEW_PRIVS, "no_new_privs"},
    {"Session", MXC_MECHANISM_SESSION, "session"},
    {"Keyring", MXC_MECHANISM_KEYRING, "keyring"},
    {"CloseRange", MXC_MECHANISM_CLOSE_RANGE, "close_range"},
    {"CgroupMemory", MXC_MECHANISM_CGROUP_MEMORY, "cgroup memory"},
    {"CgroupPids", MXC_MECHANISM_CGROUP_PIDS, "cgroup pids"},
    {"CgroupCpu", MXC_MECHANISM_CGROUP_CPU, "cgroup cpu"},
    {"Rlimit", MXC_MECHANISM_RLIMIT, "rlimit"},
    {"Keeper", MXC_MECHANISM_KEEPER, "keeper"},
    {"Init", MXC_MECHANISM_INIT, "init"},
    {"Relay", MXC_MECHANISM_RELAY, "relay"},
};

MXC_TABLE struct mxc_constant mxc_pool_counter_constants[] = {
    {"PoolReady", MXC_POOL_READY, NULL},
    {"PoolWanted", MXC_POOL_WANTED, NULL},
    {"PoolTaken", MXC_POOL_TAKEN, NULL},
    {"PoolCold", MXC_POOL_COLD, NULL},
    {"PoolFailed", MXC_POOL_FAILED, NULL},
    {"PoolDropped", MXC_POOL_DROPPED, NULL},
};

MXC_TABLE struct mxc_constant mxc_status_constants[] = {
    {"Ok", MXC_OK, "ok"},
    {"NoMemory", MXC_E_NO_MEMORY, "no_memory"},
    {"InvalidArgument", MXC_E_INVALID_ARGUMENT, "invalid_argument"},
    {"PolicySyntax", MXC_E_POLICY_SYNTAX, "policy_syntax"},
    {"PolicyInvalid", MXC_E_POLICY_INVALID, "policy_invalid"},
    {"PolicyVersion", MXC_E_POLICY_VERSION, "policy_version"},
    {"PolicyConflict", MXC_E_POLICY_CONFLICT, "policy_conflict"},
    {"Path", MXC_E_PATH, "path"},
    {"Unsupported", MXC_E_UNSUPPORTED, "unsupported"},
    {"Setup", MXC_E_SETUP, "setup"},
    {"Verify", MXC_E_VERIFY, "verify"},
    {"CommandNotFound", MXC_E_COMMAND_NOT_FOUND, "command_not_found"},
    {"CommandNotExecutable", MXC_E_COMMAND_NOT_EXECUTABLE, "command_not_executable"},
    {"Interpreter", MXC_E_INTERPRETER, "interpreter"},
    {"Timeout", MXC_E_TIMEOUT, "timeout"},
    {"Closed", MXC_E_CLOSED, "closed"},
    {"System", MXC_E_SYSTEM, "system"},
    {"Internal", MXC_E_INTERNAL, "internal"},
};

MXC_TABLE struct mxc_constant mxc_stdio_constants[] = {
    {"Default", MXC_STDIO_DEFAULT, NULL},
    {"Pipe", MXC_STDIO_PIPE, NULL},
    {"Fd", MXC_STDIO_FD, NULL},
    {"Null", MXC_STDIO_NULL, NULL},
};

MXC_TABLE struct mxc_constant mxc_stream_constants[] = {
    {"Stdout", MXC_STDOUT, NULL},
    {"Stderr", MXC_STDERR, NULL},
};

#if UINTPTR_MAX == UINT64_MAX
MXC_LAYOUT_ASSERT(sizeof(mxc_command) == 120);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, struct_size) == 0);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, argv) == 8);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, code) == 16);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, code_length) == 24);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, language) == 32);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, interpreter) == 40);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, cwd) == 48);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, env) == 56);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, input) == 64);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, input_length) == 72);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, timeout_ms) == 80);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, grace_ms) == 88);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, stdin_mode) == 96);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, stdout_mode) == 100);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, stderr_mode) == 104);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, stdin_fd) == 108);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, stdout_fd) == 112);
MXC_LAYOUT_ASSERT(offsetof(mxc_command, stderr_fd) == 116);

MXC_LAYOUT_ASSERT(sizeof(mxc_pool_options) == 80);
MXC_LAYOUT_ASSERT(offsetof(mxc_pool_options, struct_size) == 0);
MXC_LAYOUT_ASSERT(offsetof(mxc_pool_options, size) == 8);
MXC_LAYOUT_ASSERT(offsetof(mxc_pool_options, min) == 16);
MXC_LAYOUT_ASSERT(offsetof(mxc_pool_options, max) == 24);
MXC_LAYOUT_ASSERT(offsetof(mxc_pool_options, idle_ms) == 32);
MXC_LAYOUT_ASSERT(offsetof(mxc_pool_options, language) == 40);
MXC_LAYOUT_ASSERT(offsetof(mxc_pool_options, interpreter) == 48);
MXC_LAYOUT_ASSERT(offsetof(mxc_pool_options, preload) == 56);
MXC_LAYOUT_ASSERT(offsetof(mxc_pool_options, env) == 64);
MXC_LAYOUT_ASSERT(offsetof(mxc_pool_options, fresh) == 72);

MXC_LAYOUT_ASSERT(sizeof(mxc_sandbox_options) == 24);
MXC_LAYOUT_ASSERT(offsetof(mxc_sandbox_options, struct_size) == 0);
MXC_LAYOUT_ASSERT(offsetof(mxc_sandbox_options, runtime_paths) == 8);
MXC_LAYOUT_ASSERT(offsetof(mxc_sandbox_options, languages) == 16);
#endif

#endif
