//! Running commands: waiting, pipes, signals, dropping, letting go.
mod common;
use common::{Ground, Marker};
use mxc::{Code, Command, ErrorKind, Sandbox, Stdio};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

#[test]
fn waiting() {
    let ground = Ground::new();
    let child = mxc::spawn(["sleep", "60"], &ground.policy).unwrap();
    assert!(child.try_wait().unwrap().is_none());
    assert_eq!(child.returncode().unwrap(), None);
    let late = child.wait_timeout(Duration::from_millis(50)).unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Timeout);
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    assert_eq!(child.returncode().unwrap(), Some(-9));
    child.kill().unwrap();
    child.terminate().unwrap();
    child.stop(Duration::ZERO).unwrap();
}

#[test]
fn an_error_that_is_found_later() {
    let ground = Ground::new();
    let child = mxc::spawn(["no-such-command"], &ground.policy).unwrap();
    for _ in 0..2 {
        assert_eq!(child.wait().unwrap_err().kind(), ErrorKind::CommandNotFound);
    }
}

#[test]
fn communicate() {
    let ground = Ground::new();
    let mut command = Command::from(Code::bash("cat; echo done >&2"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let text = "line\n".repeat(200_000);
    let mut child = command.spawn(&ground.policy).unwrap();
    let output = child.communicate(text.as_bytes()).unwrap();
    assert!(output.outcome.ok());
    assert_eq!(output.stdout.len(), text.len());
    assert_eq!(output.stderr, b"done\n");
    assert_eq!(child.communicate(b"again").unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn input_that_nobody_reads() {
    let ground = Ground::new();
    let mut child = Command::new("true").stdin(Stdio::piped()).spawn(&ground.policy).unwrap();
    assert!(child.communicate(&vec![0; 1 << 20]).unwrap().outcome.ok());
}

#[test]
fn a_dialogue() {
    let ground = Ground::new();
    let code = "while read -r word; do echo \"got $word\"; done; echo end";
    let mut command = Command::from(Code::bash(code));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn(&ground.policy).unwrap();
    let (mut to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut from = BufReader::new(from);
    for word in ["one", "two"] {
        writeln!(to, "{word}").unwrap();
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        assert_eq!(line, format!("got {word}\n"));
    }
    drop(to);
    let mut rest = String::new();
    from.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "end\n");
    assert!(child.wait().unwrap().ok());
}

#[test]
fn signals() {
    let ground = Ground::new();
    let mut command = Command::from(Code::bash("trap 'echo usr1; exit 5' USR1; echo up; while :; do sleep 0.01; done"));
    let mut child = command.stdout(Stdio::piped()).spawn(&ground.policy).unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    child.send_signal(10).unwrap();
    assert_eq!(child.wait().unwrap().exit_code(), Some(5));
    for wrong in [0, -1, 65] {
        assert_eq!(child.send_signal(wrong).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    let child = mxc::spawn(Code::bash("trap '' TERM; while :; do sleep 0.01; done"), &ground.policy).unwrap();
    let began = Instant::now();
    child.stop(Duration::from_millis(200)).unwrap();
    assert!(child.wait().unwrap().signal().is_some());
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn dropping_ends_everything() {
    let (ground, marker) = (Ground::new(), Marker::new());
    let code = format!("sleep {0} & sleep {0} & wait", marker.0);
    let child = mxc::spawn(Code::bash(code), &ground.policy).unwrap();
    assert!(marker.becomes(2));
    drop(child);
    // it has waited for the end
    assert_eq!(marker.count(), 0);
}

#[test]
fn a_detached_command_goes_on() {
    let ground = Ground::new();
    let note = ground.path("note");
    let command = ["sh", "-c", "sleep 0.3; echo written > note"];
    mxc::spawn(command, &ground.policy).unwrap().detach();
    assert!(common::eventually(|| std::fs::read_to_string(&note).is_ok_and(|text| text == "written\n")));
    let before = common::descriptors();
    for _ in 0..5 {
        let child = mxc::spawn(["true"], &ground.policy).unwrap();
        child.wait().unwrap();
        child.detach();
    }
    // those that have ended are freed when the next one comes
    assert!(common::descriptors() <= before + 16, "{before} became {}", common::descriptors());
}

#[test]
fn a_detached_command_ends_with_its_sandbox() {
    let (ground, marker) = (Ground::new(), Marker::new());
    let sandbox = Sandbox::open(&ground.policy).unwrap();
    sandbox.spawn(["sleep", &marker.0]).unwrap().detach();
    assert!(marker.becomes(1));
    drop(sandbox);
    assert!(marker.becomes(0));
}

#[test]
fn descriptors_are_std_ones() {
    let ground = Ground::new();
    let mut first = Command::new("echo").arg("from one").stdout(Stdio::piped()).spawn(&ground.policy).unwrap();
    let between = first.stdout.take().unwrap();
    let outcome = Command::new("tr").args(["a-z", "A-Z"]).stdin(between).run(&ground.policy).unwrap();
    assert_eq!(outcome.stdout_text(), "FROM ONE\n");
    assert!(first.as_raw_fd() >= 0 && first.as_fd().as_raw_fd() == first.status_fd().as_raw_fd());
    let child = Command::new("cat").stdin(Stdio::piped()).spawn(&ground.policy).unwrap();
    let owned: OwnedFd = child.stdin.unwrap().into();
    drop(owned);
}
