//! What an idle connection keeps of the memory, and what ten thousand do.

use super::{NO_LAUNCH, View, look};
use crate::claim::Unit;
use crate::question::memory::evidence::{CONNECTION, thousands};
use crate::question::memory::plan::units;
use crate::question::servers::evidence::Held;
use crate::question::servers::plan::{HOLD, KEEP, TEN_THOUSAND, of_shape};
use crate::record::{MemorySource, Shape};
use crate::report::html::{escape, list, paragraph, table};
use crate::report::stack::{Bar, Stacks};

pub(super) fn html(view: &View) -> String {
    let held = &view.servers.held;
    if held.is_empty() {
        return String::new();
    }
    let shapes: Vec<_> = held.iter().map(|held| held.shape).collect();
    paragraph("", METHOD)
        + &chart(held)
        + &figures(held)
        + &list(&marks(held))
        + &paragraph("note", &sockets(view))
        + &list(&whole_machine(view))
        + &look::untried(&shapes).map_or(String::new(), |words| paragraph("", &words))
}

const METHOD: &str = "Connections are opened, one request is answered on each, and then nothing is \
                      asked over them. A figure for one is a slope over growing numbers of them, \
                      the kernel's memory on the server's side and the worker that waits for it \
                      included.";

fn chart(held: &[Held]) -> String {
    let bar = |held: &Held| {
        let total = held.per_connection_bytes?;
        Some(Bar {
            label: look::name(held.shape).to_owned(),
            hue: look::hue(held.shape),
            parts: vec![total.estimate],
            total,
        })
    };
    let bars: Vec<Bar> = held.iter().filter_map(bar).collect();
    if bars.is_empty() {
        return String::new();
    }
    Stacks {
        label: "Chart: the memory that one idle connection keeps, for each shape of server; its \
                figures are in the table below",
        axis: "memory in use for one",
        parts: vec!["memory in use"],
        bars,
    }
    .html()
}

fn figures(held: &[Held]) -> String {
    let head = [
        "Server",
        "=One connection (95 % interval)",
        "#Most held at once",
        "#Memory then in use",
        "Ten thousand",
    ];
    table(&head, &held.iter().map(row).collect::<Vec<_>>())
}

fn row(held: &Held) -> Vec<String> {
    let name = look::coloured(held.shape);
    if held.per_connection_bytes.is_none() && held.most.is_none() {
        let reasons: Vec<String> = held.failures.iter().map(ToString::to_string).collect();
        let reason = if reasons.is_empty() { NO_LAUNCH.to_owned() } else { reasons.join("; ") };
        return vec![name, format!("Not measured: {}", escape(&reason))];
    }
    let dash = || "-".to_owned();
    let one = held.per_connection_bytes.map_or_else(dash, |b| Unit::Bytes.format_interval(b));
    let (most, together) = match held.most {
        Some((most, bytes)) => (thousands(f64::from(most)), Unit::Bytes.format(bytes)),
        None => (dash(), dash()),
    };
    [name, escape(&one), escape(&most), escape(&together), escape(&ten_thousand(held))].into()
}

/// What ten thousand take, and how that is known.
fn ten_thousand(held: &Held) -> String {
    let computed = held.per_connection_bytes.map(|bytes| {
        let all = bytes.map(|bytes| bytes * f64::from(TEN_THOUSAND));
        format!("computed from one, not measured: {}", Unit::Bytes.format_interval(all))
    });
    let why = match (held.most, &held.capped) {
        (Some((most, bytes)), _) if most >= TEN_THOUSAND => {
            return format!("measured: {}", Unit::Bytes.format(bytes));
        }
        (_, Some(why)) => format!("no more were tried: {why}"),
        _ => "this run did not hold so many".to_owned(),
    };
    [Some(why), computed].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// What of a connection may be missing.
fn sockets(view: &View) -> String {
    let both = view.memory.unit(&units(CONNECTION)).map(|unit| unit.total_bytes);
    let both = both.map(|bytes| {
        let bytes = Unit::Bytes.format_interval(bytes);
        let id = units(CONNECTION);
        format!(" A connection by itself, both ends in one group ({id}), keeps {bytes}.")
    });
    format!(
        "Of the kernel's own structures for a socket the figures may have little: on loopback the \
         server's end is made while packets are received, before it is accepted, and is charged \
         then to nobody or to the client's group; kernels before 6.12 leave it so, and later ones \
         under control groups of version 1 (inet_csk_accept in net/ipv4/inet_connection_sock.c). \
         For event loops, whose connections keep little else, that matters most.{}",
        both.unwrap_or_default()
    )
}

/// What failed beside what was measured.
fn marks(held: &[Held]) -> Vec<String> {
    let measured = |held: &&Held| held.per_connection_bytes.is_some() || held.most.is_some();
    let mark = |held: &Held| {
        let name = look::name(held.shape);
        let mark = move |why| escape(&format!("Not all was measured: {name}: {why}"));
        held.failures.iter().map(mark).collect::<Vec<String>>()
    };
    held.iter().filter(measured).flat_map(mark).collect()
}

/// Whose figures are those of the whole machine, by the reason.
fn whole_machine(view: &View) -> Vec<String> {
    let mut all: Vec<(&str, Vec<String>)> = Vec::new();
    for footprint in &view.record.footprints {
        let of = |shape: &Shape| {
            [KEEP, HOLD].map(|family| of_shape(family, *shape)).contains(&footprint.id)
        };
        let Some(shape) = Shape::ALL.into_iter().find(of) else { continue };
        let name = look::name(shape).to_owned();
        let sources = footprint.launches.iter().map(|launch| &launch.source);
        for source in sources {
            let MemorySource::Meminfo { why } = source else { continue };
            match all.iter_mut().find(|(known, _)| known == why) {
                Some((_, names)) if names.contains(&name) => {}
                Some((_, names)) => names.push(name.clone()),
                None => all.push((why, vec![name.clone()])),
            }
        }
    }
    let item = |(why, names): &(&str, Vec<String>)| {
        escape(&format!(
            "{}: changes of the whole machine's figures (/proc/meminfo), in which the clients' \
             ends and what others do are contained; no control group: {why}",
            names.join(", ")
        ))
    };
    all.iter().map(item).collect()
}
