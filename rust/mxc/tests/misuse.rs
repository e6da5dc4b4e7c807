//! Threads, forks, ends in the wrong order: an error of the crate or nothing, never a crash, never something left over.
mod common;
use common::{Ground, Marker};
use mxc::{Child, Command, Error, ErrorKind, Outcome, Policy, Sandbox, Stdio};
use std::io::{Read, Write};
use std::process::{self, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs, panic, thread};

#[test]
fn handles_may_go_to_other_threads() {
    fn check<T: Send + Sync + 'static>() {}
    check::<Policy>();
    check::<Command>();
    check::<Sandbox>();
    check::<Child>();
    check::<Outcome>();
    check::<Error>();
    let ground = Ground::new();
    let sandbox = Sandbox::open(&ground.policy).unwrap();
    let child = sandbox.spawn(["cat"]).unwrap();
    let outcome = thread::spawn(move || (child.wait().unwrap(), sandbox.run(["true"]).unwrap())).join().unwrap();
    assert!(outcome.0.ok() && outcome.1.ok());
}

#[test]
fn a_kill_from_another_thread_while_several_wait() {
    let ground = Ground::new();
    let child = Arc::new(mxc::spawn(["sleep", "60"], &ground.policy).unwrap());
    let waiting: Vec<_> = (0..4).map(|_| Arc::clone(&child)).map(|child| thread::spawn(move || child.wait())).collect();
    thread::sleep(Duration::from_millis(200));
    let killers: Vec<_> = (0..4).map(|_| Arc::clone(&child)).map(|child| thread::spawn(move || child.kill())).collect();
    for killer in killers {
        killer.join().unwrap().unwrap();
    }
    for waiter in waiting {
        assert_eq!(waiter.join().unwrap().unwrap().signal(), Some(9));
    }
}

#[test]
fn use_and_kill_race() {
    let ground = Ground::new();
    for _ in 0..3 {
        let sandbox = Sandbox::open(&ground.policy).unwrap();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| loop {
                    match sandbox.run(["true"]) {
                        Ok(outcome) => assert!(outcome.ok() || outcome.signal() == Some(9), "{outcome}"),
                        Err(error) => return assert_eq!(error.kind(), ErrorKind::Closed, "{error}"),
                    }
                });
            }
            thread::sleep(Duration::from_millis(100));
            sandbox.kill().unwrap();
        });
    }
}

#[test]
fn one_shots_in_threads() {
    let ground = Ground::new();
    thread::scope(|scope| {
        for number in 0..8 {
            let policy = &ground.policy;
            scope.spawn(move || {
                let outcome = mxc::run(["echo", &number.to_string()], policy).unwrap();
                assert_eq!(outcome.stdout_text(), format!("{number}\n"));
            });
        }
    });
}

#[test]
fn a_panic_while_a_command_runs() {
    let (ground, marker) = (Ground::new(), Marker::new());
    let policy = ground.policy.clone();
    let name = marker.0.clone();
    let started = AtomicBool::new(false);
    let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        let _child = mxc::spawn(["sleep", &name], policy).unwrap();
        started.store(marker.becomes(1), Ordering::Relaxed);
        panic::resume_unwind(Box::new("on purpose"));
    }));
    assert!(caught.is_err() && started.into_inner());
    assert_eq!(marker.count(), 0);
}

#[test]
fn what_is_open_is_closed() {
    // alone in a process: other tests open and close things too
    assert!(program("program_descriptors", "").success());
}

#[test]
#[ignore = "a program of its own, started by what_is_open_is_closed"]
fn program_descriptors() {
    let ground = Ground::new();
    let all = || {
        let sandbox = Sandbox::open(&ground.policy).unwrap();
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn(&ground.policy).unwrap();
        child.communicate(b"x").unwrap();
        drop(sandbox.spawn(Command::new("cat").stdin(Stdio::piped())).unwrap());
        drop(sandbox.spawn(["no-such-command"]));
        assert!(mxc::run(["no-such-command"], &ground.policy).is_err());
    };
    all();
    // the keepers that have ended are reaped by the next start or close
    thread::sleep(Duration::from_millis(300));
    all();
    let before = common::descriptors();
    for _ in 0..10 {
        all();
    }
    assert!(common::eventually(|| {
        drop(Sandbox::open(&ground.policy));
        common::descriptors() <= before
    }));
}

#[test]
fn the_end_of_the_program_ends_everything() {
    let marker = Marker::new();
    assert!(program("program_that_ends", &marker.0).success());
    assert!(marker.becomes(0));
}

#[test]
#[ignore = "a program of its own, started by the_end_of_the_program_ends_everything"]
fn program_that_ends() {
    let ground = Ground::new();
    let marker = Marker(env::var("MXC_TEST_WORD").unwrap());
    let sandbox = Sandbox::open(&ground.policy).unwrap();
    sandbox.spawn(["sleep", &marker.0]).unwrap().detach();
    mxc::spawn(["sleep", &marker.0], &ground.policy).unwrap().detach();
    assert!(marker.becomes(2));
    std::mem::forget(sandbox);
    let _ = fs::remove_dir_all(&ground.folder);
    process::exit(0);
}

#[test]
fn a_forked_child_has_no_part_in_what_is_open() {
    assert!(program("program_that_forks", "").success());
}

/// What a forked child does with its parent's handles; 0 when all is as it should be.
fn in_the_child(sandbox: Sandbox, mut child: Child, policy: &Policy) -> i32 {
    let refused = [
        sandbox.run(["true"]).map(drop),
        sandbox.spawn(["true"]).map(drop),
        sandbox.kill(),
        child.wait().map(drop),
        child.kill(),
        child.stop(Duration::ZERO),
        child.communicate(b"x").map(drop),
    ];
    let closed = |result: &Result<(), Error>| {
        result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Closed && error.message().contains("parent"))
    };
    let number = refused.iter().position(|result| !closed(result));
    let is_closed = sandbox.closed();
    drop(sandbox);
    drop(child);
    let own = mxc::run(["echo", "own"], policy).is_ok_and(|outcome| outcome.stdout() == b"own\n");
    match number {
        Some(number) => 10 + number as i32,
        None => i32::from(!is_closed) + 2 * i32::from(!own),
    }
}

#[test]
#[ignore = "a program of its own, started by a_forked_child_has_no_part_in_what_is_open"]
fn program_that_forks() {
    let ground = Ground::new();
    let sandbox = Sandbox::open(&ground.policy).unwrap();
    let mut child = sandbox.spawn(Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped())).unwrap();
    // SAFETY: the child uses only what mxc and glibc keep usable after a fork, and ends with _exit
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let status = in_the_child(sandbox, child, &ground.policy);
        // SAFETY: ends the process
        unsafe { libc::_exit(status) };
    }
    let mut status = 0;
    // SAFETY: waits for our child
    assert_eq!(unsafe { libc::waitpid(pid, &mut status, 0) }, pid);
    assert_eq!(status, 0, "the child ended with {}", libc::WEXITSTATUS(status));
    child.stdin.take().unwrap().write_all(b"alive").unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "alive");
    assert!(sandbox.run(["true"]).unwrap().ok());
}

#[test]
fn closing_does_not_wait_for_a_forked_child() {
    assert!(program("program_closes_beside_a_fork", "").success());
}

#[test]
#[ignore = "a program of its own, started by closing_does_not_wait_for_a_forked_child"]
fn program_closes_beside_a_fork() {
    let ground = Ground::new();
    let sandbox = Sandbox::open(&ground.policy).unwrap();
    // SAFETY: the child only sleeps and ends
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        thread::sleep(Duration::from_secs(30));
        // SAFETY: ends the process
        unsafe { libc::_exit(0) };
    }
    let began = Instant::now();
    sandbox.close();
    let took = began.elapsed();
    // SAFETY: our child
    unsafe {
        libc::kill(pid, libc::SIGKILL);
        libc::waitpid(pid, std::ptr::null_mut(), 0);
    }
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// Runs one of the ignored tests here in a process of its own; what it printed is shown when it failed.
fn program(name: &str, word: &str) -> ExitStatus {
    let mut command = process::Command::new(env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--test-threads=1", "--nocapture"]).env("MXC_TEST_WORD", word);
    let done = command.output().unwrap();
    if !done.status.success() {
        println!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    }
    done.status
}
