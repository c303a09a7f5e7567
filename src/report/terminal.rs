//! The terminal's last screen: a table that folds where the terminal is narrow.

use super::screen::{FOLD, Screen, length, wrap};
use super::series;
use super::servers;
use super::words;
use crate::claim::{CellVerdict, ClaimVerdict, Judged, JudgedCell, JudgedClaim};
use crate::question::Question;
use crate::question::servers::evidence::Servers;
use crate::record::Record;

/// Where the claim's sentence begins.
const SENTENCE: usize = 4;
/// Where a cell's title begins.
const TITLE: usize = 6;
/// Least room for titles: above them stand the sentences of the claims.
const LEAST_TITLE: usize = 28;
/// Least room for verdicts: that of a claim in a quick run.
const VERDICT: usize = 20;
/// Between two columns.
const GAP: usize = 2;

/// What a run has written, as the caller names it.
#[derive(Debug, Clone, Copy)]
pub struct Paths<'a> {
    /// The page.
    pub page: &'a str,
    /// The record.
    pub record: &'a str,
    /// Criterion's report, where there is one.
    pub criterion: Option<&'a str>,
}

impl std::fmt::Display for Paths<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "Page       {}", words::one_line(self.page))?;
        writeln!(f, "Record     {}", words::one_line(self.record))?;
        match self.criterion {
            Some(path) => writeln!(f, "Criterion  {}", words::one_line(path)),
            None => Ok(()),
        }
    }
}

/// The last screen of a run: the machine, every claim with its cells, and what the controls say. A
/// path is printed by [`Paths`], whole, however narrow the terminal is.
#[must_use]
pub fn table(record: &Record, judged: &Judged, width: usize, colour: bool) -> String {
    let claims: Vec<Shown> =
        judged.claims.iter().map(|claim| (claim, claim.cells.iter().collect())).collect();
    let mut screen = Screen::new(width, colour);
    screen.line(words::TITLE);
    screen.fold(0, &record.machine.summary);
    if record.run.quick {
        screen.fold(0, words::QUICK);
    }
    if !record.machine.warnings.is_empty() {
        let count = words::plural(record.machine.warnings.len(), "warning");
        screen.fold(0, &format!("! {count}: {}", record.machine.warnings.join(" · ")));
    }
    screen.line("");
    screen.claims(record, &claims);
    screen.line("");
    let counted = words::verdict_count(judged);
    screen.fold(0, &format!("{counted}.  {}.", words::trust(record, judged)));
    let failures = words::failures(record).len();
    if failures > 0 {
        let rows = words::plural(failures, "failure");
        screen.fold(0, &format!("{rows}, each with its reason on the page."));
    }
    screen.text()
}

/// The rows of one question, for the end of its bench target. Cells that the target did not try are
/// only counted.
#[must_use]
pub fn rows(
    record: &Record,
    judged: &Judged,
    question: Question,
    width: usize,
    colour: bool,
) -> String {
    let mine = |cell: &&JudgedCell| cell.def.id().question() == question.name();
    let tried = |cell: &&JudgedCell| cell.verdict != CellVerdict::NotRun;
    let claims: Vec<Shown> = judged
        .claims
        .iter()
        .map(|claim| (claim, claim.cells.iter().filter(mine).filter(tried).collect::<Vec<_>>()))
        .filter(|(_, cells)| !cells.is_empty())
        .collect();
    let cells = judged.claims.iter().flat_map(|claim| &claim.cells).filter(mine);
    let left_out = cells.filter(|cell| !tried(cell)).count();
    let mut screen = Screen::new(width, colour);
    if !claims.is_empty() {
        screen.claims(record, &claims);
    }
    if question == Question::Servers {
        servers::rows(&mut screen, &Servers::of(record));
    }
    if left_out > 0 {
        screen.line(&format!("{} not run.", words::plural(left_out, "cell")));
    }
    screen.text()
}

type Shown<'r> = (&'r JudgedClaim, Vec<&'r JudgedCell>);

/// Is a claim shown by series, as it has too many cells to list each?
fn by_series((_, cells): &Shown) -> bool {
    series::many(cells.len())
}

/// Are all cells answers, which have no figure to put in a column?
fn answers(cells: &[&JudgedCell]) -> bool {
    cells.iter().all(|cell| cell.def.estimand.is_answer())
}

/// Where the columns begin; `None` for a column that does not fit and is folded.
#[derive(Debug)]
struct Columns {
    promise: Option<usize>,
    here: usize,
    verdict: Option<usize>,
}

impl Columns {
    fn fitting(claims: &[Shown], width: usize) -> Self {
        let tabled = |shown: &&Shown| {
            shown.0.verdict != ClaimVerdict::NotRun && !by_series(shown) && !answers(&shown.1)
        };
        let listed = || claims.iter().filter(tabled);
        let cells = || listed().flat_map(|(_, cells)| cells);
        let widest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or(0);
        let title = widest(&mut cells().map(|cell| length(&cell.title))).max(LEAST_TITLE);
        let promise = widest(&mut listed().map(|(claim, _)| length(claim.claim.promise)));
        let promise = promise.max(length("textbook"));
        let here = widest(&mut cells().map(|cell| length(&words::figure(cell))));
        let here = here.max(length("here (95 % interval)"));
        let after_title = TITLE + title + GAP;
        let after_promise = after_title + promise + GAP;
        if after_promise + here + GAP + VERDICT <= width {
            let verdict = Some(after_promise + here + GAP);
            return Columns { promise: Some(after_title), here: after_promise, verdict };
        }
        let verdict_at = after_title + here + GAP;
        let verdict = (verdict_at + VERDICT <= width).then_some(verdict_at);
        Columns { promise: None, here: after_title, verdict }
    }
}

impl Screen {
    fn claims(&mut self, record: &Record, claims: &[Shown]) {
        let columns = Columns::fitting(claims, self.width);
        self.header(record, &columns);
        for (index, shown) in claims.iter().enumerate() {
            if index > 0 {
                self.line("");
            }
            let (claim, cells) = shown;
            let by_series = by_series(shown);
            let shown = claim.verdict != ClaimVerdict::NotRun;
            let untabled = !shown || by_series || answers(cells);
            self.claim(record, claim, untabled, &columns);
            match claim.verdict {
                ClaimVerdict::NotRun => {}
                _ if by_series => {
                    series::lines(cells).iter().for_each(|line| self.hanging(TITLE, line));
                }
                _ if answers(cells) => cells.iter().for_each(|cell| {
                    let said = format!("{}: {}: {}", cell.title, cell.verdict, cell.reason);
                    self.hanging(TITLE, &words::one_line(&said));
                }),
                _ => cells.iter().for_each(|cell| self.cell(claim, cell, &columns)),
            }
        }
    }

    fn header(&mut self, record: &Record, columns: &Columns) {
        self.line("");
        self.put(SENTENCE, "claim", None);
        if let Some(promise) = columns.promise {
            self.put(promise, "textbook", None);
        }
        self.put(columns.here, "here (95 % interval)", None);
        if let Some(verdict) = columns.verdict {
            self.put(verdict, &words::verdict("verdict", record), None);
        }
    }

    fn claim(&mut self, record: &Record, claim: &JudgedClaim, untabled: bool, columns: &Columns) {
        let word = words::verdict(claim.verdict.to_string().to_uppercase(), record);
        let paint = claim_colour(claim.verdict);
        let room = columns.verdict.map_or(self.width, |verdict| verdict - GAP) - SENTENCE;
        let sentence = wrap(claim.claim.sentence, room);
        self.line(claim.claim.id);
        for (index, part) in sentence.iter().enumerate() {
            if index > 0 {
                self.line("");
            }
            self.put(SENTENCE, part, None);
            if let (0, Some(column)) = (index, columns.verdict) {
                self.put(column, &word, Some(paint));
            }
        }
        if columns.promise.is_none() || untabled {
            self.fold(SENTENCE, &format!("textbook: {}", claim.claim.promise));
        }
        if columns.verdict.is_none() {
            self.line("");
            self.put(SENTENCE, &word, Some(paint));
        }
        if claim.verdict != ClaimVerdict::NotRun {
            self.fold(SENTENCE, &claim.sentence.text);
        }
    }

    fn cell(&mut self, claim: &JudgedClaim, cell: &JudgedCell, at: &Columns) {
        self.line("");
        self.put(TITLE, &cell.title, None);
        if let Some(promise) = at.promise {
            self.put(promise, claim.claim.promise, None);
        }
        self.put(at.here, &words::figure(cell), None);
        let (word, paint) = (cell.verdict.to_string(), cell_colour(cell.verdict));
        let column = at.verdict.unwrap_or_else(|| {
            self.line("");
            FOLD
        });
        self.put(column, &word, Some(paint));
        if cell.verdict == CellVerdict::NotRun {
            return;
        }
        let rest = format!(": {}", words::one_line(&cell.reason));
        if column + length(&word) + length(&rest) <= self.width {
            self.put(column + length(&word), &rest, None);
        } else {
            self.fold(FOLD, &cell.reason);
        }
        if let Some(beside) = cell.beside {
            let shown = cell.def.estimand.unit().format_interval(beside);
            self.fold(FOLD, &format!("under SCHED_OTHER, what programs get: {shown}"));
        }
    }
}

fn cell_colour(verdict: CellVerdict) -> &'static str {
    match verdict {
        CellVerdict::Holds => "32",
        CellVerdict::Fails => "31",
        _ => "33",
    }
}

fn claim_colour(verdict: ClaimVerdict) -> &'static str {
    match verdict {
        ClaimVerdict::True => "1;32",
        ClaimVerdict::False => "1;31",
        ClaimVerdict::Depends => "1;36",
        _ => "1;33",
    }
}
