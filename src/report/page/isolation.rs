//! Who survives whose crash, and who can read whose memory.

mod look;
mod matrix;
mod reading;
mod sharing;

use super::{View, section, titled};
use crate::report::html::paragraph;

pub(super) fn html(view: &View) -> String {
    let parts = [
        titled("One of four commits a fault", matrix::html(view.record)),
        titled("What they share when one goes wrong", sharing::html(view.record)),
        titled("Who can read whose memory", reading::html(view.record)),
    ]
    .concat();
    if parts.is_empty() {
        return String::new();
    }
    let opening = paragraph("lead", &matrix::opening(view.record)) + &paragraph("", METHOD);
    section("isolation", "Isolation", &(opening + &parts))
}

/// How it was found.
const METHOD: &str = "Each answer is that of several runs, each in a process of its own, which \
                      must all agree; a control of each, in which what it is about does not \
                      happen, is part of the tests. Workers beat a heart in memory that they share \
                      with their parent. Who beats on after the fault goes on; the parent learns \
                      how a child ended from waitpid, and starts a new one at once. Times run from \
                      right before the fault; they hold one wake-up of the parent, and on a busy \
                      machine the wait for a core.";
