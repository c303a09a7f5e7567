//! `list`: what there is.

use super::Program;
use super::named::in_json;
use clap::error::ErrorKind;
use clap::{CommandFactory, ValueEnum};
use process_vs_thread::claim::Claim;
use process_vs_thread::output;
use process_vs_thread::plan::Grid;
use process_vs_thread::question::{self, CLAIMS, QUESTIONS, Question, judge};
use process_vs_thread::record::{self, Cut, Failure, Policy, Result};
use process_vs_thread::run::{self, Planned};
use process_vs_thread::text::{self, one_line};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

const EXAMPLES: &str = "\
Examples:
  process-vs-thread list                    claims, benches, probes and primitives
  process-vs-thread list claims fork        claims that say, or turn on, something of `fork`
  process-vs-thread list runs               runs with their size, date and verdicts
  process-vs-thread list probes --json
";

/// List claims and benchmarks, by the names that `run` takes; or runs
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// claims, benches (targets, and the measurements in them), primitives, probes or runs
    /// [default: all but runs]
    #[arg(value_name = "WHAT")]
    what: Option<String>,
    /// Only what has this in its name or text, in any case
    #[arg(value_name = "PATTERN")]
    pattern: Option<String>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Claims,
    #[value(alias = "measurements")]
    Benches,
    Primitives,
    Probes,
    Runs,
}

/// One line of a list.
#[derive(Debug, Serialize)]
struct Listed {
    /// What it is one of, as a heading.
    kind: &'static str,
    id: String,
    what: String,
    /// What else it is found by.
    #[serde(skip)]
    more: String,
}

/// Lists what is asked for.
pub(crate) fn list(args: &Args) -> Result<()> {
    let (what, pattern) = args.asked();
    if what == Some(What::Runs) {
        return list_runs(pattern, args.json);
    }
    let listed = listed().into_iter().filter(|(of, one)| {
        what.is_none_or(|what| what == *of) && matches(pattern, [&one.id, &one.what, &one.more])
    });
    let listed: Vec<Listed> = listed.map(|(_, one)| one).collect();
    match (args.json, pattern) {
        (true, _) => output::print(&in_json(&listed)?),
        (_, Some(pattern)) if listed.is_empty() => Err(nothing(pattern, what.is_none())),
        _ => output::print(&in_words(&listed)),
    }
}

/// No list has what was looked for, or not the one that was named.
fn nothing(pattern: &str, anywhere: bool) -> Failure {
    let lists = lists();
    let meant = text::nearest(pattern, lists.iter().map(String::as_str)).filter(|_| anywhere);
    let meant = meant.map_or(String::new(), |list| format!("did you mean {list}? "));
    let of = if anywhere { "" } else { " of this list" };
    let why = format!("it is in no name and no text{of}");
    Failure::new(format!("listing what has '{pattern}'"), why)
        .remedy(format!("{meant}`process-vs-thread list` shows all"))
}

/// Names of the lists.
fn lists() -> Vec<String> {
    let named = What::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    named.map(|list| list.get_name().to_owned()).collect()
}

impl Args {
    /// What is asked for, and of that what: a first word that is none of the lists is a pattern.
    fn asked(&self) -> (Option<What>, Option<&str>) {
        let (what, pattern) = (self.what.as_deref(), self.pattern.as_deref());
        let named = what.and_then(|word| What::from_str(word, true).ok());
        match (named, what, pattern) {
            (None, Some(word), Some(_)) => {
                let lists = lists().join(", ");
                let why = format!("there is no list of '{word}'; there is {lists}");
                Program::command().error(ErrorKind::InvalidValue, why).exit()
            }
            (None, word, None) => (None, word),
            (named, ..) => (named, pattern),
        }
    }
}

fn matches<const N: usize>(pattern: Option<&str>, texts: [&str; N]) -> bool {
    let pattern = pattern.map(str::to_lowercase);
    pattern.is_none_or(|part| texts.iter().any(|text| text.to_lowercase().contains(&part)))
}

/// Claims, what is measured, and primitives.
fn listed() -> Vec<(What, Listed)> {
    let one = |kind, id: &str, what: String| Listed {
        kind,
        id: id.to_owned(),
        what,
        more: String::new(),
    };
    let claims = CLAIMS.iter().map(|claim| {
        let what = format!("{} ({})", claim.sentence, claim.promise);
        let more = claim.stated.join(" ");
        (What::Claims, Listed { more, ..one("Claims", claim.id, what) })
    });
    let targets = QUESTIONS.iter().map(|question| {
        let claims: Vec<&str> =
            CLAIMS.iter().filter(|claim| turns_on(claim, question)).map(|claim| claim.id).collect();
        let what = match claims.as_slice() {
            [] => "evidence alone".to_owned(),
            [one] => format!("what {one} turns on"),
            several => format!("what {} turn on", several.join(", ")),
        };
        (What::Benches, one("Bench targets", question.name, what))
    });
    let planned = Planned::all(Policy::Fifo, Grid::Default).into_iter().map(|planned| {
        let of = if matches!(planned, Planned::Probe(_)) { What::Probes } else { What::Benches };
        (of, one(planned.kind(), &planned.id(), planned.what()))
    });
    let primitives = question::primitives()
        .map(|entry| (What::Primitives, one("Primitives", entry.id, entry.op.to_owned())));
    claims.chain(targets).chain(planned).chain(primitives).collect()
}

/// Does a cell of the question decide the claim?
fn turns_on(claim: &Claim, question: &Question) -> bool {
    let stated = claim.cells.iter().filter(|cell| claim.decides(cell));
    stated.into_iter().any(|cell| cell.id().question() == question.name)
}

fn in_words(listed: &[Listed]) -> String {
    let mut text = String::new();
    for of_a_kind in listed.chunk_by(|one, next| one.kind == next.kind) {
        let longest = of_a_kind.iter().map(|one| one.id.len()).max().unwrap_or(0).min(36);
        let gap = if text.is_empty() { "" } else { "\n" };
        text.push_str(&format!("{gap}{}\n", of_a_kind[0].kind));
        for Listed { id, what, .. } in of_a_kind {
            text.push_str(&format!("  {id:<longest$} {what}\n"));
        }
    }
    text
}

/// A run that was kept.
#[derive(Debug, Serialize)]
struct Kept {
    /// Its folder's name, by which commands take it.
    run: String,
    /// Bytes of its record.
    bytes: u64,
    started_utc: String,
    quick: bool,
    /// How it ended early, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<Cut>,
    machine: String,
    /// How many claims got which word.
    verdicts: BTreeMap<String, usize>,
    /// Why nothing more is known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<String>,
}

fn list_runs(pattern: Option<&str>, json: bool) -> Result<()> {
    let kept: Vec<Kept> = run::runs(&run::home()).iter().map(|folder| kept(folder)).collect();
    let kept: Vec<Kept> =
        kept.into_iter().filter(|kept| matches(pattern, [&kept.run, &kept.machine])).collect();
    if json {
        return output::print(&in_json(&kept)?);
    }
    if kept.is_empty() {
        let home = one_line(&run::home().display().to_string());
        return match pattern {
            Some(pattern) => Err(Failure::new(
                format!("listing the runs with '{pattern}'"),
                format!("no run in {home} has this in its name or its machine's"),
            )),
            None => output::print(&format!("No run in {home}.\n")),
        };
    }
    output::print(&kept.iter().map(line).collect::<String>())
}

fn kept(folder: &Path) -> Kept {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = folder.join("record.json.gz");
    let bytes = std::fs::metadata(&file).map_or(0, |data| data.len());
    let mut kept = Kept {
        run: one_line(&name),
        bytes,
        started_utc: String::new(),
        quick: false,
        cut: None,
        machine: String::new(),
        verdicts: BTreeMap::new(),
        unreadable: None,
    };
    match record::read(&file) {
        Ok(record) => {
            let summary = record.judged.clone().unwrap_or_else(|| judge(&record).summary());
            for claim in summary.claims {
                *kept.verdicts.entry(claim.verdict).or_default() += 1;
            }
            kept.started_utc = record.run.started_utc;
            (kept.quick, kept.cut) = (record.run.quick, record.run.cut);
            kept.machine = record.machine.summary;
        }
        Err(failure) => kept.unreadable = Some(failure.to_string()),
    }
    kept
}

fn line(kept: &Kept) -> String {
    let words: Vec<String> = match &kept.unreadable {
        Some(why) => vec![why.clone()],
        None => kept.verdicts.iter().map(|(word, count)| format!("{count} {word}")).collect(),
    };
    let size = match kept.bytes {
        bytes @ ..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        bytes => format!("{:.1} MB", bytes as f64 / 1e6),
    };
    let date = kept.started_utc.get(..16).unwrap_or("").replace('T', " ");
    let quick = if kept.quick { "quick: " } else { "" };
    let cut = kept.cut.map_or(String::new(), |cut| format!("{cut}: "));
    let said = format!("{}  {date:16}  {size:>8}  {cut}{quick}{}", kept.run, words.join(", "));
    one_line(&said) + "\n"
}
