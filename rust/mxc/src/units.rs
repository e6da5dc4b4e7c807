//! Sizes and durations as people write them: 512M, 1.5G, 30s, 500ms.
use crate::error::{Error, Result};
use std::time::Duration;

/// A number of bytes: a number, or text such as "64K", "512M", "1.5G" (powers of 1024; "MiB" is the same as "M").
///
/// ```
/// # use mxc::Policy;
/// let written = Policy::builder().memory("512M").build()?;
/// assert_eq!(written, Policy::builder().memory(512 << 20).build()?);
/// assert!(Policy::builder().memory("a lot").build().is_err());
/// # Ok::<(), mxc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Size(Result<u64, String>);

/// A duration: a [`Duration`], or text such as "500ms", "30s", "2m", "1h" (without a unit: seconds).
///
/// ```
/// # use mxc::Policy;
/// # use std::time::Duration;
/// let written = Policy::builder().timeout("1.5s").build()?;
/// assert_eq!(written, Policy::builder().timeout(Duration::from_millis(1500)).build()?);
/// # Ok::<(), mxc::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Span(Result<u64, String>);

impl Size {
    pub(crate) fn bytes(self, what: &str) -> Result<u64> {
        self.0.map_err(|wrong| Error::argument(format!("{what}: {wrong}")))
    }
}

impl Span {
    pub(crate) fn milliseconds(self, what: &str) -> Result<u64> {
        self.0.map_err(|wrong| Error::argument(format!("{what}: {wrong}")))
    }

    /// As a deadline: 0 means "no limit" to the library, so it is not one.
    pub(crate) fn deadline(self, what: &str) -> Result<u64> {
        match self.milliseconds(what)? {
            0 => Err(Error::argument(format!("{what} must be more than 0; leave it out for no limit"))),
            some => Ok(some),
        }
    }
}

macro_rules! sizes {
    ($($number:ty)*) => {$(
        impl From<$number> for Size {
            fn from(value: $number) -> Self {
                Self(u64::try_from(value).map_err(|_| format!("must not be negative: {value}")))
            }
        }
    )*};
}
sizes!(u32 u64 usize i32 i64);

impl From<&str> for Size {
    fn from(text: &str) -> Self {
        Self(parse_size(text).ok_or_else(|| format!("{text:?} is no size; write bytes, or 64K, 512M, 1.5G")))
    }
}

impl From<&str> for Span {
    fn from(text: &str) -> Self {
        Self(parse_span(text).ok_or_else(|| format!("{text:?} is no duration; write 500ms, 30s, 2m, 1h")))
    }
}

impl From<Duration> for Span {
    /// More than nothing is at least 1 ms.
    fn from(value: Duration) -> Self {
        let whole = value.as_nanos().div_ceil(1_000_000);
        Self(u64::try_from(whole).map_err(|_| format!("is too large: {value:?}")))
    }
}

/// The number at the start and what follows; digits and one point in between, nothing else.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let whole = |part: &str| (1..=20).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let good = match number.split_once('.') {
        Some((before, after)) => whole(before) && whole(after),
        None => whole(number),
    };
    good.then_some((number, unit.trim_start()))
}

fn parse_size(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let unit = unit.to_ascii_uppercase();
    let power = match unit.strip_suffix("IB").unwrap_or(&unit) {
        "" => 0,
        "K" => 1,
        "M" => 2,
        "G" => 3,
        "T" => 4,
        _ => return None,
    };
    let factor = 1024_u64.pow(power);
    if !number.contains('.') {
        return number.parse::<u64>().ok()?.checked_mul(factor);
    }
    in_range(number.parse::<f64>().ok()? * factor as f64)
}

fn parse_span(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let factor = match unit {
        "ms" => 1.0,
        "" | "s" => 1e3,
        "m" => 60e3,
        "h" => 3600e3,
        _ => return None,
    };
    let exact = number.parse::<f64>().ok()? * factor;
    // 0.1 is a little more than 0.1: a millionth of a millisecond is not meant
    in_range(((exact * 1e6).round() / 1e6).ceil())
}

/// The whole part, when it fits.
fn in_range(value: f64) -> Option<u64> {
    (value < u64::MAX as f64).then_some(value as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let cases = [("0", 0), ("17", 17), ("64K", 65536), ("512M", 512 << 20), ("1.5G", 3 << 29), (" 2 t ", 2 << 40)];
        for (text, bytes) in cases {
            assert_eq!(parse_size(text), Some(bytes), "{text}");
        }
        assert_eq!(parse_size("1MiB"), parse_size("1m"));
        for wrong in ["", "M", "-1", "1.", ".5", "1.2.3", "1e3", "1MB", "0x10", "1 M M", "99999999999999999999"] {
            assert_eq!(parse_size(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn spans() {
        let cases = [("0", 0), ("30", 30_000), ("500ms", 500), ("0.1", 100), ("1.5s", 1500), ("2m", 120_000)];
        for (text, ms) in cases {
            assert_eq!(parse_span(text), Some(ms), "{text}");
        }
        assert_eq!(parse_span("1h"), Some(3_600_000));
        assert_eq!(parse_span("0.0001"), Some(1));
        for wrong in ["", "s", "1 day", "1S", "-1", "inf", "nan", "1e9", "99999999999999999999h"] {
            assert_eq!(parse_span(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_are_rounded_up() {
        assert_eq!(Span::from(Duration::from_nanos(1)).0, Ok(1));
        assert_eq!(Span::from(Duration::from_micros(1500)).0, Ok(2));
        assert!(Span::from(Duration::MAX).0.is_err());
        assert!(Span::from(Duration::ZERO).deadline("timeout").unwrap_err().message().contains("more than 0"));
    }
}
