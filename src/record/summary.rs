//! What was judged of a run, in short: so that many records can be compared without judging each
//! anew. The page never reads it: it judges.

use serde::{Deserialize, Serialize};

/// What one version of the judge said of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Summary {
    /// Version of the judge: two summaries of the same version compare.
    pub judge: u32,
    /// Every claim that was judged, in the order in which they are shown.
    pub claims: Vec<ClaimSummary>,
}

/// What was said of a claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClaimSummary {
    /// Its id, such as `A1`.
    pub id: String,
    /// The verdict.
    pub verdict: String,
    /// The cells that were measured.
    pub cells: Vec<CellSummary>,
}

/// What was said of a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CellSummary {
    /// Text of the id of what it is read off.
    pub of: String,
    /// What is read off it.
    pub estimand: String,
    /// The verdict.
    pub verdict: String,
    /// Estimate and ends of the 95 % interval, in the unit; absent of answers, and where there is
    /// no figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<[f64; 3]>,
    /// Unit of the figure.
    pub unit: String,
    /// Did the figure pass every check that it depends on? Absent in records written before this
    /// was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<bool>,
    /// What the labs of both arms were at their first launch; absent where no lab was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labs: Option<[LabShape; 2]>,
}

/// What of the state of a lab decides what an operation in it costs: bytes of its own memory,
/// mappings, descriptors, threads, and bytes in huge pages.
pub type LabShape = [u64; 5];
