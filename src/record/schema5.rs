//! Records of schema 5, made into what this program reads. Here alone is the meaning of an id read
//! off its spelling: schema 5 had nothing else.

mod facts;

use super::columns::{OldPair, of_rows};
use super::{Coordinate, Description, Id, Order, Placement, Policy, Work};
use serde_json::{Value, json};

/// The schema that is read.
pub(super) const SCHEMA: u32 = 5;

/// A list of the record, and what stands before its ids where schema 5 left it out.
const LISTS: [(&str, &str); 5] =
    [("cells", ""), ("footprints", ""), ("servings", ""), ("crashes", ""), ("probes", "probe/")];

/// The same record as it would be written today. What is not as schema 5 had it stays as it is, for
/// the reader to refuse.
pub(super) fn migrate(mut record: Value) -> serde_json::Result<Value> {
    let Value::Object(whole) = &mut record else { return Ok(record) };
    whole.insert("schema".to_owned(), json!(super::SCHEMA));
    let primitives: Vec<Description> = serde_json::from_slice(include_bytes!("schema5.json"))?;
    whole.insert("primitives".to_owned(), serde_json::to_value(&primitives)?);
    if let Some(machine) = whole.get_mut("machine") {
        facts::migrate(machine);
    }
    for arm in arms(&mut record) {
        let known = primitives.iter().find(|known| arm["primitive"] == known.id);
        // Of memory there was none.
        arm["work"] = serde_json::to_value(known.map_or(Work::Keeps, |known| known.work))?;
    }
    for (list, before) in LISTS {
        for row in rows(&mut record, list) {
            let Some(id) = row.get("id").and_then(Value::as_str) else { continue };
            let id = serde_json::to_value(id_of(&format!("{before}{id}")))?;
            if let (Value::Object(row), Value::Object(id)) = (row, id) {
                row.extend(id);
            }
        }
    }
    for cell in rows(&mut record, "cells") {
        for launch in rows(cell, "launches") {
            let old: Vec<OldPair> = serde_json::from_value(launch["pairs"].take())?;
            launch["pairs"] = of_rows(&old)?;
        }
    }
    Ok(record)
}

/// Every arm of the record.
fn arms(record: &mut Value) -> Vec<&mut Value> {
    let Value::Object(lists) = record else { return Vec::new() };
    let wanted =
        |(name, _): &(&String, &mut Value)| ["cells", "counts", "benches"].contains(&name.as_str());
    let rows = lists.iter_mut().filter(wanted).filter_map(|(_, rows)| rows.as_array_mut());
    let fields = rows.flatten().filter_map(Value::as_object_mut).flatten();
    let arms = fields.filter(|(name, _)| ["a", "b", "arm"].contains(&name.as_str()));
    arms.map(|(_, arm)| arm).filter(|arm| arm.is_object()).collect()
}

fn rows<'v>(of: &'v mut Value, list: &str) -> impl Iterator<Item = &'v mut Value> {
    of.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten()
}

/// The family and the point that an id was made of.
fn id_of(old: &str) -> Id {
    let text = match old.strip_prefix("translation/") {
        Some(rest) => format!("tlb/{rest}"),
        None => old.to_owned(),
    };
    let parts: Vec<&str> = text.split('/').collect();
    let (question, family, point) = match parts.as_slice() {
        ["probe", family, name] => {
            let question = match *family {
                "cow" => "creation",
                "space" => "memory",
                _ => "isolation",
            };
            (question, *family, vec![Coordinate::name(*name)])
        }
        [question, first, rest @ ..] => {
            let (family, point) = member(question, first, rest);
            (*question, family, point)
        }
        _ => ("", "", Vec::new()),
    };
    let (question, family) = (question.to_owned(), family.to_owned());
    Id::of(text, question, family, point)
}

/// The family of an id, and the point in it.
fn member<'t>(question: &str, first: &'t str, rest: &[&'t str]) -> (&'t str, Vec<Coordinate>) {
    if let Some(actor) = first.strip_prefix("aa-") {
        return ("control", named(actor, rest));
    }
    // Families that stand in the id, and those whose points name themselves.
    match (question, first, rest) {
        ("creation", "dispatch", names) => (first, vec![Coordinate::name(names.join("/"))]),
        ("communication", "stream", [name, length]) => {
            let length = match coordinate(length) {
                Some(Coordinate::MemoryMib(mebibytes)) => Coordinate::MessageBytes(mebibytes << 20),
                other => other.unwrap_or_else(|| Coordinate::name(*length)),
            };
            (first, vec![Coordinate::name(*name), length])
        }
        (
            "creation",
            "flags" | "stamped" | "flat" | "pool" | "placed" | "write",
            [name, rest @ ..],
        )
        | ("servers", "per-request" | "load" | "crash" | "keep" | "hold", [name, rest @ ..]) => {
            (first, named(name, rest))
        }
        ("creation", ..) => ("way", named(first, rest)),
        ("communication", _, [name]) => (first, named(name, &[])),
        ("contention", "drill" | "drill-atomic", _) => (first, along(rest)),
        ("contention", "one", [name]) => {
            let (name, actor) = name.rsplit_once('-').unwrap_or((name, ""));
            ("one", vec![Coordinate::name(name), Coordinate::Kind(actor.to_owned())])
        }
        ("contention", ..) => ("against", named(first, rest)),
        ("memory", ..) => ("units", named(first, rest)),
        ("servers", ..) => ("race", named(first, rest)),
        ("switching", ..) => match first.strip_suffix("-other") {
            Some(name) => {
                let other = Coordinate::Policy(Policy::Other);
                ("ping-pong", vec![Coordinate::name(name), other])
            }
            None => ("ping-pong", named(first, &[])),
        },
        _ => ring(first, rest),
    }
}

/// A family of rings and flushes, whose kind stands behind it.
fn ring<'t>(first: &'t str, rest: &[&'t str]) -> (&'t str, Vec<Coordinate>) {
    let kinds = [("step-", "step"), ("refill-", "refill"), ("control-", "without-flush")];
    let kind = kinds.iter().find_map(|(before, family)| {
        Some((*family, Coordinate::Kind(first.strip_prefix(before)?.to_owned())))
    });
    match kind {
        Some((family, kind)) => (family, [vec![kind], along(rest)].concat()),
        None => (first, along(rest)),
    }
}

fn named(name: &str, rest: &[&str]) -> Vec<Coordinate> {
    [vec![Coordinate::name(name)], along(rest)].concat()
}

/// What the parts of an id say of where in its family it is.
fn along(parts: &[&str]) -> Vec<Coordinate> {
    parts.iter().flat_map(|part| coordinates(part)).collect()
}

fn coordinates(part: &str) -> Vec<Coordinate> {
    let endings = [
        ("-other", Coordinate::Policy(Policy::Other)),
        ("-huge", Coordinate::HugePages),
        ("-independent", Coordinate::Order(Order::Independent)),
    ];
    if let Some(found) = coordinate(part) {
        return vec![found];
    }
    for (ending, last) in endings {
        if let Some(before) = part.strip_suffix(ending) {
            return [coordinates(before), vec![last]].concat();
        }
    }
    vec![Coordinate::name(part)]
}

fn coordinate(part: &str) -> Option<Coordinate> {
    let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
    if let Some(count) = part.strip_prefix('x') {
        return Some(Coordinate::Actors(count.parse().ok()?));
    }
    if let Some(count) = part.strip_prefix('c') {
        return Some(Coordinate::Connections(count.parse().ok()?));
    }
    let placement = match part {
        "two-cores" => Some(Placement::TwoCores),
        "free" => Some(Placement::Free),
        _ => None,
    };
    if let Some(placement) = placement {
        return Some(Coordinate::Placement(placement));
    }
    let number: u32 = part[..digits].parse().ok()?;
    Some(match &part[digits..] {
        "" => Coordinate::Turns(number.into()),
        "MiB" => Coordinate::MemoryMib(number.into()),
        "MiB-huge" => Coordinate::HugeMemoryMib(number.into()),
        "mappings" => Coordinate::Mappings(number),
        "descriptors" => Coordinate::Descriptors(number),
        "threads" => Coordinate::Threads(number),
        "pages" => Coordinate::Pages(number),
        "B" => Coordinate::MessageBytes(number.into()),
        "KiB" => Coordinate::MessageBytes(u64::from(number) << 10),
        _ => return None,
    })
}
