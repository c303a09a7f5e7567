//! What was tried and gave no figure, each reason once.

use super::View;
use crate::record::{Id, Stop};
use crate::report::html::{escape, list};

/// The cells among `named` (name for people, id) that failed before there was a sample, by reason;
/// nothing where there are none.
pub(in crate::report::page) fn html(
    view: &View,
    named: impl IntoIterator<Item = (String, Id)>,
) -> String {
    reasons(failed(view, named))
}

/// The same as names and reasons.
pub(super) fn failed(
    view: &View,
    named: impl IntoIterator<Item = (String, Id)>,
) -> Vec<(String, String)> {
    let reason = |id: &Id| {
        let cell = view.record.cell(id).filter(|cell| cell.launches.is_empty())?;
        match &cell.stop {
            Stop::Failed(failure) => Some(failure.to_string()),
            _ => None,
        }
    };
    named.into_iter().filter_map(|(name, id)| Some((name, reason(&id)?))).collect()
}

/// Names and reasons: the names of one reason together.
pub(in crate::report::page) fn reasons(
    failed: impl IntoIterator<Item = (String, String)>,
) -> String {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for (name, reason) in failed {
        match all.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => all.push((reason, vec![name])),
        }
    }
    let item = |(reason, names): &(String, Vec<String>)| {
        escape(&format!("Not measured: {}: {reason}", names.join("; ")))
    };
    list(&all.iter().map(item).collect::<Vec<String>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_said_once_for_all_that_it_stopped() {
        let failed = [("64", "no <memory>"), ("1", "other"), ("128", "no <memory>")];
        let html = reasons(failed.map(|(name, reason)| (name.to_owned(), reason.to_owned())));
        assert!(html.contains("<li>Not measured: 64; 128: no &lt;memory&gt;</li>"), "{html}");
        assert_eq!(html.matches("<li>").count(), 2);
        assert_eq!(reasons([]), "");
    }
}
