//! What is read off what was measured.

use super::{CellVerdict, Evidence, Unit};
use crate::record::{Id, Record};
use crate::stats::Interval;
use std::fmt;

/// What something is read off, named where everything is still constant.
#[derive(Clone, Copy)]
pub struct Which(pub fn() -> Id);

impl Which {
    /// Its id.
    #[must_use]
    pub fn id(self) -> Id {
        (self.0)()
    }
}

impl fmt::Debug for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.id().to_string())
    }
}

impl PartialEq for Which {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Which {}

/// Reads a figure off the counts of a record, named where everything is still constant.
#[derive(Clone, Copy)]
pub struct Reader {
    /// What it reads.
    pub name: &'static str,
    /// The figure, with what is to be said of it, or the verdict and reason that stand for it.
    pub read: fn(&Record) -> Result<Interval, (CellVerdict, String)>,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Reader {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Reader {}

/// What is read off a paired experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimand {
    /// Time of one operation of the first arm, nanoseconds.
    TimeA,
    /// Time of one operation of the second arm, nanoseconds.
    TimeB,
    /// Time until the first instruction of what the first arm creates, nanoseconds.
    FirstA,
    /// Time until the first instruction of what the second arm creates, nanoseconds.
    FirstB,
    /// Time until what the second arm creates is reaped, without what the stamped arm does
    /// afterwards, nanoseconds.
    ReapedB,
    /// Time of the second arm over time of the first.
    Ratio,
    /// Time until the first instruction of what the second arm creates over that of the first; of a
    /// pool, until all of it is ready.
    ReadyRatio,
    /// What a switch of the second arm costs more than one of the first, in core cycles: time per
    /// switch times the core's measured frequency.
    ExtraCycles,
    /// Refill of the second arm over refill of the first, which is a forced flush: the share of the
    /// TLB that a switch takes (phi).
    RefillFraction,
    /// A figure that was counted, not inferred from time.
    Counted(Reader),
    /// A probe found its statement true.
    Holds,
    /// A probe saw this: its figure is not zero.
    Seen(&'static str),
    /// A probe looked for this and did not see it: its figure is zero.
    Unseen(&'static str),
    /// Address space per unit, bytes.
    VirtualPerUnit,
    /// Memory in use per unit, kernel memory included, bytes.
    MemoryPerUnit,
    /// Memory in use per unit over that of this footprint.
    MemoryOver(Which),
    /// Most memory in use by all units together over that of this footprint.
    PeakOver(Which),
    /// A worker of a server was shot, and no other connection lost a request or ended.
    SparesOthers,
    /// A worker of a server was shot, and every other connection ended.
    TakesAll,
}

impl Estimand {
    /// Is it read off the stamps of first instructions?
    #[must_use]
    pub fn is_first(self) -> bool {
        matches!(self, Estimand::FirstA | Estimand::FirstB | Estimand::ReadyRatio)
    }

    /// Unit of the figure.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Estimand::TimeA
            | Estimand::TimeB
            | Estimand::FirstA
            | Estimand::FirstB
            | Estimand::ReapedB => Unit::Nanoseconds,
            Estimand::Ratio | Estimand::ReadyRatio => Unit::Times,
            Estimand::ExtraCycles => Unit::Cycles,
            Estimand::RefillFraction => Unit::Share,
            Estimand::Counted(_) => Unit::MissesPerPage,
            // They have no figure, only an answer.
            Estimand::Holds
            | Estimand::Seen(_)
            | Estimand::Unseen(_)
            | Estimand::SparesOthers
            | Estimand::TakesAll => Unit::Share,
            Estimand::VirtualPerUnit | Estimand::MemoryPerUnit => Unit::Bytes,
            Estimand::MemoryOver(_) | Estimand::PeakOver(_) => Unit::Times,
        }
    }

    /// Is it read off a clock?
    #[must_use]
    pub fn is_timed(self) -> bool {
        !(self.is_answer() || self.is_footprint() || matches!(self, Estimand::Counted(_)))
    }

    /// Its name in the summary of a record: as stable as the record's schema.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Estimand::TimeA => "time-a".to_owned(),
            Estimand::TimeB => "time-b".to_owned(),
            Estimand::FirstA => "first-instruction-a".to_owned(),
            Estimand::FirstB => "first-instruction-b".to_owned(),
            Estimand::ReapedB => "reaped-b".to_owned(),
            Estimand::Ratio => "ratio".to_owned(),
            Estimand::ReadyRatio => "ready-ratio".to_owned(),
            Estimand::ExtraCycles => "extra-cycles-per-switch".to_owned(),
            Estimand::RefillFraction => "refill-fraction".to_owned(),
            Estimand::Counted(reader) => reader.name.replace(' ', "-"),
            Estimand::Holds => "holds".to_owned(),
            Estimand::Seen(what) => format!("seen: {what}"),
            Estimand::Unseen(what) => format!("unseen: {what}"),
            Estimand::VirtualPerUnit => "address-space-per-unit".to_owned(),
            Estimand::MemoryPerUnit => "memory-per-unit".to_owned(),
            Estimand::MemoryOver(other) => format!("memory over {}", other.id()),
            Estimand::PeakOver(other) => format!("peak memory over {}", other.id()),
            Estimand::SparesOthers => "spares-others".to_owned(),
            Estimand::TakesAll => "takes-all".to_owned(),
        }
    }

    /// Is it an answer, yes or no, and no figure?
    #[must_use]
    pub fn is_answer(self) -> bool {
        matches!(
            self,
            Estimand::Holds
                | Estimand::Seen(_)
                | Estimand::Unseen(_)
                | Estimand::SparesOthers
                | Estimand::TakesAll
        )
    }

    /// Is it read off shots at servers?
    #[must_use]
    pub fn is_shot(self) -> bool {
        matches!(self, Estimand::SparesOthers | Estimand::TakesAll)
    }

    /// Is it read off what idle units keep?
    #[must_use]
    pub fn is_footprint(self) -> bool {
        matches!(
            self,
            Estimand::VirtualPerUnit
                | Estimand::MemoryPerUnit
                | Estimand::MemoryOver(_)
                | Estimand::PeakOver(_)
        )
    }

    /// What it reads off the samples of an experiment.
    #[must_use]
    pub fn figure(self, evidence: &Evidence, record: &Record) -> Option<Interval> {
        match self {
            Estimand::TimeA => evidence.a.time_ns,
            Estimand::TimeB => evidence.b.time_ns,
            Estimand::FirstA => evidence.a.first_ns,
            Estimand::FirstB => evidence.b.first_ns,
            Estimand::ReapedB => evidence.b.reaped_ns,
            Estimand::Ratio => evidence.ratio,
            Estimand::ReadyRatio => evidence.ready_ratio,
            Estimand::ExtraCycles => {
                let ghz = record.check("core-frequency")?.figure?;
                evidence.extra_ns_per_switch.map(|extra| extra.map(|ns| ns * ghz))
            }
            Estimand::RefillFraction => evidence.refill_fraction,
            // Of counts, answers and footprints, not of samples.
            Estimand::Counted(_)
            | Estimand::Holds
            | Estimand::Seen(_)
            | Estimand::Unseen(_)
            | Estimand::VirtualPerUnit
            | Estimand::MemoryPerUnit
            | Estimand::MemoryOver(_)
            | Estimand::PeakOver(_)
            | Estimand::SparesOthers
            | Estimand::TakesAll => None,
        }
    }
}
