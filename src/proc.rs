//! The only reader of the text files in /proc and /sys, and one parser of each of their forms that
//! more than one place reads (proc(5)).
//!
//! What reads for a person gets a reason where there is no value (`text`, `number`); what
//! reads for a measurement gets the kernel's error ([`read`]).

mod ended;

pub use ended::{ending, how_ended};

use std::fs;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

/// A value, or the reason why it could not be found.
pub(crate) type Found<T> = Result<T, String>;

/// The text of a file. A path or the name of a program may be any bytes in it: those that are no
/// UTF-8 are U+FFFD.
///
/// # Errors
/// The kernel's.
pub fn read(path: impl AsRef<Path>) -> io::Result<String> {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// The text of a file, without white space (and the NUL of device trees) around it.
pub(crate) fn text(path: impl AsRef<Path>) -> Found<String> {
    let path = path.as_ref();
    let shown = path.display();
    let text = read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("{shown} does not exist"),
        ErrorKind::PermissionDenied => format!("{shown} is closed to this user"),
        _ => format!("{shown}: {error}"),
    })?;
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if text.is_empty() { Err(format!("{shown} is empty")) } else { Ok(text.to_owned()) }
}

/// As [`text`]; `None` where there is no such file.
pub(crate) fn text_if_there(path: impl AsRef<Path>) -> Found<Option<String>> {
    match path.as_ref().try_exists() {
        Ok(false) => Ok(None),
        _ => text(path).map(Some),
    }
}

/// The folder that `/proc` and `/sys` are in: the machine's own, or one that a test made up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tree<'p>(pub(crate) &'p str);

impl Tree<'_> {
    /// What the kernel shows.
    pub(crate) const KERNEL: Tree<'static> = Tree("");

    /// Where a file of this absolute path is.
    pub(crate) fn path(self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// As the function of that name.
    pub(crate) fn text(self, path: &str) -> Found<String> {
        text(self.path(path))
    }

    /// As the function of that name.
    pub(crate) fn number<T: FromStr>(self, path: &str) -> Found<T> {
        number(self.path(path))
    }
}

/// The number in a file.
pub(crate) fn number<T: FromStr>(path: impl AsRef<Path>) -> Found<T> {
    let path = path.as_ref();
    let text = text(path)?;
    text.parse().map_err(|_| format!("{} holds '{text}', no number", path.display()))
}

/// Names of the entries of a folder, sorted.
pub(crate) fn names(folder: &str) -> Found<Vec<String>> {
    let entries = fs::read_dir(folder).map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("{folder} does not exist"),
        _ => format!("{folder}: {error}"),
    })?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

/// Number of entries of a folder. In /proc/self/fd the descriptor that lists them is one of them.
///
/// # Errors
/// The kernel's.
pub fn entries(folder: impl AsRef<Path>) -> io::Result<u64> {
    Ok(fs::read_dir(folder)?.count() as u64)
}

/// Ids of the processes that /proc shows, ascending.
///
/// # Errors
/// The kernel's.
pub fn processes() -> io::Result<Vec<i32>> {
    let id = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    let mut ids: Vec<i32> = fs::read_dir("/proc")?.flatten().filter_map(id).collect();
    ids.sort_unstable();
    Ok(ids)
}

/// The choice that the kernel marks with brackets or parentheses in a list: `always [madvise]
/// never`.
pub(crate) fn chosen(list: &str) -> Option<&str> {
    list.split_whitespace().find_map(|word| {
        let inside = word.strip_prefix(['[', '('])?;
        inside.strip_suffix([']', ')'])
    })
}

/// The value of a line `Name: value`.
#[must_use]
pub fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

/// Bytes of a line `Name: 12 kB`.
#[must_use]
pub fn bytes(text: &str, name: &str) -> Option<u64> {
    in_bytes(field(text, name)?)
}

/// Bytes that this process has in transparent huge pages (proc(5), `/proc/pid/smaps_rollup`).
pub(crate) fn own_huge_bytes() -> Found<u64> {
    let rollup = "/proc/self/smaps_rollup";
    let untold = || format!("{rollup} does not tell how much is in huge pages");
    bytes(&text(rollup)?, "AnonHugePages").ok_or_else(untold)
}

fn in_bytes(kibibytes: &str) -> Option<u64> {
    Some(kibibytes.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? << 10)
}

/// More CPUs than any kernel numbers (`CONFIG_NR_CPUS`).
const MOST_CPUS: usize = 1 << 16;

/// The kernel's lists of CPUs (cpuset(7), "List format"): `0-3,8`.
#[must_use]
pub fn cpu_list(list: &str) -> Option<Vec<usize>> {
    let mut cpus = Vec::new();
    for range in list.trim().split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let last = last.trim().parse().ok().filter(|last| *last < MOST_CPUS)?;
        cpus.extend(first.trim().parse::<usize>().ok()?..=last);
    }
    Some(cpus)
}

/// A set of capabilities (capabilities(7), include/uapi/linux/capability.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Capabilities(pub(crate) u64);

impl Capabilities {
    pub(crate) const SYS_ADMIN: u32 = 21;
    pub(crate) const SYS_NICE: u32 = 23;
    pub(crate) const SYS_RESOURCE: u32 = 24;
    pub(crate) const PERFMON: u32 = 38;

    /// Those in force, by the text of /proc/pid/status.
    pub(crate) fn effective(status: &str) -> Option<Self> {
        u64::from_str_radix(field(status, "CapEff")?, 16).ok().map(Capabilities)
    }

    pub(crate) fn has(self, capability: u32) -> bool {
        self.0 >> capability & 1 == 1
    }
}

/// A field of a text of /proc/pid/stat by its number there, from the third on: the name before them
/// may hold blanks and brackets.
#[must_use]
pub fn stat_field(stat: &str, number: usize) -> Option<&str> {
    stat.rsplit_once(") ")?.1.split_ascii_whitespace().nth(number - 3)
}

/// The state of a process or a task, such as `S`.
#[must_use]
pub fn state(stat: &str) -> Option<char> {
    stat_field(stat, 3)?.chars().next()
}

/// When a process started, in ticks since boot.
pub(crate) fn start_ticks(stat: &str) -> Option<u64> {
    stat_field(stat, 22)?.parse().ok()
}

/// A line of /proc/pid/smaps (proc_pid_smaps(5)), or of /proc/pid/maps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MapLine<'l> {
    /// The first of a mapping.
    Mapping(Range<u64>),
    /// A figure of the mapping in bytes, such as `Rss`.
    Bytes(&'l str, u64),
    /// Anything else.
    Other,
}

impl<'l> MapLine<'l> {
    pub(crate) fn of(line: &'l str) -> Self {
        let figure = |(name, value)| Some(MapLine::Bytes(name, in_bytes(value)?));
        let mapping = || addresses(line).map(MapLine::Mapping);
        mapping().or_else(|| line.split_once(':').and_then(figure)).unwrap_or(MapLine::Other)
    }
}

/// The addresses at the start of a mapping's first line, such as `7f00-7f10 rw-p ...`.
fn addresses(line: &str) -> Option<Range<u64>> {
    let (start, end) = line.split(' ').next()?.split_once('-')?;
    Some(u64::from_str_radix(start, 16).ok()?..u64::from_str_radix(end, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn the_choice_is_the_marked_word() {
        assert_eq!(chosen("always [madvise] never"), Some("madvise"));
        assert_eq!(chosen("(none) voluntary full lazy"), Some("none"));
        assert_eq!(chosen("always madvise never"), None);
    }

    #[test]
    fn what_is_missing_says_so() {
        let missing = text("/proc/no-such-file").unwrap_err();
        assert_eq!(missing, "/proc/no-such-file does not exist");
        assert!(names("/proc/no-such-folder").is_err());
        assert!(number::<u64>("/proc/version").unwrap_err().ends_with("no number"));
    }

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let status = "nonvoluntary:\t3\nvoluntary:\t12\nSwapPss:  1 kB\nPss:\t  8 kB\nFree: 3\n";
        assert_eq!(field(status, "voluntary"), Some("12"));
        assert_eq!(field(status, "absent"), None);
        assert_eq!(bytes(status, "Pss"), Some(8 << 10));
        assert_eq!(bytes(status, "Free"), None, "no number of bytes");
    }

    #[test]
    fn lists_of_cpus() {
        assert_eq!(cpu_list("0-2,8\n"), Some(vec![0, 1, 2, 8]));
        assert_eq!(cpu_list("5"), Some(vec![5]));
        assert_eq!(cpu_list(""), None);
        assert_eq!(cpu_list("0-x"), None);
    }

    #[test]
    fn capabilities_are_bits() {
        let all = Capabilities::effective("Name:\tx\nCapEff:\t000001fffeffffff\n").unwrap();
        assert!(all.has(Capabilities::PERFMON) && !all.has(24));
        assert_eq!(Capabilities::effective("CapPrm:\t0\n"), None);
    }

    #[test]
    fn what_is_behind_the_name_of_a_process_is_found_behind_any() {
        let fields: Vec<String> = (4..=30).map(|n| n.to_string()).collect();
        let stat = format!("77 (a) R (b c)) S {}", fields.join(" "));
        assert_eq!((state(&stat), start_ticks(&stat)), (Some('S'), Some(22)));
        assert_eq!((state("77 (cut"), start_ticks("77 (cut")), (None, None));
    }

    #[test]
    fn lines_of_mappings() {
        let first = "1000-3000 r-xp 00000000 08:01 7 /usr/bin/x: y-z 1 kB";
        assert_eq!(MapLine::of(first), MapLine::Mapping(0x1000..0x3000));
        assert_eq!(MapLine::of("Rss:                   8 kB"), MapLine::Bytes("Rss", 8192));
        assert_eq!(MapLine::of("VmFlags: rd ex"), MapLine::Other);
        assert_eq!(MapLine::of("THPeligible:    0"), MapLine::Other);
    }

    #[test]
    fn this_process_is_shown() {
        let own = std::process::id();
        assert!(processes().unwrap().contains(&(own as i32)));
        let stat = read("/proc/self/stat").unwrap();
        assert!(state(&stat).is_some() && start_ticks(&stat) > Some(0));
        assert!(entries("/proc/self/task").unwrap() >= 1);
    }

    /// How a second reader would open a text that the kernel shows.
    const OPENED: [&str; 2] = ["fs::read_to_string(", "fs::read("];
    /// What a second parser of one of the forms would look for.
    const PARSED: [&str; 3] = ["rsplit_once(\") \")", "\" kB\"", "\"Cap"];

    fn sources(folder: PathBuf) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = |path: PathBuf| if path.is_dir() { sources(path) } else { vec![path] };
        entries.flat_map(files).collect()
    }

    #[test]
    fn nothing_else_reads_or_parses_what_the_kernel_shows() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let apart = ["src/proc.rs", "src/sys"].map(|name| root.join(name));
        let files = sources(root.join("src"));
        assert!(files.len() > 100);
        for file in files.iter().filter(|file| !apart.iter().any(|apart| file.starts_with(apart))) {
            let text = fs::read_to_string(file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            let shown = ["\"/proc", "\"/sys"].iter().any(|path| code.contains(path));
            let own = OPENED.iter().filter(|_| shown).chain(&PARSED);
            let found: Vec<_> = own.filter(|own| code.contains(**own)).collect();
            assert!(found.is_empty(), "{} has {found:?}", file.display());
        }
    }
}
