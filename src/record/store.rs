//! Records on disk: written once, read with care.

use super::{Failure, Record, Result, SCHEMA};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Reads a record.
///
/// # Errors
/// The file cannot be read, is no record, or is a record of another schema.
pub fn read(path: &Path) -> Result<Record> {
    let tried = || format!("reading the record {}", path.display());
    let text = fs::read_to_string(path).map_err(|e| Failure::os(tried(), e))?;
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| Failure::new(tried(), format!("not JSON: {e}")))?;
    match value.get("schema").and_then(serde_json::Value::as_u64) {
        Some(schema) if schema == u64::from(SCHEMA) => {}
        Some(schema) => {
            return Err(Failure::new(
                tried(),
                format!("its schema is {schema}, this program reads {SCHEMA}"),
            )
            .remedy("use the version of the program that wrote it"));
        }
        None => {
            return Err(Failure::new(
                tried(),
                "it has no schema, so it is no record of this program",
            ));
        }
    }
    serde_json::from_value(value).map_err(|e| Failure::new(tried(), e.to_string()))
}

/// Writes `record` as JSON to a path where nothing is yet.
///
/// # Errors
/// The file exists already, or cannot be written.
pub fn write_new(path: &Path, record: &Record) -> Result<()> {
    let tried = || format!("writing the record {}", path.display());
    let text = serde_json::to_string(record).map_err(|e| Failure::new(tried(), e.to_string()))?;
    let mut file: File = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(|e| Failure::os(tried(), e))?;
    file.write_all(text.as_bytes()).map_err(|e| Failure::os(tried(), e))?;
    file.write_all(b"\n").map_err(|e| Failure::os(tried(), e))
}
