/* verify_child.c: VERIFY without namespaces. Init reads its state back from a descriptor that it opened before, and
 * tries what must not work: opening files that no policy grants, and signalling the keeper. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "ops/ops.h"
#include "plan/channel.h"

#define STATUS_ROOM 8192

static int fail(struct mxc_apply *apply, enum mxc_check check) {
    apply->detail = check;
    return -EPERM;
}

static int field_is(const char *status, const char *key, const char *wanted) {
    const char *value = mxc_text_field(status, key);
    return value && strncmp(value, wanted, strlen(wanted)) == 0;
}

static int check_status(struct mxc_apply *apply) {
    static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapAmb", "CapBnd"};
    static char status[STATUS_ROOM];
    unsigned int count = mxc_plan_find(apply->plan, MXC_OP_CAPS)->a ? 4 : 5; /* without the bounding set */
    ssize_t length = pread(apply->status, status, sizeof status - 1, 0);
    if (length <= 0)
        return length < 0 ? -errno : -EIO;
    status[length] = 0;
    for (unsigned int i = 0; i < count; i++)
        if (!field_is(status, sets[i], "0000000000000000"))
            return fail(apply, MXC_CHECK_CAPABILITIES);
    if (!field_is(status, "NoNewPrivs", "1\n"))
        return fail(apply, MXC_CHECK_NO_NEW_PRIVS);
    return field_is(status, "Seccomp", "2\n") ? 0 : fail(apply, MXC_CHECK_SECCOMP);
}

static int check_ids(struct mxc_apply *apply) {
    uid_t real, effective, saved;
    gid_t group, effective_group, saved_group;
    if (getresuid(&real, &effective, &saved) != 0 || getresgid(&group, &effective_group, &saved_group) != 0)
        return -errno;
    if (!real || real != effective || real != saved || real != apply->host_uid || group != effective_group ||
        group != saved_group || group != apply->host_gid || getsid(0) != getpid())
        return fail(apply, MXC_CHECK_IDS);
    return apply->session && getgroups(0, NULL) != 0 ? fail(apply, MXC_CHECK_IDS) : 0;
}

static int is_closed(const char *path, int flags) {
    MXC_AUTO_FD int fd = open(path, flags | O_CLOEXEC, 0600);
    return fd < 0 && errno == EACCES;
}

/* Nobody may grant the root folder or anything of /proc, and both can be read by everybody. */
static int check_files(struct mxc_apply *apply) {
    const char *scratch = mxc_plan_text_at(apply->plan, mxc_plan_find(apply->plan, MXC_OP_SCRATCH)->text);
    struct stat found;
    if (!is_closed("/", O_RDONLY | O_DIRECTORY) || !is_closed("/proc/self/status", O_RDONLY) ||
        !is_closed("/proc/uptime", O_RDONLY))
        return fail(apply, MXC_CHECK_LANDLOCK);
    MXC_AUTO_FD int folder = open(scratch, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0 || fstat(folder, &found) != 0)
        return -errno;
    return found.st_uid == apply->host_uid && (found.st_mode & 07777) == 0700 ? 0 : fail(apply, MXC_CHECK_LANDLOCK);
}

int mxc_verify_child(struct mxc_apply *apply) {
    int result = check_status(apply);
    if (result == 0)
        result = check_ids(apply);
    if (result == 0)
        result = check_files(apply);
    /* The keeper runs outside: when a signal can reach it, kill(-1) would reach others too. */
    if (result == 0 && apply->kill_everyone && !(kill(getppid(), 0) != 0 && errno == EPERM))
        result = fail(apply, MXC_CHECK_LANDLOCK);
    mxc_close(&apply->status);
    return result;
}
