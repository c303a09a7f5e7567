//! What idle threads, processes and connections keep of the memory.

use super::View;

pub(super) fn html(_view: &View) -> String {
    String::new()
}
