//! The questions with which the textbook ends, answered by what was seen.

use super::look::{Found, piece, span};
use crate::question::isolation::pieces::THREAD;
use crate::question::isolation::plan::{signal, state as id};
use crate::record::Record;
use crate::report::html::{element, escape, list, text};

pub(super) fn html(record: &Record) -> String {
    let answers = [stack(record), kill(record), without_files(record)];
    list(&answers.into_iter().flatten().collect::<Vec<_>>())
}

fn answer(question: &str, answer: &str, here: &str) -> String {
    format!("{} {} {}", text("b", "", question), escape(answer), element("span", "", &escape(here)))
}

fn stack(record: &Record) -> Option<String> {
    let thread = id(THREAD);
    let here = match piece(record, &thread, "stack memory") {
        Found::Shared => {
            "Here the thread was started on a stack made for it, and its creator could read what \
             it had written there: own by place, not by protection."
        }
        Found::Own => {
            "Here the thread was started on a stack made for it, which its creator could not read."
        }
        Found::Unseen => return None,
        _ => "Here the runs do not agree whether its creator can read it.",
    };
    let why = "A stack holds one chain of calls: where each returns to, and its variables. Two \
               threads are in two chains at once; on one stack each would write over what the \
               other returns to.";
    Some(answer("Why must each thread have its own stack?", why, here))
}

fn kill(record: &Record) -> Option<String> {
    let of = |probe: &str, what: &str| span(record, &signal(probe), what);
    let mut here = Vec::new();
    if let (Some(sent), Some(one), Some(two), Some(main)) = (
        of("process", "sent to the process"),
        of("process", "thread 1, open to it"),
        of("process", "thread 2, open to it"),
        of("process", "main thread, which blocks it"),
    ) {
        here.push(format!(
            "of {sent} signals to the process, the two threads that let them in handled {one} and \
             {two}, the main thread, which blocked them, {main}"
        ));
    }
    let each: Option<Vec<String>> =
        (1..=4).map(|thread| of("thread", &format!("thread {thread}"))).collect();
    if let (Some(sent), Some(each)) = (of("thread", "sent to each thread"), each) {
        here.push(format!("of {sent} to each of four threads they handled {}", each.join(", ")));
    }
    if here.is_empty() {
        return None;
    }
    let why = "A process has one id and one set of handlers for the outside, which knows nothing \
               of its threads: whichever is free may act for it. From within, a signal can be \
               meant for one thread, whose id only its own program knows.";
    let here = format!("Here {}.", here.join("; "));
    Some(answer("Why does kill reach a process, and pthread_kill a thread?", why, &here))
}

fn without_files(record: &Record) -> Option<String> {
    let of = |what: &str| piece(record, &id("vm-without-files"), what);
    let told = of("the creator reads the number that the actor wrote");
    let here = match (
        told,
        of("that number is open for the creator"),
        of("one number is two files"),
    ) {
        (Found::Unseen, ..) => return None,
        (Found::Shared, Found::Own, Found::Shared) => {
            "Here the creator read in memory the number of a file that the actor had opened, and \
             the number was closed on its side; a number that both had put a file on led to two \
             files."
        }
        _ => "Here it was not found so: see the probe below.",
    };
    let what = "Two processes, each with an id of its own, that share every byte of memory and no \
                descriptor. A number that one writes down for the other is another file there, or \
                none: a program for threads, which keeps its descriptors in memory, breaks.";
    Some(answer("What does CLONE_VM without CLONE_FILES give?", what, here))
}
