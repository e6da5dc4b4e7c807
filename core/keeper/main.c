/* main.c: the keeper program. Started by the library with two descriptors (plan/channel.h) and nothing else; takes
 * no arguments but one word, reads no environment, and ends when the sandbox or the host does. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"
#include "keeper/keeper.h"

/* Large and zero at first: its pages come into being when they are used. */
static struct mxc_keeper keeper;

static void reset(void) {
    struct mxc_apply *apply = &keeper.apply;
    keeper.control = MXC_KEEPER_FD_CONTROL;
    keeper.host = keeper.init = keeper.init_pidfd = keeper.listener = keeper.proc = -1;
    apply->root = apply->proc = apply->mask_dir = apply->empty = apply->outer = apply->status = apply->ruleset =
        apply->listener = -1;
    apply->scratch.parent = apply->scratch.lock = -1;
    keeper.parked.work = keeper.parked.out.pipe = keeper.parked.err.pipe = -1;
    keeper.relay = keeper.relay_pidfd = -1;
    apply->plan = &keeper.plan;
}

static int load_plan(void) {
    struct stat info;
    if (fstat(MXC_KEEPER_FD_PLAN, &info) != 0 || info.st_size <= 0 || info.st_size > (off_t)MXC_PLAN_MAX_BYTES)
        return -1;
    /* Sealed, so that it cannot change between the check and the use. */
    int seals = fcntl(MXC_KEEPER_FD_PLAN, F_GET_SEALS);
    if (seals < 0 || (seals & (F_SEAL_WRITE | F_SEAL_SHRINK)) != (F_SEAL_WRITE | F_SEAL_SHRINK))
        return -1;
    const void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, MXC_KEEPER_FD_PLAN, 0);
    if (bytes == MAP_FAILED || mxc_plan_view(&keeper.plan, bytes, (size_t)info.st_size) != 0)
        return -1;
    return mxc_plan_complete(&keeper.plan); /* without its filter or its verification no plan is applied */
}

int main(int argc, char **argv) {
    prctl(PR_SET_NAME, "mxc-keeper", 0, 0, 0);
    umask(0);
    fcntl(MXC_KEEPER_FD_CONTROL, F_SETFD, FD_CLOEXEC);
    fcntl(MXC_KEEPER_FD_PLAN, F_SETFD, FD_CLOEXEC);
    fcntl(MXC_KEEPER_FD_RELAY, F_SETFD, FD_CLOEXEC);
    keeper.apply.times.since = keeper.began_ns = mxc_monotonic_ns();
    reset();
    keeper.ahead = argc > 1 && strcmp(argv[1], MXC_KEEPER_ARGUMENT) == 0;
    mxc_keeper_signals();
    if (load_plan() != 0)
        keeper.failure = (struct mxc_message){.kind = MXC_MSG_FAILED, .a = MXC_STAGE_PLAN};
    else
        (void)mxc_keeper_start(&keeper); /* a failure is in keeper.failure and reported by serve */
    mxc_keeper_serve(&keeper);
    mxc_keeper_finish(&keeper);
    return 0;
}
