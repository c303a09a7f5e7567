//! The command of a run as one would type it: no paths, so that a record names no folder of
//! anybody's machine.

use crate::proc;
use crate::variables;
use std::path::Path;

/// The parent's command line if the parent is cargo, otherwise this process's own.
#[must_use]
pub fn as_typed() -> String {
    match cargos_words() {
        Some(words) => without_paths(&words),
        None => {
            let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
            without_paths(&words.collect::<Vec<_>>())
        }
    }
}

/// The command line of the parent, if that is cargo.
pub(super) fn cargos_words() -> Option<Vec<String>> {
    let parent = format!("/proc/{}/cmdline", nix::unistd::getppid());
    let words: Vec<String> = proc::read(parent).ok()?.split('\0').map(str::to_owned).collect();
    file_name(words.first()?).starts_with("cargo").then_some(words)
}

/// Was cargo asked for this target by its name, so that no other follows?
#[must_use]
pub fn asked_for(target: &str) -> bool {
    cargos_words().is_some_and(|words| is_named(&words, target))
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
