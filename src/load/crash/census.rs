//! Who serves, and what they have counted.

use super::tried;
use crate::load::pool::{ClientPool, PATIENCE_NS};
use crate::load::request;
use crate::record::{Failure, Result};
use crate::sys::clock;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// What a process of the server says of itself.
#[derive(Debug, Clone, Copy, Deserialize)]
struct State {
    process: i32,
    own: u64,
    shared: u64,
}

/// What the process behind each connection says, one connection after the other.
#[derive(Debug)]
pub(super) struct Census {
    states: Vec<State>,
}

impl Census {
    pub(super) fn processes(&self) -> BTreeSet<i32> {
        self.states.iter().map(|state| state.process).collect()
    }

    pub(super) fn knows(&self, process: i32) -> bool {
        self.states.iter().any(|state| state.process == process)
    }

    /// What a process had counted in memory of its own when these answers had come on its
    /// connections since.
    pub(super) fn counted(&self, process: i32, answered_since: &[u64]) -> u64 {
        let its = || self.states.iter().zip(answered_since).filter(|(s, _)| s.process == process);
        // Of several connections to it the one asked last says most.
        let own = its().map(|(state, _)| state.own).max().unwrap_or(0);
        own + its().map(|(_, answered)| answered).sum::<u64>()
    }

    /// What all processes together had counted, as the last one says.
    pub(super) fn shared(&self) -> u64 {
        self.states.last().map_or(0, |state| state.shared)
    }
}

/// Asks on each of these connections, on which nothing is under way.
pub(super) fn census(pool: &mut ClientPool, numbers: RangeInclusive<usize>) -> Result<Census> {
    let bytes = request::get(request::STATE, pool.address, false);
    let states = numbers.map(|number| {
        ask(pool, number, &bytes).map_err(|failure| {
            let tried = format!("{} on connection {}", failure.tried, number + 1);
            Failure { tried, ..failure }
        })
    });
    Ok(Census { states: states.collect::<Result<_>>()? })
}

fn ask(pool: &mut ClientPool, number: usize, bytes: &[u8]) -> Result<State> {
    let tried = || format!("{}: asking for {}", tried(pool), request::STATE);
    let (asking, listening) = (tried(), tried());
    pool.connections[number].parse_next();
    let sent = pool.send(number, bytes);
    let sent = sent.and_then(|()| pool.alarm_at(clock::monotonic_ns() + PATIENCE_NS));
    sent.map_err(|e| Failure::os(asking, e))?;
    loop {
        let heard = pool.wait().map_err(|e| Failure::os(&listening, e))?;
        for event in 0..heard {
            let Some(by) = pool.heard(event) else {
                let why = format!("no answer within {} s", PATIENCE_NS / 1_000_000_000);
                return Err(Failure::new(listening, why));
            };
            if pool.receive(by).map_err(|e| Failure::os(&listening, e))? {
                let body = pool.connections[by].body();
                return serde_json::from_slice(body)
                    .map_err(|e| Failure::new(listening, format!("the answer is not known: {e}")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_counted_what_it_says_last_and_what_was_answered_since() {
        let state = |process, own, shared| State { process, own, shared };
        let census = Census { states: vec![state(7, 1, 1), state(8, 1, 2), state(7, 2, 3)] };
        assert_eq!(census.processes(), BTreeSet::from([7, 8]));
        assert_eq!(census.counted(7, &[10, 20, 30]), 42);
        assert_eq!(census.counted(8, &[10, 20, 30]), 21);
        assert_eq!(census.shared(), 3);
        assert!(census.knows(8) && !census.knows(9));
    }
}
