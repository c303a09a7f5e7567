//! How much room text takes, and how labels share it. No font is at hand: letters are taken to be
//! as wide as those of the widest common one, so that text never runs out of its place.

/// Distance of lines of text.
pub(super) const LINE: f64 = 15.0;

/// A size of text, and whether it is bold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    units: f64,
    bold: bool,
}

/// Text in a drawing.
pub(super) const TEXT: Size = Size { units: 12.0, bold: false };
/// What names a row.
pub(super) const STRONG: Size = Size { units: 12.0, bold: true };
/// A title in a standalone drawing.
pub(super) const TITLE: Size = Size { units: 16.0, bold: true };

/// Width of text.
pub(super) fn width(text: &str, size: Size) -> f64 {
    let em = |c: char| match c {
        ' ' | '\u{a0}' | 'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.33,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' => 0.41,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.95,
        'A'..='Z' => 0.70,
        _ if c.is_ascii() => 0.62,
        _ => 0.80,
    };
    let bold = if size.bold { 1.12 } else { 1.0 };
    text.chars().map(em).sum::<f64>() * size.units * bold
}

/// The widest of several texts.
pub(super) fn widest<'a>(texts: impl IntoIterator<Item = &'a str>, size: Size) -> f64 {
    texts.into_iter().map(|text| width(text, size)).fold(0.0, f64::max)
}

/// Text in lines that are no wider than the room, if its words are not.
pub(super) fn wrap(text: &str, room: f64, size: Size) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Where the middles of labels come to lie, each of a height, so that none covers another and all
/// are as near as can be to where they were wanted, between `top` and `bottom`.
pub(super) fn apart(wanted: &[(f64, f64)], top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|one, other| wanted[*one].0.total_cmp(&wanted[*other].0));
    // How far below the first each would be if all touched: what is left to choose must not fall.
    let mut offsets = Vec::new();
    let mut below = 0.0;
    for (place, index) in order.iter().enumerate() {
        let half = wanted[*index].1 / 2.0;
        below += if place == 0 { 0.0 } else { wanted[order[place - 1]].1 / 2.0 + half };
        offsets.push(below);
    }
    // Neighbours that would overlap are pooled, and lie around where they were wanted on average.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (index, offset) in order.iter().zip(&offsets) {
        pools.push((wanted[*index].0 - offset, 1));
        while let [.., (above, many), (last, few)] = pools[..] {
            if above <= last {
                break;
            }
            pools.truncate(pools.len() - 2);
            let count = (many + few) as f64;
            pools.push(((above * many as f64 + last * few as f64) / count, many + few));
        }
    }
    let starts = pools.iter().flat_map(|(start, count)| vec![*start; *count]);
    let half = |index: Option<&usize>| index.map_or(0.0, |index| wanted[*index].1 / 2.0);
    let highest = top + half(order.first());
    let lowest = bottom - half(order.last()) - offsets.last().unwrap_or(&0.0);
    let mut places = vec![0.0; wanted.len()];
    for ((index, offset), start) in order.iter().zip(&offsets).zip(starts) {
        places[*index] = start.min(lowest).max(highest) + offset;
    }
    places
}
