//! What creating a thread or a process costs, and why.

mod copying;
mod look;
mod opening;
mod placed;
mod pools;
mod races;
mod slopes;
mod spectrum;
mod sweeps;
mod traps;
pub(super) mod unmeasured;
mod ways;

use super::{View, folded, section, titled};
use crate::claim::stated;
use crate::report::html::paragraph;

pub(super) fn html(view: &View) -> String {
    let parts = [
        titled("From thread to process, flag by flag", stated(&spectrum::html(view), view.record)),
        titled("All ways to start", ways::html(view)),
        titled(
            "What makes a fork dear",
            stated(&(sweeps::html(view) + &slopes::html(view)), view.record),
        ),
        titled("What CPUID takes of an exec", traps::html(view)),
        titled("Fork against building a pool", stated(&races::html(view), view.record)),
        titled("A task for a worker that waits", pools::html(view)),
        titled("On one core and elsewhere", placed::html(view)),
        titled("Copy-on-write at work", copying::html(view)),
    ]
    .concat();
    if view.creation.is_empty() && parts.is_empty() {
        return String::new();
    }
    section(
        "creation",
        "Creation",
        &(opening::html(view) + &paragraph("", &stated(METHOD, view.record)) + &parts),
    )
}

/// How it was measured.
const METHOD: &str = "An operation is a whole life: created, run to its end and reaped. Each side \
                      of a comparison has a process of its own, started afresh and brought to one \
                      state whatever its C library and linking: a small parent. What the \
                      comparison is about (memory, mappings, descriptors, threads) is added to \
                      that; ratios and differences come from pairs of batches next to each other \
                      in time. All on one core where nothing else is said: there no figure \
                      contains the wake-up of another.";
