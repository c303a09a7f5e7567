//! How much address space a process has.

use super::plan::SPACE;
use crate::probe::smaps::seen;
use crate::probe::{Entry, Mechanism, Run};
use crate::proc;
use crate::record::{Failure, ProbeRun, Result, Seen};
use crate::sys::memory::page_bytes;
use crate::sys::space::Reservation;
use nix::errno::Errno;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, rlim_t, setrlimit};

pub(in crate::question) const ENTRIES: &[Entry] = &[Entry {
    family: SPACE,
    name: "size",
    statement: "A process that asks for no address can map pages up to 128 TiB, and none beyond",
    run: Run::Plain(size),
}];

/// What a run says of the address space that a process gets unasked, and of what it gets by a hint.
pub(super) const UNASKED: &str = "address space";
pub(super) const BY_HINT: &str = "by hint";
/// What a run says of what could be reserved at a time, unasked.
pub(super) const RESERVED: &str = "reserved";

/// What the statement promises: 128 TiB.
const PROMISED: u64 = 128 << 40;
/// The largest and the smallest power of two that is looked at, bytes: below one is not 64 bits,
/// above the other is the kernel's half.
const LARGEST: u32 = 62;
const SMALLEST: u32 = 30;
/// Most and least that one reservation takes, and how many there are at most.
const PIECE: [usize; 2] = [64 << 40, 1 << 30];
const PIECES: usize = 512;

/// Without the mechanism the process has used up the address space that it is allowed
/// (`RLIMIT_AS`).
pub(crate) fn size(mechanism: Mechanism) -> Result<ProbeRun> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_AS)
        .map_err(|e| Failure::os("reading the limit on address space", e))?;
    // Before the limit, which leaves no room for it.
    let mut pieces = Vec::with_capacity(PIECES);
    let (soft, found) = match mechanism {
        Mechanism::On => (soft, look(&mut pieces)?),
        Mechanism::Off => {
            limit(0, hard)?;
            let found = look(&mut pieces);
            limit(soft, hard)?;
            (0, found?)
        }
    };
    Ok(ProbeRun { holds: found.is_as_promised(), seen: figures(found, soft) })
}

fn limit(soft: rlim_t, hard: rlim_t) -> Result<()> {
    setrlimit(Resource::RLIMIT_AS, soft, hard)
        .map_err(|e| Failure::os("limiting the address space of a benchmark process", e))
}

/// What there is, bytes.
struct Found {
    address_space: u64,
    by_hint: u64,
    reserved: u64,
}

impl Found {
    /// Is what a process gets unasked as much as is promised? By a hint it may get more (five
    /// levels of page tables), but never less.
    fn is_as_promised(&self) -> bool {
        self.address_space == PROMISED && self.by_hint >= PROMISED && self.reserved <= PROMISED
    }
}

/// Allocates nothing: a limit may leave no room for it.
fn look(pieces: &mut Vec<Reservation>) -> Result<Found> {
    let by_hint = by_hint()?;
    let used = by_default(&by_hint);
    // What the kernel gives unasked, as far as a page there can be mapped.
    let address_space = if can_map_below(used)? { used } else { 0 };
    Ok(Found { address_space, by_hint, reserved: reserved(pieces) })
}

fn figures(found: Found, limit: rlim_t) -> Vec<Seen> {
    let mut figures = vec![
        seen(UNASKED, found.address_space, "bytes"),
        seen(BY_HINT, found.by_hint, "bytes"),
        seen(RESERVED, found.reserved, "bytes"),
    ];
    if limit != RLIM_INFINITY {
        figures.push(seen("limit on address space", limit, "bytes"));
    }
    if let Ok(mode) = proc::number("/proc/sys/vm/overcommit_memory") {
        figures.push(seen("vm.overcommit_memory", mode, ""));
    }
    figures
}

/// The power of two below which the kernel lays out a process that asks for nothing: the stack lies
/// at its end.
fn by_default<T>(on_the_stack: &T) -> u64 {
    (std::ptr::from_ref(on_the_stack).addr() as u64).next_power_of_two()
}

/// The power of two below which a page can be mapped by asking for its address; 0 where none can.
fn by_hint() -> Result<u64> {
    for power in (SMALLEST..=LARGEST).rev() {
        if can_map_below(1 << power)? {
            return Ok(1 << power);
        }
    }
    Ok(0)
}

/// Can the last page but one be mapped? The last one is kept free on some processors, lest code run
/// into the kernel's half.
fn can_map_below(end: u64) -> Result<bool> {
    let page = page_bytes();
    match Reservation::at(end as usize - 2 * page, page) {
        Ok(_) => Ok(true),
        Err(e) => match e.raw_os_error().map(Errno::from_raw) {
            // Something is there already.
            Some(Errno::EEXIST) => Ok(true),
            Some(Errno::ENOMEM | Errno::EINVAL | Errno::EPERM) => Ok(false),
            _ => Err(Failure::os(format!("mapping the last page but one below {end:#x}"), e)),
        },
    }
}

/// Bytes that could be reserved at the same time, in ever smaller pieces; all are released. There
/// is room for [`PIECES`].
fn reserved(pieces: &mut Vec<Reservation>) -> u64 {
    let [mut piece, least] = PIECE;
    while piece >= least && pieces.len() < PIECES {
        match Reservation::anywhere(piece) {
            Ok(reserved) => pieces.push(reserved),
            // No room for one of this size: try half of it.
            Err(_) => piece /= 2,
        }
    }
    pieces.drain(..).map(|piece| piece.bytes() as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_is_what_a_process_gets_unasked() {
        let is = |address_space, by_hint, reserved| {
            Found { address_space, by_hint, reserved }.is_as_promised()
        };
        let (tib, pib) = (1 << 40, 1 << 50);
        assert!(is(128 * tib, 128 * tib, 127 * tib), "four levels");
        assert!(is(128 * tib, 64 * pib, 127 * tib), "five levels, which only a hint reaches");
        assert!(!is(64 * pib, 64 * pib, 63 * pib), "all of five levels unasked");
        assert!(!is(256 * tib, 256 * tib, 255 * tib), "arm64");
        assert!(!is(0, 0, 0), "nothing can be mapped");
        assert!(!is(128 * tib, 128 * tib, 200 * tib), "and more beyond");
    }
}
