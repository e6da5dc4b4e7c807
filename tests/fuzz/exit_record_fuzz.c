/* exit_record_fuzz.c: what the host makes of the bytes on a status stream and of a capture area that does not fit
 * them: too short, or filled otherwise than the record says. Either an error, or a result whose numbers agree with
 * each other and whose JSON is well-formed text. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "client/channel.h"
#include "client/memfd.h"
#include "client/parts.h"
#include "fuzz/fuzz.h"
#include "plan/builder.h"

#define AREA_MOST 4096u

static char *denial_text(uint32_t number, unsigned int narrow) {
    (void)narrow;
    return mxc_strdup(number % 2 ? "odd" : "even");
}

/* A plan of two ops, for the words of a refusal. */
static void *plan_bytes(size_t *length) {
    struct mxc_plan plan = {0};
    MXC_PLAN_ADD(&plan, MXC_OP_IDENTITY, .origin = "/process/user", .a = MXC_IDENTITY_CALLER, .c = 1000);
    MXC_PLAN_ADD(&plan, MXC_OP_DIR, .origin = "/filesystem", .text = "/x", .a = 0755);
    void *bytes = mxc_plan_encode(&plan, length);
    mxc_plan_clear(&plan);
    FUZZ_HOLDS(bytes != NULL);
    return bytes;
}

static struct mxc_keeper *new_keeper(int control) {
    struct mxc_keeper *made = mxc_alloc(sizeof *made);
    size_t length;
    FUZZ_HOLDS(made != NULL);
    made->control = control;
    made->pidfd = -1;
    atomic_init(&made->references, 1);
    atomic_init(&made->reaped, 1);
    made->plan = plan_bytes(&length);
    made->receipt = mxc_strdup("[]");
    made->denial_text = denial_text;
    FUZZ_HOLDS(mxc_plan_view(&made->view, made->plan, length) == 0);
    return made;
}

static mxc_process *new_process(struct mxc_keeper *owner, int status, int capture) {
    mxc_process *made = mxc_alloc(sizeof *made);
    FUZZ_HOLDS(made != NULL);
    made->keeper = owner;
    made->id = 1;
    made->status = status;
    made->capture = capture;
    for (int i = 0; i < 3; i++)
        atomic_init(&made->pipes[i], -1);
    made->command = mxc_strdup("command");
    made->path = mxc_strdup("/bin");
    made->cwd = mxc_strdup("/");
    pthread_mutex_init(&made->lock, NULL);
    return made;
}

static void check_stream(const struct mxc_captured *stream, uint64_t limit) {
    FUZZ_HOLDS(stream->length <= limit && stream->head <= stream->length && stream->length <= stream->total);
    FUZZ_HOLDS(!stream->length || stream->data);
    FUZZ_HOLDS(!stream->truncated == (stream->total == stream->length) || !stream->data);
}

static void check_result(const struct mxc_result *result, uint64_t limit) {
    MXC_AUTO_BUF struct mxc_buf json = {0};
    check_stream(&result->out, limit);
    check_stream(&result->err, limit);
    FUZZ_HOLDS(result->denial_count <= MXC_RECORD_MAX_DENIALS);
    FUZZ_HOLDS(result->signal ? result->exit_code == -1 : result->exit_code >= 0 && result->exit_code <= 255);
    mxc_result_json(&json, result);
    FUZZ_HOLDS(!json.failed && mxc_utf8_valid(json.data, json.length));
}

/* Delivers the bytes in pieces; end of file behind them. */
static void deliver(int end, mxc_process *process, const uint8_t *data, size_t size, size_t piece) {
    mxc_error *error = NULL;
    mxc_result *result = NULL;
    while (size) {
        size_t now = size < piece ? size : piece;
        if (send(end, data, now, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)now)
            break;
        data += now;
        size -= now;
        if (mxc_process_await(&result, process, 0, &error) == MXC_OK)
            mxc_result_unref(result);
        mxc_error_free(error);
        error = NULL;
    }
    shutdown(end, SHUT_WR);
}

static int new_area(struct fuzz_input *input, int torn, uint64_t limit) {
    char bytes[AREA_MOST * 2];
    size_t size = torn ? (size_t)fuzz_number(input, 2) % sizeof bytes : (size_t)limit * 2;
    memset(bytes, torn ? 0xff : 'x', sizeof bytes);
    int area = mxc_memfd_sealed("fuzz", bytes, size, 0);
    FUZZ_HOLDS(area >= 0);
    return area;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input input = {data, size};
    unsigned int kind = (unsigned int)fuzz_number(&input, 1);
    uint64_t limit = fuzz_number(&input, 2) % (AREA_MOST + 1);
    size_t piece = (size_t)fuzz_number(&input, 1) * 4 + 1;
    int status[2], control[2];
    FUZZ_HOLDS(mxc_channel_pair(status, SOCK_STREAM) == 0 && mxc_channel_pair(control, SOCK_SEQPACKET) == 0);
    struct mxc_keeper *keeper = new_keeper(control[0]);
    mxc_process *process = new_process(keeper, status[0], kind & 1 ? new_area(&input, !!(kind & 2), limit) : -1);
    process->limit = limit;
    process->last = !!(kind & 4);
    atomic_store(&keeper->killed_at, kind & 8 ? mxc_now_ms() : 0);
    if (kind & 16) { /* what a keeper that gave up says */
        struct mxc_message message = {.kind = MXC_MSG_FAILED};
        size_t given;
        const uint8_t *bytes = fuzz_bytes(&input, sizeof message - 4, &given);
        if (given)
            memcpy((char *)&message + 4, bytes, given);
        mxc_channel_send(control[1], &message, NULL, 0, 0);
    }
    mxc_close(&control[1]);
    deliver(status[1], process, input.data, input.size, piece);
    mxc_result *result = NULL;
    mxc_error *error = NULL;
    mxc_status got = mxc_process_await(&result, process, 1000, &error);
    fuzz_accepted = got == MXC_OK;
    FUZZ_HOLDS(got != MXC_E_TIMEOUT && (got == MXC_OK) == (result != NULL) && (got == MXC_OK) == (error == NULL));
    if (result)
        check_result(result, limit);
    mxc_result_unref(result);
    mxc_error_free(error);
    mxc_close(&status[1]);
    mxc_process_end(process);
    return 0;
}
