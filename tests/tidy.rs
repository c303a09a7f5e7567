//! The shape of the source, checked and not remembered: what may use what, how wide a line is, what
//! has one place.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path from the top folder, and its text.
struct Source {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, all: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap().display().to_string();
            all.push(Source { path, text });
        }
    }
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let mut all = Vec::new();
    folders.iter().for_each(|folder| collect(&root().join(folder), &mut all));
    assert!(!all.is_empty());
    all
}

impl Source {
    /// The room that it is in: the first folder or file below `src`.
    fn room(&self) -> &str {
        let below = self.path.strip_prefix("src/").unwrap_or(&self.path);
        below.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// Its code without comments and without what stands in its test module.
    fn code(&self) -> String {
        let code = self.text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The rooms that its code names after `crate::`.
    fn uses(&self) -> Vec<String> {
        let code = self.code();
        let name = |rest: &str| -> String {
            rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
        };
        code.split("crate::").skip(1).map(name).filter(|name| !name.is_empty()).collect()
    }
}

fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn who_judges_and_who_shows_know_no_operating_system_and_no_clock() {
    let std =
        ["fs", "process", "time", "env", "thread", "net", "io"].map(|m| format!("use std::{m}"));
    let banned = std.into_iter().chain(["crate::sys", "nix::", "libc::"].map(str::to_owned));
    let banned: Vec<String> = banned.collect();
    let mut faults = Vec::new();
    for source in sources(&["src"]).iter().filter(|s| ["claim", "report"].contains(&s.room())) {
        let code = source.code();
        let used = banned.iter().filter(|banned| code.contains(banned.as_str()));
        faults.extend(used.map(|used| format!("{} uses {used}", source.path)));
    }
    none(faults);
}

#[test]
fn the_environment_is_read_in_one_place() {
    let reads = ["env::var", "env::temp_dir", "var_os("];
    let mut faults = Vec::new();
    for source in sources(&["src", "benches"]).iter().filter(|s| s.path != "src/variables.rs") {
        let code = source.code();
        let code = code.split("#[cfg(all(test").next().unwrap();
        let found = reads.iter().filter(|read| code.contains(**read));
        faults.extend(found.map(|read| format!("{} reads it by {read}", source.path)));
    }
    none(faults);
}

/// The standard library's sleep panics where a filter of system calls refuses clock_nanosleep(2).
#[test]
fn who_sleeps_survives_a_filter_of_system_calls() {
    let sleeps = |source: &Source| {
        let code = source.code();
        ["thread::sleep", ", sleep}", "{sleep,", " sleep("].iter().any(|call| code.contains(call))
    };
    let of = sources(&["src"]).into_iter().filter(sleeps);
    none(of.map(|source| format!("{} sleeps by the standard library", source.path)).collect());
}

#[test]
fn unsafe_code_has_one_room() {
    let word = |line: &str| {
        line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe")
    };
    let outside = sources(&["src", "benches", "examples"]);
    let outside = outside.iter().filter(|source| source.room() != "sys");
    none(outside.filter(|s| s.code().lines().any(word)).map(|s| s.path.clone()).collect());
}

/// The rooms that measure: they are handed the questions' primitives, probes and plans, and import
/// none.
const ENGINE: &[&str] = &[
    "cgroup",
    "counters",
    "lab",
    "load",
    "machine",
    "plan",
    "primitive",
    "probe",
    "proc",
    "record",
    "sampler",
    "server",
    "stats",
    "sys",
    "text",
    "variables",
    "workers",
];

/// Each room and the rooms below it that it may use. Who is not named may use all.
const ARROWS: [(&str, &[&str]); 21] = [
    ("sys", &["sys"]),
    ("text", &[]),
    ("proc", &[]),
    ("variables", &["record"]),
    ("stats", &["stats"]),
    ("record", &["record", "text", "stats"]),
    ("output", &["record", "text"]),
    ("cgroup", &["record", "proc", "sys"]),
    ("plan", &["record"]),
    ("counters", &["counters", "primitive", "record", "sys", "text", "proc"]),
    ("primitive", &["primitive", "record", "sys", "proc", "variables", "workers"]),
    ("workers", &["record", "sys"]),
    ("probe", ENGINE),
    ("lab", ENGINE),
    ("sampler", ENGINE),
    ("machine", ENGINE),
    ("claim", &["claim", "plan", "record", "stats"]),
    ("report", &["report", "claim", "record", "stats", "text"]),
    // It reads records, and builds a lab to be held against: below `run`, which it knows not.
    (
        "predict",
        &[
            "claim", "lab", "machine", "output", "predict", "proc", "question", "record", "report",
            "sampler", "stats", "sys", "text",
        ],
    ),
    ("server", &["server", "machine", "record", "sys", "proc"]),
    ("load", &["load", "machine", "record", "sys", "proc"]),
];

#[test]
fn arrows_go_down() {
    let mut faults = Vec::new();
    for source in sources(&["src"]) {
        let Some((_, below)) = ARROWS.iter().find(|(room, _)| *room == source.room()) else {
            continue;
        };
        let up = source.uses().into_iter().filter(|used| !below.contains(&used.as_str()));
        faults.extend(up.map(|used| format!("{} uses {used}", source.path)));
    }
    none(faults);
}

/// Whose ids are nobody else's business: of the plan, which makes them; of schema 5, which had
/// nothing else; of the kernel, whose tracepoint is called so.
const OWN_IDS: [&str; 4] =
    ["src/question.rs", "src/question/", "src/record/schema5.rs", "src/counters/tracepoint.rs"];

#[test]
fn ids_are_written_in_the_plan_alone() {
    let questions = process_vs_thread::question::QUESTIONS.map(|question| question.name);
    let begins: Vec<String> =
        questions.iter().chain(&["probe"]).map(|name| format!("\"{name}/")).collect();
    let mut faults = Vec::new();
    for source in sources(&["src", "benches"]) {
        if OWN_IDS.iter().any(|own| source.path.starts_with(own)) {
            continue;
        }
        let code = source.code();
        let written = begins.iter().filter(|begin| code.contains(begin.as_str()));
        faults.extend(written.map(|begin| format!("{} writes an id: {begin}", source.path)));
    }
    none(faults);
}

#[test]
fn no_meaning_is_read_off_an_id() {
    let reads = ["starts_with", "ends_with", "strip_prefix", "strip_suffix", "split", "contains"];
    let texts = [".id.to_string().", ".id().to_string().", ".primitive.", ".primitive.as_str()."];
    let mut faults = Vec::new();
    for source in sources(&["src"]).iter().filter(|s| !s.path.starts_with("src/record/schema5")) {
        let code: String = source.code().split_whitespace().collect();
        let read = |text: &str| reads.iter().any(|read| code.contains(&format!("{text}{read}(")));
        let found = texts.iter().filter(|text| read(text));
        faults.extend(found.map(|text| format!("{} reads an id: {text}", source.path)));
    }
    none(faults);
}

#[test]
fn the_page_shows_all_that_a_record_says_of_a_primitive() {
    let text = fs::read_to_string(root().join("src/record/description.rs")).unwrap();
    let (_, fields) = text.split_once("pub struct Description {").unwrap();
    let (fields, _) = fields.split_once("\n}").unwrap();
    let names = fields.lines().filter_map(|line| line.trim().strip_prefix("pub "));
    let names: Vec<&str> = names.filter_map(|line| Some(line.split_once(':')?.0)).collect();
    assert!(names.len() >= 7, "{names:?}");
    let page: String = sources(&["src/report"]).iter().map(Source::code).collect();
    let read = |name: &&str| {
        [format!("known.{name}"), format!("record.{name}(")].iter().any(|by| page.contains(by))
    };
    none(names.into_iter().filter(|name| !read(name)).map(str::to_owned).collect());
}

/// Names that stand for different things in rooms that do not meet.
const TWICE: [&str; 12] = [
    "Bench", "Entry", "FlagSet", "Idle", "Kind", "Line", "Order", "Point", "Program", "Race",
    "Serving", "Settings",
];

#[test]
fn a_public_type_has_a_name_of_its_own() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources(&["src"]) {
        for line in source.code().lines() {
            for word in ["pub struct ", "pub enum ", "pub trait "] {
                if let Some(rest) = line.strip_prefix(word) {
                    let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
                    places.entry(name).or_default().push(source.path.clone());
                }
            }
        }
    }
    let twice = places.iter().filter(|(name, at)| at.len() > 1 && !TWICE.contains(&name.as_str()));
    none(twice.map(|(name, at)| format!("{name}: {}", at.join(", "))).collect());
}

/// Most columns of a line. A row of a table cannot be wrapped.
const WIDEST: usize = 100;

#[test]
fn a_line_fits_the_screen() {
    let mut faults = Vec::new();
    for source in sources(&["src", "benches", "tests", "examples", "scripts"]) {
        let wide = |line: &&str| line.chars().count() > WIDEST && !line.starts_with("//! |");
        let numbered = source.text.lines().enumerate().filter(|(_, line)| wide(line));
        faults.extend(numbered.map(|(at, _)| format!("{}:{}", source.path, at + 1)));
    }
    none(faults);
}

/// Most lines of a function.
const LONGEST: usize = 60;

#[test]
fn a_function_is_a_thought() {
    let mut faults = Vec::new();
    for source in sources(&["src", "benches", "tests", "examples", "scripts"]) {
        let lines: Vec<&str> = source.text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let body = line.trim_start();
            let begins = ["fn ", "pub fn ", "pub(super) fn ", "pub(crate) fn ", "const fn "];
            if begins.iter().any(|begins| body.starts_with(begins)) {
                let end = format!("{}}}", &line[..line.len() - body.len()]);
                let long = lines[at..].iter().position(|line| *line == end).map_or(1, |n| n + 1);
                if long > LONGEST {
                    faults.push(format!("{}:{}: {long} lines", source.path, at + 1));
                }
            }
        }
    }
    none(faults);
}

#[test]
fn ci_asks_the_program_which_claims_there_are() {
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    let named = process_vs_thread::question::CLAIMS
        .iter()
        .filter(|claim| ci.split(|c: char| !c.is_alphanumeric()).any(|word| word == claim.id));
    none(named.map(|claim| format!(".ci/run names {}", claim.id)).collect());
    assert!(ci.contains("-- list"));
}

/// Words that make a reader stumble, and what to say.
const BANNED: [(&str, &str); 16] = [
    ("dear", "expensive"),
    ("dearer", "more expensive"),
    ("bill", "cost"),
    ("bills", "costs"),
    ("books", "accounting"),
    ("nobody", "no process"),
    ("whoever", "the process that"),
    ("so it is", "observed"),
    ("it is not, in", "not observed in"),
    ("are so", "hold"),
    ("stands beside", "is shown next to"),
    ("each by itself", "other ways"),
    ("unwashed", "first operation"),
    ("shot", "crash"),
    ("hand-over", "hand-off"),
    ("throughout", "everywhere"),
];

/// String literals of a source that are sentences: they hold a space.
fn sentences(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(start) = rest.find('"') {
        let text = &rest[start + 1..];
        let mut escaped = false;
        let end = text.find(|c: char| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        let Some(end) = end else { break };
        let joined: Vec<&str> = text[..end].split("\\\n").map(str::trim_start).collect();
        found.push(joined.concat());
        rest = &text[end + 1..];
    }
    found.into_iter().filter(|text| text.contains(' ')).collect()
}

fn says(text: &str, words: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || c == '/';
    let lower = text.to_lowercase();
    lower.match_indices(words).any(|(at, _)| {
        let before = lower[..at].chars().next_back().is_some_and(letter);
        let after = lower[at + words.len()..].chars().next().is_some_and(letter);
        !before && !after
    })
}

#[test]
fn readers_are_spoken_to_in_plain_words() {
    let mut faults = Vec::new();
    // What an older schema says was said by an older version.
    let sources = sources(&["src", "benches"]);
    for source in sources.iter().filter(|source| !source.path.starts_with("src/record/schema5")) {
        for text in sentences(&source.code()) {
            let said = BANNED.iter().filter(|(words, _)| says(&text, words));
            faults.extend(said.map(|(words, better)| {
                format!("{}: '{words}' (say {better}): {text}", source.path)
            }));
        }
    }
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let said = BANNED.iter().filter(|(words, _)| says(&readme, words));
    faults.extend(said.map(|(words, _)| format!("README.md says '{words}'")));
    none(faults);
}

#[test]
fn a_readme_is_read() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.lines().count() <= 120, "{} lines", readme.lines().count());
    let first: Vec<&str> = readme.lines().take(20).collect();
    assert!(first.iter().any(|line| line.contains("cargo bench")), "the command comes first");
}
