/* fake_keeper.c: speaks channel.h and record.h and builds no walls: for tests of the host library. What it does is
 * told by the host name in the plan ("mute", "die", "fail STAGE OP ERRNO DETAIL", "linger") and, for each command, by
 * argv: see commands[]. It trusts its input: only tests start it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "plan/channel.h"
#include "plan/plan.h"
#include "report/record.h"

#define MOST_RUNNING 64

struct command {
    uint32_t id;
    int last, status, in;
    uint64_t limit, timeout_ms, grace_ms;
    unsigned char *area;
    uint32_t argc, envc;
    const char *argv[16];
    const char *env[64];
    const char *cwd, *path;
    uint32_t cwd_required;
    struct mxc_record record;
};

static struct command running[MOST_RUNNING]; /* those that hang */
static const char *plan_word = "";

static void pause_ms(long ms) {
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* ---- Saying how it ended ---- */

static void put(struct command *command, int stream, const char *data, size_t length) {
    struct mxc_record_stream *said = stream == 1 ? &command->record.out : &command->record.err;
    unsigned char *area = command->area + (stream == 1 ? 0 : command->limit);
    uint64_t head = MXC_CAPTURE_HEAD(command->limit), ring = MXC_CAPTURE_TAIL(command->limit);
    for (size_t i = 0; i < length; i++, said->total++) {
        if (!command->area)
            continue;
        if (said->head < head) {
            area[said->head++] = (unsigned char)data[i];
        } else if (ring) {
            area[head + (said->total - head) % ring] = (unsigned char)data[i];
            said->tail += said->tail < ring;
        }
    }
}

static void say(struct command *command, const char *text) { put(command, 1, text, strlen(text)); }

static void finish(struct command *command) {
    command->record.magic = MXC_RECORD_MAGIC;
    command->record.size = sizeof command->record;
    send(command->status, &command->record, sizeof command->record, MSG_NOSIGNAL);
    close(command->status);
    if (command->last && strcmp(plan_word, "linger") != 0)
        _exit(0);
    memset(command, 0, sizeof *command);
}

static void ended(struct command *command, int exit_code, int signal) {
    command->record.outcome = MXC_OUTCOME_ENDED;
    command->record.exit_code = signal ? -1 : exit_code;
    command->record.signal = signal;
    finish(command);
}

static uint32_t number(const struct command *command, uint32_t index) {
    return index < command->argc ? (uint32_t)strtoul(command->argv[index], NULL, 10) : 0;
}

/* ---- What commands do ---- */

static void do_exit(struct command *command) { ended(command, (int)number(command, 1), 0); }
static void do_signal(struct command *command) { ended(command, 0, (int)number(command, 1)); }

static void do_write(struct command *command) { /* write STREAM BYTES: the alphabet again and again */
    for (uint32_t i = 0; i < number(command, 2); i++) {
        char letter = (char)('a' + i % 26);
        put(command, (int)number(command, 1), &letter, 1);
    }
    ended(command, 0, 0);
}

static void do_refuse(struct command *command) { /* refuse STAGE OP ERRNO DETAIL */
    command->record.outcome = MXC_OUTCOME_REFUSED;
    command->record.stage = number(command, 1);
    command->record.op = number(command, 2);
    command->record.sys_errno = number(command, 3);
    command->record.detail = number(command, 4);
    finish(command);
}

static void do_limits(struct command *command) { /* limits BITS */
    command->record.limits_hit = number(command, 1);
    ended(command, 0, 0);
}

static void do_die(struct command *command) {
    (void)command;
    _exit(1);
}

static void do_forget(struct command *command) {
    close(command->status);
    memset(command, 0, sizeof *command);
}

static void do_garbage(struct command *command) {
    char noise[400];
    memset(noise, 'x', sizeof noise);
    send(command->status, noise, sizeof noise, MSG_NOSIGNAL);
    do_forget(command);
}

static void do_forge(struct command *command) { /* forge FIELD: a record with one field out of range */
    const char *field = command->argc > 1 ? command->argv[1] : "";
    struct mxc_record *record = &command->record;
    *record = (struct mxc_record){.magic = MXC_RECORD_MAGIC, .size = sizeof *record, .outcome = MXC_OUTCOME_ENDED};
    if (strcmp(field, "outcome") == 0)
        record->outcome = 7;
    else if (strcmp(field, "exit") == 0)
        record->exit_code = 256;
    else if (strcmp(field, "signal") == 0)
        record->signal = 65, record->exit_code = -1;
    else if (strcmp(field, "size") == 0)
        record->size += 4;
    else if (strcmp(field, "denials") == 0)
        record->denial_count = 65;
    else if (strcmp(field, "head") == 0)
        record->out = (struct mxc_record_stream){.total = command->limit, .head = command->limit};
    else if (strcmp(field, "total") == 0)
        record->out = (struct mxc_record_stream){.total = 1, .head = 2};
    else if (strcmp(field, "stage") == 0)
        record->outcome = MXC_OUTCOME_REFUSED, record->stage = 4711, record->op = 4711;
    send(command->status, record, sizeof *record, MSG_NOSIGNAL);
    do_forget(command);
}

static void do_slices(struct command *command) { /* the record byte by byte */
    command->record = (struct mxc_record){
        .magic = MXC_RECORD_MAGIC, .size = sizeof command->record, .outcome = MXC_OUTCOME_ENDED, .exit_code = 5};
    const char *bytes = (const char *)&command->record;
    for (size_t i = 0; i < sizeof command->record; i++)
        send(command->status, bytes + i, 1, MSG_NOSIGNAL);
    do_forget(command);
}

static void do_half(struct command *command) {
    command->record = (struct mxc_record){.magic = MXC_RECORD_MAGIC, .size = sizeof command->record};
    send(command->status, &command->record, sizeof command->record / 2, MSG_NOSIGNAL);
    do_forget(command);
}

static void do_denials(struct command *command) { /* denials COUNT */
    struct {
        struct mxc_record head;
        struct mxc_denial_entry entry[MXC_RECORD_MAX_DENIALS];
    } packet = {.head = command->record};
    packet.head.magic = MXC_RECORD_MAGIC;
    packet.head.outcome = MXC_OUTCOME_ENDED;
    packet.head.denial_count = number(command, 1);
    packet.head.size = (uint32_t)(sizeof packet.head + packet.head.denial_count * sizeof *packet.entry);
    for (uint32_t i = 0; i < packet.head.denial_count; i++)
        packet.entry[i] = (struct mxc_denial_entry){.number = i, .times = i + 1, .first_ns = i * 1000000ull};
    send(command->status, &packet, packet.head.size, MSG_NOSIGNAL);
    do_forget(command);
}

static void do_cat(struct command *command) {
    char data[4096];
    ssize_t got;
    while (command->in >= 0 && (got = read(command->in, data, sizeof data)) > 0)
        put(command, 1, data, (size_t)got);
    ended(command, command->in < 0 ? 1 : 0, 0);
}

/* Whether the descriptor for input can be written to in any way. */
static void do_scribble(struct command *command) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", command->in);
    int again = open(path, O_RDWR);
    int written = write(command->in, "x", 1) == 1 || (again >= 0 && write(again, "x", 1) == 1) ||
                  ftruncate(again >= 0 ? again : command->in, 0) == 0;
    ended(command, written, 0);
}

static void do_show(struct command *command) { /* the command as it arrived */
    char line[4200];
    for (uint32_t i = 0; i < command->argc; i++) {
        snprintf(line, sizeof line, "arg %s\n", command->argv[i]);
        say(command, line);
    }
    for (uint32_t i = 0; i < command->envc; i++) {
        snprintf(line, sizeof line, "env %s\n", command->env[i]);
        say(command, line);
    }
    snprintf(line, sizeof line, "cwd %s %u\npath %s\ntimeout %llu\ngrace %llu\n", command->cwd, command->cwd_required,
             command->path, (unsigned long long)command->timeout_ms, (unsigned long long)command->grace_ms);
    say(command, line);
    ended(command, 0, 0);
}

static void say_descriptors(struct command *command) {
    DIR *folder = opendir("/proc/self/fd");
    char line[512], path[300], target[128];
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        int fd = entry->d_name[0] == '.' ? -1 : (int)strtol(entry->d_name, NULL, 10);
        if (fd < 0 || fd == dirfd(folder))
            continue;
        snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
        ssize_t length = readlink(path, target, sizeof target - 1);
        snprintf(line, sizeof line, "fd %d %.*s\n", fd, length > 0 ? (int)length : 0, target);
        say(command, line);
    }
    closedir(folder);
}

/* What the process inherited: descriptors, signal state, session, environment. */
static void do_self(struct command *command) {
    char line[256];
    sigset_t mask;
    say_descriptors(command);
    for (int signal = 1; signal < 65; signal++) {
        struct sigaction action;
        if (sigaction(signal, NULL, &action) == 0 && action.sa_handler != SIG_DFL) {
            snprintf(line, sizeof line, "signal %d not default\n", signal);
            say(command, line);
        }
    }
    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int signal = 1; signal < 32; signal++)
        if (sigismember(&mask, signal)) {
            snprintf(line, sizeof line, "signal %d blocked\n", signal);
            say(command, line);
        }
    extern char **environ;
    snprintf(line, sizeof line, "leader %d\nenviron %s\n", getsid(0) == getpid(), *environ ? *environ : "empty");
    say(command, line);
    ended(command, 0, 0);
}

static void do_slow(struct command *command) { /* slow MS */
    pause_ms((long)number(command, 1));
    ended(command, 0, 0);
}

static void do_hang(struct command *command) { /* until it is told something */
    for (int i = 0; i < MOST_RUNNING; i++)
        if (!running[i].id) {
            running[i] = *command;
            return;
        }
    ended(command, 99, 0);
}

static void do_stuck(struct command *command) { /* hears nothing any more */
    (void)command;
    for (;;)
        pause();
}

static const struct {
    const char *name;
    void (*run)(struct command *command);
} commands[] = {
    {"exit", do_exit},     {"signal", do_signal},     {"write", do_write},   {"refuse", do_refuse},
    {"limits", do_limits}, {"die", do_die},           {"forget", do_forget}, {"garbage", do_garbage},
    {"forge", do_forge},   {"slices", do_slices},     {"half", do_half},     {"denials", do_denials},
    {"cat", do_cat},       {"scribble", do_scribble}, {"show", do_show},     {"self", do_self},
    {"slow", do_slow},     {"hang", do_hang},         {"stuck", do_stuck},
};

/* ---- Messages ---- */

static void read_block(struct command *command, const void *bytes, size_t size) {
    const struct mxc_command_block *block = bytes;
    if (block->magic != MXC_COMMAND_MAGIC || block->total_bytes != size)
        _exit(3);
    const char *text = (const char *)(block + 1);
    command->cwd_required = block->cwd_required;
    for (uint32_t i = 0; i < block->argc; i++, text += strlen(text) + 1)
        if (i < 16)
            command->argv[command->argc++] = text;
    for (uint32_t i = 0; i < block->envc; i++, text += strlen(text) + 1)
        if (i < 64)
            command->env[command->envc++] = text;
    command->cwd = text;
    command->path = text + strlen(text) + 1;
    if (command->path + strlen(command->path) + 1 != (const char *)block + block->total_bytes)
        _exit(4);
}

/* What behaviours look at stays where it is for as long as the command runs, hence never goes. */
static void map_block(struct command *command, int fd) {
    struct stat info;
    fstat(fd, &info);
    const void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        _exit(3);
    read_block(command, bytes, (size_t)info.st_size);
}

static void copy_block(struct command *command, const struct mxc_packet *packet) {
    size_t size = mxc_packet_block(&packet->message);
    void *copy = malloc(size);
    if (!copy)
        _exit(3);
    read_block(command, memcpy(copy, packet->block, size), size);
}

static void spawn(const struct mxc_packet *packet, const int *fds) {
    const struct mxc_message *message = &packet->message;
    struct command command = {.id = message->id,
                              .last = message->flags & MXC_SPAWN_LAST,
                              .status = *fds++,
                              .in = -1,
                              .limit = message->c,
                              .timeout_ms = message->a,
                              .grace_ms = message->b};
    if (message->flags & MXC_SPAWN_WITHIN)
        copy_block(&command, packet);
    else
        map_block(&command, *fds++);
    if (message->flags & MXC_SPAWN_CAPTURE) {
        void *area = message->c ? mmap(NULL, 2 * message->c, PROT_READ | PROT_WRITE, MAP_SHARED, *fds, 0) : NULL;
        command.area = area == MAP_FAILED ? NULL : area;
        close(*fds++);
    }
    if (message->flags & MXC_SPAWN_STDIN)
        command.in = *fds++;
    for (uint32_t flag = MXC_SPAWN_STDOUT; flag <= MXC_SPAWN_STDERR; flag *= 2)
        if (message->flags & flag) {
            dprintf(*fds, "given %u\n", flag);
            close(*fds++);
        }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(command.argv[0], commands[i].name) == 0) {
            commands[i].run(&command);
            if (command.in >= 0)
                close(command.in);
            return;
        }
    command.record = (struct mxc_record){.stage = MXC_STAGE_EXEC, .sys_errno = ENOENT};
    command.record.outcome = MXC_OUTCOME_REFUSED;
    finish(&command);
}

/* A command that hangs ends by the signal it is sent; TERM leaves an exit code of 15, so that both can be told. */
static void tell(const struct mxc_message *message) {
    for (int i = 0; i < MOST_RUNNING; i++) {
        if (running[i].id != message->id)
            continue;
        if (message->kind == MXC_MSG_STOP)
            ended(&running[i], message->a ? 15 : 0, message->a ? 0 : SIGKILL);
        else
            ended(&running[i], 0, (int)message->a);
        return;
    }
}

static int receive(struct mxc_packet *packet, int *fds) {
    char space[CMSG_SPACE(sizeof(int) * 6)];
    struct iovec part = {packet, sizeof *packet};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
    ssize_t got = recvmsg(MXC_KEEPER_FD_CONTROL, &header, MSG_CMSG_CLOEXEC);
    struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
    int whole = got >= (ssize_t)sizeof packet->message &&
                (size_t)got == sizeof packet->message + mxc_packet_block(&packet->message);
    if (whole && rights)
        memcpy(fds, CMSG_DATA(rights), rights->cmsg_len - CMSG_LEN(0));
    return whole;
}

static void send_host(uint32_t kind, const struct mxc_record *why) {
    struct mxc_message message = {.kind = kind, .a = why->stage, .b = why->op, .c = why->sys_errno, .d = why->detail};
    send(MXC_KEEPER_FD_CONTROL, &message, sizeof message, MSG_NOSIGNAL);
}

static void read_plan(void) {
    struct stat info;
    struct mxc_plan_view view;
    fstat(MXC_KEEPER_FD_PLAN, &info);
    void *plan = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, MXC_KEEPER_FD_PLAN, 0);
    if (mxc_plan_view(&view, plan, (size_t)info.st_size) != 0)
        _exit(2);
    for (uint32_t i = 0; i < view.op_count; i++)
        if (view.ops[i].kind == MXC_OP_HOSTNAME)
            plan_word = mxc_plan_text_at(&view, view.ops[i].text);
}

int main(void) {
    static struct mxc_packet packet;
    const struct mxc_message *message = &packet.message;
    struct mxc_record why = {0};
    int fds[6] = {-1, -1, -1, -1, -1, -1};
    read_plan();
    if (strcmp(plan_word, "die") == 0)
        return 1;
    if (sscanf(plan_word, "fail %u %u %u %u", &why.stage, &why.op, &why.sys_errno, &why.detail) == 4) {
        send_host(MXC_MSG_FAILED, &why);
        return 1;
    }
    if (strcmp(plan_word, "strange") == 0)
        send_host(4711, &why);
    else if (strcmp(plan_word, "mute") != 0)
        send_host(MXC_MSG_READY, &why);
    while (receive(&packet, fds)) {
        if (message->kind == MXC_MSG_SPAWN)
            spawn(&packet, fds);
        else if (message->kind == MXC_MSG_SHUTDOWN)
            break;
        else
            tell(message);
    }
    while (strcmp(plan_word, "linger") == 0)
        pause();
    return 0;
}
