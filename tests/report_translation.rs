//! What a person sees of the TLB.

mod fixture;

use process_vs_thread::plan::{self, Grid};
use process_vs_thread::record::{Outcome, Policy, Record};
use process_vs_thread::report;
use std::sync::OnceLock;

/// The record with everything of the TLB: four address spaces are kept by the processor, six by the
/// kernel.
fn page() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| report::page(&fixture::translation()))
}

/// The page's section on the TLB.
fn section(page: &str) -> &str {
    let (_, rest) = page.split_once("<section id=\"tlb\">").expect("a section on the TLB");
    rest.split_once("</section>").expect("its end").0
}

fn said(page: &str, words: &[&str]) {
    for words in words {
        assert!(page.contains(words), "{words}\n{}", &page[..page.len().min(6000)]);
    }
}

#[test]
fn what_processor_and_kernel_keep_is_said_with_the_cause_of_each_cliff() {
    said(
        section(page()),
        &[
            "A core keeps the translations of 4 address spaces at once.",
            "The kernel has identifiers for 6: by its tracepoint it flushes from 7 on.",
            "The first cliff stands between 4 and 5\u{a0}address\u{a0}spaces: the translations are \
             lost though the kernel does not flush, so the processor keeps no more.",
            "Another stands between 6 and 7\u{a0}address\u{a0}spaces: the kernel begins to flush.",
            ">beyond 4: the processor&#39;s limit</text>",
            ">beyond 6: the kernel flushes</text>",
            "Refill time and tracepoint agree: wherever the kernel flushes at every switch",
        ],
    );
    assert!(page().contains("the TLB is kept for up to 4 address spaces on a core."));
}
