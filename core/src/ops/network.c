/* network.c: the private network and host names. The kernel needs as long for a network namespace as for all the mounts
 * of a sandbox, so a helper of the builder makes it meanwhile, on another processor, with loopback up, and the builder
 * enters it then. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "ops/ops.h"

static int bring_up_loopback(void) {
    struct ifreq request = {.ifr_name = "lo"};
    MXC_AUTO_FD int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (any < 0 || ioctl(any, SIOCGIFFLAGS, &request) != 0)
        return -errno;
    request.ifr_flags |= IFF_UP;
    return ioctl(any, SIOCSIFFLAGS, &request) ? -errno : 0;
}

/* Shares the builder's memory and descriptors, errno among them: a call that fails here may spoil the errno of one that
 * fails there. Then the builder fails too, and what it says is this failure (mxc_network_join). */
static int helper_main(void *argument) {
    struct mxc_network *network = argument;
    if (unshare(CLONE_NEWNET) != 0) {
        network->refused = network->failed = -errno;
        return 1;
    }
    network->failed = bring_up_loopback();
    if (network->failed)
        return 1;
    int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        network->failed = -errno;
    network->fd = fd;
    return 0;
}

static uint64_t own_network(void) {
    struct stat info;
    return stat("/proc/self/ns/net", &info) == 0 ? info.st_ino : 0;
}

int mxc_network_begin(struct mxc_apply *apply) {
    static char stack[16384] __attribute__((aligned(16)));
    struct mxc_network *network = &apply->network;
    const struct mxc_op *how = mxc_plan_find(apply->plan, MXC_OP_NAMESPACES);
    network->fd = -1;
    network->host = own_network();
    if (!(how->a & CLONE_NEWNET) || !network->host)
        return -EINVAL;
    /* no signal at its end: it is waited for by name */
    network->helper = clone(helper_main, stack + sizeof stack, CLONE_VM | CLONE_FILES, network);
    return network->helper < 0 ? -errno : 0;
}

int mxc_network_join(struct mxc_apply *apply) {
    struct mxc_network *network = &apply->network;
    while (network->helper > 0 && waitpid(network->helper, NULL, __WALL) < 0)
        if (errno != EINTR)
            return -errno;
    network->helper = 0;
    if (network->failed)
        return network->failed;
    return network->fd < 0 ? -ECHILD : 0;
}

int mxc_op_loopback(struct mxc_apply *apply, const struct mxc_op *op) {
    (void)op;
    int result = mxc_network_join(apply);
    if (result == 0 && setns(apply->network.fd, CLONE_NEWNET) != 0)
        result = -errno;
    mxc_close(&apply->network.fd);
    return result;
}

int mxc_network_is_new(const struct mxc_apply *apply) {
    uint64_t now = own_network();
    return now && apply->network.host && now != apply->network.host;
}

int mxc_op_hostname(struct mxc_apply *apply, const struct mxc_op *op) {
    const char *name = mxc_plan_text_at(apply->plan, op->text);
    return sethostname(name, strlen(name)) ? -errno : 0;
}
