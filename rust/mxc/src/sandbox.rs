//! Running things: [`run`], [`spawn`] and [`Sandbox`].
use crate::child::Child;
use crate::command::Command;
use crate::error::Result;
use crate::laid_out::{LaidOut, Options};
use crate::native::{call, made, Owner};
use crate::outcome::Outcome;
use crate::policy::{Policy, ToPolicy};
use crate::poll;
use mxc_sys as sys;
use std::fmt;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::path::{Path, PathBuf};
use std::ptr::NonNull;

/// Runs one command in a sandbox of its own and waits for it.
///
/// What the command did (exit code, signal, timeout, limits) is in the [`Outcome`].
///
/// ```
/// use mxc::{Code, Policy};
/// let policy = Policy::builder().memory("256M").timeout("10s").build()?;
/// let outcome = mxc::run(Code::python("print(sum(range(10)))"), &policy)?.check()?;
/// assert_eq!(outcome.stdout_text(), "45\n");
/// let outcome = mxc::run(["sh", "-c", "exit 3"], &policy)?;
/// assert_eq!(outcome.exit_code(), Some(3));
/// # Ok::<(), mxc::Error>(())
/// ```
///
/// # Errors
/// When nothing of the command ran: the policy is wrong or cannot be enforced here, the command does not exist, ...
pub fn run(command: impl Into<Command>, policy: impl ToPolicy) -> Result<Outcome> {
    run_command(&command.into(), &policy.to_policy()?)
}

/// Starts one command in a sandbox of its own, which ends with it, and returns at once.
///
/// ```
/// let child = mxc::spawn(["sleep", "60"], "strict")?;
/// child.kill()?;
/// assert_eq!(child.wait()?.signal(), Some(9));
/// # Ok::<(), mxc::Error>(())
/// ```
///
/// # Errors
/// When the sandbox could not be started; what is found out later is the error of [`Child::wait`].
pub fn spawn(command: impl Into<Command>, policy: impl ToPolicy) -> Result<Child> {
    spawn_command(&command.into(), &policy.to_policy()?)
}

pub(crate) fn run_command(command: &Command, policy: &Policy) -> Result<Outcome> {
    let (laid, options) = (LaidOut::new(command)?, Options::new(&command.runtime)?);
    let (policy, laid, options) = (policy.as_ptr(), laid.as_ptr(), options.as_ptr());
    // SAFETY: all live during the call, and it keeps none of them
    made(|out, error| unsafe { sys::mxc_run(out, policy, laid, options, error) }).map(Outcome::take)
}

pub(crate) fn spawn_command(command: &Command, policy: &Policy) -> Result<Child> {
    let (laid, options) = (LaidOut::new(command)?, Options::new(&command.runtime)?);
    let (policy, laid, options) = (policy.as_ptr(), laid.as_ptr(), options.as_ptr());
    // SAFETY: as in run_command
    made(|out, error| unsafe { sys::mxc_spawn(out, policy, laid, options, error) }).map(Child::take)
}

/// An open sandbox: one set of walls, several commands, one after the other or at once.
///
/// Files in its private places (/tmp, ...) live until it is closed. Dropping it, and the end of this program, kill
/// everything inside. All calls may come from any thread. In a forked child it is closed, and dropping it there does
/// nothing to the parent's.
///
/// ```
/// let sandbox = mxc::Sandbox::open("strict")?;
/// sandbox.run(["sh", "-c", "echo kept > /tmp/note"])?.check()?;
/// assert_eq!(sandbox.run(["cat", "/tmp/note"])?.stdout_text(), "kept\n");
/// sandbox.close();
/// # Ok::<(), mxc::Error>(())
/// ```
pub struct Sandbox {
    pointer: NonNull<sys::mxc_sandbox>,
    owner: Owner,
}

// SAFETY: mxc.h: every function on a sandbox is @threadsafe any but mxc_sandbox_free, which Drop calls alone
unsafe impl Send for Sandbox {}
// SAFETY: as above
unsafe impl Sync for Sandbox {}

impl Sandbox {
    /// Builds the walls and waits until they stand. The interpreters of the languages in the caller's `PATH` are readable
    /// inside, unless the policy denies them.
    ///
    /// # Errors
    /// When the policy is wrong or cannot be enforced here.
    pub fn open(policy: impl ToPolicy) -> Result<Self> {
        Self::open_with(policy, [] as [&Path; 0])
    }

    /// As [`open`](Self::open), with further host folders or files that programs need as their installation: absolute,
    /// readable inside unless the policy denies them.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with<P: Into<PathBuf>>(policy: impl ToPolicy, runtime: impl IntoIterator<Item = P>) -> Result<Self> {
        let paths: Vec<PathBuf> = runtime.into_iter().map(Into::into).collect();
        let (policy, options) = (policy.to_policy()?, Options::of_sandbox(&paths)?);
        // SAFETY: both live during the call
        let opened = made(|out, error| unsafe { sys::mxc_sandbox_open(out, policy.as_ptr(), options.as_ptr(), error) });
        Ok(Self { pointer: opened?, owner: Owner::this_process() })
    }

    /// Runs a command and waits for it; what it left running is ended with it.
    ///
    /// # Errors
    /// When nothing of the command ran; [`ErrorKind::Closed`](crate::ErrorKind::Closed) when the sandbox has ended.
    pub fn run(&self, command: impl Into<Command>) -> Result<Outcome> {
        self.owner.check("sandbox")?;
        let command = command.into();
        let (sandbox, laid) = (self.pointer.as_ptr(), LaidOut::new(&command)?);
        // SAFETY: the sandbox lives as long as `self`, the command during the call
        made(|out, error| unsafe { sys::mxc_sandbox_run(out, sandbox, laid.as_ptr(), error) }).map(Outcome::take)
    }

    /// Starts a command and returns at once; several may run at the same time.
    ///
    /// # Errors
    /// As [`run`](Self::run); what is found out later is the error of [`Child::wait`].
    pub fn spawn(&self, command: impl Into<Command>) -> Result<Child> {
        self.owner.check("sandbox")?;
        let command = command.into();
        let (sandbox, laid) = (self.pointer.as_ptr(), LaidOut::new(&command)?);
        // SAFETY: as in run
        made(|out, error| unsafe { sys::mxc_sandbox_spawn(out, sandbox, laid.as_ptr(), error) }).map(Child::take)
    }

    /// Ends everything inside at once. Commands that were running get outcomes with signal 9.
    ///
    /// # Errors
    /// When the sandbox belongs to the parent of this forked process.
    pub fn kill(&self) -> Result<()> {
        self.owner.check("sandbox")?;
        // SAFETY: the sandbox lives as long as `self`
        call(|error| unsafe { sys::mxc_sandbox_kill(self.pointer.as_ptr(), error) })
    }

    /// What it may reach from now on: the network of `policy`, within what it was opened with. Connections that are not
    /// granted any more are cut. Nothing else of `policy` is read.
    ///
    /// ```
    /// let all = mxc::Policy::builder().allow("example.com:443").allow("example.org:443").build()?;
    /// let sandbox = mxc::Sandbox::open(&all)?;
    /// sandbox.update_network(mxc::Policy::builder().allow("example.com:443").build()?)?;
    /// # Ok::<(), mxc::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::PolicyConflict`](crate::ErrorKind::PolicyConflict) when `policy` grants more than it was opened with.
    pub fn update_network(&self, policy: impl ToPolicy) -> Result<()> {
        self.owner.check("sandbox")?;
        let policy = policy.to_policy()?;
        // SAFETY: the sandbox lives as long as `self`, the policy during the call
        call(|error| unsafe { sys::mxc_sandbox_update_network(self.pointer.as_ptr(), policy.as_ptr(), error) })
    }

    /// The port of the host's 127.0.0.1 at which a port inside is published.
    pub fn published_port(&self, port: u16) -> Option<u16> {
        // SAFETY: the sandbox lives as long as `self`
        let found = unsafe { sys::mxc_sandbox_published_port(self.pointer.as_ptr(), port.into()) };
        u16::try_from(found).ok().filter(|found| *found != 0)
    }

    /// Kills what still runs and waits until nothing is left. Dropping does the same.
    pub fn close(self) {
        drop(self);
    }

    /// Whether it has ended: it was killed, or its keeper died, or it belongs to the parent of this process.
    pub fn closed(&self) -> bool {
        !self.owner.is_here() || poll::is_readable(self.as_fd())
    }

    /// Becomes readable when the sandbox has ended: for event loops. Do not read it.
    pub fn fd(&self) -> BorrowedFd<'_> {
        // SAFETY: mxc.h: borrowed by the sandbox, which lives as long as `self`
        unsafe { BorrowedFd::borrow_raw(sys::mxc_sandbox_fd(self.pointer.as_ptr())) }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if self.owner.is_here() {
            // SAFETY: ours, and nobody is in a call on it
            unsafe { sys::mxc_sandbox_free(self.pointer.as_ptr()) }
        }
    }
}

impl AsFd for Sandbox {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd()
    }
}

impl AsRawFd for Sandbox {
    fn as_raw_fd(&self) -> RawFd {
        self.fd().as_raw_fd()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.closed() { "Sandbox(closed)" } else { "Sandbox(open)" })
    }
}
