/* keeper_protocol_fuzz.c: packets to the keeper, from the host and from the tenders inside, packets to the host, and
 * command blocks, over real sockets and the keeper's own code. One input is a script of steps. Whatever comes: every
 * descriptor is closed again, nothing blocks, and each record that the keeper writes is one that the host can read. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "client/channel.h"
#include "client/memfd.h"
#include "fuzz/fuzz.h"
#include "keeper/exec.h"
#include "keeper/keeper.h"
#include "report/result.h"

#define STEPS 600
#define COMMANDS 8
#define WATCHED_FDS 200

static struct mxc_keeper keeper;
static int host, inside;                             /* the other ends of keeper.control and keeper.init */
static int status_ends[COMMANDS], tenders[COMMANDS]; /* -1: none */

/* ---- the end of a sandbox: there is no init here, and no folder that holds a place ---- */

void mxc_inside_end(struct mxc_keeper *of, int by_force) { (void)of, (void)by_force; }

int mxc_ghosts_are_ours(const struct mxc_apply *apply) { return apply->ghost_count > 0; }

void mxc_ghosts_remove(struct mxc_apply *apply) { (void)apply; }

void mxc_plain_end(struct mxc_keeper *of) { (void)of; }

/* ---- descriptors ---- */

static unsigned int open_count(void) {
    unsigned int count = 0;
    for (int fd = 3; fd < WATCHED_FDS; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static int new_fd(struct fuzz_input *input) {
    unsigned int kind = (unsigned int)fuzz_number(input, 1);
    size_t size = (size_t)fuzz_number(input, 1) * 64;
    int fd;
    if (kind % 4 == 0)
        return open("/dev/null", O_RDWR | O_CLOEXEC);
    if (kind % 4 == 1)
        return mxc_memfd_sized("fuzz", size);
    fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_HOLDS(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
    return fd;
}

static void send_packet(int socket, const void *data, size_t size, const int *fds, unsigned int count) {
    union {
        char space[CMSG_SPACE(sizeof(int) * 16)];
        struct cmsghdr align;
    } control;
    char copy[256];
    memcpy(copy, data, size);
    struct iovec part = {copy, size};
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};
    if (count) {
        memset(&control, 0, sizeof control);
        packet.msg_control = control.space;
        packet.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *rights = CMSG_FIRSTHDR(&packet);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(rights), fds, sizeof(int) * count);
    }
    FUZZ_HOLDS(sendmsg(socket, &packet, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0);
}

/* Any bytes with any descriptors. */
static void send_raw(int socket, struct fuzz_input *input) {
    int fds[16];
    unsigned int count = (unsigned int)fuzz_number(input, 1) % 9;
    size_t size;
    for (unsigned int i = 0; i < count; i++)
        fds[i] = new_fd(input);
    const uint8_t *bytes = fuzz_bytes(input, (size_t)fuzz_number(input, 1), &size);
    send_packet(socket, bytes, size, fds, count);
    for (unsigned int i = 0; i < count; i++)
        close(fds[i]);
}

/* ---- the keeper's side ---- */

/* As loop.c does it. */
static void keeper_reads_host(void) {
    static struct mxc_packet packet;
    struct mxc_message message;
    int fds[MXC_MAX_MESSAGE_FDS];
    unsigned int count;
    int got = mxc_packet_receive(keeper.control, &packet, fds, MXC_MAX_MESSAGE_FDS, &count);
    message = packet.message;
    FUZZ_HOLDS(got == (int)(sizeof message + mxc_packet_block(&message)) || got == 0 || got == -EBADMSG);
    if (got <= 0) {
        fuzz_accepted = 0;
        FUZZ_HOLDS(count == 0);
        return;
    }
    if (message.kind == MXC_MSG_SPAWN) {
        mxc_command_spawn(&keeper, &packet, fds, count);
        return;
    }
    if (message.kind == MXC_MSG_SIGNAL || message.kind == MXC_MSG_STOP)
        mxc_command_signal(&keeper, message.id, &message);
    for (; count; count--)
        close(fds[count - 1]);
}

static void check_block(struct mxc_program *program, int result, size_t size) {
    fuzz_accepted &= result == 0;
    if (result == 0) { /* every string ends inside */
        size_t all = strlen(program->cwd) + strlen(program->path);
        FUZZ_HOLDS(program->argv[0] != NULL);
        for (char **one = program->argv; *one; one++)
            all += strlen(*one);
        for (char **one = program->envp; *one; one++)
            all += strlen(*one);
        FUZZ_HOLDS(all < size);
    }
    mxc_command_unload(program);
}

static void take_block(struct mxc_packet *packet) {
    struct mxc_program program = {0};
    size_t size = mxc_packet_block(&packet->message);
    if (packet->message.flags & MXC_SPAWN_WITHIN)
        check_block(&program, mxc_command_take(&program, packet->block, size), size);
}

/* Init takes what the keeper hands on; the second descriptor is the channel of a tender, if there is one. */
static void init_reads(void) {
    static struct mxc_packet packet;
    int fds[MXC_MAX_MESSAGE_FDS];
    unsigned int count;
    while (mxc_packet_receive(inside, &packet, fds, MXC_MAX_MESSAGE_FDS, &count) > 0) {
        const struct mxc_message message = packet.message;
        int by_init = (message.flags & MXC_SPAWN_BY_INIT) != 0, by_fd = !(message.flags & MXC_SPAWN_WITHIN);
        if (message.kind == MXC_MSG_SIGNAL && !count)
            continue;
        FUZZ_HOLDS(message.kind == MXC_MSG_SPAWN && count >= (unsigned int)(by_fd + !by_init) && count <= 5);
        take_block(&packet);
        int *tender = &tenders[message.id % COMMANDS];
        mxc_close(tender);
        if (!by_init)
            *tender = mxc_take_fd(&fds[by_fd]);
        for (unsigned int i = 0; i < count; i++)
            mxc_close(&fds[i]);
    }
}

static struct mxc_running *running_of(unsigned int slot) {
    for (unsigned int i = 0; i < MXC_MAX_COMMANDS; i++)
        if (keeper.running[i].id && keeper.running[i].id % COMMANDS == slot)
            return &keeper.running[i];
    return NULL;
}

static int has_input(int fd) {
    char byte;
    ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got > 0 || (got == 0 && errno != EAGAIN) || (got < 0 && errno != EAGAIN);
}

/* As loop.c does it. */
static void keeper_reads_init(void) {
    struct mxc_message message;
    unsigned int count;
    if (keeper.init < 0 || !has_input(keeper.init))
        return;
    if (mxc_message_receive(keeper.init, &message, NULL, 0, &count) > 0 &&
        mxc_command_from_init(&keeper, &message) == 0)
        return;
    mxc_close(&keeper.init);
    mxc_command_init_lost(&keeper);
}

static void keeper_reads_tender(unsigned int slot) {
    struct mxc_running *running = running_of(slot);
    if (running && running->channel >= 0 && has_input(running->channel))
        mxc_command_from_tender(&keeper, running);
}

/* ---- steps ---- */

static void spawn(struct fuzz_input *input) {
    int pair[2], fds[6];
    unsigned int count = 0;
    struct mxc_message message = {.kind = MXC_MSG_SPAWN,
                                  .id = (uint32_t)fuzz_number(input, 1),
                                  .flags = (uint32_t)fuzz_number(input, 1),
                                  .a = fuzz_number(input, 2),
                                  .b = fuzz_number(input, 1),
                                  .c = fuzz_number(input, 2)};
    int *end = &status_ends[message.id % COMMANDS];
    FUZZ_HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    mxc_close(end);
    *end = pair[0];
    fds[count++] = pair[1];
    fds[count++] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (message.flags & MXC_SPAWN_CAPTURE)
        fds[count++] = mxc_memfd_sized("fuzz", (size_t)message.c * 2);
    for (uint32_t flag = MXC_SPAWN_STDIN; flag <= MXC_SPAWN_STDERR; flag <<= 1)
        if (message.flags & flag)
            fds[count++] = new_fd(input);
    send_packet(host, &message, sizeof message, fds, count);
    for (unsigned int i = 0; i < count; i++)
        close(fds[i]);
    keeper_reads_host();
    init_reads();
}

static void tender_says(struct fuzz_input *input, int raw) {
    unsigned int slot = (unsigned int)fuzz_number(input, 1) % COMMANDS;
    struct mxc_message message = {.kind = MXC_MSG_STARTED + (uint32_t)fuzz_number(input, 1) % 3};
    if (!raw) {
        message.flags = (uint32_t)fuzz_number(input, 1);
        message.a = fuzz_number(input, 4);
        message.b = fuzz_number(input, 8);
    }
    const struct mxc_running *running = running_of(slot);
    int by_init = running && running->by_init && keeper.init >= 0, from = by_init ? inside : tenders[slot];
    if (from < 0 || !running)
        return;
    message.id = running->id;
    if (raw)
        send_raw(from, input);
    else
        send_packet(from, &message, sizeof message, NULL, 0);
    if (by_init)
        keeper_reads_init();
    else
        keeper_reads_tender(slot);
}

static void signal_many(struct fuzz_input *input) {
    unsigned int times = (unsigned int)fuzz_number(input, 2) % STEPS;
    struct mxc_message message = {.kind = fuzz_number(input, 1) % 2 ? MXC_MSG_STOP : MXC_MSG_SIGNAL,
                                  .id = (uint32_t)fuzz_number(input, 1),
                                  .a = fuzz_number(input, 1)};
    for (; times; times--) {
        send_packet(host, &message, sizeof message, NULL, 0);
        keeper_reads_host();
    }
}

static void output(struct fuzz_input *input) {
    struct mxc_running *running = running_of((unsigned int)fuzz_number(input, 1) % COMMANDS);
    if (!running)
        return;
    mxc_capture_read(&running->out);
    mxc_capture_read(&running->err);
}

static void block(struct fuzz_input *input) {
    struct mxc_program program = {0};
    size_t size;
    const uint8_t *bytes = fuzz_bytes(input, (size_t)fuzz_number(input, 2), &size);
    int fd = mxc_memfd_sealed("fuzz", bytes, size, 0);
    FUZZ_HOLDS(fd >= 0);
    check_block(&program, mxc_command_load(&program, fd), size);
    close(fd);
}

static void to_host(struct fuzz_input *input) {
    struct mxc_message message;
    send_raw(keeper.control, input);
    int got = mxc_channel_receive(host, &message);
    FUZZ_HOLDS(got == 1 || got == 0 || got == -EBADMSG);
    fuzz_accepted &= got == 1;
}

static void from_host_raw(struct fuzz_input *input) {
    send_raw(host, input);
    keeper_reads_host();
    init_reads();
}

static void step(struct fuzz_input *input) {
    unsigned int slot;
    switch (fuzz_number(input, 1) % 9) {
    case 0:
        return from_host_raw(input);
    case 1:
        return spawn(input);
    case 2:
        return tender_says(input, 0);
    case 3:
        return tender_says(input, 1);
    case 4:
        return signal_many(input);
    case 5:
        return block(input);
    case 6:
        return to_host(input);
    case 7:
        return output(input);
    default: /* a tender is killed, or init has ended */
        slot = (unsigned int)fuzz_number(input, 1) % COMMANDS;
        if (running_of(slot) && running_of(slot)->by_init) {
            mxc_close(&inside);
            keeper_reads_init();
        } else {
            mxc_close(&tenders[slot]);
            keeper_reads_tender(slot);
        }
    }
}

/* ---- one input ---- */

static void open_all(void) {
    int pair[2];
    memset(&keeper, 0, sizeof keeper);
    keeper.init_pidfd = keeper.listener = keeper.proc = keeper.host = keeper.relay = keeper.relay_pidfd = -1;
    keeper.ready = 1;
    FUZZ_HOLDS(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
    keeper.control = pair[0];
    host = pair[1];
    FUZZ_HOLDS(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
    keeper.init = pair[0];
    inside = pair[1];
    fcntl(inside, F_SETFL, O_NONBLOCK);
    fcntl(keeper.init, F_SETFL, O_NONBLOCK);
    for (int i = 0; i < COMMANDS; i++)
        status_ends[i] = tenders[i] = -1;
}

static void check_record(int end) {
    unsigned char bytes[MXC_RECORD_MAX_BYTES + 1];
    struct mxc_record record;
    struct mxc_record_entries entries;
    ssize_t got = end < 0 ? 0 : recv(end, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0)
        FUZZ_HOLDS(mxc_record_decode(&record, &entries, bytes, (size_t)got) == 0);
}

static void close_all(void) {
    mxc_command_abandon(&keeper);
    FUZZ_HOLDS(keeper.running_count == 0);
    for (int i = 0; i < COMMANDS; i++) {
        check_record(status_ends[i]);
        mxc_close(&status_ends[i]);
        mxc_close(&tenders[i]);
    }
    mxc_close(&keeper.control);
    mxc_close(&keeper.init);
    mxc_close(&host);
    mxc_close(&inside);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input input = {data, size};
    unsigned int before = open_count();
    open_all();
    fuzz_accepted = 1;
    for (int i = 0; i < STEPS && input.size; i++)
        step(&input);
    close_all();
    FUZZ_HOLDS(open_count() == before);
    return 0;
}
