/* host_text.h: a host written down by hand, for tests that must not depend on the machine they run on. A file has
 * one fact a line; what is not said is absent:
 *   root | user            who starts it          landlock 7        ABI, 0: none
 *   own-uids               root may become any user
 *   no FEATURE [why]       user-namespaces, mount-api, process-api, idmapped-mounts, seccomp-notify
 *   cgroup memory 1 /sys/fs/cgroup/memory [fixed]     controller, version, folder; fixed: not writable
 *   dir PATH [owner N] [mode OCTAL] [unreadable] [unwritable] [closed]    closed: the caller cannot go through it
 *   file PATH [links N] ..., socket PATH, device PATH; dir PATH ghost: made by another sandbox
 *   home PATH              somebody's home folder          cut PATH      a walk over it ends early
 *   linked PATH FILE       a file in this folder has another name outside
 *   link PATH TARGET       include FILE (in the folder of hosts)
 */
#ifndef MXC_TEST_HOST_TEXT_H
#define MXC_TEST_HOST_TEXT_H

#include "backend/backend.h"
#include "policy/policy.h"
#include "probe/probe.h"

struct test_node {
    char *path, *target; /* target: a link */
    uint32_t type, mode, owner;
    uint64_t links;
    int readable, writable, closed, ghost, home, cut;
    char *linked;
};

struct test_host {
    struct mxc_host host;
    struct test_node *nodes;
    size_t count, capacity;
    const char *include_dir;
};

/* Ends the test program with a message when the file is not well formed. */
void test_host_load(struct test_host *host, const char *file, const char *include_dir);
/* Fills in the facts that the backend wants, as the probe would. */
mxc_status test_host_look(struct test_host *host, const struct mxc_backend *backend, const mxc_policy *policy,
                          mxc_error **err);
void test_host_forget(struct test_host *host); /* the facts, not the host */
void test_host_clear(struct test_host *host);

#endif
