//! Open sandboxes.
mod common;
use common::{Ground, Marker};
use mxc::{ErrorKind, Sandbox};
use std::io::Read;
use std::thread;
use std::time::Duration;

#[test]
fn files_live_as_long_as_it() {
    let ground = Ground::new();
    let sandbox = Sandbox::open(&ground.policy).unwrap();
    sandbox.run(["sh", "-c", "echo kept > /tmp/note"]).unwrap().check().unwrap();
    assert_eq!(sandbox.run(["cat", "/tmp/note"]).unwrap().stdout_text(), "kept\n");
    sandbox.close();
    let other = Sandbox::open(&ground.policy).unwrap();
    assert!(!other.run(["cat", "/tmp/note"]).unwrap().ok());
}

#[test]
fn several_at_once() {
    let ground = Ground::new();
    let sandbox = Sandbox::open(&ground.policy).unwrap();
    let children: Vec<_> = (0..8).map(|number| sandbox.spawn(["echo", &number.to_string()]).unwrap()).collect();
    for (number, child) in children.iter().enumerate() {
        assert_eq!(child.wait().unwrap().stdout_text(), format!("{number}\n"));
    }
}

#[test]
fn kill() {
    let (ground, marker) = (Ground::new(), Marker::new());
    let sandbox = Sandbox::open(&ground.policy).unwrap();
    assert!(!sandbox.closed());
    let child = sandbox.spawn(["sleep", &marker.0]).unwrap();
    assert!(marker.becomes(1));
    sandbox.kill().unwrap();
    sandbox.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    assert!(marker.becomes(0));
    assert!(common::eventually(|| sandbox.closed()));
    assert_eq!(sandbox.run(["true"]).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(sandbox.spawn(["true"]).and_then(|child| child.wait()).unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
fn a_child_may_outlive_the_handle() {
    let ground = Ground::new();
    let sandbox = Sandbox::open(&ground.policy).unwrap();
    let (long, short) = (sandbox.spawn(["sleep", "60"]).unwrap(), sandbox.spawn(["echo", "x"]).unwrap());
    short.wait().unwrap();
    drop(sandbox);
    assert_eq!(long.wait().unwrap().signal(), Some(9));
    assert_eq!(short.wait().unwrap().stdout_text(), "x\n");
}

#[test]
fn an_error_does_not_end_it() {
    let ground = Ground::new();
    let sandbox = Sandbox::open(&ground.policy).unwrap();
    assert_eq!(sandbox.run(["no-such-command"]).unwrap_err().kind(), ErrorKind::CommandNotFound);
    assert!(sandbox.run(["true"]).unwrap().ok());
    assert_eq!(format!("{sandbox:?}"), "Sandbox(open)");
}

#[test]
fn what_it_was_opened_with() {
    let ground = Ground::new();
    let tools = Ground::new();
    std::fs::write(tools.path("tool"), "here").unwrap();
    let sandbox = Sandbox::open_with(&ground.policy, [&tools.folder]).unwrap();
    let path = tools.path("tool");
    assert_eq!(sandbox.run(["cat", path.to_str().unwrap()]).unwrap().stdout_text(), "here");
    let mut command = mxc::Command::new("cat");
    command.arg(&path);
    assert!(!command.run(&ground.policy).unwrap().ok());
    assert_eq!(command.runtime(&tools.folder).run(&ground.policy).unwrap().stdout_text(), "here");
}

#[test]
fn policies_differ_in_one_process() {
    let (one, two) = (Ground::new(), Ground::new());
    let (a, b) = (Sandbox::open(&one.policy).unwrap(), Sandbox::open(&two.policy).unwrap());
    thread::scope(|scope| {
        scope.spawn(|| a.run(["touch", "here"]).unwrap().check().unwrap());
        scope.spawn(|| b.run(["touch", "there"]).unwrap().check().unwrap());
    });
    thread::sleep(Duration::from_millis(1));
    assert!(one.path("here").exists() && two.path("there").exists() && !one.path("there").exists());
}

#[test]
fn the_network_of_an_open_sandbox() {
    let granting = |hosts: &[&str]| {
        let start = mxc::Policy::builder();
        hosts.iter().fold(start, |builder, host| builder.allow(host)).build().unwrap()
    };
    let asked = ["python3", "-c", "import socket; socket.getaddrinfo('example.com', 443)"];
    let sandbox = Sandbox::open(granting(&["example.org:443", "example.com:443"])).unwrap();
    assert!(sandbox.run(asked).unwrap().ok());
    sandbox.update_network(granting(&["example.org:443"])).unwrap();
    let refused = sandbox.run(asked).unwrap();
    let found = refused.connections();
    assert_eq!((found.len(), refused.connections_dropped()), (1, 0));
    assert_eq!((found[0].name.as_str(), found[0].direction.as_str()), ("example.com", "out"));
    assert_eq!((found[0].outcome.as_str(), found[0].rule.as_str(), found[0].port), ("unknown_name", "", 0));
    assert_eq!(found[0].protocol, "");
    let error = sandbox.update_network(granting(&["example.net:443"])).unwrap_err();
    assert_eq!((error.kind(), error.origin()), (ErrorKind::PolicyConflict, "/network/egress/allow/0"));
    sandbox.update_network(granting(&["example.com:443"])).unwrap();
    assert!(sandbox.run(asked).unwrap().ok());
}

#[test]
fn a_published_port() {
    let policy = mxc::Policy::from_json(r#"{"network": {"publish": [{"port": 8080}]}}"#).unwrap();
    let sandbox = Sandbox::open(&policy).unwrap();
    let port = sandbox.published_port(8080).unwrap();
    let error = std::net::TcpStream::connect(("127.0.0.1", port)).and_then(|mut one| one.read(&mut [0]));
    assert_eq!(error.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(sandbox.published_port(1), None);
}
