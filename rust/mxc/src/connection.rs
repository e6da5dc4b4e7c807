//! Connections of an outcome: plain data.
use crate::native;
use mxc_sys as sys;
use std::time::Duration;

/// A connection that the command made or was refused, or a name that it asked for in vain.
///
/// ```
/// for connection in mxc::run(["true"], "strict")?.connections() {
///     println!("{} {}:{} {}", connection.direction, connection.name, connection.port, connection.outcome);
/// }
/// # Ok::<(), mxc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(::serde::Serialize, ::serde::Deserialize), serde(rename_all = "camelCase"))]
pub struct Connection {
    /// The host name; "" when asked for by address.
    pub name: String,
    /// The address that was dialled or refused; "" when there was none.
    pub address: String,
    /// "tcp" or "udp"; "" for a question for a name.
    pub protocol: String,
    /// 0 for a question for a name.
    pub port: u16,
    /// "out", or "in": from the host to a published port.
    pub direction: String,
    /// "open", "closed", "reset", "unreachable", "unresolved", "denied", "guarded", "unknown_name", "too_many" or "cut".
    pub outcome: String,
    /// JSON pointer to the rule that granted or denied it; "" when no rule did.
    pub rule: String,
    /// How often: more than 1 for equal refusals.
    pub count: u64,
    /// Bytes that came to the sandbox.
    pub bytes_in: u64,
    /// Bytes that it sent.
    pub bytes_out: u64,
    /// How long it was open.
    #[cfg_attr(feature = "serde", serde(rename = "durationMs", with = "crate::serde::milliseconds"))]
    pub duration: Duration,
}

impl Connection {
    /// `index` is below the count.
    pub(crate) fn of(result: *const sys::mxc_result, index: usize) -> Self {
        // SAFETY: no text is null for such an index, and all live as long as the result
        unsafe {
            let outcome = sys::mxc_result_connection_outcome(result, index);
            let inbound = sys::mxc_result_connection_inbound(result, index) != 0;
            Self {
                name: native::text(sys::mxc_result_connection_name(result, index)).into(),
                address: native::text(sys::mxc_result_connection_address(result, index)).into(),
                protocol: native::text(sys::mxc_result_connection_protocol(result, index)).into(),
                port: sys::mxc_result_connection_port(result, index) as u16,
                direction: if inbound { "in" } else { "out" }.into(),
                outcome: native::text(sys::mxc_connection_outcome_name(outcome)).into(),
                rule: native::text(sys::mxc_result_connection_rule(result, index)).into(),
                count: sys::mxc_result_connection_times(result, index),
                bytes_in: sys::mxc_result_connection_bytes_in(result, index),
                bytes_out: sys::mxc_result_connection_bytes_out(result, index),
                duration: Duration::from_nanos(sys::mxc_result_connection_duration_ns(result, index)),
            }
        }
    }
}
