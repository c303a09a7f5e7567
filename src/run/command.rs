//! The command of a run as one would type it: no paths, so that a record names no folder of
//! anybody's machine.

use crate::proc;
use crate::record::Failure;
use crate::variables;
use nix::unistd::Pid;
use std::path::Path;

/// Most programs between cargo and its target, such as `sudo` and `taskset`.
const MOST_RUNNERS: usize = 16;

/// The cargo that started this process.
pub(super) struct Cargo {
    pub(super) process: Pid,
    words: Vec<String>,
}

/// The command line of the cargo that started this process, otherwise this process's own.
#[must_use]
pub fn as_typed() -> String {
    match cargo() {
        Some(cargo) => without_paths(&cargo.words),
        None => {
            let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
            without_paths(&words.collect::<Vec<_>>())
        }
    }
}

/// The cargo that started this process, by itself or through the `runner` of its configuration: a
/// program that is called with the target's path, and may call another so.
pub(super) fn cargo() -> Option<Cargo> {
    let own = std::env::args_os().next()?;
    above(file_name(own.to_str()?), nix::unistd::getppid().as_raw(), |process| {
        let words = proc::read(format!("/proc/{process}/cmdline")).ok()?;
        let stat = proc::read(format!("/proc/{process}/stat")).ok()?;
        let parent = proc::stat_field(&stat, 4)?.parse().ok()?;
        Some((words.split('\0').map(str::to_owned).collect(), parent))
    })
}

/// The cargo above the program of this name, from its parent on; `look` finds the command line and
/// the parent of a process.
fn above(
    own: &str,
    parent: i32,
    look: impl Fn(i32) -> Option<(Vec<String>, i32)>,
) -> Option<Cargo> {
    let mut process = parent;
    for _ in 0..MOST_RUNNERS {
        let (words, parent) = look(process)?;
        if file_name(words.first()?).starts_with("cargo") {
            return Some(Cargo { process: Pid::from_raw(process), words });
        }
        if !words.iter().any(|word| file_name(word) == own) {
            return None;
        }
        process = parent;
    }
    None
}

/// Why the targets of one `cargo bench` do not find each other's figures, if they do not.
#[must_use]
pub fn parted_from_cargo() -> Option<Failure> {
    let parted = variables::value("CARGO").is_some() && cargo().is_none();
    parted.then(|| {
        let why = "none of the processes that started this one is cargo, so that what its other \
                   targets measure is not found: this one is judged alone";
        Failure::new("finding the `cargo bench` that runs this target", why).remedy(
            "let cargo's `runner` be called with the target's path, stay until it has ended and \
             keep the PID namespace, as sudo -E and taskset do",
        )
    })
}

/// Was cargo asked for this target by its name, so that no other follows?
#[must_use]
pub fn asked_for(target: &str) -> bool {
    cargo().is_some_and(|cargo| is_named(&cargo.words, target))
}

fn is_named(words: &[String], target: &str) -> bool {
    let own = words.iter().take_while(|word| *word != "--");
    let own: Vec<&str> = own.map(String::as_str).collect();
    let glued = format!("--bench={target}");
    own.contains(&glued.as_str()) || own.windows(2).any(|two| two == ["--bench", target])
}

/// Is asked to end when cargo dies: killed alone, cargo would leave its target measuring for
/// nobody. What was measured until then is judged and written.
pub fn follow_cargo() {
    if variables::value("CARGO").is_some() {
        let parent = nix::unistd::getppid();
        // Where the kernel refuses, the target goes on to its end, as programs do.
        let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGTERM);
        if nix::unistd::getppid() != parent {
            std::process::exit(1);
        }
    }
}

fn without_paths(words: &[String]) -> String {
    let shown: Vec<String> = words
        .iter()
        .enumerate()
        .filter(|(_, word)| !word.is_empty())
        .map(|(at, word)| if at == 0 { without_hash(file_name(word)) } else { pathless(word) })
        .collect();
    shown.join(" ")
}

/// Only the last part of what is a path from the root, also behind `--flag=`.
fn pathless(word: &str) -> String {
    match word.split_once('=') {
        Some((flag, value)) if value.starts_with('/') => format!("{flag}=…/{}", file_name(value)),
        _ if word.starts_with('/') => format!("…/{}", file_name(word)),
        _ => word.to_owned(),
    }
}

fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}

/// A bench executable is named after its target and a hash, which nobody types.
fn without_hash(name: &str) -> String {
    match name.rsplit_once('-') {
        Some((target, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            target.to_owned()
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(words: &[&str]) -> String {
        without_paths(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn paths_are_cut_to_their_names_and_filters_stay() {
        let typed = [
            "/home/me/bin/cargo",
            "bench",
            "--manifest-path",
            "/home/me/x/Cargo.toml",
            "--",
            "creation/fork",
        ];
        assert_eq!(shown(&typed), "cargo bench --manifest-path …/Cargo.toml -- creation/fork");
        assert_eq!(
            shown(&["./process-vs-thread", "run", "--out=/tmp/x"]),
            "process-vs-thread run --out=…/x"
        );
    }

    #[test]
    fn cargo_is_found_above_the_programs_that_it_has_run_a_target() {
        // The parent of each is the next one.
        let found = |lines: &[&str]| {
            let look = |process: i32| {
                let words = lines.get(process as usize)?.split(' ').map(str::to_owned).collect();
                Some((words, process + 1))
            };
            above("tlb-0123", 0, look).map(|cargo| cargo.process.as_raw())
        };
        let cargo = "/home/me/bin/cargo bench";
        assert_eq!(found(&[cargo]), Some(0));
        let sudo = "sudo -E /t/deps/tlb-0123 --bench";
        assert_eq!(found(&[sudo, sudo, "taskset -c 1 sudo -E /t/deps/tlb-0123", cargo]), Some(3));
        // A test that runs the program by hand, or a shell, and no end.
        assert_eq!(found(&["/t/deps/criterion_calls-4567", "cargo test"]), None);
        assert_eq!(found(&["-bash", cargo]), None);
        assert_eq!(found(&[sudo; 99]), None);
    }

    #[test]
    fn a_target_is_asked_for_by_its_name_before_the_dashes() {
        let named = |line: &str, target| {
            is_named(&line.split(' ').map(str::to_owned).collect::<Vec<_>>(), target)
        };
        assert!(named("cargo bench --bench tlb", "tlb"));
        assert!(named("cargo bench --bench=tlb --bench creation", "creation"));
        assert!(!named("cargo bench --bench creation", "tlb"));
        assert!(!named("cargo bench -- --bench tlb", "tlb"));
    }

    #[test]
    fn a_bench_executable_is_called_by_its_target() {
        assert_eq!(shown(&["/t/deps/verdict-0123456789abcdef", "--quick"]), "verdict --quick");
    }
}
