//! What is printed, and where: a stream that cannot be written to ends nothing, and no text steers
//! who reads it.

mod fixture;
mod support;

use process_vs_thread::record::{Failure, Record};
use process_vs_thread::report;
use process_vs_thread::report::Files;
use process_vs_thread::text::shown;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::BufRead;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};
use support::{Folder, program};

/// What may steer a terminal or a page, and a marker of a README.
const HOSTILE: &str = "\u{1b}]0;x\u{7}\u{9b}2J\u{202e}\u{2066}\u{2028}\u{200f}<!-- answer:end -->";

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Is there nothing in it that may not be shown? Its own lines are lines.
fn tame(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || shown(c) == c)
}

/// A pipe that nobody reads.
fn broken() -> Stdio {
    nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).unwrap().1.into()
}

/// A device that is always full.
fn full() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

fn a_record(folder: &Folder) -> std::path::PathBuf {
    let file = folder.path().join("record.json.gz");
    fs::write(&file, serde_json::to_vec(&fixture::small()).unwrap()).unwrap();
    file
}

#[test]
fn a_standard_error_that_cannot_be_written_to_changes_no_status() {
    let statuses = |arguments: &[&str]| -> Vec<Option<i32>> {
        let run = |to| program().args(arguments).stderr(to).status().unwrap().code();
        [run(Stdio::null()), run(broken()), run(full()), closed(arguments, "2>&-").code()].to_vec()
    };
    assert_eq!(statuses(&["report", "/nonexistent"]), [Some(1); 4]);
    assert_eq!(statuses(&["report"]), [Some(2); 4]);
}

/// Runs the program from a shell that closes a stream.
fn closed(arguments: &[&str], redirection: &str) -> ExitStatus {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec \"$0\" \"$@\" {redirection}")]);
    shell.arg(env!("CARGO_BIN_EXE_process-vs-thread")).args(arguments);
    shell.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap()
}

#[test]
fn a_reader_who_has_left_ends_list_and_report_quietly() {
    let folder = Folder::new("left");
    let file = a_record(&folder).display().to_string();
    for arguments in [&["list"][..], &["report", &file]] {
        let output = program().args(arguments).stdout(broken()).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{}", said(&output));
        assert!(closed(arguments, ">&-").success());
    }
    assert!(folder.path().join("index.html").exists());
}

#[test]
fn a_standard_output_that_is_full_is_an_error_with_its_reason() {
    let output = program().arg("list").stdout(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("standard output: ENOSPC"), "{}", said(&output));
}

#[test]
fn a_run_whose_first_words_nobody_reads_still_writes_its_report() {
    for (name, out) in [("broken", broken()), ("full", full())] {
        let folder = Folder::new(name);
        let only = ["run", "--quick", "--only", "count/baseline/getppid", "--out"];
        let mut run = program();
        run.args(only).arg(folder.path()).stdout(out);
        let output = run.output().unwrap();
        // What could not be shown is an error once all is written.
        let status = if name == "full" { Some(1) } else { Some(0) };
        assert_eq!(output.status.code(), status, "{name}: {}", said(&output));
        let made = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        assert!(made.join("record.json.gz").exists() && made.join("index.html").exists());
    }
}

#[test]
fn arguments_and_folders_need_not_be_utf_8() {
    let folder = Folder::new("bytes");
    let odd = folder.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&odd).unwrap();
    let programs = [env!("CARGO_BIN_EXE_process-vs-thread"), support::LAB];
    for program in programs {
        fs::copy(program, odd.join(Path::new(program).file_name().unwrap())).unwrap();
    }
    let mut run = Command::new(odd.join("process-vs-thread"));
    run.args(["run", "--quick", "--only", "count/baseline/getppid", "--out"]).arg(odd.join("out"));
    let output = run.current_dir(&odd).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let made = fs::read_dir(odd.join("out")).unwrap().next().unwrap().unwrap().path();
    let record = process_vs_thread::record::read(&made.join("record.json.gz")).unwrap();
    assert!(record.counts.iter().all(|count| count.lab.vmas > 0), "its mappings could be read");
    // An ordinary user may lack real time.
    let others = record.failures.iter().filter(|failure| !failure.tried.contains("SCHED_FIFO"));
    assert_eq!(others.collect::<Vec<_>>(), [] as [&process_vs_thread::record::Failure; 0]);
    let again = program().arg("report").arg(made.join("record.json.gz")).output().unwrap();
    assert!(again.status.success(), "{}", said(&again));
}

#[test]
fn nothing_in_a_record_steers_who_reads_it() {
    let whole = serde_json::to_value(everything()).unwrap();
    let mut places = BTreeSet::new();
    texts(&whole, &mut String::new(), &mut places);
    assert!(places.len() > 20, "{places:?}");
    let readme = format!("before\n{}\n{}\nafter\n", report::BEGIN, report::END);
    let mut spoilt = 0;
    for place in &places {
        let mut value = whole.clone();
        spoil(&mut value, &mut String::new(), place);
        let record: Record = match serde_json::from_value(value) {
            Ok(record) => record,
            // A name of a kind: the reader refuses it.
            Err(_) => continue,
        };
        spoilt += 1;
        let shown = [fixture::report::page(&record), fixture::report::table(&record, 100, false)];
        let spliced = fixture::report::splice(&readme, &record).unwrap();
        assert!(shown.iter().chain([&spliced]).all(|text| tame(text)), "{place}");
        assert!(!shown[0].contains("<!-- answer"), "{place}");
        assert_eq!(fixture::report::splice(&spliced, &record).unwrap(), spliced, "{place}");
    }
    assert!(spoilt > 15, "{spoilt} of {places:?}");
}

/// A record with rows of every kind.
fn everything() -> Record {
    let mut record = fixture::small();
    for other in [fixture::spoilt_servers(), fixture::isolation(), fixture::state()] {
        record.merge(other);
    }
    // A few of each: what becomes of a text does not depend on how many there are, and what a test
    // takes does.
    record.cells.truncate(3);
    record.servings.truncate(3);
    record.crashes.truncate(3);
    record.footprints.truncate(3);
    record.probes.truncate(6);
    let failure = Failure::new("one thing", "a reason").remedy("a remedy");
    record.failures.push(failure);
    let text = || Some("text".to_owned());
    (record.run.label, record.run.filter, record.run.revision) = (text(), text(), text());
    record.run.criterion = text();
    record
}

/// Names the places of texts, the same for all entries of a list.
fn texts(value: &Value, path: &mut String, places: &mut BTreeSet<String>) {
    match value {
        Value::String(_) => {
            places.insert(path.clone());
        }
        _ => each(value, path, &mut |inner, path| texts(inner, path, places)),
    }
}

fn each(value: &Value, path: &mut String, visit: &mut dyn FnMut(&Value, &mut String)) {
    let length = path.len();
    match value {
        Value::Array(all) => all.iter().for_each(|inner| visit(inner, path)),
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| {
            path.push('/');
            path.push_str(name);
            visit(inner, path);
            path.truncate(length);
        }),
        _ => {}
    }
}

/// Adds what is hostile to each text of a place.
fn spoil(value: &mut Value, path: &mut String, place: &str) {
    let length = path.len();
    match value {
        Value::String(text) if path == place => text.push_str(HOSTILE),
        Value::Array(all) => all.iter_mut().for_each(|inner| spoil(inner, path, place)),
        Value::Object(fields) => fields.iter_mut().for_each(|(name, inner)| {
            path.push('/');
            path.push_str(name);
            spoil(inner, path, place);
            path.truncate(length);
        }),
        _ => {}
    }
}

#[test]
fn an_error_that_quotes_a_record_does_not_steer_the_terminal() {
    let folder = Folder::new("quoted");
    let file = a_record(&folder);
    let mut record: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    record["checks"][0]["outcome"] = Value::String(HOSTILE.into());
    fs::write(&file, record.to_string()).unwrap();
    let output = program().arg("report").arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("unknown variant") && tame(&said(&output)), "{}", said(&output));
}

#[test]
fn report_reads_what_ends_and_writes_over_no_record() {
    let folder = Folder::new("regular");
    let file = a_record(&folder);
    let before = fs::read(&file).unwrap();
    let fifo = folder.path().join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let none = folder.path().join("none");
    fs::create_dir(&none).unwrap();
    let link = folder.path().join("link.html");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let hard = folder.path().join("hard.html");
    fs::hard_link(&file, &hard).unwrap();
    let splice = ["--splice", fifo.to_str().unwrap()];
    for (record, more, status, why) in [
        (fifo.as_path(), &[][..], 1, "it is a FIFO"),
        (Path::new("/dev/zero"), &[], 1, "it is a device"),
        (none.as_path(), &[], 1, "record.json.gz?"),
        (&file, &splice, 1, "it is a FIFO"),
        (&file, &["--page", file.to_str().unwrap()], 1, "it is the record"),
        (&file, &["--page", link.to_str().unwrap()], 1, "it is the record"),
        (&file, &["--page", hard.to_str().unwrap()], 1, "it is the record"),
    ] {
        let mut report = program();
        report.arg("report").arg(record).args(more).stdin(File::open(&file).unwrap());
        let output = report.output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{record:?} {more:?}");
        assert!(said(&output).contains(why), "{record:?} {more:?}: {}", said(&output));
    }
    assert_eq!(fs::read(&file).unwrap(), before);
    let page = folder.path().join("page.html");
    let mut piped = program();
    piped.args(["report", "-", "--page", "page.html"]).current_dir(folder.path());
    piped.stdin(File::open(&file).unwrap());
    assert!(piped.status().unwrap().success());
    let beside = Files { page: "page.html", details: Some("page-details.html"), record: None };
    let expected = fixture::report::page_among(&fixture::small(), beside);
    assert!(fs::read_to_string(page).unwrap() == expected, "it links what lies beside it");
}

/// A page is written beside a record that lies in a folder, and goes on where the record came in.
#[test]
fn the_page_of_a_stream_is_a_stream_and_nothing_is_written_beside_it() {
    let folder = Folder::new("streamed");
    let file = a_record(&folder);
    let nothing = Files { page: "", details: None, record: None };
    let whole = fixture::report::page_among(&fixture::small(), nothing);
    for from in ["-", "/dev/stdin", "/dev/fd/0", "/proc/thread-self/fd/0"] {
        let mut report = program();
        report.args(["report", from]).current_dir(folder.path());
        let output = report.stdin(File::open(&file).unwrap()).output().unwrap();
        assert!(output.status.success(), "{from}: {}", said(&output));
        assert!(output.stdout == whole.as_bytes(), "{from}: the page and nothing else");
        assert!(said(&output).contains("standard output") && said(&output).contains("--page"));
    }
    // The same of the other end, whatever the descriptor leads to.
    let to = folder.path().join("to.html");
    let file = file.to_str().unwrap();
    for page in ["-", "/dev/fd/1", "/dev/stdout", "/proc/self/fd/1"] {
        let mut report = program();
        report.args(["report", file, "--page", page]).current_dir(folder.path());
        let output = report.stdout(File::create(&to).unwrap()).output().unwrap();
        assert!(output.status.success(), "{page}: {}", said(&output));
        assert!(fs::read_to_string(&to).unwrap() == whole, "{page}: the page and nothing else");
    }
    let names = fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name());
    let mut names: Vec<_> = names.collect();
    names.sort();
    assert_eq!(names, ["record.json.gz", "to.html"]);
    assert!(!Path::new("/dev/index.html").exists() && !Path::new("/dev/details.html").exists());
}

#[test]
fn a_record_without_end_is_given_up() {
    let mut report = program();
    report
        .args(["report", "-", "--page", "/nonexistent/page"])
        .stdin(File::open("/dev/zero").unwrap());
    let output = report.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("more than 256 MiB"), "{}", said(&output));
}

#[test]
fn numbers_that_no_machine_has_room_for_are_refused() {
    for arguments in [
        &["load", "http://127.0.0.1:9/", "--connections", "4294967295"][..],
        &["load", "http://127.0.0.1:9/", "--threads", "4294967295"],
        &["serve", "--workers", "4294967295"],
        &["serve", "--pages", "4294967295"],
    ] {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let why = said(&output);
        assert!(why.contains("4294967295") && why.contains("use a whole number from"), "{why}");
    }
}

/// Every other place would have to survive what [`process_vs_thread::output`] does.
#[test]
fn one_file_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    for folder in ["src", "benches"] {
        walk(&root.join(folder), &mut sources);
    }
    assert!(sources.len() > 200);
    // The lab and the reaper answer their driver there, and see whether they can.
    let others =
        ["src/output.rs", "src/lab/pipe.rs", "src/cgroup/reaper.rs", "benches/support/guarded.rs"];
    for path in sources {
        let name = path.strip_prefix(root).unwrap().display().to_string();
        if others.contains(&name.as_str()) {
            continue;
        }
        for line in fs::read(&path).unwrap().lines().map(Result::unwrap) {
            let code = line.trim_start();
            let asked =
                line.contains("out().is_terminal()") || line.contains("err().is_terminal()");
            let streams = ["print!(", "println!(", "stdout()", "stderr()", "dbg!("];
            let prints = streams.iter().any(|word| code.contains(word)) && !asked;
            assert!(!prints || code.starts_with("//"), "{name} prints by itself: {line}");
        }
    }
}

fn walk(folder: &Path, sources: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => walk(&path, sources),
            path if path.extension().is_some_and(|end| end == "rs") => sources.push(path),
            _ => {}
        }
    }
}
