//! What actors cost each other that work at the same time, and the drill.

mod drill;
mod kinds;
mod model;

use super::creation::unmeasured;
use super::{View, folded, section, titled};
use crate::question::contention::plan::{
    DRILL_TURNS, KERNEL_KINDS, USER_KINDS, against, drill as drill_id,
};
use crate::report::html::paragraph;
use crate::report::words;

pub(super) fn html(view: &View) -> String {
    let kinds = KERNEL_KINDS.into_iter().chain(USER_KINDS);
    let kinds = kinds.map(|kind| (kinds::name(kind).to_owned(), against(kind)));
    let drills =
        DRILL_TURNS.map(|turns| (format!("{} turns", words::whole(turns)), drill_id(turns)));
    let together = kinds::html(view) + &unmeasured::html(view, kinds);
    let ten = drill::html(view)
        + &unmeasured::html(view, drills)
        + &titled("The ranking, and what would change with 128 CPUs", model::html(view));
    section("contention", "Contention", &together) + &section("drill", "The drill", &ten)
}

/// A paragraph, or nothing where there are no words.
fn said(words: Option<String>) -> String {
    words.map_or(String::new(), |words| paragraph("", &words))
}
