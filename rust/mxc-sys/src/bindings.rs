// Made from core/include/mxc/mxc.h by `make bindings`; do not edit.
//
// The C interface as it is: `no_std`, nothing safe, nothing renamed. `names` has the lists of statuses, limits and
// mechanisms as enums.
#![allow(non_camel_case_types)]
#![cfg_attr(rustfmt, rustfmt_skip)]

use core::ffi::{c_char, c_void};
use core::marker::{PhantomData, PhantomPinned};

/// Freed with `mxc_error_free`.
#[repr(C)]
pub struct mxc_error {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// Freed with `mxc_policy_free`; immutable, shareable.
#[repr(C)]
pub struct mxc_policy {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// Freed with `mxc_policy_builder_free`.
#[repr(C)]
pub struct mxc_policy_builder {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// Freed with `mxc_sandbox_free`.
#[repr(C)]
pub struct mxc_sandbox {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// Freed with `mxc_process_free`.
#[repr(C)]
pub struct mxc_process {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// Freed with `mxc_pool_free`.
#[repr(C)]
pub struct mxc_pool {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// Freed with `mxc_result_free`; immutable, shareable.
#[repr(C)]
pub struct mxc_result {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

pub type mxc_status = i32;
/// Success.
pub const MXC_OK: mxc_status = 0;
/// Out of memory.
pub const MXC_E_NO_MEMORY: mxc_status = -1;
/// A call was made wrongly (NULL, struct_size, closed handle, ...).
pub const MXC_E_INVALID_ARGUMENT: mxc_status = -2;
/// The text is not strict JSON; message has line and column.
pub const MXC_E_POLICY_SYNTAX: mxc_status = -3;
/// Unknown field, wrong type, value out of range; origin says which.
pub const MXC_E_POLICY_INVALID: mxc_status = -4;
/// Contract version this library does not read.
pub const MXC_E_POLICY_VERSION: mxc_status = -5;
/// Two layers or two fields cannot both hold.
pub const MXC_E_POLICY_CONFLICT: mxc_status = -6;
/// A path of the policy is missing, of the wrong kind, or forbidden.
pub const MXC_E_PATH: mxc_status = -7;
/// This host or this version cannot enforce a rule; hint has the remedy.
pub const MXC_E_UNSUPPORTED: mxc_status = -8;
/// Building the walls failed; nothing was started.
pub const MXC_E_SETUP: mxc_status = -9;
/// Init found a wall missing before exec; nothing was started.
pub const MXC_E_VERIFY: mxc_status = -10;
/// The command does not exist inside.
pub const MXC_E_COMMAND_NOT_FOUND: mxc_status = -11;
/// It exists inside and cannot be executed.
pub const MXC_E_COMMAND_NOT_EXECUTABLE: mxc_status = -12;
/// No interpreter for the language, or the policy hides it.
pub const MXC_E_INTERPRETER: mxc_status = -13;
/// A wait with a timeout ran out; the process goes on.
pub const MXC_E_TIMEOUT: mxc_status = -14;
/// The sandbox has ended (killed, keeper died).
pub const MXC_E_CLOSED: mxc_status = -15;
/// A system call failed in the host process; sys_errno says which way.
pub const MXC_E_SYSTEM: mxc_status = -16;
/// A bug in mxc.
pub const MXC_E_INTERNAL: mxc_status = -17;

pub type mxc_access = i32;
/// Hidden, also below a granted path.
pub const MXC_ACCESS_DENY: mxc_access = 0;
/// Readable.
pub const MXC_ACCESS_READ: mxc_access = 1;
/// Readable and writable.
pub const MXC_ACCESS_WRITE: mxc_access = 2;

pub type mxc_limit = i32;
/// No limit.
pub const MXC_LIMIT_NONE: mxc_limit = 0;
/// Bytes.
pub const MXC_LIMIT_MEMORY: mxc_limit = 1;
/// Processes and threads.
pub const MXC_LIMIT_PROCESSES: mxc_limit = 2;
/// Milliseconds over the whole sandbox.
pub const MXC_LIMIT_CPU_TIME: mxc_limit = 3;
/// Milliseconds per command.
pub const MXC_LIMIT_WALL_TIME: mxc_limit = 4;
/// Bytes captured per stream.
pub const MXC_LIMIT_OUTPUT: mxc_limit = 5;
/// Bytes per file.
pub const MXC_LIMIT_FILE_SIZE: mxc_limit = 6;
/// Descriptors per process.
pub const MXC_LIMIT_OPEN_FILES: mxc_limit = 7;
/// Bytes.
pub const MXC_LIMIT_SWAP: mxc_limit = 8;
/// Thousandths of a processor: 1500 is 1.5.
pub const MXC_LIMIT_CPUS: mxc_limit = 9;
/// Bytes per private tmpfs.
pub const MXC_LIMIT_TMP: mxc_limit = 10;
/// Bytes written below the writable paths.
pub const MXC_LIMIT_DISK: mxc_limit = 11;

pub type mxc_stdio = i32;
/// Stdin: `input`, or empty; stdout and stderr: captured, bounded.
pub const MXC_STDIO_DEFAULT: mxc_stdio = 0;
/// A pipe whose other end mxc_process_take_stdin() and siblings give.
pub const MXC_STDIO_PIPE: mxc_stdio = 1;
/// The caller's descriptor in the *_fd field; it is duplicated.
pub const MXC_STDIO_FD: mxc_stdio = 2;
/// Nothing: reads end at once, writes vanish.
pub const MXC_STDIO_NULL: mxc_stdio = 3;

/// One command. Exactly one of `argv` and `code` is set, or neither: then the policy's process section says. Fill with
/// zeroes, set struct_size, then what is wanted. Everything is read during the call only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mxc_command {
    /// sizeof(mxc_command) of the caller.
    pub struct_size: usize,
    /// NULL-terminated; argv\[0\] is looked up in PATH inside; no shell.
    pub argv: *const *const c_char,
    /// Source text, code_length bytes, without NUL.
    pub code: *const c_char,
    /// Bytes; at most 4 MiB.
    pub code_length: usize,
    /// "python" (default), "bash", "node".
    pub language: *const c_char,
    /// Host path of the interpreter; NULL: looked up in the caller's PATH.
    pub interpreter: *const c_char,
    /// Absolute, inside; NULL: process.cwd, else the first writable path, else /tmp.
    pub cwd: *const c_char,
    /// NULL-terminated "NAME=VALUE", on top of the policy's; NULL: none.
    pub env: *const *const c_char,
    /// Bytes for stdin when stdin_mode is default; may be NULL.
    pub input: *const c_void,
    /// Bytes.
    pub input_length: usize,
    /// 0: what the policy says; else the smaller of the two.
    pub timeout_ms: u64,
    /// Between TERM and KILL at the deadline; 0: 1,000.
    pub grace_ms: u64,
    /// Where standard input comes from.
    pub stdin_mode: mxc_stdio,
    /// Where standard output goes.
    pub stdout_mode: mxc_stdio,
    /// Where standard error goes.
    pub stderr_mode: mxc_stdio,
    /// Used with MXC_STDIO_FD only.
    pub stdin_fd: i32,
    /// The same.
    pub stdout_fd: i32,
    /// The same.
    pub stderr_fd: i32,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(core::mem::size_of::<mxc_command>() == 120);
    assert!(core::mem::offset_of!(mxc_command, struct_size) == 0);
    assert!(core::mem::offset_of!(mxc_command, argv) == 8);
    assert!(core::mem::offset_of!(mxc_command, code) == 16);
    assert!(core::mem::offset_of!(mxc_command, code_length) == 24);
    assert!(core::mem::offset_of!(mxc_command, language) == 32);
    assert!(core::mem::offset_of!(mxc_command, interpreter) == 40);
    assert!(core::mem::offset_of!(mxc_command, cwd) == 48);
    assert!(core::mem::offset_of!(mxc_command, env) == 56);
    assert!(core::mem::offset_of!(mxc_command, input) == 64);
    assert!(core::mem::offset_of!(mxc_command, input_length) == 72);
    assert!(core::mem::offset_of!(mxc_command, timeout_ms) == 80);
    assert!(core::mem::offset_of!(mxc_command, grace_ms) == 88);
    assert!(core::mem::offset_of!(mxc_command, stdin_mode) == 96);
    assert!(core::mem::offset_of!(mxc_command, stdout_mode) == 100);
    assert!(core::mem::offset_of!(mxc_command, stderr_mode) == 104);
    assert!(core::mem::offset_of!(mxc_command, stdin_fd) == 108);
    assert!(core::mem::offset_of!(mxc_command, stdout_fd) == 112);
    assert!(core::mem::offset_of!(mxc_command, stderr_fd) == 116);
};

/// Options of a sandbox. Zero is the default of every field.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mxc_sandbox_options {
    /// sizeof(mxc_sandbox_options) of the caller.
    pub struct_size: usize,
    /// NULL-terminated absolute host folders or files that an interpreter needs (its library tree); readable inside
    /// unless the policy denies them.
    pub runtime_paths: *const *const c_char,
    /// NULL-terminated "python", "bash", "node": what their interpreters in the caller's PATH need is shown, as a run
    /// of source code shows it; one that is not there, or that the policy denies, is left out.
    pub languages: *const *const c_char,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(core::mem::size_of::<mxc_sandbox_options>() == 24);
    assert!(core::mem::offset_of!(mxc_sandbox_options, struct_size) == 0);
    assert!(core::mem::offset_of!(mxc_sandbox_options, runtime_paths) == 8);
    assert!(core::mem::offset_of!(mxc_sandbox_options, languages) == 16);
};

/// How many sandboxes a pool keeps ready. Zero is the default of every field.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mxc_pool_options {
    /// sizeof(mxc_pool_options) of the caller.
    pub struct_size: usize,
    /// Ready at first; 0: 1, or `min` when that is more.
    pub size: u64,
    /// As few as it shrinks to while little is asked of it; 0: `size`; at most `size`.
    pub min: u64,
    /// As many as it grows to while more is asked of it; 0: the greater of `size` and 8; at most 1,024.
    pub max: u64,
    /// A sandbox that nobody has used for so long ends by itself; 0: 300,000 (five minutes).
    pub idle_ms: u64,
    /// "python", "node": an interpreter is started ahead in each sandbox, behind its walls, and waits for source code,
    /// which is this language's unless a command says another. Other commands are given cold sandboxes then. "bash":
    /// only the sandbox is built ahead. NULL: no code of one language in particular.
    pub language: *const c_char,
    /// Host path of it; NULL: looked up in the caller's PATH.
    pub interpreter: *const c_char,
    /// NULL-terminated names of modules that it imports before it waits; NULL: none.
    pub preload: *const *const c_char,
    /// NULL-terminated "NAME=VALUE" that it is started with, on top of the policy's: those that its code will be run
    /// with; NULL: none.
    pub env: *const *const c_char,
    /// What each command has to itself besides its sandbox: "interpreter", a whole one that nothing was forked from or
    /// run in before. NULL: the same, as there is nothing else yet; with a language.
    pub fresh: *const c_char,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(core::mem::size_of::<mxc_pool_options>() == 80);
    assert!(core::mem::offset_of!(mxc_pool_options, struct_size) == 0);
    assert!(core::mem::offset_of!(mxc_pool_options, size) == 8);
    assert!(core::mem::offset_of!(mxc_pool_options, min) == 16);
    assert!(core::mem::offset_of!(mxc_pool_options, max) == 24);
    assert!(core::mem::offset_of!(mxc_pool_options, idle_ms) == 32);
    assert!(core::mem::offset_of!(mxc_pool_options, language) == 40);
    assert!(core::mem::offset_of!(mxc_pool_options, interpreter) == 48);
    assert!(core::mem::offset_of!(mxc_pool_options, preload) == 56);
    assert!(core::mem::offset_of!(mxc_pool_options, env) == 64);
    assert!(core::mem::offset_of!(mxc_pool_options, fresh) == 72);
};

pub type mxc_pool_counter = i32;
/// Sandboxes that stand and wait now.
pub const MXC_POOL_READY: mxc_pool_counter = 1;
/// As many as it tries to have ready now: between `min` and `max`.
pub const MXC_POOL_WANTED: mxc_pool_counter = 2;
/// Commands so far that were given a sandbox that stood.
pub const MXC_POOL_TAKEN: mxc_pool_counter = 3;
/// Commands so far that found none ready, and got one that was still to be built.
pub const MXC_POOL_COLD: mxc_pool_counter = 4;
/// Sandboxes so far that ended while they waited, or could not be built.
pub const MXC_POOL_FAILED: mxc_pool_counter = 5;
/// Sandboxes so far that the pool has ended unused: idle, too many, or the host has changed.
pub const MXC_POOL_DROPPED: mxc_pool_counter = 6;

pub type mxc_connection_outcome = i32;
/// Still, when the command had ended.
pub const MXC_CONNECTION_OPEN: mxc_connection_outcome = 1;
/// By both sides.
pub const MXC_CONNECTION_CLOSED: mxc_connection_outcome = 2;
/// Broken off by one side.
pub const MXC_CONNECTION_RESET: mxc_connection_outcome = 3;
/// Allowed, and nobody answered.
pub const MXC_CONNECTION_UNREACHABLE: mxc_connection_outcome = 4;
/// Allowed, and the name has no address.
pub const MXC_CONNECTION_UNRESOLVED: mxc_connection_outcome = 5;
/// No rule grants it, or one denies it.
pub const MXC_CONNECTION_DENIED: mxc_connection_outcome = 6;
/// It leads to a private, local or metadata address that no rule names.
pub const MXC_CONNECTION_GUARDED: mxc_connection_outcome = 7;
/// A question for a name that no rule grants; never sent out.
pub const MXC_CONNECTION_UNKNOWN_NAME: mxc_connection_outcome = 8;
/// More at once than one sandbox may have.
pub const MXC_CONNECTION_TOO_MANY: mxc_connection_outcome = 9;
/// It was open when other rules came, and these do not grant it.
pub const MXC_CONNECTION_CUT: mxc_connection_outcome = 10;

pub type mxc_stream = i32;
/// Standard output.
pub const MXC_STDOUT: mxc_stream = 1;
/// Standard error.
pub const MXC_STDERR: mxc_stream = 2;

pub type mxc_mechanism = i32;
/// Users and capabilities of its own.
pub const MXC_MECHANISM_USER_NAMESPACE: mxc_mechanism = 1;
/// Mounts of its own.
pub const MXC_MECHANISM_MOUNT_NAMESPACE: mxc_mechanism = 2;
/// Processes of its own.
pub const MXC_MECHANISM_PID_NAMESPACE: mxc_mechanism = 3;
/// System V and POSIX IPC of its own.
pub const MXC_MECHANISM_IPC_NAMESPACE: mxc_mechanism = 4;
/// Host name of its own.
pub const MXC_MECHANISM_UTS_NAMESPACE: mxc_mechanism = 5;
/// No view of the host's cgroups.
pub const MXC_MECHANISM_CGROUP_NAMESPACE: mxc_mechanism = 6;
/// Network interfaces of its own.
pub const MXC_MECHANISM_NETWORK_NAMESPACE: mxc_mechanism = 7;
/// What is mounted, and its flags.
pub const MXC_MECHANISM_MOUNT: mxc_mechanism = 8;
/// Landlock rules.
pub const MXC_MECHANISM_LANDLOCK: mxc_mechanism = 9;
/// The system-call filter.
pub const MXC_MECHANISM_SECCOMP: mxc_mechanism = 10;
/// None are left, none can be gained.
pub const MXC_MECHANISM_CAPABILITIES: mxc_mechanism = 11;
/// set-user-ID programs have no effect.
pub const MXC_MECHANISM_NO_NEW_PRIVS: mxc_mechanism = 12;
/// A session of its own, without a terminal.
pub const MXC_MECHANISM_SESSION: mxc_mechanism = 13;
/// An empty session keyring.
pub const MXC_MECHANISM_KEYRING: mxc_mechanism = 14;
/// Descriptors closed before exec.
pub const MXC_MECHANISM_CLOSE_RANGE: mxc_mechanism = 15;
/// Memory controller.
pub const MXC_MECHANISM_CGROUP_MEMORY: mxc_mechanism = 16;
/// Pids controller.
pub const MXC_MECHANISM_CGROUP_PIDS: mxc_mechanism = 17;
/// Cpu controller.
pub const MXC_MECHANISM_CGROUP_CPU: mxc_mechanism = 18;
/// Resource limit of a process.
pub const MXC_MECHANISM_RLIMIT: mxc_mechanism = 19;
/// The keeper watches and acts.
pub const MXC_MECHANISM_KEEPER: mxc_mechanism = 20;
/// Pid 1 inside arranges it.
pub const MXC_MECHANISM_INIT: mxc_mechanism = 21;
/// The relay carries only what a rule grants.
pub const MXC_MECHANISM_RELAY: mxc_mechanism = 22;

unsafe extern "C" {
    /// Name of a status.
    ///
    /// - `status` (in)
    /// - returns (borrowed by static) the name, e.g. "policy_invalid"; "unknown" for a number outside the list
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_status_name(status: mxc_status) -> *const c_char;

    /// What kind of failure it was.
    ///
    /// - `error` (borrowed, nullable)
    /// - returns a number of the MXC_E_* list; MXC_OK for NULL
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_error_status(error: *const mxc_error) -> mxc_status;

    /// What was wrong, one line for people.
    ///
    /// - `error` (borrowed)
    /// - returns (borrowed by error) the text
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_error_message(error: *const mxc_error) -> *const c_char;

    /// The operation that failed, e.g. "move_mount"; "" when there is none.
    ///
    /// - `error` (borrowed)
    /// - returns (borrowed by error) the text
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_error_operation(error: *const mxc_error) -> *const c_char;

    /// Where in the policy: JSON pointer such as "/filesystem/readonlyPaths/2"; "" when not about one item.
    ///
    /// - `error` (borrowed)
    /// - returns (borrowed by error) the text
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_error_origin(error: *const mxc_error) -> *const c_char;

    /// What to do about it, one line; "" when there is nothing to say.
    ///
    /// - `error` (borrowed)
    /// - returns (borrowed by error) the text
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_error_hint(error: *const mxc_error) -> *const c_char;

    /// Errno of the failed operation.
    ///
    /// - `error` (borrowed)
    /// - returns errno, 0 when there is none
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_error_errno(error: *const mxc_error) -> i32;

    /// Frees an error.
    ///
    /// - `error` (nullable, owned)
    ///
    /// Does not block; one thread at a time per handle; since 0.1.
    pub fn mxc_error_free(error: *mut mxc_error);

    /// Version of the library.
    ///
    /// - returns (borrowed by static) "major.minor.patch"
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_version() -> *const c_char;

    /// Frees a string or byte block that a function of this library returned as owned.
    ///
    /// - `string` (nullable, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_string_free(string: *mut c_char);

    /// Parses one policy (docs/policy.md). Relative paths in it are taken from `base_dir`.
    ///
    /// - `out` (out, owned): freed with mxc_policy_free
    /// - `json` (in): text, at most 1 MiB
    /// - `length` (in): bytes of it
    /// - `base_dir` (in, nullable): absolute folder for relative paths; NULL: the current directory, read once
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_policy_parse(
        out: *mut *mut mxc_policy,
        json: *const c_char,
        length: usize,
        base_dir: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Reads a policy file; relative paths in it are taken from the folder of the file.
    ///
    /// - `out` (out, owned): freed with mxc_policy_free
    /// - `path` (in)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_policy_load(
        out: *mut *mut mxc_policy,
        path: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// A preset: "strict" (nothing but the baseline), "read-only" (`dir` readable), "workspace" (`dir` writable,
    /// network off).
    ///
    /// - `out` (out, owned): freed with mxc_policy_free
    /// - `name` (in)
    /// - `dir` (in, nullable): absolute; NULL: the current directory
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_policy_preset(
        out: *mut *mut mxc_policy,
        name: *const c_char,
        dir: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// What both allow. Order does not matter; adding a layer never widens; a deny is sticky.
    ///
    /// - `out` (out, owned): freed with mxc_policy_free
    /// - `a` (borrowed)
    /// - `b` (borrowed)
    /// - `err` (nullable, out, owned): MXC_E_POLICY_CONFLICT when both say what to run, differently
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_policy_intersect(
        out: *mut *mut mxc_policy,
        a: *const mxc_policy,
        b: *const mxc_policy,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Canonical JSON: fixed order, defaults left out, absolute paths; parsing it gives an equal policy.
    ///
    /// - `out` (out, owned): freed with mxc_string_free
    /// - `policy` (borrowed)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_policy_to_json(
        out: *mut *mut c_char,
        policy: *const mxc_policy,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// JSON Schema of the policy language.
    ///
    /// - returns (borrowed by static) JSON text
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_policy_schema() -> *const c_char;

    /// Frees a policy.
    ///
    /// - `policy` (nullable, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_policy_free(policy: *mut mxc_policy);

    /// Name of a limit as results print it.
    ///
    /// - `limit` (in)
    /// - returns (borrowed by static) the name, e.g. "memory"; "unknown" for a number outside the list
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_limit_name(limit: mxc_limit) -> *const c_char;

    /// Starts from a copy of `base`.
    ///
    /// - `out` (out, owned): freed with mxc_policy_builder_free
    /// - `base` (borrowed, nullable): NULL: the "strict" preset
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_policy_builder_new(
        out: *mut *mut mxc_policy_builder,
        base: *const mxc_policy,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Adds one path rule.
    ///
    /// - `builder` (borrowed)
    /// - `access` (in)
    /// - `path` (in): absolute, or relative to the current directory
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; one thread at a time per handle; since 0.1.
    pub fn mxc_policy_builder_path(
        builder: *mut mxc_policy_builder,
        access: mxc_access,
        path: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Grants egress to "HOST", "HOST:PORT", "*.SUFFIX:PORT", "CIDR" or "CIDR:PORT" (IPv6 in brackets when a port
    /// follows), TCP. "localhost:PORT" is the host's loopback at that port.
    ///
    /// - `builder` (borrowed)
    /// - `target` (in)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; one thread at a time per handle; since 0.1.
    pub fn mxc_policy_builder_allow(
        builder: *mut mxc_policy_builder,
        target: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Sets a limit, in the unit of its MXC_LIMIT_ name.
    ///
    /// - `builder` (borrowed)
    /// - `limit` (in)
    /// - `value` (in)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; one thread at a time per handle; since 0.1.
    pub fn mxc_policy_builder_limit(
        builder: *mut mxc_policy_builder,
        limit: mxc_limit,
        value: u64,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Adds "NAME=VALUE" to the environment of commands (on top of the clean default).
    ///
    /// - `builder` (borrowed)
    /// - `entry` (in)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; one thread at a time per handle; since 0.1.
    pub fn mxc_policy_builder_env(
        builder: *mut mxc_policy_builder,
        entry: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Sets a string field by its JSON pointer: /containment /assurance /containerId /process/cwd /filesystem/baseline
    /// /filesystem/hardLinks /syscalls/profile /onUnsupported; adds one name to /syscalls/allow /syscalls/deny
    /// /filesystem/protectedNames.
    ///
    /// - `builder` (borrowed)
    /// - `pointer` (in)
    /// - `value` (in)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; one thread at a time per handle; since 0.1.
    pub fn mxc_policy_builder_set(
        builder: *mut mxc_policy_builder,
        pointer: *const c_char,
        value: *const c_char,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// The finished policy; the builder stays usable.
    ///
    /// - `out` (out, owned): freed with mxc_policy_free
    /// - `builder` (borrowed)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; one thread at a time per handle; since 0.1.
    pub fn mxc_policy_builder_build(
        out: *mut *mut mxc_policy,
        builder: *const mxc_policy_builder,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Frees a builder.
    ///
    /// - `builder` (nullable, owned)
    ///
    /// Does not block; one thread at a time per handle; since 0.1.
    pub fn mxc_policy_builder_free(builder: *mut mxc_policy_builder);

    /// Runs one command in a sandbox of its own and waits for it. Exit code, signal, timeout and limits are in the
    /// result, they are not errors; when an error is returned, nothing of the command ran.
    ///
    /// - `out` (out, owned): freed with mxc_result_free
    /// - `policy` (borrowed)
    /// - `command` (in)
    /// - `options` (in, nullable)
    /// - `err` (nullable, out, owned)
    ///
    /// May wait for another process; any thread; since 0.1.
    pub fn mxc_run(
        out: *mut *mut mxc_result,
        policy: *const mxc_policy,
        command: *const mxc_command,
        options: *const mxc_sandbox_options,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Starts one command in a sandbox of its own and returns at once. The sandbox ends with the command.
    ///
    /// - `out` (out, owned): freed with mxc_process_free
    /// - `policy` (borrowed)
    /// - `command` (in)
    /// - `options` (in, nullable)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_spawn(
        out: *mut *mut mxc_process,
        policy: *const mxc_policy,
        command: *const mxc_command,
        options: *const mxc_sandbox_options,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Builds the walls and waits until they stand. Files in private places (/tmp, ...) live until it is freed.
    ///
    /// - `out` (out, owned): freed with mxc_sandbox_free
    /// - `policy` (borrowed)
    /// - `options` (in, nullable)
    /// - `err` (nullable, out, owned)
    ///
    /// May wait for another process; any thread; since 0.1.
    pub fn mxc_sandbox_open(
        out: *mut *mut mxc_sandbox,
        policy: *const mxc_policy,
        options: *const mxc_sandbox_options,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Runs one command in an open sandbox and waits for it; when it has ended, every process that it left behind has
    /// been ended too.
    ///
    /// - `out` (out, owned): freed with mxc_result_free
    /// - `sandbox` (borrowed)
    /// - `command` (in)
    /// - `err` (nullable, out, owned)
    ///
    /// May wait for another process; any thread; since 0.1.
    pub fn mxc_sandbox_run(
        out: *mut *mut mxc_result,
        sandbox: *mut mxc_sandbox,
        command: *const mxc_command,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Starts one command in an open sandbox and returns at once; several may run at the same time.
    ///
    /// - `out` (out, owned): freed with mxc_process_free; it may outlive the sandbox handle
    /// - `sandbox` (borrowed)
    /// - `command` (in)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_sandbox_spawn(
        out: *mut *mut mxc_process,
        sandbox: *mut mxc_sandbox,
        command: *const mxc_command,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Ends everything inside at once (KILL). Commands that were running get results with signal 9.
    ///
    /// - `sandbox` (borrowed)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_sandbox_kill(sandbox: *mut mxc_sandbox, err: *mut *mut mxc_error) -> mxc_status;

    /// What the commands so far have left in writable folders: JSON array of {"kind": text, "path": text} as in a
    /// result. Walks these folders (docs/security.md has the bounds).
    ///
    /// - `out` (out, owned): freed with mxc_string_free
    /// - `sandbox` (borrowed)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_sandbox_findings(
        out: *mut *mut c_char,
        sandbox: *const mxc_sandbox,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// What the sandbox may reach from now on: the network of `policy` (egress, ingress, publish, the proxy), of which
    /// nothing may exceed what the sandbox was opened with; later calls may widen it again up to that. What was denied
    /// at opening stays denied. Connections that are not granted any more are cut, and their records say so. Nothing
    /// else of `policy` is read.
    ///
    /// - `sandbox` (borrowed)
    /// - `policy` (borrowed)
    /// - `err` (nullable, out, owned): MXC_E_POLICY_CONFLICT with the pointer of what is too much: nothing has changed
    ///   then
    ///
    /// May wait for another process; any thread; since 0.1.
    pub fn mxc_sandbox_update_network(
        sandbox: *mut mxc_sandbox,
        policy: *const mxc_policy,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Where a published port is: with `hostPort` in the policy that, else the free one that was taken.
    ///
    /// - `sandbox` (borrowed)
    /// - `port` (in): port inside, of network.publish
    /// - returns port of the host's 127.0.0.1; 0 when it is not published
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_sandbox_published_port(sandbox: *const mxc_sandbox, port: i32) -> i32;

    /// Pollable descriptor that becomes readable (end of file) when the sandbox has ended; do not read or close it.
    ///
    /// - `sandbox` (borrowed)
    /// - returns (borrowed by sandbox) descriptor
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_sandbox_fd(sandbox: *const mxc_sandbox) -> i32;

    /// Kills what still runs, waits until nothing of the sandbox is left (normally about a millisecond), frees.
    ///
    /// - `sandbox` (nullable, owned)
    ///
    /// May wait for another process; one thread at a time per handle; since 0.1.
    pub fn mxc_sandbox_free(sandbox: *mut mxc_sandbox);

    /// Builds sandboxes ahead and waits until the first of them stand: namespaces, mounts, limits, relay, and an init
    /// that is confined and verified and has nothing left to do but start its one command. No thread is started, here
    /// or later: what was used is replaced by a process that begins to build when a result has been given out
    /// (docs/pools.md).
    ///
    /// - `out` (out, owned): freed with mxc_pool_free
    /// - `policy` (borrowed)
    /// - `options` (in, nullable): what is shown besides the policy, as for an open sandbox
    /// - `sizes` (in, nullable)
    /// - `err` (nullable, out, owned)
    ///
    /// May wait for another process; any thread; since 0.1.
    pub fn mxc_pool_new(
        out: *mut *mut mxc_pool,
        policy: *const mxc_policy,
        options: *const mxc_sandbox_options,
        sizes: *const mxc_pool_options,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Runs one command in a sandbox of its own and waits for it: mxc_run() with a sandbox that was built ahead where
    /// there is one, and a cold one otherwise.
    ///
    /// - `out` (out, owned): freed with mxc_result_free
    /// - `pool` (borrowed)
    /// - `command` (in)
    /// - `err` (nullable, out, owned)
    ///
    /// May wait for another process; any thread; since 0.1.
    pub fn mxc_pool_run(
        out: *mut *mut mxc_result,
        pool: *mut mxc_pool,
        command: *const mxc_command,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Starts one command in a sandbox of its own and returns at once: mxc_spawn() with a sandbox that was built ahead.
    /// The sandbox ends with the command.
    ///
    /// - `out` (out, owned): freed with mxc_process_free; it may outlive the pool
    /// - `pool` (borrowed)
    /// - `command` (in)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_pool_spawn(
        out: *mut *mut mxc_process,
        pool: *mut mxc_pool,
        command: *const mxc_command,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// What the pool has and has done.
    ///
    /// - `pool` (borrowed)
    /// - `counter` (in)
    /// - returns a number of sandboxes or commands; 0 for a counter outside the list
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_pool_count(pool: *const mxc_pool, counter: mxc_pool_counter) -> u64;

    /// Ends the sandboxes that wait, and waits until nothing of them is left. Commands that run go on, and belong to
    /// their own handles.
    ///
    /// - `pool` (nullable, owned)
    ///
    /// May wait for another process; one thread at a time per handle; since 0.1.
    pub fn mxc_pool_free(pool: *mut mxc_pool);

    /// Waits for the end and gives the result; may be called again and gives an equal result.
    ///
    /// - `out` (out, owned): freed with mxc_result_free
    /// - `process` (borrowed)
    /// - `timeout_ms` (in): 0: only look; negative: no limit; MXC_E_TIMEOUT when it ran out
    /// - `err` (nullable, out, owned)
    ///
    /// May wait for another process; any thread; since 0.1.
    pub fn mxc_process_wait(
        out: *mut *mut mxc_result,
        process: *mut mxc_process,
        timeout_ms: i64,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Sends a signal to the command itself; MXC_OK also when it has just ended. SIGKILL ends its whole tree.
    ///
    /// - `process` (borrowed)
    /// - `signal` (in): 1..64
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_process_kill(
        process: *mut mxc_process,
        signal: i32,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Asks as the deadline does: TERM to the whole tree, KILL after `grace_ms`.
    ///
    /// - `process` (borrowed)
    /// - `grace_ms` (in): milliseconds; 0: KILL at once
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_process_stop(
        process: *mut mxc_process,
        grace_ms: u64,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Becomes readable when the command has ended, and stays so: poll it, do not read it; mxc_process_wait(...,0)
    /// gives the result. An AF_UNIX stream socket whose other end is never read, and is closed right behind the result:
    /// who can wait for nothing but end of file sends a descriptor along it (SCM_RIGHTS), which is closed with it.
    ///
    /// - `process` (borrowed)
    /// - returns (borrowed by process) descriptor
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_process_status_fd(process: *const mxc_process) -> i32;

    /// Write end of stdin with MXC_STDIO_PIPE, given away once.
    ///
    /// - `process` (borrowed)
    /// - returns (owned) descriptor; -1 the second time and without a pipe
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_process_take_stdin(process: *mut mxc_process) -> i32;

    /// Read end of stdout with MXC_STDIO_PIPE, given away once.
    ///
    /// - `process` (borrowed)
    /// - returns (owned) descriptor; -1 the second time and without a pipe
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_process_take_stdout(process: *mut mxc_process) -> i32;

    /// Read end of stderr with MXC_STDIO_PIPE, given away once.
    ///
    /// - `process` (borrowed)
    /// - returns (owned) descriptor; -1 the second time and without a pipe
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_process_take_stderr(process: *mut mxc_process) -> i32;

    /// Kills the command's tree if it still runs, waits for that, frees.
    ///
    /// - `process` (nullable, owned)
    ///
    /// May wait for another process; one thread at a time per handle; since 0.1.
    pub fn mxc_process_free(process: *mut mxc_process);

    /// How the command ended.
    ///
    /// - `result` (borrowed)
    /// - returns exit code 0..255, or -1 when a signal ended it
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_exit_code(result: *const mxc_result) -> i32;

    /// Whether a signal ended the command.
    ///
    /// - `result` (borrowed)
    /// - returns the signal's number, or 0
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_signal(result: *const mxc_result) -> i32;

    /// Whether the wall-clock deadline ended it.
    ///
    /// - `result` (borrowed)
    /// - returns 1 or 0
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_timed_out(result: *const mxc_result) -> i32;

    /// The first limit that was hit, in the order memory, cpu time, wall time, processes, file size, output.
    ///
    /// - `result` (borrowed)
    /// - returns the limit; MXC_LIMIT_NONE when none was hit
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_limit_hit(result: *const mxc_result) -> mxc_limit;

    /// Whether this limit was hit; several can be.
    ///
    /// - `result` (borrowed)
    /// - `limit` (in)
    /// - returns 1 or 0
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_hit(result: *const mxc_result, limit: mxc_limit) -> i32;

    /// What was captured: head and tail joined, at most limits.outputBytes; may contain any byte.
    ///
    /// - `result` (borrowed)
    /// - `stream` (in)
    /// - `length` (out): bytes
    /// - returns (borrowed by result) the bytes
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_output(
        result: *const mxc_result,
        stream: mxc_stream,
        length: *mut usize,
    ) -> *const c_char;

    /// What the command wrote to the stream in all, captured or not.
    ///
    /// - `result` (borrowed)
    /// - `stream` (in)
    /// - returns bytes
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_output_total(result: *const mxc_result, stream: mxc_stream) -> u64;

    /// Whether the middle is missing from mxc_result_output().
    ///
    /// - `result` (borrowed)
    /// - `stream` (in)
    /// - returns 1 or 0
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_output_truncated(result: *const mxc_result, stream: mxc_stream) -> i32;

    /// Length of the head part of mxc_result_output(); the tail follows it when truncated.
    ///
    /// - `result` (borrowed)
    /// - `stream` (in)
    /// - returns bytes
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_output_head(result: *const mxc_result, stream: mxc_stream) -> usize;

    /// From exec to the end.
    ///
    /// - `result` (borrowed)
    /// - returns nanoseconds
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_wall_time_ns(result: *const mxc_result) -> u64;

    /// User and system time of the command and all it started.
    ///
    /// - `result` (borrowed)
    /// - returns nanoseconds
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_cpu_time_ns(result: *const mxc_result) -> u64;

    /// Peak memory: of the sandbox where a cgroup counted it, else of its largest process or the highest sum the keeper
    /// saw.
    ///
    /// - `result` (borrowed)
    /// - returns bytes
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_peak_memory(result: *const mxc_result) -> u64;

    /// How many distinct denials there were.
    ///
    /// - `result` (borrowed)
    /// - returns their number
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_denial_count(result: *const mxc_result) -> usize;

    /// Kind of denial `index`: "syscall".
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns (borrowed, nullable by result) the name; NULL past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_denial_kind(result: *const mxc_result, index: usize) -> *const c_char;

    /// What was denied, e.g. "unshare" or "chmod (setuid bit)".
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns (borrowed, nullable by result) the name; NULL past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_denial_what(result: *const mxc_result, index: usize) -> *const c_char;

    /// Which mechanism denied it, e.g. "seccomp": a name of mxc_mechanism_name().
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns (borrowed, nullable by result) the name; NULL past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_denial_mechanism(result: *const mxc_result, index: usize) -> *const c_char;

    /// How often it was denied.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns times; 0 past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_denial_times(result: *const mxc_result, index: usize) -> u64;

    /// When it was denied first.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns nanoseconds after exec; 0 past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_denial_first_ns(result: *const mxc_result, index: usize) -> u64;

    /// How many connections there were and were refused, as far as they are kept: those that began or changed while the
    /// command ran; commands at the same time in one sandbox share them. Equal refusals are one.
    ///
    /// - `result` (borrowed)
    /// - returns their number
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_connection_count(result: *const mxc_result) -> usize;

    /// How many more there were than are kept.
    ///
    /// - `result` (borrowed)
    /// - returns their number
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_connections_dropped(result: *const mxc_result) -> u64;

    /// The host name that connection `index` was asked for.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns (borrowed, nullable by result) the name, "" when by address; NULL past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_connection_name(result: *const mxc_result, index: usize) -> *const c_char;

    /// The address that was dialled or refused.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns (borrowed, nullable by result) "192.0.2.7" or "2001:db8::7", "" when there was none; NULL past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_connection_address(result: *const mxc_result, index: usize) -> *const c_char;

    /// How it was asked for.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns (borrowed, nullable by result) "tcp" or "udp", "" for a question for a name; NULL past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_connection_protocol(result: *const mxc_result, index: usize) -> *const c_char;

    /// The port.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns 1 to 65535; 0 for a question for a name, past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_connection_port(result: *const mxc_result, index: usize) -> i32;

    /// Whether it came from the host to a published port.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns 1: it came in; 0: it went out, or past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_connection_inbound(result: *const mxc_result, index: usize) -> i32;

    /// What became of it.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns MXC_CONNECTION_*; 0 past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_connection_outcome(
        result: *const mxc_result,
        index: usize,
    ) -> mxc_connection_outcome;

    /// The rule that granted it, or denied it.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns (borrowed, nullable by result) a JSON pointer into the policy, "" when no rule did; NULL past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_connection_rule(result: *const mxc_result, index: usize) -> *const c_char;

    /// How often: more than 1 for equal refusals.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns times; 0 past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_connection_times(result: *const mxc_result, index: usize) -> u64;

    /// Bytes that came in.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns bytes; 0 past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_connection_bytes_in(result: *const mxc_result, index: usize) -> u64;

    /// Bytes that went out.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns bytes; 0 past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_connection_bytes_out(result: *const mxc_result, index: usize) -> u64;

    /// How long it was open.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns nanoseconds; 0 past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_connection_duration_ns(result: *const mxc_result, index: usize) -> u64;

    /// How many findings there are: what a one-shot run has left in writable folders that programs of the host would
    /// trust.
    ///
    /// - `result` (borrowed)
    /// - returns their number
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_finding_count(result: *const mxc_result) -> usize;

    /// Kind of finding `index`: "new_repository", "new_hook", "new_protected_name", or "incomplete" (a folder too large
    /// to be looked through).
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns (borrowed, nullable by result) the kind; NULL past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_finding_kind(result: *const mxc_result, index: usize) -> *const c_char;

    /// Where it is: an absolute path of the host, any byte but NUL.
    ///
    /// - `result` (borrowed)
    /// - `index` (in)
    /// - returns (borrowed, nullable by result) the path; NULL past the end
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_finding_path(result: *const mxc_result, index: usize) -> *const c_char;

    /// The receipt: JSON array of {"item": pointer, "rule": text, "mechanism": \[names of mxc_mechanism_name()\],
    /// "level": "kernel"|"supervisor"|"none", "note"?: text}.
    ///
    /// - `result` (borrowed)
    /// - returns (borrowed by result) the text
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_receipt_json(result: *const mxc_result) -> *const c_char;

    /// The whole result as one JSON object (docs/results.md).
    ///
    /// - `out` (out, owned): freed with mxc_string_free
    /// - `result` (borrowed)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_to_json(
        out: *mut *mut c_char,
        result: *const mxc_result,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// Frees a result.
    ///
    /// - `result` (nullable, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_result_free(result: *mut mxc_result);

    /// Name of what became of a connection, as results print it.
    ///
    /// - `outcome` (in)
    /// - returns (borrowed by static) the name, e.g. "denied"; "unknown" for a number outside the list
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_connection_outcome_name(outcome: mxc_connection_outcome) -> *const c_char;

    /// Name of what enforces a rule, as receipts and denials print it.
    ///
    /// - `mechanism` (in)
    /// - returns (borrowed by static) the name, e.g. "mount"; "unknown" for a number outside the list
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_mechanism_name(mechanism: mxc_mechanism) -> *const c_char;

    /// What this host can do (docs/hosts.md): JSON object {"features": \[{"name", "available", "detail", "remedy"}\],
    /// ...}. Starts nothing.
    ///
    /// - `out` (out, owned): freed with mxc_string_free
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_probe(out: *mut *mut c_char, err: *mut *mut mxc_error) -> mxc_status;

    /// The receipt beforehand: the same JSON array that a result carries. Fails as a start would.
    ///
    /// - `out` (out, owned): freed with mxc_string_free
    /// - `policy` (borrowed)
    /// - `options` (in, nullable)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_explain(
        out: *mut *mut c_char,
        policy: *const mxc_policy,
        options: *const mxc_sandbox_options,
        err: *mut *mut mxc_error,
    ) -> mxc_status;

    /// The plan: one operation a line, each with the policy item it serves.
    ///
    /// - `out` (out, owned): freed with mxc_string_free
    /// - `policy` (borrowed)
    /// - `options` (in, nullable)
    /// - `err` (nullable, out, owned)
    ///
    /// Does not block; any thread; since 0.1.
    pub fn mxc_plan_text(
        out: *mut *mut c_char,
        policy: *const mxc_policy,
        options: *const mxc_sandbox_options,
        err: *mut *mut mxc_error,
    ) -> mxc_status;
}

/// Lists that only grow, as enums. A number that this version does not know is `Unknown` and keeps the number.
pub mod names {
    use core::fmt;

    /// The list of `mxc_connection_outcome` in mxc.h.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ConnectionOutcome {
        /// Still, when the command had ended.
        ConnectionOpen,
        /// By both sides.
        ConnectionClosed,
        /// Broken off by one side.
        ConnectionReset,
        /// Allowed, and nobody answered.
        ConnectionUnreachable,
        /// Allowed, and the name has no address.
        ConnectionUnresolved,
        /// No rule grants it, or one denies it.
        ConnectionDenied,
        /// It leads to a private, local or metadata address that no rule names.
        ConnectionGuarded,
        /// A question for a name that no rule grants; never sent out.
        ConnectionUnknownName,
        /// More at once than one sandbox may have.
        ConnectionTooMany,
        /// It was open when other rules came, and these do not grant it.
        ConnectionCut,
        /// A number that this version does not know.
        Unknown(i32),
    }

    impl ConnectionOutcome {
        /// What a number of the library means here.
        pub const fn from_code(code: i32) -> Self {
            match code {
                1 => Self::ConnectionOpen,
                2 => Self::ConnectionClosed,
                3 => Self::ConnectionReset,
                4 => Self::ConnectionUnreachable,
                5 => Self::ConnectionUnresolved,
                6 => Self::ConnectionDenied,
                7 => Self::ConnectionGuarded,
                8 => Self::ConnectionUnknownName,
                9 => Self::ConnectionTooMany,
                10 => Self::ConnectionCut,
                other => Self::Unknown(other),
            }
        }

        /// The number, `mxc_connection_outcome` in C.
        pub const fn code(self) -> i32 {
            match self {
                Self::ConnectionOpen => 1,
                Self::ConnectionClosed => 2,
                Self::ConnectionReset => 3,
                Self::ConnectionUnreachable => 4,
                Self::ConnectionUnresolved => 5,
                Self::ConnectionDenied => 6,
                Self::ConnectionGuarded => 7,
                Self::ConnectionUnknownName => 8,
                Self::ConnectionTooMany => 9,
                Self::ConnectionCut => 10,
                Self::Unknown(other) => other,
            }
        }

        /// The name as the library prints it; "unknown" for a number outside the list.
        pub const fn name(self) -> &'static str {
            match self {
                Self::ConnectionOpen => "open",
                Self::ConnectionClosed => "closed",
                Self::ConnectionReset => "reset",
                Self::ConnectionUnreachable => "unreachable",
                Self::ConnectionUnresolved => "unresolved",
                Self::ConnectionDenied => "denied",
                Self::ConnectionGuarded => "guarded",
                Self::ConnectionUnknownName => "unknown_name",
                Self::ConnectionTooMany => "too_many",
                Self::ConnectionCut => "cut",
                Self::Unknown(_) => "unknown",
            }
        }

        /// The one with this name, `None` when this version has no such name.
        pub fn from_name(name: &str) -> Option<Self> {
            Self::ALL.iter().copied().find(|item| item.name() == name)
        }

        /// Every one of the list, in the order of the header.
        pub const ALL: &'static [Self] = &[
            Self::ConnectionOpen,
            Self::ConnectionClosed,
            Self::ConnectionReset,
            Self::ConnectionUnreachable,
            Self::ConnectionUnresolved,
            Self::ConnectionDenied,
            Self::ConnectionGuarded,
            Self::ConnectionUnknownName,
            Self::ConnectionTooMany,
            Self::ConnectionCut,
        ];
    }

    impl From<i32> for ConnectionOutcome {
        fn from(code: i32) -> Self {
            Self::from_code(code)
        }
    }

    impl fmt::Display for ConnectionOutcome {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Unknown(code) => write!(f, "unknown ({code})"),
                known => f.write_str(known.name()),
            }
        }
    }

    /// The list of `mxc_limit` in mxc.h.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Limit {
        /// No limit.
        None,
        /// Bytes.
        Memory,
        /// Processes and threads.
        Processes,
        /// Milliseconds over the whole sandbox.
        CpuTime,
        /// Milliseconds per command.
        WallTime,
        /// Bytes captured per stream.
        Output,
        /// Bytes per file.
        FileSize,
        /// Descriptors per process.
        OpenFiles,
        /// Bytes.
        Swap,
        /// Thousandths of a processor: 1500 is 1.5.
        Cpus,
        /// Bytes per private tmpfs.
        Tmp,
        /// Bytes written below the writable paths.
        Disk,
        /// A number that this version does not know.
        Unknown(i32),
    }

    impl Limit {
        /// What a number of the library means here.
        pub const fn from_code(code: i32) -> Self {
            match code {
                0 => Self::None,
                1 => Self::Memory,
                2 => Self::Processes,
                3 => Self::CpuTime,
                4 => Self::WallTime,
                5 => Self::Output,
                6 => Self::FileSize,
                7 => Self::OpenFiles,
                8 => Self::Swap,
                9 => Self::Cpus,
                10 => Self::Tmp,
                11 => Self::Disk,
                other => Self::Unknown(other),
            }
        }

        /// The number, `mxc_limit` in C.
        pub const fn code(self) -> i32 {
            match self {
                Self::None => 0,
                Self::Memory => 1,
                Self::Processes => 2,
                Self::CpuTime => 3,
                Self::WallTime => 4,
                Self::Output => 5,
                Self::FileSize => 6,
                Self::OpenFiles => 7,
                Self::Swap => 8,
                Self::Cpus => 9,
                Self::Tmp => 10,
                Self::Disk => 11,
                Self::Unknown(other) => other,
            }
        }

        /// The name as the library prints it; "unknown" for a number outside the list.
        pub const fn name(self) -> &'static str {
            match self {
                Self::None => "none",
                Self::Memory => "memory",
                Self::Processes => "processes",
                Self::CpuTime => "cpu_time",
                Self::WallTime => "wall_time",
                Self::Output => "output",
                Self::FileSize => "file_size",
                Self::OpenFiles => "open_files",
                Self::Swap => "swap",
                Self::Cpus => "cpus",
                Self::Tmp => "tmp",
                Self::Disk => "disk",
                Self::Unknown(_) => "unknown",
            }
        }

        /// The one with this name, `None` when this version has no such name.
        pub fn from_name(name: &str) -> Option<Self> {
            Self::ALL.iter().copied().find(|item| item.name() == name)
        }

        /// Every one of the list, in the order of the header.
        pub const ALL: &'static [Self] = &[
            Self::None,
            Self::Memory,
            Self::Processes,
            Self::CpuTime,
            Self::WallTime,
            Self::Output,
            Self::FileSize,
            Self::OpenFiles,
            Self::Swap,
            Self::Cpus,
            Self::Tmp,
            Self::Disk,
        ];
    }

    impl From<i32> for Limit {
        fn from(code: i32) -> Self {
            Self::from_code(code)
        }
    }

    impl fmt::Display for Limit {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Unknown(code) => write!(f, "unknown ({code})"),
                known => f.write_str(known.name()),
            }
        }
    }

    /// The list of `mxc_mechanism` in mxc.h.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Mechanism {
        /// Users and capabilities of its own.
        UserNamespace,
        /// Mounts of its own.
        MountNamespace,
        /// Processes of its own.
        PidNamespace,
        /// System V and POSIX IPC of its own.
        IpcNamespace,
        /// Host name of its own.
        UtsNamespace,
        /// No view of the host's cgroups.
        CgroupNamespace,
        /// Network interfaces of its own.
        NetworkNamespace,
        /// What is mounted, and its flags.
        Mount,
        /// Landlock rules.
        Landlock,
        /// The system-call filter.
        Seccomp,
        /// None are left, none can be gained.
        Capabilities,
        /// set-user-ID programs have no effect.
        NoNewPrivs,
        /// A session of its own, without a terminal.
        Session,
        /// An empty session keyring.
        Keyring,
        /// Descriptors closed before exec.
        CloseRange,
        /// Memory controller.
        CgroupMemory,
        /// Pids controller.
        CgroupPids,
        /// Cpu controller.
        CgroupCpu,
        /// Resource limit of a process.
        Rlimit,
        /// The keeper watches and acts.
        Keeper,
        /// Pid 1 inside arranges it.
        Init,
        /// The relay carries only what a rule grants.
        Relay,
        /// A number that this version does not know.
        Unknown(i32),
    }

    impl Mechanism {
        /// What a number of the library means here.
        pub const fn from_code(code: i32) -> Self {
            match code {
                1 => Self::UserNamespace,
                2 => Self::MountNamespace,
                3 => Self::PidNamespace,
                4 => Self::IpcNamespace,
                5 => Self::UtsNamespace,
                6 => Self::CgroupNamespace,
                7 => Self::NetworkNamespace,
                8 => Self::Mount,
                9 => Self::Landlock,
                10 => Self::Seccomp,
                11 => Self::Capabilities,
                12 => Self::NoNewPrivs,
                13 => Self::Session,
                14 => Self::Keyring,
                15 => Self::CloseRange,
                16 => Self::CgroupMemory,
                17 => Self::CgroupPids,
                18 => Self::CgroupCpu,
                19 => Self::Rlimit,
                20 => Self::Keeper,
                21 => Self::Init,
                22 => Self::Relay,
                other => Self::Unknown(other),
            }
        }

        /// The number, `mxc_mechanism` in C.
        pub const fn code(self) -> i32 {
            match self {
                Self::UserNamespace => 1,
                Self::MountNamespace => 2,
                Self::PidNamespace => 3,
                Self::IpcNamespace => 4,
                Self::UtsNamespace => 5,
                Self::CgroupNamespace => 6,
                Self::NetworkNamespace => 7,
                Self::Mount => 8,
                Self::Landlock => 9,
                Self::Seccomp => 10,
                Self::Capabilities => 11,
                Self::NoNewPrivs => 12,
                Self::Session => 13,
                Self::Keyring => 14,
                Self::CloseRange => 15,
                Self::CgroupMemory => 16,
                Self::CgroupPids => 17,
                Self::CgroupCpu => 18,
                Self::Rlimit => 19,
                Self::Keeper => 20,
                Self::Init => 21,
                Self::Relay => 22,
                Self::Unknown(other) => other,
            }
        }

        /// The name as the library prints it; "unknown" for a number outside the list.
        pub const fn name(self) -> &'static str {
            match self {
                Self::UserNamespace => "user namespace",
                Self::MountNamespace => "mount namespace",
                Self::PidNamespace => "pid namespace",
                Self::IpcNamespace => "ipc namespace",
                Self::UtsNamespace => "uts namespace",
                Self::CgroupNamespace => "cgroup namespace",
                Self::NetworkNamespace => "network namespace",
                Self::Mount => "mount",
                Self::Landlock => "landlock",
                Self::Seccomp => "seccomp",
                Self::Capabilities => "capabilities",
                Self::NoNewPrivs => "no_new_privs",
                Self::Session => "session",
                Self::Keyring => "keyring",
                Self::CloseRange => "close_range",
                Self::CgroupMemory => "cgroup memory",
                Self::CgroupPids => "cgroup pids",
                Self::CgroupCpu => "cgroup cpu",
                Self::Rlimit => "rlimit",
                Self::Keeper => "keeper",
                Self::Init => "init",
                Self::Relay => "relay",
                Self::Unknown(_) => "unknown",
            }
        }

        /// The one with this name, `None` when this version has no such name.
        pub fn from_name(name: &str) -> Option<Self> {
            Self::ALL.iter().copied().find(|item| item.name() == name)
        }

        /// Every one of the list, in the order of the header.
        pub const ALL: &'static [Self] = &[
            Self::UserNamespace,
            Self::MountNamespace,
            Self::PidNamespace,
            Self::IpcNamespace,
            Self::UtsNamespace,
            Self::CgroupNamespace,
            Self::NetworkNamespace,
            Self::Mount,
            Self::Landlock,
            Self::Seccomp,
            Self::Capabilities,
            Self::NoNewPrivs,
            Self::Session,
            Self::Keyring,
            Self::CloseRange,
            Self::CgroupMemory,
            Self::CgroupPids,
            Self::CgroupCpu,
            Self::Rlimit,
            Self::Keeper,
            Self::Init,
            Self::Relay,
        ];
    }

    impl From<i32> for Mechanism {
        fn from(code: i32) -> Self {
            Self::from_code(code)
        }
    }

    impl fmt::Display for Mechanism {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Unknown(code) => write!(f, "unknown ({code})"),
                known => f.write_str(known.name()),
            }
        }
    }

    /// The list of `mxc_status` in mxc.h.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Status {
        /// Success.
        Ok,
        /// Out of memory.
        NoMemory,
        /// A call was made wrongly (NULL, struct_size, closed handle, ...).
        InvalidArgument,
        /// The text is not strict JSON; message has line and column.
        PolicySyntax,
        /// Unknown field, wrong type, value out of range; origin says which.
        PolicyInvalid,
        /// Contract version this library does not read.
        PolicyVersion,
        /// Two layers or two fields cannot both hold.
        PolicyConflict,
        /// A path of the policy is missing, of the wrong kind, or forbidden.
        Path,
        /// This host or this version cannot enforce a rule; hint has the remedy.
        Unsupported,
        /// Building the walls failed; nothing was started.
        Setup,
        /// Init found a wall missing before exec; nothing was started.
        Verify,
        /// The command does not exist inside.
        CommandNotFound,
        /// It exists inside and cannot be executed.
        CommandNotExecutable,
        /// No interpreter for the language, or the policy hides it.
        Interpreter,
        /// A wait with a timeout ran out; the process goes on.
        Timeout,
        /// The sandbox has ended (killed, keeper died).
        Closed,
        /// A system call failed in the host process; sys_errno says which way.
        System,
        /// A bug in mxc.
        Internal,
        /// A number that this version does not know.
        Unknown(i32),
    }

    impl Status {
        /// What a number of the library means here.
        pub const fn from_code(code: i32) -> Self {
            match code {
                0 => Self::Ok,
                -1 => Self::NoMemory,
                -2 => Self::InvalidArgument,
                -3 => Self::PolicySyntax,
                -4 => Self::PolicyInvalid,
                -5 => Self::PolicyVersion,
                -6 => Self::PolicyConflict,
                -7 => Self::Path,
                -8 => Self::Unsupported,
                -9 => Self::Setup,
                -10 => Self::Verify,
                -11 => Self::CommandNotFound,
                -12 => Self::CommandNotExecutable,
                -13 => Self::Interpreter,
                -14 => Self::Timeout,
                -15 => Self::Closed,
                -16 => Self::System,
                -17 => Self::Internal,
                other => Self::Unknown(other),
            }
        }

        /// The number, `mxc_status` in C.
        pub const fn code(self) -> i32 {
            match self {
                Self::Ok => 0,
                Self::NoMemory => -1,
                Self::InvalidArgument => -2,
                Self::PolicySyntax => -3,
                Self::PolicyInvalid => -4,
                Self::PolicyVersion => -5,
                Self::PolicyConflict => -6,
                Self::Path => -7,
                Self::Unsupported => -8,
                Self::Setup => -9,
                Self::Verify => -10,
                Self::CommandNotFound => -11,
                Self::CommandNotExecutable => -12,
                Self::Interpreter => -13,
                Self::Timeout => -14,
                Self::Closed => -15,
                Self::System => -16,
                Self::Internal => -17,
                Self::Unknown(other) => other,
            }
        }

        /// The name as the library prints it; "unknown" for a number outside the list.
        pub const fn name(self) -> &'static str {
            match self {
                Self::Ok => "ok",
                Self::NoMemory => "no_memory",
                Self::InvalidArgument => "invalid_argument",
                Self::PolicySyntax => "policy_syntax",
                Self::PolicyInvalid => "policy_invalid",
                Self::PolicyVersion => "policy_version",
                Self::PolicyConflict => "policy_conflict",
                Self::Path => "path",
                Self::Unsupported => "unsupported",
                Self::Setup => "setup",
                Self::Verify => "verify",
                Self::CommandNotFound => "command_not_found",
                Self::CommandNotExecutable => "command_not_executable",
                Self::Interpreter => "interpreter",
                Self::Timeout => "timeout",
                Self::Closed => "closed",
                Self::System => "system",
                Self::Internal => "internal",
                Self::Unknown(_) => "unknown",
            }
        }

        /// The one with this name, `None` when this version has no such name.
        pub fn from_name(name: &str) -> Option<Self> {
            Self::ALL.iter().copied().find(|item| item.name() == name)
        }

        /// Every one of the list, in the order of the header.
        pub const ALL: &'static [Self] = &[
            Self::Ok,
            Self::NoMemory,
            Self::InvalidArgument,
            Self::PolicySyntax,
            Self::PolicyInvalid,
            Self::PolicyVersion,
            Self::PolicyConflict,
            Self::Path,
            Self::Unsupported,
            Self::Setup,
            Self::Verify,
            Self::CommandNotFound,
            Self::CommandNotExecutable,
            Self::Interpreter,
            Self::Timeout,
            Self::Closed,
            Self::System,
            Self::Internal,
        ];
    }

    impl From<i32> for Status {
        fn from(code: i32) -> Self {
            Self::from_code(code)
        }
    }

    impl fmt::Display for Status {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Unknown(code) => write!(f, "unknown ({code})"),
                known => f.write_str(known.name()),
            }
        }
    }
}
