/* Made from core/include/mxc/mxc.h by `make bindings`; do not edit. */
/* clang-format off */
typedef struct mxc_error mxc_error;
typedef struct mxc_policy mxc_policy;
typedef struct mxc_policy_builder mxc_policy_builder;
typedef struct mxc_sandbox mxc_sandbox;
typedef struct mxc_process mxc_process;
typedef struct mxc_pool mxc_pool;
typedef struct mxc_result mxc_result;
typedef int32_t mxc_status;
enum {
    MXC_OK = 0,
    MXC_E_NO_MEMORY = -1,
    MXC_E_INVALID_ARGUMENT = -2,
    MXC_E_POLICY_SYNTAX = -3,
    MXC_E_POLICY_INVALID = -4,
    MXC_E_POLICY_VERSION = -5,
    MXC_E_POLICY_CONFLICT = -6,
    MXC_E_PATH = -7,
    MXC_E_UNSUPPORTED = -8,
    MXC_E_SETUP = -9,
    MXC_E_VERIFY = -10,
    MXC_E_COMMAND_NOT_FOUND = -11,
    MXC_E_COMMAND_NOT_EXECUTABLE = -12,
    MXC_E_INTERPRETER = -13,
    MXC_E_TIMEOUT = -14,
    MXC_E_CLOSED = -15,
    MXC_E_SYSTEM = -16,
    MXC_E_INTERNAL = -17
};
const char *mxc_status_name(mxc_status status);
mxc_status mxc_error_status(const mxc_error *error);
const char *mxc_error_message(const mxc_error *error);
const char *mxc_error_operation(const mxc_error *error);
const char *mxc_error_origin(const mxc_error *error);
const char *mxc_error_hint(const mxc_error *error);
int32_t mxc_error_errno(const mxc_error *error);
void mxc_error_free(mxc_error *error);
const char *mxc_version(void);
void mxc_string_free(char *string);
mxc_status mxc_policy_parse(mxc_policy **out, const char *json, size_t length, const char *base_dir, mxc_error **err);
mxc_status mxc_policy_load(mxc_policy **out, const char *path, mxc_error **err);
mxc_status mxc_policy_preset(mxc_policy **out, const char *name, const char *dir, mxc_error **err);
mxc_status mxc_policy_intersect(mxc_policy **out, const mxc_policy *a, const mxc_policy *b, mxc_error **err);
mxc_status mxc_policy_to_json(char **out, const mxc_policy *policy, mxc_error **err);
const char *mxc_policy_schema(void);
void mxc_policy_free(mxc_policy *policy);
typedef int32_t mxc_access;
enum {
    MXC_ACCESS_DENY = 0,
    MXC_ACCESS_READ = 1,
    MXC_ACCESS_WRITE = 2
};
typedef int32_t mxc_limit;
enum {
    MXC_LIMIT_NONE = 0,
    MXC_LIMIT_MEMORY = 1,
    MXC_LIMIT_PROCESSES = 2,
    MXC_LIMIT_CPU_TIME = 3,
    MXC_LIMIT_WALL_TIME = 4,
    MXC_LIMIT_OUTPUT = 5,
    MXC_LIMIT_FILE_SIZE = 6,
    MXC_LIMIT_OPEN_FILES = 7,
    MXC_LIMIT_SWAP = 8,
    MXC_LIMIT_CPUS = 9,
    MXC_LIMIT_TMP = 10,
    MXC_LIMIT_DISK = 11
};
const char *mxc_limit_name(mxc_limit limit);
mxc_status mxc_policy_builder_new(mxc_policy_builder **out, const mxc_policy *base, mxc_error **err);
mxc_status mxc_policy_builder_path(mxc_policy_builder *builder, mxc_access access, const char *path, mxc_error **err);
mxc_status mxc_policy_builder_allow(mxc_policy_builder *builder, const char *target, mxc_error **err);
mxc_status mxc_policy_builder_limit(mxc_policy_builder *builder, mxc_limit limit, uint64_t value, mxc_error **err);
mxc_status mxc_policy_builder_env(mxc_policy_builder *builder, const char *entry, mxc_error **err);
mxc_status mxc_policy_builder_set(mxc_policy_builder *builder, const char *pointer, const char *value, mxc_error **err);
mxc_status mxc_policy_builder_build(mxc_policy **out, const mxc_policy_builder *builder, mxc_error **err);
void mxc_policy_builder_free(mxc_policy_builder *builder);
typedef int32_t mxc_stdio;
enum {
    MXC_STDIO_DEFAULT = 0,
    MXC_STDIO_PIPE = 1,
    MXC_STDIO_FD = 2,
    MXC_STDIO_NULL = 3
};
typedef struct mxc_command {
    size_t struct_size;
    const char *const *argv;
    const char *code;
    size_t code_length;
    const char *language;
    const char *interpreter;
    const char *cwd;
    const char *const *env;
    const void *input;
    size_t input_length;
    uint64_t timeout_ms;
    uint64_t grace_ms;
    mxc_stdio stdin_mode;
    mxc_stdio stdout_mode;
    mxc_stdio stderr_mode;
    int32_t stdin_fd;
    int32_t stdout_fd;
    int32_t stderr_fd;
} mxc_command;
typedef struct mxc_sandbox_options {
    size_t struct_size;
    const char *const *runtime_paths;
    const char *const *languages;
} mxc_sandbox_options;
mxc_status mxc_run(mxc_result **out, const mxc_policy *policy, const mxc_command *command, const mxc_sandbox_options *options, mxc_error **err);
mxc_status mxc_spawn(mxc_process **out, const mxc_policy *policy, const mxc_command *command, const mxc_sandbox_options *options, mxc_error **err);
mxc_status mxc_sandbox_open(mxc_sandbox **out, const mxc_policy *policy, const mxc_sandbox_options *options, mxc_error **err);
mxc_status mxc_sandbox_run(mxc_result **out, mxc_sandbox *sandbox, const mxc_command *command, mxc_error **err);
mxc_status mxc_sandbox_spawn(mxc_process **out, mxc_sandbox *sandbox, const mxc_command *command, mxc_error **err);
mxc_status mxc_sandbox_kill(mxc_sandbox *sandbox, mxc_error **err);
mxc_status mxc_sandbox_findings(char **out, const mxc_sandbox *sandbox, mxc_error **err);
mxc_status mxc_sandbox_update_network(mxc_sandbox *sandbox, const mxc_policy *policy, mxc_error **err);
int32_t mxc_sandbox_published_port(const mxc_sandbox *sandbox, int32_t port);
int32_t mxc_sandbox_fd(const mxc_sandbox *sandbox);
void mxc_sandbox_free(mxc_sandbox *sandbox);
typedef struct mxc_pool_options {
    size_t struct_size;
    uint64_t size;
    uint64_t min;
    uint64_t max;
    uint64_t idle_ms;
    const char *language;
    const char *interpreter;
    const char *const *preload;
    const char *const *env;
    const char *fresh;
} mxc_pool_options;
typedef int32_t mxc_pool_counter;
enum {
    MXC_POOL_READY = 1,
    MXC_POOL_WANTED = 2,
    MXC_POOL_TAKEN = 3,
    MXC_POOL_COLD = 4,
    MXC_POOL_FAILED = 5,
    MXC_POOL_DROPPED = 6
};
mxc_status mxc_pool_new(mxc_pool **out, const mxc_policy *policy, const mxc_sandbox_options *options, const mxc_pool_options *sizes, mxc_error **err);
mxc_status mxc_pool_run(mxc_result **out, mxc_pool *pool, const mxc_command *command, mxc_error **err);
mxc_status mxc_pool_spawn(mxc_process **out, mxc_pool *pool, const mxc_command *command, mxc_error **err);
uint64_t mxc_pool_count(const mxc_pool *pool, mxc_pool_counter counter);
void mxc_pool_free(mxc_pool *pool);
mxc_status mxc_process_wait(mxc_result **out, mxc_process *process, int64_t timeout_ms, mxc_error **err);
mxc_status mxc_process_kill(mxc_process *process, int32_t signal, mxc_error **err);
mxc_status mxc_process_stop(mxc_process *process, uint64_t grace_ms, mxc_error **err);
int32_t mxc_process_status_fd(const mxc_process *process);
int32_t mxc_process_take_stdin(mxc_process *process);
int32_t mxc_process_take_stdout(mxc_process *process);
int32_t mxc_process_take_stderr(mxc_process *process);
void mxc_process_free(mxc_process *process);
typedef int32_t mxc_connection_outcome;
enum {
    MXC_CONNECTION_OPEN = 1,
    MXC_CONNECTION_CLOSED = 2,
    MXC_CONNECTION_RESET = 3,
    MXC_CONNECTION_UNREACHABLE = 4,
    MXC_CONNECTION_UNRESOLVED = 5,
    MXC_CONNECTION_DENIED = 6,
    MXC_CONNECTION_GUARDED = 7,
    MXC_CONNECTION_UNKNOWN_NAME = 8,
    MXC_CONNECTION_TOO_MANY = 9,
    MXC_CONNECTION_CUT = 10
};
typedef int32_t mxc_stream;
enum {
    MXC_STDOUT = 1,
    MXC_STDERR = 2
};
int32_t mxc_result_exit_code(const mxc_result *result);
int32_t mxc_result_signal(const mxc_result *result);
int32_t mxc_result_timed_out(const mxc_result *result);
mxc_limit mxc_result_limit_hit(const mxc_result *result);
int32_t mxc_result_hit(const mxc_result *result, mxc_limit limit);
const char *mxc_result_output(const mxc_result *result, mxc_stream stream, size_t *length);
uint64_t mxc_result_output_total(const mxc_result *result, mxc_stream stream);
int32_t mxc_result_output_truncated(const mxc_result *result, mxc_stream stream);
size_t mxc_result_output_head(const mxc_result *result, mxc_stream stream);
uint64_t mxc_result_wall_time_ns(const mxc_result *result);
uint64_t mxc_result_cpu_time_ns(const mxc_result *result);
uint64_t mxc_result_peak_memory(const mxc_result *result);
size_t mxc_result_denial_count(const mxc_result *result);
const char *mxc_result_denial_kind(const mxc_result *result, size_t index);
const char *mxc_result_denial_what(const mxc_result *result, size_t index);
const char *mxc_result_denial_mechanism(const mxc_result *result, size_t index);
uint64_t mxc_result_denial_times(const mxc_result *result, size_t index);
uint64_t mxc_result_denial_first_ns(const mxc_result *result, size_t index);
size_t mxc_result_connection_count(const mxc_result *result);
uint64_t mxc_result_connections_dropped(const mxc_result *result);
const char *mxc_result_connection_name(const mxc_result *result, size_t index);
const char *mxc_result_connection_address(const mxc_result *result, size_t index);
const char *mxc_result_connection_protocol(const mxc_result *result, size_t index);
int32_t mxc_result_connection_port(const mxc_result *result, size_t index);
int32_t mxc_result_connection_inbound(const mxc_result *result, size_t index);
mxc_connection_outcome mxc_result_connection_outcome(const mxc_result *result, size_t index);
const char *mxc_result_connection_rule(const mxc_result *result, size_t index);
uint64_t mxc_result_connection_times(const mxc_result *result, size_t index);
uint64_t mxc_result_connection_bytes_in(const mxc_result *result, size_t index);
uint64_t mxc_result_connection_bytes_out(const mxc_result *result, size_t index);
uint64_t mxc_result_connection_duration_ns(const mxc_result *result, size_t index);
size_t mxc_result_finding_count(const mxc_result *result);
const char *mxc_result_finding_kind(const mxc_result *result, size_t index);
const char *mxc_result_finding_path(const mxc_result *result, size_t index);
const char *mxc_result_receipt_json(const mxc_result *result);
mxc_status mxc_result_to_json(char **out, const mxc_result *result, mxc_error **err);
void mxc_result_free(mxc_result *result);
const char *mxc_connection_outcome_name(mxc_connection_outcome outcome);
typedef int32_t mxc_mechanism;
enum {
    MXC_MECHANISM_USER_NAMESPACE = 1,
    MXC_MECHANISM_MOUNT_NAMESPACE = 2,
    MXC_MECHANISM_PID_NAMESPACE = 3,
    MXC_MECHANISM_IPC_NAMESPACE = 4,
    MXC_MECHANISM_UTS_NAMESPACE = 5,
    MXC_MECHANISM_CGROUP_NAMESPACE = 6,
    MXC_MECHANISM_NETWORK_NAMESPACE = 7,
    MXC_MECHANISM_MOUNT = 8,
    MXC_MECHANISM_LANDLOCK = 9,
    MXC_MECHANISM_SECCOMP = 10,
    MXC_MECHANISM_CAPABILITIES = 11,
    MXC_MECHANISM_NO_NEW_PRIVS = 12,
    MXC_MECHANISM_SESSION = 13,
    MXC_MECHANISM_KEYRING = 14,
    MXC_MECHANISM_CLOSE_RANGE = 15,
    MXC_MECHANISM_CGROUP_MEMORY = 16,
    MXC_MECHANISM_CGROUP_PIDS = 17,
    MXC_MECHANISM_CGROUP_CPU = 18,
    MXC_MECHANISM_RLIMIT = 19,
    MXC_MECHANISM_KEEPER = 20,
    MXC_MECHANISM_INIT = 21,
    MXC_MECHANISM_RELAY = 22
};
const char *mxc_mechanism_name(mxc_mechanism mechanism);
mxc_status mxc_probe(char **out, mxc_error **err);
mxc_status mxc_explain(char **out, const mxc_policy *policy, const mxc_sandbox_options *options, mxc_error **err);
mxc_status mxc_plan_text(char **out, const mxc_policy *policy, const mxc_sandbox_options *options, mxc_error **err);
