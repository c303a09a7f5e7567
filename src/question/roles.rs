//! What claims make of an experiment: whether one turns on it decides how much of it is measured.

use super::CLAIMS;
use crate::plan::{Experiment, Role};
use crate::record::Id;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What claims make of what they read; absent where none reads it.
static ROLES: LazyLock<BTreeMap<Id, Role>> = LazyLock::new(|| {
    let mut roles = BTreeMap::new();
    for (claim, cell) in CLAIMS.iter().flat_map(|c| c.cells.iter().map(move |cell| (c, cell))) {
        let role = match (claim.decides(cell), claim.turns_on(cell)) {
            (true, _) => Role::Stated,
            (_, true) => Role::Axis,
            _ => Role::Evidence,
        };
        let known = roles.entry(cell.id()).or_insert(role);
        *known = role.max(*known);
    }
    roles
});

/// Memory of a parent that an axis ends with.
const HUGE_PARENT_BYTES: u64 = 256 << 20;

/// The experiment for what claims need it for.
pub(super) fn with_role(experiment: Experiment) -> Experiment {
    let role = match ROLES.get(&experiment.id) {
        // Filled for seconds in each launch, to show how far a line goes on.
        Some(Role::Axis) if experiment.b.parent.memory_bytes >= HUGE_PARENT_BYTES => Role::Evidence,
        role => role.copied().unwrap_or(Role::Evidence),
    };
    experiment.needed_by(role)
}
