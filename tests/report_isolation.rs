//! What a person sees of isolation, and what is judged of it.

mod fixture;

use process_vs_thread::claim::{CellVerdict, ClaimVerdict};
use process_vs_thread::question::judge;
use process_vs_thread::record::{Failure, Probe, Record, Seen};

/// The page's section on isolation.
fn section(record: &Record) -> String {
    let page = fixture::report::page(record);
    let (_, rest) = page.split_once("<section id=\"isolation\">").expect("a section on isolation");
    rest.split_once("</section>").expect("its end").0.to_owned()
}

fn said(html: &str, words: &[&str]) {
    words.iter().for_each(|words| assert!(html.contains(words), "{words}\n{html}"));
}

/// The verdict on a claim and its reason.
fn verdict(record: &Record, id: &str) -> (ClaimVerdict, String) {
    let judged = judge(record);
    let claim = judged.claims.into_iter().find(|judged| judged.claim.id == id).unwrap();
    (claim.verdict, claim.reason)
}

#[test]
fn the_exceptions_are_the_boundary_of_the_claims() {
    let record = fixture::isolation();
    assert_eq!(
        verdict(&record, "D1"),
        (
            ClaimVerdict::Conditional,
            "fails for a thread's fault at a panic that unwinds; holds for a process's fault \
             throughout; holds for the heap at threads and forked processes; holds for shared \
             memory at a robust lock; 5 of 24 cells not run"
                .to_owned()
        )
    );
    assert_eq!(
        verdict(&record, "D2"),
        (
            ClaimVerdict::Conditional,
            "holds for a forked child's writes; fails for memory mapped as shared; fails for \
             process_vm_readv from one of the same user; fails for /proc/pid/mem at one of the \
             same user"
                .to_owned()
        )
    );
}

#[test]
fn a_cell_whose_runs_disagree_is_inconclusive_and_one_without_runs_not_measurable() {
    let mut record = fixture::isolation();
    for probe in &mut record.probes {
        match probe.id.to_string().as_str() {
            "probe/fault/segv-thread" => probe.runs[1].holds = false,
            "probe/fault/oom-thread" => {
                probe.runs.clear();
                probe.failure = Some(Failure::new("making a group", "this user may not"));
            }
            _ => {}
        }
    }
    let judged = judge(&record);
    let cells = &judged.claims.iter().find(|judged| judged.claim.id == "D1").unwrap().cells;
    let of = |id: &str| cells.iter().find(|cell| cell.def.id().to_string() == id).unwrap();
    assert_eq!(of("probe/fault/segv-thread").verdict, CellVerdict::Inconclusive);
    assert_eq!(of("probe/fault/oom-thread").verdict, CellVerdict::NotMeasurable);
    assert_eq!(of("probe/fault/oom-thread").reason, "making a group: this user may not");
}

#[test]
fn the_matrix_says_who_goes_on_what_the_parent_sees_and_when() {
    let html = section(&fixture::isolation());
    let (_, lead) = html.split_once("<p class=\"lead\">").unwrap();
    said(
        lead.split_once("</p>").unwrap().0,
        &[
            "In one thread this ends all threads: a segmentation fault, a call of abort, a stack \
             overflow, a panic that aborts, a call of exit_group, running out of memory.",
            "In one thread this leaves the others running: a panic that unwinds.",
            "In one process this leaves the others running: a segmentation fault,",
        ],
    );
    assert!(!lead.contains("ends others too"));
    said(
        &html,
        &[
            "<th colspan=\"5\">Workers: threads of one process</th>",
            ">0 of 4</td>",
            ">3 of 4</td>",
            ">killed by SIGSEGV</td>",
            ">killed by SIGABRT</td>",
            ">killed by SIGKILL</td>",
            ">left with status 3</td>",
            ">left with status 101</td>",
            ">nothing: its process goes on and joins a thread that panicked</td>",
            ">38.7 [34.8, 42.6]</td>",
            ">90.4 [81.4, 99.4]</td>",
            "a small bystander in the same group goes on",
        ],
    );
}

/// The setting is named as the cause only where it was read.
#[test]
fn a_bystander_that_is_killed_has_a_cause_if_one_was_seen() {
    let mut record = fixture::isolation();
    let out_of_memory = |probe: &&mut Probe| probe.id.to_string().starts_with("probe/fault/oom");
    for run in record.probes.iter_mut().filter(out_of_memory).flat_map(|probe| &mut probe.runs) {
        let spared = run.seen.iter_mut().find(|seen| seen.what == "bystanders that survive");
        spared.unwrap().figure = 0.0;
    }
    let html = section(&record);
    said(&html, &["too; why was not seen."]);
    assert!(!html.contains("memory.oom.group"));
    for (figure, words) in [(0.0, "why was not seen"), (1.0, "(memory.oom.group is 1)")] {
        for run in record.probes.iter_mut().filter(out_of_memory).flat_map(|p| &mut p.runs) {
            run.seen.retain(|seen| seen.what != "memory.oom.group");
            let what = "memory.oom.group".to_owned();
            run.seen.push(Seen { what, figure, unit: String::new() });
        }
        said(&section(&record), &[words]);
    }
}

#[test]
fn a_reader_that_finds_nothing_mapped_was_let() {
    let mut record = fixture::isolation();
    let probe = record
        .probes
        .iter_mut()
        .find(|p| p.id.to_string() == "probe/protect/read-other-uid")
        .unwrap();
    for seen in probe.runs.iter_mut().flat_map(|run| &mut run.seen) {
        if seen.what == "errno" {
            seen.figure = 14.0;
        }
    }
    said(&section(&record), &[">lets it, though nothing is mapped there (EFAULT)</td>"]);
}

#[test]
fn sharing_and_reading_are_said_in_words_with_the_settings_that_decide() {
    let html = section(&fixture::isolation());
    said(
        &html,
        &[
            ">3 of 3 other threads see it</td>",
            ">0 of 3 other processes see it</td>",
            ">3 of 3 other processes see it</td>",
            ">who waits for it waits in vain: given up after 100 ms</td>",
            "is told that its holder died (EOWNERDEAD), declares it in order and goes on</td>",
            ">its parent does not see it</td>",
            ">its parent sees it</td>",
            ">refuses: EPERM</td>",
            ">lets it</td>",
            ">65534 reads 0</td>",
            ">65534 reads 65534</td>",
            "This kernel has no Yama",
        ],
    );
}

#[test]
fn what_differs_between_runs_and_what_was_not_seen_is_shown() {
    let mut record = fixture::isolation();
    let differ =
        [("probe/fault/abort-process", 2, 0, 0.0), ("probe/fault/segv-process", 0, 2, 7.0)];
    for (id, run, at, figure) in differ {
        let probe = record.probes.iter_mut().find(|probe| probe.id.to_string() == id).unwrap();
        probe.runs[run].seen[at].figure = figure;
    }
    for (id, kept) in [("probe/fault/exit-thread", 1), ("probe/protect/read-other-uid", 0)] {
        let probe = record.probes.iter_mut().find(|probe| probe.id.to_string() == id).unwrap();
        probe.runs.truncate(kept);
        probe.failure = Some(Failure::new("forking <workers>", "EAGAIN"));
    }
    let html = section(&record);
    said(
        &html,
        &[
            ">0 to 3 of 4</td>",
            ">killed by SIGBUS or killed by SIGSEGV</td>",
            "<td colspan=\"3\"><span class=\"soft\">forking &lt;workers&gt;: EAGAIN</span></td>",
            ">left with status 3<br><span class=\"soft\">forking &lt;workers&gt;: \
             EAGAIN</span></td>",
        ],
    );
    assert!(!html.contains("<workers>"));
}

#[test]
fn a_run_without_these_probes_has_no_section() {
    let page = fixture::report::page(&fixture::empty(true));
    assert!(!page.contains("id=\"isolation\""));
}

#[test]
fn answers_have_no_columns_for_figures() {
    let page = fixture::report::page(&fixture::isolation());
    let (_, claim) = page.split_once("id=\"D1\"").unwrap();
    let (table, _) = claim.split_once("</table>").unwrap();
    assert!(table.contains("Verdict") && table.contains("a call of abort"), "{table}");
    assert!(!table.contains("Margin") && !table.contains("interval"), "{table}");
}
