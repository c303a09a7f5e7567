//! All that is judged, and by what: the claims of all questions, what each asks of its samples, and
//! the gates in the order in which they are asked.

use super::{CLAIMS, QUESTIONS, contention, creation, servers, tlb};
use crate::claim::{self, Catalogue, Claim, Demands, Evidence, Gate, Judged, JudgedCell, USUAL};
use crate::record::{Id, Record};
use std::collections::BTreeMap;

/// Judges every claim.
#[must_use]
pub fn judge(record: &Record) -> Judged {
    claim::judge(record, &CATALOGUE)
}

/// All that is judged.
pub static CATALOGUE: Catalogue =
    Catalogue { claims: CLAIMS, demands, gates: &GATES, remarks: remark };

/// What a question knows of a figure besides.
fn remark(
    record: &Record,
    evidence: &BTreeMap<Id, Evidence>,
    claim: &Claim,
    cell: &JudgedCell,
) -> Option<String> {
    creation::evidence::remark(record, evidence, claim, cell)
        .or_else(|| tlb::floor::remark(evidence, cell))
}

fn demands(question: &str) -> &'static Demands {
    QUESTIONS.iter().find(|known| known.name == question).map_or(&USUAL, |known| &known.demands)
}

const GATES: [Gate; 13] = [
    claim::measured,
    claim::real_time,
    claim::enough_samples,
    servers::gates::client_saturates,
    claim::controls_complete,
    tlb::gates::flush_agrees,
    claim::controls_pass,
    claim::same_work,
    claim::one_clock,
    claim::core_clock,
    tlb::gates::flush_is_seen,
    tlb::gates::room_for_all,
    contention::gates::nothing_shared,
];
