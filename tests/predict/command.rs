//! The command: what it says of what it is given, and a prediction held against a lab.

use super::support::{Folder, program};
use super::{MIB, RUN, old};
use process_vs_thread::predict::lacking;
use process_vs_thread::question::creation::plan::stamped;
use process_vs_thread::record::{self, Record};
use process_vs_thread::run::OUT_VARIABLE;
use std::path::{Path, PathBuf};
use std::process::Output;

fn typed(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        program().arg("predict").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code(), text(&stdout), text(&stderr))
}

#[test]
fn what_cannot_be_read_says_what_why_and_what_to_do() {
    let (status, shown, said) = typed(&["--pid", "4000000", RUN]);
    assert_eq!((status, shown.as_str()), (Some(1), ""));
    assert!(said.contains("no process has the id 4000000") && said.contains("ps"), "{said}");
    let (status, _, said) = typed(&["--memory", "64KiB", "--mappings", "1000", RUN]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("(1,000)") && said.contains("more --memory"), "{said}");
    for (wrong, remedy) in [
        (&["--pid", "1", "--memory", "1GiB"][..], "--help"),
        (&["--memory", "4"], "a number with a unit: 4GiB"),
        (&["--memory", "1 parsec"], "a number with a unit: 4GiB"),
        (&["--memory", "-1"], "--help"),
        (&["--memory", "0B"], "4KiB to"),
        (&["--memory", "9e99GiB"], "4KiB to"),
        (&["--pid", "self"], "`ps` lists"),
        (&["--pid", "0"], "`ps` lists"),
        (&["--threads", "0"], "a whole number from 1 "),
        (&["--workers", "0"], "a whole number from 1 "),
        (&["--mappings", "many"], "a whole number from 0 "),
        (&["--huge"], "--memory"),
    ] {
        let (status, _, said) = typed(wrong);
        assert_eq!(status, Some(2), "{wrong:?}");
        assert!(said.contains(remedy) && !said.contains("invalid digit"), "{wrong:?}: {said}");
    }
}

/// A folder of runs: the kept one, and after it one that is too little, of the same machine.
fn runs(name: &str, spoil: impl Fn(&mut Record)) -> (Folder, PathBuf) {
    let folder = Folder::new(name);
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(RUN);
    let home = folder.path().to_path_buf();
    let run = |name: &str| {
        std::fs::create_dir(home.join(name)).unwrap();
        home.join(name).join("record.json.gz")
    };
    std::fs::copy(whole, run("20261130T054935Z-amd-epyc-2cpu-kvm")).unwrap();
    let mut little = old().clone();
    little.cells.retain(|cell| cell.id == stamped("process/fork"));
    little.run.id = "20261130T235959Z-little".to_owned();
    spoil(&mut little);
    record::write_new(&run("20261130T235959Z-little"), &little).unwrap();
    (folder, home)
}

fn typed_among(home: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut program = program();
    let Output { status, stdout, stderr } =
        program.env(OUT_VARIABLE, home).arg("predict").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code(), text(&stdout), text(&stderr))
}

#[test]
fn a_run_that_is_too_little_is_no_dead_end() {
    assert_eq!(lacking(old()), None);
    let (_kept, home) = runs("predict-little", |little| little.run.quick = true);
    // Not named: the latest that is enough takes its place, which is said.
    let (status, shown, said) = typed_among(&home, &["--memory", "1GiB"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(shown.contains("by the run 20261130T054935Z"), "{shown}");
    for word in ["20261130T235959Z-little", "a quick run", "20261130T054935Z"] {
        assert!(said.contains(word), "{said}");
    }
    // Named: it is refused once, with runs that would do.
    let (status, shown, said) = typed_among(&home, &["--memory", "1GiB", "last"]);
    assert_eq!((status, shown.as_str()), (Some(1), ""));
    assert!(said.contains("a quick run") && said.contains("memory"), "{said}");
    assert!(
        said.contains("`process-vs-thread run`") && said.contains("20261130T054935Z"),
        "{said}"
    );
    // Of another machine there is none to take its place silently.
    let (_kept, home) = runs("predict-other", |little| {
        little.run.filter = Some("creation/stamped".to_owned());
        little.machine.slug = "another".to_owned();
        little.machine.identity = None;
    });
    let (status, _, said) = typed_among(&home, &["--memory", "1GiB"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("a part of a run") && said.contains("of another machine"), "{said}");
}

#[test]
fn what_cannot_be_checked_is_predicted_and_says_why() {
    let (status, shown, said) = typed(&["--memory", "400TiB", "--check", RUN]);
    assert_eq!(status, Some(1), "{said}");
    assert!(shown.contains("fork after fork") && shown.contains("400 TiB"), "{shown}");
    assert!(
        said.contains("it would hold 400 TiB") && said.contains("can be checked here"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "nothing is launched: {said}");
    let (_, shown, _) = typed(&["--memory", "400TiB", "--check", "--json", RUN]);
    let printed: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert!(printed["checked"].is_null() && printed["not_checked"]["why"].is_string());
}

#[test]
fn a_prediction_is_held_against_a_lab_of_that_shape() {
    let arguments = ["--memory", "8MiB", "--mappings", "50", "--check", "--json", RUN];
    let (status, shown, said) = typed(&arguments);
    assert_eq!(status, Some(0), "{said}");
    let printed: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let held = |name: &str| printed["process"][name].as_u64().unwrap();
    assert_eq!((held("base_bytes"), held("mappings")), (8 * MIB, 50));
    let checked = printed["checked"].as_array().unwrap();
    assert_eq!(checked.len(), 2);
    for regime in checked {
        let figure = |name: &str| regime[name].as_f64().unwrap_or_else(|| panic!("{regime}"));
        assert!(0.0 < figure("call_ns") && figure("call_ns") < figure("reaped_ns"), "{regime}");
    }
    assert!(checked[0]["call_ratio"].as_f64().unwrap() > 0.0);
    assert!(checked[1]["call_ratio"].is_null(), "the run has nothing of the other regime");
}
