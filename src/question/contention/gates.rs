//! What must be right before workers that share something in the kernel may be compared.

use super::plan::{KERNEL_KINDS, NEGATIVE_CONTROL, against};
use crate::claim::{Failed, Gated, Unit, inconclusive};

/// Workers that share nothing, as threads over as processes: where they may be farther from 1 than
/// this, nothing is said of those that share something.
const NOTHING_SHARED: f64 = 0.05;

/// The negative control of what workers share through the kernel: those that share nothing must be
/// seen to take as long as threads as they do as processes. Where they do not, the CPUs are not
/// alike or other programs run there. In user space the control is itself among the judged.
pub(in crate::question) fn nothing_shared(gated: &Gated) -> Failed {
    if !KERNEL_KINDS.into_iter().any(|kind| against(kind) == gated.def.id()) {
        return None;
    }
    let control = against(NEGATIVE_CONTROL);
    let Some(found) = gated.all.get(&control) else {
        return inconclusive(Some(format!(
            "the negative control {control} is not part of this run"
        )));
    };
    if let Some(few) = found.samples.too_few() {
        return inconclusive(Some(format!("the negative control {control}: {few}")));
    }
    let Some(ratio) = found.ratio else {
        return inconclusive(Some(format!("the negative control {control} has no interval")));
    };
    let off = ratio.low > 1.0 || ratio.high < 1.0;
    let (how, what) = match off {
        true => ("off", "the CPUs differ, or other programs run on them"),
        false => ("too wide", "the noise hides whether both take equally long"),
    };
    let shown = || {
        let shown = Unit::Times.format_interval(ratio);
        format!(
            "the negative control is {how}: workers that share nothing differ by {shown}: {what}"
        )
    };
    inconclusive((ratio.farthest_from(1.0) > NOTHING_SHARED).then(shown))
}
