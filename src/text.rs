//! Text from elsewhere (a record, a file's name, an error that quotes either) as it may be shown.

/// One line of text in which nothing steers what shows it: a control character or a separator of
/// lines is a blank, and a character that is not seen but moves, hides or turns round what is (bidi
/// controls, zero-width characters, tags) is U+FFFD, so that it is seen that something was there.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.chars().map(shown).collect()
}

/// The same of several lines, which stay lines.
#[must_use]
pub fn lines(text: &str) -> String {
    text.split('\n').map(one_line).collect::<Vec<_>>().join("\n")
}

/// What is shown in the place of a character.
#[must_use]
pub fn shown(c: char) -> char {
    match c {
        '\u{2028}' | '\u{2029}' => ' ',
        _ if c.is_control() => ' ',
        _ if unseen(c) => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}

/// Characters of Unicode's category Cf (format) that plain text can do without.
fn unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Words less alike than this are no slip of the fingers.
const ALIKE: f64 = 0.8;

/// The name that was most likely meant by a word that names nothing.
#[must_use]
pub fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let word = word.to_lowercase();
    let alike = |name: &str| strsim::jaro_winkler(&word, &name.to_lowercase());
    let scored = names.into_iter().map(|name| (alike(name), name));
    // Of names that are as like, the first.
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.filter(|(score, _)| *score >= ALIKE).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_fingers_is_seen_and_another_word_is_none() {
        let claims = ["A1", "A2", "A3", "B1"];
        assert_eq!(nearest("A33", claims), Some("A3"));
        assert_eq!(nearest("a3x", claims), Some("A3"));
        assert_eq!(nearest("Z9", claims), None);
        assert_eq!(nearest("creatoin", ["creation", "contention"]), Some("creation"));
        assert_eq!(nearest("anything", []), None);
    }

    #[test]
    fn what_steers_is_not_shown_and_the_rest_is() {
        assert_eq!(one_line("a\x1b[2Jb\nc\u{9b}d\u{2028}e"), "a [2Jb c d e");
        assert_eq!(one_line("\u{202e}a\u{2066}b\u{200f}"), "\u{fffd}a\u{fffd}b\u{fffd}");
        let plain = "creation/fork: 9.39\u{a0}µs ± 2 %, é e\u{301} 語";
        assert_eq!(one_line(plain), plain);
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(lines("a\r\nb\x1b\n"), "a \nb \n");
    }
}
