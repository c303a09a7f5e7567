//! The page: one file that explains a run, without a script and without the network.

mod answer;
mod benches;
mod claims;
mod communication;
mod contention;
mod counters;
mod creation;
mod guide;
mod isolation;
mod memory;
mod method;
mod run;
mod servers;
mod state;
mod translation;
mod trust;

use super::html::{element, escape, table};
use super::words;
use crate::claim::{Evidence, Judged};
use crate::question::contention::drill::Drill;
use crate::question::contention::evidence::Contention;
use crate::question::creation::evidence::Creation;
use crate::question::memory::evidence::Memory;
use crate::question::servers::evidence::Servers;
use crate::question::tlb::evidence::Translation;
use crate::record::{Id, Record};

/// The look: system type in three sizes, neutral, with one hue for threads and one for processes.
const STYLE: &str = include_str!("style.css");

/// A record as the sections of the page see it.
struct View<'r> {
    record: &'r Record,
    judged: &'r Judged,
    translation: Translation,
    creation: Creation,
    contention: Contention,
    drill: Drill,
    memory: Memory,
    servers: Servers,
}

impl View<'_> {
    /// What the samples of an experiment say, whether it is judged or stands beside.
    fn evidence(&self, experiment: &Id) -> Option<&Evidence> {
        self.judged.evidence.get(experiment)
    }
}

/// The page of a run and of what was judged of it. The same record gives the same bytes.
#[must_use]
pub fn page(record: &Record, judged: &Judged) -> String {
    let view = View {
        record,
        judged,
        translation: Translation::of(record, judged),
        creation: Creation::of(record, judged),
        contention: Contention::of(judged),
        drill: Drill::of(record, judged),
        memory: Memory::of(record),
        servers: Servers::of(record),
    };
    let sections = [
        answer::html(&view),
        claims::html(&view),
        creation::html(&view),
        translation::html(&view),
        memory::html(&view),
        isolation::html(&view),
        state::html(&view),
        communication::html(&view),
        contention::html(&view),
        servers::html(&view),
        benches::html(&view),
        counters::html(&view),
        trust::html(&view),
        run::html(&view),
        guide::html(),
    ];
    let title = escape(&format!("{}: {}", words::TITLE, record.machine.slug));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
        sections.concat(),
    )
}

/// A section with its heading; nothing where it has nothing to say.
fn section(id: &str, heading: &str, inner: &str) -> String {
    if inner.is_empty() {
        return String::new();
    }
    format!("<section id=\"{id}\">\n<h2>{}</h2>\n{inner}</section>\n", escape(heading))
}

/// A part under its heading; nothing where it has nothing to say.
fn titled(words: &str, part: String) -> String {
    if part.is_empty() { part } else { heading(words) + &part }
}

/// A table that repeats a chart, to be opened.
fn folded(summary: &str, head: &[&str], rows: &[Vec<String>]) -> String {
    let table = table(head, rows);
    format!("<details class=\"method\">\n<summary>{summary}</summary>\n{table}</details>\n")
}

/// A heading within a section.
fn heading(words: &str) -> String {
    element("h3", "", &escape(words)) + "\n"
}
