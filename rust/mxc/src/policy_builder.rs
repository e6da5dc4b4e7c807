//! A policy from words instead of JSON. What is wrong with a word is said by `build`.
use crate::error::{Error, Result};
use crate::native::{self, call, made};
use crate::policy::Policy;
use crate::units::{Size, Span};
use mxc_sys as sys;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::ptr::{self, NonNull};

/// Builds a [`Policy`], with the words that all languages of mxc have.
///
/// ```
/// # fn main() -> mxc::Result<()> {
/// use mxc::Policy;
/// use std::time::Duration;
/// let policy = Policy::builder()
///     .read("/usr/share")                       // paths: absolute, or from the current folder
///     .write(std::env::temp_dir())              // the most specific one wins
///     .deny("/usr/share/doc")
///     .memory("512M")                           // or a number of bytes
///     .timeout(Duration::from_secs(30))         // or "30s"
///     .processes(64)
///     .env("LANG", "C.UTF-8")
///     .build()?;
/// assert!(policy.to_json().contains("\"memoryBytes\":536870912") || policy.to_json().contains("536870912"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until build()"]
pub struct PolicyBuilder {
    base: Base,
    read: Vec<PathBuf>,
    write: Vec<PathBuf>,
    deny: Vec<PathBuf>,
    allow: Vec<String>,
    /// In the order in which every language gives them to the library.
    limits: [Option<Amount>; 6],
    env: Vec<(OsString, OsString)>,
}

#[derive(Clone, Debug)]
enum Base {
    Strict,
    Preset(String),
    Json(Vec<u8>),
    Policy(Policy),
}

#[derive(Clone, Debug)]
enum Amount {
    Bytes(Size),
    Time(Span),
    Count(u64),
    Processors(f64),
}

const LIMITS: [(sys::mxc_limit, &str); 6] = [
    (sys::MXC_LIMIT_MEMORY, "memory"),
    (sys::MXC_LIMIT_WALL_TIME, "timeout"),
    (sys::MXC_LIMIT_PROCESSES, "processes"),
    (sys::MXC_LIMIT_CPUS, "cpus"),
    (sys::MXC_LIMIT_CPU_TIME, "cpu_time"),
    (sys::MXC_LIMIT_OUTPUT, "output"),
];

impl PolicyBuilder {
    pub(crate) fn new() -> Self {
        let (read, write, deny, allow, env) = Default::default();
        Self { base: Base::Strict, read, write, deny, allow, limits: Default::default(), env }
    }

    /// Starts from a preset on the current folder instead of "strict".
    pub fn preset(mut self, name: &str) -> Self {
        self.base = Base::Preset(name.into());
        self
    }

    /// Starts from the JSON language; relative paths in it are taken from the current folder.
    pub fn json(mut self, json: impl AsRef<[u8]>) -> Self {
        self.base = Base::Json(json.as_ref().into());
        self
    }

    /// Starts from another policy.
    pub fn policy(mut self, policy: &Policy) -> Self {
        self.base = Base::Policy(policy.clone());
        self
    }

    /// A path that is readable. Paths are absolute, or relative to the current folder; the most specific one wins.
    pub fn read(mut self, path: impl AsRef<Path>) -> Self {
        self.read.push(path.as_ref().into());
        self
    }

    /// A path that is readable and writable.
    pub fn write(mut self, path: impl AsRef<Path>) -> Self {
        self.write.push(path.as_ref().into());
        self
    }

    /// A path that is hidden.
    pub fn deny(mut self, path: impl AsRef<Path>) -> Self {
        self.deny.push(path.as_ref().into());
        self
    }

    /// A host for TCP: "HOST", "HOST:PORT", "*.SUFFIX:PORT", "CIDR" or "CIDR:PORT".
    pub fn allow(mut self, target: &str) -> Self {
        self.allow.push(target.into());
        self
    }

    /// Memory of the whole sandbox; default 1 GiB.
    pub fn memory(self, most: impl Into<Size>) -> Self {
        self.limit(0, Amount::Bytes(most.into()))
    }

    /// Wall-clock time of each command; default none.
    pub fn timeout(self, most: impl Into<Span>) -> Self {
        self.limit(1, Amount::Time(most.into()))
    }

    /// Processes and threads; default 256.
    pub fn processes(self, most: u64) -> Self {
        self.limit(2, Amount::Count(most))
    }

    /// Processors, 1.5 is one and a half; default all.
    pub fn cpus(self, most: f64) -> Self {
        self.limit(3, Amount::Processors(most))
    }

    /// CPU time of all processes together; default none.
    pub fn cpu_time(self, most: impl Into<Span>) -> Self {
        self.limit(4, Amount::Time(most.into()))
    }

    /// What is captured of each stream; default 1 MiB.
    pub fn output(self, most: impl Into<Size>) -> Self {
        self.limit(5, Amount::Bytes(most.into()))
    }

    /// A variable, on top of the clean default.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().into(), value.as_ref().into()));
        self
    }

    fn limit(mut self, index: usize, amount: Amount) -> Self {
        self.limits[index] = Some(amount);
        self
    }

    /// The finished policy.
    ///
    /// # Errors
    /// The first word that is wrong; [`Error::origin`] names an item by its place in [`Policy::to_json`].
    pub fn build(self) -> Result<Policy> {
        let base = match &self.base {
            Base::Strict => None,
            Base::Preset(name) => Some(Policy::preset(name)?),
            Base::Json(json) => Some(Policy::from_json(json)?),
            Base::Policy(policy) => Some(policy.clone()),
        };
        match base {
            // as it was given: errors and receipts then name items by their place in it
            Some(given) if self.adds_nothing() => Ok(given),
            base => self.built_on(base.as_ref()),
        }
    }

    fn adds_nothing(&self) -> bool {
        let paths = [&self.read, &self.write, &self.deny].iter().all(|list| list.is_empty());
        paths && self.allow.is_empty() && self.env.is_empty() && self.limits.iter().all(Option::is_none)
    }

    fn built_on(self, base: Option<&Policy>) -> Result<Policy> {
        let native = Native::new(base)?;
        let lists =
            [(sys::MXC_ACCESS_READ, self.read), (sys::MXC_ACCESS_WRITE, self.write), (sys::MXC_ACCESS_DENY, self.deny)];
        for (access, paths) in lists {
            paths.iter().try_for_each(|path| native.path(access, path))?;
        }
        self.allow.iter().try_for_each(|target| native.allow(target))?;
        for ((limit, name), amount) in LIMITS.into_iter().zip(self.limits) {
            if let Some(amount) = amount {
                native.limit(limit, amount.value(name)?)?;
            }
        }
        self.env.iter().try_for_each(|(name, value)| native.env(name, value))?;
        // read back: errors and receipts then name each item by its place in to_json()
        Policy::from_json(native.build()?.to_json())
    }
}

impl Amount {
    /// In the unit of the limit.
    fn value(self, name: &str) -> Result<u64> {
        match self {
            Self::Bytes(size) => size.bytes(name),
            Self::Time(span) => span.deadline(name),
            Self::Count(number) => Ok(number),
            Self::Processors(number) if (0.001..1e15).contains(&number) => Ok((number * 1000.0).round() as u64),
            Self::Processors(number) => Err(Error::argument(format!("{name} must be at least 0.001: {number}"))),
        }
    }
}

/// The library's builder.
struct Native(NonNull<sys::mxc_policy_builder>);

impl Drop for Native {
    fn drop(&mut self) {
        // SAFETY: ours, freed once
        unsafe { sys::mxc_policy_builder_free(self.0.as_ptr()) }
    }
}

// SAFETY of all calls below: the builder lives as long as `self`, is used by one thread because it is not Sync, and
// strings live during the call.
impl Native {
    fn new(base: Option<&Policy>) -> Result<Self> {
        let base = base.map_or(ptr::null(), Policy::as_ptr);
        Ok(Self(made(|out, error| unsafe { sys::mxc_policy_builder_new(out, base, error) })?))
    }

    fn path(&self, access: sys::mxc_access, path: &Path) -> Result<()> {
        let path = native::string(path, "path")?;
        call(|error| unsafe { sys::mxc_policy_builder_path(self.0.as_ptr(), access, path.as_ptr(), error) })
    }

    fn allow(&self, target: &str) -> Result<()> {
        let target = native::string(target, "allow")?;
        call(|error| unsafe { sys::mxc_policy_builder_allow(self.0.as_ptr(), target.as_ptr(), error) })
    }

    fn limit(&self, limit: sys::mxc_limit, value: u64) -> Result<()> {
        call(|error| unsafe { sys::mxc_policy_builder_limit(self.0.as_ptr(), limit, value, error) })
    }

    fn env(&self, name: &OsStr, value: &OsStr) -> Result<()> {
        let entry = native::string(native::variable(name, value)?, "env")?;
        call(|error| unsafe { sys::mxc_policy_builder_env(self.0.as_ptr(), entry.as_ptr(), error) })
    }

    fn build(&self) -> Result<Policy> {
        Policy::take(made(|out, error| unsafe { sys::mxc_policy_builder_build(out, self.0.as_ptr(), error) })?)
    }
}
