//! Live: who survives a fault, what others see and read, and how much address space there is.

mod support;

use process_vs_thread::lab::{self, locate};
use process_vs_thread::probe::{self, Mechanism};
use process_vs_thread::record::{ProbeRun, Result};
use support::LAB;

fn try_run(id: &str, mechanism: Mechanism) -> Result<ProbeRun> {
    lab::probe(&locate(Some(LAB)).unwrap(), probe::find(id).unwrap(), mechanism)
}

fn run(id: &str, mechanism: Mechanism) -> ProbeRun {
    try_run(id, mechanism).unwrap_or_else(|e| panic!("{id}: {e}"))
}

fn figure(run: &ProbeRun, what: &str) -> f64 {
    let found = run.seen.iter().find(|seen| seen.what == what);
    found.unwrap_or_else(|| panic!("{what} in {run:#?}")).figure
}

#[test]
fn the_address_space_ends_where_its_layout_says() {
    let on = run("space/size", Mechanism::On);
    // 39 bits are the least of the three architectures, 57 the most.
    for what in ["address space", "by hint"] {
        assert!((30.0..57.0).contains(&figure(&on, what).log2()), "{on:#?}");
        assert_eq!(figure(&on, what).log2().fract(), 0.0, "{on:#?}");
    }
    assert!(figure(&on, "reserved") <= figure(&on, "by hint"), "{on:#?}");
    if cfg!(target_arch = "x86_64") {
        assert_eq!(figure(&on, "address space"), (1u64 << 47) as f64);
    }
    let off = run("space/size", Mechanism::Off);
    assert!(!off.holds, "{off:#?}");
    assert_eq!(["address space", "by hint", "reserved"].map(|what| figure(&off, what)), [0.0; 3]);
}
