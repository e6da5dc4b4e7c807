//! What to run: [`Command`] and [`Code`], with the words of [`std::process::Command`].
use crate::child::Child;
use crate::error::Result;
use crate::outcome::Outcome;
use crate::policy::ToPolicy;
use crate::sandbox;
use crate::units::Span;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A command, and how to start it. The same one may be started any number of times, in any sandbox.
///
/// Where a command is asked for, a list of arguments or a [`Code`] will do.
///
/// ```
/// use mxc::Command;
/// let outcome = Command::new("sort").arg("-r").input("a\nb\n").run("strict")?;
/// assert_eq!(outcome.stdout_text(), "b\na\n");
/// # Ok::<(), mxc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Command {
    pub(crate) what: What,
    pub(crate) cwd: Option<PathBuf>,
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) input: Option<Vec<u8>>,
    pub(crate) timeout: Option<Span>,
    pub(crate) grace: Option<Span>,
    pub(crate) stdin: Stdio,
    pub(crate) stdout: Stdio,
    pub(crate) stderr: Stdio,
    pub(crate) runtime: Vec<PathBuf>,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Arguments(Vec<OsString>),
    Code(Code),
    /// what the policy's process section says
    OfPolicy,
}

/// Source text for an interpreter.
///
/// ```
/// use mxc::Code;
/// assert_eq!(mxc::run(Code::python("print(6*7)"), "strict")?.stdout_text(), "42\n");
/// assert_eq!(mxc::run(Code::bash("echo $((6*7))"), "strict")?.stdout_text(), "42\n");
/// # Ok::<(), mxc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Code {
    pub(crate) language: String,
    pub(crate) source: String,
    pub(crate) interpreter: Option<PathBuf>,
}

impl Code {
    /// Source text (at most 4 MiB) in "python", "bash" or "node".
    pub fn new(language: impl Into<String>, source: impl Into<String>) -> Self {
        Self { language: language.into(), source: source.into(), interpreter: None }
    }

    /// Python source.
    pub fn python(source: impl Into<String>) -> Self {
        Self::new("python", source)
    }

    /// Bash source.
    pub fn bash(source: impl Into<String>) -> Self {
        Self::new("bash", source)
    }

    /// JavaScript source for Node.js.
    pub fn node(source: impl Into<String>) -> Self {
        Self::new("node", source)
    }

    /// The host's path of the interpreter, absolute. Default: looked up in this program's `PATH`, and its installation
    /// (or virtual environment) is readable inside.
    #[must_use]
    pub fn interpreter(mut self, path: impl Into<PathBuf>) -> Self {
        self.interpreter = Some(path.into());
        self
    }
}

/// What a standard stream of a command is.
///
/// Descriptors and files are given with `into()`; the command gets a duplicate.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mxc::{Command, Stdio};
/// let words = std::fs::File::open("/etc/hostname")?;
/// let outcome = Command::new("cat").stdin(words).stderr(Stdio::null()).run("strict")?;
/// assert!(outcome.ok());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stdio(pub(crate) Stream);

#[derive(Clone, Debug, Default)]
pub(crate) enum Stream {
    #[default]
    Default,
    Pipe,
    Null,
    Descriptor(Arc<OwnedFd>),
}

impl Stdio {
    /// The default. stdin: [`Command::input`], or nothing; stdout and stderr: captured, bounded, in the [`Outcome`].
    pub fn captured() -> Self {
        Self(Stream::Default)
    }

    /// A pipe whose other end is in the [`Child`].
    pub fn piped() -> Self {
        Self(Stream::Pipe)
    }

    /// Nothing: reads end at once, writes vanish.
    pub fn null() -> Self {
        Self(Stream::Null)
    }
}

impl<T: Into<OwnedFd>> From<T> for Stdio {
    fn from(descriptor: T) -> Self {
        Self(Stream::Descriptor(Arc::new(descriptor.into())))
    }
}

impl Command {
    /// A program, without arguments yet; looked up in `PATH` inside, no shell.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self::of(What::Arguments(vec![program.as_ref().into()]))
    }

    /// The command that the policy's process section names.
    pub fn of_policy() -> Self {
        Self::of(What::OfPolicy)
    }

    fn of(what: What) -> Self {
        let (cwd, env, input, timeout, grace, runtime) = Default::default();
        let (stdin, stdout, stderr) = Default::default();
        Self { what, cwd, env, input, timeout, grace, stdin, stdout, stderr, runtime }
    }

    /// Adds an argument. Nothing happens to a [`Code`], which has none.
    pub fn arg(&mut self, argument: impl AsRef<OsStr>) -> &mut Self {
        if let What::Arguments(list) = &mut self.what {
            list.push(argument.as_ref().into());
        }
        self
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(&mut self, arguments: impl IntoIterator<Item = S>) -> &mut Self {
        for argument in arguments {
            self.arg(argument);
        }
        self
    }

    /// A variable, on top of the policy's. This program's own are never passed.
    pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.env.push((name.as_ref().into(), value.as_ref().into()));
        self
    }

    /// Variables, on top of the policy's.
    pub fn envs<K: AsRef<OsStr>, V: AsRef<OsStr>>(&mut self, all: impl IntoIterator<Item = (K, V)>) -> &mut Self {
        for (name, value) in all {
            self.env(name, value);
        }
        self
    }

    /// The folder inside in which it starts, absolute. Default: the policy's, else the first writable path, else /tmp.
    #[doc(alias = "current_dir")]
    pub fn cwd(&mut self, folder: impl AsRef<Path>) -> &mut Self {
        self.cwd = Some(folder.as_ref().into());
        self
    }

    /// What it reads from stdin. Not together with [`stdin`](Self::stdin).
    pub fn input(&mut self, input: impl Into<Vec<u8>>) -> &mut Self {
        self.input = Some(input.into());
        self
    }

    /// Wall-clock time after which it is ended; the smaller of this and the policy's holds.
    pub fn timeout(&mut self, most: impl Into<Span>) -> &mut Self {
        self.timeout = Some(most.into());
        self
    }

    /// Between SIGTERM and SIGKILL at the deadline; at least 1 ms, default 1 s.
    pub fn grace(&mut self, grace: impl Into<Span>) -> &mut Self {
        self.grace = Some(grace.into());
        self
    }

    /// Where stdin comes from.
    pub fn stdin(&mut self, stream: impl Into<Stdio>) -> &mut Self {
        self.stdin = stream.into();
        self
    }

    /// Where stdout goes.
    pub fn stdout(&mut self, stream: impl Into<Stdio>) -> &mut Self {
        self.stdout = stream.into();
        self
    }

    /// Where stderr goes.
    pub fn stderr(&mut self, stream: impl Into<Stdio>) -> &mut Self {
        self.stderr = stream.into();
        self
    }

    /// A host folder or file that the program needs as its installation, absolute; readable inside unless the policy
    /// denies it. For a sandbox of its own; an open one takes them when it is opened.
    pub fn runtime(&mut self, path: impl AsRef<Path>) -> &mut Self {
        self.runtime.push(path.as_ref().into());
        self
    }

    /// Runs it in a sandbox of its own and waits: [`mxc::run`](crate::run).
    ///
    /// # Errors
    /// When nothing of it ran.
    pub fn run(&self, policy: impl ToPolicy) -> Result<Outcome> {
        sandbox::run_command(self, &policy.to_policy()?)
    }

    /// Starts it in a sandbox of its own and returns at once: [`mxc::spawn`](crate::spawn).
    ///
    /// # Errors
    /// When the sandbox could not be started. What is found out later, such as a command that does not exist inside,
    /// is the error of [`Child::wait`].
    pub fn spawn(&self, policy: impl ToPolicy) -> Result<Child> {
        sandbox::spawn_command(self, &policy.to_policy()?)
    }
}

impl From<Code> for Command {
    fn from(code: Code) -> Self {
        Self::of(What::Code(code))
    }
}

impl From<&Command> for Command {
    fn from(command: &Command) -> Self {
        command.clone()
    }
}

impl From<&mut Command> for Command {
    fn from(command: &mut Command) -> Self {
        command.clone()
    }
}

impl<S: AsRef<OsStr>> From<&[S]> for Command {
    fn from(arguments: &[S]) -> Self {
        Self::of(What::Arguments(arguments.iter().map(|item| item.as_ref().into()).collect()))
    }
}

impl<S: AsRef<OsStr>, const N: usize> From<[S; N]> for Command {
    fn from(arguments: [S; N]) -> Self {
        arguments.as_slice().into()
    }
}

impl<S: AsRef<OsStr>, const N: usize> From<&[S; N]> for Command {
    fn from(arguments: &[S; N]) -> Self {
        arguments.as_slice().into()
    }
}

impl<S: AsRef<OsStr>> From<Vec<S>> for Command {
    fn from(arguments: Vec<S>) -> Self {
        arguments.as_slice().into()
    }
}
