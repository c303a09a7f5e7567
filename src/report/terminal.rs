//! The last screen of a run: a line for each claim.

use super::face::View;
use super::screen::{Screen, length};
use super::words;
use crate::claim::{ClaimVerdict, JudgedClaim};

/// Where the claim's words begin.
const CLAIM: usize = 4;
/// Where the verdict stands: the longest words of a claim before it.
const VERDICT: usize = 39;
/// Where the figures stand.
const HERE: usize = 49;

/// What a run has written, as the caller names it.
#[derive(Debug, Clone, Copy)]
pub struct Paths<'a> {
    /// The page.
    pub page: &'a str,
    /// The record.
    pub record: &'a str,
    /// Criterion's report, where there is one.
    pub criterion: Option<&'a str>,
    /// A claim of the run, to go on with.
    pub claim: Option<&'a str>,
    /// The run as a command names it; nothing where it is the last one that commands find.
    pub run: &'a str,
    /// It was quick, as its repetition would be.
    pub quick: bool,
}

impl std::fmt::Display for Paths<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "Report     {}", words::one_line(self.page))?;
        if let Some(path) = self.criterion {
            writeln!(f, "Criterion  {}", words::one_line(path))?;
        }
        let Some(claim) = self.claim else { return Ok(()) };
        let gap = if self.run.is_empty() { "" } else { " " };
        let quick = if self.quick { " --quick" } else { "" };
        let run = words::one_line(self.run);
        writeln!(f, "Explain    process-vs-thread explain {claim}{gap}{run}")?;
        writeln!(f, "Repeat     process-vs-thread run {claim}{quick}")
    }
}

/// The last screen of a run. A path is printed by [`Paths`], whole, however narrow the terminal
/// is.
pub(crate) fn screen(
    view: View,
    headline: &str,
    notes: &[String],
    width: usize,
    colour: bool,
) -> String {
    let mut screen = Screen::new(width, colour);
    screen.fold(0, &words::machine_line(&view.record.run, &view.record.machine));
    screen.fold(0, &words::trust(view.record, view.judged));
    screen.line("");
    screen.fold(0, headline);
    screen.claims(view.judged.claims.iter().filter(|judged| judged.was_run()));
    screen.line("");
    let skipped = match words::skipped(view.record) {
        0 => String::new(),
        count => format!("  {} skipped.", words::plural(count, "configuration")),
    };
    let counted = words::verdict_count(view.judged);
    let all = words::plural(view.judged.claims.len(), "claim");
    let rest = [format!("{all}: {counted}.{skipped}")].into_iter().chain(notes.iter().cloned());
    screen.fold(0, &rest.collect::<Vec<_>>().join("  "));
    screen.text()
}

/// The lines of the claims of some topics, for the end of a bench target.
pub(crate) fn rows(
    view: View,
    wanted: impl Fn(&JudgedClaim) -> bool,
    width: usize,
    colour: bool,
) -> String {
    let mut screen = Screen::new(width, colour);
    let claims = view.judged.claims.iter().filter(|judged| judged.was_tried() && wanted(judged));
    screen.claims(claims);
    screen.text()
}

impl Screen {
    fn claims<'r>(&mut self, claims: impl Iterator<Item = &'r JudgedClaim>) {
        let mut topic = "";
        for judged in claims {
            if topic != judged.claim.topic {
                topic = judged.claim.topic;
                self.line(&topic.to_uppercase());
            }
            self.claim(judged);
        }
    }

    fn claim(&mut self, judged: &JudgedClaim) {
        self.line(judged.claim.id);
        self.put(CLAIM, judged.claim.short, None);
        let word = judged.verdict.to_string();
        self.put(VERDICT, &word, Some(colour(judged.verdict)));
        let here = words::one_line(&judged.sentence.row);
        match HERE + length(&here) <= self.width {
            true => self.put(HERE, &here, None),
            false => self.fold(CLAIM, &here),
        }
    }
}

fn colour(verdict: ClaimVerdict) -> &'static str {
    match verdict {
        ClaimVerdict::True => "1;32",
        ClaimVerdict::False => "1;31",
        ClaimVerdict::Depends => "1;36",
        _ => "1;33",
    }
}
