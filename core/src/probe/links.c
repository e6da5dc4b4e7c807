/* links.c: files in a denied folder that have another name somewhere else. A mask covers names, not files: through a
 * name outside the file can be read all the same. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "probe/internal.h"

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

struct seen { /* a file with several names */
    uint64_t dev, ino, links, found;
    char *path;
};

struct state {
    const char *folder;
    struct seen *seen;
    size_t count, capacity;
};

static int add(struct state *state, const struct stat *info, const char *below, const char *name) {
    char path[PATH_MAX];
    for (size_t i = 0; i < state->count; i++)
        if (state->seen[i].ino == info->st_ino && state->seen[i].dev == info->st_dev) {
            state->seen[i].found++;
            return 0;
        }
    if (mxc_reserve(&state->seen, &state->capacity, state->count + 1, sizeof *state->seen) < 0)
        return -1;
    snprintf(path, sizeof path, "%s%s/%s", strcmp(state->folder, "/") ? state->folder : "", below, name);
    state->seen[state->count] = (struct seen){
        .dev = info->st_dev, .ino = info->st_ino, .links = info->st_nlink, .found = 1, .path = mxc_strdup(path)};
    return state->seen[state->count++].path ? 0 : -1;
}

static int see_entry(struct mxc_scan *scan, const struct mxc_scan_folder *folder, int fd, const char *name,
                     uint32_t type) {
    struct stat info;
    if (type != S_IFREG || fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0 || info.st_nlink < 2)
        return 0;
    return add(scan->context, &info, folder->path, name);
}

static int note_those_outside(struct mxc_linked_fact *fact, struct state *state) {
    for (size_t i = 0; i < state->count; i++) {
        if (state->seen[i].found >= state->seen[i].links)
            continue;
        if (!fact->count++ && !(fact->first = mxc_strdup(state->seen[i].path)))
            return -1;
    }
    return 0;
}

mxc_status mxc_host_look_links(struct mxc_host *host, const char *folder, mxc_error **err) {
    struct state state = {.folder = folder};
    struct mxc_scan scan = {.entry = see_entry, .context = &state};
    struct mxc_linked_fact fact = {0};
    if (mxc_host_linked(host, folder))
        return MXC_OK;
    int failed = mxc_reserve(&host->linked, &host->linked_capacity, host->linked_count + 1, sizeof *host->linked) < 0 ||
                 !(fact.folder = mxc_strdup(folder)) || mxc_scan_run(&scan, folder) ||
                 note_those_outside(&fact, &state);
    for (size_t i = 0; i < state.count; i++)
        mxc_free(state.seen[i].path);
    mxc_free(state.seen);
    mxc_scan_clear(scan.queue, scan.count);
    if (failed) {
        mxc_free(fact.folder);
        mxc_free(fact.first);
        return mxc_fail_memory(err);
    }
    fact.cut = scan.cut;
    host->linked[host->linked_count++] = fact;
    return MXC_OK;
}

const struct mxc_linked_fact *mxc_host_linked(const struct mxc_host *host, const char *folder) {
    for (size_t i = 0; i < host->linked_count; i++)
        if (!strcmp(host->linked[i].folder, folder))
            return &host->linked[i];
    return NULL;
}
