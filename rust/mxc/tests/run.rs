//! Running: commands, source code, input, results, errors.
mod common;
use common::Ground;
use mxc::{Code, Command, ErrorKind, Level, Limit, Policy, Stdio};
use std::fs::{self, File};
use std::io::{Read, Seek};
use std::time::Duration;

#[test]
fn a_command_and_its_output() {
    let ground = Ground::new();
    let outcome = mxc::run(["sh", "-c", "echo out; echo err >&2; exit 3"], &ground.policy).unwrap();
    assert_eq!((outcome.exit_code(), outcome.signal(), outcome.ok()), (Some(3), None, false));
    assert_eq!((outcome.stdout(), outcome.stderr()), (&b"out\n"[..], &b"err\n"[..]));
    assert_eq!((outcome.stdout_length(), outcome.stdout_truncated()), (4, false));
    assert!(outcome.wall_time() > Duration::ZERO && outcome.peak_memory() > 0);
    assert!(outcome.to_json().unwrap().contains("\"exitCode\": 3"));
}

#[test]
fn every_form_of_a_command() {
    let ground = Ground::new();
    let list = vec![String::from("echo"), String::from("x")];
    for outcome in [
        mxc::run(["echo", "x"], &ground.policy),
        mxc::run(list.as_slice(), &ground.policy),
        mxc::run(list.as_slice(), &ground.policy),
        mxc::run(list.clone(), &ground.policy),
        mxc::run(Command::new("echo").arg("x"), &ground.policy),
        Command::new("echo").args(["x"]).run(&ground.policy),
        mxc::run(Code::bash("echo x"), ground.policy.clone()),
        Policy::builder()
            .json(r#"{"process": {"argv": ["echo", "x"]}}"#)
            .build()
            .and_then(|policy| Command::of_policy().run(policy)),
    ] {
        match outcome {
            Ok(outcome) => assert_eq!(outcome.stdout_text(), "x\n"),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn python_source() {
    let ground = Ground::new();
    let code = "import sys, os\nprint(sys.stdin.read(), os.environ['WORD'], os.getcwd())";
    let mut command = Command::from(Code::python(code));
    let outcome = command.input("hello").env("WORD", "given").cwd("/tmp").run(&ground.policy).unwrap();
    assert_eq!(outcome.stdout_text(), "hello given /tmp\n", "{outcome:?}");
}

#[test]
fn files() {
    let ground = Ground::new();
    fs::write(ground.path("in"), "text").unwrap();
    mxc::run(["cp", "in", "out"], &ground.policy).unwrap().check().unwrap();
    assert_eq!(fs::read(ground.path("out")).unwrap(), b"text");
    let refused = mxc::run(["touch", "/usr/new"], &ground.policy).unwrap();
    assert!(!refused.ok() && refused.stderr_text().contains("Read-only"), "{refused}");
}

#[test]
fn descriptors_as_streams() {
    let ground = Ground::new();
    fs::write(ground.path("in"), "through a file").unwrap();
    let out = File::options().read(true).write(true).create_new(true).open(ground.path("out")).unwrap();
    let mut command = Command::new("cat");
    command.stdin(File::open(ground.path("in")).unwrap()).stdout(out.try_clone().unwrap()).stderr(Stdio::null());
    for _ in 0..2 {
        let outcome = command.run(&ground.policy).unwrap().check().unwrap();
        assert!(outcome.stdout().is_empty());
    }
    let (mut out, mut text) = (out, String::new());
    out.rewind().unwrap();
    out.read_to_string(&mut text).unwrap();
    // the second one read from where the first one had stopped: a duplicate shares the position
    assert_eq!(text, "through a file");
}

#[test]
fn signals_deadlines_limits() {
    let ground = Ground::new();
    let killed = mxc::run(["sh", "-c", "kill -USR1 $$"], &ground.policy).unwrap();
    assert_eq!((killed.exit_code(), killed.signal(), killed.signal_name()), (None, Some(10), Some("SIGUSR1")));
    let late = Command::new("sleep").arg("60").timeout("100ms").run(&ground.policy).unwrap();
    assert!(late.timed_out() && !late.ok());
    assert_eq!((late.limit_hit(), late.limits_hit()), (Some(Limit::WallTime), vec![Limit::WallTime]));
    assert!(late.to_string().contains("timed out"), "{late}");
    let most = Policy::builder().output(1000).build().unwrap();
    let chatty = mxc::run(["head", "-c", "5000", "/dev/zero"], most).unwrap();
    assert!(chatty.ok() && chatty.stdout_truncated());
    assert_eq!((chatty.stdout().len(), chatty.stdout_length(), chatty.limits_hit()), (1000, 5000, vec![Limit::Output]));
}

#[test]
fn the_grace_at_the_deadline() {
    let ground = Ground::new();
    let code = "trap 'echo ended; exit 0' TERM; while :; do sleep 0.01; done";
    let mut command = Command::from(Code::bash(code));
    let outcome = command.timeout("300ms").grace("5s").run(&ground.policy).unwrap();
    assert!(outcome.timed_out());
    assert_eq!(outcome.stdout_text(), "ended\n");
}

#[test]
fn denials_and_the_receipt() {
    let ground = Ground::new();
    let outcome = mxc::run(["unshare", "-U", "true"], &ground.policy).unwrap();
    let denials = outcome.denials();
    assert_eq!((denials.len(), denials[0].what.as_str(), denials[0].count), (1, "unshare", 1));
    assert!(denials[0].first > Duration::ZERO && denials[0].first < outcome.wall_time() + Duration::from_secs(1));
    let receipt = outcome.receipt();
    let network = receipt.iter().find(|line| line.item == "/network/egress/default").unwrap();
    assert_eq!(network.level, Level::Kernel);
    assert!(network.mechanism.iter().any(|name| name == "network namespace"));
}

#[test]
fn a_failed_check_has_the_outcome() {
    let ground = Ground::new();
    let error = mxc::run(["sh", "-c", "echo why >&2; exit 4"], &ground.policy).unwrap().check().unwrap_err();
    assert_eq!((error.kind(), error.status(), error.kind().name()), (ErrorKind::CommandFailed, 0, "command_failed"));
    assert_eq!(error.outcome().unwrap().exit_code(), Some(4));
    assert_eq!(error.to_string(), "command_failed: the command exited with 4: why");
}

#[test]
fn errors() {
    let ground = Ground::new();
    let kind = |command: &mut Command| command.run(&ground.policy).unwrap_err().kind();
    assert_eq!(kind(&mut Command::new("no-such-command")), ErrorKind::CommandNotFound);
    assert_eq!(kind(&mut Command::new("/etc")), ErrorKind::CommandNotExecutable);
    assert_eq!(kind(Command::new("true").cwd("not/absolute")), ErrorKind::InvalidArgument);
    assert_eq!(kind(Command::new("tr\0ue").arg("x")), ErrorKind::InvalidArgument);
    assert_eq!(kind(Command::new("true").env("A=B", "x")), ErrorKind::InvalidArgument);
    assert_eq!(kind(Command::new("true").timeout("soon")), ErrorKind::InvalidArgument);
    assert_eq!(kind(Command::new("true").timeout(Duration::ZERO)), ErrorKind::InvalidArgument);
    assert_eq!(kind(Command::new("true").input("x").stdin(Stdio::piped())), ErrorKind::InvalidArgument);
    assert_eq!(kind(&mut Command::from(Code::new("cobol", "x"))), ErrorKind::Interpreter);
    assert_eq!(kind(&mut Command::from(Vec::<String>::new())), ErrorKind::InvalidArgument);
    assert_eq!(kind(&mut Command::of_policy()), ErrorKind::InvalidArgument);
    let error = Command::new("no-such-command").run(&ground.policy).unwrap_err();
    assert_eq!(std::io::Error::from(error).kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn looking_before_running() {
    assert_eq!(mxc::version(), env!("CARGO_PKG_VERSION"));
    assert!(mxc::schema().contains("readwritePaths"));
    assert!(mxc::doctor().unwrap().has("user-namespaces"));
    assert!(!mxc::doctor().unwrap().has("no such feature"));
    assert!(mxc::plan("strict").unwrap().lines().count() > 10);
    let before = mxc::explain("strict").unwrap();
    let after = mxc::run(["true"], "strict").unwrap().receipt();
    assert_eq!(before, after);
}
