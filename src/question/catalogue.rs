//! All that is judged, and by what: the claims of all questions, what each asks of its samples, and
//! the gates in the order in which they are asked.

use super::{CLAIMS, contention, creation, servers, tlb};
use crate::claim::{self, Catalogue, Demands, Gate, Judged, LeastPairs, USUAL};
use crate::record::{Id, Record};

/// Judges every claim.
#[must_use]
pub fn judge(record: &Record) -> Judged {
    claim::judge(record, &CATALOGUE)
}

/// All that is judged.
pub static CATALOGUE: Catalogue = Catalogue {
    claims: CLAIMS,
    demands: &DEMANDS,
    gates: &GATES,
    remarks: creation::evidence::remark,
};

const GATES: [Gate; 12] = [
    claim::measured,
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

/// What two cores do to each other: a wake-up takes as long as fifty switches.
const AT_ONCE: Demands = Demands { least_pairs: |_| [140, 60], at_once: true, ..USUAL };
/// Between actors of one core.
const SWITCHES: Demands = Demands { counts_switches: true, ..USUAL };

const DEMANDS: [Demands; 6] = [
    // Bands are orders of magnitude; the heaviest cells take 6 pairs of a launch.
    Demands { question: "creation", least_pairs: |_| [42, 30], least_margin: 0.10, ..USUAL },
    Demands { question: "switching", ..SWITCHES },
    Demands { question: "tlb", ..SWITCHES },
    Demands { question: "communication", ..AT_ONCE },
    Demands { question: "contention", least_pairs: of_contention, ..AT_ONCE },
    // A batch holds hundreds of requests and a launch six pairs. A pair keeps two CPUs busy for
    // some 50 ms, which on a shared host is hit thirty times as often as two milliseconds of one.
    // What is left must still agree with itself (A/A within ±5 %).
    Demands { question: "servers", least_pairs: |_| [42, 30], most_discarded: 0.40, ..AT_ONCE },
];

/// One drill fills a batch.
fn of_contention(id: &Id) -> LeastPairs {
    if contention::plan::is_drill(id) { [70, 50] } else { [140, 60] }
}
