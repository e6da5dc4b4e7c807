/* draft */
use core::ffi::{c_char, c_void};

#[repr(C)]
pub struct mxc_error {
    _private: [u8; 0],
}
#[repr(C)]
pub struct mxc_policy {
    _private: [u8; 0],
}
#[repr(C)]
pub struct mxc_policy_builder {
    _private: [u8; 0],
}
#[repr(C)]
pub struct mxc_sandbox {
    _private: [u8; 0],
}
#[repr(C)]
pub struct mxc_process {
    _private: [u8; 0],
}
#[repr(C)]
pub struct mxc_result {
    _private: [u8; 0],
}
pub type mxc_status = i32;
pub type mxc_access = i32;
pub type mxc_limit = i32;
pub type mxc_stdio = i32;
pub type mxc_stream = i32;
pub const MXC_OK: mxc_status = 0;
pub const MXC_E_NO_MEMORY: mxc_status = -1;
pub const MXC_E_INVALID_ARGUMENT: mxc_status = -2;
pub const MXC_E_POLICY_SYNTAX: mxc_status = -3;
pub const MXC_E_POLICY_INVALID: mxc_status = -4;
pub const MXC_E_POLICY_VERSION: mxc_status = -5;
pub const MXC_E_POLICY_CONFLICT: mxc_status = -6;
pub const MXC_E_PATH: mxc_status = -7;
pub const MXC_E_UNSUPPORTED: mxc_status = -8;
pub const MXC_E_SETUP: mxc_status = -9;
pub const MXC_E_VERIFY: mxc_status = -10;
pub const MXC_E_COMMAND_NOT_FOUND: mxc_status = -11;
pub const MXC_E_COMMAND_NOT_EXECUTABLE: mxc_status = -12;
pub const MXC_E_INTERPRETER: mxc_status = -13;
pub const MXC_E_TIMEOUT: mxc_status = -14;
pub const MXC_E_CLOSED: mxc_status = -15;
pub const MXC_E_SYSTEM: mxc_status = -16;
pub const MXC_E_INTERNAL: mxc_status = -17;
pub const MXC_ACCESS_DENY: mxc_access = 0;
pub const MXC_ACCESS_READ: mxc_access = 1;
pub const MXC_ACCESS_WRITE: mxc_access = 2;
pub const MXC_LIMIT_NONE: mxc_limit = 0;
pub const MXC_LIMIT_MEMORY: mxc_limit = 1;
pub const MXC_LIMIT_PROCESSES: mxc_limit = 2;
pub const MXC_LIMIT_CPU_TIME: mxc_limit = 3;
pub const MXC_LIMIT_WALL_TIME: mxc_limit = 4;
pub const MXC_LIMIT_OUTPUT: mxc_limit = 5;
pub const MXC_LIMIT_FILE_SIZE: mxc_limit = 6;
pub const MXC_LIMIT_OPEN_FILES: mxc_limit = 7;
pub const MXC_LIMIT_SWAP: mxc_limit = 8;
pub const MXC_LIMIT_CPUS: mxc_limit = 9;
pub const MXC_LIMIT_TMP: mxc_limit = 10;
pub const MXC_LIMIT_DISK: mxc_limit = 11;
pub const MXC_STDIO_DEFAULT: mxc_stdio = 0;
pub const MXC_STDIO_PIPE: mxc_stdio = 1;
pub const MXC_STDIO_FD: mxc_stdio = 2;
pub const MXC_STDIO_NULL: mxc_stdio = 3;
pub const MXC_STDOUT: mxc_stream = 1;
pub const MXC_STDERR: mxc_stream = 2;
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mxc_command {
    pub struct_size: usize,
    pub argv: *const *const c_char,
    pub code: *const c_char,
    pub code_length: usize,
    pub language: *const c_char,
    pub interpreter: *const c_char,
    pub cwd: *const c_char,
    pub env: *const *const c_char,
    pub input: *const c_void,
    pub input_length: usize,
    pub timeout_ms: u64,
    pub grace_ms: u64,
    pub stdin_mode: mxc_stdio,
    pub stdout_mode: mxc_stdio,
    pub stderr_mode: mxc_stdio,
    pub stdin_fd: i32,
    pub stdout_fd: i32,
    pub stderr_fd: i32,
}
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mxc_sandbox_options {
    pub struct_size: usize,
    pub runtime_paths: *const *const c_char,
}
extern "C" {
    pub fn mxc_status_name(status: mxc_status) -> *const c_char;
    pub fn mxc_error_status(error: *const mxc_error) -> mxc_status;
    pub fn mxc_error_message(error: *const mxc_error) -> *const c_char;
    pub fn mxc_error_operation(error: *const mxc_error) -> *const c_char;
    pub fn mxc_error_origin(error: *const mxc_error) -> *const c_char;
    pub fn mxc_error_hint(error: *const mxc_error) -> *const c_char;
    pub fn mxc_error_errno(error: *const mxc_error) -> i32;
    pub fn mxc_error_free(error: *mut mxc_error);
    pub fn mxc_version() -> *const c_char;
    pub fn mxc_string_free(string: *mut c_char);
    pub fn mxc_policy_parse(
        out: *mut *mut mxc_policy,
        json: *const c_char,
        length: usize,
        base_dir: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_policy_load(
        out: *mut *mut mxc_policy,
        path: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_policy_preset(
        out: *mut *mut mxc_policy,
        name: *const c_char,
        dir: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_policy_intersect(
        out: *mut *mut mxc_policy,
        a: *const mxc_policy,
        b: *const mxc_policy,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_policy_to_json(
        out: *mut *mut c_char,
        policy: *const mxc_policy,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_policy_schema() -> *const c_char;
    pub fn mxc_policy_free(policy: *mut mxc_policy);
    pub fn mxc_limit_name(limit: mxc_limit) -> *const c_char;
    pub fn mxc_policy_builder_new(
        out: *mut *mut mxc_policy_builder,
        base: *const mxc_policy,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_policy_builder_path(
        builder: *mut mxc_policy_builder,
        access: mxc_access,
        path: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_policy_builder_allow(
        builder: *mut mxc_policy_builder,
        target: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_policy_builder_limit(
        builder: *mut mxc_policy_builder,
        limit: mxc_limit,
        value: u64,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_policy_builder_env(
        builder: *mut mxc_policy_builder,
        entry: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_policy_builder_set(
        builder: *mut mxc_policy_builder,
        pointer: *const c_char,
        value: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_policy_builder_build(
        out: *mut *mut mxc_policy,
        builder: *const mxc_policy_builder,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_policy_builder_free(builder: *mut mxc_policy_builder);
    pub fn mxc_run(
        out: *mut *mut mxc_result,
        policy: *const mxc_policy,
        command: *const mxc_command,
        options: *const mxc_sandbox_options,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_spawn(
        out: *mut *mut mxc_process,
        policy: *const mxc_policy,
        command: *const mxc_command,
        options: *const mxc_sandbox_options,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_sandbox_open(
        out: *mut *mut mxc_sandbox,
        policy: *const mxc_policy,
        options: *const mxc_sandbox_options,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_sandbox_run(
        out: *mut *mut mxc_result,
        sandbox: *mut mxc_sandbox,
        command: *const mxc_command,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_sandbox_spawn(
        out: *mut *mut mxc_process,
        sandbox: *mut mxc_sandbox,
        command: *const mxc_command,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_sandbox_kill(sandbox: *mut mxc_sandbox, err: *mut *mut mxc_error) -> mxc_status;
    pub fn mxc_sandbox_fd(sandbox: *const mxc_sandbox) -> i32;
    pub fn mxc_sandbox_free(sandbox: *mut mxc_sandbox);
    pub fn mxc_process_wait(
        out: *mut *mut mxc_result,
        process: *mut mxc_process,
        timeout_ms: i64,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_process_kill(
        process: *mut mxc_process,
        signal: i32,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_process_stop(
        process: *mut mxc_process,
        grace_ms: u64,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_process_status_fd(process: *const mxc_process) -> i32;
    pub fn mxc_process_take_stdin(process: *mut mxc_process) -> i32;
    pub fn mxc_process_take_stdout(process: *mut mxc_process) -> i32;
    pub fn mxc_process_take_stderr(process: *mut mxc_process) -> i32;
    pub fn mxc_process_free(process: *mut mxc_process);
    pub fn mxc_result_exit_code(result: *const mxc_result) -> i32;
    pub fn mxc_result_signal(result: *const mxc_result) -> i32;
    pub fn mxc_result_timed_out(result: *const mxc_result) -> i32;
    pub fn mxc_result_limit_hit(result: *const mxc_result) -> mxc_limit;
    pub fn mxc_result_hit(result: *const mxc_result, limit: mxc_limit) -> i32;
    pub fn mxc_result_output(
        result: *const mxc_result,
        stream: mxc_stream,
        length: *mut usize,
    ) -> *const c_char;
    pub fn mxc_result_output_total(result: *const mxc_result, stream: mxc_stream) -> u64;
    pub fn mxc_result_output_truncated(result: *const mxc_result, stream: mxc_stream) -> i32;
    pub fn mxc_result_output_head(result: *const mxc_result, stream: mxc_stream) -> usize;
    pub fn mxc_result_wall_time_ns(result: *const mxc_result) -> u64;
    pub fn mxc_result_cpu_time_ns(result: *const mxc_result) -> u64;
    pub fn mxc_result_peak_memory(result: *const mxc_result) -> u64;
    pub fn mxc_result_denial_count(result: *const mxc_result) -> usize;
    pub fn mxc_result_denial_kind(result: *const mxc_result, index: usize) -> *const c_char;
    pub fn mxc_result_denial_what(result: *const mxc_result, index: usize) -> *const c_char;
    pub fn mxc_result_denial_mechanism(result: *const mxc_result, index: usize) -> *const c_char;
    pub fn mxc_result_denial_times(result: *const mxc_result, index: usize) -> u64;
    pub fn mxc_result_denial_first_ns(result: *const mxc_result, index: usize) -> u64;
    pub fn mxc_result_receipt_json(result: *const mxc_result) -> *const c_char;
    pub fn mxc_result_to_json(
        out: *mut *mut c_char,
        result: *const mxc_result,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_result_free(result: *mut mxc_result);
    pub fn mxc_probe(out: *mut *mut c_char, err: *mut *mut mxc_error) -> mxc_status;
    pub fn mxc_explain(
        out: *mut *mut c_char,
        policy: *const mxc_policy,
        options: *const mxc_sandbox_options,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
    pub fn mxc_plan_text(
        out: *mut *mut c_char,
        policy: *const mxc_policy,
        options: *const mxc_sandbox_options,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
}
