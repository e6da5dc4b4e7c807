/* commands.c: one command from the host's request to its exit record. A command that finds no other is tended by init
 * itself. Each further one has a "tender" inside, a child of init, and a socket of its own to it: end of file on that
 * socket means the tender was killed, which only the workload can have done. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/timing.h"
#include "keeper/keeper.h"
#include "keeper/process_tree.h"

#define RELAY_PATIENCE_MS 100
#define KILL_PATIENCE_NS 1000000000ull

static void close_slot(struct mxc_keeper *keeper, struct mxc_running *running) {
    mxc_close(&running->status);
    mxc_close(&running->channel);
    mxc_close(&running->out.pipe);
    mxc_close(&running->err.pipe);
    if (running->area)
        munmap(running->area, running->area_size);
    memset(running, 0, sizeof *running);
    keeper->running_count--;
}

static struct mxc_running *find_running(struct mxc_keeper *keeper, uint32_t id) {
    for (unsigned int i = 0; i < keeper->running_top; i++)
        if (keeper->running[i].id == id)
            return &keeper->running[i];
    return NULL;
}

static struct mxc_running *find_free(struct mxc_keeper *keeper) {
    struct mxc_running *left = find_running(keeper, 0);
    if (left || keeper->running_top == MXC_MAX_COMMANDS)
        return left;
    return &keeper->running[keeper->running_top++];
}

struct entries { /* of one record */
    const struct mxc_denials *denials;
    const struct mxc_connection_entry *connections;
    uint32_t connection_count;
};

static void send_record(int status, struct mxc_record *record, const struct entries *entries) {
    static unsigned char packet[sizeof *record + MXC_RECORD_MAX_DENIALS * sizeof(struct mxc_denial_entry) +
                                MXC_RECORD_MAX_CONNECTIONS * sizeof(struct mxc_connection_entry)];
    size_t at = sizeof *record, length;
    record->magic = MXC_RECORD_MAGIC;
    if (entries) {
        record->denial_count = entries->denials->count;
        record->denials_dropped = entries->denials->dropped;
        record->connection_count = entries->connection_count;
        length = entries->denials->count * sizeof *entries->denials->entry;
        memcpy(packet + at, entries->denials->entry, length);
        at += length;
        length = entries->connection_count * sizeof *entries->connections;
        if (length)
            memcpy(packet + at, entries->connections, length);
        at += length;
    }
    record->size = (uint32_t)at;
    memcpy(packet, record, sizeof *record);
    /* A fresh socket buffer holds far more than one record; a host that went away does not matter. */
    (void)send(status, packet, record->size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void refuse(int status, uint32_t stage, uint32_t op, uint32_t error, uint32_t detail) {
    struct mxc_record record = {.outcome = MXC_OUTCOME_REFUSED,
                                .stage = stage,
                                .op = op,
                                .sys_errno = error,
                                .detail = detail,
                                .exit_code = -1};
    send_record(status, &record, NULL);
}

static void refuse_with_failure(struct mxc_keeper *keeper, int status) {
    const struct mxc_message *why = &keeper->failure;
    if (why->a)
        refuse(status, (uint32_t)why->a, (uint32_t)why->b, (uint32_t)why->c, (uint32_t)why->d);
}

/* ---- starting ---- */

struct spawn_fds { /* what came with a SPAWN, by role; -1: absent */
    int status, block, capture, in, out, err;
};

static int sort_fds(struct spawn_fds *sorted, uint32_t flags, const int *fds, unsigned int count) {
    int *const places[] = {&sorted->status, &sorted->block, &sorted->capture, &sorted->in, &sorted->out, &sorted->err};
    const uint32_t needs[] = {0, 0, MXC_SPAWN_CAPTURE, MXC_SPAWN_STDIN, MXC_SPAWN_STDOUT, MXC_SPAWN_STDERR};
    const int *const absent = flags & (MXC_SPAWN_PARKED | MXC_SPAWN_WITHIN) ? &sorted->block : NULL;
    unsigned int used = 0;
    *sorted = (struct spawn_fds){-1, -1, -1, -1, -1, -1};
    for (unsigned int i = 0; i < sizeof places / sizeof *places; i++) {
        if (places[i] == absent || (needs[i] && !(flags & needs[i])))
            continue;
        if (used == count)
            return -1;
        *places[i] = fds[used++];
    }
    return used == count ? 0 : -1;
}

/* The shared area must really have the size that the request says: a shorter file would be SIGBUS here. */
static int map_area(struct mxc_running *running, int file, uint64_t limit) {
    struct stat info;
    if (limit > (1ull << 40) || fstat(file, &info) != 0 || (uint64_t)info.st_size < 2 * limit)
        return -EINVAL;
    if (!limit)
        return 0;
    int seals = fcntl(file, F_GET_SEALS);
    if (seals < 0 || !(seals & F_SEAL_SHRINK))
        return -EINVAL;
    void *area = mmap(NULL, 2 * limit, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (area == MAP_FAILED)
        return -errno;
    running->area = area;
    running->area_size = 2 * limit;
    running->out.area = area;
    running->err.area = running->out.area + limit;
    running->out.head_size = running->err.head_size = MXC_CAPTURE_HEAD(limit);
    running->out.tail_size = running->err.tail_size = MXC_CAPTURE_TAIL(limit);
    return 0;
}

/* Our end is never blocking; the workload's end is an ordinary pipe. */
int mxc_capture_open(struct mxc_capture *capture, int *workload_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    capture->pipe = ends[0];
    *workload_end = ends[1];
    return 0;
}

static int prepare_output(struct mxc_running *running, const struct mxc_message *request, struct spawn_fds *fds) {
    int result = 0;
    if (fds->capture >= 0)
        result = map_area(running, fds->capture, request->c);
    if (result == 0 && fds->capture >= 0 && fds->out < 0 && !(request->flags & MXC_SPAWN_DROP_STDOUT))
        result = mxc_capture_open(&running->out, &fds->out);
    if (result == 0 && fds->capture >= 0 && fds->err < 0 && !(request->flags & MXC_SPAWN_DROP_STDERR))
        result = mxc_capture_open(&running->err, &fds->err);
    return result;
}

/* The workload can stop its tender (SIGSTOP), which then takes nothing: it must not be able to hold us up. What finds
 * no room is lost; the deadline that goes with every stop ends such a sandbox as a whole. */
static int open_channel(struct mxc_running *running, int *tender_end) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return -errno;
    running->channel = pair[0];
    *tender_end = pair[1];
    return fcntl(running->channel, F_SETFL, O_NONBLOCK) ? -errno : 0;
}

/* Hands the request on to init with [block, channel, in, out, err], absent ones left out as in channel.h. An init that
 * has ended meanwhile is no failure of this call: its last words are not read yet, and say what became of the command. */
static int forward(struct mxc_keeper *keeper, struct mxc_running *running, const struct mxc_packet *packet,
                   const struct spawn_fds *fds) {
    MXC_AUTO_FD int tender = -1;
    int list[5];
    unsigned int count = 0;
    struct mxc_message message = packet->message;
    int result = running->by_init ? 0 : open_channel(running, &tender);
    if (result < 0)
        return result;
    message.flags &= MXC_SPAWN_LAST | MXC_SPAWN_WITHIN;
    message.flags |= running->by_init ? MXC_SPAWN_BY_INIT : 0;
    if (fds->block >= 0)
        list[count++] = fds->block;
    if (tender >= 0)
        list[count++] = tender;
    if (fds->in >= 0) {
        message.flags |= MXC_SPAWN_STDIN;
        list[count++] = fds->in;
    }
    if (fds->out >= 0) {
        message.flags |= MXC_SPAWN_STDOUT;
        list[count++] = fds->out;
    }
    if (fds->err >= 0) {
        message.flags |= MXC_SPAWN_STDERR;
        list[count++] = fds->err;
    }
    result = mxc_packet_send(keeper->init, &message, packet->block, list, count);
    return mxc_peer_gone(result) ? 0 : result;
}

/* The work of a parked program: [in, out, err]; what it prints where nothing else is said is captured already. */
static int hand_to_parked(struct mxc_keeper *keeper, struct mxc_running *running, const struct mxc_packet *packet,
                          const struct spawn_fds *fds) {
    const struct mxc_message *request = &packet->message;
    int list[3], count = 0;
    const int streams[] = {fds->in, fds->out, fds->err};
    int out = fds->out < 0 && !(request->flags & MXC_SPAWN_DROP_STDOUT);
    int err = fds->err < 0 && !(request->flags & MXC_SPAWN_DROP_STDERR);
    for (int i = 0; i < 3; i++)
        if (streams[i] >= 0)
            list[count++] = streams[i];
    int result = mxc_park_use(keeper, running, packet, list, (unsigned int)count);
    if (result < 0)
        return result;
    mxc_park_streams(&keeper->parked, running, out, err);
    result = fds->capture >= 0 ? map_area(running, fds->capture, request->c) : 0;
    if (result < 0) /* it has its work already: the whole sandbox ends, for which the program was */
        mxc_close(&keeper->control);
    return result;
}

static void close_spawn_fds(struct spawn_fds *fds) {
    mxc_close(&fds->status);
    mxc_close(&fds->block);
    mxc_close(&fds->capture);
    mxc_close(&fds->in);
    mxc_close(&fds->out);
    mxc_close(&fds->err);
}

static void start_clock(struct mxc_keeper *keeper, struct mxc_running *running, const struct mxc_message *request) {
    uint64_t timeout_ms = request->a;
    uint64_t most = keeper->apply.watch[MXC_WATCH_WALL_TIME];
    if (most && (!timeout_ms || timeout_ms > most))
        timeout_ms = most;
    running->grace_ns = request->b * 1000000u;
    mxc_limits_begin(keeper, running->asked_ns);
    running->deadline_ns = timeout_ms ? running->asked_ns + timeout_ms * 1000000u : 0;
}

/* Init tends a command that is alone, so that orphans which come to pid 1 are that command's, and nobody inside is alive
 * who could hold init up while it starts the program (by a lease on the file, for instance). The last one always is. */
static struct mxc_running *new_slot(struct mxc_keeper *keeper, const struct mxc_message *request) {
    int last = !!(request->flags & MXC_SPAWN_LAST);
    struct mxc_running *running = request->id && !find_running(keeper, request->id) ? find_free(keeper) : NULL;
    if (!running || (last && keeper->running_count))
        return NULL;
    memset(running, 0, sizeof *running);
    running->id = request->id;
    running->asked_ns = mxc_monotonic_ns();
    running->last = last;
    running->by_init = last || (!keeper->running_count && !keeper->apply.plain);
    if (running->by_init)
        running->tender = keeper->apply.plain ? keeper->init_pid : 1;
    running->log_from = keeper->log.changes;
    running->unlogged = 0;
    running->status = running->channel = running->out.pipe = running->err.pipe = -1;
    keeper->running_count++;
    return running;
}

void mxc_command_spawn(struct mxc_keeper *keeper, const struct mxc_packet *packet, int *fds, unsigned int count) {
    const struct mxc_message *request = &packet->message;
    struct spawn_fds sorted;
    if (sort_fds(&sorted, request->flags, fds, count) != 0) {
        for (unsigned int i = 0; i < count; i++)
            close(fds[i]);
        return;
    }
    int closed = keeper->failure.a || keeper->ending || keeper->init < 0;
    struct mxc_running *running = closed ? NULL : new_slot(keeper, request);
    if (!running) {
        refuse_with_failure(keeper, sorted.status);
        if (!closed)
            refuse(sorted.status, MXC_STAGE_COMMAND, 0, EAGAIN, 0);
        close_spawn_fds(&sorted);
        return;
    }
    running->status = mxc_take_fd(&sorted.status);
    int result;
    if (request->flags & MXC_SPAWN_PARKED)
        result = hand_to_parked(keeper, running, packet, &sorted);
    else if (keeper->parks)
        result = -EBUSY; /* init tends the parked program already */
    else
        result = prepare_output(running, request, &sorted);
    if (result == 0 && !keeper->parks)
        result = forward(keeper, running, packet, &sorted);
    if (result == 0) {
        start_clock(keeper, running, request);
        keeper->ending = running->last;
    } else {
        refuse(running->status, mxc_peer_gone(result) ? MXC_STAGE_PARKED : MXC_STAGE_COMMAND, 0, (uint32_t)-result, 0);
        close_slot(keeper, running);
    }
    close_spawn_fds(&sorted);
}

/* ---- ending ---- */

/* Whoever reads the record of the last command finds no ghost any more but those that other sandboxes use. Init, its
 * tender, ends after it has said so: waiting for that is not only safer but quicker, as a folder that something is
 * mounted on takes long to remove. */
static void before_last_record(struct mxc_keeper *keeper, struct mxc_running *running, int by_force) {
    running->ended_ns = mxc_monotonic_ns();
    if (!running->last || !keeper->apply.ghost_count || (!by_force && !mxc_ghosts_are_ours(&keeper->apply)))
        return;
    mxc_inside_end(keeper, by_force);
    mxc_ghosts_remove(&keeper->apply);
}

static void describe_stream(struct mxc_record_stream *stream, const struct mxc_capture *capture) {
    stream->total = capture->total;
    stream->head = capture->head;
    stream->tail = capture->tail;
}

static void note_signal_limits(struct mxc_record *record) {
    if (record->signal == SIGXCPU)
        record->limits_hit |= 1u << MXC_LIMIT_CPU_TIME;
    if (record->signal == SIGXFSZ)
        record->limits_hit |= 1u << MXC_LIMIT_FILE_SIZE;
}

/* The command is gone and its sockets with it: what the relay knows now is all there will be. */
static void hear_relay_out(struct mxc_keeper *keeper) {
    const struct mxc_message sync = {.kind = MXC_MSG_SYNC};
    if (keeper->relay >= 0 && mxc_message_send(keeper->relay, &sync, NULL, 0) == 0)
        (void)mxc_relay_await(keeper, MXC_RELAY_SYNCED, RELAY_PATIENCE_MS);
}

/* As the tender has said, or when it is gone: when the command could have been started. */
static uint64_t when_started(const struct mxc_keeper *keeper, const struct mxc_running *running, uint64_t said) {
    uint64_t ready = keeper->built_ns > running->asked_ns ? keeper->built_ns : running->asked_ns;
    return said > ready && said < running->ended_ns ? said : ready;
}

/* Where the time went: of the whole start only for a sandbox that was made for this command. */
static void tell_times(const struct mxc_keeper *keeper, const struct mxc_running *running, struct mxc_record *record) {
    uint64_t ready = keeper->built_ns > running->asked_ns ? keeper->built_ns : running->asked_ns;
    if (running->last) {
        memcpy(record->time_ns, keeper->apply.times.ns, sizeof record->time_ns);
        record->began_ns = keeper->began_ns;
    }
    record->time_ns[MXC_TIME_HAND_OVER] = running->started_ns > ready ? running->started_ns - ready : 0;
    record->time_ns[MXC_TIME_COMMAND] = record->wall_ns;
    record->said_ns = mxc_monotonic_ns();
    record->time_ns[MXC_TIME_END] = record->said_ns - running->ended_ns;
}

static void finish_command(struct mxc_keeper *keeper, struct mxc_running *running, const struct mxc_message *ended) {
    static struct mxc_connection_entry connections[MXC_RECORD_MAX_CONNECTIONS];
    int status = (int)ended->a;
    uint64_t now = running->ended_ns, began = when_started(keeper, running, ended->c);
    running->started_ns = began;
    struct mxc_record record = {.outcome = MXC_OUTCOME_ENDED};
    mxc_capture_drain(&running->out);
    mxc_capture_drain(&running->err);
    mxc_limits_settle(keeper, ended->flags);
    if (running->last) /* who has the last record finds nothing left */
        mxc_plain_end(keeper);
    record.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    record.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    record.limits_hit = running->limits_hit | keeper->limits_hit;
    note_signal_limits(&record);
    record.wall_ns = now - began;
    record.cpu_ns = ended->b * 1000u;
    record.cpu_ns -= record.cpu_ns > running->cpu_ns_before ? running->cpu_ns_before : record.cpu_ns;
    record.peak_memory = keeper->peak_memory > ended->d * 1024u ? keeper->peak_memory : ended->d * 1024u;
    describe_stream(&record.out, &running->out);
    describe_stream(&record.err, &running->err);
    for (uint32_t i = 0; i < running->denials.count; i++) {
        uint64_t *first = &running->denials.entry[i].first_ns;
        *first = *first > began ? *first - began : 0;
    }
    struct entries entries = {.denials = &running->denials, .connections = connections};
    if (keeper->relay_pidfd >= 0) {
        hear_relay_out(keeper);
        entries.connection_count =
            mxc_connections_since(&keeper->log, running->log_from, began, connections, &record.connections_dropped);
        record.connections_dropped += running->unlogged;
    }
    tell_times(keeper, running, &record);
    send_record(running->status, &record, &entries);
    close_slot(keeper, running);
}

/* The process that tends the command is gone without a word: killed from inside. Without it nothing can say what
 * else of the command is alive, so everything ends. */
static void tender_lost(struct mxc_keeper *keeper, struct mxc_running *running) {
    const struct mxc_message killed = {.kind = MXC_MSG_ENDED, .a = SIGKILL};
    before_last_record(keeper, running, 1);
    /* Before the walls stood nothing of the command can have run. One that was killed by its owner is just that. */
    if (!keeper->ready && !keeper->failure.a && running->phase != MXC_KILL_SENT)
        keeper->failure = (struct mxc_message){.kind = MXC_MSG_FAILED, .a = MXC_STAGE_KEEPER, .c = ECHILD};
    if (keeper->failure.a) {
        refuse_with_failure(keeper, running->status);
        close_slot(keeper, running);
    } else {
        finish_command(keeper, running, &killed);
    }
    keeper->ending = 1;
    if (keeper->init_pidfd >= 0)
        (void)mxc_sys(SYS_pidfd_send_signal, keeper->init_pidfd, SIGKILL, NULL, 0);
}

void mxc_command_done(struct mxc_keeper *keeper) {
    struct mxc_message ended;
    struct mxc_running *running = NULL;
    for (unsigned int i = 0; i < keeper->running_top && !running; i++)
        running = keeper->running[i].id ? &keeper->running[i] : NULL;
    if (!mxc_park_done(keeper, &ended) || !running)
        return;
    before_last_record(keeper, running, 1);
    finish_command(keeper, running, &ended);
    keeper->ending = 1;
    if (keeper->init_pidfd >= 0)
        (void)mxc_sys(SYS_pidfd_send_signal, keeper->init_pidfd, SIGKILL, NULL, 0);
}

static int is_end(uint64_t status) {
    int whole = (int)status;
    return WIFEXITED(whole) || (WIFSIGNALED(whole) && WTERMSIG(whole) <= 64);
}

/* 0, or -1 when this is not what a tender says: then somebody writes in its name. */
static int hear(struct mxc_keeper *keeper, struct mxc_running *running, const struct mxc_message *message) {
    switch (message->kind) {
    case MXC_MSG_STARTED:
        if (running->by_init)
            return -1;
        running->tender = (pid_t)message->a;
        return 0;
    case MXC_MSG_ENDED:
        if (!is_end(message->a))
            return -1;
        before_last_record(keeper, running, 0);
        finish_command(keeper, running, message);
        return 0;
    case MXC_MSG_NO_EXEC:
        before_last_record(keeper, running, 0);
        refuse(running->status, (uint32_t)message->b, 0, (uint32_t)message->a, 0);
        close_slot(keeper, running);
        return 0;
    case MXC_MSG_TREE:
        if (keeper->apply.plain && running->tender > 0 && message->a <= 64)
            mxc_process_tree_signal(keeper->proc, running->tender, NULL, (int)message->a);
        return 0;
    default:
        return -1;
    }
}

void mxc_command_from_tender(struct mxc_keeper *keeper, struct mxc_running *running) {
    struct mxc_message message;
    unsigned int count;
    int got = mxc_message_receive(running->channel, &message, NULL, 0, &count);
    if (got == -EAGAIN)
        return;
    if (got <= 0 || hear(keeper, running, &message) != 0)
        tender_lost(keeper, running);
}

int mxc_command_from_init(struct mxc_keeper *keeper, const struct mxc_message *message) {
    struct mxc_running *running = message->id ? find_running(keeper, message->id) : NULL;
    return running && running->by_init ? hear(keeper, running, message) : -1;
}

void mxc_command_init_lost(struct mxc_keeper *keeper) {
    for (unsigned int i = 0; i < keeper->running_top; i++)
        if (keeper->running[i].id && keeper->running[i].by_init)
            tender_lost(keeper, &keeper->running[i]);
}

void mxc_command_abandon(struct mxc_keeper *keeper) {
    for (unsigned int i = 0; i < keeper->running_top; i++)
        if (keeper->running[i].id)
            tender_lost(keeper, &keeper->running[i]);
}

/* ---- stopping ---- */

static void tell(struct mxc_keeper *keeper, struct mxc_running *running, uint64_t signal, uint64_t tree) {
    const struct mxc_message message = {.kind = MXC_MSG_SIGNAL, .id = running->id, .a = signal, .b = tree};
    (void)mxc_message_send(running->by_init ? keeper->init : running->channel, &message, NULL, 0);
}

static void force_stop(struct mxc_keeper *keeper, struct mxc_running *running) {
    tell(keeper, running, SIGKILL, 1);
    running->phase = MXC_KILL_SENT;
    running->deadline_ns = mxc_monotonic_ns() + KILL_PATIENCE_NS;
}

/* TERM, and KILL after the grace; but an end that comes sooner anyway, by the deadline or an earlier stop, is never put
 * off: a generous stop must not lift the policy's deadline. */
static void begin_stop(struct mxc_keeper *keeper, struct mxc_running *running, uint64_t grace_ns) {
    uint64_t due = mxc_monotonic_ns() + grace_ns, last = running->deadline_ns;
    if (!grace_ns) {
        force_stop(keeper, running);
        return;
    }
    if (last && running->phase == MXC_ALIVE)
        last += running->grace_ns;
    tell(keeper, running, SIGTERM, 1);
    if (running->phase != MXC_KILL_SENT && (!last || due < last)) {
        running->phase = MXC_TERM_SENT;
        running->deadline_ns = due;
    }
}

void mxc_command_signal(struct mxc_keeper *keeper, uint32_t id, const struct mxc_message *request) {
    struct mxc_running *running = id ? find_running(keeper, id) : NULL;
    if (!running)
        return; /* it has just ended */
    if (request->kind == MXC_MSG_STOP)
        begin_stop(keeper, running, request->a * 1000000u);
    else if (request->a == SIGKILL)
        force_stop(keeper, running);
    else if (request->a >= 1 && request->a <= 64)
        tell(keeper, running, request->a, request->b);
}

void mxc_command_kill_all(struct mxc_keeper *keeper, uint32_t limits_hit) {
    for (unsigned int i = 0; i < keeper->running_top; i++) {
        struct mxc_running *running = &keeper->running[i];
        if (!running->id)
            continue;
        running->limits_hit |= limits_hit;
        if (running->phase != MXC_KILL_SENT)
            force_stop(keeper, running);
    }
}

void mxc_command_deadline(struct mxc_keeper *keeper, struct mxc_running *running, uint64_t now) {
    if (!running->id || !running->deadline_ns || now < running->deadline_ns)
        return;
    switch (running->phase) {
    case MXC_ALIVE:
        running->limits_hit |= MXC_RECORD_TIMED_OUT | 1u << MXC_LIMIT_WALL_TIME;
        running->deadline_ns = 0; /* it has come */
        begin_stop(keeper, running, running->grace_ns);
        break;
    case MXC_TERM_SENT:
        force_stop(keeper, running);
        break;
    case MXC_KILL_SENT: /* its tender does not manage: end the whole sandbox, the kernel does the rest */
        tender_lost(keeper, running);
        break;
    }
}
