//! The sets of clone flags from thread to process, and what each flag buys.

use super::{View, folded, look, unmeasured};
use crate::claim::Unit;
use crate::plan::BIG_PARENT_MIB;
use crate::question::creation::evidence::{FlagSet, FlagStep, Spectrum};
use crate::question::creation::plan::{FLAG_SETS, flags};
use crate::record::Record;
use crate::report::html::{escape, hue, paragraph, table, text};
use crate::report::plot::Shape;
use crate::report::strips::{Strip, Strips};
use crate::report::words;

pub(super) fn html(view: &View) -> String {
    let spectra = &view.creation.spectra;
    let tried = [0, BIG_PARENT_MIB].into_iter().flat_map(|parent_mib| {
        let sets = FLAG_SETS.iter().skip(1);
        sets.map(move |(set, words)| {
            (format!("{words}, {}", parent(parent_mib)), flags(set, parent_mib))
        })
    });
    let missing = unmeasured::html(view, tried);
    if spectra.iter().all(|spectrum| spectrum.sets.is_empty()) {
        return missing;
    }
    paragraph("", WORDS)
        + &chart(view.record, spectra)
        + &figures(view.record, spectra)
        + &steps(spectra)
        + &missing
}

const WORDS: &str = "Thread and process are the two ends of one system call, clone, whose flags \
                     say what creator and created share. Each set below runs the same instructions \
                     on the same prepared stack.";

/// The parent of a spectrum.
fn parent(mebibytes: u64) -> String {
    match mebibytes {
        0 => "small parent".to_owned(),
        _ => format!("{mebibytes}\u{a0}MiB parent"),
    }
}

fn find<'s>(spectrum: &'s Spectrum, name: &str) -> Option<&'s FlagSet> {
    spectrum.sets.iter().find(|set| set.name == name)
}

fn chart(record: &Record, spectra: &[Spectrum]) -> String {
    let shapes = [(Shape::Circle, true), (Shape::Square, false)];
    let key = spectra.iter().zip(shapes.into_iter().cycle());
    let key = key
        .map(|(spectrum, (shape, filled))| (look::row(shape, filled), parent(spectrum.parent_mib)));
    let row = |(name, words): &(&str, &str)| {
        let marks: Vec<_> =
            spectra.iter().map(|spectrum| Some(find(spectrum, name)?.time_ns)).collect();
        let shown: Vec<String> =
            marks.iter().flatten().map(|time| words::time(time.estimate)).collect();
        (!shown.is_empty()).then(|| Strip {
            label: (*words).to_owned(),
            hue: hue(record.actor(&format!("clone/{name}"))),
            value: shown.join(" · "),
            marks,
        })
    };
    Strips {
        label: "Chart: time from clone to reaped for each set of flags, from thread to process; \
                its figures are in the table below",
        axis: "created to reaped, logarithmic",
        unit: Unit::Nanoseconds,
        key: key.collect(),
        rows: FLAG_SETS.iter().filter_map(row).collect(),
    }
    .html()
}

fn figures(record: &Record, spectra: &[Spectrum]) -> String {
    let head = ["Flags", "=Created to reaped (95 % interval)", "=Over a thread, in pairs"];
    let mut rows = Vec::new();
    for spectrum in spectra.iter().filter(|spectrum| !spectrum.sets.is_empty()) {
        rows.push(vec![escape(&parent(spectrum.parent_mib))]);
        rows.extend(spectrum.sets.iter().map(|set| {
            vec![
                look::coloured(record, &format!("clone/{}", set.name), set.flags),
                escape(&look::time(Some(set.time_ns))),
                escape(&look::times(set.ratio)),
            ]
        }));
    }
    folded("The same in figures", &head, &rows)
}

/// What each flag buys in either parent, and why.
fn steps(spectra: &[Spectrum]) -> String {
    let mut all: Vec<&FlagStep> = Vec::new();
    for step in spectra.iter().flat_map(|spectrum| &spectrum.steps) {
        if !all.iter().any(|known| same(known, step)) {
            all.push(step);
        }
    }
    if all.is_empty() {
        return String::new();
    }
    let dearer: Vec<String> = spectra
        .iter()
        .map(|spectrum| format!("=Costs more, {}", parent(spectrum.parent_mib)))
        .collect();
    let mut head = vec!["Shared (95 % intervals)", "Then"];
    head.extend(dearer.iter().map(String::as_str));
    head.push("What the created has of its own then, and the work in it");
    let rows: Vec<Vec<String>> = all.iter().map(|step| row(spectra, step)).collect();
    paragraph("", &order(spectra)) + &table(&head, &rows)
}

fn same(one: &FlagStep, other: &FlagStep) -> bool {
    (one.from, one.to) == (other.from, other.to)
}

/// Whether sharing less costs more everywhere.
fn order(spectra: &[Spectrum]) -> String {
    if spectra.iter().any(|spectrum| !spectrum.comparable) {
        return "Whether the order contradicts the kernel's work was not judged: the A/A controls \
                failed or are missing."
            .to_owned();
    }
    let steps = || spectra.iter().flat_map(|spectrum| &spectrum.steps);
    let count = |wanted| steps().filter(|step| step.contradicts == wanted).count();
    let mut said = Vec::new();
    match (count(Some(true)), count(Some(false))) {
        (0, 0) => {}
        (0, _) => said.push("Nowhere does sharing less certainly cost less.".to_owned()),
        (contradicting, _) => said.push(format!(
            "In {}, marked below, sharing less certainly costs less: the order contradicts the \
             kernel's work, and something else decides there.",
            words::plural(contradicting, "step")
        )),
    }
    let unjudged = count(None);
    if unjudged > 0 {
        let steps = words::plural(unjudged, "step");
        said.push(format!("Not judged, as not measured far enough: {steps}."));
    }
    said.join(" ")
}

fn row(spectra: &[Spectrum], step: &FlagStep) -> Vec<String> {
    let flags = |name: &str| {
        let known = FLAG_SETS.iter().find(|(set, _)| *set == name);
        escape(known.map_or(name, |(_, flags)| flags))
    };
    let found = |spectrum: &Spectrum| {
        let found = spectrum.steps.iter().find(|found| same(found, step));
        let figure = escape(&look::time(found.map(|found| found.extra_ns)));
        match found.and_then(|found| found.contradicts) == Some(true) {
            true => figure + "<br>" + &text("b", "", "contradicts the kernel's work"),
            false => figure,
        }
    };
    let mut row = vec![flags(step.from), flags(step.to)];
    row.extend(spectra.iter().map(found));
    row.push(escape(&format!("{}: {}", step.without, why(step.from, step.to))));
    row
}

/// What the kernel does more in a step.
fn why(from: &str, to: &str) -> &'static str {
    match (from, to) {
        ("thread", _) => {
            "its end is a zombie, SIGCHLD and wait, where a thread clears a word and wakes who \
             waits on it"
        }
        ("vm-fs-files-sighand", _) => {
            "root, working directory and umask are copied, and the table of signal handlers"
        }
        ("vm-files", _) => "the table of descriptors is copied, and closed again at the end",
        ("vm", "vm-vfork") => {
            "the creator sleeps in the call until the child has left, and is woken before the \
             child can be reaped, so that the wait may sleep once more"
        }
        ("vm", _) => {
            "mappings and page tables are copied, a write to a shared page faults, and at the end \
             all is taken down again"
        }
        ("files", _) => "the table of descriptors is copied, and closed again at the end",
        ("fs-files", _) => "root, working directory and umask are copied",
        _ => "shares less",
    }
}
