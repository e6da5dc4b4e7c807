//! Raw bindings of libmxc: what `mxc.h` declares, and nothing else. Programs want the crate `mxc`.
//!
//! The declarations in [`bindings`] are generated from the header, with the layout of its structs checked at compile
//! time. What each function does, who frees what, and which calls may block is written in the header and in the
//! project's reference documentation.
//!
//! libmxc is built from the C sources in this package, by CMake; see the README for what that needs. With the feature
//! `system` the installed `libmxc.so` is linked, as `pkg-config mxc` describes it. `DOCS_RS=1` builds without any.
#![no_std]
#![allow(non_camel_case_types)]

/// Everything that `mxc.h` declares, as generated.
#[rustfmt::skip]
pub mod bindings;

pub use bindings::*;
