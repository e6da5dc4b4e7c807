/* mxc.h: run code that nobody has vetted under a policy, and prove what was enforced.
 *
 * The only public header, and the single source for every binding.
 *
 * Conventions, which the binding generator parses:
 *   @param[in]            read during the call only; never kept
 *   @param[out]           written only on success
 *   @param[out,owned]     as out; the caller frees it with the function named by its type
 *   @param[borrowed]      the object stays the caller's
 *   @param[owned]         the object is given away: not to be used afterwards
 *   @param[...,nullable]  NULL is allowed and means what is said
 *   @return               what comes back; a function whose last parameter is `mxc_error **err` has none: a status
 *   @return[owned]        a descriptor that the caller closes
 *   @return[borrowed by X] valid until X is freed, or always where X is `static`; never NULL, unless
 *   @return[...,nullable] NULL can come back and means what is said
 *   @blocking yes|no      whether the call may wait for another process
 *   @threadsafe any|owner any: from any thread at any time; owner: one thread at a time per handle
 *   @since N              first version that has it
 *
 * Every function has a text and all of its tags; bindings/describe.py fails where one is missing or unknown. The
 * comment behind a handle names the function that frees it; the one behind a value may begin with its name in quotes
 * where that is not the constant's own in small letters.
 *
 * Status: 0 is success, negative values are the MXC_E_* list below, which only grows.
 * Every function that can fail takes `mxc_error **err` last: nullable, written only on failure, freed
 * with mxc_error_free(). Strings are UTF-8 without NUL. Sizes are bytes, times are as their name says.
 * The library never exits, aborts, prints, changes signal state, umask, cwd, environment or rlimits of
 * the calling process, and leaves no descriptor without close-on-exec.
 */
#ifndef MXC_MXC_H
#define MXC_MXC_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define MXC_API __attribute__((visibility("default")))
#else
#define MXC_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Handles. All opaque; every *_free accepts NULL. ------------------------------------------- */

typedef struct mxc_error mxc_error;                   /* mxc_error_free */
typedef struct mxc_policy mxc_policy;                 /* mxc_policy_free; immutable, shareable */
typedef struct mxc_policy_builder mxc_policy_builder; /* mxc_policy_builder_free */
typedef struct mxc_sandbox mxc_sandbox;               /* mxc_sandbox_free */
typedef struct mxc_process mxc_process;               /* mxc_process_free */
typedef struct mxc_pool mxc_pool;                     /* mxc_pool_free */
typedef struct mxc_result mxc_result;                 /* mxc_result_free; immutable, shareable */

/* ---- Status --------------------------------------------------------------------------------------- */

typedef int32_t mxc_status;
enum {
    MXC_OK = 0,                         /* success */
    MXC_E_NO_MEMORY = -1,               /* out of memory */
    MXC_E_INVALID_ARGUMENT = -2,        /* a call was made wrongly (NULL, struct_size, closed handle, ...) */
    MXC_E_POLICY_SYNTAX = -3,           /* the text is not strict JSON; message has line and column */
    MXC_E_POLICY_INVALID = -4,          /* unknown field, wrong type, value out of range; origin says which */
    MXC_E_POLICY_VERSION = -5,          /* contract version this library does not read */
    MXC_E_POLICY_CONFLICT = -6,         /* two layers or two fields cannot both hold */
    MXC_E_PATH = -7,                    /* a path of the policy is missing, of the wrong kind, or forbidden */
    MXC_E_UNSUPPORTED = -8,             /* this host or this version cannot enforce a rule; hint has the remedy */
    MXC_E_SETUP = -9,                   /* building the walls failed; nothing was started */
    MXC_E_VERIFY = -10,                 /* init found a wall missing before exec; nothing was started */
    MXC_E_COMMAND_NOT_FOUND = -11,      /* the command does not exist inside */
    MXC_E_COMMAND_NOT_EXECUTABLE = -12, /* it exists inside and cannot be executed */
    MXC_E_INTERPRETER = -13,            /* no interpreter for the language, or the policy hides it */
    MXC_E_TIMEOUT = -14,                /* a wait with a timeout ran out; the process goes on */
    MXC_E_CLOSED = -15,                 /* the sandbox has ended (killed, keeper died) */
    MXC_E_SYSTEM = -16,                 /* a system call failed in the host process; sys_errno says which way */
    MXC_E_INTERNAL = -17                /* a bug in mxc */
};

/** Name of a status.
 * @param[in] status  @return[borrowed by static] the name, e.g. "policy_invalid"; "unknown" for a number outside the list
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_status_name(mxc_status status);

/* ---- Errors ---------------------------------------------------------------------------------------- */

/** What kind of failure it was. @param[borrowed,nullable] error  @return a number of the MXC_E_* list; MXC_OK for NULL
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_error_status(const mxc_error *error);
/** What was wrong, one line for people. @param[borrowed] error  @return[borrowed by error] the text
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_error_message(const mxc_error *error);
/** The operation that failed, e.g. "move_mount"; "" when there is none. @param[borrowed] error
 * @return[borrowed by error] the text  @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_error_operation(const mxc_error *error);
/** Where in the policy: JSON pointer such as "/filesystem/readonlyPaths/2"; "" when not about one item.
 * @param[borrowed] error  @return[borrowed by error] the text  @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_error_origin(const mxc_error *error);
/** What to do about it, one line; "" when there is nothing to say. @param[borrowed] error
 * @return[borrowed by error] the text  @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_error_hint(const mxc_error *error);
/** errno of the failed operation. @param[borrowed] error  @return errno, 0 when there is none
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_error_errno(const mxc_error *error);
/** Frees an error. @param[owned,nullable] error  @blocking no  @threadsafe owner  @since 0.1 */
MXC_API void mxc_error_free(mxc_error *error);

/* ---- Library ----------------------------------------------------------------------------------------- */

/** Version of the library. @return[borrowed by static] "major.minor.patch"
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_version(void);

/** Frees a string or byte block that a function of this library returned as owned.
 * @param[owned,nullable] string  @blocking no  @threadsafe any  @since 0.1 */
MXC_API void mxc_string_free(char *string);

/* ---- Policy ------------------------------------------------------------------------------------------ */

/** Parses one policy (docs/policy.md). Relative paths in it are taken from `base_dir`.
 * @param[out,owned] out  freed with mxc_policy_free
 * @param[in] json  text, at most 1 MiB  @param[in] length  bytes of it
 * @param[in,nullable] base_dir  absolute folder for relative paths; NULL: the current directory, read once
 * @param[out,owned,nullable] err
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_policy_parse(mxc_policy **out, const char *json, size_t length, const char *base_dir,
                                    mxc_error **err);

/** Reads a policy file; relative paths in it are taken from the folder of the file.
 * @param[out,owned] out  freed with mxc_policy_free  @param[in] path  @param[out,owned,nullable] err
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_policy_load(mxc_policy **out, const char *path, mxc_error **err);

/** A preset: "strict" (nothing but the baseline), "read-only" (`dir` readable), "workspace" (`dir` writable,
 * network off).
 * @param[out,owned] out  freed with mxc_policy_free  @param[in] name
 * @param[in,nullable] dir  absolute; NULL: the current directory  @param[out,owned,nullable] err
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_policy_preset(mxc_policy **out, const char *name, const char *dir, mxc_error **err);

/** What both allow. Order does not matter; adding a layer never widens; a deny is sticky.
 * @param[out,owned] out  freed with mxc_policy_free  @param[borrowed] a  @param[borrowed] b
 * @param[out,owned,nullable] err  MXC_E_POLICY_CONFLICT when both say what to run, differently
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_policy_intersect(mxc_policy **out, const mxc_policy *a, const mxc_policy *b, mxc_error **err);

/** Canonical JSON: fixed order, defaults left out, absolute paths; parsing it gives an equal policy.
 * @param[out,owned] out  freed with mxc_string_free  @param[borrowed] policy  @param[out,owned,nullable] err
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_policy_to_json(char **out, const mxc_policy *policy, mxc_error **err);

/** JSON Schema of the policy language. @return[borrowed by static] JSON text
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_policy_schema(void);

/** Frees a policy. @param[owned,nullable] policy  @blocking no  @threadsafe any  @since 0.1 */
MXC_API void mxc_policy_free(mxc_policy *policy);

/* ---- Building a policy without JSON ------------------------------------------------------------------- */

typedef int32_t mxc_access;
enum {
    MXC_ACCESS_DENY = 0, /* hidden, also below a granted path */
    MXC_ACCESS_READ = 1, /* readable */
    MXC_ACCESS_WRITE = 2 /* readable and writable */
};

typedef int32_t mxc_limit;
enum {
    MXC_LIMIT_NONE = 0,       /* no limit */
    MXC_LIMIT_MEMORY = 1,     /* bytes */
    MXC_LIMIT_PROCESSES = 2,  /* processes and threads */
    MXC_LIMIT_CPU_TIME = 3,   /* milliseconds over the whole sandbox */
    MXC_LIMIT_WALL_TIME = 4,  /* milliseconds per command */
    MXC_LIMIT_OUTPUT = 5,     /* bytes captured per stream */
    MXC_LIMIT_FILE_SIZE = 6,  /* bytes per file */
    MXC_LIMIT_OPEN_FILES = 7, /* descriptors per process */
    MXC_LIMIT_SWAP = 8,       /* bytes */
    MXC_LIMIT_CPUS = 9,       /* thousandths of a processor: 1500 is 1.5 */
    MXC_LIMIT_TMP = 10,       /* bytes per private tmpfs */
    MXC_LIMIT_DISK = 11       /* bytes written below the writable paths */
};

/** Name of a limit as results print it.
 * @param[in] limit  @return[borrowed by static] the name, e.g. "memory"; "unknown" for a number outside the list
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_limit_name(mxc_limit limit);

/** Starts from a copy of `base`.
 * @param[out,owned] out  freed with mxc_policy_builder_free
 * @param[borrowed,nullable] base  NULL: the "strict" preset  @param[out,owned,nullable] err
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_policy_builder_new(mxc_policy_builder **out, const mxc_policy *base, mxc_error **err);
/** Adds one path rule. @param[borrowed] builder  @param[in] access  @param[in] path  absolute, or relative to
 * the current directory  @param[out,owned,nullable] err  @blocking no  @threadsafe owner  @since 0.1 */
MXC_API mxc_status mxc_policy_builder_path(mxc_policy_builder *builder, mxc_access access, const char *path,
                                           mxc_error **err);
/** Grants egress to "HOST", "HOST:PORT", "*.SUFFIX:PORT", "CIDR" or "CIDR:PORT" (IPv6 in brackets when a port
 * follows), TCP. "localhost:PORT" is the host's loopback at that port. @param[borrowed] builder  @param[in] target  @param[out,owned,nullable] err
 * @blocking no  @threadsafe owner  @since 0.1 */
MXC_API mxc_status mxc_policy_builder_allow(mxc_policy_builder *builder, const char *target, mxc_error **err);
/** Sets a limit, in the unit of its MXC_LIMIT_ name. @param[borrowed] builder  @param[in] limit
 * @param[in] value  @param[out,owned,nullable] err  @blocking no  @threadsafe owner  @since 0.1 */
MXC_API mxc_status mxc_policy_builder_limit(mxc_policy_builder *builder, mxc_limit limit, uint64_t value,
                                            mxc_error **err);
/** Adds "NAME=VALUE" to the environment of commands (on top of the clean default).
 * @param[borrowed] builder  @param[in] entry  @param[out,owned,nullable] err
 * @blocking no  @threadsafe owner  @since 0.1 */
MXC_API mxc_status mxc_policy_builder_env(mxc_policy_builder *builder, const char *entry, mxc_error **err);
/** Sets a string field by its JSON pointer: /containment /assurance /containerId /process/cwd
 * /filesystem/baseline /filesystem/hardLinks /syscalls/profile /onUnsupported; adds one name to /syscalls/allow /syscalls/deny
 * /filesystem/protectedNames.
 * @param[borrowed] builder  @param[in] pointer  @param[in] value  @param[out,owned,nullable] err
 * @blocking no  @threadsafe owner  @since 0.1 */
MXC_API mxc_status mxc_policy_builder_set(mxc_policy_builder *builder, const char *pointer, const char *value,
                                          mxc_error **err);
/** The finished policy; the builder stays usable. @param[out,owned] out  freed with mxc_policy_free
 * @param[borrowed] builder  @param[out,owned,nullable] err  @blocking no  @threadsafe owner  @since 0.1 */
MXC_API mxc_status mxc_policy_builder_build(mxc_policy **out, const mxc_policy_builder *builder, mxc_error **err);
/** Frees a builder. @param[owned,nullable] builder  @blocking no  @threadsafe owner  @since 0.1 */
MXC_API void mxc_policy_builder_free(mxc_policy_builder *builder);

/* ---- What to run --------------------------------------------------------------------------------------- */

typedef int32_t mxc_stdio;
enum {
    MXC_STDIO_DEFAULT = 0, /* stdin: `input`, or empty; stdout and stderr: captured, bounded */
    MXC_STDIO_PIPE = 1,    /* a pipe whose other end mxc_process_take_stdin() and siblings give */
    MXC_STDIO_FD = 2,      /* the caller's descriptor in the *_fd field; it is duplicated */
    MXC_STDIO_NULL = 3     /* nothing: reads end at once, writes vanish */
};

/** One command. Exactly one of `argv` and `code` is set, or neither: then the policy's process section says.
 * Fill with zeroes, set struct_size, then what is wanted. Everything is read during the call only. */
typedef struct mxc_command {
    size_t struct_size;      /* sizeof(mxc_command) of the caller */
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH inside; no shell */
    const char *code;        /* source text, code_length bytes, without NUL */
    size_t code_length;      /* bytes; at most 4 MiB */
    const char *language;    /* "python" (default), "bash", "node" */
    const char *interpreter; /* host path of the interpreter; NULL: looked up in the caller's PATH */
    const char *cwd;         /* absolute, inside; NULL: process.cwd, else the first writable path, else /tmp */
    const char *const *env;  /* NULL-terminated "NAME=VALUE", on top of the policy's; NULL: none */
    const void *input;       /* bytes for stdin when stdin_mode is default; may be NULL */
    size_t input_length;     /* bytes */
    uint64_t timeout_ms;     /* 0: what the policy says; else the smaller of the two */
    uint64_t grace_ms;       /* between TERM and KILL at the deadline; 0: 1,000 */
    mxc_stdio stdin_mode;    /* where standard input comes from */
    mxc_stdio stdout_mode;   /* where standard output goes */
    mxc_stdio stderr_mode;   /* where standard error goes */
    int32_t stdin_fd;        /* used with MXC_STDIO_FD only */
    int32_t stdout_fd;       /* the same */
    int32_t stderr_fd;       /* the same */
} mxc_command;

/** Options of a sandbox. Zero is the default of every field. */
typedef struct mxc_sandbox_options {
    size_t struct_size;               /* sizeof(mxc_sandbox_options) of the caller */
    const char *const *runtime_paths; /* NULL-terminated absolute host folders or files that an interpreter needs
                                          (its library tree); readable inside unless the policy denies them */
    const char *const *languages;     /* NULL-terminated "python", "bash", "node": what their interpreters in the
                                          caller's PATH need is shown, as a run of source code shows it; one that is
                                          not there, or that the policy denies, is left out */
} mxc_sandbox_options;

/* ---- Sandboxes -------------------------------------------------------------------------------------------- */

/** Runs one command in a sandbox of its own and waits for it. Exit code, signal, timeout and limits are in the
 * result, they are not errors; when an error is returned, nothing of the command ran.
 * @param[out,owned] out  freed with mxc_result_free  @param[borrowed] policy  @param[in] command
 * @param[in,nullable] options  @param[out,owned,nullable] err
 * @blocking yes  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_run(mxc_result **out, const mxc_policy *policy, const mxc_command *command,
                           const mxc_sandbox_options *options, mxc_error **err);

/** Starts one command in a sandbox of its own and returns at once. The sandbox ends with the command.
 * @param[out,owned] out  freed with mxc_process_free  @param[borrowed] policy  @param[in] command
 * @param[in,nullable] options  @param[out,owned,nullable] err
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_spawn(mxc_process **out, const mxc_policy *policy, const mxc_command *command,
                             const mxc_sandbox_options *options, mxc_error **err);

/** Builds the walls and waits until they stand. Files in private places (/tmp, ...) live until it is freed.
 * @param[out,owned] out  freed with mxc_sandbox_free  @param[borrowed] policy  @param[in,nullable] options
 * @param[out,owned,nullable] err  @blocking yes  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_sandbox_open(mxc_sandbox **out, const mxc_policy *policy, const mxc_sandbox_options *options,
                                    mxc_error **err);
/** Runs one command in an open sandbox and waits for it; when it has ended, every process that it left behind
 * has been ended too. @param[out,owned] out  freed with mxc_result_free  @param[borrowed] sandbox
 * @param[in] command  @param[out,owned,nullable] err  @blocking yes  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_sandbox_run(mxc_result **out, mxc_sandbox *sandbox, const mxc_command *command, mxc_error **err);
/** Starts one command in an open sandbox and returns at once; several may run at the same time.
 * @param[out,owned] out  freed with mxc_process_free; it may outlive the sandbox handle
 * @param[borrowed] sandbox  @param[in] command  @param[out,owned,nullable] err
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_sandbox_spawn(mxc_process **out, mxc_sandbox *sandbox, const mxc_command *command,
                                     mxc_error **err);
/** Ends everything inside at once (KILL). Commands that were running get results with signal 9.
 * @param[borrowed] sandbox  @param[out,owned,nullable] err  @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_sandbox_kill(mxc_sandbox *sandbox, mxc_error **err);
/** What the commands so far have left in writable folders: JSON array of {"kind": text, "path": text} as in a result.
 * Walks these folders (docs/security.md has the bounds). @param[out,owned] out  freed with mxc_string_free
 * @param[borrowed] sandbox  @param[out,owned,nullable] err  @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_sandbox_findings(char **out, const mxc_sandbox *sandbox, mxc_error **err);
/** What the sandbox may reach from now on: the network of `policy` (egress, ingress, publish, the proxy), of which nothing
 * may exceed what the sandbox was opened with; later calls may widen it again up to that. What was denied at opening
 * stays denied. Connections that are not granted any more are cut, and their records say so. Nothing else of `policy`
 * is read. @param[borrowed] sandbox  @param[borrowed] policy
 * @param[out,owned,nullable] err  MXC_E_POLICY_CONFLICT with the pointer of what is too much: nothing has changed then
 * @blocking yes  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_sandbox_update_network(mxc_sandbox *sandbox, const mxc_policy *policy, mxc_error **err);
/** Where a published port is: with `hostPort` in the policy that, else the free one that was taken.
 * @param[borrowed] sandbox  @param[in] port  port inside, of network.publish
 * @return port of the host's 127.0.0.1; 0 when it is not published  @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_sandbox_published_port(const mxc_sandbox *sandbox, int32_t port);
/** Pollable descriptor that becomes readable (end of file) when the sandbox has ended; do not read or close it.
 * @param[borrowed] sandbox  @return[borrowed by sandbox] descriptor  @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_sandbox_fd(const mxc_sandbox *sandbox);
/** Kills what still runs, waits until nothing of the sandbox is left (normally about a millisecond), frees.
 * @param[owned,nullable] sandbox  @blocking yes  @threadsafe owner  @since 0.1 */
MXC_API void mxc_sandbox_free(mxc_sandbox *sandbox);

/* ---- Pools ------------------------------------------------------------------------------------------------ */

/** How many sandboxes a pool keeps ready. Zero is the default of every field. */
typedef struct mxc_pool_options {
    size_t struct_size; /* sizeof(mxc_pool_options) of the caller */
    uint64_t size;      /* ready at first; 0: 1, or `min` when that is more */
    uint64_t min;       /* as few as it shrinks to while little is asked of it; 0: `size`; at most `size` */
    uint64_t max; /* as many as it grows to while more is asked of it; 0: the greater of `size` and 8; at most 1,024 */
    uint64_t idle_ms; /* a sandbox that nobody has used for so long ends by itself; 0: 300,000 (five minutes) */
    const char
        *language; /* "python", "node": an interpreter is started ahead in each sandbox, behind its walls, and waits
                                   for source code, which is this language's unless a command says another. Other commands
                                   are given cold sandboxes then. "bash": only the sandbox is built ahead. NULL: no code
                                   of one language in particular */
    const char *interpreter;    /* host path of it; NULL: looked up in the caller's PATH */
    const char *const *preload; /* NULL-terminated names of modules that it imports before it waits; NULL: none */
    const char *const *env; /* NULL-terminated "NAME=VALUE" that it is started with, on top of the policy's: those that
                                   its code will be run with; NULL: none */
    const char
        *fresh; /* what each command has to itself besides its sandbox: "interpreter", a whole one that nothing was
                                   forked from or run in before. NULL: the same, as there is nothing else yet; with a
                                   language */
} mxc_pool_options;

typedef int32_t mxc_pool_counter;
enum {
    MXC_POOL_READY = 1,  /* sandboxes that stand and wait now */
    MXC_POOL_WANTED = 2, /* as many as it tries to have ready now: between `min` and `max` */
    MXC_POOL_TAKEN = 3,  /* commands so far that were given a sandbox that stood */
    MXC_POOL_COLD = 4,   /* commands so far that found none ready, and got one that was still to be built */
    MXC_POOL_FAILED = 5, /* sandboxes so far that ended while they waited, or could not be built */
    MXC_POOL_DROPPED = 6 /* sandboxes so far that the pool has ended unused: idle, too many, or the host has changed */
};

/** Builds sandboxes ahead and waits until the first of them stand: namespaces, mounts, limits, relay, and an init that is
 * confined and verified and has nothing left to do but start its one command. No thread is started, here or later: what
 * was used is replaced by a process that begins to build when a result has been given out (docs/pools.md).
 * @param[out,owned] out  freed with mxc_pool_free  @param[borrowed] policy
 * @param[in,nullable] options  what is shown besides the policy, as for an open sandbox  @param[in,nullable] sizes
 * @param[out,owned,nullable] err  @blocking yes  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_pool_new(mxc_pool **out, const mxc_policy *policy, const mxc_sandbox_options *options,
                                const mxc_pool_options *sizes, mxc_error **err);
/** Runs one command in a sandbox of its own and waits for it: mxc_run() with a sandbox that was built ahead where there
 * is one, and a cold one otherwise. @param[out,owned] out  freed with mxc_result_free  @param[borrowed] pool
 * @param[in] command  @param[out,owned,nullable] err  @blocking yes  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_pool_run(mxc_result **out, mxc_pool *pool, const mxc_command *command, mxc_error **err);
/** Starts one command in a sandbox of its own and returns at once: mxc_spawn() with a sandbox that was built ahead. The
 * sandbox ends with the command. @param[out,owned] out  freed with mxc_process_free; it may outlive the pool
 * @param[borrowed] pool  @param[in] command  @param[out,owned,nullable] err
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_pool_spawn(mxc_process **out, mxc_pool *pool, const mxc_command *command, mxc_error **err);
/** What the pool has and has done. @param[borrowed] pool  @param[in] counter
 * @return a number of sandboxes or commands; 0 for a counter outside the list
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API uint64_t mxc_pool_count(const mxc_pool *pool, mxc_pool_counter counter);
/** Ends the sandboxes that wait, and waits until nothing of them is left. Commands that run go on, and belong to their
 * own handles. @param[owned,nullable] pool  @blocking yes  @threadsafe owner  @since 0.1 */
MXC_API void mxc_pool_free(mxc_pool *pool);

/* ---- Processes -------------------------------------------------------------------------------------------- */

/** Waits for the end and gives the result; may be called again and gives an equal result.
 * @param[out,owned] out  freed with mxc_result_free  @param[borrowed] process
 * @param[in] timeout_ms  0: only look; negative: no limit; MXC_E_TIMEOUT when it ran out
 * @param[out,owned,nullable] err  @blocking yes  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_process_wait(mxc_result **out, mxc_process *process, int64_t timeout_ms, mxc_error **err);
/** Sends a signal to the command itself; MXC_OK also when it has just ended. SIGKILL ends its whole tree.
 * @param[borrowed] process  @param[in] signal  1..64  @param[out,owned,nullable] err
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_process_kill(mxc_process *process, int32_t signal, mxc_error **err);
/** Asks as the deadline does: TERM to the whole tree, KILL after `grace_ms`.
 * @param[borrowed] process  @param[in] grace_ms  milliseconds; 0: KILL at once
 * @param[out,owned,nullable] err  @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_process_stop(mxc_process *process, uint64_t grace_ms, mxc_error **err);
/** Becomes readable when the command has ended, and stays so: poll it, do not read it; mxc_process_wait(...,0)
 * gives the result. An AF_UNIX stream socket whose other end is never read, and is closed right behind the result:
 * who can wait for nothing but end of file sends a descriptor along it (SCM_RIGHTS), which is closed with it.
 * @param[borrowed] process  @return[borrowed by process] descriptor
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_process_status_fd(const mxc_process *process);
/** Write end of stdin with MXC_STDIO_PIPE, given away once.
 * @param[borrowed] process  @return[owned] descriptor; -1 the second time and without a pipe
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_process_take_stdin(mxc_process *process);
/** Read end of stdout with MXC_STDIO_PIPE, given away once. @param[borrowed] process
 * @return[owned] descriptor; -1 the second time and without a pipe
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_process_take_stdout(mxc_process *process);
/** Read end of stderr with MXC_STDIO_PIPE, given away once. @param[borrowed] process
 * @return[owned] descriptor; -1 the second time and without a pipe
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_process_take_stderr(mxc_process *process);
/** Kills the command's tree if it still runs, waits for that, frees. @param[owned,nullable] process
 * @blocking yes  @threadsafe owner  @since 0.1 */
MXC_API void mxc_process_free(mxc_process *process);

/* ---- Results ---------------------------------------------------------------------------------------------- */

typedef int32_t mxc_connection_outcome;
enum {
    MXC_CONNECTION_OPEN = 1,        /* "open": still, when the command had ended */
    MXC_CONNECTION_CLOSED = 2,      /* "closed": by both sides */
    MXC_CONNECTION_RESET = 3,       /* "reset": broken off by one side */
    MXC_CONNECTION_UNREACHABLE = 4, /* "unreachable": allowed, and nobody answered */
    MXC_CONNECTION_UNRESOLVED = 5,  /* "unresolved": allowed, and the name has no address */
    MXC_CONNECTION_DENIED = 6,      /* "denied": no rule grants it, or one denies it */
    MXC_CONNECTION_GUARDED = 7,     /* "guarded": it leads to a private, local or metadata address that no rule names */
    MXC_CONNECTION_UNKNOWN_NAME = 8, /* "unknown_name": a question for a name that no rule grants; never sent out */
    MXC_CONNECTION_TOO_MANY = 9,     /* "too_many": more at once than one sandbox may have */
    MXC_CONNECTION_CUT = 10          /* "cut": it was open when other rules came, and these do not grant it */
};

typedef int32_t mxc_stream;
enum {
    MXC_STDOUT = 1, /* standard output */
    MXC_STDERR = 2  /* standard error */
};

/** How the command ended. @param[borrowed] result  @return exit code 0..255, or -1 when a signal ended it
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_result_exit_code(const mxc_result *result);
/** Whether a signal ended the command. @param[borrowed] result  @return the signal's number, or 0
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_result_signal(const mxc_result *result);
/** Whether the wall-clock deadline ended it. @param[borrowed] result  @return 1 or 0
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_result_timed_out(const mxc_result *result);
/** The first limit that was hit, in the order memory, cpu time, wall time, processes, file size, output.
 * @param[borrowed] result  @return the limit; MXC_LIMIT_NONE when none was hit
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_limit mxc_result_limit_hit(const mxc_result *result);
/** Whether this limit was hit; several can be. @param[borrowed] result  @param[in] limit  @return 1 or 0
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_result_hit(const mxc_result *result, mxc_limit limit);
/** What was captured: head and tail joined, at most limits.outputBytes; may contain any byte.
 * @param[borrowed] result  @param[in] stream  @param[out] length  bytes
 * @return[borrowed by result] the bytes  @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_result_output(const mxc_result *result, mxc_stream stream, size_t *length);
/** What the command wrote to the stream in all, captured or not. @param[borrowed] result  @param[in] stream
 * @return bytes
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API uint64_t mxc_result_output_total(const mxc_result *result, mxc_stream stream);
/** Whether the middle is missing from mxc_result_output(). @param[borrowed] result  @param[in] stream
 * @return 1 or 0
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_result_output_truncated(const mxc_result *result, mxc_stream stream);
/** Length of the head part of mxc_result_output(); the tail follows it when truncated.
 * @param[borrowed] result  @param[in] stream  @return bytes  @blocking no  @threadsafe any  @since 0.1 */
MXC_API size_t mxc_result_output_head(const mxc_result *result, mxc_stream stream);
/** From exec to the end. @param[borrowed] result  @return nanoseconds  @blocking no  @threadsafe any  @since 0.1 */
MXC_API uint64_t mxc_result_wall_time_ns(const mxc_result *result);
/** User and system time of the command and all it started. @param[borrowed] result  @return nanoseconds
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API uint64_t mxc_result_cpu_time_ns(const mxc_result *result);
/** Peak memory: of the sandbox where a cgroup counted it, else of its largest process or the highest sum the keeper
 * saw. @param[borrowed] result  @return bytes  @blocking no  @threadsafe any  @since 0.1 */
MXC_API uint64_t mxc_result_peak_memory(const mxc_result *result);
/** How many distinct denials there were. @param[borrowed] result  @return their number
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API size_t mxc_result_denial_count(const mxc_result *result);
/** Kind of denial `index`: "syscall". @param[borrowed] result  @param[in] index
 * @return[borrowed by result,nullable] the name; NULL past the end  @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_result_denial_kind(const mxc_result *result, size_t index);
/** What was denied, e.g. "unshare" or "chmod (setuid bit)". @param[borrowed] result  @param[in] index
 * @return[borrowed by result,nullable] the name; NULL past the end  @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_result_denial_what(const mxc_result *result, size_t index);
/** Which mechanism denied it, e.g. "seccomp": a name of mxc_mechanism_name(). @param[borrowed] result  @param[in] index
 * @return[borrowed by result,nullable] the name; NULL past the end  @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_result_denial_mechanism(const mxc_result *result, size_t index);
/** How often it was denied. @param[borrowed] result  @param[in] index  @return times; 0 past the end
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API uint64_t mxc_result_denial_times(const mxc_result *result, size_t index);
/** When it was denied first. @param[borrowed] result  @param[in] index
 * @return nanoseconds after exec; 0 past the end
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API uint64_t mxc_result_denial_first_ns(const mxc_result *result, size_t index);
/** How many connections there were and were refused, as far as they are kept: those that began or changed while the
 * command ran; commands at the same time in one sandbox share them. Equal refusals are one.
 * @param[borrowed] result  @return their number  @blocking no  @threadsafe any  @since 0.1 */
MXC_API size_t mxc_result_connection_count(const mxc_result *result);
/** How many more there were than are kept. @param[borrowed] result  @return their number
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API uint64_t mxc_result_connections_dropped(const mxc_result *result);
/** The host name that connection `index` was asked for. @param[borrowed] result  @param[in] index
 * @return[borrowed by result,nullable] the name, "" when by address; NULL past the end
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_result_connection_name(const mxc_result *result, size_t index);
/** The address that was dialled or refused. @param[borrowed] result  @param[in] index
 * @return[borrowed by result,nullable] "192.0.2.7" or "2001:db8::7", "" when there was none; NULL past the end
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_result_connection_address(const mxc_result *result, size_t index);
/** How it was asked for. @param[borrowed] result  @param[in] index
 * @return[borrowed by result,nullable] "tcp" or "udp", "" for a question for a name; NULL past the end
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_result_connection_protocol(const mxc_result *result, size_t index);
/** The port. @param[borrowed] result  @param[in] index  @return 1 to 65535; 0 for a question for a name, past the end
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_result_connection_port(const mxc_result *result, size_t index);
/** Whether it came from the host to a published port. @param[borrowed] result  @param[in] index
 * @return 1: it came in; 0: it went out, or past the end  @blocking no  @threadsafe any  @since 0.1 */
MXC_API int32_t mxc_result_connection_inbound(const mxc_result *result, size_t index);
/** What became of it. @param[borrowed] result  @param[in] index  @return MXC_CONNECTION_*; 0 past the end
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_connection_outcome mxc_result_connection_outcome(const mxc_result *result, size_t index);
/** The rule that granted it, or denied it. @param[borrowed] result  @param[in] index
 * @return[borrowed by result,nullable] a JSON pointer into the policy, "" when no rule did; NULL past the end
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_result_connection_rule(const mxc_result *result, size_t index);
/** How often: more than 1 for equal refusals. @param[borrowed] result  @param[in] index  @return times; 0 past the end
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API uint64_t mxc_result_connection_times(const mxc_result *result, size_t index);
/** Bytes that came in. @param[borrowed] result  @param[in] index  @return bytes; 0 past the end
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API uint64_t mxc_result_connection_bytes_in(const mxc_result *result, size_t index);
/** Bytes that went out. @param[borrowed] result  @param[in] index  @return bytes; 0 past the end
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API uint64_t mxc_result_connection_bytes_out(const mxc_result *result, size_t index);
/** How long it was open. @param[borrowed] result  @param[in] index  @return nanoseconds; 0 past the end
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API uint64_t mxc_result_connection_duration_ns(const mxc_result *result, size_t index);
/** How many findings there are: what a one-shot run has left in writable folders that programs of the host would trust.
 * @param[borrowed] result  @return their number  @blocking no  @threadsafe any  @since 0.1 */
MXC_API size_t mxc_result_finding_count(const mxc_result *result);
/** Kind of finding `index`: "new_repository", "new_hook", "new_protected_name", or "incomplete" (a folder too large to
 * be looked through). @param[borrowed] result  @param[in] index
 * @return[borrowed by result,nullable] the kind; NULL past the end  @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_result_finding_kind(const mxc_result *result, size_t index);
/** Where it is: an absolute path of the host, any byte but NUL. @param[borrowed] result  @param[in] index
 * @return[borrowed by result,nullable] the path; NULL past the end  @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_result_finding_path(const mxc_result *result, size_t index);
/** The receipt: JSON array of {"item": pointer, "rule": text, "mechanism": [names of mxc_mechanism_name()], "level":
 * "kernel"|"supervisor"|"none", "note"?: text}. @param[borrowed] result  @return[borrowed by result] the text
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_result_receipt_json(const mxc_result *result);
/** The whole result as one JSON object (docs/results.md).
 * @param[out,owned] out  freed with mxc_string_free  @param[borrowed] result  @param[out,owned,nullable] err
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_result_to_json(char **out, const mxc_result *result, mxc_error **err);
/** Frees a result. @param[owned,nullable] result  @blocking no  @threadsafe any  @since 0.1 */
MXC_API void mxc_result_free(mxc_result *result);

/* ---- Connections ---------------------------------------------------------------------------------------------- */

/** Name of what became of a connection, as results print it.
 * @param[in] outcome  @return[borrowed by static] the name, e.g. "denied"; "unknown" for a number outside the list
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_connection_outcome_name(mxc_connection_outcome outcome);

/* ---- Mechanisms ----------------------------------------------------------------------------------------------- */

typedef int32_t mxc_mechanism;
enum {
    MXC_MECHANISM_USER_NAMESPACE = 1,    /* "user namespace": users and capabilities of its own */
    MXC_MECHANISM_MOUNT_NAMESPACE = 2,   /* "mount namespace": mounts of its own */
    MXC_MECHANISM_PID_NAMESPACE = 3,     /* "pid namespace": processes of its own */
    MXC_MECHANISM_IPC_NAMESPACE = 4,     /* "ipc namespace": System V and POSIX IPC of its own */
    MXC_MECHANISM_UTS_NAMESPACE = 5,     /* "uts namespace": host name of its own */
    MXC_MECHANISM_CGROUP_NAMESPACE = 6,  /* "cgroup namespace": no view of the host's cgroups */
    MXC_MECHANISM_NETWORK_NAMESPACE = 7, /* "network namespace": network interfaces of its own */
    MXC_MECHANISM_MOUNT = 8,             /* "mount": what is mounted, and its flags */
    MXC_MECHANISM_LANDLOCK = 9,          /* "landlock": Landlock rules */
    MXC_MECHANISM_SECCOMP = 10,          /* "seccomp": the system-call filter */
    MXC_MECHANISM_CAPABILITIES = 11,     /* "capabilities": none are left, none can be gained */
    MXC_MECHANISM_NO_NEW_PRIVS = 12,     /* "no_new_privs": set-user-ID programs have no effect */
    MXC_MECHANISM_SESSION = 13,          /* "session": a session of its own, without a terminal */
    MXC_MECHANISM_KEYRING = 14,          /* "keyring": an empty session keyring */
    MXC_MECHANISM_CLOSE_RANGE = 15,      /* "close_range": descriptors closed before exec */
    MXC_MECHANISM_CGROUP_MEMORY = 16,    /* "cgroup memory": memory controller */
    MXC_MECHANISM_CGROUP_PIDS = 17,      /* "cgroup pids": pids controller */
    MXC_MECHANISM_CGROUP_CPU = 18,       /* "cgroup cpu": cpu controller */
    MXC_MECHANISM_RLIMIT = 19,           /* "rlimit": resource limit of a process */
    MXC_MECHANISM_KEEPER = 20,           /* "keeper": the keeper watches and acts */
    MXC_MECHANISM_INIT = 21,             /* "init": pid 1 inside arranges it */
    MXC_MECHANISM_RELAY = 22             /* "relay": the relay carries only what a rule grants */
};

/** Name of what enforces a rule, as receipts and denials print it.
 * @param[in] mechanism  @return[borrowed by static] the name, e.g. "mount"; "unknown" for a number outside the list
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_mechanism_name(mxc_mechanism mechanism);

/* ---- Looking before running ----------------------------------------------------------------------------------- */

/** What this host can do (docs/hosts.md): JSON object {"features": [{"name", "available", "detail", "remedy"}], ...}.
 * Starts nothing. @param[out,owned] out  freed with mxc_string_free  @param[out,owned,nullable] err
 * @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_probe(char **out, mxc_error **err);
/** The receipt beforehand: the same JSON array that a result carries. Fails as a start would.
 * @param[out,owned] out  freed with mxc_string_free  @param[borrowed] policy  @param[in,nullable] options
 * @param[out,owned,nullable] err  @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_explain(char **out, const mxc_policy *policy, const mxc_sandbox_options *options,
                               mxc_error **err);
/** The plan: one operation a line, each with the policy item it serves.
 * @param[out,owned] out  freed with mxc_string_free  @param[borrowed] policy  @param[in,nullable] options
 * @param[out,owned,nullable] err  @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_plan_text(char **out, const mxc_policy *policy, const mxc_sandbox_options *options,
                                 mxc_error **err);

#ifdef __cplusplus
}
#endif

#endif
