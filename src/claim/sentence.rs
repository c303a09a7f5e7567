//! The one sentence about a claim: `WORD scope: LEAD; BOUNDARY; EXCEPTION.`, of at most 25 words.

use super::brief::Brief;
use super::case::{Case, Said};
use super::{CellVerdict, ClaimVerdict, JudgedCell, Lack};

/// Most words of a sentence.
pub const MOST_WORDS: usize = 25;

/// The sentence and the short figure of a claim's row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sentence {
    /// The whole sentence, with its word.
    pub text: String,
    /// The figure of a table's row; a dash where there is none.
    pub here: String,
    /// The figures of a terminal's row.
    pub row: String,
}

impl Sentence {
    pub(super) fn of(case: &Case) -> Self {
        match case.claim.verdict {
            ClaimVerdict::True | ClaimVerdict::False | ClaimVerdict::Depends => {
                let said = (case.claim.claim.say)(case);
                let text = assembled(case.claim.verdict, &said);
                Sentence { text, here: said.here, row: said.row }
            }
            ClaimVerdict::NotRun => {
                let (lead, row) = not_run(case);
                let text = assembled(ClaimVerdict::NotRun, &Said { lead, ..Said::default() });
                Sentence { text, here: "–".to_owned(), row }
            }
            verdict => {
                let said = Said { lead: why(case), ..Said::default() };
                let here = first_figure(case).unwrap_or("–".to_owned());
                Sentence { text: assembled(verdict, &said), row: here.clone(), here }
            }
        }
    }
}

/// The sentence with as many of its parts as fit, the first ones first.
fn assembled(verdict: ClaimVerdict, said: &Said) -> String {
    let word = match verdict {
        ClaimVerdict::True => "True",
        ClaimVerdict::False => "False",
        ClaimVerdict::Depends => "Depends",
        ClaimVerdict::Undecided => "Undecided",
        ClaimVerdict::NotMeasured => "Not measured",
        ClaimVerdict::NotRun => "Not run",
    };
    let head = match said.scope.as_str() {
        "" => word.to_owned(),
        scope => format!("{word} {scope}"),
    };
    let with = |parts: &[&str]| format!("{head}: {}.", parts.join("; "));
    let (boundary, exception) = (said.boundary.as_deref(), said.exception.as_deref());
    let lead = said.lead.as_str();
    let tries = [
        [Some(lead), boundary, exception],
        [Some(lead), boundary, None],
        [Some(lead), None, exception],
    ];
    let whole = tries.map(|parts| with(&parts.into_iter().flatten().collect::<Vec<_>>()));
    let fitting = whole.into_iter().find(|text| words(text) <= MOST_WORDS);
    fitting.unwrap_or_else(|| shortened(&with(&[lead])))
}

/// Words as a reader counts them.
#[must_use]
pub fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Cut where it would be too long.
fn shortened(text: &str) -> String {
    if words(text) <= MOST_WORDS {
        return text.to_owned();
    }
    // What follows a colon or a comma explains what stands before it.
    let mut brief = text.trim_end_matches('.');
    while words(brief) > MOST_WORDS {
        match [": ", "; ", ", "].iter().filter_map(|mark| brief.rfind(mark)).max() {
            Some(at) => brief = &brief[..at],
            None => {
                let kept: Vec<&str> = brief.split_whitespace().take(MOST_WORDS - 1).collect();
                return format!("{} ….", kept.join(" "));
            }
        }
    }
    format!("{brief}.")
}

/// Why a claim has no verdict where not all that it turns on was measured, and what its row says.
fn not_run(case: &Case) -> (String, String) {
    // Of what a run was asked for, one that was cut had more to come.
    let to_come = case.record.run.filter.is_none() || case.claim.was_tried();
    let why = match case.record.run.cut {
        Some(_) if to_come => "the run ended before".to_owned(),
        _ => Lack::NotRun.to_string(),
    };
    let is_absent = |cell: &&&JudgedCell| cell.verdict == CellVerdict::NotRun;
    let stated = case.claim.stated();
    match stated.iter().find(is_absent).filter(|_| !stated.iter().all(|cell| is_absent(&cell))) {
        None => (why, "–".to_owned()),
        Some(cell) => {
            let row = format!("part of {} was not run", cell.def.id().question());
            (format!("{}: {why}", cell.def.title), row)
        }
    }
}

/// Why a claim has no verdict: what stands in the way of its first stated cell that has none.
fn why(case: &Case) -> String {
    let undecided =
        |cell: &&&JudgedCell| !matches!(cell.verdict, CellVerdict::Holds | CellVerdict::Fails);
    if let Some(noise) = &case.claim.noise {
        return noise.clone();
    }
    let stated = case.claim.stated();
    let tried = |cell: &&&JudgedCell| cell.verdict != CellVerdict::NotRun;
    let cell = stated.iter().filter(undecided).find(tried).or(stated.iter().find(undecided));
    match cell {
        None => "too few of its cells were tried".to_owned(),
        Some(cell) if case.claim.verdict == ClaimVerdict::NotMeasured => {
            case.record.failure(&cell.def.id()).map_or(&cell.ground, |failure| &failure.why).clone()
        }
        Some(cell) if cell.def.estimand.is_answer() || cell.sound().is_none() => {
            format!("{}: {}", cell.def.title, cell.ground)
        }
        Some(cell) => {
            let unit = cell.def.estimand.unit();
            let figure = cell.figure.map(|f| unit.brief(f.estimate)).unwrap_or_default();
            let promise = case.claim.claim.promise;
            format!("{}: {figure}, but its interval spans the limit ({promise})", cell.def.title)
        }
    }
}

/// What the first stated cell with a figure shows.
fn first_figure(case: &Case) -> Option<String> {
    let cell = case.claim.stated().into_iter().find(|cell| cell.sound().is_some())?;
    Some(cell.def.estimand.unit().brief(cell.sound()?.estimate))
}
