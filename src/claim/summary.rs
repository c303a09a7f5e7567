//! What was judged, in short, to stand at the head of a record.

use super::{CellVerdict, Judged, JudgedCell, JudgedClaim};
use crate::record::{CellSummary, ClaimSummary, Summary};

/// Version of the judge: to be raised with every change of a rule, a band or an estimate.
pub const JUDGE: u32 = 3;

impl Judged {
    /// What was judged, in short.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let claim = |judged: &JudgedClaim| ClaimSummary {
            id: judged.claim.id.to_owned(),
            verdict: judged.verdict.to_string(),
            cells: judged.cells.iter().filter_map(cell).collect(),
        };
        Summary { judge: JUDGE, claims: self.claims.iter().map(claim).collect() }
    }
}

fn cell(judged: &JudgedCell) -> Option<CellSummary> {
    (judged.verdict != CellVerdict::NotRun).then(|| CellSummary {
        of: judged.def.id().to_string(),
        estimand: judged.def.estimand.name(),
        verdict: judged.verdict.to_string(),
        figure: judged.figure.map(|figure| [figure.estimate, figure.low, figure.high]),
        unit: judged.def.estimand.unit().name().to_owned(),
    })
}
