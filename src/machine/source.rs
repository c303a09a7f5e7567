//! Reading what the kernel shows in /proc and /sys: a value, or the reason why there is none.

use crate::record::Fact;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// A value, or the reason why it could not be found.
pub(crate) type Found<T> = std::result::Result<T, String>;

/// The text of a file, without white space (and the NUL of device trees) around it.
pub(crate) fn text(path: impl AsRef<Path>) -> Found<String> {
    let path = path.as_ref();
    let shown = path.display();
    let bytes = fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("{shown} does not exist"),
        ErrorKind::PermissionDenied => format!("{shown} is closed to this user"),
        _ => format!("{shown}: {error}"),
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if text.is_empty() { Err(format!("{shown} is empty")) } else { Ok(text.to_owned()) }
}

/// The number in a file.
pub(super) fn number<T: std::str::FromStr>(path: impl AsRef<Path>) -> Found<T> {
    let path = path.as_ref();
    let text = text(path)?;
    text.parse().map_err(|_| format!("{} holds '{text}', no number", path.display()))
}

/// Names of the entries of a folder, sorted.
pub(super) fn names(folder: &str) -> Found<Vec<String>> {
    let entries = fs::read_dir(folder).map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("{folder} does not exist"),
        _ => format!("{folder}: {error}"),
    })?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

/// The choice that the kernel marks with brackets or parentheses in a list: `always [madvise]
/// never`.
pub(super) fn chosen(list: &str) -> Option<&str> {
    list.split_whitespace().find_map(|word| {
        let inside = word.strip_prefix(['[', '('])?;
        inside.strip_suffix([']', ')'])
    })
}

/// A fact with its value, or with the reason why it is unknown.
pub(super) fn fact(name: &str, value: Found<String>) -> Fact {
    let value = value.unwrap_or_else(|reason| format!("unknown: {reason}"));
    Fact { name: name.to_owned(), value }
}

/// "yes" or "no".
pub(super) fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_is_the_marked_word() {
        assert_eq!(chosen("always [madvise] never"), Some("madvise"));
        assert_eq!(chosen("(none) voluntary full lazy"), Some("none"));
        assert_eq!(chosen("always madvise never"), None);
    }

    #[test]
    fn what_is_missing_says_so() {
        let missing = fact("a", text("/proc/no-such-file"));
        assert_eq!(missing.value, "unknown: /proc/no-such-file does not exist");
        assert!(names("/proc/no-such-folder").is_err());
        assert!(number::<u64>("/proc/version").unwrap_err().ends_with("no number"));
    }
}
