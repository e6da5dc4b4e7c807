/* process_api.c: mxc_process_*: checks in front of the client. */
#include "api/structs.h"
#include "base/error.h"
#include "client/client.h"
#include "plan/channel.h"

mxc_status mxc_process_wait(mxc_result **out, mxc_process *process, int64_t timeout_ms, mxc_error **err) {
    if (!out || !process)
        return mxc_fail_null(err, out ? "process" : "out");
    return mxc_process_await(out, process, timeout_ms, err);
}

mxc_status mxc_process_kill(mxc_process *process, int32_t signal, mxc_error **err) {
    enum { SIGNAL_KILL = 9, LAST_SIGNAL = 64 };
    if (!process)
        return mxc_fail_null(err, "process");
    if (signal < 1 || signal > LAST_SIGNAL)
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT, NULL, "there is no signal %d, they are 1 to 64", (int)signal);
    return mxc_process_tell(process, MXC_MSG_SIGNAL, (uint64_t)signal, signal == SIGNAL_KILL, err);
}

mxc_status mxc_process_stop(mxc_process *process, uint64_t grace_ms, mxc_error **err) {
    if (!process)
        return mxc_fail_null(err, "process");
    return mxc_process_tell(process, MXC_MSG_STOP, grace_ms, 0, err);
}

int32_t mxc_process_status_fd(const mxc_process *process) { return process ? mxc_process_fd(process) : -1; }

int32_t mxc_process_take_stdin(mxc_process *process) { return process ? mxc_process_take(process, 0) : -1; }

int32_t mxc_process_take_stdout(mxc_process *process) { return process ? mxc_process_take(process, 1) : -1; }

int32_t mxc_process_take_stderr(mxc_process *process) { return process ? mxc_process_take(process, 2) : -1; }

void mxc_process_free(mxc_process *process) { mxc_process_end(process); }
