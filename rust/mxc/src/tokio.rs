//! The feature `tokio`: waiting on the status descriptor of a command, without a thread for it.
//!
//! Needs a runtime with I/O enabled. Dropping a future of [`run`], or a [`Child`], kills the command with all it
//! started; that waits for the kernel to have done it, normally about a millisecond.
//!
//! ```
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
//! # runtime.block_on(async {
//! let outcome = mxc::tokio::run(["echo", "hello"], "strict").await?;
//! assert_eq!(outcome.stdout(), b"hello\n");
//! # Ok::<(), mxc::Error>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
use crate::child::{Child as Blocking, Output};
use crate::command::Command;
use crate::error::{Error, Result};
use crate::outcome::Outcome;
use crate::policy::ToPolicy;
use crate::pool::Pool;
use crate::sandbox::{self, Sandbox};
use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::unix::pipe::{Receiver, Sender};

/// Runs one command in a sandbox of its own: [`crate::run`].
///
/// # Errors
/// As [`crate::run`].
pub async fn run(command: impl Into<Command>, policy: impl ToPolicy) -> Result<Outcome> {
    spawn(command, policy)?.wait().await
}

/// Starts one command in a sandbox of its own: [`crate::spawn`].
///
/// # Errors
/// As [`crate::spawn`].
pub fn spawn(command: impl Into<Command>, policy: impl ToPolicy) -> Result<Child> {
    Child::new(sandbox::spawn(command, policy)?)
}

/// Runs a command in an open sandbox: [`Sandbox::run`].
///
/// # Errors
/// As [`Sandbox::run`].
pub async fn run_in(sandbox: &Sandbox, command: impl Into<Command>) -> Result<Outcome> {
    Child::new(sandbox.spawn(command)?)?.wait().await
}

/// Runs a command in a sandbox of a pool: [`Pool::run`].
///
/// # Errors
/// As [`Pool::run`].
pub async fn run_from(pool: &Pool, command: impl Into<Command>) -> Result<Outcome> {
    Child::new(pool.spawn(command)?)?.wait().await
}

/// The number of a descriptor that a [`Blocking`] child owns.
struct StatusFd(RawFd);

impl AsRawFd for StatusFd {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

/// A running command whose end is awaited: [`crate::Child`] for tokio.
///
/// Dropping it kills the command with all it started.
pub struct Child {
    /// With [`Stdio::piped`](crate::Stdio::piped): where to write. Dropping it is the end of the command's input.
    pub stdin: Option<Sender>,
    /// With [`Stdio::piped`](crate::Stdio::piped): where to read.
    pub stdout: Option<Receiver>,
    /// With [`Stdio::piped`](crate::Stdio::piped): where to read.
    pub stderr: Option<Receiver>,
    /// before `child`, which closes the descriptor
    status: AsyncFd<StatusFd>,
    child: Blocking,
}

impl Child {
    /// A child of [`crate::spawn`] or [`Sandbox::spawn`], to be awaited.
    ///
    /// # Errors
    /// When the runtime cannot take its descriptors; the command is killed then.
    pub fn new(mut child: Blocking) -> Result<Self> {
        let wrong = |error: io::Error| Error::of_system("epoll", &error);
        let status = StatusFd(child.status_fd().as_raw_fd());
        let status = AsyncFd::with_interest(status, Interest::READABLE).map_err(wrong)?;
        let read = |pipe: Option<OwnedFd>| pipe.map(Receiver::from_owned_fd).transpose().map_err(wrong);
        let stdin = child.stdin.take().map(|pipe| Sender::from_owned_fd(pipe.into())).transpose().map_err(wrong)?;
        let stdout = read(child.stdout.take().map(Into::into))?;
        let stderr = read(child.stderr.take().map(Into::into))?;
        Ok(Self { stdin, stdout, stderr, status, child })
    }

    /// Waits for the end. May be called again; cancelling it does nothing to the command.
    ///
    /// # Errors
    /// As [`crate::Child::wait`].
    pub async fn wait(&self) -> Result<Outcome> {
        // the descriptor stays readable once it is: nothing is cleared
        let _end = self.status.readable().await.map_err(|error| Error::of_system("epoll", &error))?;
        self.child.wait()
    }

    /// Writes `input` to stdin where that is a pipe, reads what is piped to the end, and waits.
    ///
    /// # Errors
    /// As [`crate::Child::communicate`].
    pub async fn communicate(&mut self, input: &[u8]) -> Result<Output> {
        if self.stdin.is_none() && !input.is_empty() {
            return Err(Error::argument("input needs stdin to be a pipe that was not taken".into()));
        }
        let mut exchange = Exchange {
            stdin: self.stdin.take(),
            unsent: input,
            stdout: Reading::new(self.stdout.take()),
            stderr: Reading::new(self.stderr.take()),
        };
        let moved = poll_fn(|context| exchange.poll(context)).await;
        moved.map_err(|error| Error::of_system("read or write", &error))?;
        let (stdout, stderr) = (exchange.stdout.found, exchange.stderr.found);
        Ok(Output::of(self.wait().await?, stdout, stderr))
    }

    /// [`crate::Child::send_signal`].
    ///
    /// # Errors
    /// As there.
    pub fn send_signal(&self, signal: i32) -> Result<()> {
        self.child.send_signal(signal)
    }

    /// [`crate::Child::terminate`].
    ///
    /// # Errors
    /// As there.
    pub fn terminate(&self) -> Result<()> {
        self.child.terminate()
    }

    /// [`crate::Child::kill`].
    ///
    /// # Errors
    /// As there.
    pub fn kill(&self) -> Result<()> {
        self.child.kill()
    }

    /// [`crate::Child::stop`].
    ///
    /// # Errors
    /// As there.
    pub fn stop(&self, grace: Duration) -> Result<()> {
        self.child.stop(grace)
    }

    /// Lets the command go on without this handle: [`crate::Child::detach`].
    pub fn detach(self) {
        let Self { status, child, .. } = self;
        drop(status);
        child.detach();
    }
}

impl AsFd for Child {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.child.as_fd()
    }
}

impl std::fmt::Debug for Child {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.child.fmt(out)
    }
}

/// Moving bytes until all pipes have ended.
struct Exchange<'a> {
    stdin: Option<Sender>,
    unsent: &'a [u8],
    stdout: Reading,
    stderr: Reading,
}

struct Reading {
    pipe: Option<Receiver>,
    found: Option<Vec<u8>>,
}

impl Exchange<'_> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let pending = [self.send(context)?, self.stdout.poll(context)?, self.stderr.poll(context)?];
        if pending.iter().any(Poll::is_pending) {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(pipe) = self.stdin.as_mut().filter(|_| !self.unsent.is_empty()) {
            match ready!(Pin::new(pipe).poll_write(context, self.unsent)) {
                Ok(count) => self.unsent = &self.unsent[count..],
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.unsent = &[],
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        self.stdin = None;
        Poll::Ready(Ok(()))
    }
}

impl Reading {
    fn new(pipe: Option<Receiver>) -> Self {
        let found = pipe.as_ref().map(|_| Vec::new());
        Self { pipe, found }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut chunk = [0; 16384];
        while let (Some(pipe), Some(found)) = (&mut self.pipe, &mut self.found) {
            let mut buffer = ReadBuf::new(&mut chunk);
            ready!(Pin::new(pipe).poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                self.pipe = None;
            } else {
                found.extend_from_slice(buffer.filled());
            }
        }
        Poll::Ready(Ok(()))
    }
}
