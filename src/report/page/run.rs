//! The machine and the run, and how to make both again.

use super::{View, heading, section};
use crate::record::{Record, Run};
use crate::report::html::{definitions, element, escape, paragraph, text};
use crate::report::words;

pub(super) fn html(view: &View) -> String {
    let record = view.record;
    section("machine", "The machine", &machine(record)) + &section("run", "The run", &run(record))
}

fn machine(record: &Record) -> String {
    let machine = &record.machine;
    let cpus: Vec<String> = machine.cpus.iter().map(usize::to_string).collect();
    let facts = machine.facts.iter().map(|fact| (fact.name.as_str(), fact.value.to_string()));
    let own = [("name in folders", machine.slug.clone()), ("CPUs of this run", cpus.join(", "))];
    paragraph("", &machine.summary) + &definitions(facts.chain(own))
}

fn run(record: &Record) -> String {
    let mut inside = definitions(facts(&record.run, record.schema));
    inside.push_str(&heading("Make it again"));
    let command = text("code", "", &record.run.command);
    let revision = record.run.revision.as_deref().unwrap_or("unknown");
    inside.push_str(&element(
        "p",
        "",
        &format!("Measure again: {command} at revision {} of the source.", escape(revision)),
    ));
    inside.push_str(
        "\n<p>The page alone: every figure and verdict follows from \
         <a href=\"record.json.gz\">record.json.gz</a>, which lies beside it; \
         <code>process-vs-thread report</code> makes the same page of it, on any machine and \
         without measuring.</p>\n",
    );
    inside
}

fn facts(run: &Run, schema: u32) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("command", run.command.clone()),
        ("version", run.version.clone()),
        ("revision", run.revision.clone().unwrap_or_else(|| "not in a checkout".to_owned())),
        ("started", run.started_utc.clone()),
        ("took", words::duration(run.duration_s)),
        ("kind", kind(run)),
    ];
    if let Some(label) = &run.label {
        facts.push(("label", label.clone()));
    }
    if let Some(filter) = &run.filter {
        facts.push(("filter", format!("{filter}; what it left out is not run")));
    }
    facts.push(("targets", run.targets.join(", ")));
    facts.push(("name", run.id.clone()));
    facts.push(("record's schema", schema.to_string()));
    facts
}

/// What `PROCESS_VS_THREAD_FULL=1` adds.
const FULL: &str = "rings of 1 to 12 actors with 16 to 1,024 pages, chased and in independent \
                    loads, in base and huge pages";

fn kind(run: &Run) -> String {
    match (run.quick, run.full) {
        (true, true) => {
            format!(
                "quick: headline cells, unless a filter asks for more of the full grid ({FULL})"
            )
        }
        (true, false) => "quick: headline cells, unless a filter asks for more".to_owned(),
        (false, true) => format!("full grid: {FULL}"),
        (false, false) => "usual grid".to_owned(),
    }
}
