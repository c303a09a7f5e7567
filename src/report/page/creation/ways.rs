//! Every way to start a thread or a process, with its four times.

use super::{View, look, unmeasured};
use crate::claim::Unit;
use crate::question::creation::evidence::Way;
use crate::question::creation::plan::{BILLED_PAGES, WAYS, stamped};
use crate::record::Record;
use crate::report::html::{escape, hue, paragraph, table};
use crate::report::plot::Shape;
use crate::report::strips::{Strip, Strips};
use crate::report::words;

pub(super) fn html(view: &View) -> String {
    let ways = &view.creation.ways;
    let tried = WAYS.iter().map(|id| (look::name(view.record, id).to_owned(), stamped(id)));
    let missing = unmeasured::html(view, tried);
    if ways.is_empty() {
        return missing;
    }
    let head = [
        "Way (95 % intervals)",
        "=Call returns",
        "=First instruction",
        "=Created to reaped",
        "=Then, per page written",
        "=Over a pthread",
    ];
    let rows: Vec<Vec<String>> = ways.iter().map(|way| row(view.record, way)).collect();
    chart(view.record, ways) + &table(&head, &rows) + &paragraph("note", &note(ways)) + &missing
}

fn chart(record: &Record, ways: &[Way]) -> String {
    let key = [
        (look::row(Shape::Triangle, false), "the call returns".to_owned()),
        (look::row(Shape::Diamond, false), "first instruction".to_owned()),
        (look::row(Shape::Circle, true), "reaped".to_owned()),
    ];
    let row = |way: &Way| {
        let ratio = way.ratio.map(|ratio| Unit::Times.format(ratio.estimate));
        let time = words::time(way.reaped_ns.estimate);
        Strip {
            label: look::name(record, way.primitive).to_owned(),
            hue: hue(record.actor(way.primitive)),
            value: ratio.map_or(time.clone(), |ratio| format!("{time} · {ratio}")),
            marks: vec![way.call_ns, way.first_ns, Some(way.reaped_ns)],
        }
    };
    Strips {
        label: "Chart: when the call returns, when the first instruction runs and when all is \
                reaped, for every way to start; its figures are in the table below",
        axis: "since the call, logarithmic",
        unit: Unit::Nanoseconds,
        key: key.into(),
        rows: ways.iter().map(row).collect(),
    }
    .html()
}

fn row(record: &Record, way: &Way) -> Vec<String> {
    vec![
        look::coloured(record, way.primitive, look::name(record, way.primitive)),
        escape(&look::time(way.call_ns)),
        escape(&look::time(way.first_ns)),
        escape(&look::time(Some(way.reaped_ns))),
        escape(&look::time(way.bill_ns_per_page)),
        escape(&look::times(way.ratio)),
    ]
}

fn note(ways: &[Way]) -> String {
    let mut note = format!(
        "All four times are of the creator, stamped by its clock and by that of what it creates; \
         stamping costs a little, and the ratio comes from pairs without stamps where there are \
         such. The last time is the bill that comes after: when all is over the creator writes \
         again to {BILLED_PAGES} of its pages."
    );
    if ways.iter().any(|way| way.first_ns.is_none()) {
        note.push_str(
            " A dash: the program does not tell when it starts, as a dynamic one that is not ours.",
        );
    }
    note
}
