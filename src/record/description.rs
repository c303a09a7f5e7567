//! What a primitive is: the record says it of all that it holds figures of, so that a reader who
//! has another version of this program, or none, need not guess.

use super::{Actor, Record, Shape};
use serde::{Deserialize, Serialize};

/// A primitive in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Description {
    /// Its id, as arms have it.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What is created or switched to.
    pub actor: Actor,
    /// What an operation does.
    pub work: Work,
    /// What one operation is, in one sentence.
    pub op: String,
    /// What its time leaves out.
    pub excluded: String,
    /// Manual page or kernel source.
    pub source: String,
}

/// What an operation of a primitive does, with the context switches that it holds where all actors
/// share a core.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// It creates actors and sees their end; its switches are part of what that costs.
    Creates,
    /// The drill: it creates actors that count as far as the arm says.
    Drills,
    /// It hands over to a partner and back, by so many switches; an actor alone has none.
    HandsOver(u32),
    /// Each actor of a ring has a turn: a switch for each, none where one is alone.
    TakesTurns,
    /// It sends a message as long as the arm says; who finds nothing to do may sleep or not.
    Messages,
    /// Workers do it at the same time; who waits may sleep or not.
    Together,
    /// It keeps an idle actor, whose memory is read.
    Keeps,
    /// A server of this shape answers a request.
    Serves(Shape),
}

impl Work {
    /// Context switches of an operation whose actors share a core; `None` where they are not
    /// planned.
    #[must_use]
    pub fn switches_per_op(self, actors: u32) -> Option<u32> {
        match self {
            Work::HandsOver(switches) => Some(switches),
            Work::TakesTurns => Some(if actors > 1 { actors } else { 0 }),
            _ => None,
        }
    }

    /// Does it create actors, and see their end?
    #[must_use]
    pub fn creates(self) -> bool {
        matches!(self, Work::Creates | Work::Drills)
    }

    /// The shape of the server that it asks, if it asks one.
    #[must_use]
    pub fn server(self) -> Option<Shape> {
        match self {
            Work::Serves(shape) => Some(shape),
            _ => None,
        }
    }
}

impl Description {
    /// Does an operation hand over to a partner and back? Only then does a figure per switch say
    /// something: a created actor's last switch is counted differently for threads and processes.
    #[must_use]
    pub fn hands_over(&self) -> bool {
        let between = !self.work.creates() && self.work.server().is_none();
        between && self.actor != Actor::Alone
    }
}

impl Record {
    /// What the record says of a primitive; nothing of one that it does not describe.
    #[must_use]
    pub fn primitive(&self, id: &str) -> Option<&Description> {
        self.primitives.iter().find(|primitive| primitive.id == id)
    }

    /// The ids of all primitives that the record holds rows of.
    pub fn used(&self) -> impl Iterator<Item = &str> {
        let cells = self.cells.iter().flat_map(|cell| [&cell.a, &cell.b]);
        let counts = self.counts.iter().map(|count| &count.arm);
        let benches = self.benches.iter().map(|bench| &bench.arm);
        cells.chain(counts).chain(benches).map(|arm| arm.primitive.as_str())
    }
}

/// Workers of the drill, as its text asks for.
pub const DRILL_WORKERS: u32 = 10;
