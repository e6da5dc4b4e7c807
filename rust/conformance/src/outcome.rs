//! What came out, as JSON with the keys of docs/results.md, made of the crate's accessors; and what its to_json() says,
//! which the judge compares.
use mxc::{Error, Outcome};
use serde_json::{json, Value};

pub fn shown(outcome: &Outcome) -> Result<Value, String> {
    let text = outcome.to_json().map_err(|error| error.to_string())?;
    Ok(json!({
        "exitCode": outcome.exit_code(),
        "signal": outcome.signal_name(),
        "timedOut": outcome.timed_out(),
        "limitHit": outcome.limit_hit().map(mxc::Limit::name),
        "limitsHit": outcome.limits_hit().iter().map(|limit| limit.name()).collect::<Vec<_>>(),
        "stdout": base64(outcome.stdout()),
        "stdoutLength": outcome.stdout_length(),
        "stdoutTruncated": outcome.stdout_truncated(),
        "stderr": base64(outcome.stderr()),
        "stderrLength": outcome.stderr_length(),
        "stderrTruncated": outcome.stderr_truncated(),
        "denials": outcome.denials().iter().map(|denial| json!({
            "kind": denial.kind, "what": denial.what, "mechanism": denial.mechanism, "count": denial.count,
        })).collect::<Vec<_>>(),
        "receipt": outcome.receipt().iter().map(|line| json!({
            "item": line.item, "level": line.level.name(), "mechanism": line.mechanism,
        })).collect::<Vec<_>>(),
        "json": text,
    }))
}

pub fn shown_error(error: &Error) -> Value {
    json!({
        "status": error.kind().name(),
        "message": error.message(),
        "operation": error.operation(),
        "origin": error.origin(),
        "hint": error.hint(),
        "errno": error.errno().unwrap_or(0),
    })
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let group = three.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * place)) as usize & 63];
            text.push(if place > three.len() { '=' } else { char::from(letter) });
        }
    }
    text
}
