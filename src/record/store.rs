//! Records on disk: written once, read with care.

use super::{Failure, Record, Result, SCHEMA, file, schema5};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use nix::fcntl::OFlag;
use serde::Deserialize;
use std::fs::{File, FileType, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// Most bytes that are read of anything: some twenty times what a full run writes.
pub(super) const MOST_BYTES: u64 = 256 << 20;
/// What anything packed by gzip begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads a record.
///
/// # Errors
/// The file cannot be read, is no regular file, is no record, or is a record of another schema.
pub fn read(path: &Path) -> Result<Record> {
    let tried = format!("reading {}", path.display());
    parse(&tried, &whole(&tried, path)?)
}

/// Reads a record to the end of a stream.
///
/// # Errors
/// As [`read`].
pub fn read_from(name: &str, stream: impl Read) -> Result<Record> {
    let tried = format!("reading a record from {name}");
    parse(&tried, &bounded(&tried, stream)?)
}

/// Reads a regular file whole: what is none might never end, or never begin.
///
/// # Errors
/// It cannot be read, is no regular file, or is longer than any file that is to be read.
pub fn whole(tried: &str, path: &Path) -> Result<Vec<u8>> {
    bounded(tried, regular(tried, path)?)
}

/// Opens a regular file.
pub(super) fn regular(tried: &str, path: &Path) -> Result<File> {
    let refused = |e| Failure::os(tried, e);
    // Opening a FIFO would wait for somebody to write to it.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(path)
        .map_err(refused)?;
    let kind = file.metadata().map_err(refused)?.file_type();
    match kind.is_file() {
        true => Ok(file),
        false => Err(irregular(tried, path, kind)),
    }
}

fn irregular(tried: &str, path: &Path, kind: FileType) -> Failure {
    let what = match kind {
        _ if kind.is_dir() => "a folder",
        _ if kind.is_fifo() => "a FIFO",
        _ if kind.is_char_device() || kind.is_block_device() => "a device",
        _ => "no regular file",
    };
    let failure = Failure::new(tried, format!("it is {what}"));
    match kind.is_dir() {
        true => failure.remedy(format!("did you mean {}?", path.join("record.json.gz").display())),
        false => failure.remedy("name a regular file, or - for standard input"),
    }
}

fn bounded(tried: &str, stream: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|e| Failure::os(tried, e))?;
    if bytes.len() as u64 > MOST_BYTES {
        let why = format!("it has more than {} MiB, the limit for a record", MOST_BYTES >> 20);
        return Err(Failure::new(tried, why));
    }
    Ok(bytes)
}

fn parse(tried: &str, bytes: &[u8]) -> Result<Record> {
    let unpacked = unpacked(tried, bytes)?;
    let bytes = unpacked.as_deref().unwrap_or(bytes);
    let head: Head = serde_json::from_slice(bytes)
        .map_err(|e| Failure::new(tried, format!("not a JSON object: {e}")))?;
    let refused = |e: serde_json::Error| Failure::new(tried, e.to_string());
    match head.schema {
        Some(SCHEMA) => serde_json::from_slice(bytes).map_err(refused),
        Some(schema5::SCHEMA) => {
            let old = serde_json::from_slice(bytes).map_err(refused)?;
            schema5::migrate(old).and_then(|record| of_value(&record)).map_err(refused)
        }
        Some(schema) => {
            let (before, now) = (schema5::SCHEMA, SCHEMA);
            let why = format!("its schema is {schema}, this program reads {before} and {now}");
            Err(Failure::new(tried, why).remedy("use the version of the program that wrote it"))
        }
        None => Err(Failure::new(tried, "it is not a process-vs-thread record (no \"schema\")")),
    }
}

/// A record out of its text, like every other: to read it off a value as well would have all its
/// types compiled once more.
pub(super) fn of_value(value: &serde_json::Value) -> serde_json::Result<Record> {
    serde_json::from_slice(&serde_json::to_vec(value)?)
}

/// What was packed by gzip; nothing where it was not.
fn unpacked(tried: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    match bytes.starts_with(&GZIP) {
        true => bounded(tried, GzDecoder::new(bytes)).map(Some),
        false => Ok(None),
    }
}

/// What every version of a record has.
#[derive(Deserialize)]
struct Head {
    schema: Option<u32>,
}

/// Writes `record` to a path where nothing is yet: as JSON, packed by gzip where the path says so.
///
/// # Errors
/// The file exists already, or cannot be written.
pub fn write_new(path: &Path, record: &Record) -> Result<()> {
    let tried = || format!("writing the record {}", path.display());
    let mut bytes = serde_json::to_vec(record).map_err(|e| Failure::new(tried(), e.to_string()))?;
    bytes.push(b'\n');
    if path.extension().is_some_and(|extension| extension == "gz") {
        bytes = packed(&bytes)?;
    }
    file::create(path, &bytes)
}

/// Packs bytes as gzip.
///
/// # Errors
/// None is expected: it is done in memory.
pub fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    let refused = |e| Failure::os("packing a record", e);
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).map_err(refused)?;
    packed.finish().map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_or_written_later_says_so() {
        let whole = packed(br#"{"schema": 99, "cells": "other than today's"}"#).unwrap();
        let later = parse("reading", &whole).unwrap_err();
        assert!(later.why.starts_with("its schema is 99, this program reads"), "{later}");
        let cut = parse("reading", &whole[..whole.len() / 2]).unwrap_err();
        assert!(cut.to_string().starts_with("reading: "), "{cut}");
        let none = parse("reading", &packed(b"{}").unwrap()).unwrap_err();
        assert!(none.why.contains("not a process-vs-thread record"), "{none}");
    }

    #[test]
    fn what_never_ends_is_read_up_to_the_limit() {
        let endless = bounded("reading", std::io::repeat(b' ')).unwrap_err();
        assert!(endless.why.contains("the limit for a record"), "{endless}");
    }
}
