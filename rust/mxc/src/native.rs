//! What all modules need of the C library: calls that give a `Result`, strings, and who may use a handle.
//!
//! Knows nothing of policies or processes.
use crate::error::{Error, ErrorKind, Result};
use mxc_sys as sys;
use std::ffi::{c_char, CStr, CString, OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::ptr::{self, NonNull};

/// Calls a function whose last argument is `mxc_error **err`.
pub fn call(act: impl FnOnce(*mut *mut sys::mxc_error) -> sys::mxc_status) -> Result<()> {
    let mut error = ptr::null_mut();
    match act(&raw mut error) {
        sys::MXC_OK => Ok(()),
        // SAFETY: the library has set `error` to an object of ours, or left it NULL
        status => Err(unsafe { Error::taken(status, error) }),
    }
}

/// The same for one whose first argument is `T **out`; gives what it made.
pub fn made<T>(act: impl FnOnce(*mut *mut T, *mut *mut sys::mxc_error) -> sys::mxc_status) -> Result<NonNull<T>> {
    let mut out = ptr::null_mut();
    call(|error| act(&raw mut out, error))?;
    NonNull::new(out).ok_or_else(|| Error::new(ErrorKind::Internal, "the library gave nothing".into()))
}

/// The same for one that makes a string.
pub fn made_text(act: impl FnOnce(*mut *mut c_char, *mut *mut sys::mxc_error) -> sys::mxc_status) -> Result<String> {
    let pointer = made(act)?.as_ptr();
    // SAFETY: a string of the library that is ours now; freed once, after it was copied
    unsafe {
        let text = text(pointer).to_owned();
        sys::mxc_string_free(pointer);
        Ok(text)
    }
}

/// A string of the library; "" for NULL and for what is not UTF-8, which it never gives.
///
/// # Safety
/// `pointer` is NULL or a string that lives as long as `'a`.
pub unsafe fn text<'a>(pointer: *const c_char) -> &'a str {
    if pointer.is_null() {
        return "";
    }
    CStr::from_ptr(pointer).to_str().unwrap_or_default()
}

/// A string on its way in; `what` names the argument when it has a NUL.
pub fn string(value: impl AsRef<OsStr>, what: &str) -> Result<CString> {
    CString::new(value.as_ref().as_bytes()).map_err(|_| Error::argument(format!("{what} contains a NUL character")))
}

/// "NAME=VALUE".
pub fn variable(name: &OsStr, value: &OsStr) -> Result<OsString> {
    if name.is_empty() || name.as_bytes().contains(&b'=') {
        return Err(Error::argument(format!("env: {name:?} is no name of a variable")));
    }
    Ok([name, OsStr::new("="), value].into_iter().collect())
}

/// A NULL-terminated `char *[]` and what it points to.
#[derive(Default)]
pub struct Strings {
    pointers: Vec<*const c_char>,
    _kept: Vec<CString>,
}

impl Strings {
    pub fn new<S: AsRef<OsStr>>(items: impl IntoIterator<Item = S>, what: &str) -> Result<Self> {
        let kept = items.into_iter().map(|item| string(item, what)).collect::<Result<Vec<_>>>()?;
        let pointers = kept.iter().map(|item| item.as_ptr()).chain([ptr::null()]).collect();
        Ok(Self { pointers, _kept: kept })
    }

    /// NULL when there is none.
    pub fn or_null(&self) -> *const *const c_char {
        if self.pointers.len() < 2 {
            return ptr::null();
        }
        self.pointers.as_ptr()
    }

    pub fn as_ptr(&self) -> *const *const c_char {
        self.pointers.as_ptr()
    }
}

/// The process that made a handle. A forked child has no part in its parent's handles: calls on them fail there, and
/// they are never freed there, because freeing would end what the parent is still using.
#[derive(Clone, Copy)]
pub struct Owner(u32);

impl Owner {
    pub fn this_process() -> Self {
        Self(std::process::id())
    }

    pub fn is_here(self) -> bool {
        self.0 == std::process::id()
    }

    pub fn check(self, what: &str) -> Result<()> {
        if self.is_here() {
            return Ok(());
        }
        let message = format!("this {what} belongs to the parent process");
        Err(Error::new(ErrorKind::Closed, message).with_hint("open one of its own in a forked child"))
    }
}
