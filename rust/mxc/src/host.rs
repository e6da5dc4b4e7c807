//! Looking before running: what this host can do, and what a policy will come to here.
use crate::error::{Error, ErrorKind, Result};
use crate::json;
use crate::laid_out::Options;
use crate::native::{made_text, text};
use crate::policy::ToPolicy;
use crate::record::{Doctor, ReceiptItem};
use mxc_sys as sys;

/// The version of the library, "major.minor.patch".
pub fn version() -> &'static str {
    // SAFETY: a static string
    unsafe { text(sys::mxc_version()) }
}

/// The JSON Schema of the policy language.
pub fn schema() -> &'static str {
    // SAFETY: a static string
    unsafe { text(sys::mxc_policy_schema()) }
}

/// What this host can do. Starts nothing.
///
/// # Errors
/// When this process ran out of something.
pub fn doctor() -> Result<Doctor> {
    // SAFETY: no arguments but the places for what comes out
    let found = made_text(|out, error| unsafe { sys::mxc_probe(out, error) })?;
    json::parse(&found).and_then(|value| Doctor::of(&value, found)).ok_or_else(unreadable)
}

/// The receipt beforehand: for every item of the policy, what would enforce it here.
///
/// ```
/// let lines = mxc::explain("strict")?;
/// assert!(lines.iter().any(|line| line.item == "/network/egress/default"));
/// # Ok::<(), mxc::Error>(())
/// ```
///
/// # Errors
/// Fails as a start would.
pub fn explain(policy: impl ToPolicy) -> Result<Vec<ReceiptItem>> {
    let (policy, options) = (policy.to_policy()?, Options::new(&[])?);
    // SAFETY: both live during the call
    let found = made_text(|out, error| unsafe { sys::mxc_explain(out, policy.as_ptr(), options.as_ptr(), error) })?;
    json::parse(&found).and_then(|lines| ReceiptItem::list(&lines)).ok_or_else(unreadable)
}

/// The plan: one operation a line, each with the item of the policy that it serves.
///
/// # Errors
/// Fails as a start would.
pub fn plan(policy: impl ToPolicy) -> Result<String> {
    let (policy, options) = (policy.to_policy()?, Options::new(&[])?);
    // SAFETY: both live during the call
    made_text(|out, error| unsafe { sys::mxc_plan_text(out, policy.as_ptr(), options.as_ptr(), error) })
}

fn unreadable() -> Error {
    Error::new(ErrorKind::Internal, "the library printed JSON that this crate does not understand".into())
}
