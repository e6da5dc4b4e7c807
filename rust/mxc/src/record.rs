//! The parts of outcomes and of what is asked beforehand: plain data.
use crate::json::Value;
use crate::native;
use mxc_sys as sys;
use std::ffi::{CStr, OsStr};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

/// What a command can run into: `mxc_limit` of mxc.h, with the names that results print.
///
/// ```
/// let policy = mxc::Policy::builder().cpu_time("100ms").build()?;
/// let outcome = mxc::run(["sh", "-c", "while :; do :; done"], &policy)?;
/// assert_eq!(outcome.limit_hit(), Some(mxc::Limit::CpuTime));
/// assert_eq!(mxc::Limit::CpuTime.name(), "cpu_time");
/// # Ok::<(), mxc::Error>(())
/// ```
pub use mxc_sys::names::Limit;

/// Something the command tried and was not allowed to do.
///
/// ```
/// let outcome = mxc::run(["unshare", "-U", "true"], "strict")?;
/// let denied = &outcome.denials()[0];
/// assert_eq!((denied.what.as_str(), denied.mechanism.as_str()), ("unshare", "seccomp"));
/// # Ok::<(), mxc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(::serde::Serialize, ::serde::Deserialize))]
pub struct Denial {
    /// "syscall".
    pub kind: String,
    /// Such as "unshare".
    pub what: String,
    /// What denied it: "seccomp".
    pub mechanism: String,
    /// How often.
    pub count: u64,
    /// When first, after the start of the command.
    #[cfg_attr(feature = "serde", serde(rename = "firstMs", with = "crate::serde::milliseconds"))]
    pub first: Duration,
}

/// Something that a run has left in a writable folder and that a program of the host would trust.
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("mxc-doc-{}", std::process::id()));
/// # std::fs::create_dir(&folder).unwrap();
/// let policy = mxc::Policy::builder().write(&folder).build()?;
/// let outcome = mxc::run(["touch", folder.join(".bashrc").to_str().unwrap()], &policy)?;
/// assert_eq!(outcome.findings()[0].kind, "new_protected_name");
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), mxc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(::serde::Serialize, ::serde::Deserialize))]
pub struct Finding {
    /// "new_repository", "new_hook", "new_protected_name" or "incomplete".
    pub kind: String,
    /// Absolute path of the host.
    pub path: PathBuf,
}

/// How one item of the policy was, or would be, enforced.
///
/// ```
/// for line in mxc::run(["true"], "strict")?.receipt() {
///     println!("{}: {} ({})", line.item, line.rule, line.level);
/// }
/// # Ok::<(), mxc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(::serde::Serialize, ::serde::Deserialize))]
pub struct ReceiptItem {
    /// JSON pointer into the policy.
    pub item: String,
    /// The item in words.
    pub rule: String,
    /// What enforces it: "mount", "landlock", "cgroup memory", ...
    pub mechanism: Vec<String>,
    /// How strongly.
    pub level: Level,
    /// What else there is to say; "".
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "String::is_empty"))]
    pub note: String,
}

/// How strongly an item is enforced.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(::serde::Serialize, ::serde::Deserialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Level {
    /// The kernel refuses; there is no window.
    Kernel,
    /// The keeper watches and acts; between looking and acting there is a window.
    Supervisor,
    /// Not enforced; the note says why.
    None,
    /// A level that this version does not know.
    #[cfg_attr(feature = "serde", serde(untagged))]
    Other(String),
}

/// What this host can do: [`doctor`](crate::doctor).
///
/// ```
/// let host = mxc::doctor()?;
/// println!("landlock: {}", host.has("landlock"));
/// for feature in host.features.iter().filter(|feature| !feature.available) {
///     println!("{}: {} ({:?})", feature.name, feature.detail, feature.remedy);
/// }
/// # Ok::<(), mxc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Doctor {
    /// Everything that was looked at.
    pub features: Vec<Feature>,
    /// All of it as JSON (docs/hosts.md).
    pub json: String,
}

/// One thing that a host has or lacks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(::serde::Serialize, ::serde::Deserialize))]
pub struct Feature {
    /// Such as "landlock".
    pub name: String,
    /// Whether this host has it.
    pub available: bool,
    /// What was found.
    pub detail: String,
    /// What to do to have it.
    pub remedy: Option<String>,
}

impl Level {
    /// The word that receipts have.
    pub fn name(&self) -> &str {
        match self {
            Self::Kernel => "kernel",
            Self::Supervisor => "supervisor",
            Self::None => "none",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for Level {
    fn from(name: &str) -> Self {
        match name {
            "kernel" => Self::Kernel,
            "supervisor" => Self::Supervisor,
            "none" => Self::None,
            other => Self::Other(other.into()),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

impl Finding {
    /// `index` is below the count.
    pub(crate) fn of(result: *const sys::mxc_result, index: usize) -> Self {
        // SAFETY: neither text is null for such an index, and both live as long as the result
        let (kind, path) = unsafe {
            let path = CStr::from_ptr(sys::mxc_result_finding_path(result, index));
            (native::text(sys::mxc_result_finding_kind(result, index)), path)
        };
        Self { kind: kind.into(), path: OsStr::from_bytes(path.to_bytes()).into() }
    }
}

impl ReceiptItem {
    /// From the JSON array of a receipt.
    pub(crate) fn list(lines: &Value) -> Option<Vec<Self>> {
        lines.list()?.iter().map(Self::of).collect()
    }

    fn of(line: &Value) -> Option<Self> {
        let names = line.get("mechanism")?.list()?.iter();
        Some(Self {
            item: line.get("item")?.text()?.into(),
            rule: line.get("rule")?.text()?.into(),
            mechanism: names.map(|name| name.text().map(str::to_owned)).collect::<Option<_>>()?,
            level: line.get("level")?.text()?.into(),
            note: line.get("note").and_then(Value::text).unwrap_or_default().into(),
        })
    }
}

impl Doctor {
    /// Whether the host has a feature; false for a name that is not known.
    pub fn has(&self, name: &str) -> bool {
        self.features.iter().any(|feature| feature.name == name && feature.available)
    }

    pub(crate) fn of(found: &Value, json: String) -> Option<Self> {
        let features = found.get("features")?.list()?.iter().map(Feature::of).collect::<Option<_>>()?;
        Some(Self { features, json })
    }
}

impl Feature {
    fn of(found: &Value) -> Option<Self> {
        Some(Self {
            name: found.get("name")?.text()?.into(),
            available: found.get("available")?.truth()?,
            detail: found.get("detail").and_then(Value::text).unwrap_or_default().into(),
            remedy: found.get("remedy").and_then(Value::text).map(str::to_owned),
        })
    }
}
