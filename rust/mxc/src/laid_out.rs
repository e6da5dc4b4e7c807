//! A [`Command`] as the structs of `mxc.h`. Everything they point to lives as long as the object.
use crate::command::{Command, Stream, What};
use crate::error::{Error, Result};
use crate::native::{self, Strings};
use mxc_sys as sys;
use std::ffi::{c_char, CString};
use std::marker::PhantomData;
use std::mem;
use std::os::fd::AsRawFd;
use std::path::PathBuf;

/// An `mxc_command` and what it points to, but for the input, which stays with the [`Command`].
pub struct LaidOut<'a> {
    raw: sys::mxc_command,
    kept: Vec<CString>,
    arguments: Strings,
    variables: Strings,
    _command: PhantomData<&'a Command>,
}

impl<'a> LaidOut<'a> {
    pub fn new(command: &'a Command) -> Result<Self> {
        // SAFETY: zero is the default of every field
        let mut raw: sys::mxc_command = unsafe { mem::zeroed() };
        raw.struct_size = mem::size_of::<sys::mxc_command>();
        let (kept, arguments, variables) = Default::default();
        let mut laid = Self { raw, kept, arguments, variables, _command: PhantomData };
        laid.what(&command.what)?;
        laid.surroundings(command)?;
        laid.streams(command)?;
        Ok(laid)
    }

    pub fn as_ptr(&self) -> *const sys::mxc_command {
        &raw const self.raw
    }

    fn keep(&mut self, string: CString) -> *const c_char {
        self.kept.push(string);
        self.kept[self.kept.len() - 1].as_ptr()
    }

    fn what(&mut self, what: &What) -> Result<()> {
        match what {
            What::OfPolicy => {}
            What::Arguments(list) => {
                self.arguments = Strings::new(list, "an argument")?;
                self.raw.argv = self.arguments.as_ptr();
            }
            What::Code(code) => {
                self.raw.code = self.keep(native::string(&code.source, "code")?);
                self.raw.code_length = code.source.len();
                self.raw.language = self.keep(native::string(&code.language, "language")?);
                if let Some(path) = &code.interpreter {
                    self.raw.interpreter = self.keep(native::string(path, "interpreter")?);
                }
            }
        }
        Ok(())
    }

    fn surroundings(&mut self, command: &Command) -> Result<()> {
        if !command.env.is_empty() {
            let entries = command.env.iter().map(|(name, value)| native::variable(name, value));
            self.variables = Strings::new(entries.collect::<Result<Vec<_>>>()?, "env")?;
            self.raw.env = self.variables.as_ptr();
        }
        if let Some(cwd) = &command.cwd {
            self.raw.cwd = self.keep(native::string(cwd, "cwd")?);
        }
        if let Some(timeout) = &command.timeout {
            self.raw.timeout_ms = timeout.clone().deadline("timeout")?;
        }
        if let Some(grace) = &command.grace {
            // 0 is the default to the library
            self.raw.grace_ms = grace.clone().milliseconds("grace")?.max(1);
        }
        Ok(())
    }

    fn streams(&mut self, command: &Command) -> Result<()> {
        let raw = &mut self.raw;
        (raw.stdin_mode, raw.stdin_fd) = mode_of(&command.stdin.0);
        (raw.stdout_mode, raw.stdout_fd) = mode_of(&command.stdout.0);
        (raw.stderr_mode, raw.stderr_fd) = mode_of(&command.stderr.0);
        if let Some(input) = &command.input {
            if raw.stdin_mode != sys::MXC_STDIO_DEFAULT {
                return Err(Error::argument("input and stdin cannot both be given".into())
                    .with_hint("with a pipe write to Child::stdin, or use Child::communicate"));
            }
            raw.input = input.as_ptr().cast();
            raw.input_length = input.len();
        }
        Ok(())
    }
}

fn mode_of(stream: &Stream) -> (sys::mxc_stdio, i32) {
    match stream {
        Stream::Default => (sys::MXC_STDIO_DEFAULT, -1),
        Stream::Pipe => (sys::MXC_STDIO_PIPE, -1),
        Stream::Null => (sys::MXC_STDIO_NULL, -1),
        Stream::Descriptor(fd) => (sys::MXC_STDIO_FD, fd.as_raw_fd()),
    }
}

/// An `mxc_sandbox_options` and what it points to.
pub struct Options {
    raw: sys::mxc_sandbox_options,
    _paths: Strings,
}

impl Options {
    pub fn new(runtime: &[PathBuf]) -> Result<Self> {
        let paths = Strings::new(runtime, "a runtime path")?;
        let struct_size = mem::size_of::<sys::mxc_sandbox_options>();
        let raw = sys::mxc_sandbox_options { struct_size, runtime_paths: paths.or_null(), languages: std::ptr::null() };
        Ok(Self { raw, _paths: paths })
    }

    /// An open sandbox does not know yet which language it will be given.
    pub fn of_sandbox(runtime: &[PathBuf]) -> Result<Self> {
        struct Languages([*const std::ffi::c_char; 4]);
        // SAFETY: it points to text that is never written
        unsafe impl Sync for Languages {}
        static LANGUAGES: Languages =
            Languages([c"python".as_ptr(), c"bash".as_ptr(), c"node".as_ptr(), std::ptr::null()]);
        let mut options = Self::new(runtime)?;
        options.raw.languages = LANGUAGES.0.as_ptr();
        Ok(options)
    }

    pub fn as_ptr(&self) -> *const sys::mxc_sandbox_options {
        &raw const self.raw
    }
}
