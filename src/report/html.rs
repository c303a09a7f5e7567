//! The few pieces of HTML that the page is made of. Text is escaped here and nowhere else.

use super::words;
use crate::record::{Actor, Arm, Record};
use crate::text::shown;

/// Text that may stand between tags and in attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars().map(shown) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// An element around HTML; without a class where that is empty.
pub(super) fn element(tag: &str, class: &str, inner: &str) -> String {
    match class {
        "" => format!("<{tag}>{inner}</{tag}>"),
        _ => format!("<{tag} class=\"{class}\">{inner}</{tag}>"),
    }
}

/// An element around text.
pub(super) fn text(tag: &str, class: &str, words: &str) -> String {
    element(tag, class, &escape(words))
}

/// A paragraph of text on a line of its own.
pub(super) fn paragraph(class: &str, words: &str) -> String {
    text("p", class, words) + "\n"
}

/// A list of HTML items; nothing where there are none.
pub(super) fn list(items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items: String = items.iter().map(|item| element("li", "", item) + "\n").collect();
    element("ul", "", &format!("\n{items}")) + "\n"
}

/// Terms and what belongs to them, both text.
pub(super) fn definitions<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let rows: String = pairs
        .into_iter()
        .map(|(term, value)| format!("{}{}\n", text("dt", "", term), text("dd", "", &value)))
        .collect();
    element("dl", "", &format!("\n{rows}")) + "\n"
}

/// More columns than this stand closer together.
const ROOMY_COLUMNS: usize = 9;

/// A table, whose first cell of a row names it. A heading that begins with `#` is of a column of
/// numbers, one that begins with `=` of a column of figures with intervals, which are not broken
/// where there is room. The last cell of a row that is too short spans what remains; a row of one
/// cell heads those that follow it.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let titles: String =
        head.iter().map(|title| text("th", column_class(title), column_name(title))).collect();
    let row = |cells: &Vec<String>| -> String {
        if let ([title], true) = (cells.as_slice(), head.len() > 1) {
            let title = format!("<th colspan=\"{}\">{title}</th>", head.len());
            return element("tr", "group", &title) + "\n";
        }
        let last = cells.len().saturating_sub(1);
        let cell = |(column, inner): (usize, &String)| match head.get(column) {
            _ if column == 0 => element("th", "", inner),
            Some(_) if column == last && cells.len() < head.len() => {
                format!("<td colspan=\"{}\">{inner}</td>", head.len() - last)
            }
            title => named_cell(title.unwrap_or(&""), inner),
        };
        let cells: String = cells.iter().enumerate().map(cell).collect();
        element("tr", "", &cells) + "\n"
    };
    let body: String = rows.iter().map(row).collect();
    let titled = head.len();
    let head = element("thead", "", &element("tr", "", &titles));
    let body = element("tbody", "", &body);
    let density = if titled > ROOMY_COLUMNS { "dense" } else { "" };
    element("div", "scroll", &element("table", density, &format!("{head}\n{body}"))) + "\n"
}

fn column_class(title: &str) -> &'static str {
    match title.chars().next() {
        Some('#') => "number",
        Some('=') => "figure",
        _ => "",
    }
}

fn column_name(title: &str) -> &str {
    title.trim_start_matches(['#', '='])
}

/// A narrow page has no room for columns: there each cell stands behind the name of its own.
fn named_cell(title: &str, inner: &str) -> String {
    let (class, name) = (column_class(title), escape(column_name(title)));
    format!("<td class=\"{class}\" data-name=\"{name}\">{inner}</td>")
}

/// The class that gives an actor its hue.
pub(super) fn hue(actor: Actor) -> &'static str {
    match actor {
        Actor::Thread => "thread",
        Actor::Process => "process",
        Actor::VmProcess => "vm-process",
        Actor::Alone => "alone",
    }
}

/// An arm in the hue of its actor, with the conditions that differ from the plainest one.
pub(super) fn arm(record: &Record, arm: &Arm) -> String {
    let mut words = vec![arm.primitive.clone()];
    words.extend(words::conditions(arm));
    text("span", hue(record.actor(&arm.primitive)), &words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_place() {
        assert_eq!(text("p", "", "a<b>&\"'"), "<p>a&lt;b&gt;&amp;&quot;&#39;</p>");
    }

    #[test]
    fn short_rows_head_a_group_or_span_what_remains() {
        let rows =
            ["group", "a 1 b", "c rest"].map(|row| row.split(' ').map(str::to_owned).collect());
        let table = table(&["Name", "#Figure", "Note"], &rows);
        assert!(table.contains("<tr class=\"group\"><th colspan=\"3\">group</th></tr>"));
        assert!(table.contains("<tr><th>a</th><td class=\"number\" data-name=\"Figure\">1</td>"));
        assert!(table.contains("<tr><th>c</th><td colspan=\"2\">rest</td></tr>"));
    }

    #[test]
    fn an_empty_list_is_nothing() {
        assert_eq!(list(&[]), "");
    }
}
