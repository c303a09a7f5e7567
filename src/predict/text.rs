//! A prediction for a person.

use super::{Answer, Fork, ForkPart, Prediction, ProcessShape};
use crate::claim::{Brief, Unit, grouped};
use std::fmt::Write as _;

/// Columns of a name, and of a figure with its interval and what it is based on.
const NAME: usize = 38;
const FIGURE: usize = 38;

/// The prediction as tables; reasons for absent figures are listed last, each once.
#[must_use]
pub fn text(prediction: &Prediction) -> String {
    let mut page = Page::default();
    let Prediction { process, run, machine, .. } = prediction;
    page.line(&format!("{}, by the run {run}", process.name));
    page.line(&format!("  {machine}"));
    page.line(&format!("  {}", held(process)));
    if let Some(sparse) = sparse(process) {
        page.line(&format!("  {sparse}"));
    }
    for fork in &prediction.forks {
        page.fork(fork);
    }
    page.head("afterwards, and other ways to create", "caller waits", "in all");
    for beside in &prediction.beside {
        let call = beside.call_ns.as_ref().map(|call| page.figure(call, Unit::Nanoseconds));
        let total = page.figure(&beside.total_ns, Unit::Nanoseconds);
        page.row(&beside.name, &call.unwrap_or_default(), &total);
    }
    page.head("memory of idle workers", "each", "all");
    for kind in &prediction.memory {
        let [each, all] =
            [&kind.each_bytes, &kind.all_bytes].map(|bytes| page.figure(bytes, Unit::Bytes));
        page.row(&format!("{} {}", grouped(kind.workers.to_string()), kind.kind), &each, &all);
    }
    page.line("  a process keeps a copy of each page that it, or its parent, writes");
    let switch = &prediction.switch;
    page.head("a switch on one core", "threads", "processes");
    let [threads, processes] =
        [&switch.thread_ns, &switch.process_ns].map(|ns| page.figure(ns, Unit::Nanoseconds));
    let name = format!("{} workers, {} pages each", switch.actors, switch.pages);
    page.row(&name, &threads, &processes);
    page.end()
}

/// Lines, and the reasons of what is not in them.
#[derive(Default)]
struct Page {
    text: String,
    reasons: Vec<String>,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn head(&mut self, name: &str, one: &str, other: &str) {
        self.text.push('\n');
        let name_width = NAME + 2;
        self.line(&format!("{name:name_width$}{one:FIGURE$}{other}"));
    }

    fn row(&mut self, name: &str, one: &str, other: &str) {
        self.line(&format!("  {name:NAME$}{one:FIGURE$}{other}"));
    }

    fn fork(&mut self, fork: &Fork) {
        self.head(fork.regime.name(), "", "");
        self.row("fork", "caller waits", "until the child is reaped");
        // Of what the process holds no more than the small parent, there is nothing to add.
        let adds = |part: &&ForkPart| [&part.call_ns, &part.reaped_ns].iter().any(|ns| is_some(ns));
        let parts = fork.parts.iter().filter(adds);
        let all = parts.map(|part| (part.name, &part.call_ns, &part.reaped_ns));
        for (name, call, reaped) in all.chain([("in all", &fork.call_ns, &fork.reaped_ns)]) {
            let [call, reaped] = [call, reaped].map(|ns| self.figure(ns, Unit::Nanoseconds));
            self.row(name, &call, &reaped);
        }
    }

    fn figure(&mut self, answer: &Answer, unit: Unit) -> String {
        match answer {
            Answer::Predicted(amount) => {
                format!("{}  {}", unit.format_interval(amount.interval()), amount.basis.name())
            }
            Answer::NotMeasured(absent) => {
                let reason = format!("{} ({})", absent.why, absent.remedy);
                let known = self.reasons.iter().position(|known| *known == reason);
                let at = known.unwrap_or_else(|| {
                    self.reasons.push(reason);
                    self.reasons.len() - 1
                });
                format!("not measured [{}]", at + 1)
            }
        }
    }

    fn end(mut self) -> String {
        if !self.reasons.is_empty() {
            self.text.push('\n');
        }
        for (at, reason) in self.reasons.iter().enumerate() {
            let _ = writeln!(self.text, "[{}] {reason}", at + 1);
        }
        self.text
    }
}

/// Something, or not known to be nothing.
fn is_some(answer: &Answer) -> bool {
    answer.amount().is_none_or(|amount| amount.low != 0.0 || amount.high != 0.0)
}

fn held(process: &ProcessShape) -> String {
    let bytes = |bytes: u64| Unit::Bytes.brief(bytes as f64);
    let many = |count: u64, one: &str| {
        let more = if count == 1 { "" } else { "s" };
        format!("{} {one}{more}", grouped(count.to_string()))
    };
    format!(
        "holds {} of its own in base pages, {} in huge pages; {} with own pages, {} others; {}, {}",
        bytes(process.base_bytes),
        bytes(process.huge_bytes),
        many(process.mappings, "mapping"),
        grouped(process.clean_mappings.to_string()),
        many(process.descriptors, "descriptor"),
        many(process.threads, "thread"),
    )
}

/// A full table has this many entries; below this share of them, tables weigh more than entries.
const ENTRIES: u64 = 512;
const SPARSE: u64 = 8;
const ENTRY_BYTES: u64 = 8;

/// Memory that lies thinly over its addresses needs more page tables than that of a lab.
fn sparse(process: &ProcessShape) -> Option<String> {
    let tables = process.page_table_bytes?;
    let pages = process.base_bytes + process.left_alone_bytes;
    let page_bytes = ENTRIES * ENTRY_BYTES;
    let per_table = (pages / page_bytes) * page_bytes / tables.max(1);
    (per_table < ENTRIES / SPARSE && process.base_bytes > 64 * page_bytes).then(|| {
        format!(
            "its page tables are sparse (about {per_table} pages each, a lab's {ENTRIES}): the \
             figures of its memory are at least"
        )
    })
}
