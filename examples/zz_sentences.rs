//! tmp
use process_vs_thread::{question, record};
use std::path::Path;
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let record = record::read(Path::new(&args[0])).unwrap();
    let judged = question::judge(&record);
    for (name, text) in question::pages(&record, &judged) {
        std::fs::write(Path::new(&args[1]).join(name), text).unwrap();
    }
    for (name, dark) in [("light", false), ("dark", true)] {
        std::fs::write(
            Path::new(&args[1]).join(format!("{name}.svg")),
            question::drawing(&record, &judged, dark),
        )
        .unwrap();
    }
    println!("{}", question::screen(&record, &judged, 80, false));
}
