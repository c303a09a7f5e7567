//! Hostile surroundings by kind: namespaces, filters of system calls, limits, what is inherited,
//! the environment. What cannot be known is unknown, what is refused is no answer, a remedy fits
//! its cause. What this machine or user cannot set up is skipped, and said.

mod support;

use process_vs_thread::lab::LAB_VARIABLE;
use process_vs_thread::record::{Finding, Record};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use support::{Folder, as_ordinary_user, program, quick_record};

const PROGRAM: &str = env!("CARGO_BIN_EXE_process-vs-thread");
/// A short run: the counting pass of one arm.
const SHORT: &str = "count/baseline/getppid";

/// The program as the last words of a line of the shell, or why that cannot be set up.
fn by_shell(line: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &format!("{line} \"$0\" \"$@\""), PROGRAM]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Can the line set up what it is to? Otherwise it is said that the test is skipped.
fn works(line: &str) -> bool {
    let tried = Command::new("/bin/sh").args(["-c", &format!("{line} true")]).output();
    let works = tried.is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("skipped: this machine or user cannot do: {line}");
    }
    works
}

/// The record of a short run behind a line of the shell; `None` where that cannot be set up.
fn short_run(line: &str) -> Option<Record> {
    works(line).then(|| quick_record(&mut by_shell(line), SHORT))
}

/// What a fact says, or why it is unknown.
fn fact(record: &Record, name: &str) -> Result<String, String> {
    let fact = record.machine.facts.iter().find(|fact| fact.name == name);
    match &fact.unwrap_or_else(|| panic!("{name} is no fact")).value {
        Finding::Unknown(why) => Err(why.clone()),
        known => Ok(known.to_string()),
    }
}

fn warns(record: &Record, of: &str) -> bool {
    record.machine.warnings.iter().any(|warning| warning.contains(of))
}

/// A program that has the kernel refuse these calls with this error number to another; `None` where
/// there is no compiler or no seccomp.
fn denying(errno: i32, calls: &[libc::c_long]) -> Option<String> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let build = || {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("deny-call");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/deny-call.c");
        let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
        let compiled = Command::new(compiler).arg("-o").arg(&path).arg(source).status();
        compiled.is_ok_and(|status| status.success()).then_some(path)
    };
    let Some(path) = BUILT.get_or_init(build) else {
        eprintln!("skipped: there is no C compiler");
        return None;
    };
    let numbers: Vec<String> = calls.iter().map(ToString::to_string).collect();
    let line = format!("exec '{}' {errno} {}", path.display(), numbers.join(","));
    works(&line).then_some(line)
}

/// Runs with a mount namespace of its own, in which `before` was done.
fn mounted(before: &str) -> Option<Command> {
    let shares = if nix::unistd::geteuid().is_root() { "-m" } else { "-rm" };
    let line = format!("exec unshare {shares} /bin/sh -c '{before} && exec \"$0\" \"$@\"'");
    works(&line).then(|| by_shell(&line))
}

#[test]
fn what_a_hidden_proc_does_not_tell_is_unknown() {
    // Without the files beside the processes.
    let shares = if nix::unistd::geteuid().is_root() { "-mpf" } else { "-rmpf" };
    let line = format!(
        "exec unshare {shares} /bin/sh -c 'mount -t proc -o subset=pid proc /proc && \"$0\" \"$@\"'"
    );
    let Some(record) = short_run(&line) else { return };
    let plain = quick_record(&mut program(), SHORT);
    if cfg!(target_arch = "x86_64") {
        // The processor tells it, whatever the files say.
        let host = |record| fact(record, "hypervisor").map(|words| words.contains("bare metal"));
        assert_eq!(host(&record), host(&plain));
        for name in ["invariant TSC", "address-space ids", "address-space switch"] {
            assert!(fact(&record, name).is_err(), "{name}: {:?}", fact(&record, name));
        }
    }
    assert!(fact(&record, "processor").is_err() && !record.machine.summary.contains("no PCID"));
}

#[test]
fn an_empty_cpuinfo_is_no_processor_without_anything() {
    let folder = Folder::new("cpuinfo");
    let file = folder.path().join("cpuinfo");
    fs::write(&file, "processor\t: 0\n").unwrap();
    let Some(mut command) = mounted(&format!("mount --bind {} /proc/cpuinfo", file.display()))
    else {
        return;
    };
    let record = quick_record(&mut command, SHORT);
    if cfg!(target_arch = "x86_64") {
        for name in ["invariant TSC", "address-space ids", "address-space switch"] {
            assert!(fact(&record, name).unwrap_err().contains("lists no flags"), "{name}");
        }
    }
    assert!(!warns(&record, "TSC is not invariant") && !record.machine.summary.contains("no PCID"));
}

#[test]
fn isolation_is_seen_where_no_processor_needs_it() {
    let own = fs::read_to_string("/proc/cpuinfo").unwrap();
    if !own.contains("flags\t\t:") {
        eprintln!("skipped: this architecture has no flags");
        return;
    }
    let folder = Folder::new("pti");
    let file = folder.path().join("cpuinfo");
    fs::write(&file, own.replace("flags\t\t:", "flags\t\t: pti")).unwrap();
    let Some(mut command) = mounted(&format!("mount --bind {} /proc/cpuinfo", file.display()))
    else {
        return;
    };
    let record = quick_record(&mut command, SHORT);
    let isolation = fact(&record, "page-table isolation").unwrap();
    assert!(isolation.starts_with("PTI on"), "{isolation}");
    assert!(!record.machine.summary.contains("no PTI"), "{}", record.machine.summary);
}

#[test]
fn a_policy_is_permitted_where_it_was_set() {
    let Some(line) = denying(libc::EPERM, &[libc::SYS_sched_setscheduler]) else { return };
    let record = quick_record(&mut by_shell(&line), SHORT);
    let said = fact(&record, "SCHED_FIFO").unwrap();
    assert!(said.starts_with("not permitted"), "{said}");
    assert!(warns(&record, "SCHED_FIFO is not permitted"));
    let failure = record.failures.iter().find(|failure| failure.tried.contains("SCHED_FIFO"));
    let remedy = failure.and_then(|failure| failure.remedy.clone()).unwrap();
    if nix::unistd::geteuid().is_root() {
        assert!(remedy.contains("seccomp") && !remedy.contains("run as root"), "{remedy}");
    }
}

#[test]
fn counting_is_permitted_where_it_was_done() {
    let Some(line) = denying(libc::EPERM, &[libc::SYS_perf_event_open]) else { return };
    let record = quick_record(&mut by_shell(&line), SHORT);
    let said = fact(&record, "perf_event_paranoid").unwrap();
    assert!(said.contains("nothing may be counted"), "{said}");
    assert!(warns(&record, "no event can be counted"));
}

#[test]
fn a_refused_call_is_no_answer() {
    let Some(line) = denying(libc::EPERM, &[libc::SYS_process_vm_readv]) else { return };
    let mut command = by_shell(&line);
    command.args(["run", "--quick", "--out", "-", "--only", "protect/read-(same-uid|child)"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(3), "nothing was measured: {:?}", output.status);
    let record: Record = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(record.probes.len(), 2);
    for probe in &record.probes {
        assert!(probe.runs.is_empty(), "{} has an answer", probe.id);
        let failure = probe.failure.as_ref().unwrap();
        let remedy = failure.remedy.as_deref().unwrap();
        assert!(failure.tried.contains("own memory"), "{failure}");
        assert!(remedy.contains("seccomp") && remedy.contains("process_vm_readv"), "{failure}");
    }
}

#[test]
fn a_refused_call_of_an_operation_is_named() {
    let Some(line) = denying(libc::EPERM, &[libc::SYS_clone, libc::SYS_clone3]) else { return };
    // The program itself starts threads, so its labs alone are denied it.
    let folder = Folder::new("denied-lab");
    let lab = folder.path().join("lab");
    fs::write(&lab, format!("#!/bin/sh\n{line} '{}' \"$@\"\n", support::LAB)).unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&lab, open).unwrap();
    let mut command = program();
    let command = command.env(LAB_VARIABLE, &lab).args(["run", "--quick", "--out", "-"]);
    let output = command.args(["--only", "creation/fork$"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "nothing was measured: {:?}", output.status);
    let said = String::from_utf8_lossy(&output.stderr);
    // Either arm may be the first to be refused.
    let named = ["clone(2)", "clone3(2)"].iter().any(|call| said.contains(call));
    assert!(said.contains("EPERM") && said.contains("seccomp") && named, "{said}");
}

#[test]
fn a_limit_on_address_space_is_named_and_planned_for() {
    let command = &mut by_shell("ulimit -v 500000; exec");
    let record = quick_record(command, "^memory/(thread|fork)$|fault/oom-thread");
    let thread = record.footprints.iter().find(|row| row.kind == "thread").unwrap();
    let failure = thread.failure.as_ref().unwrap();
    assert!(failure.why.contains("RLIMIT_AS"), "{failure}");
    let remedy = failure.remedy.as_deref().unwrap();
    assert!(remedy.contains("ulimit -v") && !remedy.contains("ulimit -u"), "{failure}");
    let forks = record.footprints.iter().find(|row| row.kind == "fork").unwrap();
    assert!(forks.failure.is_none(), "{:?}", forks.failure);
    // Where control groups are closed it does not come to that.
    let oom = record.probes.iter().find_map(|probe| probe.failure.as_ref()).unwrap();
    assert!(!oom.why.contains("does not bind"), "{oom}");
    if oom.tried.contains("mapping") {
        assert!(oom.remedy.as_deref().unwrap().contains("ulimit -v"), "{oom}");
    }
}

#[test]
fn what_the_starter_ignored_is_not_ignored() {
    let line = "exec env --ignore-signal=CHLD --ignore-signal=USR1 --block-signal=CHLD";
    if !works(line) {
        return;
    }
    let record = quick_record(&mut by_shell(line), "creation/fork$");
    let said = fact(&record, "inherited state").unwrap();
    assert!(said.contains("ignored signals: SIGUSR1 SIGCHLD"), "{said}");
    assert!(said.contains("blocked signals: SIGCHLD"), "{said}");
    let cell = record.cells.iter().find(|cell| cell.id.to_string() == "creation/fork").unwrap();
    assert!(!cell.launches.is_empty(), "{:?}", cell.stop);
}

#[test]
fn priority_slack_and_layout_are_put_back_or_said() {
    let Some(record) = short_run("ulimit -s unlimited; exec setarch -R nice -n 19") else { return };
    let said = fact(&record, "inherited state").unwrap();
    let root = nix::unistd::geteuid().is_root();
    for part in ["the nice value: 19", "address randomization): 0x40000", "stack's limit"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // A lower nice value takes a right.
    assert_eq!(said.contains("left as it was: the nice value: 19"), !root, "{said}");
    assert_eq!(warns(&record, "the nice value: 19"), !root);
}

#[test]
fn an_idle_policy_is_left_where_that_is_permitted() {
    let Some(record) = short_run("exec chrt -i 0") else { return };
    let said = fact(&record, "inherited state").unwrap();
    assert!(said.contains("the scheduling policy: SCHED_IDLE"), "{said}");
    let left = said.contains("left as it was");
    assert_eq!(warns(&record, "SCHED_IDLE"), left);
    assert!(!left || !nix::unistd::geteuid().is_root(), "{said}");
}

#[test]
fn an_ordinary_user_under_nice_is_told() {
    let mut command = by_shell("exec nice -n 5");
    if !as_ordinary_user(&mut command, &[PROGRAM]) {
        return;
    }
    let record = quick_record(&mut command, SHORT);
    assert!(warns(&record, "the nice value: 5"), "{:?}", record.machine.warnings);
}

#[test]
fn a_run_that_measures_nothing_says_so_with_its_status() {
    let mut command = program();
    command.args(["run", "--quick", "--out", "-", "--only", "switching/futex"]);
    let output = command.env(LAB_VARIABLE, "/bin/false").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("nothing could be measured"), "{said}");
    // The record with the reasons was sent all the same.
    let record: Record = serde_json::from_slice(&output.stdout).unwrap();
    assert!(!record.has_measured() && record.reasons().count() > 0);
}

#[test]
fn variables_mean_what_they_say() {
    let full = |word: &str| {
        let mut command = program();
        command.env("PROCESS_VS_THREAD_FULL", word);
        quick_record(&mut command, SHORT).run.full
    };
    assert!(full("true"));
    assert!(!full(""));
    let mut command = program();
    command.env("PROCESS_VS_THREAD_FULL", "perhaps");
    let output = command.args(["run", "--quick", "--only", SHORT]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("PROCESS_VS_THREAD_FULL") && said.contains("perhaps"), "{said}");
    assert!(output.stdout.is_empty(), "it measured");
}

#[test]
fn empty_variables_are_unset() {
    let folder = Folder::new("empty-variables");
    let mut command = program();
    for name in ["OUT", "FULL", "LAB"] {
        command.env(format!("PROCESS_VS_THREAD_{name}"), "");
    }
    command.env("TMPDIR", "").env("PATH", "").current_dir(folder.path());
    let output = command.args(["run", "--quick", "--only", SHORT]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fs::read_dir(folder.path().join("reports")).unwrap().count(), 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "and nothing beside it");
}

#[test]
fn a_server_that_falls_silent_has_no_figures() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", server.local_addr().unwrap());
    let silent = std::thread::spawn(move || {
        let (mut client, _) = server.accept().unwrap();
        let mut some = [0; 1024];
        let _ = client.read(&mut some).unwrap();
        client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
        // Until the client gives up.
        while client.read(&mut some).is_ok_and(|read| read > 0) {}
    });
    let mut command = program();
    command.args(["load", "--connections", "1", "--rate", "50", "--seconds", "0.2", &url]);
    let output = command.output().unwrap();
    silent.join().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("nothing was answered"), "{said}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
}
