//! The table in the README, between two markers.

use super::{series, words};
use crate::claim::{ClaimVerdict, JudgedCell, JudgedClaim, judge};
use crate::record::{Failure, Record, Result};

/// Line before the table.
pub const BEGIN: &str = "<!-- answer:begin -->";
/// Line after the table.
pub const END: &str = "<!-- answer:end -->";

/// The text of a README with the answer table of `record` between its markers, and all else as it
/// was.
///
/// # Errors
/// A marker is missing, or the end stands before the beginning; the error names it.
pub fn splice(readme: &str, record: &Record) -> Result<String> {
    let missing = |marker: &str, place: &str| {
        Failure::new("splicing the answer into the README", format!("no line {marker}{place}"))
            .remedy("add the two markers around the place of the table")
    };
    let (before, rest) = readme.split_once(BEGIN).ok_or_else(|| missing(BEGIN, ""))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| missing(END, " after the beginning"))?;
    Ok(format!("{before}{BEGIN}\n{}{END}{after}", answer(record)))
}

fn answer(record: &Record) -> String {
    let judged = judge(record);
    let rows: String = judged.claims.iter().map(|claim| row(record, claim)).collect();
    let quick = if record.run.quick { format!("{}\n\n", words::QUICK) } else { String::new() };
    format!(
        "| | claim | textbook | here (95 % interval) | verdict | why |\n\
         |---|---|---|---|---|---|\n{rows}\n{quick}\
         {}. {}.\n\n{}\n\nMeasured {} by `{}`, version {}{}; its page and its record: `reports/{}`.\n",
        words::verdict_count(&judged),
        words::trust(record, &judged),
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

/// What the cells show: a line each, or per series where there are too many.
fn figures(record: &Record, judged: &JudgedClaim) -> Vec<String> {
    let cells: Vec<&JudgedCell> = judged.cells.iter().collect();
    if series::many(cells.len()) {
        return match judged.verdict {
            ClaimVerdict::NotRun => Vec::new(),
            _ => series::lines(&cells)
                .iter()
                .map(|line| escape(&line.replace('\u{a0}', " ")))
                .collect(),
        };
    }
    let line = |cell: &JudgedCell| {
        let verdict = words::verdict(cell.verdict, record);
        escape(&format!("{}: {}, {verdict}", cell.def.title, words::figure(cell)))
    };
    cells.into_iter().map(line).collect()
}

fn row(record: &Record, judged: &JudgedClaim) -> String {
    let figures = figures(record, judged);
    let claim = judged.claim;
    format!(
        "| {} | {} | {} | {} | **{}** | {} |\n",
        claim.id,
        escape(claim.sentence),
        escape(claim.promise),
        figures.join("<br>"),
        words::verdict(judged.verdict, record),
        escape(&judged.reason),
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
