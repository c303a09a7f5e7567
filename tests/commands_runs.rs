//! What the commands make of kept runs: exports, lists, summaries, the statuses they end with.

mod fixture;
mod support;

use process_vs_thread::record::{self, SCHEMA};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::{Folder, program};

/// A kept run of few cells: one of an emulated machine.
fn small() -> String {
    let reports = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("reports")).unwrap();
    let mut folders = reports.map(|entry| entry.unwrap().path().display().to_string());
    folders.find(|folder| folder.contains("-rv64")).unwrap()
}

/// The fixture as a file of its own.
fn fixture_file(folder: &Folder) -> PathBuf {
    let file = folder.path().join("record.json.gz");
    record::write_new(&file, &fixture::small()).unwrap();
    file
}

fn done(arguments: &[&str]) -> String {
    let output = program().args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&done(arguments)).unwrap()
}

fn status(output: &Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn csv_has_a_row_for_each_figure_with_its_interval() {
    let folder = Folder::new("csv");
    let file = fixture_file(&folder);
    let text = done(&["export", file.to_str().unwrap(), "--format", "csv"]);
    let mut lines = text.lines();
    let names = "id,estimand,unit,estimate,lower,upper,launches,claim,verdict";
    assert_eq!(lines.next(), Some(names));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let ratio = rows.iter().find(|row| row[0] == "creation/fork" && row[1] == "ratio").unwrap();
    let figures: Vec<f64> = ratio[3..6].iter().map(|field| field.parse().unwrap()).collect();
    assert!(figures[1] <= figures[0] && figures[0] <= figures[2], "{ratio:?}");
    assert_eq!(ratio[2], "ratio");
    assert!(ratio[6].parse::<usize>().unwrap() > 0, "{ratio:?}");
    assert!(rows.iter().any(|row| row[7] == "B3"), "claims are named");
}

#[test]
fn bencher_gets_a_value_between_its_bounds() {
    let folder = Folder::new("bmf");
    let file = fixture_file(&folder);
    let all = json(&["export", file.to_str().unwrap(), "--format", "bmf"]);
    let metric = &all["creation/fork"]["ratio"];
    let [low, value, high] =
        ["lower_value", "value", "upper_value"].map(|key| metric[key].as_f64().unwrap());
    assert!(low <= value && value <= high, "{metric}");
    let measures = all.as_object().unwrap().values().flat_map(|of| of.as_object().unwrap());
    assert!(measures.clone().count() > 5);
    measures.for_each(|(_, metric)| assert!(metric["value"].is_f64(), "{metric}"));
}

#[test]
fn a_record_is_exported_packed_and_read_again() {
    let folder = Folder::new("json");
    let file = fixture_file(&folder);
    let copy = folder.path().join("copy.json.gz");
    let [file, to] = [&file, &copy].map(|path| path.to_str().unwrap());
    done(&["export", file, "-o", to]);
    assert_eq!(record::read(&copy).unwrap(), record::read(Path::new(file)).unwrap());
    assert_eq!(fs::read(&copy).unwrap()[..2], [0x1f, 0x8b], "it is packed");
    let same = program().args(["export", file, "-o", file]).output().unwrap();
    assert_eq!(status(&same), Some(1), "a record is not written over");
    assert!(String::from_utf8_lossy(&same.stderr).contains("it is the record"));
}

#[test]
fn what_is_redacted_names_no_place_and_judges_alike() {
    let folder = Folder::new("redact");
    let mut record = fixture::small();
    record.run.label = Some("alice".into());
    record.run.id.push_str("-alice");
    record.run.command = "process-vs-thread run --out …/alice".into();
    record.run.criterion = Some("../../home/alice/target".into());
    let file = folder.path().join("record.json");
    record::write_new(&file, &record).unwrap();
    let file = file.to_str().unwrap();
    let [whole, redacted] = [done(&["export", file]), done(&["export", file, "--redact"])];
    assert!(whole.contains("alice") && !redacted.contains("alice"));
    let copy = folder.path().join("redacted.json");
    fs::write(&copy, redacted).unwrap();
    let csv = |file: &str| done(&["export", file, "--format", "csv"]);
    assert_eq!(csv(copy.to_str().unwrap()), csv(file));
}

#[test]
fn a_page_and_a_table_go_to_a_pipe_and_nothing_lies_beside_a_device() {
    let folder = Folder::new("html");
    let file = fixture_file(&folder);
    for (format, begin) in [("html", "<!DOCTYPE html>"), ("md", "| textbook claim |")] {
        let mut piped = program();
        piped.args(["export", "-", "--format", format]).stdin(File::open(&file).unwrap());
        let output = piped.output().unwrap();
        assert_eq!(status(&output), Some(0));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.to_lowercase().starts_with(&begin.to_lowercase()), "{}", &text[..80]);
        assert!(!text.contains("details.html"), "nothing lies beside a pipe");
    }
    let name = file.to_str().unwrap();
    done(&["export", name, "--format", "html", "-o", "/dev/null"]);
    assert!(!Path::new("/dev/details.html").exists());
    let page = folder.path().join("page.html");
    done(&["export", name, "--format", "html", "-o", page.to_str().unwrap()]);
    let page = fs::read_to_string(&page).unwrap();
    // It links what lies beside it, and no other page's details or record.
    assert!(page.contains("href=\"page-details.html") && !page.contains("href=\"details.html"));
    assert!(page.contains("href=\"record.json.gz"), "the record lies beside it");
    assert!(
        folder.path().join("page-details.html").exists()
            && !folder.path().join("details.html").exists()
    );
    let into = folder.path().join("into");
    fs::create_dir(&into).unwrap();
    done(&["report", name, "--page", into.to_str().unwrap()]);
    assert!(into.join("details.html").exists());
    let elsewhere = fs::read_to_string(into.join("index.html")).unwrap();
    assert!(!elsewhere.contains("href=\"record.json.gz"), "the record lies in another folder");
}

#[test]
fn the_schema_is_the_one_of_the_documentation() {
    let kept = format!("{}/docs/record.schema.json", env!("CARGO_MANIFEST_DIR"));
    assert_eq!(done(&["export", "--schema"]), fs::read_to_string(kept).unwrap());
}

#[test]
fn lists_are_of_one_kind_and_of_what_matches() {
    let claims = done(&["list", "claims"]);
    assert!(claims.starts_with("Claims\n") && !claims.contains("creation/fork"), "{claims}");
    let some = done(&["list", "claims", "FLUSH"]);
    assert!(some.contains("B1") && !some.contains("C1"), "{some}");
    let anything = done(&["list", "vm-vfork"]);
    assert!(anything.contains("clone/vm-vfork") && !anything.contains("Claims\n"), "{anything}");
    let probes = json(&["list", "probes", "--json"]);
    let kinds: Vec<&str> =
        probes.as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert!(kinds.len() > 20 && kinds.iter().all(|kind| kind.starts_with("Probes")), "{kinds:?}");
    assert!(done(&["list", "claims", "fork"]).contains("A3"), "a claim is found by its cells");
    let benches = done(&["list", "benches"]);
    assert!(benches.starts_with("Bench targets\n") && benches.contains("\n  tlb "), "{benches}");
    let wrong = program().args(["list", "clams", "x"]).output().unwrap();
    assert_eq!(status(&wrong), Some(2));
    let nothing = program().args(["list", "clams"]).output().unwrap();
    assert_eq!(status(&nothing), Some(1));
    let said = String::from_utf8_lossy(&nothing.stderr);
    assert!(said.contains("did you mean claims?"), "{said}");
}

#[test]
fn runs_are_listed_with_their_size_date_and_verdicts_and_a_broken_one_with_its_reason() {
    let folder = Folder::new("runs");
    let none = |home: &Path| {
        program().args(["list", "runs"]).env("PROCESS_VS_THREAD_OUT", home).output().unwrap()
    };
    assert!(String::from_utf8_lossy(&none(folder.path()).stdout).starts_with("No run in "));
    for name in ["20260101T000000Z-one", "20260102T000000Z-broken"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let whole = folder.path().join("20260101T000000Z-one/record.json.gz");
    record::write_new(&whole, &fixture::small()).unwrap();
    let broken = folder.path().join("20260102T000000Z-broken/record.json.gz");
    fs::write(broken, "{\x1b[2J").unwrap();
    let output = none(folder.path());
    assert_eq!(status(&output), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].contains(" kB  quick: ") && lines[0].contains("NOT RUN"), "{text}");
    assert!(lines[1].contains("not a JSON object") && !text.contains('\x1b'), "{text}");
    let mut listed = program();
    listed.args(["list", "runs", "one", "--json"]).env("PROCESS_VS_THREAD_OUT", folder.path());
    let listed: Value = serde_json::from_slice(&listed.output().unwrap().stdout).unwrap();
    assert_eq!(listed[0]["run"], "20260101T000000Z-one");
    assert_eq!(listed[0]["bytes"], fs::metadata(whole).unwrap().len());
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[test]
fn every_cell_is_shown_with_its_verdict() {
    let folder = Folder::new("all");
    let file = fixture_file(&folder);
    let file = file.to_str().unwrap();
    let all = done(&["show", file, "--all"]);
    assert!(all.starts_with("A1 ") && all.contains("\nB3 "), "{all}");
    let one = done(&["show", file, "B3", "--all"]);
    assert!(one.starts_with("B3 ") && !one.contains("A1 "), "{one}");
    let said = json(&["show", file, "B3", "--json"]);
    assert_eq!(said["schema"], SCHEMA);
    let cells = said["judged"]["claims"][0]["cells"].as_array().unwrap();
    // As many lines as cells, below the heading; a long one takes more.
    assert!(!cells.is_empty() && one.lines().count() > cells.len(), "{one}");
    assert_eq!(said["judged"]["claims"].as_array().unwrap().len(), 1);
}

#[test]
fn every_shell_completes_the_commands_and_the_manual_has_them() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = done(&["completions", shell]);
        assert!(script.contains("doctor") && script.contains("export"), "{shell}");
    }
    let page = done(&["man"]);
    assert!(page.contains(".TH process-vs-thread 1") && page.contains("doctor"), "{page}");
    // Examples are not filled into paragraphs.
    assert!(page.contains(".SH NOTES\n.nf\n") && page.contains("\n.fi\n.SH VERSION"), "{page}");
    let folder = Folder::new("man");
    done(&["man", "--dir", folder.path().to_str().unwrap()]);
    let run = fs::read_to_string(folder.path().join("process-vs-thread-run.1")).unwrap();
    assert!(run.contains("quick"), "{run}");
    let nowhere = program().args(["man", "--dir", "/proc/nonexistent"]).output().unwrap();
    assert_eq!(status(&nowhere), Some(1));
}

#[test]
fn bash_completes_options_and_their_values() {
    let folder = Folder::new("bash");
    let script = folder.path().join("script");
    fs::write(&script, done(&["completions", "bash"])).unwrap();
    let completed = |words: &str| {
        let last = words.split(' ').count() - 1;
        let ask = format!(
            "source {}; COMP_WORDS=({words} ''); COMP_WORDS=(\"${{COMP_WORDS[@]:0:{}}}\"); \
             COMP_CWORD={last}; _process__vs__thread process-vs-thread \"${{COMP_WORDS[{last}]}}\" \
             \"${{COMP_WORDS[{}]}}\"; echo \"${{COMPREPLY[@]}}\"",
            script.display(),
            last + 1,
            last - 1
        );
        let output = Command::new("bash").args(["-c", &ask]).output().ok()?;
        Some(String::from_utf8(output.stdout).unwrap())
    };
    let Some(options) = completed("process-vs-thread export --fo") else {
        return println!("skipped: there is no bash");
    };
    assert_eq!(options.trim(), "--format");
    let values = completed("process-vs-thread export --format cs").unwrap();
    assert_eq!(values.trim(), "csv");
}

#[test]
fn the_doctor_answers_of_every_question_and_ends_with_0_or_3() {
    let output = program().args(["doctor", "--json"]).output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let questions = said["questions"].as_array().unwrap();
    assert_eq!(questions.len(), process_vs_thread::question::QUESTIONS.len());
    let cannot = questions.iter().any(|question| question["can"] == "no");
    assert_eq!(status(&output), Some(if cannot { 3 } else { 0 }), "{said}");
    for question in questions {
        let causes = question["causes"].as_array().unwrap();
        assert_eq!(question["can"] == "yes", causes.is_empty(), "{question}");
        assert!(causes.iter().all(|cause| cause["why"].is_string()), "{question}");
    }
}

#[test]
fn a_command_ends_with_the_status_that_the_help_says() {
    let run = small();
    for (arguments, expected) in [
        (&["show", &run][..], 0),
        (&["explain", "B1", &run], 0),
        (&["export", &run, "--format", "csv"], 0),
        (&["list", "claims"], 0),
        (&["completions", "bash"], 0),
        (&["--version"], 0),
        (&["help"], 0),
        (&["show", "no-such-run"], 1),
        (&["show", "src"], 1),
        (&["export", "no-such-run"], 1),
        (&["report", "/nonexistent"], 1),
        (&["export", &run, "--format", "xml"], 2),
        (&["export", &run, "--schema"], 2),
        (&["explain", "Z9"], 2),
        (&["show", "Z9"], 2),
        (&["show", "last", "last~1"], 2),
        (&["show", ""], 2),
        (&["explain"], 2),
        (&["completions", "tcsh"], 2),
        (&["shwo"], 2),
        (&["run", "no-such-name"], 2),
        (&["run", "--quick", "--full"], 2),
    ] {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(status(&output), Some(expected), "{arguments:?}");
        // What failed is said on standard error and leaves nothing on the other.
        let silent = if expected == 0 { &output.stderr } else { &output.stdout };
        assert!(silent.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(silent));
    }
}
