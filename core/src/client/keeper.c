/* keeper.c: one keeper from start to reaping. The program that uses the library may ignore SIGCHLD, have its own
 * handler, or reap everything it finds: nothing here depends on being the one who reaps, and no status is read from
 * it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/fd.h"
#include "client/channel.h"
#include "client/memfd.h"
#include "client/parts.h"
#include "client/start.h"

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

#define READY_WITHIN_MS 30000

/* Keepers without a reference that had not ended when the last one went: the one piece of global state. A stack that
 * is only pushed to and taken as a whole, so it needs no lock, and a forked child finds nothing locked. */
static _Atomic(struct mxc_keeper *) leaving;

int64_t mxc_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1;
}

int mxc_left_ms(int64_t deadline, int slice) {
    if (deadline < 0)
        return slice;
    int64_t left = deadline - mxc_now_ms();
    return left < 0 ? 0 : left < slice ? (int)left : slice;
}

int mxc_readable(int fd, int timeout_ms) {
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    return poll(&readable, 1, timeout_ms) > 0;
}

static void keeper_free(struct mxc_keeper *keeper) {
    if (!keeper)
        return;
    mxc_close(&keeper->control);
    mxc_close(&keeper->pidfd);
    mxc_close(&keeper->work);
    mxc_close(&keeper->input);
    mxc_close(&keeper->theirs[0]);
    mxc_close(&keeper->theirs[1]);
    mxc_free(keeper->plan);
    mxc_free(keeper->receipt);
    mxc_keeper_forget_rules(keeper);
    if (keeper->release)
        keeper->release(keeper->before);
    mxc_free(keeper);
}

static void cleanup_keeper(struct mxc_keeper **keeper) { keeper_free(*keeper); }

static struct mxc_keeper *keeper_new(const struct mxc_keeper_args *args) {
    struct mxc_keeper *keeper = mxc_alloc(sizeof *keeper);
    if (!keeper) {
        if (args->release)
            args->release(args->before);
        return NULL;
    }
    keeper->sweep = args->sweep;
    keeper->release = args->release;
    keeper->before = args->before;
    if (args->times)
        keeper->times = *args->times;
    keeper->control = keeper->pidfd = keeper->work = keeper->input = keeper->theirs[0] = keeper->theirs[1] = -1;
    pthread_mutex_init(&keeper->updating, NULL);
    pthread_mutex_init(&keeper->told, NULL);
    atomic_init(&keeper->references, 1);
    keeper->denial_text = args->denial_text;
    keeper->narrow = args->narrow;
    keeper->ahead = args->ahead;
    keeper->plan_length = args->plan_length;
    keeper->plan = mxc_alloc(args->plan_length);
    keeper->receipt = mxc_strdup(args->receipt ? args->receipt : "[]");
    if (!keeper->plan || !keeper->receipt) {
        keeper_free(keeper);
        return NULL;
    }
    memcpy(keeper->plan, args->plan, args->plan_length);
    return keeper;
}

static int run(struct mxc_keeper *keeper, int control, size_t plan_length, const char **step) {
    *step = "memfd_create";
    MXC_AUTO_FD int plan = mxc_memfd_sealed("mxc-plan", keeper->plan, plan_length, 0);
    if (plan < 0)
        return plan;
    MXC_AUTO_FD int image = mxc_keeper_image_open();
    if (image < 0)
        return image;
    MXC_AUTO_FD int relay = mxc_plan_find(&keeper->view, MXC_OP_RELAY) ? mxc_relay_image_open() : -1;
    if (relay < -1)
        return relay;
    struct mxc_start start = {.image = image, .control = control, .plan = plan, .relay = relay, .ahead = keeper->ahead};
    int failed = mxc_start_process(&start, step);
    if (failed)
        return failed;
    keeper->pid = start.pid;
    keeper->pidfd = start.pidfd;
    return 0;
}

mxc_status mxc_keeper_start(struct mxc_keeper **out, const struct mxc_keeper_args *args, mxc_error **err) {
    const char *step = "socketpair";
    int ends[2];
    mxc_keepers_reap();
    __attribute__((cleanup(cleanup_keeper))) struct mxc_keeper *keeper = keeper_new(args);
    if (!keeper)
        return mxc_fail_memory(err);
    if (mxc_plan_view(&keeper->view, keeper->plan, args->plan_length) != 0)
        return mxc_fail(err, MXC_E_INTERNAL, NULL, "the plan is not well formed");
    int failed = mxc_channel_pair(ends, SOCK_SEQPACKET);
    if (failed)
        return mxc_fail_errno(err, step, -failed);
    MXC_AUTO_FD int control = ends[1];
    keeper->control = ends[0];
    failed = run(keeper, control, args->plan_length, &step);
    if (failed) {
        char text[128];
        return mxc_fail(err, MXC_E_SETUP,
                        MXC_FAULT(.operation = step, .sys_errno = -failed,
                                  .hint = failed == -EMFILE
                                              ? "raise this program's limit of descriptors (ulimit -n): a run in "
                                                "flight holds four, an open sandbox two"
                                              : NULL),
                        "the keeper cannot be started: %s: %s", step, strerror_r(-failed, text, sizeof text));
    }
    *out = mxc_take(keeper);
    return MXC_OK;
}

/* What a host refuses as a whole; a path of the policy that cannot be mounted is none of it, but mapping its owner
 * begins with a user namespace. */
static int namespaces_refused(const struct mxc_keeper *keeper, const struct mxc_refusal *refusal) {
    const struct mxc_op *op = refusal->op < keeper->view.op_count ? &keeper->view.ops[refusal->op] : NULL;
    uint32_t kind = op ? op->kind : 0, error = refusal->sys_errno;
    if (refusal->stage == MXC_STAGE_CLONE)
        return error == EPERM || error == EACCES || error == ENOSYS || error == ENOSPC || error == EUSERS ||
               error == EINVAL;
    if (refusal->stage != MXC_STAGE_BUILD)
        return 0;
    if (kind == MXC_OP_BIND)
        return (op->a & MXC_BIND_IDMAP) && (error == EPERM || error == ENOSPC || error == ENOSYS);
    return kind >= MXC_OP_LOOPBACK && kind <= MXC_OP_LOCK && kind != MXC_OP_MASK &&
           (error == EPERM || error == EACCES || error == ENOSYS);
}

int mxc_keeper_lacks_namespaces(const struct mxc_keeper *keeper) { return keeper->no_namespaces; }

static void note_ports(struct mxc_keeper *keeper, const struct mxc_message *ready) {
    const uint64_t words[4] = {ready->a, ready->b, ready->c, ready->d};
    for (unsigned int i = 0; i < MXC_NET_MAX_PUBLISHED; i++)
        keeper->host_port[i] = (uint16_t)(words[i / 4] >> (i % 4 * 16));
}

uint16_t mxc_keeper_published_port(const struct mxc_keeper *keeper, uint16_t port) {
    unsigned int at = 0;
    for (uint32_t i = 0; i < keeper->view.op_count && at < MXC_NET_MAX_PUBLISHED; i++) {
        const struct mxc_op *op = &keeper->view.ops[i];
        if (op->kind == MXC_OP_PUBLISH && op->a == port)
            return keeper->host_port[at];
        at += op->kind == MXC_OP_PUBLISH;
    }
    return 0;
}

static mxc_status judge(struct mxc_keeper *keeper, const struct mxc_message *message, mxc_error **err) {
    struct mxc_refusal refusal = {(uint32_t)message->a, (uint32_t)message->b, (uint32_t)message->c,
                                  (uint32_t)message->d};
    if (message->kind == MXC_MSG_READY) {
        note_ports(keeper, message);
        return MXC_OK;
    }
    if (message->kind == MXC_MSG_FAILED) {
        keeper->no_namespaces = namespaces_refused(keeper, &refusal);
        return mxc_refuse(err, &refusal, &(struct mxc_told){.view = &keeper->view});
    }
    return mxc_fail(err, MXC_E_INTERNAL, NULL, "the keeper said something unexpected (%u)", message->kind);
}

mxc_status mxc_keeper_wait_ready(struct mxc_keeper *keeper, mxc_error **err) {
    int64_t deadline = mxc_now_ms() + READY_WITHIN_MS;
    for (;;) {
        struct mxc_message message;
        int got = mxc_channel_receive(keeper->control, &message);
        if (got == 1)
            return judge(keeper, &message, err);
        if (got == 0)
            return mxc_fail(err, MXC_E_SETUP, NULL, "the keeper ended before the walls stood");
        if (got != -EAGAIN)
            return mxc_fail(err, MXC_E_INTERNAL, MXC_FAULT(.sys_errno = -got), "the keeper's answer is malformed");
        int left = mxc_left_ms(deadline, READY_WITHIN_MS);
        if (left == 0)
            return mxc_fail(err, MXC_E_SETUP, MXC_FAULT(.sys_errno = ETIMEDOUT),
                            "the walls did not stand after %d seconds", READY_WITHIN_MS / 1000);
        mxc_readable(keeper->control, left);
    }
}

int mxc_keeper_make_files(struct mxc_keeper *keeper, int by_file) {
    keeper->work = mxc_memfd_growing("mxc-work", &keeper->theirs[0]);
    if (keeper->work >= 0 && by_file)
        keeper->input = mxc_memfd_growing("mxc-input", &keeper->theirs[1]);
    return keeper->work < 0 ? keeper->work : by_file && keeper->input < 0 ? keeper->input : 0;
}

static int send_program(struct mxc_keeper *keeper, int block) {
    const struct mxc_message message = {.kind = MXC_MSG_PARK, .id = 1}; /* of the first command */
    const int fds[] = {block, keeper->theirs[0], keeper->theirs[1]};
    int failed = mxc_channel_send(keeper->control, &message, fds, keeper->theirs[1] >= 0 ? 3 : 2, 0);
    mxc_close(&keeper->theirs[0]);
    mxc_close(&keeper->theirs[1]);
    return failed;
}

int mxc_keeper_begin(struct mxc_keeper *keeper, uint64_t idle_ms, int program) {
    const struct mxc_message begin = {.kind = MXC_MSG_BEGIN, .a = idle_ms, .b = program >= 0};
    /* its queue is empty, so both find room; whoever looks later sees whether it has ended */
    (void)mxc_channel_send(keeper->control, &begin, NULL, 0, 0);
    int failed = program >= 0 ? send_program(keeper, program) : 0;
    if (failed && failed != -EPIPE)
        return failed;
    return 0;
}

enum mxc_standing mxc_keeper_look(struct mxc_keeper *keeper) {
    struct mxc_message message;
    int got = mxc_channel_receive(keeper->control, &message);
    if (got == -EAGAIN)
        return MXC_STANDS_NOT_YET;
    return got == 1 && message.kind == MXC_MSG_READY ? MXC_STANDS : MXC_STANDS_NEVER;
}

int mxc_keeper_builds(const struct mxc_keeper *keeper, const void *plan, size_t length) {
    return keeper->plan_length == length && memcmp(keeper->plan, plan, length) == 0;
}

void mxc_keeper_sweeps(struct mxc_keeper *keeper, const struct mxc_keeper_args *args) {
    if (keeper->release)
        keeper->release(keeper->before);
    keeper->sweep = args->sweep;
    keeper->release = args->release;
    keeper->before = args->before;
}

int mxc_keeper_refusal(struct mxc_keeper *keeper, struct mxc_refusal *out) {
    struct mxc_message message;
    while (mxc_channel_receive(keeper->control, &message) == 1)
        if (message.kind == MXC_MSG_FAILED) {
            *out = (struct mxc_refusal){(uint32_t)message.a, (uint32_t)message.b, (uint32_t)message.c,
                                        (uint32_t)message.d};
            return 1;
        }
    return 0;
}

int mxc_keeper_send(struct mxc_keeper *keeper, const struct mxc_message *message, const int *fds, size_t count) {
    return mxc_channel_send(keeper->control, message, fds, count, MXC_SEND_PATIENCE_MS);
}

void mxc_keeper_kill(struct mxc_keeper *keeper) {
    struct mxc_message message = {.kind = MXC_MSG_SHUTDOWN};
    int_fast64_t not_yet = 0;
    if (atomic_compare_exchange_strong(&keeper->killed_at, &not_yet, mxc_now_ms()))
        mxc_channel_send(keeper->control, &message, NULL, 0, 0);
    /* Also when the message found no room: end of file says the same. */
    shutdown(keeper->control, SHUT_WR);
}

void mxc_keeper_destroy(struct mxc_keeper *keeper) { syscall(SYS_pidfd_send_signal, keeper->pidfd, SIGKILL, NULL, 0); }

int mxc_keeper_reap(struct mxc_keeper *keeper) {
    siginfo_t info = {0};
    if (atomic_load(&keeper->reaped))
        return 1;
    int failed = waitid(P_PIDFD, (id_t)keeper->pidfd, &info, WEXITED | WNOHANG);
    /* ECHILD: the program reaped it, ignores SIGCHLD, or is a forked child of the one that started it */
    int lost = failed && errno == ECHILD;
    if (!lost && (failed || info.si_pid != keeper->pid))
        return 0;
    atomic_store(&keeper->reaped, 1);
    if (lost ? mxc_readable(keeper->pidfd, 0) : info.si_code != CLD_EXITED)
        mxc_keeper_sweep(&keeper->view);
    return atomic_load(&keeper->reaped);
}

static int ended_within(struct mxc_keeper *keeper, int patience_ms) {
    int64_t deadline = mxc_now_ms() + patience_ms;
    for (;;) {
        int left = mxc_left_ms(deadline, patience_ms);
        if (mxc_readable(keeper->pidfd, left))
            return 1;
        if (left == 0)
            return 0;
    }
}

void mxc_keeper_finish(struct mxc_keeper *keeper) {
    mxc_keeper_kill(keeper);
    if (!ended_within(keeper, MXC_LAST_RESORT_MS)) {
        mxc_keeper_destroy(keeper);
        ended_within(keeper, MXC_LAST_RESORT_MS);
    }
    mxc_keeper_reap(keeper);
    mxc_keepers_reap();
}

int mxc_keeper_fd(const struct mxc_keeper *keeper) { return keeper->pidfd; }

struct mxc_keeper *mxc_keeper_ref(struct mxc_keeper *keeper) {
    atomic_fetch_add_explicit(&keeper->references, 1, memory_order_relaxed);
    return keeper;
}

static void leave_to_later(struct mxc_keeper *keeper) {
    keeper->next = atomic_load(&leaving);
    while (!atomic_compare_exchange_weak(&leaving, &keeper->next, keeper))
        ;
}

void mxc_keeper_unref(struct mxc_keeper *keeper) {
    if (!keeper || atomic_fetch_sub_explicit(&keeper->references, 1, memory_order_acq_rel) != 1)
        return;
    mxc_close(&keeper->control);
    if (mxc_keeper_reap(keeper))
        keeper_free(keeper);
    else
        leave_to_later(keeper);
}

void mxc_keepers_reap(void) {
    struct mxc_keeper *keeper = atomic_exchange(&leaving, NULL);
    while (keeper) {
        struct mxc_keeper *next = keeper->next;
        if (mxc_keeper_reap(keeper))
            keeper_free(keeper);
        else
            leave_to_later(keeper);
        keeper = next;
    }
}
