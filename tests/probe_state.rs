//! Live: the probes of shared state and of signals, each run in a lab of its own. Without the
//! mechanism each finds its statement false.

mod support;

use process_vs_thread::lab::{self, locate};
use process_vs_thread::probe::{Entry, Mechanism};
use process_vs_thread::proc;
use process_vs_thread::question;
use process_vs_thread::question::creation::plan::FLAG_SETS;
use process_vs_thread::question::isolation::pieces::{PIECES, THREAD, shared};
use process_vs_thread::question::isolation::plan::{SIGNAL, STATE};
use process_vs_thread::record::{ProbeRun, Result};
use support::{LAB, probe_named};

/// The set of flags of a process.
const PROCESS: &str = "none";

/// What an ordinary user may not: everybody else gets an answer.
const PRIVILEGED: &str = "credentials";

fn try_run(entry: &Entry, mechanism: Mechanism) -> Result<ProbeRun> {
    let lab = locate(Some(LAB)).unwrap();
    lab::probe(&lab, &lab.reaper(), entry, mechanism)
}

fn run(id: &str, mechanism: Mechanism) -> ProbeRun {
    try_run(probe_named(id), mechanism).unwrap_or_else(|e| panic!("{e}"))
}

/// The probe of a set of flags.
fn of_set(set: &str, mechanism: Mechanism) -> ProbeRun {
    run(&format!("state/{set}"), mechanism)
}

fn figure(run: &ProbeRun, what: &str) -> Option<f64> {
    run.seen.iter().find(|seen| seen.what == what).map(|seen| seen.figure)
}

/// The nice value of this process: at the end of the scale an ordinary user cannot change it.
fn nice() -> i32 {
    let stat = proc::read("/proc/self/stat").unwrap();
    proc::stat_field(&stat, 19).unwrap().parse().unwrap()
}

#[test]
fn every_probe_holds_with_its_mechanism_and_not_without() {
    let own = |entry: &&Entry| [STATE, SIGNAL].contains(&entry.family);
    let entries: Vec<&Entry> = question::probes().filter(own).collect();
    assert_eq!(entries.len(), FLAG_SETS.len() + 7);
    for entry in entries {
        for mechanism in [Mechanism::On, Mechanism::Off] {
            match try_run(entry, mechanism) {
                Ok(run) => {
                    assert_eq!(run.holds, mechanism == Mechanism::On, "{}: {run:#?}", entry.id())
                }
                Err(why) if entry.name == PRIVILEGED && why.errno.is_some() => {
                    assert_eq!(why.remedy.as_deref(), Some("run as root"));
                }
                Err(why) => panic!("{why}"),
            }
        }
    }
}

#[test]
fn every_set_of_flags_shares_each_piece_as_clone_says() {
    let user = probe_named("state/credentials");
    let may_be_another_user = try_run(user, Mechanism::On).is_ok();
    for (set, _) in FLAG_SETS {
        let run = of_set(set, Mechanism::On);
        for piece in &PIECES {
            let found = figure(&run, piece.name);
            let unchanged = match piece.name {
                "nice" => nice() == 19,
                "user by system call" => !may_be_another_user,
                _ => false,
            };
            if unchanged && found.is_none() {
                continue;
            }
            let sleeps = set == "vm-vfork" && piece.name.ends_with("by the creator");
            let expected = f64::from(u8::from(shared(set, piece)));
            assert_eq!(found, (!sleeps).then_some(expected), "{set}: {}", piece.name);
        }
    }
}

#[test]
fn another_actor_than_the_named_one_shows_in_its_pieces() {
    let thread = of_set(THREAD, Mechanism::Off);
    let process = of_set(PROCESS, Mechanism::Off);
    for piece in ["memory", "descriptors", "folder", "umask", "handlers", "pid", "limits"] {
        assert_eq!(
            (figure(&thread, piece), figure(&process, piece)),
            (Some(0.0), Some(1.0)),
            "{piece}"
        );
    }
}

#[test]
fn a_number_means_another_file_where_the_table_is_another() {
    let open = "that number is open for the creator";
    let [on, off] = [Mechanism::On, Mechanism::Off].map(|m| run("state/vm-without-files", m));
    assert_eq!((figure(&on, open), figure(&off, open)), (Some(0.0), Some(1.0)));
    let told = "the creator reads the number that the actor wrote";
    assert_eq!((figure(&on, told), figure(&off, told)), (Some(1.0), Some(1.0)));
}

#[test]
fn refusals_have_their_error_number() {
    let run = run("state/refused", Mechanism::Off);
    let numbers: Vec<f64> = run.seen.iter().map(|seen| seen.figure).collect();
    let (allowed, refused) = numbers.split_last().unwrap();
    assert_eq!((*allowed, refused.len()), (0.0, 4));
    assert!(refused[..3].iter().all(|number| *number == 22.0), "EINVAL: {run:#?}");
}

#[test]
fn signals_are_counted_where_they_are_handled() {
    let process = run("signal/process", Mechanism::On);
    let of = |run: &ProbeRun, what: &str| {
        figure(run, what).unwrap_or_else(|| panic!("{what}: {run:#?}"))
    };
    let open = of(&process, "thread 1, open to it") + of(&process, "thread 2, open to it");
    assert_eq!((open, of(&process, "main thread, which blocks it")), (100.0, 0.0));
    let thread = run("signal/thread", Mechanism::On);
    assert!((1..=4).all(|t| of(&thread, &format!("thread {t}")) == 25.0), "{thread:#?}");
    let blocked = run("signal/blocked", Mechanism::On);
    assert_eq!(of(&blocked, "handled by the thread that unblocked it"), 4.0);
    let fatal = run("signal/fatal", Mechanism::On);
    assert_eq!((of(&fatal, "before"), of(&fatal, "left after it")), (4.0, 0.0));
    assert_eq!(
        of(&fatal, "number of the signal that ended the process"),
        of(&fatal, "number of the signal sent to one thread")
    );
}
