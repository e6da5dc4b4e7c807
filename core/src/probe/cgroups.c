/* cgroups.c: where control groups may be made, from what /proc says about this process. Nothing is created.
 * v1: below the own group of each controller. v2: below the nearest group on the way up that hands controllers to
 * its children, because a group with processes in it cannot. Must not know what the groups are for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/text.h"
#include "probe/internal.h"

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

/* By number as in plan.h, which is no room below this one. */
enum { MEMORY = 1, PIDS = 2, CPU = 3, CPUACCT = 4, UNIFIED = 5 };

static const struct {
    const char *name;
    int number;
} controllers[] = {{"memory", MEMORY}, {"pids", PIDS}, {"cpu", CPU}, {"cpuacct", CPUACCT}};
enum { CONTROLLERS = sizeof controllers / sizeof *controllers };

struct mount { /* pieces of one line of mountinfo, unescaped */
    char root[PATH_MAX], point[PATH_MAX];
    char type[16], options[256];
};

/* NULL after the last one. */
static const char *next_line(const char *line) {
    const char *end = strchr(line, '\n');
    return end ? end + 1 : NULL;
}

/* 1 when `word` is one of the words of a list with this separator; the list ends at its line. */
static int has_word(const char *list, const char *word, char separator) {
    const size_t length = strlen(word);
    const char ends[] = {separator, '\n', 0};
    while (*list && *list != '\n') {
        size_t part = strcspn(list, ends);
        if (part == length && !strncmp(list, word, length))
            return 1;
        list += part;
        list += *list == separator;
    }
    return 0;
}

/* One word up to a blank; blanks inside are written as \040 there. Moves behind the blank. */
static const char *take_word(const char *text, char *out, size_t size) {
    size_t length = 0;
    while (*text && *text != ' ' && *text != '\n') {
        char c = *text++;
        if (c == '\\' && text[0] >= '0' && text[0] <= '3' && text[1] && text[2]) {
            c = (char)((text[0] - '0') * 64 + (text[1] - '0') * 8 + (text[2] - '0'));
            text += 3;
        }
        if (length + 1 < size)
            out[length++] = c;
    }
    out[length] = 0;
    return *text == ' ' ? text + 1 : text;
}

/* "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:1 - cgroup2 cgroup2 rw,nsdelegate" */
static int parse_mount(const char *line, struct mount *mount) {
    char skipped[16];
    const char *end = line + strcspn(line, "\n"), *dash = strstr(line, " - ");
    if (!dash || dash > end || strncmp(dash + 3, "cgroup", 6) != 0)
        return 0;
    for (int i = 0; i < 3; i++)
        line = take_word(line, skipped, sizeof skipped);
    line = take_word(line, mount->root, sizeof mount->root);
    take_word(line, mount->point, sizeof mount->point);
    line = take_word(dash + 3, mount->type, sizeof mount->type);
    line = take_word(line, skipped, sizeof skipped);
    take_word(line, mount->options, sizeof mount->options);
    return 1;
}

/* Own group in the hierarchy that has `controller` (NULL: the v2 one): "4:cpu,cpuacct:/a/b" gives "/a/b". */
static int own_group(const char *own, const char *controller, char *out, size_t size) {
    for (const char *line = own; line && *line; line = next_line(line)) {
        const char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;
        char names[256];
        size_t length = path ? (size_t)(path - list - 1) : sizeof names;
        if (length >= sizeof names)
            continue;
        memcpy(names, list + 1, length);
        names[length] = 0;
        if (controller ? !has_word(names, controller, ',') : strncmp(line, "0::", 3) != 0)
            continue;
        size_t end = strcspn(path + 1, "\n");
        if (end >= size)
            return 0;
        memcpy(out, path + 1, end);
        out[end] = 0;
        return 1;
    }
    return 0;
}

/* The folder of group `path` seen through a mount whose root is a group itself (bind mounts, containers). A group
 * outside of that, or outside of our cgroup namespace ("/../x"), cannot be reached. */
static int folder_of(const struct mount *mount, const char *path, char *out, size_t size) {
    size_t root = strcmp(mount->root, "/") ? strlen(mount->root) : 0;
    if (!strncmp(mount->root, "/..", 3) || !strncmp(path, "/..", 3))
        return 0;
    if (strncmp(path, mount->root, root) != 0 || (path[root] && path[root] != '/'))
        path = "/", root = 0; /* the mount shows another part: its top is all there is */
    const char *below = strcmp(path + root, "/") ? path + root : "";
    return (size_t)snprintf(out, size, "%s%s", mount->point, below) < size;
}

static int writable(int dir, const char *name) { return mxc_probe_may(dir, name, W_OK); }

static int add_place(struct mxc_host *host, int controller, int version, const char *folder, int may_write) {
    char *copy = mxc_strdup(folder);
    if (!copy || mxc_reserve(&host->cgroups, &host->cgroup_capacity, host->cgroup_count + 1, sizeof *host->cgroups)) {
        mxc_free(copy);
        return -1;
    }
    host->cgroups[host->cgroup_count++] = (struct mxc_cgroup_place){controller, version, copy, may_write};
    return 0;
}

static int already(const struct mxc_host *host, int controller) {
    for (size_t i = 0; i < host->cgroup_count; i++) {
        if (host->cgroups[i].controller == controller)
            return 1;
    }
    return 0;
}

static int version_1(struct mxc_host *host, const struct mount *mount, const char *own) {
    char group[PATH_MAX], folder[2 * PATH_MAX];
    for (int i = 0; i < CONTROLLERS; i++) {
        if (!has_word(mount->options, controllers[i].name, ',') || already(host, controllers[i].number))
            continue;
        if (!own_group(own, controllers[i].name, group, sizeof group) ||
            !folder_of(mount, group, folder, sizeof folder))
            continue;
        if (add_place(host, controllers[i].number, 1, folder, writable(AT_FDCWD, folder)) < 0)
            return -1;
    }
    return 0;
}

/* 1: children of `folder` have memory and pids; their list is in `enabled`. */
static int hands_down(const char *folder, char *enabled, size_t size) {
    char file[2 * PATH_MAX + 32];
    snprintf(file, sizeof file, "%s/cgroup.subtree_control", folder);
    if (mxc_file_read(AT_FDCWD, file, enabled, size) < 0)
        return 0;
    return has_word(enabled, "memory", ' ') && has_word(enabled, "pids", ' ');
}

/* To move a process from the own group to a new one, also the group above both must be ours to write. */
static int may_move_below(const char *folder) {
    char file[2 * PATH_MAX + 32];
    snprintf(file, sizeof file, "%s/cgroup.procs", folder);
    return writable(AT_FDCWD, folder) && writable(AT_FDCWD, file);
}

static int version_2(struct mxc_host *host, const struct mount *mount, const char *own) {
    char group[PATH_MAX], folder[2 * PATH_MAX], enabled[256];
    if (!own_group(own, NULL, group, sizeof group) || !folder_of(mount, group, folder, sizeof folder))
        return 0;
    const size_t top = strlen(mount->point);
    while (!hands_down(folder, enabled, sizeof enabled)) {
        char *slash = strrchr(folder, '/');
        if (strlen(folder) <= top || !slash)
            return 0;
        *slash = 0;
    }
    const int may_write = may_move_below(folder);
    for (int i = 0; i < CONTROLLERS; i++) {
        if (has_word(enabled, controllers[i].name, ' ') &&
            add_place(host, controllers[i].number, 2, folder, may_write) < 0)
            return -1;
    }
    return add_place(host, UNIFIED, 2, folder, may_write);
}

int mxc_probe_cgroups(struct mxc_host *host, const char *own, const char *mounts) {
    MXC_AUTO_FREE struct mount *mount = mxc_alloc(sizeof *mount);
    if (!mount)
        return -1;
    for (const char *line = mounts; line && *line; line = next_line(line)) {
        if (!parse_mount(line, mount))
            continue;
        const int unified = !strcmp(mount->type, "cgroup2");
        int *seen = unified ? &host->cgroup_v2 : &host->cgroup_v1;
        const int first = !*seen;
        *seen = 1;
        if (unified ? first && version_2(host, mount, own) < 0 : version_1(host, mount, own) < 0)
            return -1;
    }
    return 0;
}
