//! The machine and the checks of the instruments.

use super::{Fact, Finding};
use serde::{Deserialize, Serialize};

/// What is known about the machine.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Machine {
    /// One line: processor, CPUs, virtualisation, kernel, TLB facts, PMU.
    pub summary: String,
    /// Short name for folders: processor, number of CPUs, bare or hypervisor. Never a host name.
    pub slug: String,
    /// CPUs that this run may use.
    pub cpus: Vec<usize>,
    /// Bytes of a base page; absent where the record does not say.
    #[serde(default)]
    pub page_bytes: Option<u64>,
    /// Are its processors emulated in software, so that time is virtual? Absent where the record
    /// does not say.
    #[serde(default)]
    pub emulated: Option<bool>,
    /// Tells runs of one machine from those of others without naming it: a salted hash of the
    /// machine's id (machine-id(5)), or why there is none. Absent in records written before this
    /// was kept, and where it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Finding>,
    /// Facts in the order in which they are printed.
    pub facts: Vec<Fact>,
    /// What bounds the number of threads, processes and descriptors.
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// What makes the figures less trustworthy, and what would help.
    pub warnings: Vec<String>,
}

impl Machine {
    /// The fact with this name.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&Finding> {
        self.facts.iter().find(|fact| fact.name == name).map(|fact| &fact.value)
    }

    /// Do its clocks tell what its processors take? Not where they are emulated.
    #[must_use]
    pub fn has_real_time(&self) -> bool {
        self.emulated != Some(true)
    }

    /// Are both the same machine? By their identities where both have one, else by their short
    /// names.
    #[must_use]
    pub fn is_same_as(&self, other: &Machine) -> bool {
        match (&self.identity, &other.identity) {
            (Some(Finding::Known(one)), Some(Finding::Known(another))) => one == another,
            _ => self.slug == other.slug,
        }
    }
}

/// A limit that this run is under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Limit {
    /// Its name as the system spells it, such as `kernel.pid_max`.
    pub name: String,
    /// The most that it allows; absent where it allows any number, or could not be read.
    pub most: Option<f64>,
    /// How much of it is in use already.
    pub used: f64,
    /// What it counts: `threads`, `mappings`, `bytes`, `descriptors`.
    pub unit: String,
    /// What is to be said of it: that it does not bind this user, or why it could not be read.
    pub note: Option<String>,
}

/// One check of the instruments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Check {
    /// Name of the check, unique.
    pub id: String,
    /// What was measured, where it is a number.
    pub figure: Option<f64>,
    /// Unit of the figure.
    pub unit: String,
    /// Did it pass?
    pub outcome: CheckOutcome,
    /// One sentence: what was found and what follows.
    pub detail: String,
}

impl Check {
    /// A check with a figure.
    #[must_use]
    pub fn figure(
        id: &str,
        figure: f64,
        unit: &str,
        outcome: CheckOutcome,
        detail: String,
    ) -> Check {
        Check { id: id.to_owned(), figure: Some(figure), unit: unit.to_owned(), outcome, detail }
    }

    /// A check that cannot be made here.
    #[must_use]
    pub fn not_measurable(id: &str, unit: &str, reason: impl Into<String>) -> Check {
        Check {
            id: id.to_owned(),
            figure: None,
            unit: unit.to_owned(),
            outcome: CheckOutcome::NotMeasurable,
            detail: reason.into(),
        }
    }
}

/// The result of an instrument check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CheckOutcome {
    /// The instrument can be trusted.
    Passed,
    /// It can not; what depends on it is inconclusive.
    Failed,
    /// It could not be checked here; the detail says why.
    NotMeasurable,
    /// A figure that explains others and decides nothing.
    Informative,
}

impl CheckOutcome {
    /// Passed or failed.
    #[must_use]
    pub fn passed_if(passed: bool) -> Self {
        if passed { CheckOutcome::Passed } else { CheckOutcome::Failed }
    }
}
