//! A prediction for a person.

use super::source::WHOLE_RUN;
use super::{Answer, Basis, Checked, Fork, ForkPart, Prediction, ProcessShape, SmallParent};
use crate::claim::{Brief, Unit, grouped, times};
use crate::report::screen::Screen;
use crate::stats::Interval;

/// Where a row's name, its figures and what they are based on stand.
const NAME: usize = 2;
const ONE: usize = 28;
const OTHER: usize = 48;
const BASED_ON: usize = 68;
/// Columns beyond which nothing is written: figures that stand close are read across.
const WIDEST: usize = 80;

/// The prediction as tables within so many columns; reasons for absent figures are listed last,
/// each once.
#[must_use]
pub fn text(prediction: &Prediction, width: usize) -> String {
    let mut page = Page::of(width);
    let Prediction { process, run, machine, small_parent, .. } = prediction;
    page.lines.fold(0, &format!("{}, by the run {run}", process.name));
    page.lines.fold(2, machine);
    page.lines.fold(2, &counted_from(process, small_parent.as_ref()));
    if let Some(sparse) = sparse(process) {
        page.lines.fold(2, &sparse);
    }
    for fork in &prediction.forks {
        page.fork(fork);
    }
    page.head("afterwards, and otherwise", ["caller waits", "in all"], "based on");
    for beside in &prediction.beside {
        let answers = [beside.call_ns.as_ref(), Some(&beside.total_ns)];
        page.row(&beside.name, answers, Unit::Nanoseconds);
    }
    page.head("memory of idle workers", ["each", "all"], "based on");
    for kind in &prediction.memory {
        let answers = [&kind.each_bytes, &kind.all_bytes].map(Some);
        page.row(&many(kind.workers.into(), kind.kind), answers, Unit::Bytes);
    }
    page.lines.fold(NAME, "a process keeps a copy of each page that it, or its parent, writes");
    let switch = &prediction.switch;
    page.head("a switch on one core", ["among threads", "among processes"], "based on");
    let [actors, pages] = [(switch.actors, "worker"), (switch.pages, "page")]
        .map(|(count, noun)| many(count.into(), noun));
    let answers = [&switch.thread_ns, &switch.process_ns].map(Some);
    page.row(&format!("{actors}, {pages} each"), answers, Unit::Nanoseconds);
    page.end()
}

/// What a lab of the shape took, and the prediction over it.
#[must_use]
pub fn checked_text(checked: &[Checked], width: usize) -> String {
    let mut page = Page::of(width);
    for one in checked {
        let Checked { regime, call_ns, call_interval_ns, reaped_ns, reaped_interval_ns, .. } = one;
        page.head(regime.name(), ["", ""], "");
        page.columns("", ["caller waits", "until reaped"], "");
        let figures = [(call_ns, call_interval_ns), (reaped_ns, reaped_interval_ns)];
        let figures = figures.map(|(estimate, [low, high])| {
            let interval = Interval { estimate: *estimate, low: *low, high: *high };
            Unit::Nanoseconds.brief_interval(interval)
        });
        page.columns("measured now, by a lab", figures.each_ref().map(String::as_str), "");
        let ratio = |ratio: Option<f64>| ratio.map_or("no prediction".to_owned(), times);
        let [call, reaped] = [one.call_ratio, one.reaped_ratio].map(ratio);
        page.columns("predicted / measured", [&call, &reaped], "");
    }
    format!("\n{}", page.end())
}

/// Lines, and the reasons of what is not in them.
struct Page {
    lines: Screen,
    reasons: Vec<String>,
    /// Is anything missing that a whole run measures?
    is_short: bool,
}

impl Page {
    fn of(width: usize) -> Self {
        Page { lines: Screen::new(width.min(WIDEST), false), reasons: Vec::new(), is_short: false }
    }

    fn head(&mut self, name: &str, figures: [&str; 2], based_on: &str) {
        self.lines.line("");
        self.lines.fold(0, name);
        self.put(figures, based_on);
    }

    /// A row of words.
    fn columns(&mut self, name: &str, figures: [&str; 2], based_on: &str) {
        self.lines.line("");
        self.lines.put(NAME, name, None);
        self.put(figures, based_on);
    }

    /// Figures that are too long for their columns begin before them.
    fn put(&mut self, [one, other]: [&str; 2], based_on: &str) {
        let before = |next: usize, words: &str| next.saturating_sub(words.chars().count() + 1);
        let other_at = OTHER.min(before(BASED_ON, other));
        let one_at = ONE.min(before(other_at, one));
        for (column, words) in [(one_at, one), (other_at, other), (BASED_ON, based_on)] {
            if !words.is_empty() {
                self.lines.put(column, words, None);
            }
        }
    }

    /// A row of figures, and on what the one is based that is further from what was measured. What
    /// is at most says so itself.
    fn row(&mut self, name: &str, answers: [Option<&Answer>; 2], unit: Unit) {
        let bases = answers.into_iter().flatten().filter_map(Answer::amount);
        let bases: Vec<Basis> = bases.map(|amount| amount.basis).collect();
        let exact = bases.iter().filter(|basis| **basis != Basis::AtMost).max();
        let based_on = exact.or(bases.first()).map_or("", |basis| basis.name());
        let figures = answers.map(|answer| answer.map(|answer| self.figure(answer, unit)));
        let figures = figures.map(Option::unwrap_or_default);
        self.columns(name, figures.each_ref().map(String::as_str), based_on);
    }

    fn fork(&mut self, fork: &Fork) {
        self.head(fork.regime.name(), ["", ""], "");
        self.columns("", ["caller waits", "until reaped"], "based on");
        // Of what the process holds no more than the small parent, there is nothing to add.
        let adds = |part: &&ForkPart| [&part.call_ns, &part.reaped_ns].iter().any(|ns| is_some(ns));
        let parts: Vec<&ForkPart> = fork.parts.iter().filter(adds).collect();
        for part in &parts {
            self.row(part.name, [&part.call_ns, &part.reaped_ns].map(Some), Unit::Nanoseconds);
        }
        self.row("in all", [&fork.call_ns, &fork.reaped_ns].map(Some), Unit::Nanoseconds);
        let is_below = |answer: &Answer| answer.amount().is_some_and(|part| part.estimate < 0.0);
        if parts.iter().any(|part| is_below(&part.call_ns) || is_below(&part.reaped_ns)) {
            self.lines.fold(
                NAME,
                "a part below 0 is a difference from the small parent: the process holds less of \
                 it, or the difference is within noise",
            );
        }
    }

    fn figure(&mut self, answer: &Answer, unit: Unit) -> String {
        let absent = match answer {
            Answer::Predicted(amount) => {
                // Noise below nothing bounds nothing.
                let is_bound = amount.basis == Basis::AtMost && amount.estimate > 0.0;
                let bound = if is_bound { "≤" } else { "" };
                return format!("{bound}{}", unit.brief_interval(amount.interval()));
            }
            Answer::NotMeasured(absent) => absent,
        };
        let reason = match absent.remedy.as_deref() {
            Some(WHOLE_RUN) => {
                self.is_short = true;
                absent.why.clone()
            }
            Some(remedy) => format!("{} ({remedy})", absent.why),
            None => absent.why.clone(),
        };
        let known = self.reasons.iter().position(|known| *known == reason);
        let at = known.unwrap_or_else(|| {
            self.reasons.push(reason);
            self.reasons.len() - 1
        });
        format!("not measured [{}]", at + 1)
    }

    fn end(mut self) -> String {
        if !self.reasons.is_empty() {
            self.lines.line("");
        }
        for (at, reason) in self.reasons.iter().enumerate() {
            self.lines.fold(0, &format!("[{}] {reason}", at + 1));
        }
        if self.is_short {
            let remedy = format!("A whole run measures what this one lacks: {WHOLE_RUN}");
            self.lines.fold(0, &remedy);
        }
        self.lines.text()
    }
}

/// Something, or not known to be nothing.
fn is_some(answer: &Answer) -> bool {
    answer.amount().is_none_or(|amount| amount.low != 0.0 || amount.high != 0.0)
}

/// `1 process`, `1,024 pages`.
fn many(count: u64, one: &str) -> String {
    let more = match (count, one.ends_with('s')) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{} {one}{more}", grouped(count.to_string()))
}

fn held(process: &ProcessShape) -> String {
    let bytes = |bytes: u64| Unit::Bytes.brief(bytes as f64);
    let huge = match process.huge_bytes {
        0 => String::new(),
        huge => format!(", {} in huge pages", bytes(huge)),
    };
    format!(
        "{} of its own in base pages{huge}; {} with own pages, {} without; {}; {}",
        bytes(process.base_bytes),
        many(process.mappings, "mapping"),
        grouped(process.clean_mappings.to_string()),
        many(process.descriptors, "descriptor"),
        many(process.threads, "thread"),
    )
}

/// What the process holds, and what the parts of its fork are counted from.
fn counted_from(process: &ProcessShape, small: Option<&SmallParent>) -> String {
    let own = held(process);
    match small.map(|small| held(&small.into())) {
        Some(small) if small == own => format!("holds what the run's small parent does: {own}"),
        Some(small) => format!(
            "holds {own}. Each part is what it holds beyond the run's small parent, which holds \
             {small}"
        ),
        None => format!("holds {own}"),
    }
}

impl From<&SmallParent> for ProcessShape {
    fn from(small: &SmallParent) -> Self {
        ProcessShape {
            base_bytes: small.own_bytes,
            mappings: small.mappings,
            clean_mappings: small.clean_mappings,
            descriptors: small.descriptors,
            threads: small.threads,
            ..ProcessShape::default()
        }
    }
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
            "its page tables are sparse (about {} each, a lab's {ENTRIES}): the figures of its \
             memory are at least",
            many(per_table, "page")
        )
    })
}
