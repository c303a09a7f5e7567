//! A record without what names the place where it was made.

use super::store::of_value;
use super::{Failure, Record, Result};
use serde_json::Value;

/// Facts that say more of a place than of a machine.
const DROPPED: [&str; 2] = ["container", "dynamic program"];
/// Where every Linux machine has the same files.
const COMMON: [&str; 3] = ["/proc/", "/sys/", "/dev/"];
/// Words of the command that are kept: the program and its command.
const COMMAND_WORDS: usize = 2;

impl Record {
    /// The same figures without the label, the words of the command, the kernel's local version,
    /// the container, the machine's identity, what differs from the run before, the link to
    /// Criterion's pages, and folders in any text. The machine stays:
    /// its processor, kernel, memory, limits and settings are what the figures are of.
    ///
    /// # Errors
    /// None is expected: what was read is written and read again.
    pub fn redacted(&self) -> Result<Record> {
        let refused = |e: serde_json::Error| Failure::new("redacting a record", e.to_string());
        let text = serde_json::to_vec(self).map_err(refused)?;
        let mut value = serde_json::from_slice(&text).map_err(refused)?;
        shorten(&mut value);
        let mut record = of_value(&value).map_err(refused)?;
        let words: Vec<&str> = record.run.command.split_whitespace().take(COMMAND_WORDS).collect();
        record.run.command = words.join(" ");
        record.run.criterion = None;
        // What tells a machine from others, and the name of another run.
        record.machine.identity = None;
        record.since = None;
        if let Some(label) = record.run.label.take() {
            let id = record.run.id.strip_suffix(&format!("-{label}"));
            record.run.id = id.unwrap_or(&record.run.id).to_owned();
        }
        for fact in &mut record.machine.facts {
            match fact.name.as_str() {
                name if DROPPED.contains(&name) => {
                    fact.value = super::Finding::Unknown("redacted".to_owned());
                }
                "kernel" => {
                    if let super::Finding::Known(super::Value::Text(text)) = &mut fact.value {
                        *text = without_local_version(text);
                    }
                }
                _ => {}
            }
        }
        Ok(record)
    }
}

/// `Linux 6.18.44-fc-v782, PREEMPT_DYNAMIC` is `Linux 6.18.44, PREEMPT_DYNAMIC`: what follows the
/// numbers is of whoever built it.
fn without_local_version(kernel: &str) -> String {
    let Some((name, rest)) = kernel.split_once(' ') else { return kernel.to_owned() };
    let end = rest.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(rest.len());
    let (release, more) = rest.split_at(end);
    let numbers = release.find(|c: char| !c.is_ascii_digit() && c != '.');
    format!("{name} {}{more}", &release[..numbers.unwrap_or(release.len())])
}

/// Cuts folders in every text of a value.
fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('/') => *text = without_folders(text),
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        _ => {}
    }
}

/// The text with only the last part of each path from the root, but of those that every machine
/// has. What is no path, such as `creation/fork`, stays.
fn without_folders(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = path_begin(rest) {
        let (before, path) = rest.split_at(at);
        let ends =
            |c: char| c.is_whitespace() || matches!(c, ')' | ']' | '\'' | '"' | ',' | ';' | '`');
        let (path, after) = path.split_at(path.find(ends).unwrap_or(path.len()));
        shown.push_str(before);
        match COMMON.iter().any(|common| path.starts_with(common)) {
            true => shown.push_str(path),
            false => {
                shown.push_str("…/");
                shown.push_str(path.trim_end_matches('/').rsplit('/').next().unwrap_or_default());
            }
        }
        rest = after;
    }
    shown + rest
}

/// Where a path from the root, or up from where one is, begins.
fn path_begin(text: &str) -> Option<usize> {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let opens = before.is_whitespace() || matches!(before, '(' | '[' | '\'' | '"' | '=' | '`');
        let named = |rest: &str| {
            rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'))
        };
        let rooted = c == '/' && named(&text[at + 1..]);
        if opens && (rooted || text[at..].starts_with("../")) {
            return Some(at);
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Fact, Finding};

    #[test]
    fn folders_go_and_what_every_machine_has_stays() {
        for (text, shown) in [
            ("reading /home/me/x/record.json: ENOENT", "reading …/record.json: ENOENT"),
            ("(/.dockerenv exists)", "(…/.dockerenv exists)"),
            ("--out=/srv/a/b c", "--out=…/b c"),
            ("../../../ci/target/criterion", "…/criterion"),
            ("/proc/sys/kernel/pid_max does not exist", "/proc/sys/kernel/pid_max does not exist"),
            ("creation/fork of a/b, 12 / 4 and 9/8", "creation/fork of a/b, 12 / 4 and 9/8"),
            ("cut: /a/b", "cut: …/b"),
        ] {
            assert_eq!(without_folders(text), shown);
        }
    }

    #[test]
    fn a_kernel_keeps_its_numbers() {
        let words = "Linux 6.18.44-fc-v782, PREEMPT_DYNAMIC (on)";
        assert_eq!(without_local_version(words), "Linux 6.18.44, PREEMPT_DYNAMIC (on)");
        assert_eq!(without_local_version("Linux 6.1"), "Linux 6.1");
    }

    #[test]
    fn nothing_that_names_a_place_is_left() {
        let mut record = Record::default();
        record.run.id = "20260101T000000Z-cpu-alice".into();
        record.run.label = Some("alice".into());
        record.run.command = "process-vs-thread run --out …/alice".into();
        record.run.criterion = Some("../alice/target".into());
        record.machine.facts = vec![
            Fact::words("kernel", "Linux 6.1.0-alice+, PREEMPT"),
            Fact::words("container", "docker (alice)"),
            Fact::words("dynamic program", "/home/alice/bin/true"),
            Fact::words("processor", "a processor"),
        ];
        record.failures = vec![Failure::new("opening /home/alice/x", "EACCES")];
        record.machine.identity = Some(Finding::Known(crate::record::Value::Text("alice".into())));
        record.since = Some(crate::record::Since { run: "alice".into(), ..Default::default() });
        let redacted = record.redacted().unwrap();
        let text = serde_json::to_string(&redacted).unwrap();
        assert!(!text.contains("alice"), "{text}");
        assert_eq!(redacted.run.id, "20260101T000000Z-cpu");
        let kept = redacted.machine.facts.last().unwrap();
        assert_eq!(kept.value, Finding::Known(crate::record::Value::Text("a processor".into())));
        assert_eq!(redacted.redacted().unwrap(), redacted);
    }
}
