//! A running command: [`Child`], with the words of [`std::process::Child`].
use crate::error::{Error, ErrorKind, Result};
use crate::exchange;
use crate::native::{call, made, Owner};
use crate::outcome::Outcome;
use crate::pipe::{ChildStderr, ChildStdin, ChildStdout};
use crate::process::Process;
use mxc_sys as sys;
use std::fmt;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::ptr::NonNull;
use std::sync::OnceLock;
use std::time::Duration;

const SIGTERM: i32 = 15;
const SIGKILL: i32 = 9;

/// A command that was started with `spawn`.
///
/// Dropping it kills the command with all it started, and waits for that; see [`detach`](Self::detach). All calls on
/// `&self` may come from any thread, also while another one waits.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mxc::{Command, Stdio};
/// use std::io::{Read, Write};
/// let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn("strict")?;
/// child.stdin.take().unwrap().write_all(b"through a pipe")?;
/// let mut text = String::new();
/// child.stdout.take().unwrap().read_to_string(&mut text)?;
/// assert_eq!(text, "through a pipe");
/// assert!(child.wait()?.ok());
/// # Ok(())
/// # }
/// ```
pub struct Child {
    /// With [`Stdio::piped`](crate::Stdio::piped): where to write. Dropping it is the end of the command's input.
    pub stdin: Option<ChildStdin>,
    /// With [`Stdio::piped`](crate::Stdio::piped): where to read.
    pub stdout: Option<ChildStdout>,
    /// With [`Stdio::piped`](crate::Stdio::piped): where to read.
    pub stderr: Option<ChildStderr>,
    process: Process,
    outcome: OnceLock<Outcome>,
}

/// What [`Child::communicate`] gives.
#[derive(Clone, Debug)]
pub struct Output {
    /// How the command ended.
    pub outcome: Outcome,
    /// What came through the pipe; without one, what was captured.
    pub stdout: Vec<u8>,
    /// As stdout.
    pub stderr: Vec<u8>,
}

impl Child {
    pub(crate) fn take(pointer: NonNull<sys::mxc_process>) -> Self {
        let process = Process::new(pointer, Owner::this_process());
        let [stdin, stdout, stderr] = process.take_pipes();
        Self {
            stdin: stdin.map(ChildStdin::from),
            stdout: stdout.map(ChildStdout::from),
            stderr: stderr.map(ChildStderr::from),
            process,
            outcome: OnceLock::new(),
        }
    }

    /// Waits for the end. May be called again, and from several threads. It does not close [`stdin`](Self::stdin):
    /// drop that first when the command reads until the end of its input.
    ///
    /// # Errors
    /// When nothing of the command ran, or its sandbox is gone and nothing is known of it.
    pub fn wait(&self) -> Result<Outcome> {
        self.wait_ms(-1)
    }

    /// As [`wait`](Self::wait), but not longer than this; the command goes on then.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when the time ran out; else as [`wait`](Self::wait).
    pub fn wait_timeout(&self, most: Duration) -> Result<Outcome> {
        self.wait_ms(i64::try_from(most.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX))
    }

    /// The outcome, or `None` while it runs.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub fn try_wait(&self) -> Result<Option<Outcome>> {
        match self.wait_ms(0) {
            Err(error) if error.kind() == ErrorKind::Timeout => Ok(None),
            other => other.map(Some),
        }
    }

    /// `None` while it runs; the exit code, or minus the signal that ended it.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub fn returncode(&self) -> Result<Option<i32>> {
        let code = |ended: Outcome| ended.signal().map_or(ended.exit_code().unwrap_or(0), |signal| -signal);
        Ok(self.try_wait()?.map(code))
    }

    fn wait_ms(&self, most: i64) -> Result<Outcome> {
        if let Some(outcome) = self.outcome.get() {
            return Ok(outcome.clone());
        }
        let process = self.process.get()?;
        // SAFETY: the process lives as long as `self`
        let found = made(|out, error| unsafe { sys::mxc_process_wait(out, process, most, error) })?;
        let outcome = Outcome::take(found);
        Ok(self.outcome.get_or_init(|| outcome).clone())
    }

    /// Writes `input` to stdin where that is a pipe, reads what is piped to the end, and waits.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for input without a pipe; else as [`wait`](Self::wait).
    pub fn communicate(&mut self, input: &[u8]) -> Result<Output> {
        self.process.get()?;
        if self.stdin.is_none() && !input.is_empty() {
            return Err(Error::argument("input needs stdin to be a pipe that was not taken".into()));
        }
        let pipes = (self.stdin.take(), self.stdout.take(), self.stderr.take());
        let (stdout, stderr) = exchange::exchange(input, pipes).map_err(|error| Error::of_system("poll", &error))?;
        Ok(Output::of(self.wait()?, stdout, stderr))
    }

    /// Sends a signal (1 to 64) to the command itself; nothing happens when it has ended.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for another number.
    pub fn send_signal(&self, signal: i32) -> Result<()> {
        let process = self.process.get()?;
        // SAFETY: the process lives as long as `self`
        call(|error| unsafe { sys::mxc_process_kill(process, signal, error) })
    }

    /// SIGTERM to the command itself.
    ///
    /// # Errors
    /// As [`kill`](Self::kill).
    pub fn terminate(&self) -> Result<()> {
        self.send_signal(SIGTERM)
    }

    /// SIGKILL to the command and all it started.
    ///
    /// # Errors
    /// When it belongs to the parent of this forked process.
    pub fn kill(&self) -> Result<()> {
        self.send_signal(SIGKILL)
    }

    /// As the deadline does: SIGTERM to the command and all it started, SIGKILL after `grace` (in milliseconds,
    /// rounded up).
    ///
    /// # Errors
    /// As [`kill`](Self::kill).
    pub fn stop(&self, grace: Duration) -> Result<()> {
        let process = self.process.get()?;
        let ms = u64::try_from(grace.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        // SAFETY: the process lives as long as `self`
        call(|error| unsafe { sys::mxc_process_stop(process, ms, error) })
    }

    /// Becomes readable when the command has ended, and stays so: for event loops. Do not read it.
    pub fn status_fd(&self) -> BorrowedFd<'_> {
        self.process.status_fd()
    }

    /// Lets the command go on without this handle. It still ends with its sandbox: one of its own lives until the
    /// command has ended, an open one until it is dropped, and both no longer than this program. Nobody gets its
    /// outcome. Pipes that were not taken are closed.
    pub fn detach(self) {
        self.process.detach();
    }
}

impl Output {
    pub(crate) fn of(outcome: Outcome, stdout: Option<Vec<u8>>, stderr: Option<Vec<u8>>) -> Self {
        let stdout = stdout.unwrap_or_else(|| outcome.stdout().into());
        let stderr = stderr.unwrap_or_else(|| outcome.stderr().into());
        Self { outcome, stdout, stderr }
    }
}

impl AsFd for Child {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.status_fd()
    }
}

impl AsRawFd for Child {
    fn as_raw_fd(&self) -> RawFd {
        self.status_fd().as_raw_fd()
    }
}

impl fmt::Debug for Child {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.outcome.get() {
            Some(outcome) => write!(out, "Child({outcome})"),
            None => out.write_str("Child"),
        }
    }
}
