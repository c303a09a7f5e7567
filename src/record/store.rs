//! Records on disk: written once, read with care.

use super::{Failure, Record, Result, SCHEMA, file};
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// Reads a record.
///
/// # Errors
/// The file cannot be read, is no record, or is a record of another schema.
pub fn read(path: &Path) -> Result<Record> {
    let tried = || format!("reading the record {}", path.display());
    let bytes = fs::read(path).map_err(|e| Failure::os(tried(), e))?;
    let head: Head = serde_json::from_slice(&bytes)
        .map_err(|e| Failure::new(tried(), format!("not a JSON object: {e}")))?;
    match head.schema {
        Some(SCHEMA) => {
            serde_json::from_slice(&bytes).map_err(|e| Failure::new(tried(), e.to_string()))
        }
        Some(schema) => {
            let why = format!("its schema is {schema}, this program reads {SCHEMA}");
            Err(Failure::new(tried(), why).remedy("use the version of the program that wrote it"))
        }
        None => Err(Failure::new(tried(), "it has no schema, so it is no record of this program")),
    }
}

/// What every version of a record has.
#[derive(Deserialize)]
struct Head {
    schema: Option<u32>,
}

/// Writes `record` as JSON to a path where nothing is yet.
///
/// # Errors
/// The file exists already, or cannot be written.
pub fn write_new(path: &Path, record: &Record) -> Result<()> {
    let tried = || format!("writing the record {}", path.display());
    let mut bytes = serde_json::to_vec(record).map_err(|e| Failure::new(tried(), e.to_string()))?;
    bytes.push(b'\n');
    file::create(path, &bytes)
}
