//! The answer in the README, between two markers: the charts, six claims, and where the rest is.

use super::face::View;
use super::words;
use crate::claim::JudgedClaim;
use crate::record::{Failure, Result};

/// Line before the answer.
pub const BEGIN: &str = "<!-- answer:begin -->";
/// Line after the answer.
pub const END: &str = "<!-- answer:end -->";

/// The claims that a README has room for.
const SHOWN: [&str; 6] = ["A3", "B1", "B2", "C1", "D1", "E3"];

/// The text of a README with the answer of a run between its markers, and all else as it was.
///
/// # Errors
/// A marker is missing, or the end stands before the beginning; the error names it.
pub(crate) fn splice(readme: &str, view: View) -> Result<String> {
    let missing = |marker: &str, place: &str| {
        Failure::new("splicing the answer into the README", format!("no line {marker}{place}"))
            .remedy("add the two markers around the place of the answer")
    };
    let (before, rest) = readme.split_once(BEGIN).ok_or_else(|| missing(BEGIN, ""))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| missing(END, " after the beginning"))?;
    // A marker in the text of a record would be where the next splice ends.
    let answer = answer(view).replace("<!--", "< !--");
    Ok(format!("{before}{BEGIN}\n{answer}{END}{after}"))
}

/// Every claim that was run, with what a reader needs to know of the run.
pub(crate) fn whole(view: View) -> String {
    let run = |judged: &&JudgedClaim| judged.was_run();
    table(view, view.judged.claims.iter().filter(run).map(row).collect())
}

fn answer(view: View) -> String {
    let all = &view.judged.claims;
    let shown = SHOWN.iter().filter_map(|id| all.iter().find(|judged| judged.claim.id == *id));
    table(view, shown.map(row).collect())
}

fn table(view: View, rows: String) -> String {
    let record = view.record;
    let all = &view.judged.claims;
    let run = words::one_line(&record.run.id).replace('`', "'");
    format!(
        "| textbook claim | textbook | here | verdict |\n|---|---|---|---|\n{rows}\n{} claims: \
         {}. {}. {}, version {}, measured {} by `{}`. The record: `reports/{run}`.\n",
        all.len(),
        words::verdict_count(view.judged),
        words::trust(record, view.judged),
        escape(&words::machine(&record.machine)),
        escape(&record.run.version),
        escape(record.run.started_utc.split('T').next().unwrap_or_default()),
        words::one_line(&record.run.command).replace('`', "'"),
    )
}

fn row(judged: &JudgedClaim) -> String {
    format!(
        "| {} | {} | {} | **{}** |\n",
        escape(judged.claim.sentence.trim_end_matches('.')),
        escape(judged.claim.promise),
        escape(&judged.sentence.row),
        judged.verdict.to_string().to_lowercase(),
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
