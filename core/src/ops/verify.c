/* verify.c: init reads back from the kernel what the plan says must hold, before it starts anything. What is
 * missing is named (enum mxc_check) and nothing runs. Never trusts a return value of an earlier op. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "ops/ops.h"
#include "plan/channel.h"

#define STATUS_ROOM 8192
#define MOUNTS_ROOM (1 << 20)

static int fail(struct mxc_apply *apply, enum mxc_check check) {
    apply->detail = check;
    return -EPERM;
}

static int all_zero(const char *status, const char *key) {
    const char *value = mxc_text_field(status, key);
    return value && strspn(value, "0") == 16;
}

static int starts_with(const char *status, const char *key, const char *wanted) {
    const char *value = mxc_text_field(status, key);
    return value && strncmp(value, wanted, strlen(wanted)) == 0;
}

static int plan_has(const struct mxc_apply *apply, uint32_t kind) {
    for (uint32_t i = 0; i < apply->plan->op_count; i++)
        if (apply->plan->ops[i].kind == kind)
            return 1;
    return 0;
}

static int check_process(struct mxc_apply *apply) {
    static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};
    static char status[STATUS_ROOM];
    long length = mxc_file_read(AT_FDCWD, "/proc/self/status", status, sizeof status);
    if (length < 0)
        return (int)length;
    for (unsigned int i = 0; i < sizeof sets / sizeof *sets; i++)
        if (!all_zero(status, sets[i]))
            return fail(apply, MXC_CHECK_CAPABILITIES);
    if (!starts_with(status, "NoNewPrivs", "1\n"))
        return fail(apply, MXC_CHECK_NO_NEW_PRIVS);
    if (plan_has(apply, MXC_OP_SECCOMP) && !starts_with(status, "Seccomp", "2\n"))
        return fail(apply, MXC_CHECK_SECCOMP);
    if (getpid() != 1 || getuid() == 0 || getuid() != geteuid() || getgid() == 0)
        return fail(apply, MXC_CHECK_IDS);
    return mxc_network_is_new(apply) ? 0 : fail(apply, MXC_CHECK_NAMESPACES);
}

static int has_option(const char *options, size_t length, const char *name) {
    size_t wanted = strlen(name);
    for (size_t at = 0; at < length;) {
        size_t end = at;
        while (end < length && options[end] != ',')
            end++;
        if (end - at == wanted && memcmp(options + at, name, wanted) == 0)
            return 1;
        at = end + 1;
    }
    return 0;
}

enum wanted { WANT_NOTHING, WANT_READONLY = 1, WANT_NODEV = 2 };

static unsigned int wants_of(const struct mxc_op *op) {
    switch (op->kind) {
    case MXC_OP_ROOT:
    case MXC_OP_PROC:
    case MXC_OP_MASK:
    case MXC_OP_GHOST:
        return WANT_READONLY | WANT_NODEV;
    case MXC_OP_BIND:
        return WANT_NODEV | (op->a & MXC_BIND_READONLY ? WANT_READONLY : 0);
    case MXC_OP_TMPFS:
        return WANT_NODEV | (op->d & MXC_BIND_READONLY ? WANT_READONLY : 0);
    default:
        return WANT_NOTHING;
    }
}

struct place {
    const char *path;
    size_t length; /* 0: the root, which everything is below */
    unsigned int wants;
    int alone; /* nothing can be mounted below it */
};

/* The places of the plan where something is mounted, in its order; looked at once for every mount that there is. */
static struct place places[MXC_PLAN_MAX_OPS];
static size_t place_count;

static void list_places(const struct mxc_apply *apply) {
    place_count = 0;
    for (uint32_t i = 0; i < apply->plan->op_count; i++) {
        const struct mxc_op *op = &apply->plan->ops[i];
        const char *path = op->kind == MXC_OP_ROOT ? "" : mxc_plan_text_at(apply->plan, op->text);
        if (op->kind != MXC_OP_ROOT && (op->kind < MXC_OP_BIND || op->kind > MXC_OP_GHOST))
            continue;
        places[place_count++] = (struct place){.path = path,
                                               .length = strlen(path),
                                               .wants = wants_of(op),
                                               .alone = op->kind == MXC_OP_DEVICE || op->kind == MXC_OP_DEVPTS};
    }
}

/* What the plan wants of the mount at `path`: of its last op for that place, or of the deepest one above it. */
static int wanted_flags(const char *path, unsigned int *wants) {
    size_t best = 0, length = strlen(path);
    int found = 0;
    for (size_t i = 0; i < place_count; i++) {
        const struct place *place = &places[i];
        if (place->length > length || place->length < best || (place->alone && place->length != length))
            continue;
        if (memcmp(path, place->path, place->length) != 0 || (path[place->length] && path[place->length] != '/'))
            continue;
        best = place->length;
        *wants = place->wants;
        found = 1;
    }
    return found;
}

static int check_mount_line(struct mxc_apply *apply, char *line) {
    /* "36 35 98:0 /root /mount/point options ..." (proc_pid_mountinfo(5)) */
    char *field[6];
    unsigned int wants = 0;
    for (int i = 0; i < 6; i++) {
        field[i] = line;
        line = strchr(line, ' ');
        if (!line)
            return fail(apply, MXC_CHECK_MOUNT_FLAGS);
        *line++ = 0;
    }
    const char *options = field[5];
    size_t length = strlen(options);
    mxc_mountinfo_unescape(field[4]);
    if (!wanted_flags(field[4], &wants) || !has_option(options, length, "nosuid"))
        return fail(apply, MXC_CHECK_MOUNT_FLAGS);
    if ((wants & WANT_NODEV) && !has_option(options, length, "nodev"))
        return fail(apply, MXC_CHECK_MOUNT_FLAGS);
    if ((wants & WANT_READONLY) && !has_option(options, length, "ro"))
        return fail(apply, MXC_CHECK_MOUNT_FLAGS);
    return 0;
}

static int check_mounts(struct mxc_apply *apply) {
    static char mounts[MOUNTS_ROOM];
    long length = mxc_file_read(AT_FDCWD, "/proc/self/mountinfo", mounts, sizeof mounts);
    if (length < 0)
        return (int)length;
    if (length == 0 || length == sizeof mounts - 1 || mounts[length - 1] != '\n')
        return fail(apply, MXC_CHECK_MOUNT_FLAGS);
    list_places(apply);
    for (char *line = mounts; *line;) {
        char *end = strchr(line, '\n');
        *end = 0;
        int result = check_mount_line(apply, line);
        if (result < 0)
            return result;
        line = end + 1;
    }
    return 0;
}

int mxc_op_verify(struct mxc_apply *apply, const struct mxc_op *op) {
    (void)op;
    if (apply->plain)
        return mxc_verify_child(apply);
    int result = check_process(apply);
    return result < 0 ? result : check_mounts(apply);
}
