/* timings.c: the stages of a run as JSON, in their order, by the process that spent the time. */
#include <inttypes.h>

#include "report/result.h"

static const struct {
    const char *process, *name;
} stages[MXC_TIMES] = {
    [MXC_TIME_POLICY] = {"host", "policy"},
    [MXC_TIME_FACTS] = {"host", "facts"},
    [MXC_TIME_PLAN] = {"host", "plan"},
    [MXC_TIME_REQUEST] = {"host", "request"},
    [MXC_TIME_START] = {"host", "start"},
    [MXC_TIME_LOAD] = {"keeper", "load"},
    [MXC_TIME_CGROUPS] = {"keeper", "cgroups"},
    [MXC_TIME_GRANTS] = {"keeper", "grants"},
    [MXC_TIME_GHOSTS] = {"keeper", "ghosts"},
    [MXC_TIME_RELAY] = {"keeper", "relay"},
    [MXC_TIME_NAMESPACES] = {"init", "namespaces"},
    [MXC_TIME_IDS] = {"init", "ids"},
    [MXC_TIME_NETWORK] = {"init", "network"},
    [MXC_TIME_TREE] = {"init", "tree"},
    [MXC_TIME_BINDS] = {"init", "binds"},
    [MXC_TIME_DEVICES] = {"init", "devices"},
    [MXC_TIME_MOUNTS] = {"init", "mounts"},
    [MXC_TIME_MASKS] = {"init", "masks"},
    [MXC_TIME_COVERS] = {"init", "covers"},
    [MXC_TIME_CLOSE] = {"init", "close"},
    [MXC_TIME_RIGHTS] = {"init", "rights"},
    [MXC_TIME_LANDLOCK] = {"init", "landlock"},
    [MXC_TIME_SECCOMP] = {"init", "seccomp"},
    [MXC_TIME_VERIFY] = {"init", "verify"},
    [MXC_TIME_HAND_OVER] = {"command", "handOver"},
    [MXC_TIME_COMMAND] = {"command", "run"},
    [MXC_TIME_END] = {"command", "end"},
    [MXC_TIME_RESULT] = {"command", "result"},
};

void mxc_timings_json(struct mxc_buf *out, const struct mxc_result *result) {
    const char *process = NULL;
    mxc_buf_text(out, "{");
    for (int i = 0; i < MXC_TIMES; i++) {
        uint64_t us = result->time_ns[i] / 1000;
        if (!result->time_ns[i]) /* there was no such stage */
            continue;
        if (process == stages[i].process)
            mxc_buf_text(out, ", ");
        else
            mxc_buf_format(out, "%s\"%s\": {", process ? "}, " : "", stages[i].process);
        process = stages[i].process;
        mxc_buf_format(out, "\"%s\": %" PRIu64 ".%03u", stages[i].name, us / 1000, (unsigned)(us % 1000));
    }
    mxc_buf_text(out, process ? "}}" : "}");
}
