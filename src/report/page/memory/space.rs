//! Address space that is reserved against memory that is there.

use super::look;
use crate::claim::Unit;
use crate::question::memory::evidence::UnitMemory;
use crate::report::html::{escape, paragraph, table};
use crate::stats::Interval;

pub(super) fn html(units: &[UnitMemory]) -> String {
    if units.is_empty() {
        return String::new();
    }
    let head = [
        "One (95 % interval)",
        "=Address space",
        "=Resident",
        "=Proportional share",
        "=In use, kernel's included",
        "=Address space over in use",
    ];
    let rows: Vec<Vec<String>> = units.iter().map(row).collect();
    table(&head, &rows) + &paragraph("note", NOTE)
}

const NOTE: &str = "Address space (VmSize) and resident memory (VmRSS) are of the creating \
                    process, in which threads and processes with CLONE_VM live; a dash where a \
                    process has its own. The proportional share (Pss) counts a page that several \
                    share once, over all of them; the kernel's memory is in the last but one \
                    column only.";

fn row(unit: &UnitMemory) -> Vec<String> {
    let own = matches!(unit.kind.as_str(), "fork" | "exec-dynamic");
    let bytes = |interval: Interval| escape(&look::bytes(interval));
    let inside = |interval| if own { "-".to_owned() } else { bytes(interval) };
    let ratio = unit.space_over_memory().filter(|_| !own);
    vec![
        look::coloured(unit),
        inside(unit.virtual_bytes),
        inside(unit.resident_bytes),
        bytes(unit.proportional_bytes),
        bytes(unit.total_bytes),
        escape(&ratio.map_or("-".to_owned(), |ratio| Unit::Times.format_interval(ratio))),
    ]
}
