/* proc_dev.c: /proc, /dev and the private tmpfs: what the sandbox has of its own instead of the host's. */

#include "backend/namespaces/wall.h"

static const struct {
    const char *path;
    uint32_t major, minor;
} devices[] = {
    /* Documentation/admin-guide/devices.txt */
    {"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
    {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0},
};

static const struct {
    const char *path, *target;
} device_links[] = {
    {"/dev/ptmx", "pts/ptmx"},          {"/dev/fd", "/proc/self/fd"},       {"/dev/stdin", "/proc/self/fd/0"},
    {"/dev/stdout", "/proc/self/fd/1"}, {"/dev/stderr", "/proc/self/fd/2"},
};

/* Entries of /proc that tell about the whole host. Those that only the host's root may open by their mode bits (kcore,
 * kmsg, timer_list, sysrq-trigger, ...) need no mask: nobody inside is that root, whoever started mxc. */
static const struct {
    const char *path;
    uint32_t type;
} proc_masks[] = {
    {"/proc/acpi", MXC_OBJECT_FOLDER},   {"/proc/asound", MXC_OBJECT_FOLDER}, {"/proc/bus", MXC_OBJECT_FOLDER},
    {"/proc/driver", MXC_OBJECT_FOLDER}, {"/proc/fs", MXC_OBJECT_FOLDER},     {"/proc/irq", MXC_OBJECT_FOLDER},
    {"/proc/scsi", MXC_OBJECT_FOLDER},   {"/proc/kallsyms", MXC_OBJECT_FILE}, {"/proc/key-users", MXC_OBJECT_FILE},
    {"/proc/keys", MXC_OBJECT_FILE},
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

void ns_private_tmpfs(struct mxc_plan *plan, const struct mxc_lowering *from, const char *path) {
    uint64_t bytes = smaller(mxc_tmp_bytes_effective(from->policy), mxc_limits_effective(from->policy).memory_bytes);
    uint64_t inodes = bytes / 4096; /* one a page: small files run out of both at the same time */
    inodes = inodes < 1024 ? 1024 : smaller(inodes, 1u << 20);
    MXC_PLAN_ADD(plan, MXC_OP_TMPFS, .origin = NS_TMP, .text = path, .a = bytes, .b = inodes, .c = 01777);
}

void ns_private_folder(struct mxc_plan *plan, const struct ns_layout *layout, const char *path) {
    if (ns_taken(layout, path))
        MXC_PLAN_ADD(plan, MXC_OP_DIR, .origin = NS_TMP, .text = path, .a = 0755);
    else
        ns_private_tmpfs(plan, layout->from, path);
}

void ns_proc_dev_lower(struct mxc_plan *plan, const struct ns_layout *layout) {
    MXC_PLAN_ADD(plan, MXC_OP_DIR, .origin = NS_BASELINE, .text = "/dev", .a = 0755);
    for (size_t i = 0; i < COUNT(devices); i++)
        if (!ns_taken(layout, devices[i].path))
            MXC_PLAN_ADD(plan, MXC_OP_DEVICE, .origin = NS_BASELINE, .text = devices[i].path, .text2 = devices[i].path,
                         .a = devices[i].major, .b = devices[i].minor);
    MXC_PLAN_ADD(plan, MXC_OP_DEVPTS, .origin = NS_BASELINE, .text = "/dev/pts");
    ns_private_folder(plan, layout, "/dev/shm");
    for (size_t i = 0; i < COUNT(device_links); i++)
        MXC_PLAN_ADD(plan, MXC_OP_SYMLINK, .origin = NS_BASELINE, .text = device_links[i].path,
                     .text2 = device_links[i].target);
    MXC_PLAN_ADD(plan, MXC_OP_PROC, .origin = NS_BASELINE, .text = "/proc");
    for (size_t i = 0; i < COUNT(proc_masks); i++)
        if (!ns_taken(layout, proc_masks[i].path))
            MXC_PLAN_ADD(plan, MXC_OP_MASK, .origin = NS_BASELINE, .text = proc_masks[i].path, .a = proc_masks[i].type,
                         .b = 1);
}
