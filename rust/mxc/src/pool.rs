//! Sandboxes that are built before they are needed: [`Pool`].
use crate::child::Child;
use crate::command::Command;
use crate::error::Result;
use crate::laid_out::{LaidOut, Options};
use crate::native::{self, made, Owner, Strings};
use crate::outcome::Outcome;
use crate::policy::ToPolicy;
use crate::units::Span;
use mxc_sys as sys;
use std::ffi::CString;
use std::fmt;
use std::mem;
use std::ptr::{self, NonNull};

/// How many sandboxes a [`Pool`] keeps ready.
#[derive(Debug, Clone, Default)]
pub struct PoolOptions {
    size: u64,
    min: u64,
    max: u64,
    idle: Option<Span>,
    language: Option<String>,
    preload: Vec<String>,
    fresh: Option<String>,
}

impl PoolOptions {
    /// The defaults: one sandbox ready, eight at most, and none that has waited longer than five minutes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ready when the pool has been made.
    #[must_use]
    pub fn size(mut self, count: u64) -> Self {
        self.size = count;
        self
    }

    /// As few as it shrinks to while little is asked of it; else [`size`](Self::size).
    #[must_use]
    pub fn min(mut self, count: u64) -> Self {
        self.min = count;
        self
    }

    /// As many as it grows to while more is asked of it.
    #[must_use]
    pub fn max(mut self, count: u64) -> Self {
        self.max = count;
        self
    }

    /// A sandbox that was not used for so long ends by itself.
    #[must_use]
    pub fn idle(mut self, span: impl Into<Span>) -> Self {
        self.idle = Some(span.into());
        self
    }

    /// `"python"`, `"node"`: in each sandbox an interpreter has been started and waits for source code; what else is run
    /// gets a cold sandbox. `"bash"`: only the sandbox is built ahead.
    #[must_use]
    pub fn language(mut self, name: impl Into<String>) -> Self {
        self.language = Some(name.into());
        self
    }

    /// Modules that the interpreter has imported.
    #[must_use]
    pub fn preload<S: Into<String>>(mut self, modules: impl IntoIterator<Item = S>) -> Self {
        self.preload = modules.into_iter().map(Into::into).collect();
        self
    }

    /// `"interpreter"`: each run has a whole interpreter of its own, which nothing ran in before. So it is without this as
    /// well.
    #[must_use]
    pub fn fresh(mut self, what: impl Into<String>) -> Self {
        self.fresh = Some(what.into());
        self
    }

    fn laid_out(&self, kept: &Interpreter) -> Result<sys::mxc_pool_options> {
        Ok(sys::mxc_pool_options {
            struct_size: mem::size_of::<sys::mxc_pool_options>(),
            size: self.size,
            min: self.min,
            max: self.max,
            idle_ms: self.idle.clone().map_or(Ok(0), |span| span.deadline("idle"))?,
            language: kept.language.as_ref().map_or(ptr::null(), |name| name.as_ptr()),
            interpreter: ptr::null(),
            preload: kept.preload.or_null(),
            env: ptr::null(),
            fresh: kept.fresh.as_ref().map_or(ptr::null(), |name| name.as_ptr()),
        })
    }
}

/// What the fields of an `mxc_pool_options` point to.
struct Interpreter {
    language: Option<CString>,
    preload: Strings,
    fresh: Option<CString>,
}

impl Interpreter {
    fn of(options: &PoolOptions) -> Result<Self> {
        let language = options.language.as_ref().map(|name| native::string(name, "language")).transpose()?;
        let fresh = options.fresh.as_ref().map(|name| native::string(name, "fresh")).transpose()?;
        Ok(Self { language, preload: Strings::new(&options.preload, "a module to preload")?, fresh })
    }
}

/// What a [`Pool`] has, and has done since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Sandboxes that stand and wait now.
    pub ready: u64,
    /// As many as it tries to have ready now.
    pub wanted: u64,
    /// Commands that were given a sandbox that stood.
    pub taken: u64,
    /// Commands that found none ready, and got one that was still to be built.
    pub cold: u64,
    /// Sandboxes that ended while they waited, or could not be built.
    pub failed: u64,
    /// Sandboxes that were ended unused: idle, too many, or the host has changed.
    pub dropped: u64,
}

/// Sandboxes built ahead: each is used for one command, and replaced after its outcome was given out.
///
/// A command that finds no sandbox ready gets a cold one, with the same outcome. Nothing is shared between commands.
/// Dropping it, and the end of this program, end what waits; commands that run belong to their [`Child`]. All calls may
/// come from any thread. In a forked child it is closed, and dropping it there does nothing to the parent's.
///
/// ```
/// use mxc::{Pool, PoolOptions};
/// let pool = Pool::new("strict", &PoolOptions::new().size(2))?;
/// assert_eq!(pool.run(["echo", "hello"])?.stdout_text(), "hello\n");
/// assert_eq!(pool.stats()?.taken, 1);
/// # Ok::<(), mxc::Error>(())
/// ```
pub struct Pool {
    pointer: NonNull<sys::mxc_pool>,
    owner: Owner,
}

// SAFETY: mxc.h: every function on a pool is @threadsafe any but mxc_pool_free, which Drop calls alone
unsafe impl Send for Pool {}
// SAFETY: as above
unsafe impl Sync for Pool {}

impl Pool {
    /// Builds the first sandboxes and waits until they stand. The interpreters of the languages in the caller's `PATH`
    /// are readable inside, unless the policy denies them.
    ///
    /// # Errors
    /// When the policy is wrong or cannot be enforced here, or the sizes do not fit together.
    pub fn new(policy: impl ToPolicy, sizes: &PoolOptions) -> Result<Self> {
        let (policy, options, kept) = (policy.to_policy()?, Options::of_sandbox(&[])?, Interpreter::of(sizes)?);
        let sizes = sizes.laid_out(&kept)?;
        let (policy, options) = (policy.as_ptr(), options.as_ptr());
        // SAFETY: all live during the call
        let opened = made(|out, error| unsafe { sys::mxc_pool_new(out, policy, options, &raw const sizes, error) });
        Ok(Self { pointer: opened?, owner: Owner::this_process() })
    }

    /// Runs a command in a sandbox of its own and waits for it: [`crate::run`].
    ///
    /// # Errors
    /// When nothing of the command ran.
    pub fn run(&self, command: impl Into<Command>) -> Result<Outcome> {
        self.owner.check("pool")?;
        let command = command.into();
        let (pool, laid) = (self.pointer.as_ptr(), LaidOut::new(&command)?);
        // SAFETY: the pool lives as long as `self`, the command during the call
        made(|out, error| unsafe { sys::mxc_pool_run(out, pool, laid.as_ptr(), error) }).map(Outcome::take)
    }

    /// Starts a command in a sandbox of its own, which ends with it, and returns at once: [`crate::spawn`].
    ///
    /// # Errors
    /// As [`run`](Self::run); what is found out later is the error of [`Child::wait`].
    pub fn spawn(&self, command: impl Into<Command>) -> Result<Child> {
        self.owner.check("pool")?;
        let command = command.into();
        let (pool, laid) = (self.pointer.as_ptr(), LaidOut::new(&command)?);
        // SAFETY: as in run
        made(|out, error| unsafe { sys::mxc_pool_spawn(out, pool, laid.as_ptr(), error) }).map(Child::take)
    }

    /// Counted when asked.
    ///
    /// # Errors
    /// When the pool belongs to the parent of this forked process.
    pub fn stats(&self) -> Result<PoolStats> {
        self.owner.check("pool")?;
        // SAFETY: the pool lives as long as `self`
        let count = |counter| unsafe { sys::mxc_pool_count(self.pointer.as_ptr(), counter) };
        Ok(PoolStats {
            ready: count(sys::MXC_POOL_READY),
            wanted: count(sys::MXC_POOL_WANTED),
            taken: count(sys::MXC_POOL_TAKEN),
            cold: count(sys::MXC_POOL_COLD),
            failed: count(sys::MXC_POOL_FAILED),
            dropped: count(sys::MXC_POOL_DROPPED),
        })
    }

    /// Ends the sandboxes that wait, and waits until nothing of them is left. Dropping does the same.
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if self.owner.is_here() {
            // SAFETY: ours, and nobody is in a call on it
            unsafe { sys::mxc_pool_free(self.pointer.as_ptr()) }
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.owner.is_here() { "Pool(open)" } else { "Pool(closed)" })
    }
}
