//! One request makes its worker die while others are served: who else loses what, and for how long.

use super::{NO_LAUNCH, folded, look};
use crate::claim::Unit;
use crate::question::servers::evidence::{Blast, Servers};
use crate::report::bins::{Bars, Bins};
use crate::report::html::{escape, list, paragraph, table};
use crate::report::words;
use crate::stats::Interval;
use std::collections::BTreeSet;

pub(super) fn html(servers: &Servers) -> String {
    let blasts = &servers.blasts;
    if blasts.is_empty() {
        return String::new();
    }
    let shapes: Vec<_> = blasts.iter().map(|blast| blast.shape).collect();
    paragraph("", METHOD)
        + &chart(blasts)
        + &figures(blasts)
        + &paragraph("note", NOTE)
        + &list(&marks(blasts))
        + &look::untried(&shapes).map_or(String::new(), |words| paragraph("", &words))
}

const METHOD: &str = "One more connection sends a request that makes whoever serves it die of a \
                      segmentation fault, as a bug would, while the others keep asking. The \
                      server's master starts again what has died, and clients whose connection has \
                      ended connect again.";

const NOTE: &str = "Requests lost were sent by others and never answered; where launches differ, \
                    the median stands before the fewest and the most. The longest gap is a time \
                    without any answer, over all connections, from the shot on. As before: bins \
                    again have at least 80 % of the usual answers. The same rule, at a moment in \
                    the middle of the time before the shot, when nobody shot, is its control: \
                    where it finds a dip in a launch, what else the machine did takes as much, and \
                    the time until it was as before is not the shot's alone. Forgotten: of what \
                    the server's processes had counted in memory of their own before the shot. The \
                    other count is kept in memory that all of the server's processes share; it \
                    survives where it has, in all launches, every request that was answered, \
                    before the shot and after it.";

fn chart(blasts: &[Blast]) -> String {
    let drawn = blasts.iter().filter(|blast| !blast.timeline.is_empty());
    let panels: Vec<Bars> = drawn
        .map(|blast| Bars {
            name: look::name(blast.shape).to_owned(),
            hue: look::hue(blast.shape),
            bins: blast.timeline.iter().map(|bin| (bin.middle_ms, bin.per_s)).collect(),
        })
        .collect();
    if panels.is_empty() {
        return String::new();
    }
    Bins {
        label: "Chart: answers per second around the shot, bin by bin, for each shape of server; \
                what it took is in the table below",
        y_name: "answers per second, in the launch with the median gap",
        x_name: "milliseconds from the shot",
        unit: Unit::PerSecond,
        moment: (0.0, "the shot"),
        panels,
    }
    .html()
        + &timelines(blasts)
}

/// The chart as a table.
fn timelines(blasts: &[Blast]) -> String {
    let drawn: Vec<&Blast> = blasts.iter().filter(|blast| !blast.timeline.is_empty()).collect();
    // By number: the shot lies elsewhere within its bin each time.
    let bins = drawn.iter().flat_map(|blast| &blast.timeline);
    let numbers: BTreeSet<(i64, u64)> = bins.map(|bin| (bin.from_shot, bin.width_ns)).collect();
    let mut head = vec!["Milliseconds from the bin with the shot"];
    let names: Vec<String> = drawn
        .iter()
        .map(|blast| format!("#{}", words::sentence_case(look::name(blast.shape))))
        .collect();
    head.extend(names.iter().map(String::as_str));
    let row = |at: &(i64, u64)| {
        let of = |blast: &&Blast| {
            let bin = blast.timeline.iter().find(|bin| (bin.from_shot, bin.width_ns) == *at);
            bin.map_or("-".to_owned(), |bin| escape(&Unit::PerSecond.format(bin.per_s)))
        };
        let (number, width_ns) = *at;
        let mut row = vec![format!("{}", number as f64 * width_ns as f64 / 1e6)];
        row.extend(drawn.iter().map(of));
        row
    };
    folded("The same in figures", &head, &numbers.iter().map(row).collect::<Vec<_>>())
}

fn figures(blasts: &[Blast]) -> String {
    let head = [
        "Server",
        "#Requests lost",
        "#Connections ended",
        "#New ones refused",
        "=Longest gap",
        "=As before after",
        "#A dip without a shot",
        "#Processes died",
        "#Forgotten",
        "Shared count",
    ];
    table(&head, &blasts.iter().map(row).collect::<Vec<_>>())
}

fn row(blast: &Blast) -> Vec<String> {
    let name = look::coloured(blast.shape);
    if blast.launches == 0 {
        let reason = blast.failure.as_ref().map_or(NO_LAUNCH.to_owned(), ToString::to_string);
        return vec![name, format!("Not measured: {}", escape(&reason))];
    }
    let time = |ns: Option<Interval>| look::narrow(Unit::Nanoseconds, ns);
    let recovery = match (blast.recovery_ns, blast.unrecovered) {
        (Some(ns), 0) if ns.high == 0.0 => "no dip".to_owned(),
        (Some(_), 0) => time(blast.recovery_ns),
        (_, missed) if missed == blast.launches => "not within the time".to_owned(),
        (found, missed) => {
            format!("{}, in {missed} of {} launches not", time(found), blast.launches)
        }
    };
    let survives = if blast.shared_survives { "survives" } else { "not shown to" };
    vec![
        name,
        counted(blast.failed),
        format!("{} of {}", counted(blast.dropped), blast.connections),
        counted(blast.refused),
        time(blast.gap_ns),
        recovery,
        format!("in {} of {}", blast.noisy, blast.launches),
        counted(blast.died),
        escape(&blast.forgotten_share.map_or("-".to_owned(), words::percent)),
        survives.to_owned(),
    ]
}

/// Fewest, median and most of the launches, as one number where they agree.
fn counted([fewest, median, most]: [u64; 3]) -> String {
    match fewest == most {
        true => median.to_string(),
        false => format!("{median} [{fewest}, {most}]"),
    }
}

/// What is to be said of single shots.
fn marks(blasts: &[Blast]) -> Vec<String> {
    let mark = |blast: &Blast| {
        let name = look::name(blast.shape);
        let fewer = blast.failure.as_ref().filter(|_| blast.launches > 0);
        let fewer = fewer
            .map(|why| format!("Fewer launches than planned: {name}: {}: {why}", blast.launches));
        let missed = blast.launches > 0 && blast.died[0] == 0;
        let missed = missed.then(|| {
            format!(
                "{}: in some launch no process died, so that was no shot",
                words::sentence_case(name)
            )
        });
        [fewer, missed]
    };
    blasts.iter().flat_map(mark).flatten().map(|item| escape(&item)).collect()
}
