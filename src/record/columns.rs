//! The pairs of a launch as columns: one list of numbers for each thing that is read off a batch,
//! without those that are nothing but zeros.

use super::{Half, Pair};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::collections::BTreeMap;

/// The pairs of a launch on disk.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Columns {
    /// Batches of the first arm.
    a: Side,
    /// Batches of the second arm.
    b: Side,
    /// Why a witness discards a pair, by the pair's place.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    discarded: BTreeMap<usize, String>,
}

/// The batches of one arm: each column has a number for each pair. One that is absent is all zeros.
type Side = BTreeMap<String, Vec<u64>>;

/// A column: its name, and what it holds of a batch.
type Column = (&'static str, fn(&mut Half) -> &mut u64);

/// All of them. The first is there of any batch.
const COLUMNS: [Column; 14] = [
    ("ops", |half| &mut half.ops),
    ("elapsed_ns", |half| &mut half.elapsed_ns),
    ("elapsed_ticks", |half| &mut half.elapsed_ticks),
    ("switches", |half| &mut half.switches),
    ("involuntary", |half| &mut half.involuntary),
    ("unwashed_ns", |half| &mut half.unwashed_ns),
    ("fifo_stretch_ns", |half| &mut half.fifo_stretch_ns),
    ("first_pass_ticks", |half| &mut half.first_pass_ticks),
    ("second_pass_ticks", |half| &mut half.second_pass_ticks),
    ("call_ns", |half| &mut half.call_ns),
    ("first_ns", |half| &mut half.first_ns),
    ("bill_ns", |half| &mut half.bill_ns),
    ("client_cpu_ns", |half| &mut half.client_cpu_ns),
    ("server_cpu_ns", |half| &mut half.server_cpu_ns),
];

pub(super) fn serialize<S: Serializer>(pairs: &[Pair], to: S) -> Result<S::Ok, S::Error> {
    let side = |half: fn(&Pair) -> Half| -> Side {
        let column = |(name, value): Column| {
            let values: Vec<u64> = pairs.iter().map(|pair| *value(&mut half(pair))).collect();
            let told = name == COLUMNS[0].0 || values.iter().any(|value| *value != 0);
            told.then(|| (name.to_owned(), values))
        };
        COLUMNS.into_iter().filter_map(column).collect()
    };
    let discarded = |(at, pair): (usize, &Pair)| Some((at, pair.discarded.clone()?));
    let discarded = pairs.iter().enumerate().filter_map(discarded).collect();
    Columns { a: side(|pair| pair.a), b: side(|pair| pair.b), discarded }.serialize(to)
}

pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Vec<Pair>, D::Error> {
    let Columns { a, b, discarded } = Columns::deserialize(from)?;
    let (a, b) = (halves(a).map_err(D::Error::custom)?, halves(b).map_err(D::Error::custom)?);
    if a.len() != b.len() {
        let why = format!("{} batches of one side and {} of the other", a.len(), b.len());
        return Err(D::Error::custom(why));
    }
    let together = a.into_iter().zip(b).map(|(a, b)| Pair { a, b, discarded: None });
    let mut pairs: Vec<Pair> = together.collect();
    for (at, why) in discarded {
        let known = pairs.len();
        let Some(pair) = pairs.get_mut(at) else {
            return Err(D::Error::custom(format!("pair {at} is discarded, of {known}")));
        };
        pair.discarded = Some(why);
    }
    Ok(pairs)
}

fn halves(mut side: Side) -> Result<Vec<Half>, String> {
    let batches = side.get(COLUMNS[0].0).map_or(0, Vec::len);
    let mut halves = vec![Half::default(); batches];
    for (name, value) in COLUMNS {
        let Some(values) = side.remove(name) else { continue };
        if values.len() != batches {
            return Err(format!("column {name} has {} of {batches} numbers", values.len()));
        }
        halves.iter_mut().zip(values).for_each(|(half, number)| *value(half) = number);
    }
    match side.into_keys().next() {
        Some(name) => Err(format!("no column is called {name}")),
        None => Ok(halves),
    }
}

/// The columns of pairs as schema 5 had them: each batch as a list of all fourteen numbers.
pub(super) fn of_rows(rows: &[OldPair]) -> serde_json::Result<serde_json::Value> {
    let half = |numbers: &[u64; 14]| {
        let mut half = Half::default();
        COLUMNS.into_iter().zip(numbers).for_each(|((_, value), new)| *value(&mut half) = *new);
        half
    };
    let pair =
        |old: &OldPair| Pair { a: half(&old.a), b: half(&old.b), discarded: old.discarded.clone() };
    let pairs: Vec<Pair> = rows.iter().map(pair).collect();
    serialize(&pairs, serde_json::value::Serializer)
}

/// A pair of schema 5.
#[derive(Deserialize)]
pub(super) struct OldPair {
    a: [u64; 14],
    b: [u64; 14],
    #[serde(default)]
    discarded: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::super::Launch;
    use super::*;
    use serde_json::json;

    fn launch(pairs: &serde_json::Value) -> serde_json::Result<Launch> {
        let state = json!({ "rss_bytes": 1, "vmas": 1, "fds": 3, "threads": 1, "huge_bytes": 0,
            "program_bytes": 1, "cpus": [0] });
        let launch = json!({ "pids": [1, 2], "states": [state, state], "pairs": pairs });
        serde_json::from_value(launch)
    }

    #[test]
    fn columns_hold_what_was_measured_and_no_zeros() {
        let half = |ops| Half { ops, elapsed_ns: 7 * ops, ..Half::default() };
        let switched = Half { switches: 4, ..half(3) };
        let noisy = Some("steal".to_owned());
        let pairs = vec![
            Pair { a: half(1), b: half(2), discarded: None },
            Pair { a: half(1), b: switched, discarded: noisy },
        ];
        let launch = Launch { pairs, ..Launch::default() };
        let written = serde_json::to_value(&launch).unwrap();
        let a = json!({ "ops": [1, 1], "elapsed_ns": [7, 7] });
        let b = json!({ "ops": [2, 3], "elapsed_ns": [14, 21], "switches": [0, 4] });
        assert_eq!(written["pairs"], json!({ "a": a, "b": b, "discarded": { "1": "steal" } }));
        assert_eq!(serde_json::from_value::<Launch>(written).unwrap(), launch);
        let none = Launch::default();
        let written = serde_json::to_value(&none).unwrap();
        assert_eq!(serde_json::from_value::<Launch>(written).unwrap(), none);
    }

    #[test]
    fn columns_that_do_not_fit_each_other_are_refused() {
        let one = json!({ "ops": [1] });
        for (pairs, why) in [
            (json!({ "a": one, "b": { "ops": [1, 2] } }), "1 batches of one side and 2"),
            (json!({ "a": { "ops": [1], "switches": [] }, "b": one }), "switches has 0 of 1"),
            (json!({ "a": { "ops": [1], "hops": [2] }, "b": one }), "no column is called hops"),
            (json!({ "a": one, "b": one, "discarded": { "1": "x" } }), "pair 1 is discarded, of 1"),
        ] {
            let failure = launch(&pairs).unwrap_err().to_string();
            assert!(failure.contains(why), "{failure}");
        }
        assert_eq!(launch(&json!({ "a": one, "b": one })).unwrap().pairs.len(), 1);
    }

    #[test]
    fn rows_of_schema_5_are_the_same_pairs() {
        let numbers = json!([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
        let old = json!([{ "a": numbers, "b": numbers, "discarded": "steal" }]);
        let rows: Vec<OldPair> = serde_json::from_value(old).unwrap();
        let pairs = launch(&of_rows(&rows).unwrap()).unwrap().pairs;
        let half = pairs[0].a;
        assert_eq!((half.ops, half.elapsed_ns, half.unwashed_ns), (1, 2, 6));
        assert_eq!((half.server_cpu_ns, pairs[0].b), (14, half));
        assert_eq!(pairs[0].discarded.as_deref(), Some("steal"));
    }
}
