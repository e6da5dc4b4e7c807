//! Ten thousand runs: memory, descriptors and threads stay as they were. Ignored unless asked for: tests/run slow.
mod common;
use common::Ground;
use mxc::Sandbox;
use std::thread;
use std::time::Duration;

const WARM_UP: usize = 500;
const RUNS: usize = 10_000;
const THREADS: usize = 4;

fn in_threads(times: usize, step: impl Fn() + Sync) {
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..times / THREADS).for_each(|_| step()));
        }
    });
    thread::sleep(Duration::from_millis(500));
}

#[test]
#[ignore = "takes half a minute"]
fn ten_thousand_runs_leave_nothing() {
    let ground = Ground::new();
    let sandbox = Sandbox::open(&ground.policy).unwrap();
    let step = || {
        assert_eq!(mxc::run(["echo", "x"], &ground.policy).unwrap().stdout(), b"x\n");
    };
    in_threads(WARM_UP, step);
    let before = (common::descriptors(), common::threads(), common::memory());
    in_threads(RUNS, step);
    drop(Sandbox::open(&ground.policy)); // reaps keepers that have just ended
    let after = (common::descriptors(), common::threads(), common::memory());
    println!(
        "descriptors {} -> {}, threads {} -> {}, memory {} -> {}",
        before.0, after.0, before.1, after.1, before.2, after.2
    );
    assert!(after.0 <= before.0 + 2, "descriptors {} became {}", before.0, after.0);
    assert!(after.1 <= before.1, "threads {} became {}", before.1, after.1);
    assert!(after.2 < before.2 + (2 << 20), "memory {} became {}", before.2, after.2);
    assert!(sandbox.run(["true"]).unwrap().ok());
}

#[cfg(feature = "tokio")]
#[test]
#[ignore = "takes some seconds"]
fn a_thousand_in_flight_need_no_thread() {
    let ground = Ground::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (threads, memory) = (common::threads(), common::memory());
        let children: Vec<_> = (0..1000)
            .map(|number| mxc::tokio::spawn(["sh", "-c", &format!("sleep 1; echo {number}")], &ground.policy).unwrap())
            .collect();
        assert!(common::threads() <= threads);
        for (number, child) in children.iter().enumerate() {
            assert_eq!(child.wait().await.unwrap().stdout(), format!("{number}\n").as_bytes());
        }
        assert!(common::threads() <= threads);
        assert!(common::memory() < memory + (96 << 20));
    });
}
