//! The one error type, and what kinds there are.
use crate::native;
use crate::outcome::Outcome;
use mxc_sys as sys;
use std::fmt;

/// What calls of this crate give.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! kinds {
    ($(#[$about:meta])* $name:ident { $($(#[$each:meta])* $case:ident = $number:ident,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$each])* $case,)*
            /// A status that this version of the crate does not know.
            Unknown(i32),
        }

        impl $name {
            /// The number, `MXC_E_*` in mxc.h.
            pub fn number(self) -> i32 {
                match self {
                    $(Self::$case => sys::$number,)*
                    Self::Unknown(number) => number,
                }
            }
        }

        impl From<i32> for $name {
            fn from(number: i32) -> Self {
                match number {
                    $(sys::$number => Self::$case,)*
                    _ => Self::Unknown(number),
                }
            }
        }
    };
}

kinds! {
    /// What kind of error it is: the status of `mxc.h`.
    ///
    /// ```
    /// # use mxc::{ErrorKind, Policy};
    /// let error = Policy::from_json("{\"unknown\": 1}").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::PolicyInvalid);
    /// assert_eq!(error.kind().name(), "policy_invalid");
    /// ```
    ErrorKind {
        /// Out of memory.
        NoMemory = MXC_E_NO_MEMORY,
        /// The call itself was wrong.
        InvalidArgument = MXC_E_INVALID_ARGUMENT,
        /// The text of a policy is not strict JSON.
        PolicySyntax = MXC_E_POLICY_SYNTAX,
        /// An unknown field, a wrong type, a value out of range.
        PolicyInvalid = MXC_E_POLICY_INVALID,
        /// A contract version that this library does not read.
        PolicyVersion = MXC_E_POLICY_VERSION,
        /// Two policies, or two fields, cannot both hold.
        PolicyConflict = MXC_E_POLICY_CONFLICT,
        /// A path of the policy is missing, of the wrong kind, or forbidden.
        Path = MXC_E_PATH,
        /// This host or this version cannot enforce a rule; the hint has the remedy.
        Unsupported = MXC_E_UNSUPPORTED,
        /// Building the walls failed; nothing was started.
        Setup = MXC_E_SETUP,
        /// A wall was missing when it was checked before the start; nothing was started.
        Verify = MXC_E_VERIFY,
        /// The command does not exist inside.
        CommandNotFound = MXC_E_COMMAND_NOT_FOUND,
        /// It exists inside and cannot be executed.
        CommandNotExecutable = MXC_E_COMMAND_NOT_EXECUTABLE,
        /// There is no interpreter for the language, or the policy hides it.
        Interpreter = MXC_E_INTERPRETER,
        /// A wait with a limit ran out; the command goes on.
        Timeout = MXC_E_TIMEOUT,
        /// The sandbox has ended, or belongs to the parent of this (forked) process.
        Closed = MXC_E_CLOSED,
        /// A system call failed in this process; `errno` says which way.
        System = MXC_E_SYSTEM,
        /// A bug in mxc.
        Internal = MXC_E_INTERNAL,
        /// [`Outcome::check`]: the command itself failed. No status of the library.
        CommandFailed = MXC_OK,
    }
}

impl ErrorKind {
    /// The name in results and in the other languages, such as "policy_invalid"; "unknown" for an unknown number.
    pub fn name(self) -> &'static str {
        if self == Self::CommandFailed {
            return "command_failed";
        }
        sys::names::Status::from(self.number()).name()
    }
}

/// Something that mxc could not do. When a run gives it, nothing of the command ran.
///
/// What a command did (exit code, signal, timeout, limits) is no error: see [`Outcome`].
///
/// ```
/// # fn main() -> mxc::Result<()> {
/// let policy = mxc::Policy::builder().read("/nowhere/at/all").build()?;
/// let error = mxc::run(["true"], &policy).unwrap_err();
/// assert_eq!(error.kind(), mxc::ErrorKind::Path);
/// assert_eq!(error.origin(), "/filesystem/readonlyPaths/0");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Error(Box<Details>);

#[derive(Clone)]
struct Details {
    kind: ErrorKind,
    message: String,
    operation: String,
    origin: String,
    hint: String,
    errno: i32,
    outcome: Option<Outcome>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: String) -> Self {
        let (operation, origin, hint) = Default::default();
        Self(Box::new(Details { kind, message, operation, origin, hint, errno: 0, outcome: None }))
    }

    pub(crate) fn argument(message: String) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    pub(crate) fn with_hint(mut self, hint: &str) -> Self {
        self.0.hint = hint.into();
        self
    }

    pub(crate) fn of_system(operation: &str, error: &std::io::Error) -> Self {
        let mut found = Self::new(ErrorKind::System, format!("{operation}: {error}"));
        found.0.operation = operation.into();
        found.0.errno = error.raw_os_error().unwrap_or(0);
        found
    }

    pub(crate) fn of_command(outcome: &Outcome) -> Self {
        let mut found = Self::new(ErrorKind::CommandFailed, outcome.to_string());
        found.0.outcome = Some(outcome.clone());
        found
    }

    /// Takes over the error of a failed call.
    ///
    /// # Safety
    /// `error` is NULL or an error object that nobody else frees.
    pub(crate) unsafe fn taken(status: sys::mxc_status, error: *mut sys::mxc_error) -> Self {
        if error.is_null() {
            return Self::new(status.into(), "the library gave no details".into());
        }
        let mut found = Self::new(status.into(), native::text(sys::mxc_error_message(error)).into());
        found.0.operation = native::text(sys::mxc_error_operation(error)).into();
        found.0.origin = native::text(sys::mxc_error_origin(error)).into();
        found.0.hint = native::text(sys::mxc_error_hint(error)).into();
        found.0.errno = sys::mxc_error_errno(error);
        sys::mxc_error_free(error);
        found
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The number of the kind, `MXC_E_*` in mxc.h; 0 for [`ErrorKind::CommandFailed`].
    pub fn status(&self) -> i32 {
        self.0.kind.number()
    }

    /// What was wrong, one line.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What failed, such as "move_mount"; "" when there is nothing to name.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// JSON pointer into the policy; "" when it is not about one item.
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// What to do about it; "" when there is nothing to say.
    pub fn hint(&self) -> &str {
        &self.0.hint
    }

    /// errno of the operation; `None` when no system call was behind it.
    pub fn errno(&self) -> Option<i32> {
        Some(self.0.errno).filter(|number| *number != 0)
    }

    /// With [`ErrorKind::CommandFailed`]: everything the command did.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.0.outcome.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0.kind.name())?;
        if !self.origin().is_empty() {
            write!(out, " {}", self.origin())?;
        }
        write!(out, ": {}", self.message())?;
        if !self.hint().is_empty() {
            write!(out, " (hint: {})", self.hint())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = out.debug_struct("Error");
        shown.field("kind", &self.0.kind).field("message", &self.0.message);
        for (name, text) in [("operation", &self.0.operation), ("origin", &self.0.origin), ("hint", &self.0.hint)] {
            if !text.is_empty() {
                shown.field(name, text);
            }
        }
        if let Some(errno) = self.errno() {
            shown.field("errno", &errno);
        }
        shown.finish_non_exhaustive()
    }
}

impl std::error::Error for Error {}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        use std::io::ErrorKind as Io;
        let kind = match error.kind() {
            ErrorKind::CommandNotFound => Io::NotFound,
            ErrorKind::CommandNotExecutable => Io::PermissionDenied,
            ErrorKind::Timeout => Io::TimedOut,
            ErrorKind::NoMemory => Io::OutOfMemory,
            ErrorKind::Unsupported => Io::Unsupported,
            ErrorKind::Closed => Io::BrokenPipe,
            ErrorKind::InvalidArgument | ErrorKind::PolicyInvalid | ErrorKind::PolicySyntax => Io::InvalidInput,
            _ => Io::Other,
        };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_of_the_header_has_a_kind() {
        for status in sys::names::Status::ALL {
            let kind = ErrorKind::from(status.code());
            assert!(!matches!(kind, ErrorKind::Unknown(_)), "{status}");
            assert_eq!(kind.number(), status.code());
        }
        assert_eq!(ErrorKind::from(-900), ErrorKind::Unknown(-900));
        assert_eq!(ErrorKind::Unknown(-900).number(), -900);
        assert_eq!(ErrorKind::Unknown(-900).name(), "unknown");
    }

    #[test]
    fn text() {
        let mut error = Error::new(ErrorKind::Path, "/x does not exist".into()).with_hint("make it");
        assert_eq!(error.to_string(), "path: /x does not exist (hint: make it)");
        error.0.origin = "/filesystem/readonlyPaths/0".into();
        assert!(error.to_string().starts_with("path /filesystem/readonlyPaths/0: /x"));
        assert_eq!(error.errno(), None);
        let io = std::io::Error::from(error);
        assert!(io.to_string().contains("/x does not exist"));
    }
}
