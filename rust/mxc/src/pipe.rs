//! Our ends of a command's pipes, as [`std::process`] has them.
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

macro_rules! pipe {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Debug)]
        pub struct $name(File);

        impl From<OwnedFd> for $name {
            fn from(fd: OwnedFd) -> Self {
                Self(fd.into())
            }
        }

        impl From<$name> for OwnedFd {
            fn from(pipe: $name) -> Self {
                pipe.0.into()
            }
        }

        impl AsFd for $name {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.0.as_fd()
            }
        }

        impl AsRawFd for $name {
            fn as_raw_fd(&self) -> RawFd {
                self.0.as_raw_fd()
            }
        }
    };
}

pipe! {
    /// The write end of a command's stdin. Dropping it is the end of the input.
    ChildStdin
}
pipe! {
    /// The read end of a command's stdout.
    ChildStdout
}
pipe! {
    /// The read end of a command's stderr.
    ChildStderr
}

impl Write for ChildStdin {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.write_vectored(parts)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

macro_rules! readable {
    ($($name:ident)*) => {$(
        impl Read for $name {
            fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
                self.0.read(bytes)
            }

            fn read_vectored(&mut self, parts: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                self.0.read_vectored(parts)
            }
        }
    )*};
}
readable!(ChildStdout ChildStderr);
