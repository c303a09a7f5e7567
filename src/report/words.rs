//! Wording that the terminal, the page and the README share.

use crate::claim::{CellVerdict, ClaimVerdict, Judged, JudgedCell, Unit, significant};
use crate::plan::{self, Question};
use crate::record::{Actor, Arm, CheckOutcome, Failure, LabState, Parent, Record, Stop};
use crate::stats::Interval;

/// Title of everything that is printed.
pub(super) const TITLE: &str = "What isolation costs here";

/// What a quick run has to say about itself.
pub(super) const QUICK: &str = "Quick run: fewer launches and pairs, and a claim holds only where \
                                the interval clears the band by the margin.";

/// The word of a verdict, marked where the run was quick.
pub(super) fn verdict(word: impl std::fmt::Display, record: &Record) -> String {
    if record.run.quick { format!("{word} (quick)") } else { word.to_string() }
}

/// The figure of a cell, or a dash.
pub(super) fn figure(cell: &JudgedCell) -> String {
    match cell.figure {
        Some(interval) => cell.def.estimand.unit().format_interval(interval),
        None => "-".to_owned(),
    }
}

/// An interval whose unit stands in a heading.
pub(super) fn bare_interval(figure: Interval) -> String {
    let [estimate, low, high] = [figure.estimate, figure.low, figure.high].map(significant);
    format!("{estimate} [{low}, {high}]")
}

/// The measured frequency of the core, cycles per nanosecond.
pub(super) fn core_ghz(record: &Record) -> Option<f64> {
    record.check("core-frequency")?.figure
}

/// Core cycles that pass in a tick of the architecture's counter.
pub(super) fn cycles_per_tick(record: &Record) -> Option<f64> {
    let ticks = record.check("tick-rate")?.figure.filter(|ghz| *ghz > 0.0)?;
    core_ghz(record).map(|ghz| ghz / ticks)
}

/// How many claims got which verdict: `5 claims: 1 refuted, 4 conditional`.
pub(super) fn verdict_count(judged: &Judged) -> String {
    const ALL: [ClaimVerdict; 6] = [
        ClaimVerdict::Confirmed,
        ClaimVerdict::Refuted,
        ClaimVerdict::Conditional,
        ClaimVerdict::Inconclusive,
        ClaimVerdict::NotMeasurable,
        ClaimVerdict::NotRun,
    ];
    let counts: Vec<String> = ALL
        .iter()
        .map(|verdict| (verdict, judged.claims.iter().filter(|c| c.verdict == *verdict).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    format!("{}: {}", plural(judged.claims.len(), "claim"), counts.join(", "))
}

/// What the A/A comparisons and the instrument checks say, in two phrases.
pub(super) fn trust(record: &Record, judged: &Judged) -> String {
    let shown: Vec<f64> = judged
        .controls
        .iter()
        .filter_map(|control| control.ratio)
        .map(|ratio| ratio.farthest_from(1.0))
        .collect();
    let missing = judged.controls.len() - shown.len();
    let mut a_a = match shown.iter().copied().reduce(f64::max) {
        Some(worst) => format!("A/A within ±{}", percent(worst)),
        None if missing == 0 => "no A/A comparison in this run".to_owned(),
        None => "no interval from any A/A comparison".to_owned(),
    };
    if missing > 0 && !shown.is_empty() {
        a_a.push_str(&format!(", {missing} without an interval"));
    }
    let count = |outcome| record.checks.iter().filter(|check| check.outcome == outcome).count();
    let (passed, failed) = (count(CheckOutcome::Passed), count(CheckOutcome::Failed));
    let mut checks = format!("{passed} of {} passed", plural(passed + failed, "check"));
    let unknown = count(CheckOutcome::NotMeasurable);
    if unknown > 0 {
        checks.push_str(&format!(", {unknown} not measurable"));
    }
    format!("{a_a}; {checks}")
}

/// Everything that could not be done: the rows of the record and the cells that failed.
pub(super) fn failures(record: &Record) -> Vec<(String, &Failure)> {
    let rows = record.failures.iter().map(|failure| (String::new(), failure));
    let cells = record.cells.iter().filter_map(|cell| match &cell.stop {
        Stop::Failed(failure) => Some((cell.id.clone(), failure)),
        _ => None,
    });
    let footprints = record.footprints.iter().filter_map(|footprint| {
        footprint.failure.as_ref().map(|failure| (footprint.id.clone(), failure))
    });
    rows.chain(cells).chain(footprints).collect()
}

/// The actor that a primitive creates or switches to, as its id says.
pub(super) fn actor(primitive: &str) -> Actor {
    if primitive.ends_with("vm-process") || primitive.starts_with("clone/vm") {
        return Actor::VmProcess;
    }
    if primitive.starts_with("clone/") && primitive != "clone/thread" {
        return Actor::Process;
    }
    match primitive.split(['/', '-']).find_map(|part| match part {
        "thread" | "threads" => Some(Actor::Thread),
        "process" | "processes" | "prefork" => Some(Actor::Process),
        _ => None,
    }) {
        Some(actor) => actor,
        None => Actor::Alone,
    }
}

/// Does an operation hand over to a partner and back? Only then does a figure per switch say
/// something: a created actor's last switch is booked differently for threads and processes.
pub(super) fn hands_over(primitive: &str) -> bool {
    !creates(primitive) && actor(primitive) != Actor::Alone
}

/// Does an operation create an actor?
pub(super) fn creates(primitive: &str) -> bool {
    plan::benches(Question::Creation).iter().any(|arm| arm.primitive == primitive)
}

/// The conditions of an arm that differ from the plainest: its own number of actors, one core,
/// `SCHED_OTHER`, a small lab, no pages touched, each line naming the next, base pages.
pub(super) fn conditions(arm: &Arm) -> Vec<String> {
    let plain = Arm::new(&arm.primitive);
    [
        (arm.actors != plain.actors)
            .then(|| plural(arm.actors as usize, "actor").replace(' ', "\u{a0}")),
        (arm.parent != plain.parent).then(|| held(&arm.parent)),
        (arm.pages != plain.pages).then(|| format!("{}\u{a0}pages", arm.pages)),
        (arm.order != plain.order).then(|| "independent".to_owned()),
        (arm.huge != plain.huge).then(|| "huge\u{a0}pages".to_owned()),
        (arm.stamped != plain.stamped).then(|| "stamped".to_owned()),
        (arm.amount != plain.amount).then(|| amount(arm)),
        (arm.placement != plain.placement).then(|| arm.placement.to_string()),
        (arm.policy != plain.policy).then(|| arm.policy.to_string()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The length of a message, or the turns of a worker's loop.
fn amount(arm: &Arm) -> String {
    let words = match arm.primitive.starts_with("stream/") {
        true => bytes(arm.amount),
        false => plural(arm.amount as usize, "turn"),
    };
    words.replace(' ', "\u{a0}")
}

/// What a lab holds besides its own.
pub(super) fn held(parent: &Parent) -> String {
    let memory = format!("{}\u{a0}MiB", parent.mebibytes());
    let pages = if parent.huge { "\u{a0}in\u{a0}huge\u{a0}pages" } else { "" };
    let number = |count: u32, what: &str| {
        (count > 0).then(|| plural(count as usize, what).replace(' ', "\u{a0}"))
    };
    let held = [
        (parent.memory_bytes > 0).then(|| memory + pages),
        number(parent.mappings, "mapping"),
        number(parent.descriptors, "descriptor"),
        number(parent.threads, "idle thread"),
    ];
    held.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Did the figure pass every gate, so that it was compared with the band?
pub(super) fn compared(cell: &JudgedCell) -> bool {
    cell.margin.is_some()
}

/// Was the cell decided?
pub(super) fn decided(cell: &JudgedCell) -> bool {
    matches!(cell.verdict, CellVerdict::Holds | CellVerdict::Fails)
}

/// With a capital at its start.
pub(super) fn sentence_case(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// `1 launch`, `7 launches`.
pub(super) fn plural(count: usize, noun: &str) -> String {
    match (count, noun.ends_with("ch")) {
        (1, _) => format!("1 {noun}"),
        (_, true) => format!("{count} {noun}es"),
        (_, false) => format!("{count} {noun}s"),
    }
}

/// A share of one, in percent.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", significant(share * 100.0))
}

/// Nanoseconds with a fitting prefix.
pub(super) fn time(ns: f64) -> String {
    Unit::Nanoseconds.format(ns)
}

/// A count of events.
pub(super) fn count(value: f64) -> String {
    match value.abs() {
        size if size >= 1e9 => format!("{} G", significant(value / 1e9)),
        size if size >= 1e6 => format!("{} M", significant(value / 1e6)),
        size if size >= 1e4 => format!("{} k", significant(value / 1e3)),
        _ => significant(value),
    }
}

/// The least to the most of what several launches counted, never their average: launches may
/// differ for good.
pub(super) fn span(
    values: impl IntoIterator<Item = f64>,
    format: fn(f64) -> String,
) -> Option<String> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let [least, most] = [*values.first()?, *values.last()?].map(format);
    Some(if least == most { least } else { format!("{least} to {most}") })
}

/// A whole number, with a prefix where it is long.
pub(super) fn whole(number: u64) -> String {
    if number < 10_000 { number.to_string() } else { count(number as f64) }
}

/// Bytes in a binary unit.
pub(super) fn bytes(count: u64) -> String {
    let value = count as f64;
    match count {
        0..1024 => format!("{count} B"),
        1024..1_048_576 => format!("{} KiB", significant(value / 1024.0)),
        _ => format!("{} MiB", significant(value / 1_048_576.0)),
    }
}

/// Seconds as minutes and seconds.
pub(super) fn duration(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    if whole < 60 { format!("{whole} s") } else { format!("{} min {} s", whole / 60, whole % 60) }
}

/// The state of a lab, each part of which stays in one piece.
pub(super) fn lab(state: &LabState) -> String {
    let mut parts = vec![
        bytes(state.rss_bytes),
        format!("{} VMAs", state.vmas),
        format!("{} fds", state.fds),
        plural(state.threads as usize, "thread"),
    ];
    if state.huge_bytes > 0 {
        parts.push(format!("{} huge pages", bytes(state.huge_bytes)));
    }
    if !state.cpus.is_empty() {
        let cpus: Vec<String> = state.cpus.iter().map(usize::to_string).collect();
        parts.push(format!("CPU {}", cpus.join(", ")));
    }
    let parts: Vec<String> = parts.iter().map(|part| part.replace(' ', "\u{a0}")).collect();
    parts.join(" · ")
}

/// One line without control characters: what a record says must not steer a terminal.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Order, Placement};

    #[test]
    fn only_a_partner_gives_figures_per_switch() {
        for alone in [
            "thread/pthread",
            "process/fork-exec-tiny",
            "baseline/null",
            "pipe/alone",
            "flush/whole",
            "flush/eight-pages",
        ] {
            assert!(!hands_over(alone), "{alone}");
        }
        for pair in ["pipe/thread", "futex/process", "condvar/thread-shared", "ring/vm-process"] {
            assert!(hands_over(pair), "{pair}");
        }
    }

    #[test]
    fn a_condition_is_said_where_it_is_not_the_plain_one() {
        let plain = Arm::new("pipe/thread");
        assert_eq!(conditions(&plain), Vec::<String>::new());
        let bent = plain.at(Placement::Free).in_parent(Parent::of_mib(64)).touching(16);
        assert_eq!(conditions(&bent), ["64\u{a0}MiB", "16\u{a0}pages", "free"]);
        let ring = Arm::new("ring/process").among(5).touching(16);
        let walked = ring.reading(Order::Independent).in_huge_pages();
        let said = ["5\u{a0}actors", "16\u{a0}pages", "independent", "huge\u{a0}pages"];
        assert_eq!(conditions(&walked), said);
        assert_eq!(conditions(&Arm::new("ring/thread").among(1)), ["1\u{a0}actor"]);
        assert_eq!(conditions(&Arm::new("stream/pipe-thread").of(1 << 20)), ["1.00\u{a0}MiB"]);
        assert_eq!(conditions(&Arm::new("drill/threads").of(1_000)), ["1000\u{a0}turns"]);
        let huge = Parent { threads: 10, ..Parent::of_huge_mib(256) };
        let fork = Arm::new("process/fork").in_parent(huge).stamped();
        let said = "256\u{a0}MiB\u{a0}in\u{a0}huge\u{a0}pages, 10\u{a0}idle\u{a0}threads";
        assert_eq!(conditions(&fork), [said, "stamped"]);
    }

    #[test]
    fn launches_are_never_averaged() {
        assert_eq!(span([1.0, 0.55, 0.55], count).as_deref(), Some("0.550 to 1.00"));
        assert_eq!(span([0.0, 0.0], count).as_deref(), Some("0"));
        assert_eq!(span([], count), None);
    }

    #[test]
    fn every_kind_of_ring_has_the_actor_that_takes_turns_in_it() {
        let of = |name: &str| actor(&format!("ring/{name}"));
        assert_eq!((of("thread"), of("alias-thread")), (Actor::Thread, Actor::Thread));
        assert_eq!((of("process"), of("vm-process")), (Actor::Process, Actor::VmProcess));
        assert_eq!(actor("flush/untouched"), Actor::Alone);
    }

    #[test]
    fn a_server_has_the_hue_of_who_serves_a_connection() {
        for family in ["request", "connection"] {
            let of = |shape: &str| actor(&format!("{family}/{shape}"));
            assert_eq!(of("prefork"), Actor::Process);
            assert_eq!([of("thread-pool"), of("thread-per-connection")], [Actor::Thread; 2]);
            assert_eq!([of("epoll"), of("epoll-per-core")], [Actor::Alone; 2]);
        }
    }
}
