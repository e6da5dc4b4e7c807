//! poll(2), declared here so that the crate needs no other one.
use std::ffi::{c_int, c_short, c_ulong};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

pub const READ: c_short = 0x1;
pub const WRITE: c_short = 0x4;

/// `struct pollfd`; a descriptor of -1 is left out.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Entry {
    fd: c_int,
    events: c_short,
    revents: c_short,
}

unsafe extern "C" {
    fn poll(entries: *mut Entry, count: c_ulong, timeout_ms: c_int) -> c_int;
}

impl Entry {
    pub fn new(fd: Option<BorrowedFd<'_>>, events: c_short) -> Self {
        Self { fd: fd.map_or(-1, |fd| fd.as_raw_fd()), events, revents: 0 }
    }

    /// Something is to be done: bytes, room, end of file or an error.
    pub fn is_ready(self) -> bool {
        self.revents != 0
    }
}

/// Waits until one of them is ready; without a limit when `timeout_ms` is negative.
pub fn wait(entries: &mut [Entry], timeout_ms: c_int) -> io::Result<()> {
    loop {
        // SAFETY: as many entries as said, ours during the call
        if unsafe { poll(entries.as_mut_ptr(), entries.len() as c_ulong, timeout_ms) } >= 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Whether a descriptor is readable now.
pub fn is_readable(fd: BorrowedFd<'_>) -> bool {
    let mut entry = [Entry::new(Some(fd), READ)];
    wait(&mut entry, 0).is_ok() && entry[0].is_ready()
}
