//! Writing to and reading from the pipes of one command at the same time, in one thread.
use crate::pipe::{ChildStderr, ChildStdin, ChildStdout};
use crate::poll::{self, Entry};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;

/// A write of so much to a pipe that is ready does not block.
const PIPE_BUF: usize = 4096;

/// What came through a pipe; `None` where there was none.
type Came = (Option<Vec<u8>>, Option<Vec<u8>>);
type Pipes = (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>);

/// Moves bytes until all pipes have ended.
pub fn exchange(input: &[u8], pipes: Pipes) -> io::Result<Came> {
    let (stdin, mut stdout, mut stderr) = pipes;
    let mut stdin = stdin.filter(|_| !input.is_empty());
    let mut unsent = input;
    let mut out = stdout.as_ref().map(|_| Vec::new());
    let mut err = stderr.as_ref().map(|_| Vec::new());
    while stdin.is_some() || stdout.is_some() || stderr.is_some() {
        let mut entries = [
            Entry::new(stdin.as_ref().map(AsFd::as_fd), poll::WRITE),
            Entry::new(stdout.as_ref().map(AsFd::as_fd), poll::READ),
            Entry::new(stderr.as_ref().map(AsFd::as_fd), poll::READ),
        ];
        poll::wait(&mut entries, -1)?;
        if entries[0].is_ready() && !send(&mut stdin, &mut unsent)? {
            stdin = None;
        }
        if entries[1].is_ready() && !receive(&mut stdout, &mut out)? {
            stdout = None;
        }
        if entries[2].is_ready() && !receive(&mut stderr, &mut err)? {
            stderr = None;
        }
    }
    Ok((out, err))
}

/// False when there is nothing more to send, or nobody who reads it.
fn send(stdin: &mut Option<ChildStdin>, unsent: &mut &[u8]) -> io::Result<bool> {
    let Some(pipe) = stdin else { return Ok(false) };
    match pipe.write(&unsent[..unsent.len().min(PIPE_BUF)]) {
        Ok(sent) => *unsent = &unsent[sent..],
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(false),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
        Err(error) => return Err(error),
    }
    Ok(!unsent.is_empty())
}

/// False at the end of the file.
fn receive<R: Read>(pipe: &mut Option<R>, into: &mut Option<Vec<u8>>) -> io::Result<bool> {
    let (Some(pipe), Some(into)) = (pipe, into) else {
        return Ok(false);
    };
    let mut chunk = [0; 65536];
    match pipe.read(&mut chunk) {
        Ok(count) => {
            into.extend_from_slice(&chunk[..count]);
            Ok(count > 0)
        }
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(true),
        Err(error) => Err(error),
    }
}
