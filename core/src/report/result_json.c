/* result_json.c: a result as one JSON object (docs/results.md). Numbers are printed from integers: the caller's
 * locale may have another decimal point. */
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "report/result.h"

#define NAME(signal) [signal] = #signal

const char *mxc_signal_name(int signal) {
    static const char *const names[] = {
        NAME(SIGHUP),  NAME(SIGINT),    NAME(SIGQUIT), NAME(SIGILL),  NAME(SIGTRAP),   NAME(SIGABRT), NAME(SIGBUS),
        NAME(SIGFPE),  NAME(SIGKILL),   NAME(SIGUSR1), NAME(SIGSEGV), NAME(SIGUSR2),   NAME(SIGPIPE), NAME(SIGALRM),
        NAME(SIGTERM), NAME(SIGSTKFLT), NAME(SIGCHLD), NAME(SIGCONT), NAME(SIGSTOP),   NAME(SIGTSTP), NAME(SIGTTIN),
        NAME(SIGTTOU), NAME(SIGURG),    NAME(SIGXCPU), NAME(SIGXFSZ), NAME(SIGVTALRM), NAME(SIGPROF), NAME(SIGWINCH),
        NAME(SIGIO),   NAME(SIGPWR),    NAME(SIGSYS)};
    if (signal < 0 || (size_t)signal >= sizeof names / sizeof *names)
        return NULL;
    return names[signal];
}

const char *mxc_limit_text(mxc_limit limit) {
    static const char *const names[] = {[MXC_LIMIT_NONE] = "none",
                                        [MXC_LIMIT_MEMORY] = "memory",
                                        [MXC_LIMIT_PROCESSES] = "processes",
                                        [MXC_LIMIT_CPU_TIME] = "cpu_time",
                                        [MXC_LIMIT_WALL_TIME] = "wall_time",
                                        [MXC_LIMIT_OUTPUT] = "output",
                                        [MXC_LIMIT_FILE_SIZE] = "file_size",
                                        [MXC_LIMIT_OPEN_FILES] = "open_files",
                                        [MXC_LIMIT_SWAP] = "swap",
                                        [MXC_LIMIT_CPUS] = "cpus",
                                        [MXC_LIMIT_TMP] = "tmp",
                                        [MXC_LIMIT_DISK] = "disk"};
    if (limit < 0 || (size_t)limit >= sizeof names / sizeof *names)
        return "unknown";
    return names[limit];
}

static void put_ms(struct mxc_buf *out, const char *key, uint64_t ns) {
    uint64_t us = ns / 1000;
    mxc_buf_format(out, ", \"%s\": %" PRIu64 ".%03u", key, us / 1000, (unsigned)(us % 1000));
}

static void put_end(struct mxc_buf *out, const struct mxc_result *result) {
    const char *name = mxc_signal_name(result->signal);
    if (!result->signal) {
        mxc_buf_format(out, "{\"exitCode\": %d, \"signal\": null", (int)result->exit_code);
        return;
    }
    mxc_buf_format(out, "{\"exitCode\": null, \"signal\": %d", (int)result->signal);
    if (name)
        mxc_buf_format(out, ", \"signalName\": \"%s\"", name);
}

static void put_limits(struct mxc_buf *out, const struct mxc_result *result) {
    mxc_limit first = mxc_result_first_hit(result);
    const char *separator = "";
    mxc_buf_format(
        out, ", \"timedOut\": %s, \"limitHit\": ", mxc_result_has_hit(result, MXC_LIMIT_WALL_TIME) ? "true" : "false");
    mxc_buf_json(out, first == MXC_LIMIT_NONE ? NULL : mxc_limit_text(first));
    mxc_buf_text(out, ", \"limitsHit\": [");
    for (mxc_limit limit = MXC_LIMIT_MEMORY; limit <= MXC_LIMIT_DISK; limit++)
        if (mxc_result_has_hit(result, limit)) {
            mxc_buf_format(out, "%s\"%s\"", separator, mxc_limit_text(limit));
            separator = ", ";
        }
    mxc_buf_text(out, "]");
}

static void put_stream(struct mxc_buf *out, const char *name, const struct mxc_captured *stream) {
    const char *data = stream->data ? stream->data : "";
    int text = mxc_utf8_valid(data, stream->length);
    mxc_buf_format(out, ", \"%s\": ", name);
    if (text) {
        mxc_buf_json_string(out, data, stream->length);
    } else {
        mxc_buf_text(out, "\"");
        mxc_buf_base64(out, data, stream->length);
        mxc_buf_text(out, "\"");
    }
    mxc_buf_format(out, ", \"%sEncoding\": \"%s\", \"%sBytes\": %zu, \"%sLength\": %" PRIu64 ", \"%sTruncated\": %s",
                   name, text ? "utf-8" : "base64", name, stream->length, name, stream->total, name,
                   stream->truncated ? "true" : "false");
}

static void put_denials(struct mxc_buf *out, const struct mxc_result *result) {
    mxc_buf_text(out, ", \"denials\": [");
    for (size_t i = 0; i < result->denial_count; i++) {
        const struct mxc_denial *denial = &result->denials[i];
        mxc_buf_text(out, i ? ", {\"kind\": \"syscall\", \"what\": " : "{\"kind\": \"syscall\", \"what\": ");
        mxc_buf_json(out, denial->what ? denial->what : "");
        mxc_buf_format(out, ", \"mechanism\": \"seccomp\", \"count\": %" PRIu64, denial->times);
        put_ms(out, "firstMs", denial->first_ns);
        mxc_buf_text(out, "}");
    }
    mxc_buf_text(out, "]");
}

void mxc_result_json(struct mxc_buf *out, const struct mxc_result *result) {
    put_end(out, result);
    put_limits(out, result);
    put_stream(out, "stdout", &result->out);
    put_stream(out, "stderr", &result->err);
    put_ms(out, "wallTimeMs", result->wall_ns);
    put_ms(out, "cpuTimeMs", result->cpu_ns);
    mxc_buf_format(out, ", \"peakMemoryBytes\": %" PRIu64, result->peak_memory);
    mxc_buf_text(out, ", \"timingsMs\": ");
    mxc_timings_json(out, result);
    put_denials(out, result);
    mxc_buf_text(out, ", \"connections\": ");
    mxc_connections_json(out, result);
    mxc_buf_format(out, ", \"connectionsDropped\": %" PRIu64, result->connections_dropped);
    mxc_buf_text(out, ", \"findings\": ");
    mxc_findings_json(out, &result->findings);
    mxc_buf_text(out, ", \"receipt\": ");
    mxc_buf_text(out, result->receipt);
    mxc_buf_text(out, "}");
}
