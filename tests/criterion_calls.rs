//! Criterion is called so that neither what it is handed nor where it prints ends a target.
//!
//! One test: it moves the standard output of the whole process.

mod support;

use bench_support::{Measured, Unit, bench, caught, fit, guarded};
use criterion::{Criterion, PlottingBackend, SamplingMode};
use nix::unistd::{dup, dup2_stdout, pipe};
use process_vs_thread::record::Result;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;
use support::Folder;

/// Measures so many bytes per iteration, in every sample, and compares with what was measured last.
fn measure(folder: &Path, bytes: f64) -> (Result<()>, Result<()>) {
    let mut criterion = Criterion::default()
        .with_measurement(Measured::of(Unit::Bytes))
        .sample_size(10)
        .warm_up_time(Duration::from_millis(1))
        .measurement_time(Duration::from_millis(10))
        .nresamples(2_000)
        .plotting_backend(PlottingBackend::Plotters)
        .output_directory(folder);
    let mut benches = criterion.benchmark_group("memory");
    benches.sampling_mode(SamplingMode::Flat);
    let (sampled, reported) = bench(&mut benches, "equal", |iterations| {
        // By its own clock Criterion chooses how many iterations.
        std::thread::sleep(Duration::from_micros(100));
        Ok(bytes * iterations as f64)
    });
    (sampled.map(|log| assert!(!log.is_empty())), reported)
}

fn equal_samples_are_measured_and_compared(folder: &Path) {
    let page = folder.join("memory/equal/report/index.html");
    for bytes in [4096.0, 4096.0, 8192.0, 8192.0, 1e-3, 1e12] {
        // As an earlier version left them: a baseline that is equal throughout.
        let saved = folder.join("memory/equal/base/sample.json");
        if saved.exists() {
            let text = r#"{"sampling_mode":"Flat","iters":[2.0,2.0],"times":[8192.0,8192.0]}"#;
            fs::write(&saved, text).unwrap();
        }
        let _ = fs::remove_file(&page);
        assert_eq!(measure(folder, bytes), (Ok(()), Ok(())), "{bytes}");
        assert!(page.exists(), "{bytes}");
    }
    assert!(fs::read_to_string(page).unwrap().contains("Change"));
}

fn a_sample_that_is_no_quantity_is_a_failure(folder: &Path) {
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(fit(value).is_err());
        let (sampled, _) = measure(folder, value);
        assert!(sampled.unwrap_err().why.contains("no quantity above zero"), "{value}");
    }
}

fn a_panic_is_a_failure_that_says_what_and_where() {
    let failed: Result<()> = caught("drawing", || panic!("index out of {}", "bounds"));
    let failure = failed.unwrap_err();
    assert_eq!(failure.tried, "drawing");
    assert!(failure.why.contains("index out of bounds (criterion_calls.rs:"), "{failure}");
}

fn what_nobody_reads_can_still_be_printed() {
    let before = dup(io::stdout()).unwrap();
    // A pipe whose reader has left.
    dup2_stdout(&pipe().unwrap().1).unwrap();
    let direct = writeln!(io::stdout(), "a line").and_then(|()| io::stdout().flush());
    let printed = guarded("printing", || {
        writeln!(io::stdout(), "a line").and_then(|()| io::stdout().flush())
    });
    dup2_stdout(&before).unwrap();
    assert!(direct.is_err());
    assert!(printed.unwrap().is_ok());
}

#[test]
fn criterion_is_called_so_that_the_target_goes_on() {
    let folder = Folder::new("criterion");
    equal_samples_are_measured_and_compared(folder.path());
    a_sample_that_is_no_quantity_is_a_failure(folder.path());
    a_panic_is_a_failure_that_says_what_and_where();
    what_nobody_reads_can_still_be_printed();
}
