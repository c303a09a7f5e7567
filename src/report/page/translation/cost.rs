//! Direct against indirect cost: a line over the pages, and where the textbook's figure is true.

use super::View;
use crate::claim::significant;
use crate::question::tlb::evidence::Line;
use crate::question::tlb::plan::PAGES;
use crate::report::html::{escape, paragraph, table};
use crate::report::words;
use crate::stats::Interval;

/// The most that the textbook promises, core cycles.
const TEXTBOOK_MOST: f64 = 2000.0;

pub(super) fn html(view: &View) -> String {
    let lines = &view.translation.lines;
    if lines.is_empty() {
        return String::new();
    }
    let added = PAGES.map(|pages| format!("=Added by {pages} pages"));
    let mut head = vec!["Address spaces", "=Direct (95 % interval)"];
    head.extend(added.iter().map(String::as_str));
    head.extend(["=Each page adds", "=With N pages", "1,000-2,000 is true for"]);
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    let note = "Core cycles per switch, processes minus threads. Direct is what the switch itself \
                costs more, with nothing touched; indirect is what the pages add, as their \
                translations have to be found again. The line goes through nothing touched and the \
                most pages measured; where it leaves what was measured, it is a guess.";
    table(&head, &rows) + &paragraph("note", note)
}

fn row(line: &Line) -> Vec<String> {
    let cycles =
        |figure: Option<Interval>| escape(&figure.map_or("-".to_owned(), words::bare_interval));
    let added = |pages: u32| {
        let found = line.indirect.iter().find(|(number, _)| *number == pages);
        cycles(found.map(|(_, figure)| *figure))
    };
    let formula = line.per_page.map_or("-".to_owned(), |slope| {
        let sign = if slope.estimate < 0.0 { "-" } else { "+" };
        let slope = significant(slope.estimate.abs());
        format!("{} {sign} {slope}\u{a0}·\u{a0}N", significant(line.direct.estimate))
    });
    let mut row = vec![line.actors.to_string(), cycles(Some(line.direct))];
    row.extend(PAGES.map(added));
    row.extend([cycles(line.per_page), formula, escape(&textbook(line))]);
    row
}

/// For which numbers of pages the textbook's figure is true, and whether that was measured.
fn textbook(line: &Line) -> String {
    let Some(most) = line.indirect.last().map(|(pages, _)| f64::from(*pages)) else {
        return "no pages were touched".to_owned();
    };
    let Some((from, to)) = line.textbook_pages else {
        return match line.direct.estimate > TEXTBOOK_MOST {
            true => "no number: it is more without any page".to_owned(),
            false => "no number of pages".to_owned(),
        };
    };
    // Whole pages that lie within.
    let (from, to) = (from.ceil(), to.floor());
    if from > to {
        return "no whole number of pages".to_owned();
    }
    let beyond = format!("beyond the {most} that were measured: not measured");
    match (from > most, to > most) {
        (true, _) if to.is_finite() => format!("{from} to {to} pages, {beyond}"),
        (false, true) if to.is_finite() => {
            format!("{from} pages on; its end at {to} lies {beyond}")
        }
        (_, true) => format!("{from} pages on, and all others that were measured"),
        _ => format!("{from} to {to} pages"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn textbook_of(direct: f64, pages: Option<(f64, f64)>) -> String {
        let at = |v| Interval { estimate: v, low: v, high: v };
        let indirect = vec![(16, at(100.0)), (48, at(300.0))];
        let per_page = Some(at(6.25));
        textbook(&Line { actors: 2, direct: at(direct), indirect, per_page, textbook_pages: pages })
    }

    #[test]
    fn what_lies_beyond_the_measured_pages_is_called_not_measured() {
        let beyond = "beyond the 48 that were measured: not measured";
        let said = |pages| textbook_of(400.0, pages);
        assert_eq!(said(Some((60.2, 99.9))), format!("61 to 99 pages, {beyond}"));
        assert_eq!(said(Some((0.0, 99.9))), format!("0 pages on; its end at 99 lies {beyond}"));
        assert_eq!(said(Some((3.5, 40.0))), "4 to 40 pages");
        assert_eq!(said(Some((3.2, 3.7))), "no whole number of pages");
        assert_eq!(said(None), "no number of pages");
        assert_eq!(textbook_of(2500.0, None), "no number: it is more without any page");
    }
}
