//! The few pieces of HTML that the page is made of. Text is escaped here and nowhere else.

use super::words;
use crate::record::{Actor, Arm};

/// Text that may stand between tags and in attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
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

/// A table, whose first cell of a row names it. A heading that begins with `#` is of a column of
/// numbers, one that begins with `=` of a column of figures with intervals, which are not broken
/// where there is room.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let class = |column: usize| match head.get(column).and_then(|title| title.chars().next()) {
        Some('#') => "number",
        Some('=') => "figure",
        _ => "",
    };
    let named = |column: usize| head.get(column).map_or("", |t| t.trim_start_matches(['#', '=']));
    let titles: String =
        (0..head.len()).map(|column| text("th", class(column), named(column))).collect();
    // A narrow page has no room for columns: there each cell stands behind the name of its own.
    let cell = |column: usize, inner: &str| match column {
        0 => element("th", "", inner),
        _ => format!(
            "<td class=\"{}\" data-name=\"{}\">{inner}</td>",
            class(column),
            escape(named(column)),
        ),
    };
    let row = |cells: &Vec<String>| -> String {
        let cells: String = cells.iter().enumerate().map(|(c, inner)| cell(c, inner)).collect();
        element("tr", "", &cells) + "\n"
    };
    let body: String = rows.iter().map(row).collect();
    let head = element("thead", "", &element("tr", "", &titles));
    let body = element("tbody", "", &body);
    element("div", "scroll", &element("table", "", &format!("{head}\n{body}"))) + "\n"
}

/// The class that gives an actor its hue.
pub(super) fn hue(actor: Actor) -> &'static str {
    match actor {
        Actor::Thread => "thread",
        Actor::Process => "process",
        Actor::Alone => "alone",
    }
}

/// An arm in the hue of its actor, with the conditions that differ from the plainest one.
pub(super) fn arm(arm: &Arm) -> String {
    text("span", hue(words::actor(&arm.primitive)), &arm.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_place() {
        assert_eq!(text("p", "", "a<b>&\"'"), "<p>a&lt;b&gt;&amp;&quot;&#39;</p>");
    }

    #[test]
    fn an_empty_list_is_nothing() {
        assert_eq!(list(&[]), "");
    }
}
