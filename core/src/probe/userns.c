/* userns.c: whether user namespaces are allowed, who forbids them, and the command that changes it. Settings are read;
 * a filter is asked with a call that no kernel carries out. A security module without a setting shows at the start. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/sys.h"
#include "base/text.h"
#include "probe/internal.h"

struct setting {
    const char *file;  /* below /proc/sys */
    int forbids_above; /* 0: the value 0 forbids; 1: any other value forbids */
    int for_root;      /* also for a caller with CAP_SYS_ADMIN */
    const char *remedy;
};

#define APPARMOR "kernel/apparmor_restrict_unprivileged_userns"
#define BY_FILTER "a system-call filter forbids new namespaces, as containers' filters do"
#define INSIDE_MXC "this process runs inside a sandbox of mxc, in which no other can be made"
#define WEAK_ROOT "user 0 has no CAP_SETFCAP here, and without it cannot be mapped into a new one"
#define NO_PROC "/proc is not mounted"
#define IN_CHROOT "this program runs in a chroot, where the kernel refuses them"

/* Only what hosts really set. The limits of the other namespaces (user/max_mnt_namespaces, ...) would cost 5 us each
 * at every start; where one is 0 the keeper says so. */
static const struct setting settings[] = {
    {"user/max_user_namespaces", 0, 1, "sysctl -w user.max_user_namespaces=15000"},
    {"kernel/unprivileged_userns_clone", 0, 0, "sysctl -w kernel.unprivileged_userns_clone=1"},
    {APPARMOR, 1, 0, "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static int because(struct mxc_host *host, const char *why) {
    host->user_namespaces_why = mxc_strdup(why);
    return host->user_namespaces_why ? 0 : -1;
}

/* -1: no such setting here. */
static long read_setting(int dir, const char *file) {
    char text[32];
    const char *cursor = text;
    if (mxc_file_read(dir, file, text, sizeof text) <= 0)
        return -1;
    return (long)mxc_text_number(&cursor);
}

/* Ubuntu: programs that no AppArmor profile names get namespaces without capabilities. */
static int apparmor_confines_nothing(void) {
    char label[128];
    if (mxc_file_read(AT_FDCWD, "/proc/self/attr/apparmor/current", label, sizeof label) < 0)
        return 1;
    return !strncmp(label, "unconfined", 10);
}

static int setting_forbids(const struct mxc_host *host, const struct setting *setting, long value) {
    if (value < 0 || (host->privileged && !setting->for_root))
        return 0;
    if (!setting->forbids_above)
        return value == 0;
    return value > 0 && apparmor_confines_nothing();
}

/* The root folder of a chroot is a folder like others, not where something is mounted. */
static int in_chroot(void) {
    struct statx info;
    return statx(AT_FDCWD, "/", 0, STATX_TYPE, &info) == 0 && (info.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) &&
           !(info.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/* Every kernel says EINVAL before it does anything, for unshare knows no CLONE_PTRACE, and the flags of clone contradict
 * each other twice; a filter answers before. */
static int filter_refuses(void) {
    return mxc_sys(SYS_unshare, CLONE_NEWUSER | CLONE_PTRACE) != -EINVAL ||
           mxc_sys(SYS_clone, CLONE_NEWUSER | CLONE_FS | CLONE_THREAD, NULL, NULL, NULL, NULL) != -EINVAL;
}

/* For people only: nothing is decided by it. */
static int inside_mxc(void) {
    char name[32];
    return mxc_file_read(AT_FDCWD, "/proc/1/comm", name, sizeof name) > 0 && !strcmp(name, "mxc-keeper\n");
}

/* user_namespaces(7): since Linux 5.12 only with CAP_SETFCAP can the user 0 of the namespace around be mapped. */
static int weak_root(const struct mxc_host *host) {
    return !host->privileged && host->uid == 0 && !mxc_probe_capabilities(1u << CAP_SETFCAP);
}

int mxc_probe_userns(struct mxc_host *host) {
    char why[128];
    struct stat st;
    host->user_namespaces = 0;
    if (stat("/proc/self", &st) < 0)
        return because(host, NO_PROC);
    if (stat("/proc/self/ns/user", &st) < 0)
        return because(host, "/proc/self/ns/user is not there: the kernel is built without them");
    MXC_AUTO_FD int dir = open("/proc/sys", O_PATH | O_CLOEXEC | O_DIRECTORY);
    for (size_t i = 0; i < SETTINGS; i++) {
        long value = read_setting(dir, settings[i].file);
        if (!setting_forbids(host, &settings[i], value))
            continue;
        snprintf(why, sizeof why, "/proc/sys/%s is %ld", settings[i].file, value);
        return because(host, why);
    }
    if (filter_refuses())
        return because(host, inside_mxc() ? INSIDE_MXC : BY_FILTER);
    if (weak_root(host))
        return because(host, WEAK_ROOT);
    if (in_chroot())
        return because(host, IN_CHROOT);
    host->user_namespaces = 1;
    return 0;
}

/* ---- remedies ---- */

static int is_plain(const char *path) {
    return *path == '/' &&
           strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-") == strlen(path);
}

/* A profile that confines nothing and allows user namespaces, for the program that uses mxc: its keeper inherits it. */
static void add_profile(struct mxc_buf *out) {
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = 0;
    if (!is_plain(program))
        return;
    const char *name = strrchr(program, '/') + 1;
    mxc_buf_format(out,
                   "printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile mxc-%s %s flags=(unconfined) "
                   "{\\n  userns,\\n}\\n' > /etc/apparmor.d/mxc-%s && apparmor_parser -r /etc/apparmor.d/mxc-%s; or, "
                   "for every program: ",
                   name, program, name, name);
}

void mxc_userns_remedy(struct mxc_buf *out, const struct mxc_host *host) {
    const char *why = host->user_namespaces_why ? host->user_namespaces_why : "";
    for (size_t i = 0; i < SETTINGS; i++) {
        if (!strstr(why, settings[i].file))
            continue;
        if (strcmp(settings[i].file, APPARMOR) == 0)
            add_profile(out);
        mxc_buf_text(out, settings[i].remedy);
        return;
    }
    if (strcmp(why, BY_FILTER) == 0)
        mxc_buf_text(out, "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
                          "--security-opt systempaths=unconfined ...; podman run --security-opt seccomp=unconfined "
                          "--security-opt unmask=ALL ...");
    else if (strcmp(why, INSIDE_MXC) == 0)
        mxc_buf_text(out, "start both sandboxes from outside, beside each other");
    else if (strcmp(why, WEAK_ROOT) == 0)
        mxc_buf_text(out, "start it as another user, or docker run --cap-add SETFCAP ...");
    else if (strcmp(why, IN_CHROOT) == 0)
        mxc_buf_text(out, "start it outside, or enter the folder with pivot_root (bwrap, systemd-nspawn) instead");
    else if (strcmp(why, NO_PROC) == 0)
        mxc_buf_text(out, "mount -t proc proc /proc");
    else
        mxc_buf_text(out, "boot a kernel with CONFIG_USER_NS=y");
}
