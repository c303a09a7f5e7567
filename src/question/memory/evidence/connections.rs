//! Ten thousand connections at once, extrapolated from what one keeps.

use super::bound::Demand;
use super::{CONNECTION, FORK, THREAD};
use crate::record::Limit;
use crate::stats::Interval;

/// Connections to serve.
pub const CONNECTIONS: u32 = 10_000;

/// One way to serve them all.
#[derive(Debug)]
pub struct Serving {
    /// In words.
    pub name: &'static str,
    /// Memory in use for all, bytes: extrapolated from what one keeps.
    pub bytes: Interval,
    /// Limits of this machine that do not allow it, with the number that each allows.
    pub refused: Vec<(String, f64)>,
}

/// The ways, and what each connection takes.
const WAYS: [(&str, &[&str]); 5] = [
    ("a thread for each, without the connection", &[THREAD]),
    ("a forked process for each, without the connection", &[FORK]),
    ("the connections alone, in one epoll set", &[CONNECTION]),
    ("a connection and a thread for each", &[CONNECTION, THREAD]),
    ("a connection and a forked process for each", &[CONNECTION, FORK]),
];

/// The ways of which all parts were measured.
pub(super) fn servings(demand: impl Fn(&str) -> Option<Demand>, limits: &[Limit]) -> Vec<Serving> {
    let serving = |(name, parts): (&'static str, &'static [&'static str])| {
        let demands: Option<Vec<Demand>> = parts.iter().map(|id| demand(id)).collect();
        let mut each = demands?.into_iter().reduce(Demand::and)?;
        if parts.contains(&FORK) {
            // Each process has a table of descriptors of its own.
            each.descriptors = 0.0;
        }
        let number = f64::from(CONNECTIONS);
        let refused = each.met(limits).into_iter().filter(|bound| bound.count < number);
        Some(Serving {
            name,
            bytes: each.bytes.map(|bytes| bytes * number),
            refused: refused.map(|bound| (bound.limit, bound.count)).collect(),
        })
    };
    WAYS.into_iter().filter_map(serving).collect()
}
