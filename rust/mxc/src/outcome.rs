//! What a command did: [`Outcome`].
use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::json;
use crate::native::{self, made_text};
use crate::record::{Denial, Finding, Limit, ReceiptItem};
use mxc_sys as sys;
use std::borrow::Cow;
use std::fmt;
use std::ptr::NonNull;
use std::slice;
use std::sync::Arc;
use std::time::Duration;

/// What a command did. It does not change, is cheap to clone and may be shared between threads.
///
/// ```
/// let outcome = mxc::run(["sh", "-c", "echo out; echo err >&2; exit 3"], "strict")?;
/// assert_eq!((outcome.exit_code(), outcome.signal()), (Some(3), None));
/// assert_eq!((outcome.stdout(), outcome.stderr()), (&b"out\n"[..], &b"err\n"[..]));
/// assert_eq!(outcome.to_string(), "the command exited with 3: err");
/// assert!(outcome.check().is_err());
/// # Ok::<(), mxc::Error>(())
/// ```
#[derive(Clone)]
pub struct Outcome(Arc<Inner>);

struct Inner(NonNull<sys::mxc_result>);

// SAFETY: mxc.h: results are immutable and shareable; every function that reads one is @threadsafe any
unsafe impl Send for Inner {}
// SAFETY: as above
unsafe impl Sync for Inner {}

impl Drop for Inner {
    fn drop(&mut self) {
        // SAFETY: ours, and nobody refers to it any more
        unsafe { sys::mxc_result_free(self.0.as_ptr()) }
    }
}

/// Names of the signals 1 to 31, the same on all machines that mxc runs on.
const SIGNALS: [&str; 31] = [
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGSTKFLT",
    "SIGCHLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
    "SIGPWR",
    "SIGSYS",
];

/// The highest number of a limit that is asked about; more than there are, so that one of a newer library is seen.
const MOST_LIMITS: i32 = 64;

// SAFETY of all calls below: the result lives as long as `self`, and what it lends lives as long as it.
impl Outcome {
    pub(crate) fn take(pointer: NonNull<sys::mxc_result>) -> Self {
        Self(Arc::new(Inner(pointer)))
    }

    fn raw(&self) -> *const sys::mxc_result {
        self.0 .0.as_ptr()
    }

    /// 0 to 255; `None` when a signal ended it.
    pub fn exit_code(&self) -> Option<i32> {
        Some(unsafe { sys::mxc_result_exit_code(self.raw()) }).filter(|code| *code >= 0)
    }

    /// The signal that ended it; `None` when it exited.
    pub fn signal(&self) -> Option<i32> {
        Some(unsafe { sys::mxc_result_signal(self.raw()) }).filter(|signal| *signal != 0)
    }

    /// The name of that signal, such as "SIGKILL"; `None` also for a real-time signal.
    pub fn signal_name(&self) -> Option<&'static str> {
        let index = usize::try_from(self.signal()?).ok()?.checked_sub(1)?;
        SIGNALS.get(index).copied()
    }

    /// It exited with 0 and in time.
    pub fn ok(&self) -> bool {
        self.exit_code() == Some(0) && !self.timed_out()
    }

    /// Gives itself when [`ok`](Self::ok).
    ///
    /// # Errors
    /// [`ErrorKind::CommandFailed`](crate::ErrorKind::CommandFailed) otherwise, with the outcome in
    /// [`Error::outcome`].
    pub fn check(self) -> Result<Self> {
        if self.ok() {
            return Ok(self);
        }
        Err(Error::of_command(&self))
    }

    /// The deadline ended it.
    pub fn timed_out(&self) -> bool {
        unsafe { sys::mxc_result_timed_out(self.raw()) != 0 }
    }

    /// The first limit that was hit, in the order memory, CPU time, wall time, processes, file size, output.
    pub fn limit_hit(&self) -> Option<Limit> {
        let first = unsafe { sys::mxc_result_limit_hit(self.raw()) };
        Some(Limit::from(first)).filter(|limit| *limit != Limit::None)
    }

    /// All limits that were hit.
    pub fn limits_hit(&self) -> Vec<Limit> {
        let hit = |limit: &i32| unsafe { sys::mxc_result_hit(self.raw(), *limit) != 0 };
        (1..MOST_LIMITS).filter(hit).map(Limit::from).collect()
    }

    /// What was captured of stdout: everything, or head and tail when [`stdout_truncated`](Self::stdout_truncated);
    /// empty when the stream was handed over instead.
    pub fn stdout(&self) -> &[u8] {
        self.output(sys::MXC_STDOUT)
    }

    /// As [`stdout`](Self::stdout).
    pub fn stderr(&self) -> &[u8] {
        self.output(sys::MXC_STDERR)
    }

    fn output(&self, stream: sys::mxc_stream) -> &[u8] {
        let mut length = 0;
        unsafe {
            let bytes = sys::mxc_result_output(self.raw(), stream, &raw mut length);
            slice::from_raw_parts(bytes.cast(), length)
        }
    }

    /// stdout as UTF-8; bytes that are none become U+FFFD.
    pub fn stdout_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.stdout())
    }

    /// stderr as UTF-8; bytes that are none become U+FFFD.
    pub fn stderr_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.stderr())
    }

    /// Bytes written to stdout in all, captured or not.
    pub fn stdout_length(&self) -> u64 {
        unsafe { sys::mxc_result_output_total(self.raw(), sys::MXC_STDOUT) }
    }

    /// Bytes written to stderr in all, captured or not.
    pub fn stderr_length(&self) -> u64 {
        unsafe { sys::mxc_result_output_total(self.raw(), sys::MXC_STDERR) }
    }

    /// The middle is missing in [`stdout`](Self::stdout).
    pub fn stdout_truncated(&self) -> bool {
        unsafe { sys::mxc_result_output_truncated(self.raw(), sys::MXC_STDOUT) != 0 }
    }

    /// The middle is missing in [`stderr`](Self::stderr).
    pub fn stderr_truncated(&self) -> bool {
        unsafe { sys::mxc_result_output_truncated(self.raw(), sys::MXC_STDERR) != 0 }
    }

    /// From the start of the command to its end.
    pub fn wall_time(&self) -> Duration {
        Duration::from_nanos(unsafe { sys::mxc_result_wall_time_ns(self.raw()) })
    }

    /// User and system time of the command and all it started.
    pub fn cpu_time(&self) -> Duration {
        Duration::from_nanos(unsafe { sys::mxc_result_cpu_time_ns(self.raw()) })
    }

    /// Bytes: of the whole sandbox where a control group counted it, else the largest that was seen.
    pub fn peak_memory(&self) -> u64 {
        unsafe { sys::mxc_result_peak_memory(self.raw()) }
    }

    /// What it was not allowed to do, one entry for each distinct thing.
    pub fn denials(&self) -> Vec<Denial> {
        (0..unsafe { sys::mxc_result_denial_count(self.raw()) }).map(|index| self.denial(index)).collect()
    }

    fn denial(&self, index: usize) -> Denial {
        let result = self.raw();
        unsafe {
            Denial {
                kind: native::text(sys::mxc_result_denial_kind(result, index)).into(),
                what: native::text(sys::mxc_result_denial_what(result, index)).into(),
                mechanism: native::text(sys::mxc_result_denial_mechanism(result, index)).into(),
                count: sys::mxc_result_denial_times(result, index),
                first: Duration::from_nanos(sys::mxc_result_denial_first_ns(result, index)),
            }
        }
    }

    /// What it connected to, and what it was refused; of commands at the same time in one sandbox, all of theirs.
    pub fn connections(&self) -> Vec<Connection> {
        (0..unsafe { sys::mxc_result_connection_count(self.raw()) }).map(|at| Connection::of(self.raw(), at)).collect()
    }

    /// How many more connections there were than are kept.
    pub fn connections_dropped(&self) -> u64 {
        unsafe { sys::mxc_result_connections_dropped(self.raw()) }
    }

    /// What a one-shot run has left in writable folders that a program of the host would trust: repositories, hooks,
    /// protected names.
    pub fn findings(&self) -> Vec<Finding> {
        (0..unsafe { sys::mxc_result_finding_count(self.raw()) }).map(|at| Finding::of(self.raw(), at)).collect()
    }

    /// For every item of the policy: which mechanism enforced it, and at which level.
    pub fn receipt(&self) -> Vec<ReceiptItem> {
        // the library's own JSON; docs/results.md
        json::parse(self.receipt_json()).and_then(|lines| ReceiptItem::list(&lines)).unwrap_or_default()
    }

    /// The receipt as the JSON array that [`to_json`](Self::to_json) carries.
    pub fn receipt_json(&self) -> &str {
        unsafe { native::text(sys::mxc_result_receipt_json(self.raw())) }
    }

    /// Everything, as the JSON object that `mxc run --json` prints.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn to_json(&self) -> Result<String> {
        made_text(|out, error| unsafe { sys::mxc_result_to_json(out, self.raw(), error) })
    }
}

/// How it ended, one line.
impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.timed_out() {
            write!(out, "the command timed out after {:.3} s", self.wall_time().as_secs_f64())?;
        } else if let Some(signal) = self.signal() {
            let name = self.signal_name().map_or_else(|| format!("signal {signal}"), str::to_owned);
            write!(out, "the command was ended by {name}")?;
        } else {
            write!(out, "the command exited with {}", self.exit_code().unwrap_or(0))?;
        }
        if let Some(limit) = self.limit_hit().filter(|_| !self.timed_out()) {
            write!(out, " (limit: {})", limit.name())?;
        }
        let text = self.stderr_text();
        match text.trim().lines().last() {
            Some(last) if !self.ok() => write!(out, ": {}", last.trim().chars().take(200).collect::<String>()),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Outcome")
            .field("exit_code", &self.exit_code())
            .field("signal", &self.signal())
            .field("timed_out", &self.timed_out())
            .field("limits_hit", &self.limits_hit())
            .field("stdout", &self.stdout_text())
            .field("stderr", &self.stderr_text())
            .field("denials", &self.denials())
            .field("wall_time", &self.wall_time())
            .finish_non_exhaustive()
    }
}
