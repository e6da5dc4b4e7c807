//! What a sandbox may do: [`Policy`], immutable, and what stands for one.
use crate::error::{Error, ErrorKind, Result};
use crate::native::{self, made, made_text};
use crate::policy_builder::PolicyBuilder;
use mxc_sys as sys;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// The presets, by name.
pub(crate) const PRESETS: [&str; 3] = ["strict", "read-only", "workspace"];

/// What a sandbox may do. Nothing is allowed unless it says so.
///
/// Policies do not change, are cheap to clone, may be shared between threads and survive a fork.
///
/// ```no_run
/// use mxc::Policy;
/// let built = Policy::builder().read("data").write("out").memory("512M").timeout("30s").build()?;
/// let file = Policy::load("policy.json")?;
/// let both = built.intersect(&file)?;
/// println!("{}", both.to_json());
/// # Ok::<(), mxc::Error>(())
/// ```
#[derive(Clone)]
pub struct Policy(Arc<Inner>);

struct Inner {
    pointer: NonNull<sys::mxc_policy>,
    /// The canonical form; it is what two policies are compared by.
    json: String,
}

// SAFETY: mxc.h: policies are immutable and shareable; every function that reads one is @threadsafe any
unsafe impl Send for Inner {}
// SAFETY: as above
unsafe impl Sync for Inner {}

impl Drop for Inner {
    fn drop(&mut self) {
        // SAFETY: ours, and nobody refers to it any more
        unsafe { sys::mxc_policy_free(self.pointer.as_ptr()) }
    }
}

impl Policy {
    /// A builder that starts from the preset "strict".
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::new()
    }

    /// A preset on the current folder: "strict" (nothing but the system, read-only), "read-only" (the folder is
    /// readable) or "workspace" (it is writable).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for another name.
    pub fn preset(name: &str) -> Result<Self> {
        Self::preset_raw(name, None)
    }

    /// A preset on the folder `dir`; relative to the current folder.
    ///
    /// # Errors
    /// As [`preset`](Self::preset), and when there is no current folder to start from.
    pub fn preset_in(name: &str, dir: impl AsRef<Path>) -> Result<Self> {
        Self::preset_raw(name, Some(&absolute(dir.as_ref())?))
    }

    fn preset_raw(name: &str, dir: Option<&Path>) -> Result<Self> {
        let name = native::string(name, "preset")?;
        let dir = dir.map(|dir| native::string(dir, "dir")).transpose()?;
        let dir = dir.as_ref().map_or(ptr::null(), |dir| dir.as_ptr());
        // SAFETY: both strings live during the call
        Self::take(made(|out, error| unsafe { sys::mxc_policy_preset(out, name.as_ptr(), dir, error) })?)
    }

    /// Reads a policy file; relative paths in it are taken from its folder.
    ///
    /// # Errors
    /// When it cannot be read or is not a policy; [`Error::origin`] names the place.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = native::string(path.as_ref(), "path")?;
        // SAFETY: the string lives during the call
        Self::take(made(|out, error| unsafe { sys::mxc_policy_load(out, path.as_ptr(), error) })?)
    }

    /// Reads the JSON language (at most 1 MiB); relative paths in it are taken from the current folder.
    ///
    /// # Errors
    /// When it is not a policy; [`Error::origin`] names the place.
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self> {
        Self::parse(json.as_ref(), ptr::null())
    }

    /// As [`from_json`](Self::from_json); relative paths are taken from `base_dir`, which is absolute.
    ///
    /// # Errors
    /// As [`from_json`](Self::from_json).
    pub fn from_json_in(json: impl AsRef<[u8]>, base_dir: impl AsRef<Path>) -> Result<Self> {
        let folder = native::string(base_dir.as_ref(), "base_dir")?;
        Self::parse(json.as_ref(), folder.as_ptr())
    }

    fn parse(json: &[u8], folder: *const std::ffi::c_char) -> Result<Self> {
        let text = json.as_ptr().cast();
        // SAFETY: text with its length, and a string or NULL
        Self::take(made(|out, error| unsafe { sys::mxc_policy_parse(out, text, json.len(), folder, error) })?)
    }

    /// What both allow. The order does not matter; a deny stays one.
    ///
    /// # Errors
    /// [`ErrorKind::PolicyConflict`] when both say what to run, and differ.
    pub fn intersect(&self, other: &Self) -> Result<Self> {
        let (a, b) = (self.as_ptr(), other.as_ptr());
        // SAFETY: both policies live during the call
        Self::take(made(|out, error| unsafe { sys::mxc_policy_intersect(out, a, b, error) })?)
    }

    /// The canonical JSON: fixed order, defaults left out, absolute paths. Parsing it gives an equal policy.
    pub fn to_json(&self) -> &str {
        &self.0.json
    }

    pub(crate) fn as_ptr(&self) -> *const sys::mxc_policy {
        self.0.pointer.as_ptr()
    }

    /// Takes over what the library made.
    pub(crate) fn take(pointer: NonNull<sys::mxc_policy>) -> Result<Self> {
        let mut inner = Inner { pointer, json: String::new() };
        // SAFETY: the policy lives as long as `inner`
        inner.json = made_text(|out, error| unsafe { sys::mxc_policy_to_json(out, pointer.as_ptr(), error) })?;
        Ok(Self(Arc::new(inner)))
    }
}

impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        self.to_json() == other.to_json()
    }
}

impl Eq for Policy {}

impl std::hash::Hash for Policy {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.to_json().hash(state);
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Policy({})", self.to_json())
    }
}

impl std::str::FromStr for Policy {
    type Err = Error;

    /// As [`Policy::from_json`].
    fn from_str(json: &str) -> Result<Self> {
        Self::from_json(json)
    }
}

/// What may be given where a policy is asked for: a [`Policy`], the name of a preset or the path of a policy file (a
/// text that ends in `.json` or contains a `/`, a [`Path`]), a builder.
///
/// ```
/// let outcome = mxc::run(["echo", "hello"], "strict")?;
/// assert_eq!(outcome.stdout(), b"hello\n");
/// # Ok::<(), mxc::Error>(())
/// ```
pub trait ToPolicy {
    /// The policy that this stands for.
    ///
    /// # Errors
    /// When there is none.
    fn to_policy(&self) -> Result<Policy>;
}

impl<T: ToPolicy + ?Sized> ToPolicy for &T {
    fn to_policy(&self) -> Result<Policy> {
        (**self).to_policy()
    }
}

impl ToPolicy for Policy {
    fn to_policy(&self) -> Result<Policy> {
        Ok(self.clone())
    }
}

impl ToPolicy for PolicyBuilder {
    fn to_policy(&self) -> Result<Policy> {
        self.clone().build()
    }
}

impl ToPolicy for Path {
    fn to_policy(&self) -> Result<Policy> {
        Policy::load(self)
    }
}

impl ToPolicy for PathBuf {
    fn to_policy(&self) -> Result<Policy> {
        Policy::load(self)
    }
}

impl ToPolicy for String {
    fn to_policy(&self) -> Result<Policy> {
        self.as_str().to_policy()
    }
}

impl ToPolicy for str {
    fn to_policy(&self) -> Result<Policy> {
        if PRESETS.contains(&self) {
            return Policy::preset(self);
        }
        if self.contains('/') || Path::new(self).extension() == Some(OsStr::new("json")) {
            return Policy::load(self);
        }
        Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("{self:?} is neither a preset ({}) nor a path (ends in .json or contains a /)", PRESETS.join(", ")),
        )
        .with_hint("JSON text goes into Policy::from_json"))
    }
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| Error::of_system("the current folder", &error))
}
