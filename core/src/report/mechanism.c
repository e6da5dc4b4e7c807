/* mechanism.c: see mechanism.h. */
#include "report/mechanism.h"

#include <stddef.h>

const char *mxc_mechanism_text(mxc_mechanism mechanism) {
    static const char *const names[] = {[MXC_MECHANISM_USER_NAMESPACE] = "user namespace",
                                        [MXC_MECHANISM_MOUNT_NAMESPACE] = "mount namespace",
                                        [MXC_MECHANISM_PID_NAMESPACE] = "pid namespace",
                                        [MXC_MECHANISM_IPC_NAMESPACE] = "ipc namespace",
                                        [MXC_MECHANISM_UTS_NAMESPACE] = "uts namespace",
                                        [MXC_MECHANISM_CGROUP_NAMESPACE] = "cgroup namespace",
                                        [MXC_MECHANISM_NETWORK_NAMESPACE] = "network namespace",
                                        [MXC_MECHANISM_MOUNT] = "mount",
                                        [MXC_MECHANISM_LANDLOCK] = "landlock",
                                        [MXC_MECHANISM_SECCOMP] = "seccomp",
                                        [MXC_MECHANISM_CAPABILITIES] = "capabilities",
                                        [MXC_MECHANISM_NO_NEW_PRIVS] = "no_new_privs",
                                        [MXC_MECHANISM_SESSION] = "session",
                                        [MXC_MECHANISM_KEYRING] = "keyring",
                                        [MXC_MECHANISM_CLOSE_RANGE] = "close_range",
                                        [MXC_MECHANISM_CGROUP_MEMORY] = "cgroup memory",
                                        [MXC_MECHANISM_CGROUP_PIDS] = "cgroup pids",
                                        [MXC_MECHANISM_CGROUP_CPU] = "cgroup cpu",
                                        [MXC_MECHANISM_RLIMIT] = "rlimit",
                                        [MXC_MECHANISM_KEEPER] = "keeper",
                                        [MXC_MECHANISM_INIT] = "init",
                                        [MXC_MECHANISM_RELAY] = "relay"};
    if (mechanism < 1 || (size_t)mechanism >= sizeof names / sizeof *names)
        return "unknown";
    return names[mechanism];
}
