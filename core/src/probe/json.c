/* json.c: the host description as JSON, for `mxc doctor` and programs: what is there, what it means, and the
 * exact command that would enable what is not. Says nothing about policies. */
#include <string.h>

#include "probe/internal.h"
#include "probe/probe.h"

/* Of the keeper's image (cmake/static_program.cmake); not there in unit tests. */
extern const char mxc_keeper_image_libc[] __attribute__((weak, visibility("hidden")));

struct feature {
    const char *name;
    int available;
    const char *detail;
    const char *remedy; /* NULL: nothing to do, or nothing can be done */
};

static void add(struct mxc_buf *out, int *count, const struct feature *feature) {
    mxc_buf_text(out, (*count)++ ? ", {\"name\": " : "{\"name\": ");
    mxc_buf_json(out, feature->name);
    mxc_buf_text(out, feature->available ? ", \"available\": true" : ", \"available\": false");
    mxc_buf_text(out, ", \"detail\": ");
    mxc_buf_json(out, feature->detail);
    mxc_buf_text(out, ", \"remedy\": ");
    mxc_buf_json(out, feature->available ? NULL : feature->remedy);
    mxc_buf_text(out, "}");
}

static void add_walls(struct mxc_buf *out, int *count, const struct mxc_host *host) {
    static const char calls_remedy[] =
        "boot Linux 5.12 or newer; in a container that filters them: docker run --security-opt seccomp=unconfined";
    MXC_AUTO_BUF struct mxc_buf remedy = {0}, calls = {0};
    mxc_buf_format(&calls, "system calls that are not there: %s", host->lacking);
    if (!host->user_namespaces)
        mxc_userns_remedy(&remedy, host);
    out->failed |= remedy.failed | calls.failed;
    const struct feature features[] = {
        {"user-namespaces", host->user_namespaces,
         host->user_namespaces ? "allowed as far as can be seen" : host->user_namespaces_why, remedy.data},
        {"mount-api", host->mount_api, host->mount_api ? "open_tree, move_mount, mount_setattr, openat2" : calls.data,
         calls_remedy},
        {"process-api", host->process_api,
         host->process_api ? "close_range, pidfd_open, pidfd_send_signal" : calls.data, calls_remedy},
        {"idmapped-mounts", host->idmapped_mounts,
         "granted paths belong to the workload when mxc is started by root; not used otherwise",
         "boot Linux 5.12 or newer"},
        {"seccomp-notify", host->seccomp_notify, "the keeper answers and records denied system calls",
         "boot Linux 5.19 or newer with CONFIG_SECCOMP_FILTER=y"},
    };
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        add(out, count, &features[i]);
}

static void add_landlock(struct mxc_buf *out, int *count, const struct mxc_host *host) {
    MXC_AUTO_BUF struct mxc_buf detail = {0};
    if (host->landlock_abi > 0)
        mxc_buf_format(&detail, "ABI %d, errata 0x%x", host->landlock_abi, host->landlock_errata);
    else
        mxc_buf_text(&detail, "the kernel has no Landlock or it is switched off");
    if (detail.failed)
        out->failed = 1;
    add(out, count,
        &(struct feature){
            "landlock", host->landlock_abi > 0, detail.data,
            "add landlock to lsm= in GRUB_CMDLINE_LINUX of /etc/default/grub, then: update-grub && reboot"});
}

static const struct mxc_cgroup_place *place_of(const struct mxc_host *host, int controller) {
    const struct mxc_cgroup_place *found = NULL;
    for (size_t i = 0; i < host->cgroup_count; i++) {
        const struct mxc_cgroup_place *place = &host->cgroups[i];
        if (place->controller == controller && (!found || (place->writable && !found->writable)))
            found = place;
    }
    return found;
}

static const char *cgroup_remedy(const struct mxc_host *host, const struct mxc_cgroup_place *place) {
    if (host->uid == 0)
        return place ? "mount -o remount,rw /sys/fs/cgroup" : "mount -t cgroup2 none /sys/fs/cgroup";
    if (host->cgroup_v2 && !host->cgroup_v1)
        return "systemd-run --user --scope -p Delegate=yes mxc ...";
    return "start mxc as root; without it the keeper and rlimits hold the limits";
}

static void add_cgroup(struct mxc_buf *out, int *count, const struct mxc_host *host, const char *name, int controller) {
    MXC_AUTO_BUF struct mxc_buf detail = {0};
    const struct mxc_cgroup_place *place = place_of(host, controller);
    const int available = place && place->writable;
    if (place)
        mxc_buf_format(&detail, "v%d, %s%s", place->version, place->folder, available ? "" : " is not writable");
    else
        mxc_buf_text(&detail, "no control group of this process has the controller");
    if (detail.failed)
        out->failed = 1;
    add(out, count, &(struct feature){name, available, detail.data, cgroup_remedy(host, place)});
}

static void add_keeper(struct mxc_buf *out, int *count) {
    if (!mxc_keeper_image_libc)
        return;
    const int musl = !strcmp(mxc_keeper_image_libc, "musl");
    add(out, count,
        &(struct feature){"keeper-musl", musl,
                          musl ? "the keeper is built with musl"
                               : "the keeper is built with static glibc: it works, each start takes 330 us more",
                          "apt-get install musl-tools && make build"});
}

void mxc_host_json(struct mxc_buf *out, const struct mxc_host *host) {
    int count = 0;
    mxc_buf_text(out, "{\"kernel\": ");
    mxc_buf_json(out, host->kernel);
    mxc_buf_format(out, ", \"user\": {\"uid\": %u, \"gid\": %u}, \"privileged\": %s, \"cpus\": %u, \"features\": [",
                   host->uid, host->gid, host->privileged ? "true" : "false", host->cpus);
    add_walls(out, &count, host);
    add_landlock(out, &count, host);
    add_cgroup(out, &count, host, "cgroup-memory", 1);
    add_cgroup(out, &count, host, "cgroup-pids", 2);
    add_cgroup(out, &count, host, "cgroup-cpu", 3);
    add_keeper(out, &count);
    mxc_buf_text(out, "]}");
}
