//! What is shared, what is not, and who survives? Probes alone.

use crate::record::{Family, Id};

const QUESTION: &str = "isolation";

const fn family(name: &'static str, prefix: &'static str) -> Family {
    Family { question: QUESTION, name, prefix }
}

/// Who is alive after a fault.
pub const FAULT: Family = family("fault", "probe/fault");
/// Who sees or reads whose memory.
pub const PROTECT: Family = family("protect", "probe/protect");
/// Who gets a signal.
pub const SIGNAL: Family = family("signal", "probe/signal");
/// What actors share of their state.
pub const STATE: Family = family("state", "probe/state");

/// Id of the probe of this fault.
#[must_use]
pub fn fault(name: &str) -> Id {
    FAULT.named(name)
}

/// Id of the probe of this kind of access.
#[must_use]
pub fn protect(name: &str) -> Id {
    PROTECT.named(name)
}

/// Id of the probe of this kind of signal.
#[must_use]
pub fn signal(name: &str) -> Id {
    SIGNAL.named(name)
}

/// Id of the probe of this set of flags, or of this question about them.
#[must_use]
pub fn state(name: &str) -> Id {
    STATE.named(name)
}
