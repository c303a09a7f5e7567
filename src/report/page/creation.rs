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
    if view.judged.creation.is_empty() && parts.is_empty() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::creation::Creation;
    use crate::question;
    use crate::record::{Failure, Stop};
    use crate::{claim, plan};

    const HEADINGS: [&str; 8] = [
        "From thread to process, flag by flag",
        "All ways to start",
        "What makes a fork dear",
        "What CPUID takes of an exec",
        "Fork against building a pool",
        "A task for a worker that waits",
        "On one core and elsewhere",
        "Copy-on-write at work",
    ];

    fn said(html: &str, all: &[&str]) {
        all.iter().for_each(|words| assert!(html.contains(words), "{words}\n{html}"));
    }

    #[test]
    fn every_part_is_there_with_its_figures() {
        let html = sample::html(sample::creation());
        HEADINGS.iter().for_each(|words| said(&html, &[&format!("<h3>{words}</h3>")]));
        said(
            &html,
            &[
                "In 1 step, marked below, sharing less certainly costs less",
                "<br><b>contradicts the kernel&#39;s work</b>",
                "44.2 µs [39.8, 48.6]",
                ">1 ms at 48.2 MiB</text>",
                ">48.2 MiB [43.4, 53.0]</td>",
                ">not up to 1000\u{a0}threads</td>",
                "<li>Not measured: 1024\u{a0}MiB in base pages: no &lt;memory&gt; left</li>",
                "<b>flat</b>: the same in every parent",
                "<b>no change seen</b>, in a wide interval",
                "<b>not flat</b>",
                "<b>inflated by virtualisation</b>",
                ">44.0\u{a0}% [39.6, 48.4]</td>",
                ">even at 8.20</text>",
                "is ready first against no pool of up to 16 threads",
                "is ready first against every pool that was measured",
                "breaks even at a number of threads that the points do not tell",
                ">34.0× [30.6, 37.4]</td>",
                "never: dispatch is not the cheaper",
                "On two cores it changes by +100 µs; pthread_create, cached stack +90.0 µs, fork \
                 +90.0 µs. None certainly costs more extra than that round trip",
                "Whoever writes first pays for the copy, parent and child alike. Even when the \
                 child",
                ">80.0×</td>",
                "<b>so it is</b>, in 2 runs",
                "its share &lt;Pss&gt;: 3.20\u{a0}MiB\u{a0}to\u{a0}4.00\u{a0}MiB",
                "<b>not seen</b><br><span class=\"soft\">reading smaps: no Pss in it</span>",
            ],
        );
    }

    #[test]
    fn the_opening_says_what_decides_and_what_is_missing() {
        let html = sample::html(sample::creation());
        let (_, lead) = html.split_once("<p class=\"lead\">").unwrap();
        let (lead, _) = lead.split_once("</p>").unwrap();
        let known = "74.2 ns for each page-table entry of a base page; it crosses a millisecond at \
                     48.2 MiB [43.4, 53.0]. In huge pages there are fewer entries: it stays below \
                     a millisecond, at 1024 MiB 597 µs.";
        let flat = "Flat whatever the parent holds: vfork. Not flat, though nothing is copied: \
                    pthread_create. No change is seen, in wide intervals, for: posix_spawn.";
        let even = "a fork is ready first from 8.20 threads on [7.50, 9.00] (small parent, the \
                    child writes 16 pages); it is ready first against every pool that was measured \
                    (64\u{a0}MiB parent, the child writes 16 pages).";
        said(lead, &["Not measured: the life of a thread, a forked process,", known, flat, even]);
    }

    #[test]
    fn a_part_alone_brings_its_heading_and_no_other() {
        let all = sample::creation;
        let parts: [(&str, Creation); 8] = [
            (HEADINGS[0], Creation { spectra: all().spectra, ..sample::empty() }),
            (HEADINGS[1], Creation { ways: all().ways, ..sample::empty() }),
            (HEADINGS[2], Creation { sweeps: all().sweeps, ..sample::empty() }),
            (HEADINGS[3], Creation { traps: all().traps, ..sample::empty() }),
            (HEADINGS[4], Creation { races: all().races, ..sample::empty() }),
            (HEADINGS[5], Creation { dispatches: all().dispatches, ..sample::empty() }),
            (HEADINGS[6], Creation { placed: all().placed, ..sample::empty() }),
            (HEADINGS[7], Creation { probes: all().probes, ..sample::empty() }),
        ];
        for (heading, creation) in parts {
            let html = sample::html(creation);
            assert_eq!(html.matches("<h3>").count(), 1, "{heading}");
            said(&html, &[heading]);
        }
    }

    #[test]
    fn nothing_measured_is_no_section_and_a_failure_alone_is_its_reason() {
        assert_eq!(sample::html(sample::empty()), "");
        let mut record = sample::nothing();
        let plan = question::experiments(crate::record::Policy::Fifo, plan::Grid::Default);
        let race =
            plan.iter().find(|e| e.id == question::creation::plan::race("small", 64)).unwrap();
        record.cells.push(crate::record::Cell {
            id: race.id.clone(),
            a: race.a.clone(),
            b: race.b.clone(),
            precision_aim: 0.03,
            seed: 1,
            launches: Vec::new(),
            stop: Stop::Failed(Failure::new("preparing a pool", "too <many> threads")),
        });
        let mut judged = claim::judge(&record);
        judged.creation = sample::empty();
        let html = html(&View { record: &record, judged: &judged });
        said(
            &html,
            &[
                HEADINGS[4],
                "Not measured: a pool of 64 threads, small parent, the child writes 16 pages: \
                 preparing a pool: too &lt;many&gt; threads</li>",
            ],
        );
        assert_eq!(html.matches("<h3>").count(), 1);
    }
}
