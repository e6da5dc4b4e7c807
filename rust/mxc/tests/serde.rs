//! The feature `serde`.
#![cfg(feature = "serde")]
use mxc::{Denial, Doctor, Feature, Level, Policy, ReceiptItem};
use serde_json::{from_str, from_value, json, to_value, Value};

#[test]
fn a_policy_is_its_json() {
    let policy = Policy::builder().read("/usr/share").memory("64M").build().unwrap();
    let value = to_value(&policy).unwrap();
    assert_eq!(value, from_str::<Value>(policy.to_json()).unwrap());
    assert_eq!(from_value::<Policy>(value).unwrap(), policy);
    let error = from_str::<Policy>(r#"{"unknown": 1}"#).unwrap_err();
    assert!(error.to_string().contains("policy_invalid"), "{error}");
}

#[test]
fn an_outcome_is_the_json_of_every_language() {
    let outcome = mxc::run(["unshare", "-U", "true"], "strict").unwrap();
    let value = to_value(&outcome).unwrap();
    assert_eq!(value, from_str::<Value>(&outcome.to_json().unwrap()).unwrap());
    let receipt: Vec<ReceiptItem> = from_value(value["receipt"].clone()).unwrap();
    assert_eq!(receipt, outcome.receipt());
    let denials: Vec<Denial> = from_value(value["denials"].clone()).unwrap();
    assert_eq!((denials[0].what.as_str(), denials[0].count), ("unshare", 1));
    assert_eq!(to_value(&receipt).unwrap(), value["receipt"]);
}

#[test]
fn levels_that_are_not_known_stay() {
    assert_eq!(from_value::<Level>(json!("kernel")).unwrap(), Level::Kernel);
    let other = from_value::<Level>(json!("hypervisor")).unwrap();
    assert_eq!(other, Level::Other("hypervisor".into()));
    assert_eq!(to_value(&other).unwrap(), json!("hypervisor"));
}

#[test]
fn features_of_the_host() {
    let host: Doctor = mxc::doctor().unwrap();
    let value: Value = from_str(&host.json).unwrap();
    assert_eq!(from_value::<Vec<Feature>>(value["features"].clone()).unwrap(), host.features);
}
