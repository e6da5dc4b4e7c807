/* begin.c: the first acts of the builder, before anything of the policy runs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "ops/ops.h"

/* In the new namespace the builder is still the host's root (root mode) or the caller by its ids, as an unmapped
 * or foreign number; after the maps it becomes id 0 of the namespace in all three slots. */
static int become_inner_root(const struct mxc_apply *apply) {
    MXC_AUTO_FD int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0)
        return -errno;
    int result = mxc_write_own_maps(proc, 0, apply->host_uid, 0, apply->host_gid);
    if (result == 0)
        result = (int)mxc_sys(SYS_setresgid, 0, 0, 0);
    return result ? result : (int)mxc_sys(SYS_setresuid, 0, 0, 0);
}

static int enter_cgroups(struct mxc_apply *apply) {
    for (unsigned int i = 0; i < apply->cgroup_count; i++) {
        if (write(apply->cgroups[i].procs, "0", 1) != 1)
            return -errno;
        mxc_close(&apply->cgroups[i].procs);
        mxc_close(&apply->cgroups[i].folder);
        mxc_close(&apply->cgroups[i].parent);
    }
    return 0;
}

int mxc_child_begin(struct mxc_apply *apply) {
    mxc_close(&apply->scratch.parent);
    mxc_close(&apply->scratch.lock);
    umask(0);
    return enter_cgroups(apply);
}

int mxc_builder_begin(struct mxc_apply *apply) {
    int result = enter_cgroups(apply);
    if (result == 0)
        result = mxc_network_begin(apply);
    if (result == 0)
        result = become_inner_root(apply);
    if (result < 0)
        return result;
    /* Through an ID-mapped grant a file capability or a device node would be a real one on the host. */
    if (prctl(PR_CAPBSET_DROP, CAP_SETFCAP, 0, 0, 0) != 0 || prctl(PR_CAPBSET_DROP, CAP_MKNOD, 0, 0, 0) != 0)
        return -errno;
    if (unshare(CLONE_NEWCGROUP) != 0)
        return -errno;
    umask(0);
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ? -errno : 0;
}
