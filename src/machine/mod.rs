//! The machine: what it is, what about it spoils figures, and whether the instruments can be
//! trusted.
//!
//! Everything is read by hand from /proc, /sys and uname(2); nothing is run but the program whose
//! CPUIDs are counted, and nothing that names the machine or its owner (host name, serial numbers,
//! addresses) is read.

mod books;
mod bound;
mod capacity;
mod check;
mod cores;
mod cost;
mod cpu;
mod curve;
mod exec;
mod facts;
mod frequency;
mod hypervisor;
mod identity;
mod inherited;
mod kernel;
mod kinds;
mod limits;
mod loopback;
#[cfg(test)]
mod made_up;
mod mitigation;
mod name;
mod offset;
mod processes;
mod reach;
mod real_time;
mod remedy;
mod rights;
mod sandbox;
mod space;
mod steal;
mod survey;
mod tick;
mod touch;
mod witness;

pub use books::{Books, await_asleep, await_gone};
pub use bound::limits;
pub use check::checks;
pub use cores::{Cores, placement, stay_on};
pub use exec::exec_cpuids;
pub use frequency::{core_frequency, counted_frequency, frequency_drift};
pub use inherited::{Settled, settle};
pub use kernel::{free_huge_pages, huge_page_bytes};
pub use limits::{available_memory_bytes, raise_descriptor_limit};
pub use loopback::loopback_clock;
pub use offset::clock_offset;
pub use processes::own_processes;
pub use real_time::{explained as explained_policy, fifo_permitted};
pub use remedy::{Demanded, advised, advised_for, how_to_raise};
pub use steal::steal_ticks;
pub use witness::witness;

use crate::record::{Machine, Result};
use crate::sys::memory::page_bytes;
use survey::Survey;

/// Tasks of others that run or want to run now, where the kernel tells.
#[must_use]
pub fn others_runnable() -> Option<u32> {
    kernel::others_runnable().ok()
}

/// Describes this machine. What cannot be found out is a fact with its reason.
///
/// # Errors
/// The CPUs that may be used are unknown: nothing could be measured on them.
pub fn describe() -> Result<Machine> {
    let survey = Survey::take()?;
    Ok(Machine {
        limits: limits(),
        summary: name::summary(&survey),
        slug: name::slug(&survey),
        facts: facts::facts(&survey),
        warnings: facts::warnings(&survey),
        page_bytes: Some(page_bytes() as u64),
        emulated: survey.host.as_ref().ok().map(|(host, _)| host.is_emulator()),
        identity: Some(identity::identity()),
        cpus: survey.cpus,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_a_name_fit_for_folders() {
        let machine = describe().unwrap();
        assert!(
            machine.slug.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-')),
            "{}",
            machine.slug
        );
        assert!(!machine.summary.contains('\n'));
        assert!(machine.cpus.contains(&placement().unwrap().main));
    }
}
