//! Records of schema 5 are read as if they had been written today.

mod fixture;

use process_vs_thread::question;
use process_vs_thread::record::{self, Coordinate, Id};
use serde_json::{Value, json};
use std::path::Path;

/// As schema 5 wrote it.
fn old(id: &Id) -> String {
    let text = id.to_string();
    match text.strip_prefix("probe/") {
        Some(probe) => probe.to_owned(),
        None => text.replacen("tlb/", "translation/", 1),
    }
}

/// Could a record of schema 5 hold it?
fn existed(id: &Id) -> bool {
    let newer = |at: &Coordinate| match at {
        Coordinate::CleanMappings(_) | Coordinate::ScatteredMemoryMib(_) => true,
        Coordinate::Kind(kind) => ["inlined", "rested"].contains(&kind.as_str()),
        _ => false,
    };
    !id.point().iter().any(newer) && !id.to_string().starts_with("tlb/switch-inlined/")
}

#[test]
fn every_id_of_the_plan_has_the_same_family_and_point_when_it_is_read_off_its_spelling() {
    // A probe stands for all rows: their ids are read alike, but for what stands before them.
    let (probes, others): (Vec<Id>, Vec<Id>) = fixture::ids()
        .into_iter()
        .filter(existed)
        .partition(|id| id.to_string().starts_with("probe/"));
    let row = |id: &Id| json!({ "id": old(id), "statement": "", "runs": [] });
    let footprint = |id: &Id| {
        let parent = json!({ "memory_bytes": 0, "huge": false, "mappings": 0, "descriptors": 0,
            "threads": 0 });
        json!({ "id": old(id), "kind": "", "parent": parent, "launches": [], "seed": 0 })
    };
    let mut record = serde_json::to_value(fixture::small()).unwrap();
    record["schema"] = json!(5);
    record["cells"] = json!([]);
    record["probes"] = Value::Array(probes.iter().map(row).collect());
    record["footprints"] = Value::Array(others.iter().map(footprint).collect());
    let read = record::read_from("a test", record.to_string().as_bytes()).unwrap();
    let found: Vec<&Id> = read.probes.iter().map(|probe| &probe.id).collect();
    assert_eq!(found, probes.iter().collect::<Vec<_>>());
    for (found, planned) in read.footprints.iter().map(|row| &row.id).zip(&others) {
        assert_eq!(found, planned);
    }
}

#[test]
fn a_kept_record_of_schema_5_is_judged_and_written_anew_as_a_record_of_today() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/schema5.json.gz");
    let old = record::read(&kept).unwrap();
    assert_eq!(old.schema, record::SCHEMA);
    let again = serde_json::to_vec(&old).unwrap();
    assert_eq!(record::read_from("a test", again.as_slice()).as_ref(), Ok(&old));
    let judged = question::judge(&old);
    let mut cells = judged.claims.iter().flat_map(|claim| &claim.cells);
    assert!(cells.any(|cell| cell.verdict != process_vs_thread::claim::CellVerdict::NotRun));
}
