//! What a person sees of servers.

mod fixture;

use fixture::page::{self, said};
use process_vs_thread::record::Record;
use process_vs_thread::report;

fn made(record: &Record, name: &str) -> String {
    page::section(&page::made(record, name), "servers").to_owned()
}

#[test]
fn the_pages_can_be_looked_at() {
    made(&fixture::servers(), "servers");
    made(&fixture::spoilt_servers(), "servers-spoilt");
    let rows = report::rows(
        &fixture::spoilt_servers(),
        process_vs_thread::plan::Question::Servers,
        100,
        false,
    );
    println!("{rows}");
}
