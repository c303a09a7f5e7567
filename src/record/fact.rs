//! What is known about the machine, with what kind of figure it is.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One fact about the machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Fact {
    /// What it is about, such as `clock source`.
    pub name: String,
    /// What was found, or why nothing was.
    pub value: Finding,
}

impl Fact {
    /// A fact in words.
    #[must_use]
    pub fn words(name: &str, words: impl Into<String>) -> Self {
        Fact { name: name.to_owned(), value: Finding::Known(Value::Text(words.into())) }
    }
}

/// What was found, or the reason why nothing was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// It was found.
    Known(Value),
    /// It could not be found; why.
    Unknown(String),
}

/// A figure with its unit, or words where there is no figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// A number of bytes.
    Bytes(u64),
    /// A number of things, which the name of the fact tells.
    Count(u64),
    /// So many a second.
    Hertz(f64),
    /// Words: several things at once, or that there is no such limit.
    Text(String),
}

impl From<std::result::Result<Value, String>> for Finding {
    fn from(found: std::result::Result<Value, String>) -> Self {
        found.map_or_else(Finding::Unknown, Finding::Known)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Known(value) => value.fmt(f),
            Finding::Unknown(reason) => write!(f, "unknown: {reason}"),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bytes(bytes) => in_bytes(*bytes, f),
            Value::Count(count) => write!(f, "{count}"),
            Value::Hertz(hertz) => write!(f, "{:.2} GHz", hertz / 1e9),
            Value::Text(text) => f.write_str(text),
        }
    }
}

/// In the largest unit of which there is one, with a decimal where it is not whole.
fn in_bytes(bytes: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let units = [("GiB", 1_u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) if bytes % unit == 0 => write!(f, "{} {name}", bytes / unit),
        Some((name, unit)) => write!(f, "{:.1} {name}", bytes as f64 / unit as f64),
        None => write!(f, "{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shown_with_its_unit() {
        let shown = [
            (Value::Bytes(0), "0 bytes"),
            (Value::Bytes(1023), "1023 bytes"),
            (Value::Bytes(4096), "4 KiB"),
            (Value::Bytes(1536), "1.5 KiB"),
            (Value::Bytes(2 << 20), "2 MiB"),
            (Value::Bytes(423_952_384), "404.3 MiB"),
            (Value::Bytes(64 << 30), "64 GiB"),
            (Value::Bytes(25_232_932_864), "23.5 GiB"),
            (Value::Count(32_768), "32768"),
            (Value::Hertz(2.6e9), "2.60 GHz"),
            (Value::Text("none".into()), "none"),
        ];
        for (value, words) in shown {
            assert_eq!(value.to_string(), words);
            assert_eq!(Finding::Known(value).to_string(), words);
        }
        assert_eq!(Finding::Unknown("it is closed".into()).to_string(), "unknown: it is closed");
    }

    #[test]
    fn a_fact_in_a_record_says_what_its_figure_is() {
        let known = |value| Finding::Known(value);
        let written = [
            (known(Value::Bytes(4096)), r#"{"known":{"bytes":4096}}"#),
            (known(Value::Count(2)), r#"{"known":{"count":2}}"#),
            (known(Value::Hertz(2.6e9)), r#"{"known":{"hertz":2600000000.0}}"#),
            (known(Value::Text("tsc".into())), r#"{"known":{"text":"tsc"}}"#),
            (Finding::Unknown("closed".into()), r#"{"unknown":"closed"}"#),
        ];
        for (value, finding) in written {
            let fact = Fact { name: "a".into(), value };
            let text = format!(r#"{{"name":"a","value":{finding}}}"#);
            assert_eq!(serde_json::to_string(&fact).unwrap(), text);
            assert_eq!(serde_json::from_str::<Fact>(&text).unwrap(), fact);
        }
    }
}
