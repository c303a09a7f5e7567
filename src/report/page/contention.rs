//! What actors cost each other that work at the same time, and the drill.

mod drill;
mod kinds;
mod model;

use super::{View, folded, section, titled};
use crate::plan::contention::{KERNEL_KINDS, USER_KINDS, against};
use crate::record::Stop;
use crate::report::html::{escape, list, paragraph};

pub(super) fn html(view: &View) -> String {
    let together = kinds::html(view) + &missing(view);
    section("contention", "Contention", &together)
        + &section(
            "drill",
            "The drill",
            &(drill::html(view)
                + &titled("What would change on a machine of 128 CPUs", model::html(view))),
        )
}

/// The kinds that were tried and gave no figure, with the reason.
fn missing(view: &View) -> String {
    let reason = |kind: &str| {
        let cell = view.record.cell(&against(kind)).filter(|cell| cell.launches.is_empty())?;
        let Stop::Failed(failure) = &cell.stop else { return None };
        let name = kinds::name(kind);
        Some(escape(&format!("Not measured: {name}: {failure}")))
    };
    let tried = KERNEL_KINDS.into_iter().chain(USER_KINDS);
    list(&tried.filter_map(reason).collect::<Vec<String>>())
}

/// A paragraph, or nothing where there are no words.
fn said(words: Option<String>) -> String {
    words.map_or(String::new(), |words| paragraph("", &words))
}
