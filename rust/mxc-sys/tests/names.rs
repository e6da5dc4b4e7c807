//! The generated lists of names say what the library says, so the library that is linked is the one of the header.
use mxc_sys::names::{Limit, Mechanism, Status};
use std::ffi::{c_char, CStr};

fn text(pointer: *const c_char) -> String {
    // SAFETY: static strings of the library
    unsafe { CStr::from_ptr(pointer) }.to_str().unwrap().into()
}

#[test]
fn names_are_those_of_the_library() {
    for status in Status::ALL {
        assert_eq!(text(unsafe { mxc_sys::mxc_status_name(status.code()) }), status.name());
    }
    for limit in Limit::ALL {
        assert_eq!(text(unsafe { mxc_sys::mxc_limit_name(limit.code()) }), limit.name());
    }
    for mechanism in Mechanism::ALL {
        assert_eq!(text(unsafe { mxc_sys::mxc_mechanism_name(mechanism.code()) }), mechanism.name());
    }
}

#[test]
fn numbers_that_are_not_known_are_kept() {
    assert_eq!(Status::from(-900), Status::Unknown(-900));
    assert_eq!(Status::from(-900).code(), -900);
    assert_eq!(text(unsafe { mxc_sys::mxc_status_name(-900) }), "unknown");
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(text(unsafe { mxc_sys::mxc_version() }), env!("CARGO_PKG_VERSION"));
}
