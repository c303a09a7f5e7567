//! What was judged, in short, to stand at the head of a record.

use super::{CellVerdict, Evidence, Judged, JudgedCell, JudgedClaim};
use crate::record::{CellSummary, ClaimSummary, LabShape, LabState, Summary};

/// Version of the judge: to be raised with every change of a rule, a band or an estimate.
pub const JUDGE: u32 = 4;

impl Judged {
    /// What was judged, in short.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let claim = |judged: &JudgedClaim| ClaimSummary {
            id: judged.claim.id.to_owned(),
            verdict: judged.verdict.to_string(),
            cells: judged.cells.iter().filter_map(|cell| self.cell(cell)).collect(),
        };
        Summary { judge: JUDGE, claims: self.claims.iter().map(claim).collect() }
    }

    fn cell(&self, judged: &JudgedCell) -> Option<CellSummary> {
        let labs = |evidence: &Evidence| {
            Some([shape(evidence.a.lab.as_ref()?), shape(evidence.b.lab.as_ref()?)])
        };
        let def = judged.def;
        (judged.verdict != CellVerdict::NotRun).then(|| CellSummary {
            of: def.id().to_string(),
            estimand: def.estimand.name(),
            verdict: judged.verdict.to_string(),
            figure: judged.figure.map(|figure| [figure.estimate, figure.low, figure.high]),
            unit: def.estimand.unit().name().to_owned(),
            sound: Some(judged.sound().is_some()),
            labs: self.evidence.get(&def.id()).and_then(labs),
        })
    }
}

fn shape(lab: &LabState) -> LabShape {
    [lab.own_bytes, lab.vmas, lab.fds, lab.threads, lab.huge_bytes]
}
