//! The table in the README, between two markers.

use super::{series, words};
use crate::claim::{CellVerdict, ClaimVerdict, Judged, JudgedCell, JudgedClaim};
use crate::record::{Failure, Record, Result};

/// Line before the table.
pub const BEGIN: &str = "<!-- answer:begin -->";
/// Line after the table.
pub const END: &str = "<!-- answer:end -->";

/// Most lines of figures in a row, and most phrases of a reason: the first screen of a README is to
/// be read at a glance, and the page has the rest.
const MOST_LINES: usize = 3;
const MOST_PHRASES: usize = 4;

/// The text of a README with the answer table of `record` between its markers, and all else as it
/// was.
///
/// # Errors
/// A marker is missing, or the end stands before the beginning; the error names it.
pub fn splice(readme: &str, record: &Record, judged: &Judged) -> Result<String> {
    let missing = |marker: &str, place: &str| {
        Failure::new("splicing the answer into the README", format!("no line {marker}{place}"))
            .remedy("add the two markers around the place of the table")
    };
    let (before, rest) = readme.split_once(BEGIN).ok_or_else(|| missing(BEGIN, ""))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| missing(END, " after the beginning"))?;
    // A marker in the text of a record would be where the next splice ends.
    let answer = answer(record, judged).replace("<!--", "< !--");
    Ok(format!("{before}{BEGIN}\n{answer}{END}{after}"))
}

fn answer(record: &Record, judged: &Judged) -> String {
    let rows: String = judged.claims.iter().map(|claim| row(record, claim)).collect();
    let quick = if record.run.quick { format!("{}\n\n", words::QUICK) } else { String::new() };
    format!(
        "| | claim | textbook | here (95 % interval) | verdict | why \
         |\n|---|---|---|---|---|---|\n{rows}\n{quick}{}. {}.\n\n{}\n\nMeasured {} by `{}`, \
         version {}{}; its page and its record: `reports/{}`.\n",
        words::verdict_count(judged),
        words::trust(record, judged),
        escape(&record.machine.summary),
        escape(&record.run.started_utc),
        words::one_line(&record.run.command).replace('`', "'"),
        escape(&record.run.version),
        record
            .run
            .revision
            .as_ref()
            .map_or(String::new(), |at| format!(", revision {}", escape(at))),
        words::one_line(&record.run.id).replace('`', "'"),
    )
}

/// What the cells show: a line each, or per series where there are too many; of answers how many
/// are yes.
fn figures(judged: &JudgedClaim) -> Vec<String> {
    let cells: Vec<&JudgedCell> = judged.cells.iter().collect();
    if judged.verdict == ClaimVerdict::NotRun {
        return Vec::new();
    }
    if cells.iter().all(|cell| cell.def.estimand.is_answer()) {
        return answers(&cells).into_iter().collect();
    }
    let shown = cells.iter().filter(|cell| cell.figure.is_some());
    let mut lines: Vec<String> = match series::many(cells.len()) {
        true => series::lines(&cells),
        false => shown.map(|c| format!("{}: {}", c.title, words::figure(c))).collect(),
    };
    lines.truncate(MOST_LINES);
    lines.iter().map(|line| escape(&line.replace('\u{a0}', " "))).collect()
}

/// `7 of 9 are so`.
fn answers(cells: &[&JudgedCell]) -> Option<String> {
    let count = |verdict| cells.iter().filter(|cell| cell.verdict == verdict).count();
    let (yes, no) = (count(CellVerdict::Holds), count(CellVerdict::Fails));
    (yes + no > 0).then(|| format!("{yes} of {} are so", yes + no))
}

/// A reason's first phrases, and how many more there are.
fn brief(reason: &str) -> String {
    let phrases: Vec<&str> = reason.split("; ").collect();
    match phrases.len() {
        // One more takes no more room than to say so.
        count if count <= MOST_PHRASES + 1 => reason.to_owned(),
        count => {
            let more = count - MOST_PHRASES;
            format!("{}; and {more} more on the page", phrases[..MOST_PHRASES].join("; "))
        }
    }
}

fn row(record: &Record, judged: &JudgedClaim) -> String {
    let figures = figures(judged);
    let claim = judged.claim;
    format!(
        "| {} | {} | {} | {} | **{}** | {} |\n",
        claim.id,
        escape(claim.sentence),
        escape(claim.promise),
        figures.join("<br>"),
        words::verdict(judged.verdict, record),
        escape(&brief(&judged.sentence.text)),
    )
}

/// Text that stays in its column and is no markup.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in words::one_line(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '|' | '\\' | '`' | '*' | '_' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reason_ends_where_the_page_goes_on() {
        assert_eq!(brief("a; b; c; d; e"), "a; b; c; d; e");
        assert_eq!(brief("a; b; c; d; e; f"), "a; b; c; d; and 2 more on the page");
    }
}
