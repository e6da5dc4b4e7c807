/* request.c: see request.h. Folder, times and descriptors; argv and environment have files of their own. */
#include "api/request.h"

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "policy/model.h"

#define DEFAULT_GRACE_MS 1000

/* "/filesystem/readwritePaths/3" -> 3: rules are sorted by path, "the first" is the one written first. */
static unsigned long written_at(const struct mxc_path_rule *rule) {
    const char *number = rule->origin ? strrchr(rule->origin, '/') : NULL;
    unsigned long place = 0;
    if (!number || !number[1])
        return ~0ul;
    for (number++; *number >= '0' && *number <= '9' && place < 1000000; number++)
        place = place * 10 + (unsigned long)(*number - '0');
    return *number ? ~0ul : place;
}

static int is_folder(const struct mxc_host *host, const char *path) {
    const struct mxc_path_fact *fact = mxc_host_path(host, path);
    return fact && fact->type == S_IFDIR;
}

static const char *first_folder(const struct mxc_prepared *prepared, mxc_access access) {
    const struct mxc_path_rule *rules = prepared->policy->filesystem.rules, *best = NULL;
    for (size_t i = 0; i < prepared->policy->filesystem.count; i++) {
        int runtime = rules[i].origin && strcmp(rules[i].origin, "/runtime") == 0;
        if (rules[i].access != access || runtime || !is_folder(&prepared->host, rules[i].path))
            continue;
        if (!best || written_at(&rules[i]) < written_at(best))
            best = &rules[i];
    }
    return best ? best->path : NULL;
}

static void choose_cwd(struct mxc_launch *launch, const mxc_command *command, const struct mxc_prepared *prepared) {
    launch->cwd = command->cwd ? command->cwd : prepared->policy->process.cwd;
    launch->cwd_required = launch->cwd != NULL;
    if (!launch->cwd)
        launch->cwd = first_folder(prepared, MXC_ACCESS_WRITE);
    if (!launch->cwd)
        launch->cwd = first_folder(prepared, MXC_ACCESS_READ);
    if (!launch->cwd)
        launch->cwd = prepared->scratch ? prepared->scratch : "";
}

static void choose_times(struct mxc_launch *launch, const mxc_command *command, const mxc_policy *policy) {
    struct mxc_limits limits = mxc_limits_effective(policy);
    uint64_t ours = limits.wall_time_ms == MXC_UNSET ? 0 : limits.wall_time_ms;
    launch->timeout_ms = !ours || (command->timeout_ms && command->timeout_ms < ours) ? command->timeout_ms : ours;
    launch->grace_ms = command->grace_ms ? command->grace_ms : DEFAULT_GRACE_MS;
    launch->output_bytes = limits.output_bytes;
}

static void take_modes(struct mxc_launch *launch, const mxc_command *command) {
    launch->mode[0] = command->stdin_mode;
    launch->mode[1] = command->stdout_mode;
    launch->mode[2] = command->stderr_mode;
    launch->fd[0] = command->stdin_fd;
    launch->fd[1] = command->stdout_fd;
    launch->fd[2] = command->stderr_fd;
}

mxc_status mxc_request_make(struct mxc_request *out, const mxc_command *command, const struct mxc_prepared *prepared,
                            const struct mxc_interpreter *interpreter, mxc_error **err) {
    memset(out, 0, sizeof *out);
    choose_cwd(&out->launch, command, prepared);
    choose_times(&out->launch, command, prepared->policy);
    take_modes(&out->launch, command);
    mxc_status status = mxc_request_argv(out, command, prepared->policy, interpreter, err);
    if (status == MXC_OK)
        status = mxc_request_env(out, command, prepared, interpreter, err);
    if (status == MXC_OK)
        status = mxc_launch_encode(&out->block, &out->launch, err);
    if (status != MXC_OK)
        mxc_request_clear(out);
    return status;
}

void mxc_request_clear(struct mxc_request *request) {
    mxc_buf_free(&request->block);
    mxc_strings_clear(&request->argv);
    mxc_strings_clear(&request->env);
    mxc_free(request->path);
    memset(request, 0, sizeof *request);
}
