//! Pools: sandboxes that were built ahead.
mod common;
use common::Ground;
use mxc::{Code, ErrorKind, Pool, PoolOptions};
use std::thread;
use std::time::Duration;

fn ready(pool: &Pool, count: u64) {
    assert!(common::eventually(|| pool.stats().unwrap().ready >= count), "{:?}", pool.stats());
}

#[test]
fn each_command_has_a_sandbox_of_its_own() {
    let ground = Ground::new();
    let pool = Pool::new(&ground.policy, &PoolOptions::new().size(2)).unwrap();
    assert_eq!(pool.stats().unwrap().ready, 2);
    for _ in 0..3 {
        ready(&pool, 1);
        assert!(pool.run(["sh", "-c", "test ! -e /tmp/mine && touch /tmp/mine"]).unwrap().ok());
    }
    let stats = pool.stats().unwrap();
    assert_eq!((stats.taken, stats.cold, stats.failed), (3, 0, 0));
    pool.close();
}

#[test]
fn its_outcomes_are_those_of_run() {
    let pool = Pool::new("strict", &PoolOptions::new()).unwrap();
    assert_eq!(pool.run(Code::python("print(6*7)")).unwrap().stdout_text(), "42\n");
    assert_eq!(pool.run(["no-such-command"]).unwrap_err().kind(), ErrorKind::CommandNotFound);
    assert_eq!(pool.run(["sh", "-c", "exit 3"]).unwrap().exit_code(), Some(3));
    let child = pool.spawn(["sleep", "60"]).unwrap();
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
}

#[test]
fn more_than_there_are_and_threads() {
    let pool = Pool::new("strict", &PoolOptions::new().size(1).max(3).idle("1m")).unwrap();
    let children: Vec<_> = (0..6).map(|number| pool.spawn(["echo", &number.to_string()]).unwrap()).collect();
    for (number, child) in children.iter().enumerate() {
        assert_eq!(child.wait().unwrap().stdout_text(), format!("{number}\n"));
    }
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(pool.run(["true"]).unwrap().ok()));
        }
    });
    let stats = pool.stats().unwrap();
    assert_eq!(stats.taken + stats.cold, 10);
    assert!(stats.wanted <= 3);
}

#[test]
fn an_interpreter_that_was_started_ahead() {
    let sizes = PoolOptions::new().language("python").preload(["json"]);
    let pool = Pool::new("strict", &sizes).unwrap();
    let outcome = pool.run(Code::python("import sys; print('json' in sys.modules); sys.exit(4)")).unwrap();
    assert_eq!((outcome.stdout_text().as_ref(), outcome.exit_code()), ("True\n", Some(4)));
    assert_eq!(pool.stats().unwrap().taken, 1);
    let wrong = Pool::new("strict", &sizes.preload(["no_such_module"])).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Interpreter);
}

#[test]
fn node_that_was_started_ahead() {
    let pool = Pool::new("strict", &PoolOptions::new().language("node").fresh("interpreter")).unwrap();
    let outcome = pool.run(Code::new("node", "console.log(6 * 7); process.exit(4)")).unwrap();
    assert_eq!((outcome.stdout_text().as_ref(), outcome.exit_code()), ("42\n", Some(4)));
    assert_eq!(pool.stats().unwrap().taken, 1);
    let wrong = Pool::new("strict", &PoolOptions::new().language("node").fresh("fork")).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn children_outlive_it() {
    let pool = Pool::new("strict", &PoolOptions::new()).unwrap();
    let child = pool.spawn(["sleep", "0.2"]).unwrap();
    assert_eq!(format!("{pool:?}"), "Pool(open)");
    pool.close();
    assert!(child.wait().unwrap().ok());
}

#[test]
fn sizes_that_cannot_be() {
    for wrong in [PoolOptions::new().size(2).min(3), PoolOptions::new().size(9).max(8), PoolOptions::new().size(1025)] {
        assert_eq!(Pool::new("strict", &wrong).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    let wrong = PoolOptions::new().idle(Duration::ZERO);
    assert!(Pool::new("strict", &wrong).is_err());
}
