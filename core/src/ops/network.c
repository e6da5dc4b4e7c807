/* network.c: the private network and host names: loopback up, a neutral hostname. */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "ops/ops.h"

int mxc_op_loopback(struct mxc_apply *apply, const struct mxc_op *op) {
    struct ifreq request = {.ifr_name = "lo"};
    (void)apply;
    (void)op;
    MXC_AUTO_FD int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (any < 0 || ioctl(any, SIOCGIFFLAGS, &request) != 0)
        return -errno;
    request.ifr_flags |= IFF_UP;
    return ioctl(any, SIOCSIFFLAGS, &request) ? -errno : 0;
}

int mxc_op_hostname(struct mxc_apply *apply, const struct mxc_op *op) {
    const char *name = mxc_plan_text_at(apply->plan, op->text);
    return sethostname(name, strlen(name)) ? -errno : 0;
}
