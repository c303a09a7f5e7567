//! What idle threads, processes and connections keep of the memory.

mod books;
mod connections;
mod kept;
mod limits;
mod look;
mod opening;
mod space;

use super::{View, section, titled};
use crate::question::Question;
use crate::record::Footprint;
use crate::report::html::paragraph;

pub(super) fn html(view: &View) -> String {
    // Those of servers have a section of their own.
    let own = |footprint: &Footprint| footprint.id.question() == Question::Memory.name();
    if !view.record.footprints.iter().any(own) {
        return String::new();
    }
    let memory = &view.memory;
    let parts = [
        titled("What one of them keeps", kept::html(&memory.units)),
        titled("Address space and memory", space::html(&memory.units)),
        titled("Which limit comes first", limits::html(&memory.bounds)),
        titled("Ten thousand connections, extrapolated", connections::html(view)),
        titled("Where these figures come from", books::html(memory)),
    ]
    .concat();
    section("memory", "Memory", &(opening::html(view) + &paragraph("", METHOD) + &parts))
}

/// How it was measured.
const METHOD: &str = "Each figure is a slope: units are made that do nothing, in a process that \
                      was started afresh for them, and what is in use is read with fewer and with \
                      more of them; what does not grow with their number cancels. Memory in use \
                      includes the kernel's. The intervals are over launches.";
