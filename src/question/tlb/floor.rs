//! What programs pay for a switch, and what is the floor of it.

use super::plan::Comparison;
use crate::claim::{Evidence, JudgedCell};
use crate::question::switching::plan::ping_pong;
use crate::record::{Calls, Id};
use std::collections::BTreeMap;

/// Earlier versions measured every switch with its calls in line: a floor that no program reaches
/// through the C library, whose pages a flush takes as well.
pub(in crate::question) fn remark(
    evidence: &BTreeMap<Id, Evidence>,
    cell: &JudgedCell,
) -> Option<String> {
    let id = cell.def.id();
    let switches = Comparison::Switch.has(&id) || ["futex", "pipe"].map(ping_pong).contains(&id);
    let inlined = evidence.get(&id)?.b.arm.calls == Calls::Inlined;
    let words = "measured with inlined system calls, a floor: a program that calls the C library \
                 pays more";
    (switches && inlined).then(|| words.to_owned())
}
