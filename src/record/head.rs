//! The head of a record: who, when, where, and what was judged. What was measured, which is the
//! longest part by far, is not read.

use super::store::{MOST_BYTES, regular};
use super::{Failure, Machine, Result, Run, SCHEMA, Summary};
use flate2::read::GzDecoder;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// What stands at the head of a record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Head {
    /// When, how and with what the run was made.
    pub run: Run,
    /// The machine that was measured.
    pub machine: Machine,
    /// What was judged; absent of the parts of a run.
    pub judged: Option<Summary>,
}

/// Reads the head of a record of today's schema; nothing where the schema is another, or the head
/// is not where this program writes it.
///
/// # Errors
/// The file cannot be read, is no regular file, or is broken before its head ends.
pub fn read_head(path: &Path) -> Result<Option<Head>> {
    let tried = format!("reading {}", path.display());
    let mut file = BufReader::new(regular(&tried, path)?.take(MOST_BYTES));
    let packed = file.fill_buf().map_err(|e| Failure::os(&tried, e))?.starts_with(&[0x1f, 0x8b]);
    let read = match packed {
        true => head(&mut BufReader::new(GzDecoder::new(file).take(MOST_BYTES))),
        false => head(&mut file),
    };
    read.map_err(|e| Failure::new(tried, e.to_string()))
}

fn head(stream: &mut dyn Read) -> serde_json::Result<Option<Head>> {
    let mut parts = Parts::default();
    let mut json = serde_json::Deserializer::from_reader(stream);
    let read = (&mut parts).deserialize(&mut json);
    match parts {
        Parts {
            schema: Some(SCHEMA),
            judged: Some(judged),
            run: Some(run),
            machine: Some(machine),
        } => Ok(Some(Head { run, machine, judged })),
        Parts { schema: Some(other), .. } if other != SCHEMA => Ok(None),
        _ => read.map(|()| None),
    }
}

/// What was read so far.
#[derive(Default)]
struct Parts {
    schema: Option<u32>,
    judged: Option<Option<Summary>>,
    run: Option<Run>,
    machine: Option<Machine>,
}

impl Parts {
    fn is_whole(&self) -> bool {
        self.schema.is_some()
            && self.judged.is_some()
            && self.run.is_some()
            && self.machine.is_some()
    }
}

impl<'de> DeserializeSeed<'de> for &mut Parts {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, json: D) -> std::result::Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Parts {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a record")
    }

    /// Stops as soon as all is there: what is left of the stream is not read.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        while !self.is_whole() {
            let Some(name) = map.next_key::<String>()? else { break };
            match name.as_str() {
                "schema" => self.schema = Some(map.next_value()?),
                // Another schema's parts are no business of this one's types.
                _ if self.schema.is_some_and(|schema| schema != SCHEMA) => break,
                "judged" => self.judged = Some(map.next_value()?),
                "run" => self.run = Some(map.next_value()?),
                "machine" => self.machine = Some(map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;

    #[test]
    fn what_follows_the_head_is_not_read() {
        let judged = Some(Summary { judge: 1, claims: Vec::new() });
        let record = Record { schema: SCHEMA, judged, ..Record::default() };
        let text = serde_json::to_string(&record).unwrap();
        let cut = text.split("\"primitives\"").next().unwrap();
        let found = head(&mut cut.as_bytes()).unwrap().unwrap();
        assert_eq!((found.judged, found.run), (record.judged, record.run));
        assert!(head(&mut &text.as_bytes()[..40]).is_err(), "a head that is cut off is no head");
        assert!(head(&mut &b"[1]"[..]).is_err());
    }

    #[test]
    fn another_schema_and_a_run_that_was_not_judged_have_no_head() {
        assert_eq!(head(&mut &br#"{"schema":5,"run":"of old"}"#[..]).unwrap(), None);
        let text = serde_json::to_string(&Record { schema: SCHEMA, ..Record::default() }).unwrap();
        assert_eq!(head(&mut text.as_bytes()).unwrap(), None);
    }
}
