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
