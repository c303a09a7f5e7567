//! tmp
use process_vs_thread::record::{Failure, Stop};
use process_vs_thread::{question, record};
use std::path::Path;
fn main() {
    for folder in std::env::args().skip(1) {
        let file = Path::new(&folder).join("record.json.gz");
        let mut record = record::read(&file).unwrap();
        record.machine.emulated = Some(record.machine.slug.ends_with("qemu"));
        let mark = |failure: &mut Failure| failure.skipped = failure.why.ends_with("at most");
        for cell in &mut record.cells {
            if let Stop::Failed(failure) = &mut cell.stop {
                mark(failure);
            }
        }
        let judged = question::judge(&record);
        record.judged = Some(judged.summary());
        std::fs::remove_file(&file).unwrap();
        record::write_new(&file, &record).unwrap();
        let [(name, page), _] = question::pages(&record, &judged);
        std::fs::write(Path::new(&folder).join(name), page).unwrap();
        println!("{}", question::screen(&record, &judged, 80, false));
    }
}
