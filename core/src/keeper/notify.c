/* notify.c: refused system calls. The filter sends each to us; the answer is always EPERM, decided by the filter
 * alone: nothing is read from the caller's memory, so there is nothing to race. What we add is the record. Calls that
 * are allowed and ask for a listener first are demand.c's. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/text.h"
#include "keeper/keeper.h"
#include "keeper/process_tree.h"

#define MAX_ANCESTORS 64

static void count_denial(struct mxc_denials *denials, uint32_t number, uint64_t now) {
    for (uint32_t i = 0; i < denials->count; i++) {
        if (denials->entry[i].number == number) {
            denials->entry[i].times++;
            return;
        }
    }
    if (denials->count == MXC_RECORD_MAX_DENIALS) {
        denials->dropped++;
        return;
    }
    denials->entry[denials->count++] = (struct mxc_denial_entry){.number = number, .times = 1, .first_ns = now};
}

/* The number inside of a process whose number we know outside: last column of NSpid. */
static pid_t pid_inside(pid_t outside) {
    char path[40], status[4096];
    struct mxc_text text = MXC_TEXT(path);
    mxc_text_add(&text, "/proc/");
    mxc_text_add_number(&text, (uint64_t)outside);
    mxc_text_add(&text, "/status");
    if (mxc_file_read(AT_FDCWD, path, status, sizeof status) <= 0)
        return 0;
    const char *numbers = mxc_text_field(status, "NSpid");
    uint64_t last = 0;
    while (numbers && *numbers >= '0' && *numbers <= '9') {
        last = mxc_text_number(&numbers);
        numbers += strspn(numbers, "\t ");
    }
    return (pid_t)last;
}

/* Whose command a caller belongs to: the only one there is, or the one whose tender is its nearest ancestor of that kind:
 * init, which tends one as well, is everybody's. */
static struct mxc_running *owner_of(struct mxc_keeper *keeper, pid_t outside) {
    struct mxc_running *any = NULL;
    for (unsigned int i = 0; i < keeper->running_top; i++)
        if (keeper->running[i].id)
            any = &keeper->running[i];
    if (keeper->running_count <= 1)
        return any;
    pid_t pid = pid_inside(outside);
    for (int step = 0; pid > 0 && step < MAX_ANCESTORS; step++) {
        for (unsigned int i = 0; i < keeper->running_top; i++)
            if (keeper->running[i].id && keeper->running[i].tender == pid)
                return &keeper->running[i];
        pid = pid > 1 ? mxc_process_parent(keeper->proc, pid) : 0;
    }
    return any;
}

void mxc_notify_answer(struct mxc_keeper *keeper) {
    struct seccomp_notif request;
    memset(&request, 0, sizeof request); /* the kernel insists */
    if (ioctl(keeper->listener, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0)
        return; /* the caller was killed in between */
    if (mxc_demand_answer(keeper, &request))
        return;
    struct mxc_running *owner = owner_of(keeper, (pid_t)request.pid);
    if (owner)
        count_denial(&owner->denials, (uint32_t)request.data.nr, mxc_monotonic_ns());
    struct seccomp_notif_resp answer = {.id = request.id, .error = -EPERM};
    /* ENOENT: gone meanwhile. Nothing to do about any failure: without an answer the call never returns. */
    ioctl(keeper->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}
