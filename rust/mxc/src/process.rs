//! The library's process handle: who may use it, how it ends, and those that were let go.
use crate::error::Result;
use crate::native::Owner;
use mxc_sys as sys;
use std::mem;
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd};
use std::ptr::{self, NonNull};
use std::sync::Mutex;

pub struct Process {
    pointer: NonNull<sys::mxc_process>,
    owner: Owner,
}

// SAFETY: mxc.h: every function on a process is @threadsafe any but mxc_process_free, which Drop calls alone
unsafe impl Send for Process {}
// SAFETY: as above
unsafe impl Sync for Process {}

/// Commands that nobody waits for. Those that have ended are freed when the next one comes.
static DETACHED: Mutex<Vec<Process>> = Mutex::new(Vec::new());

impl Process {
    pub fn new(pointer: NonNull<sys::mxc_process>, owner: Owner) -> Self {
        Self { pointer, owner }
    }

    /// The handle for a call, unless a fork lies between.
    pub fn get(&self) -> Result<*mut sys::mxc_process> {
        self.owner.check("process")?;
        Ok(self.pointer.as_ptr())
    }

    /// Our ends of stdin, stdout and stderr; they are given away once.
    pub fn take_pipes(&self) -> [Option<OwnedFd>; 3] {
        let process = self.pointer.as_ptr();
        // SAFETY: the process lives as long as `self`
        let taken = unsafe {
            [
                sys::mxc_process_take_stdin(process),
                sys::mxc_process_take_stdout(process),
                sys::mxc_process_take_stderr(process),
            ]
        };
        // SAFETY: mxc.h: the caller owns them
        taken.map(|fd| (fd >= 0).then(|| unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    pub fn status_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: mxc.h: borrowed by the process, which lives as long as `self`
        unsafe { BorrowedFd::borrow_raw(sys::mxc_process_status_fd(self.pointer.as_ptr())) }
    }

    fn has_ended(&self) -> bool {
        let mut out = ptr::null_mut();
        // SAFETY: the process lives as long as `self`; a result that comes out is ours
        unsafe {
            let status = sys::mxc_process_wait(&raw mut out, self.pointer.as_ptr(), 0, ptr::null_mut());
            sys::mxc_result_free(out);
            status != sys::MXC_E_TIMEOUT
        }
    }

    /// Keeps it until it has ended by itself.
    pub fn detach(self) {
        // not lock(): in a forked child, a thread that does not exist there may hold it
        match DETACHED.try_lock() {
            Ok(mut others) => {
                others.retain(|other| !other.owner.is_here() || !other.has_ended());
                others.push(self);
            }
            Err(_) => mem::forget(self),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.owner.is_here() {
            // SAFETY: ours, and nobody is in a call on it
            unsafe { sys::mxc_process_free(self.pointer.as_ptr()) }
        }
    }
}
