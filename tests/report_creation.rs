//! What a person sees of creation.

mod fixture;

use process_vs_thread::report;
use std::fs;
use std::path::PathBuf;

#[test]
fn tmp() {
    let record = fixture::creation();
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::write(dir.join("creation.html"), report::page(&record)).unwrap();
    fs::write(dir.join("creation-100.txt"), report::table(&record, 100, false)).unwrap();
    fs::write(dir.join("creation-60.txt"), report::table(&record, 60, false)).unwrap();
    let readme = report::splice(&format!("{}{}", report::BEGIN, report::END), &record).unwrap();
    fs::write(dir.join("creation.md"), readme).unwrap();
}
