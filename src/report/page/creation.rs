//! What creating a thread or a process costs, and why.

mod copying;
mod look;
mod opening;
mod placed;
mod pools;
mod races;
#[cfg(test)]
mod sample;
mod slopes;
mod spectrum;
mod sweeps;
mod traps;
mod unmeasured;
mod ways;

use super::{View, folded, section, titled};
use crate::report::html::paragraph;

pub(super) fn html(view: &View) -> String {
    let parts = [
        titled("From thread to process, flag by flag", spectrum::html(view)),
        titled("All ways to start", ways::html(view)),
        titled("What makes a fork dear", sweeps::html(view) + &slopes::html(view)),
        titled("What virtualisation takes of an exec", traps::html(view)),
        titled("Fork against building a pool", races::html(view)),
        titled("A task for a worker that waits", pools::html(view)),
        titled("On one core and elsewhere", placed::html(view)),
        titled("Copy-on-write at work", copying::html(view)),
    ]
    .concat();
    if view.judged.creation.is_empty() && parts.is_empty() {
        return String::new();
    }
    section("creation", "Creation", &(opening::html(view) + &paragraph("", METHOD) + &parts))
}

/// How it was measured.
const METHOD: &str = "An operation is a whole life: created, run to its end and reaped. Each side of a comparison has \
                      a process of its own, started afresh, which holds what the comparison is about (memory, \
                      mappings, descriptors, threads) and nothing else; ratios and differences come from pairs of \
                      batches next to each other in time. All on one core where nothing else is said: there no \
                      figure contains the wake-up of another.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tmp() {
        std::fs::write("/tmp/page-sample.html", {
            let css = include_str!("../style.css");
            format!("<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width, initial-scale=1'><style>{css}</style><main>{}</main>", sample::html(sample::creation()))
        }).unwrap();
    }
}
