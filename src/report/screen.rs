//! Lines for a terminal of a given width.

use super::words;

/// Columns beyond which nothing grows.
const WIDEST: usize = 100;
/// Columns below which nothing shrinks.
const NARROWEST: usize = 40;
/// Where text goes that fits nowhere else.
pub(super) const FOLD: usize = 8;

/// Lines under construction. Widths are of what is seen; escape sequences have none.
pub(crate) struct Screen {
    pub(super) width: usize,
    colour: bool,
    lines: Vec<(String, usize)>,
}

impl Screen {
    /// A screen of this width, with or without colour.
    pub(crate) fn new(width: usize, colour: bool) -> Self {
        Screen { width: width.clamp(NARROWEST, WIDEST), colour, lines: Vec::new() }
    }

    /// A line of its own.
    pub(crate) fn line(&mut self, text: &str) {
        let text = words::one_line(text);
        self.lines.push((text.clone(), length(&text)));
    }

    /// Text on lines of its own, wrapped.
    pub(crate) fn fold(&mut self, indent: usize, text: &str) {
        for part in wrap(text, self.width - indent) {
            self.line(&format!("{:indent$}{part}", ""));
        }
    }

    /// Text at a column of the last line, a blank before it; on a line of its own where it does
    /// not fit.
    pub(crate) fn put(&mut self, column: usize, text: &str, paint: Option<&str>) {
        let text = words::one_line(text);
        let fits = column + length(&text) <= self.width
            && self.lines.last().is_some_and(|(_, used)| *used < column || *used == 0);
        if !fits && length(&text) + FOLD > self.width {
            self.fold(FOLD, &text);
            return;
        }
        let column = if fits { column } else { FOLD };
        if !fits {
            self.line("");
        }
        let colour = self.colour;
        let Some((line, used)) = self.lines.last_mut() else { return };
        line.push_str(&" ".repeat(column - *used));
        match paint {
            Some(code) if colour => line.push_str(&format!("\x1b[{code}m{text}\x1b[0m")),
            _ => line.push_str(&text),
        }
        *used = column + length(&text);
    }

    /// All lines, without what is empty at the start.
    pub(crate) fn text(self) -> String {
        let first = self.lines.iter().position(|(_, used)| *used > 0).unwrap_or(0);
        self.lines[first..].iter().map(|(line, _)| format!("{}\n", line.trim_end())).collect()
    }
}

/// Columns that a text takes.
pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}

/// Words in lines of at most `room` columns; a word that is longer is cut. What a no-break space
/// holds together is one word.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let text = words::one_line(text);
    let words = text.split(' ').filter(|word| !word.is_empty());
    let pieces = words.flat_map(|word| {
        let letters: Vec<char> = word.chars().collect();
        letters.chunks(room).map(|chunk| chunk.iter().collect()).collect::<Vec<String>>()
    });
    for word in pieces {
        match lines.last_mut() {
            Some(line) if length(line) + 1 + length(&word) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines.into_iter().map(|line| line.replace('\u{a0}', " ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_not_broken_and_a_long_word_is_cut() {
        assert_eq!(
            wrap("it took 9.39\u{a0}µs [9.3,\u{a0}9.4]", 15),
            ["it took 9.39 µs", "[9.3, 9.4]"]
        );
        assert_eq!(wrap("abcdefgh ij", 5), ["abcde", "fgh", "ij"]);
    }

    #[test]
    fn what_just_fits_stays_at_its_column() {
        let mut screen = Screen::new(40, false);
        screen.line("A3");
        screen.put(4, &"x".repeat(36), None);
        assert_eq!(screen.text(), format!("A3  {}\n", "x".repeat(36)));
    }
}
