//! What the judge says of creation, on records made in code.

mod fixture;

use process_vs_thread::claim::judge;

#[test]
fn everything_of_creation_is_in_the_fixture() {
    let judged = judge(&fixture::creation());
    let unmeasured: Vec<&str> = judged
        .evidence
        .iter()
        .filter(|(_, evidence)| evidence.ratio.is_none())
        .map(|(id, _)| id.as_str())
        .collect();
    assert!(unmeasured.iter().all(|id| id.starts_with("creation/pool/")), "{unmeasured:?}");
    // Five races, two sizes that are refused.
    assert_eq!(unmeasured.len(), 10);
}

#[test]
fn print() {
    let judged = judge(&fixture::creation());
    for c in judged.claims.iter().filter(|c| c.claim.id < "B" || c.claim.id > "E") {
        println!("{} {}\n   {}", c.claim.id, c.verdict, c.reason);
        for cell in &c.cells {
            println!(
                "      {} | {} | {} | {}",
                cell.def.title,
                cell.figure
                    .map(|f| cell.def.estimand.unit().format_interval(f))
                    .unwrap_or_default(),
                cell.verdict,
                cell.reason
            );
        }
    }
    println!("{:#?}", judged.creation);
}
