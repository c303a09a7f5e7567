//! tmp
fn main() {
    for path in std::env::args().skip(1) {
        let record = process_vs_thread::record::read(std::path::Path::new(&path)).unwrap();
        let judged = process_vs_thread::question::judge(&record);
        println!("== {path}\n{:?}", process_vs_thread::claim::quality(&record, &judged));
        for c in &judged.claims {
            println!(
                "{} {:12} {:?} | {} | {}\n     {} ({})",
                c.claim.id,
                c.verdict.to_string(),
                c.side,
                c.sentence.here,
                c.sentence.row,
                c.sentence.text,
                process_vs_thread::claim::words(&c.sentence.text)
            );
        }
    }
}
