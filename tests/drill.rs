//! The two small programs of the drill, run as a person runs them.

use std::path::PathBuf;
use std::process::{Command, Output};

/// Cargo puts examples beside the folder of the tests.
fn example(name: &str, arguments: &[&str]) -> Output {
    let test = std::env::current_exe().unwrap();
    let program: PathBuf = test.parent().unwrap().parent().unwrap().join("examples").join(name);
    assert!(program.exists(), "cargo test builds examples, but not one target alone: {program:?}");
    Command::new(program).args(arguments).output().unwrap()
}

#[test]
fn both_programs_count_to_the_same_sum_and_say_what_it_took() {
    for (name, sizes) in [("drill_threads", 1), ("drill_processes", 2)] {
        let output = example(name, &["1000"]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{name}: {said}");
        assert!(said.starts_with("sum 10000\nwall time "), "{name}: {said}");
        let sizes_said: Vec<u64> = said
            .lines()
            .filter_map(|line| line.strip_prefix("max RSS ")?.split(' ').next()?.parse().ok())
            .collect();
        assert_eq!(sizes_said.len(), sizes, "{name}: {said}");
        assert!(sizes_said.iter().all(|kib| *kib > 100), "{name}: {said}");
    }
}

#[test]
fn a_length_that_is_no_number_is_refused() {
    for name in ["drill_threads", "drill_processes"] {
        let output = example(name, &["many"]);
        assert!(!output.status.success() && output.stdout.is_empty(), "{name}");
    }
}
