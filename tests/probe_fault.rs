//! Live: who survives a fault, what others see and read, and how much address space there is.

mod support;

use process_vs_thread::lab::{self, locate};
use process_vs_thread::probe::Mechanism;
use process_vs_thread::record::{ProbeRun, Result};
use support::{LAB, probe_named};

fn try_run(id: &str, mechanism: Mechanism) -> Result<ProbeRun> {
    let lab = locate(Some(LAB)).unwrap();
    lab::probe(&lab, &lab.reaper(), probe_named(id), mechanism)
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

/// Faults that need no control group, and what the parent sees of one in a thread and of one in a
/// process: a signal or an exit code.
const FAULTS: [(&str, [(&str, i32); 2]); 6] = [
    ("segv", [("signal", libc::SIGSEGV), ("signal", libc::SIGSEGV)]),
    ("abort", [("signal", libc::SIGABRT), ("signal", libc::SIGABRT)]),
    // Rust's handler says so on standard error, and aborts.
    ("stack-overflow", [("signal", libc::SIGABRT), ("signal", libc::SIGABRT)]),
    ("panic-unwind", [("joined as panicked", 1), ("exit code", 101)]),
    ("panic-abort", [("signal", libc::SIGABRT), ("signal", libc::SIGABRT)]),
    ("exit", [("exit code", 3), ("exit code", 3)]),
];

#[test]
fn a_fault_of_a_thread_ends_all_but_for_a_panic_that_unwinds() {
    for (fault, [(what, told), _]) in FAULTS {
        let on = run(&format!("fault/{fault}-thread"), Mechanism::On);
        let survivors = if fault == "panic-unwind" { 3.0 } else { 0.0 };
        assert!(on.holds, "{fault}: {on:#?}");
        assert_eq!([figure(&on, "survivors"), figure(&on, "of")], [survivors, 4.0], "{fault}");
        assert_eq!(figure(&on, what), f64::from(told), "{fault}: {on:#?}");
        assert!(figure(&on, "known after") > 0.0 && figure(&on, "replaced after") > 0.0);
    }
}

#[test]
fn a_fault_of_a_process_leaves_the_others_running() {
    for (fault, [_, (what, told)]) in FAULTS {
        let on = run(&format!("fault/{fault}-process"), Mechanism::On);
        assert!(on.holds, "{fault}: {on:#?}");
        assert_eq!(figure(&on, "survivors"), 3.0, "{fault}");
        assert_eq!(figure(&on, what), f64::from(told), "{fault}: {on:#?}");
        assert!(figure(&on, "known after") > 0.0 && figure(&on, "replaced after") > 0.0);
    }
}

#[test]
fn without_the_mechanism_no_statement_about_faults_is_found_true() {
    for (fault, _) in FAULTS {
        let thread = run(&format!("fault/{fault}-thread"), Mechanism::Off);
        let survivors = if fault == "panic-unwind" { 0.0 } else { 4.0 };
        assert!(!thread.holds, "{fault}: {thread:#?}");
        assert_eq!(figure(&thread, "survivors"), survivors, "{fault}");
        let process = run(&format!("fault/{fault}-process"), Mechanism::Off);
        assert!(!process.holds, "{fault}: {process:#?}");
        assert_eq!(figure(&process, "survivors"), 0.0, "{fault}");
    }
}

/// Where a control group can be had: who may not make one gets the reason.
#[test]
fn out_of_memory_ends_the_process_that_has_most_of_it() {
    for (id, survivors) in [("fault/oom-thread", [0.0, 4.0]), ("fault/oom-process", [3.0, 0.0])] {
        let [on, off] = [Mechanism::On, Mechanism::Off].map(|mechanism| try_run(id, mechanism));
        let (Ok(on), Ok(off)) = (&on, &off) else {
            let why = on.and(off).unwrap_err();
            eprintln!("skipped: {why}");
            continue;
        };
        assert!(on.holds && !off.holds, "{id}: {on:#?} {off:#?}");
        assert_eq!([on, off].map(|run| figure(run, "survivors")), survivors, "{id}");
        assert_eq!(figure(on, "signal"), f64::from(libc::SIGKILL));
        assert_eq!(figure(on, "bystanders that survive"), 1.0);
    }
}

#[test]
fn what_is_written_over_is_seen_by_who_shares_it() {
    for (id, sighted) in
        [("heap-thread", [3.0, 0.0]), ("heap-process", [0.0, 3.0]), ("heap-shared", [3.0, 0.0])]
    {
        let id = format!("fault/{id}");
        let [on, off] = [Mechanism::On, Mechanism::Off].map(|mechanism| run(&id, mechanism));
        assert!(on.holds && !off.holds, "{id}: {on:#?} {off:#?}");
        assert_eq!([on, off].map(|run| figure(&run, "see it")), sighted, "{id}");
    }
}

#[test]
fn a_lock_of_the_dead_is_lost_unless_it_is_robust() {
    let look = |id, what| {
        let [on, off] = [Mechanism::On, Mechanism::Off].map(|mechanism| run(id, mechanism));
        assert!(on.holds && !off.holds, "{id}: {on:#?} {off:#?}");
        [on, off].map(|run| figure(&run, what))
    };
    assert_eq!(look("fault/lock-dead", "stuck"), [1.0, 0.0]);
    assert!(look("fault/lock-dead", "waited")[0] >= 100.0, "as long as it says");
    assert_eq!(look("fault/lock-robust", "told of the death"), [1.0, 0.0]);
    assert_eq!(look("fault/lock-robust", "goes on"), [1.0, 0.0]);
}

#[test]
fn a_parent_sees_what_its_child_writes_to_shared_memory_and_nothing_else() {
    for (id, sighted) in [("child-write", [0.0, 1.0]), ("shared-mapping", [1.0, 0.0])] {
        let id = format!("protect/{id}");
        let [on, off] = [Mechanism::On, Mechanism::Off].map(|mechanism| run(&id, mechanism));
        assert!(on.holds && !off.holds, "{id}: {on:#?} {off:#?}");
        assert_eq!([on, off].map(|run| figure(&run, "parent sees it")), sighted, "{id}");
    }
}

/// Whom the kernel lets read depends on its settings: each answer has to be the one that they lead
/// to.
#[test]
fn who_can_read_whom_follows_from_the_settings() {
    for id in ["read-other-uid", "read-undumpable", "read-same-uid", "read-child", "mem-file"] {
        let id = format!("protect/{id}");
        let on = match try_run(&id, Mechanism::On) {
            Ok(on) => on,
            // An ordinary user may be alone, and a root who is one in its own namespace can be
            // nobody else.
            Err(why) if why.remedy.is_some() => {
                eprintln!("skipped: {why}");
                continue;
            }
            Err(why) => panic!("{why}"),
        };
        let scope = figure(&on, "ptrace_scope");
        let allowed = match id.as_str() {
            "protect/read-other-uid" | "protect/read-undumpable" => false,
            "protect/read-child" => scope < 2.0,
            _ => scope < 1.0,
        };
        // Where the setting is hidden nothing can be foretold.
        if scope > -2.0 {
            assert_eq!(on.holds, !allowed, "{id}: {on:#?}");
            assert_eq!(figure(&on, "bytes read"), if allowed { 4.0 } else { 0.0 }, "{id}");
        }
        let [reader, target] =
            ["reader", "target"].map(|who| figure(&on, &format!("uid of the {who}")));
        assert_eq!(reader == target, !id.ends_with("other-uid"), "{id}: {on:#?}");
        assert!(reader > 0.0, "root reads everybody: {on:#?}");
        let off = run(&id, Mechanism::Off);
        assert!(!off.holds, "{id}: {off:#?}");
        assert_eq!(figure(&off, "bytes read"), 4.0, "{id}: who reads itself is not refused");
    }
}
