/* fd.h: owned descriptors. Used on both sides, so it needs nothing but the C library's close(). */
#ifndef MXC_BASE_FD_H
#define MXC_BASE_FD_H

#include <unistd.h>

static inline void mxc_close(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Gives a descriptor away: the owner variable no longer closes it. */
static inline int mxc_take_fd(int *fd) {
    int taken = *fd;
    *fd = -1;
    return taken;
}

#define MXC_AUTO_FD __attribute__((cleanup(mxc_close)))

#endif
