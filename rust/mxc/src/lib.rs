//! Run code that nobody has vetted under a policy, and see what was enforced.
//!
//! ```
//! use mxc::{Code, Policy};
//! # fn main() -> mxc::Result<()> {
//! let policy = Policy::builder().memory("512M").timeout("30s").build()?;
//! let outcome = mxc::run(Code::python("print(6*7)"), &policy)?;
//! assert_eq!(outcome.stdout_text(), "42\n");
//! for line in outcome.receipt() {
//!     println!("{}: {} by {:?} ({})", line.item, line.rule, line.mechanism, line.level);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | to | use |
//! |---|---|
//! | run source code or a command | [`run`], [`Code`], [`Command`], [`Outcome`] |
//! | say what it may do | [`Policy`], [`PolicyBuilder`], [`ToPolicy`] |
//! | run several commands in one sandbox | [`Sandbox`] |
//! | have sandboxes ready before they are needed | [`Pool`] |
//! | talk to a command while it runs | [`spawn`], [`Child`], [`Stdio`] |
//! | wait without a thread | `mxc::tokio`, feature `tokio`; or any event loop on [`Child::status_fd`] |
//! | look before running | [`doctor`], [`explain`], [`plan`], [`schema`] |
//!
//! Linux only. The policy language, results and what a host needs are described in the project's documentation.
#![deny(missing_docs)]

mod child;
mod command;
mod connection;
mod error;
mod exchange;
mod host;
mod json;
mod laid_out;
mod native;
mod outcome;
mod pipe;
mod policy;
mod policy_builder;
mod poll;
mod pool;
mod process;
mod record;
pub mod sandbox;
#[cfg(feature = "serde")]
pub mod serde;
#[cfg(feature = "tokio")]
pub mod tokio;
mod units;

pub use child::{Child, Output};
pub use command::{Code, Command, Stdio};
pub use connection::Connection;
pub use error::{Error, ErrorKind, Result};
pub use host::{doctor, explain, plan, schema, version};
pub use outcome::Outcome;
pub use pipe::{ChildStderr, ChildStdin, ChildStdout};
pub use policy::{Policy, ToPolicy};
pub use policy_builder::PolicyBuilder;
pub use pool::{Pool, PoolOptions, PoolStats};
pub use record::{Denial, Doctor, Feature, Finding, Level, Limit, ReceiptItem};
pub use sandbox::{run, spawn, Sandbox};
pub use units::{Size, Span};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
