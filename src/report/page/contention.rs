//! What actors cost each other that work at the same time, and the drill.

use super::View;

pub(super) fn html(_view: &View) -> String {
    String::new()
}
