/* refusal.c: a refused start in the caller's words: which item of the policy, what the kernel said, what to do. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/sys.h"
#include "client/parts.h"
#include "plan/builder.h"

/* The op as the plan prints it, without its line end and the note of its origin. */
static void describe(struct mxc_buf *out, const struct mxc_plan_view *view, uint32_t index) {
    struct mxc_plan_view one = *view;
    one.ops += index;
    one.op_count = 1;
    mxc_plan_print(out, &one, 0);
    if (out->failed || !out->data)
        return;
    out->data[strcspn(out->data, "\n")] = 0;
    char *note = strstr(out->data, "  # ");
    if (note)
        *note = 0;
}

static int setting_is(const char *path, char value) {
    char text[16];
    MXC_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && read(fd, text, sizeof text) >= 1 && text[0] == value;
}

static const char *namespaces_hint(void) {
    if (setting_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
        return "AppArmor restricts user namespaces here: \"mxc doctor\" prints the profile that allows them; "
               "onUnsupported \"report\" takes a weaker wall";
    return "user namespaces are forbidden here, by a setting, a security module, or the container this runs in: \"mxc "
           "doctor\" says more; onUnsupported \"report\" takes a weaker wall";
}

static int is_mapped_bind(const struct mxc_op *op) { return op && op->kind == MXC_OP_BIND && (op->a & MXC_BIND_IDMAP); }

/* The builder has all capabilities of its own namespaces, so it is somebody else's rule that forbids one of its steps.
 * The kernel gives no new /proc to whom the old one is shown in parts only. */
static const char *forbidden_step_hint(const struct mxc_op *op) {
    if (op && op->kind == MXC_OP_PROC)
        return "parts of /proc are hidden here, as containers do; start the container with the whole of it: docker run "
               "--security-opt systempaths=unconfined ..., podman run --security-opt unmask=ALL ...";
    if (op && op->kind == MXC_OP_BIND)
        return "the path lies on a mount that may not be changed from here, or a filter forbids it, perhaps that of the "
               "container this runs in: docker run or podman run --security-opt seccomp=unconfined ...";
    return "a filter forbids it, perhaps that of the container this runs in: docker run or podman run --security-opt "
           "seccomp=unconfined ...";
}

static int is_unreadable(const struct mxc_refusal *refusal) {
    return refusal->stage == MXC_STAGE_KEEPER && refusal->detail == SYS_process_vm_readv;
}

static const char *hint_for(const struct mxc_refusal *refusal, const struct mxc_op *op) {
    int denied = refusal->sys_errno == EPERM || refusal->sys_errno == EACCES;
    if (refusal->stage == MXC_STAGE_CLONE && (denied || refusal->sys_errno == ENOSPC || refusal->sys_errno == EUSERS))
        return namespaces_hint();
    /* AppArmor lets the namespace be made and takes the rights in it away. */
    if (refusal->stage == MXC_STAGE_BUILD && denied &&
        setting_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
        return namespaces_hint();
    if (refusal->stage == MXC_STAGE_BUILD && refusal->sys_errno == EPERM)
        return forbidden_step_hint(op);
    /* which file systems can be ID-mapped depends on the kernel (tmpfs: since 6.3), and only trying tells */
    if (refusal->sys_errno == EINVAL && is_mapped_bind(op))
        return "started by root, mxc maps the owner of a writable path, and this kernel cannot do that on the path's "
               "file system; use a folder on another one, or start mxc as an ordinary user";
    if (refusal->sys_errno == EBUSY && op && op->kind == MXC_OP_SECCOMP)
        return "a container manager listens to the system calls here (seccomp user notification), and a second listener "
               "cannot be had; start mxc outside of that container";
    if (op && op->kind == MXC_OP_PUBLISH && refusal->sys_errno == EADDRINUSE)
        return "another program of the host listens there; choose another hostPort, or leave it out for a free one";
    if (op && op->kind == MXC_OP_PUBLISH && denied)
        return "an ordinary user cannot listen on ports below 1024; choose another hostPort";
    if (is_unreadable(refusal))
        return "to grant every port mxc reads where a program inside connects to, and this host lets nobody look into "
               "another process (kernel.yama.ptrace_scope=3, deny_ptrace of SELinux, or the filter of a container); name the "
               "ports, 64 at most";
    if (refusal->sys_errno == EDQUOT && refusal->stage == MXC_STAGE_KEEPER)
        return "the sandbox needs a keyring, and this user has as many kernel keys as one may; as root: "
               "sysctl -w kernel.keys.maxkeys=10000";
    if (refusal->sys_errno == ENOMEM || refusal->sys_errno == EMFILE || refusal->sys_errno == ENFILE)
        return "the host has run out of memory, processes or descriptors";
    return NULL;
}

static const char *check_name(uint32_t check) {
    static const char *const names[] = {
        [MXC_CHECK_CAPABILITIES] = "capabilities",        [MXC_CHECK_NO_NEW_PRIVS] = "no_new_privs",
        [MXC_CHECK_SECCOMP] = "the system-call filter",   [MXC_CHECK_MOUNT_FLAGS] = "the flags of the mounts",
        [MXC_CHECK_NAMESPACES] = "the namespaces",        [MXC_CHECK_IDS] = "user and group",
        [MXC_CHECK_DESCRIPTORS] = "the open descriptors", [MXC_CHECK_LANDLOCK] = "what Landlock confines"};
    return check < sizeof names / sizeof *names && names[check] ? names[check] : "something unnamed";
}

/* The calls of the keeper that serve no op of the plan. */
static const char *own_call(uint32_t number) {
    static const struct {
        uint32_t number;
        const char *name;
    } calls[] = {{SYS_keyctl, "keyctl"},
                 {SYS_pidfd_open, "pidfd_open"},
                 {SYS_socketpair, "socketpair"},
                 {SYS_capset, "capset"},
                 {SYS_seccomp, "seccomp"},
                 {SYS_prctl, "prctl"},
                 {SYS_process_vm_readv, "process_vm_readv"}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (calls[i].number == number)
            return calls[i].name;
    return NULL;
}

static mxc_status refuse_op(mxc_error **err, const struct mxc_refusal *refusal, const struct mxc_plan_view *view) {
    static const char *const doing[] = {[MXC_STAGE_KEEPER] = "preparing the sandbox",
                                        [MXC_STAGE_CLONE] = "making the namespaces",
                                        [MXC_STAGE_BUILD] = "building the walls",
                                        [MXC_STAGE_CONFINE] = "confining the first process"};
    MXC_AUTO_BUF struct mxc_buf op = {0};
    char text[128];
    const char *reason = strerror_r((int)refusal->sys_errno, text, sizeof text);
    const struct mxc_op *at = view && refusal->op < view->op_count ? &view->ops[refusal->op] : NULL;
    struct mxc_fault fault = {.sys_errno = (int)refusal->sys_errno, .hint = hint_for(refusal, at)};
    if (at) {
        describe(&op, view, refusal->op);
        fault.origin = mxc_plan_text_at(view, at->origin);
    } else if (refusal->stage == MXC_STAGE_KEEPER && own_call(refusal->detail))
        mxc_buf_text(&op, own_call(refusal->detail));
    if (is_unreadable(refusal))
        fault.origin = "/network/egress";
    if (op.failed)
        return mxc_fail_memory(err);
    if (refusal->stage == MXC_STAGE_IDENTITY) {
        fault.operation = op.data;
        return mxc_fail(err, MXC_E_PATH, &fault, "a path is not what it was when the policy was read: %s",
                        op.data ? op.data : "unknown");
    }
    fault.operation = op.data ? op.data : doing[refusal->stage];
    return mxc_fail(err, MXC_E_SETUP, &fault, "%s failed: %s%s%s", doing[refusal->stage], op.data ? op.data : "",
                    op.data ? ": " : "", reason);
}

static mxc_status refuse_exec(mxc_error **err, const struct mxc_refusal *refusal, const struct mxc_told *told) {
    char hint[PATH_MAX + 128], text[128];
    const char *command = told->command ? told->command : "";
    struct mxc_fault fault = {.operation = "execve", .sys_errno = (int)refusal->sys_errno, .hint = hint};
    if (refusal->sys_errno == ENOENT) {
        if (!strchr(command, '/'))
            snprintf(hint, sizeof hint, "looked for in %s", told->path ? told->path : "PATH");
        else if (!mxc_absent_hint(hint, sizeof hint, told))
            snprintf(hint, sizeof hint,
                     "it must lie below a path that the policy grants; so must the interpreter of a script");
        return mxc_fail(err, MXC_E_COMMAND_NOT_FOUND, &fault, "there is no command '%s' inside", command);
    }
    fault.hint = refusal->sys_errno == ENOEXEC ? "a script needs a first line such as #!/bin/sh" : NULL;
    return mxc_fail(err, MXC_E_COMMAND_NOT_EXECUTABLE, &fault, "'%s' cannot be executed: %s", command,
                    strerror_r((int)refusal->sys_errno, text, sizeof text));
}

mxc_status mxc_refuse(mxc_error **err, const struct mxc_refusal *refusal, const struct mxc_told *told) {
    char text[128];
    int number = (int)refusal->sys_errno;
    switch (refusal->stage) {
    case MXC_STAGE_KEEPER:
    case MXC_STAGE_CLONE:
    case MXC_STAGE_BUILD:
    case MXC_STAGE_CONFINE:
    case MXC_STAGE_IDENTITY:
        return refuse_op(err, refusal, told->view);
    case MXC_STAGE_VERIFY:
        return mxc_fail(err, MXC_E_VERIFY, MXC_FAULT(.operation = "verify", .sys_errno = number),
                        "the sandbox found %s not as planned and started nothing", check_name(refusal->detail));
    case MXC_STAGE_PARKED:
        return mxc_fail(
            err, MXC_E_INTERPRETER, MXC_FAULT(.hint = "run an import of these modules to see why"),
            "the interpreter that was started ahead ended before it had work: one of the modules to preload cannot "
            "be imported, or it was killed");
    case MXC_STAGE_RELAY:
        return mxc_fail(
            err, MXC_E_SETUP, MXC_FAULT(.origin = "/network/egress", .operation = "relay", .sys_errno = number),
            "the relay for the sandbox's connections did not start: %s", strerror_r(number, text, sizeof text));
    case MXC_STAGE_CWD:
        return mxc_fail(err, MXC_E_PATH,
                        MXC_FAULT(.origin = "/process/cwd", .operation = "chdir", .sys_errno = number,
                                  .hint = "it must be a folder inside: grant it, or choose another"),
                        "the working directory %s cannot be entered: %s", told->cwd ? told->cwd : "",
                        strerror_r(number, text, sizeof text));
    case MXC_STAGE_EXEC:
        return refuse_exec(err, refusal, told);
    case MXC_STAGE_COMMAND:
        if (number == EAGAIN)
            return mxc_fail(err, MXC_E_SETUP, MXC_FAULT(.sys_errno = number, .hint = "wait for one of them to end"),
                            "the sandbox runs as many commands at once as it can");
        if (number == EMFILE || number == ENFILE || number == ENOMEM)
            return mxc_fail(err, MXC_E_SETUP, MXC_FAULT(.sys_errno = number, .hint = hint_for(refusal, NULL)),
                            "the streams of the command cannot be made: %s", strerror_r(number, text, sizeof text));
        __attribute__((fallthrough));
    default:
        return mxc_fail(err, MXC_E_INTERNAL, MXC_FAULT(.operation = "start", .sys_errno = number),
                        "the keeper did not understand the library (stage %u)", refusal->stage);
    }
}
