//! The feature `serde`: policies and outcomes as the JSON they have in every language, records as in it.
//!
//! ```
//! let policy: mxc::Policy = serde_json::from_str(r#"{"limits": {"processes": 8}}"#)?;
//! let text = serde_json::to_string(&policy)?;
//! assert_eq!(serde_json::from_str::<mxc::Policy>(&text)?, policy);
//! let outcome = serde_json::to_value(mxc::run(["true"], &policy)?)?;
//! assert_eq!(outcome["exitCode"], 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::record::Limit;
use serde::{de, ser, Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

impl Serialize for Policy {
    /// The canonical form.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<Value>(self.to_json()).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Policy {
    /// As [`Policy::from_json`]: relative paths are taken from the current folder.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Value::deserialize(deserializer)?.to_string();
        Self::from_json(text).map_err(de::Error::custom)
    }
}

impl Serialize for Outcome {
    /// As [`Outcome::to_json`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.to_json().map_err(ser::Error::custom)?;
        serde_json::from_str::<Value>(&text).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

/// `Limit` is another crate's: `#[serde(with = "mxc::serde::limit")]` writes and reads its name.
pub mod limit {
    use super::*;

    /// The name, such as "memory".
    ///
    /// # Errors
    /// Only those of the serializer.
    pub fn serialize<S: Serializer>(limit: &Limit, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(limit.name())
    }

    /// From the name.
    ///
    /// # Errors
    /// For a name that this version does not know.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Limit, D::Error> {
        let name = String::deserialize(deserializer)?;
        Limit::from_name(&name).ok_or_else(|| de::Error::custom(format!("no limit is named {name:?}")))
    }
}

/// Durations as milliseconds with a fraction, as in results.
pub(crate) mod milliseconds {
    use super::*;
    use std::time::Duration;

    pub fn serialize<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(span.as_secs_f64() * 1e3)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)? / 1e3;
        Duration::try_from_secs_f64(seconds).map_err(de::Error::custom)
    }
}
