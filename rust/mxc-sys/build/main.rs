//! Finds or builds libmxc and says how to link it. In this order:
//!
//! DOCS_RS            set: nothing is linked, documentation needs no library
//! feature `system`   libmxc.so as `pkg-config mxc` describes it
//! MXC_BUILD_DIR      libmxc.a of a tree that was built already: the build folder of the project
//! otherwise          libmxc.a from the sources, by CMake: those in vendor/ of this package, or the repository's
//!
//! The static library needs libseccomp.a and libjansson.a of the machine.
mod system;
mod vendored;

use std::env;
use std::path::PathBuf;

/// What is wrong and what to do about it, for the person who runs cargo.
type Problem = String;

fn main() {
    for name in ["DOCS_RS", "MXC_BUILD_DIR"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    if env::var_os("DOCS_RS").is_some() {
        return;
    }
    if let Err(problem) = link() {
        eprintln!("\nmxc-sys: {problem}\n");
        std::process::exit(1);
    }
}

fn link() -> Result<(), Problem> {
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return Err("mxc works on Linux only".into());
    }
    if env::var_os("CARGO_FEATURE_SYSTEM").is_some() {
        return system::link();
    }
    match env::var_os("MXC_BUILD_DIR") {
        Some(folder) => vendored::link_built(&PathBuf::from(folder)),
        None => vendored::build_and_link(),
    }
}
