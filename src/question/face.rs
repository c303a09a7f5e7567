//! What the questions hand to the page and to the terminal.

use super::servers::page::Model;
use super::{
    Question, choice, communication, contention, creation, details, isolation, memory, servers, tlb,
};
use crate::claim::{
    Brief, Case, Claim, Contrast, Judged, JudgedClaim, Unit, counted, times, two_digits,
};
use crate::question::memory::evidence::Memory;
use crate::question::memory::plan::units;
use crate::question::tlb::evidence::Translation;
use crate::question::tlb::kept::Kept;
use crate::record::{Record, Shape};
use crate::report::face::{Face, Files, Section, Tile, View};
use crate::report::figure::Figure;

/// All that the questions hand over.
pub(crate) fn face(view: View) -> Face {
    let heroes: [Option<Box<dyn Figure>>; 3] =
        [creation::page::hero(view), tlb::page::hero(view), servers::page::hero(view)];
    let section = |id, heading, topics, parts| Section { id, heading, topics, parts };
    Face {
        headline: headline(view),
        tiles: tiles(view),
        heroes: heroes.into_iter().flatten().collect(),
        choice: choice::html(view),
        sections: vec![
            section("create", "Create", &["Create"], creation::page::parts(view)),
            section("switch", "Switch and TLB", &["Switch"], tlb::page::parts(view)),
            section("memory", "Memory", &["Memory"], memory::page::parts(view)),
            section("isolation", "Isolation", &["Isolation"], isolation::page::parts(view)),
            section(
                "communicate",
                "Communicate",
                &["Communicate"],
                communication::page::parts(view)
                    .into_iter()
                    .chain(contention::page::parts(view))
                    .collect(),
            ),
            section("servers", "Servers", &["Serve"], servers::page::parts(view)),
        ],
    }
}

/// The cells of a claim as its sentence sees them.
fn case<'r>(view: View<'r>, id: &str) -> Option<Case<'r>> {
    let claim = view.claim(id)?;
    Some(Case { record: view.record, judged: view.judged, claim })
}

fn decided<'r>(view: View<'r>, id: &str) -> Option<&'r JudgedClaim> {
    view.claim(id).filter(|judged| judged.verdict.is_decided())
}

/// Two sentences of at most thirty words, or why there are none.
pub(crate) fn headline(view: View) -> String {
    let sentences: Vec<String> = [created(view), switched(view)].into_iter().flatten().collect();
    if !sentences.is_empty() {
        return sentences.join(" ");
    }
    let run: Vec<&JudgedClaim> =
        view.judged.claims.iter().filter(|judged| judged.was_run()).collect();
    if !view.record.machine.has_real_time() {
        return "An emulated machine: its time is not real, so only counts and yes/no answers are \
                judged."
            .to_owned();
    }
    match run.as_slice() {
        [] => "Nothing was judged in this run.".to_owned(),
        [one] => format!("Only {} was run. {}", one.claim.id, one.sentence.text),
        few if few.len() <= 4 => {
            let ids: Vec<&str> = few.iter().map(|judged| judged.claim.id).collect();
            format!("Only {} were run.", ids.join(", "))
        }
        many => unanswered(many, view.judged.claims.len()),
    }
}

/// Why neither sentence can be said of a run of this many claims.
fn unanswered(run: &[&JudgedClaim], claims: usize) -> String {
    let asked = |judged: &&&JudgedClaim| ["A3", "B2"].contains(&judged.claim.id);
    let asked: Vec<_> = run.iter().filter(asked).collect();
    match asked.iter().find_map(|judged| judged.noise.as_ref()) {
        Some(noise) => format!(
            "Too noisy to judge: {}. Stop other programs and repeat.",
            noise.trim_start_matches("too noisy, ")
        ),
        None if asked.is_empty() => format!("{} of {claims} claims were run.", run.len()),
        None => format!(
            "{} of {} claims are decided. How much cheaper threads are to create and to switch \
             between is not.",
            run.iter().filter(|judged| judged.verdict.is_decided()).count(),
            run.len()
        ),
    }
}

/// What a thread's creation is cheaper by.
fn created(view: View) -> Option<String> {
    decided(view, "A3")?;
    let case = case(view, "A3")?;
    let [fork, exec] = ["fork, small parent", "fork + exec dynamic, small parent"]
        .map(|title| case.figure(title).map(|ratio| format!("{}×", two_digits(ratio))));
    Some(format!("Creating a thread is {} cheaper than fork, {} than fork+exec.", fork?, exec?))
}

/// What a process switch costs more, and up to where.
fn switched(view: View) -> Option<String> {
    decided(view, "B2")?;
    let ratio = case(view, "B3")?.figure("nothing touched, 2 address spaces")?;
    let share = (ratio - 1.0) * 100.0;
    let until = match Translation::of(view.record, view.judged).kept {
        Kept::Exactly(most) => format!(", until {} processes share a core", counted(most + 1)),
        _ => String::new(),
    };
    Some(match share >= 0.5 {
        true => format!("A process switch costs {} % more{until}.", two_digits(share)),
        false => format!("A process switch costs no more than a thread switch{until}."),
    })
}

fn tiles(view: View) -> Vec<Tile> {
    [create_tile(view), switch_tile(view), memory_tile(view), crash_tile(view)]
        .into_iter()
        .flatten()
        .collect()
}

/// `19 / 99 µs`: the unit is said once where both have it.
fn both(unit: Unit, first: f64, second: f64) -> String {
    let [first, second] = [first, second].map(|value| unit.brief(value));
    match (first.split_once(' '), second.split_once(' ')) {
        (Some((number, one)), Some((_, other))) if one == other => format!("{number} / {second}"),
        _ => format!("{first} / {second}"),
    }
}

fn create_tile(view: View) -> Option<Tile> {
    let times = case(view, "A1")?;
    let thread = case(view, "A2")?.figure("pthread_create")?;
    let fork = times.figure("fork, small parent")?;
    let exec = times.figure("fork + exec dynamic, small parent");
    let exec = exec.map(|exec| format!("; fork+exec {}", Unit::Nanoseconds.brief(exec)));
    Some(Tile {
        heading: "Create",
        figure: both(Unit::Nanoseconds, thread, fork),
        note: format!("thread / fork{}", exec.unwrap_or_default()),
    })
}

fn switch_tile(view: View) -> Option<Tile> {
    const BARE: &str = "nothing touched, 2 address spaces";
    let ratio = case(view, "B3")?.figure(BARE)?;
    let extra = case(view, "B2")?.figure(BARE);
    let cycles = extra.map_or(String::new(), |extra| format!(", {}", Unit::Cycles.brief(extra)));
    Some(Tile {
        heading: "Switch",
        figure: format!("{:+.0} %", (ratio - 1.0) * 100.0),
        note: format!("process over thread{cycles}"),
    })
}

fn memory_tile(view: View) -> Option<Tile> {
    let memory = Memory::of(view.record);
    let of = |kind| memory.unit(&units(kind)).map(|unit| unit.total_bytes.estimate);
    let (thread, fork) = (of("thread")?, of("fork")?);
    let many = Unit::Bytes.brief(thread * 10_000.0);
    Some(Tile {
        heading: "Memory, idle",
        figure: both(Unit::Bytes, thread, fork),
        note: format!("thread / forked process; 10,000 threads: {many}"),
    })
}

fn crash_tile(view: View) -> Option<Tile> {
    let models = Model::all(view);
    let lost = |shape| models.iter().find(|model| model.shape == shape)?.lost();
    let (threads, prefork) = (lost(Shape::ThreadPool)?, lost(Shape::Prefork)?);
    let prefork = prefork.split(' ').next().unwrap_or_default().to_owned();
    Some(Tile {
        heading: "Crash",
        figure: format!("{threads} / {prefork}"),
        note: "connections lost in a crash: threads / prefork".to_owned(),
    })
}

/// The lines below the terminal's table: a big parent's fork, many threads, servers.
fn notes(view: View) -> Vec<String> {
    let big = view.claim("A3").and_then(|judged| {
        let title = "fork, 1024 MiB parent";
        let ratio = judged.cells.iter().find(|cell| cell.def.title == title)?.sound()?;
        let time = case(view, "A1")?.brief(title);
        Some(format!("Fork at 1 GiB: {time} ({} a thread).", times(ratio.estimate)))
    });
    let memory = Memory::of(view.record).unit(&units("thread")).map(|unit| {
        format!("10,000 idle threads: {}.", Unit::Bytes.brief(unit.total_bytes.estimate * 10_000.0))
    });
    let models = Model::all(view);
    let rate = |shape| {
        let model = models.iter().find(|model| model.shape == shape)?;
        Some(Unit::PerSecond.brief(model.rate()?.estimate))
    };
    let servers = match (rate(Shape::Epoll), rate(Shape::ThreadPool), rate(Shape::Prefork)) {
        (Some(events), Some(threads), Some(prefork)) => Some(format!(
            "32 connections: event loop {events}, threads {threads}, prefork {prefork}."
        )),
        _ => None,
    };
    [big, memory, servers].into_iter().flatten().collect()
}

/// The pages of a run, which link these files: the answer, and all data.
#[must_use]
pub fn pages(record: &Record, judged: &Judged, files: Files) -> [String; 2] {
    let view = View { files, ..View::of(record, judged) };
    let index = crate::report::index(view, face(view));
    [index, crate::report::details(view, details::details(view))]
}

/// The lines of the claims that a question decides, for the end of its bench target.
#[must_use]
pub fn rows(
    record: &Record,
    judged: &Judged,
    question: &Question,
    width: usize,
    colour: bool,
) -> String {
    let of = |judged: &JudgedClaim| {
        judged.stated().iter().any(|cell| cell.def.id().question() == question.name)
    };
    crate::report::rows(View::of(record, judged), of, width, colour)
}

/// The last screen of a run.
#[must_use]
pub fn screen(record: &Record, judged: &Judged, width: usize, colour: bool) -> String {
    let view = View::of(record, judged);
    crate::report::screen(view, &headline(view), &notes(view), width, colour)
}

/// The text of a README with the answer of a run between its markers.
///
/// # Errors
/// A marker is missing.
pub fn splice(readme: &str, record: &Record, judged: &Judged) -> crate::record::Result<String> {
    crate::report::splice(readme, View::of(record, judged))
}

/// A table of all claims in Markdown.
#[must_use]
pub fn markdown(record: &Record, judged: &Judged) -> String {
    crate::report::whole(View::of(record, judged))
}

/// Every cell of these claims, or of all where none is named, with interval and verdict; of all
/// also what the figures are worth.
#[must_use]
pub fn every(
    record: &Record,
    judged: &Judged,
    claims: &[&Claim],
    width: usize,
    colour: bool,
) -> String {
    let named = |one: &&JudgedClaim| {
        claims.is_empty() || claims.iter().any(|claim| claim.id == one.claim.id)
    };
    let shown: Vec<&JudgedClaim> = judged.claims.iter().filter(named).collect();
    let cells = crate::report::every(&shown, width, colour);
    match claims {
        [] => cells + "\n" + &crate::report::quality(View::of(record, judged), width, colour),
        _ => cells,
    }
}

/// The three charts at the top as one drawing of its own, for a light or a dark background.
#[must_use]
pub fn drawing(record: &Record, judged: &Judged, dark: bool) -> String {
    let face = face(View::of(record, judged));
    crate::report::drawing(&face.heroes, dark)
}

/// One claim in full, with what a run found where there is one.
#[must_use]
pub fn explain(claim: &Claim, judged: Option<&Judged>, width: usize, colour: bool) -> String {
    let found = judged.and_then(|judged| judged.claims.iter().find(|j| j.claim.id == claim.id));
    crate::report::explain(claim, found, width, colour)
}

/// Runs side by side, for a terminal.
#[must_use]
pub fn contrast_screen(contrast: &Contrast, all: bool, width: usize, colour: bool) -> String {
    crate::report::contrast_screen(contrast, all, width, colour)
}

/// Runs side by side, as JSON.
#[must_use]
pub fn contrast_json(contrast: &Contrast, all: bool) -> String {
    crate::report::contrast_json(contrast, all)
}

/// Runs side by side, as a page.
#[must_use]
pub fn contrast_page(contrast: &Contrast) -> String {
    crate::report::contrast_page(contrast)
}
