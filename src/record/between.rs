//! How far the figures of this run and of earlier ones of the same machine lie apart, as it stood
//! when this one was written: its intervals can be computed again without the earlier records.

use serde::{Deserialize, Serialize};

/// Standard deviations between runs of what one question measures, beyond what the launches of each
/// run show; of logarithms: hundredths are per cent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BetweenRuns {
    /// Earlier runs that measured the same.
    pub runs: u64,
    /// Of times; absent where the runs have too few in common.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<f64>,
    /// Of ratios of like work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratios: Option<f64>,
    /// Of ratios of unlike work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlike: Option<f64>,
}
