//! What a measurement is called: derived from its family and its point, and never read back.

use super::{Order, Placement, Policy};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Measurements that differ in where they are taken, and in nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// Name of the question that it belongs to.
    pub question: &'static str,
    /// Its name, unique within the question.
    pub name: &'static str,
    /// What the ids of its members begin with. Where points name themselves, the question alone.
    pub prefix: &'static str,
}

impl Family {
    /// The member at this point.
    #[must_use]
    pub fn at(self, point: impl Into<Vec<Coordinate>>) -> Id {
        let point = point.into();
        let text = point.iter().fold(self.prefix.to_owned(), |text, at| text + &at.to_string());
        Id { text, question: self.question.to_owned(), family: self.name.to_owned(), point }
    }

    /// The member of this name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Id {
        self.at([Coordinate::Name(name.into())])
    }
}

/// Name of the families that compare an arm with itself, one in each question.
const CONTROL: &str = "control";

/// A family at a point, and the text that follows from both.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Id {
    /// What people type, and read in lists.
    #[serde(rename = "id")]
    text: String,
    /// Name of the question that it belongs to.
    question: String,
    /// Name of its family there.
    family: String,
    /// Where in the family it is: a coordinate along each axis.
    point: Vec<Coordinate>,
}

impl Id {
    /// One that was written before it was kept what it is made of.
    pub(super) fn of(
        text: String,
        question: String,
        family: String,
        point: Vec<Coordinate>,
    ) -> Self {
        Id { text, question, family, point }
    }

    /// The comparison of an arm of such actors with itself.
    #[must_use]
    pub fn control(question: &str, actor: &str) -> Self {
        Id {
            text: format!("{question}/aa-{actor}"),
            question: question.to_owned(),
            family: CONTROL.to_owned(),
            point: vec![Coordinate::name(actor)],
        }
    }

    /// The comparisons of an arm with itself that set the margin of a question's others, one for
    /// each kind of actor.
    #[must_use]
    pub fn controls(question: &str) -> [Self; 2] {
        ["thread", "process"].map(|actor| Self::control(question, actor))
    }

    /// Name of the question that it belongs to.
    #[must_use]
    pub fn question(&self) -> &str {
        &self.question
    }

    /// Is it a member of this family?
    #[must_use]
    pub fn is_of(&self, family: Family) -> bool {
        (self.question.as_str(), self.family.as_str()) == (family.question, family.name)
    }

    /// Where in its family it is.
    #[must_use]
    pub fn point(&self) -> &[Coordinate] {
        &self.point
    }

    /// The same farther along one more axis.
    #[must_use]
    pub fn and(mut self, more: Coordinate) -> Self {
        self.text += &more.to_string();
        self.point.push(more);
        self
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// Where along one axis a member of a family is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Coordinate {
    /// A mechanism, a way, a set of flags, by its name.
    Name(String),
    /// A kind of what was named before.
    Kind(String),
    /// Memory of the parent, MiB.
    MemoryMib(u64),
    /// The same in huge pages.
    HugeMemoryMib(u64),
    /// Memory of the parent that was touched in any order, MiB.
    ScatteredMemoryMib(u64),
    /// Mappings of the parent, beside its own.
    Mappings(u32),
    /// Mappings of the parent that hold no page of their own, beside its own.
    CleanMappings(u32),
    /// Descriptors of the parent, beside its own.
    Descriptors(u32),
    /// Idle threads of the parent.
    Threads(u32),
    /// Actors that take turns, or threads of a pool.
    Actors(u32),
    /// Connections at a time.
    Connections(u32),
    /// Pages that are touched.
    Pages(u32),
    /// Length of a message, bytes.
    MessageBytes(u64),
    /// Increments of a worker.
    Turns(u64),
    /// Where the actors run.
    Placement(Placement),
    /// Under which policy, where it is not that of the question's other comparisons.
    Policy(Policy),
    /// How pages are read, where it is not one after the other.
    Order(Order),
    /// The pages are parts of huge ones.
    HugePages,
}

/// As it stands in an id.
impl fmt::Display for Coordinate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Coordinate::Name(name) => write!(f, "/{name}"),
            Coordinate::Kind(kind) => write!(f, "-{kind}"),
            Coordinate::MemoryMib(mebibytes) => write!(f, "/{mebibytes}MiB"),
            Coordinate::HugeMemoryMib(mebibytes) => write!(f, "/{mebibytes}MiB-huge"),
            Coordinate::ScatteredMemoryMib(mebibytes) => write!(f, "/{mebibytes}MiB-scattered"),
            Coordinate::Mappings(number) => write!(f, "/{number}mappings"),
            Coordinate::CleanMappings(number) => write!(f, "/{number}clean-mappings"),
            Coordinate::Descriptors(number) => write!(f, "/{number}descriptors"),
            Coordinate::Threads(number) => write!(f, "/{number}threads"),
            Coordinate::Actors(number) => write!(f, "/x{number}"),
            Coordinate::Connections(number) => write!(f, "/c{number}"),
            Coordinate::Pages(number) => write!(f, "/{number}pages"),
            Coordinate::MessageBytes(bytes) => match bytes {
                ..1024 => write!(f, "/{bytes}B"),
                1024..0x10_0000 => write!(f, "/{}KiB", bytes >> 10),
                _ => write!(f, "/{}MiB", bytes >> 20),
            },
            Coordinate::Turns(number) => write!(f, "/{number}"),
            Coordinate::Placement(placement) => write!(f, "/{placement}"),
            Coordinate::Policy(Policy::Other) => f.write_str("-other"),
            Coordinate::Policy(Policy::Fifo) => f.write_str("-fifo"),
            Coordinate::Order(Order::Chase) => f.write_str("-chase"),
            Coordinate::Order(Order::Independent) => f.write_str("-independent"),
            Coordinate::HugePages => f.write_str("-huge"),
        }
    }
}

impl Coordinate {
    /// What has this name.
    #[must_use]
    pub fn name(name: impl Into<String>) -> Self {
        Coordinate::Name(name.into())
    }
}
