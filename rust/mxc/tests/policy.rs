//! Policies: words, presets, files, JSON, errors.
mod common;
use common::Ground;
use mxc::{ErrorKind, Policy, PolicyBuilder, ToPolicy};
use std::collections::HashSet;
use std::fs;
use std::time::Duration;

fn wrong(builder: PolicyBuilder) -> mxc::Error {
    builder.build().unwrap_err()
}

#[test]
fn words_are_the_json_language() {
    let ground = Ground::new();
    let folder = ground.folder.to_str().unwrap();
    let words = Policy::builder()
        .read("/usr/share")
        .write(&ground.folder)
        .deny(ground.path("private"))
        .memory("512M")
        .output("64K")
        .timeout("30s")
        .cpu_time(Duration::from_secs(10))
        .processes(64)
        .cpus(1.5)
        .env("LANG", "C.UTF-8");
    let json = format!(
        r#"{{"filesystem": {{"readonlyPaths": ["/usr/share"], "readwritePaths": ["{folder}"], "deniedPaths": ["{folder}/private"]}},
            "process": {{"env": ["LANG=C.UTF-8"], "inheritDefaultEnv": true}},
            "limits": {{"memoryBytes": 536870912, "outputBytes": 65536, "wallTimeMs": 30000, "cpuTimeMs": 10000,
                        "processes": 64, "cpus": 1.5}}}}"#
    );
    assert_eq!(words.build().unwrap(), Policy::from_json(json).unwrap());
}

#[test]
fn what_a_policy_starts_from() {
    let ground = Ground::new();
    let file = ground.path("policy.json");
    fs::write(&file, r#"{"filesystem": {"readonlyPaths": ["."]}, "limits": {"processes": 9}}"#).unwrap();
    let loaded = Policy::load(&file).unwrap();
    assert!(loaded.to_json().contains(ground.folder.to_str().unwrap()), "{loaded:?}");
    let given = [file.to_policy(), file.to_str().unwrap().to_policy(), Policy::builder().policy(&loaded).to_policy()];
    for policy in given {
        assert_eq!(policy.unwrap(), loaded);
    }
    let more = Policy::builder().policy(&loaded).memory("64M").build().unwrap();
    assert!(more != loaded && more.to_json().contains("67108864"));
    assert_eq!(Policy::builder().preset("strict").build().unwrap(), "strict".to_policy().unwrap());
    assert_eq!(loaded.to_json().parse::<Policy>().unwrap(), loaded);
    assert_eq!(
        Policy::from_json_in(r#"{"filesystem": {"readonlyPaths": ["."]}, "limits": {"processes": 9}}"#, &ground.folder)
            .unwrap(),
        loaded
    );
}

#[test]
fn what_both_allow() {
    let (a, b) = (
        Policy::builder().memory("64M").build().unwrap(),
        Policy::builder().memory("32M").processes(4).build().unwrap(),
    );
    assert_eq!(a.intersect(&b).unwrap(), b.intersect(&a).unwrap());
    assert_eq!(a.intersect(&b).unwrap(), b);
    assert_eq!(HashSet::from([a.clone(), a.clone(), b]).len(), 2);
}

#[test]
fn errors_name_the_place() {
    let kind = |json: &str| Policy::from_json(json).unwrap_err().kind();
    assert_eq!(kind("{"), ErrorKind::PolicySyntax);
    assert_eq!(kind(r#"{"unknown": 1}"#), ErrorKind::PolicyInvalid);
    assert_eq!(kind(r#"{"version": "99.0.0"}"#), ErrorKind::PolicyVersion);
    let error = Policy::from_json(r#"{"limits": {"processes": -1}}"#).unwrap_err();
    assert_eq!(error.origin(), "/limits/processes");
    assert_eq!(Policy::load("/nowhere/policy.json").unwrap_err().kind(), ErrorKind::Path);
    assert_eq!("no-preset".to_policy().unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(Policy::preset("no-preset").unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn wrong_words_are_said_by_build() {
    assert!(wrong(Policy::builder().memory("much")).message().starts_with("memory: \"much\" is no size"));
    assert!(wrong(Policy::builder().memory(-1)).message().contains("negative"));
    assert!(wrong(Policy::builder().timeout("0s")).message().contains("more than 0"));
    assert!(wrong(Policy::builder().cpus(f64::NAN)).message().contains("cpus"));
    assert!(wrong(Policy::builder().cpus(0.0)).message().contains("cpus"));
    assert!(wrong(Policy::builder().env("", "x")).message().contains("no name"));
    assert!(wrong(Policy::builder().read("a\0b")).message().contains("NUL"));
    assert_eq!(wrong(Policy::builder().allow("not a host!")).kind(), ErrorKind::PolicyInvalid);
}

#[test]
fn the_current_folder_is_where_relative_paths_start() {
    let here = std::env::current_dir().unwrap();
    let policy = Policy::builder().read("src").build().unwrap();
    assert!(policy.to_json().contains(here.join("src").to_str().unwrap()), "{policy:?}");
    assert_eq!(
        Policy::preset_in("read-only", "src").unwrap(),
        Policy::preset_in("read-only", here.join("src")).unwrap()
    );
}

/// The same words give the same bytes in every language; this is what they are.
#[test]
fn the_canonical_text() {
    let policy = Policy::builder()
        .read("/usr/share")
        .read("/usr/lib")
        .write("/var/tmp")
        .deny("/var/tmp/private")
        .memory("1.5G")
        .timeout("30s")
        .cpu_time("10s")
        .output("64K")
        .processes(64)
        .cpus(1.5)
        .env("LANG", "C.UTF-8")
        .env("B", "2")
        .build()
        .unwrap();
    assert_eq!(policy.to_json(), include_str!("words.json").trim_end());
}
