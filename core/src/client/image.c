/* image.c: the keeper's program as a descriptor. The sealed memfd is made once per process and kept, so that a
 * thousand keepers share its pages and a start is spared a copy of the image. That descriptor is the one thing here
 * that outlives a call: it is close-on-exec, immutable, and checked before each use, because a program may close
 * descriptors that it does not know. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "client/memfd.h"
#include "client/start.h"
#include "plan/channel.h"

extern const unsigned char mxc_keeper_image[] __attribute__((visibility("hidden")));
extern const uint64_t mxc_keeper_image_size __attribute__((visibility("hidden")));

extern const unsigned char mxc_relay_image[] __attribute__((visibility("hidden")));
extern const uint64_t mxc_relay_image_size __attribute__((visibility("hidden")));

enum { NONE, BEING_MADE, READY };
/* Without a lock: a program that forks while another thread is in here must not find it locked for ever. Its child
 * then sees BEING_MADE and makes a memfd for each start, which is right and only slower. */
static struct {
    atomic_int state;
    int fd;
    dev_t device;
    ino_t inode;
} kept;

static const void *replaced;
static size_t replaced_size;

static int make(void) {
    const void *bytes = replaced ? replaced : mxc_keeper_image;
    size_t size = replaced ? replaced_size : (size_t)mxc_keeper_image_size;
    return mxc_memfd_sealed("mxc-keeper", bytes, size, 1);
}

/* The check is made on the duplicate, so a descriptor that another thread closes meanwhile cannot be swapped. */
static int take_kept(void) {
    struct stat found;
    MXC_AUTO_FD int fd = fcntl(kept.fd, F_DUPFD_CLOEXEC, MXC_KEEPER_FD_PLAN + 1);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &found) != 0 || found.st_dev != kept.device || found.st_ino != kept.inode)
        return -ESTALE;
    return mxc_take_fd(&fd);
}

static void keep(int fd) {
    struct stat made;
    int expected = NONE;
    if (!atomic_compare_exchange_strong(&kept.state, &expected, BEING_MADE))
        return;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, MXC_KEEPER_FD_PLAN + 1);
    if (copy < 0 || fstat(copy, &made) != 0) {
        mxc_close(&copy);
        atomic_store(&kept.state, NONE);
        return;
    }
    kept.fd = copy;
    kept.device = made.st_dev;
    kept.inode = made.st_ino;
    atomic_store_explicit(&kept.state, READY, memory_order_release);
}

int mxc_keeper_image_open(void) {
    if (atomic_load_explicit(&kept.state, memory_order_acquire) == READY) {
        int fd = take_kept();
        if (fd >= 0 || fd == -EMFILE)
            return fd;
    }
    int fd = make();
    if (fd >= 0)
        keep(fd);
    return fd;
}

void mxc_keeper_image_replace(const void *bytes, size_t size) {
    if (atomic_exchange(&kept.state, NONE) == READY)
        mxc_close(&kept.fd);
    replaced = bytes;
    replaced_size = size;
}

/* Not kept: few sandboxes need one. */
int mxc_relay_image_open(void) {
    return mxc_memfd_sealed("mxc-relay", mxc_relay_image, (size_t)mxc_relay_image_size, 1);
}
