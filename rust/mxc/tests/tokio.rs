//! The feature `tokio`.
#![cfg(feature = "tokio")]
mod common;
use common::{Ground, Marker};
use mxc::tokio::{run, run_in, spawn};
use mxc::{Command, ErrorKind, Sandbox, Stdio};
use std::future::Future;
use std::os::fd::AsRawFd;
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::time::{sleep, timeout};

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn run_and_wait() {
    let ground = Ground::new();
    block_on(async {
        assert_eq!(run(["echo", "x"], &ground.policy).await.unwrap().stdout(), b"x\n");
        assert_eq!(run(["no-such-command"], &ground.policy).await.unwrap_err().kind(), ErrorKind::CommandNotFound);
        let child = spawn(["sleep", "60"], &ground.policy).unwrap();
        assert!(timeout(Duration::from_millis(50), child.wait()).await.is_err());
        child.kill().unwrap();
        assert_eq!(child.wait().await.unwrap().signal(), Some(9));
        assert_eq!(child.wait().await.unwrap().signal(), Some(9));
    });
}

#[test]
fn in_an_open_sandbox() {
    let ground = Ground::new();
    let sandbox = Sandbox::open(&ground.policy).unwrap();
    block_on(async {
        run_in(&sandbox, ["sh", "-c", "echo kept > /tmp/note"]).await.unwrap().check().unwrap();
        assert_eq!(run_in(&sandbox, ["cat", "/tmp/note"]).await.unwrap().stdout(), b"kept\n");
        let ended = AsyncFd::new(sandbox.as_raw_fd()).unwrap();
        sandbox.kill().unwrap();
        timeout(Duration::from_secs(10), ended.readable()).await.unwrap().unwrap().retain_ready();
    });
    assert!(sandbox.closed());
}

#[test]
fn communicate() {
    let ground = Ground::new();
    let text = "line\n".repeat(200_000);
    block_on(async {
        let mut command = Command::new("sh");
        command.args(["-c", "cat; echo done >&2"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = spawn(&command, &ground.policy).unwrap().communicate(text.as_bytes()).await.unwrap();
        assert!(output.outcome.ok() && output.stdout == text.as_bytes() && output.stderr == b"done\n");
        let mut deaf = spawn(Command::new("true").stdin(Stdio::piped()), &ground.policy).unwrap();
        assert!(deaf.communicate(&vec![0; 1 << 20]).await.unwrap().outcome.ok());
        assert_eq!(deaf.communicate(b"x").await.unwrap_err().kind(), ErrorKind::InvalidArgument);
    });
}

#[test]
fn dropping_the_future_kills() {
    let (ground, marker) = (Ground::new(), Marker::new());
    block_on(async {
        let command = ["sleep", marker.0.as_str()];
        let cancelled = timeout(Duration::from_secs(2), async {
            let all = run(command, &ground.policy);
            tokio::pin!(all);
            loop {
                assert!(timeout(Duration::from_millis(20), &mut all).await.is_err());
                if marker.count() == 1 {
                    return;
                }
            }
        });
        cancelled.await.expect("it has started");
    });
    assert_eq!(marker.count(), 0);
}

#[test]
fn a_detached_one_goes_on() {
    let ground = Ground::new();
    block_on(async {
        spawn(["sh", "-c", "sleep 0.2; echo x > note"], &ground.policy).unwrap().detach();
        sleep(Duration::from_millis(10)).await;
    });
    assert!(common::eventually(|| ground.path("note").exists()));
}

#[test]
fn two_hundred_at_once_in_one_thread() {
    let ground = Ground::new();
    block_on(async {
        let children: Vec<_> = (0..200).map(|_| spawn(["sleep", "0.5"], &ground.policy).unwrap()).collect();
        let mine = common::threads();
        for child in &children {
            assert!(child.wait().await.unwrap().ok());
        }
        assert_eq!(common::threads(), mine);
        // the test harness has its own: one for each test that runs now, and the main one
        assert!(mine < 20, "{mine} threads");
    });
}
