/* baseline.c: the system view: /usr and its like read-only, a curated /etc, private temporary folders. The lists
 * are the whole of it: nothing of the host's /etc appears that is not named here. */
#include <string.h>

#include "backend/namespaces/wall.h"
#include "backend/system_view.h"
#include "base/alloc.h"
#include "policy/model.h"

static const struct {
    const char *path, *content, *with_network; /* NULL: the same */
} written[] = {
    {"/etc/passwd",
     "root:x:0:0:root:/root:/usr/sbin/nologin\n"
     "sandbox:x:1000:1000:sandbox:/tmp:/bin/sh\n"
     "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
     NULL},
    {"/etc/group", "root:x:0:\nsandbox:x:1000:\nnogroup:x:65534:\n", NULL},
    {"/etc/hosts", "127.0.0.1 localhost sandbox\n::1 localhost ip6-localhost ip6-loopback\n", NULL},
    {"/etc/hostname", "sandbox\n", NULL},
    {"/etc/resolv.conf", "# no network is granted to this sandbox\n", "nameserver 127.0.0.1\noptions timeout:2\n"},
#define NSSWITCH(hosts) \
    "passwd: files\ngroup: files\nshadow: files\nhosts: " hosts "\nnetworks: files\nprotocols: files\n" \
    "services: files\n"
    {"/etc/nsswitch.conf", NSSWITCH("files"), NSSWITCH("files dns")},
};

static const char *const private_folders[] = {"/tmp", "/var/tmp", "/dev/shm"};
static const char *const empty_folders[] = {"/run", "/home"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

const struct mxc_link *ns_own_link(const struct mxc_path_fact *fact) {
    for (size_t i = 0; i < fact->via_count; i++)
        if (strcmp(fact->via[i].path, fact->path) == 0)
            return &fact->via[i];
    return NULL;
}

/* A part of the baseline that is there and may be shown. */
static const struct mxc_path_fact *present(const struct mxc_lowering *from, const char *path) {
    const struct mxc_path_fact *fact = mxc_host_path(from->host, path);
    if (from->policy->filesystem.baseline == MXC_BASELINE_NONE || !fact || !fact->real || !fact->readable)
        return NULL;
    return fact->type == MXC_OBJECT_FOLDER || fact->type == MXC_OBJECT_FILE ? fact : NULL;
}

static int add_place(struct ns_layout *layout, const char *path, enum ns_cover cover, int again) {
    if (mxc_reserve(&layout->places, &layout->place_capacity, layout->place_count + 1, sizeof *layout->places))
        return -1;
    layout->places[layout->place_count++] = (struct ns_place){.path = path, .cover = cover, .again = again};
    return 0;
}

static int add_bound_places(struct ns_layout *layout, const char *const *paths, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct mxc_path_fact *fact = present(layout->from, paths[i]);
        if (fact && !ns_own_link(fact) && add_place(layout, paths[i], NS_HOST_READ, 0))
            return -1;
    }
    return 0;
}

int ns_baseline_places(struct ns_layout *layout) {
    int failed = add_place(layout, "/", NS_PRIVATE, 0) || add_place(layout, "/dev", NS_PRIVATE, 0) ||
                 add_place(layout, "/proc", NS_PROC, 0);
    for (size_t i = 0; !failed && i < COUNT(private_folders); i++)
        failed = add_place(layout, private_folders[i], NS_PRIVATE, 1);
    return failed || add_bound_places(layout, mxc_system_folders, MXC_SYSTEM_FOLDERS) ||
                   add_bound_places(layout, mxc_etc_parts, MXC_ETC_PARTS)
               ? -1
               : 0;
}

mxc_status ns_baseline_wants(struct mxc_strings *out) {
    int failed = mxc_strings_add(out, "/var/tmp");
    for (size_t i = 0; !failed && i < MXC_SYSTEM_FOLDERS; i++)
        failed = mxc_strings_add(out, mxc_system_folders[i]);
    for (size_t i = 0; !failed && i < MXC_ETC_PARTS; i++)
        failed = mxc_strings_add(out, mxc_etc_parts[i]);
    return failed ? MXC_E_NO_MEMORY : MXC_OK;
}

static int listed(const char *path, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(path, list[i]) == 0)
            return 1;
    return 0;
}

int ns_baseline_makes(const char *path, const struct mxc_lowering *from) {
    for (size_t i = 0; i < COUNT(written); i++)
        if (strcmp(path, written[i].path) == 0)
            return 1;
    if (listed(path, private_folders, COUNT(private_folders)) || listed(path, empty_folders, COUNT(empty_folders)) ||
        strcmp(path, "/etc") == 0 || strcmp(path, "/var") == 0 || ns_below(path, "/dev"))
        return 1;
    /* a folder on the way to a part, such as /etc/ssl */
    for (size_t i = 0; i < MXC_ETC_PARTS; i++)
        if (ns_at_or_below(mxc_etc_parts[i], path) && present(from, mxc_etc_parts[i]))
            return 1;
    return 0;
}

int ns_baseline_shows(const char *path, const struct mxc_lowering *from) {
    return present(from, path) &&
           (listed(path, mxc_system_folders, MXC_SYSTEM_FOLDERS) || listed(path, mxc_etc_parts, MXC_ETC_PARTS));
}

static void bind_part(struct mxc_plan *plan, const char *path, const struct mxc_path_fact *fact) {
    MXC_PLAN_ADD(plan, MXC_OP_BIND, .origin = NS_BASELINE, .text = path, .text2 = fact->real,
                 .a = MXC_BIND_READONLY | MXC_BIND_OPTIONAL, .b = fact->dev, .c = fact->ino, .d = fact->type);
}

/* A denied path stays denied under the names that the system view has for it. */
static int touches_denied(const struct ns_layout *layout, const char *real) {
    for (size_t i = 0; i < layout->item_count; i++) {
        const struct ns_item *item = &layout->items[i];
        if (item->access == MXC_ACCESS_DENY && (ns_at_or_below(real, item->path) || ns_at_or_below(item->path, real)))
            return 1;
    }
    return 0;
}

/* A link is made again when what it leads to is visible or must not be; else the thing itself takes its place. */
static void lower_part(struct mxc_plan *plan, const struct ns_layout *layout, const char *path) {
    const struct mxc_path_fact *fact = present(layout->from, path);
    const struct mxc_link *link = fact ? ns_own_link(fact) : NULL;
    const struct ns_item *by;
    if (!fact)
        return;
    /* what a rule mounts instead needs no more than a folder or a file to be mounted on */
    if (ns_taken(layout, path) && !link) {
        if (fact->type == MXC_OBJECT_FOLDER)
            MXC_PLAN_ADD(plan, MXC_OP_DIR, .origin = NS_BASELINE, .text = path, .a = 0755);
        else
            MXC_PLAN_ADD(plan, MXC_OP_FILE, .origin = NS_BASELINE, .text = path, .a = 0444);
        return;
    }
    int elsewhere = strcmp(fact->real, path) != 0;
    if (link && (ns_cover(layout, fact->real, 0, &by) != NS_PRIVATE || touches_denied(layout, fact->real)))
        MXC_PLAN_ADD(plan, MXC_OP_SYMLINK, .origin = NS_BASELINE, .text = path, .text2 = link->target);
    else if (!elsewhere || !touches_denied(layout, fact->real))
        bind_part(plan, path, fact);
}

static void lower_etc(struct mxc_plan *plan, const struct ns_layout *layout) {
    MXC_PLAN_ADD(plan, MXC_OP_DIR, .origin = NS_BASELINE, .text = "/etc", .a = 0755);
    int granted = ns_network_granted(layout->from->policy);
    for (size_t i = 0; i < COUNT(written); i++) {
        const char *content = granted && written[i].with_network ? written[i].with_network : written[i].content;
        MXC_PLAN_ADD(plan, MXC_OP_FILE, .origin = NS_BASELINE, .text = written[i].path, .a = 0644, .blob = content,
                     .blob_length = strlen(content));
    }
    MXC_PLAN_ADD(plan, MXC_OP_SYMLINK, .origin = NS_BASELINE, .text = "/etc/mtab", .text2 = "/proc/self/mounts");
    for (size_t i = 0; i < MXC_ETC_PARTS; i++)
        lower_part(plan, layout, mxc_etc_parts[i]);
}

void ns_baseline_lower(struct mxc_plan *plan, const struct ns_layout *layout) {
    for (size_t i = 0; i < MXC_SYSTEM_FOLDERS; i++)
        lower_part(plan, layout, mxc_system_folders[i]);
    lower_etc(plan, layout);
    ns_proc_dev_lower(plan, layout);
    MXC_PLAN_ADD(plan, MXC_OP_DIR, .origin = NS_BASELINE, .text = "/var", .a = 0755);
    ns_private_folder(plan, layout, "/tmp");
    ns_private_folder(plan, layout, "/var/tmp");
    for (size_t i = 0; i < COUNT(empty_folders); i++)
        MXC_PLAN_ADD(plan, MXC_OP_DIR, .origin = NS_BASELINE, .text = empty_folders[i], .a = 0755);
}

/* Of the private folders only /var/tmp lies in a folder that can be granted. */
void ns_baseline_again(struct mxc_plan *plan, const struct ns_layout *layout, const char *below) {
    const struct mxc_path_fact *fact = mxc_host_path(layout->from->host, "/var/tmp");
    if (ns_below("/var/tmp", below) && fact && fact->real && strcmp(fact->real, "/var/tmp") == 0)
        ns_private_tmpfs(plan, layout->from, "/var/tmp");
}
