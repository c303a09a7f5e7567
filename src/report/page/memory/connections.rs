//! Ten thousand connections, one way to serve them after the other.

use super::{View, look};
use crate::claim::Unit;
use crate::question::memory::evidence::{CONNECTIONS, Serving, thousands};
use crate::question::memory::plan::units;
use crate::report::html::{escape, paragraph, table};

pub(super) fn html(view: &View) -> String {
    let servings = &view.memory.servings;
    if servings.is_empty() {
        return String::new();
    }
    let head = ["Way", "=Memory in use, extrapolated", "Extrapolated from", "Limits here"];
    let rows: Vec<Vec<String>> = servings.iter().map(|serving| row(view, serving)).collect();
    table(&head, &rows) + &paragraph("note", NOTE)
}

const NOTE: &str = "Nobody kept ten thousand here: the figures are so many times what one keeps, \
                    and the limits are computed. All of them wait; what a stack or a buffer takes \
                    that is in use comes on top. A connection is counted with both of its ends, as \
                    both are on this machine, so for a server whose clients are elsewhere its \
                    figure is too high. A server of one process needs a descriptor for each; in \
                    processes each has a table of its own.";

fn row(view: &View, serving: &Serving) -> Vec<String> {
    let from = |name: &&str| {
        let unit = view.memory.unit(&units(name))?;
        Some(format!("{} of {}", thousands(f64::from(unit.units)), look::name(unit)))
    };
    let from: Vec<String> = serving.parts.iter().filter_map(from).collect();
    let refused = |(limit, count): &(String, f64)| format!("{limit} allows {}", thousands(*count));
    let refused: Vec<String> = serving.refused.iter().map(refused).collect();
    let allowed = match (refused.is_empty(), view.record.machine.limits.is_empty()) {
        (true, true) => "no limits in the record".to_owned(),
        (true, false) => format!("allow {}", thousands(f64::from(CONNECTIONS))),
        (false, _) => format!("do not allow it: {}", refused.join(", ")),
    };
    vec![
        escape(serving.name),
        escape(&Unit::Bytes.format_interval(serving.bytes)),
        escape(&from.join("; ")),
        escape(&allowed),
    ]
}
