//! Runs side by side: what is beyond noise, what is not compared, and which fact explains a
//! verdict.

mod fixture;
mod support;

use fixture::{cell_mut, creation, stretch_b};
use process_vs_thread::claim::{
    Claim, ComparedRun, Condition, ConditionOutcome, Contrast, Hinge, Kind, Places, Refusal,
};
use process_vs_thread::question::{CLAIMS, contrast_json, contrast_page, contrast_screen, judge};
use process_vs_thread::record::{self, Cut, Fact, Record, Summary};
use process_vs_thread::report::Files;
use process_vs_thread::run::{self, Reports};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use support::Folder;

/// A run of creation and what was judged of it.
static BASE: LazyLock<(Record, Summary)> = LazyLock::new(|| {
    let record = creation();
    let judged = judge(&record).summary();
    (record, judged)
});

fn kept(record: &Record, judged: &Summary) -> ComparedRun {
    ComparedRun::of(record.run.clone(), record.machine.clone(), judged, &Places::of(CLAIMS))
}

/// The run with its machine or its settings bent, or what was judged of it.
fn bent(bend: impl Fn(&mut Record, &mut Summary)) -> ComparedRun {
    let (mut record, mut judged) = BASE.clone();
    bend(&mut record, &mut judged);
    kept(&record, &judged)
}

fn base() -> ComparedRun {
    bent(|_, _| ())
}

/// The run with each figure in nanoseconds multiplied.
fn slower(factor: f64) -> ComparedRun {
    bent(|_, judged| {
        let cells = judged.claims.iter_mut().flat_map(|claim| &mut claim.cells);
        for cell in cells.filter(|cell| cell.unit == "ns") {
            cell.figure = cell.figure.map(|figure| figure.map(|edge| edge * factor));
        }
    })
}

fn word(judged: &mut Summary, claim: &str, word: &str) {
    let found = judged.claims.iter_mut().find(|found| found.id == claim).unwrap();
    found.verdict = word.to_owned();
}

fn fact(record: &mut Record, name: &str, value: &str) {
    record.machine.facts.retain(|fact| fact.name != name);
    record.machine.facts.push(Fact::words(name, value));
}

fn contrast(runs: &[ComparedRun]) -> Contrast<'_> {
    Contrast::of(runs, CLAIMS)
}

#[test]
fn a_run_is_like_itself() {
    let runs = [base(), base()];
    let same = contrast(&runs);
    assert!(same.compared() > 20, "{}", same.compared());
    assert_eq!((same.reworded().count(), same.beyond().count(), same.facts.len()), (0, 0, 0));
    for condition in ["verdict", "slower:0%"] {
        let found = condition.parse::<Condition>().unwrap().check(&same);
        assert!(matches!(found, ConditionOutcome::Not(1..)), "{condition}: {found:?}");
    }
}

#[test]
fn what_really_takes_longer_is_beyond_noise_and_sorted_by_size() {
    let mut record = BASE.0.clone();
    stretch_b(cell_mut(&mut record, "creation/fork"), 1.5);
    let runs = [base(), kept(&record, &judge(&record).summary())];
    let found = contrast(&runs);
    let first = found.beyond().next().unwrap();
    let Kind::Ratio(ratio) = first.largest().unwrap().kind else { panic!("{first:?}") };
    assert!(
        ratio.low > 1.2 && ratio.high < 1.9 && ratio.low < 1.5 && 1.5 < ratio.high,
        "{ratio:?}"
    );
    let sizes: Vec<f64> = found.beyond().map(|row| row.largest().unwrap().size()).collect();
    assert!(sizes.windows(2).all(|pair| pair[0] >= pair[1]), "{sizes:?}");
    let at = |condition: &str| condition.parse::<Condition>().unwrap().check(&found);
    let ConditionOutcome::Holds(places) = at("slower:10%") else {
        panic!("{:?}", at("slower:10%"))
    };
    assert!(places[0].starts_with("A1 fork, small parent is slower in "), "{places:?}");
    assert!(matches!(at("slower:80%"), ConditionOutcome::Not(1..)));
    // The record of this run has no memory.
    assert_eq!(at("larger:0%"), ConditionOutcome::Not(0));
}

/// Why the figures of the second run are not compared, and how many are.
fn refused(later: ComparedRun, refusal: Refusal) -> [usize; 2] {
    let runs = [base(), later];
    let found = contrast(&runs);
    let count = found.refused(1).get(&refusal).copied().unwrap_or(0);
    let screen = contrast_screen(&found, false, 100, false);
    let said = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(count == 0 || said.contains(&refusal.to_string()), "{screen}");
    [count, found.compared()]
}

#[test]
fn what_is_not_comparable_is_refused_with_its_reason() {
    let [emulated, left] =
        refused(bent(|record, _| record.machine.emulated = Some(true)), Refusal::Emulated);
    assert!(emulated > 20 && left == 0, "all that creation has is timed: {emulated}, {left}");
    let [protocol, left] = refused(bent(|r, _| r.run.protocol = Some(9)), Refusal::Protocol);
    assert!(protocol > 20 && left == 0);
    let labs = |judged: &mut Summary| {
        let cell = judged.claims[0].cells.iter_mut().find(|cell| cell.labs.is_some()).unwrap();
        cell.labs.as_mut().unwrap()[1][1] *= 2;
    };
    let [lab, left] = refused(bent(|_, judged| labs(judged)), Refusal::Lab);
    assert!(lab == 1 && left > 20, "only the one whose lab differs: {lab}, {left}");
}

#[test]
fn a_quick_run_is_compared_and_said_to_be_less_precise() {
    let runs = [base(), bent(|record, _| record.run.quick = !record.run.quick)];
    let found = contrast(&runs);
    assert!(found.compared() > 20 && found.cautions[0].is_empty());
    assert!(found.cautions[1][0].contains("wider intervals"), "{:?}", found.cautions);
    // Where no protocol is known, another revision may be another.
    let older = bent(|record, _| {
        record.run.protocol = None;
        record.run.revision = Some("before".to_owned());
    });
    let runs = [base(), older];
    let found = contrast(&runs);
    assert!(found.compared() > 20 && found.cautions[1][0].contains("revision before"));
}

#[test]
fn a_figure_that_no_run_could_trust_or_that_is_malformed_is_none() {
    let count = |bend: &dyn Fn(&mut Summary)| {
        let runs = [base(), bent(|_, judged| bend(judged))];
        contrast(&runs).compared()
    };
    let cell = |judged: &mut Summary| {
        judged.claims[0].cells.iter_mut().position(|c| c.figure.is_some()).unwrap()
    };
    let whole = count(&|_| ());
    let unsound = count(&|judged| {
        let at = cell(judged);
        judged.claims[0].cells[at].sound = Some(false);
    });
    let turned = count(&|judged| {
        let at = cell(judged);
        judged.claims[0].cells[at].figure = Some([5.0, 9.0, 1.0]);
    });
    assert_eq!([unsound, turned], [whole - 1; 2]);
}

/// The explanation of A1 over some runs, with the facts that it names.
fn explained(runs: &[ComparedRun]) -> (Vec<Hinge>, String) {
    let found = contrast(runs);
    let row = found.reworded().find(|row| row.claim.id == "A1").unwrap();
    let why = row.explanation.as_ref().unwrap();
    (why.facts.iter().map(|(hinge, _)| *hinge).collect(), why.words())
}

fn told(verdict: &'static str, isolation: &'static str) -> ComparedRun {
    bent(move |record, judged| {
        word(judged, "A1", verdict);
        fact(record, "page-table isolation", isolation);
        fact(record, "kernel", "Linux 6.18, the same");
        fact(record, "steal", verdict);
    })
}

#[test]
fn a_fact_explains_a_verdict_if_its_values_tell_the_words_apart() {
    let (on, off) = ("PTI on (meltdown)", "PTI off (meltdown: Not affected)");
    let runs = [told("TRUE", on), told("FALSE", off), told("TRUE", on)];
    let (facts, words) = explained(&runs);
    assert_eq!(facts, [Hinge::PageTableIsolation]);
    assert_eq!(
        words,
        "may be explained by page-table isolation: PTI on (TRUE, 2 runs), PTI off (FALSE)"
    );
    let runs = [told("TRUE", on), told("FALSE", on)];
    assert!(explained(&runs).0.is_empty() && explained(&runs).1.contains("no recorded fact"));
    // One value with both words explains nothing, whatever others have.
    let runs = [told("TRUE", on), told("FALSE", on), told("FALSE", off)];
    assert!(explained(&runs).0.is_empty());
    // What is undecided is no other answer.
    let runs = [told("TRUE", on), told("UNDECIDED", on), told("UNDECIDED", off)];
    assert!(explained(&runs).1.starts_with("2 of 3 runs could not decide it"));
    // In the table it takes a line; whoever reads the page or the JSON has all of it.
    let found = contrast(&runs);
    let [screen, page, json] = [
        contrast_screen(&found, false, 100, false),
        contrast_page(&found),
        contrast_json(&found, false),
    ];
    let brief = "     not decided in 2 of 3 runs\n";
    assert!(screen.contains(brief) && !screen.contains("could not decide"), "{screen}");
    assert!(page.contains("could not decide it, which is no other answer"));
    assert!(json.contains("could not decide it, which is no other answer"));
    let runs = [told("TRUE", on), told("UNDECIDED", off)];
    let screen = contrast_screen(&contrast(&runs), false, 100, false);
    let brief = "not decided in 1 of 2 runs; differs with it: page-table isolation\n";
    assert!(screen.contains(brief), "{screen}");
}

#[test]
fn a_run_that_was_cut_short_is_said_to_be_a_part() {
    let runs = [base(), bent(|record, _| record.run.cut = Some(Cut::TimeUp))];
    let found = contrast(&runs);
    let said = "this run was ended when its time was up: it has a part of the figures";
    assert_eq!(found.cautions, [vec![], vec![said.to_owned()]]);
    let json: serde_json::Value = serde_json::from_str(&contrast_json(&found, false)).unwrap();
    let cut = |run: usize| json["runs"][run]["cut"].as_str();
    assert_eq!([cut(0), cut(1)], [None, Some("time-up")]);
}

/// A thousand records, each a head that was judged by this version, with machines of two kinds.
#[test]
fn a_thousand_records_are_read_and_counted() {
    const COUNT: usize = 1_000;
    let folder = Folder::new("thousand");
    let (record, judged) = BASE.clone();
    let head = |at: usize| {
        let mut record = Record {
            run: record.run.clone(),
            machine: record.machine.clone(),
            ..Record::default()
        };
        record.schema = record::SCHEMA;
        record.run.id = format!("run-{at:04}");
        let mut judged = judged.clone();
        word(&mut judged, "A1", if at % 10 == 0 { "FALSE" } else { "TRUE" });
        fact(&mut record, "page-table isolation", if at % 10 == 0 { "PTI on" } else { "PTI off" });
        record.judged = Some(judged);
        record
    };
    let files: Vec<PathBuf> = (0..COUNT)
        .map(|at| {
            let file = folder.path().join(format!("{at}.json"));
            std::fs::write(&file, serde_json::to_string(&head(at)).unwrap()).unwrap();
            file
        })
        .collect();
    let runs: Vec<ComparedRun> =
        run::gather(&files).into_iter().collect::<record::Result<_>>().unwrap();
    let ids = runs.iter().map(|run| run.run.id.clone());
    assert!(ids.eq((0..COUNT).map(|at| format!("run-{at:04}"))), "in the order of the files");
    let found = contrast(&runs);
    let screen = contrast_screen(&found, false, 100, false);
    for said in [
        "1000 runs, held against run-0000",
        "TRUE 900, FALSE 100",
        "PTI off (TRUE, 900 runs), PTI on (FALSE, 100 runs)",
    ] {
        assert!(screen.contains(said), "{said}: {screen}");
    }
    let page = contrast_page(&found);
    assert!(page.contains("900 TRUE") && page.len() < 1 << 20, "{}", page.len());
}

#[test]
fn every_claim_names_the_facts_that_it_depends_on_once() {
    let once = |claim: &&Claim| {
        let mut hinges = claim.hinges_on.to_vec();
        hinges.sort_unstable();
        hinges.dedup();
        !hinges.is_empty() && hinges.len() == claim.hinges_on.len()
    };
    let faulty: Vec<&str> = CLAIMS.iter().filter(|claim| !once(claim)).map(|c| c.id).collect();
    assert!(faulty.is_empty(), "{faulty:?}");
}

#[test]
fn a_turned_verdict_is_a_condition_of_its_own() {
    let turned = |verdict: &'static str| {
        let runs = [told("TRUE", "on"), told(verdict, "on")];
        Condition::Verdict.check(&contrast(&runs))
    };
    assert!(matches!(turned("FALSE"), ConditionOutcome::Holds(places) if places.len() == 1));
    for other in ["DEPENDS", "UNDECIDED", "NOT MEASURED"] {
        assert!(matches!(turned(other), ConditionOutcome::Not(1..)), "{other}");
    }
}

fn reports(part: &str) -> PathBuf {
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports");
    let folders = std::fs::read_dir(reports).unwrap().map(|entry| entry.unwrap().path());
    let found = folders.filter(|path| path.to_string_lossy().contains(part)).min().unwrap();
    found.join("record.json.gz")
}

#[test]
fn the_guest_that_is_emulated_has_another_tlb_verdict_and_facts_that_explain_it() {
    let files = [reports("amd-epyc-2cpu-kvm"), reports("-rv64")];
    let runs: Vec<ComparedRun> = run::gather(&files).into_iter().map(Result::unwrap).collect();
    let found = contrast(&runs);
    let row = found.reworded().find(|row| row.claim.id == "B1").unwrap();
    let facts: Vec<Hinge> =
        row.explanation.as_ref().unwrap().facts.iter().map(|(hinge, _)| *hinge).collect();
    assert!(facts.contains(&Hinge::Emulation) && facts.contains(&Hinge::Processor), "{facts:?}");
    // On riscv64 nothing but the boot log tells of them, and what is unknown explains nothing.
    assert!(!facts.contains(&Hinge::AddressSpaceIds), "{facts:?}");
    assert!(found.cautions[1].iter().any(|said| said.contains("emulated")), "{found:?}");
}

/// Some runs that differ in words, figures and facts.
fn motley(count: usize) -> Vec<ComparedRun> {
    let mut runs: Vec<ComparedRun> = (0..count).map(|at| slower(1.0 + at as f64)).collect();
    if let Some(first) = runs.first_mut() {
        *first = told("TRUE", "PTI on");
    }
    runs
}

#[test]
fn a_few_runs_have_a_column_each_and_many_have_counts() {
    for count in [2, 3, 4, 9, 60] {
        let runs = motley(count);
        let screen = contrast_screen(&contrast(&runs), false, 100, false);
        assert!(screen.lines().all(|line| line.chars().count() <= 100), "{screen}");
        assert!(screen.contains("Verdicts that differ"), "{screen}");
        let range = screen.contains(&format!(" {count} runs"));
        assert_eq!(range, count > 4, "{screen}");
    }
}

#[test]
fn the_json_has_every_run_claim_and_figure() {
    let runs = motley(3);
    let found = contrast(&runs);
    let json: serde_json::Value = serde_json::from_str(&contrast_json(&found, true)).unwrap();
    let length = |name: &str| json[name].as_array().unwrap().len();
    assert_eq!((length("runs"), length("claims")), (3, found.claims.len()));
    assert_eq!(length("figures"), found.figures.len());
    let first = &json["figures"][0];
    assert_eq!(
        (first["beyond"].as_bool(), first["changes"].as_array().unwrap().len()),
        (Some(true), 2)
    );
    assert_eq!(first["changes"][0]["ratio"].as_array().unwrap().len(), 3);
    let few: serde_json::Value = serde_json::from_str(&contrast_json(&found, false)).unwrap();
    assert_eq!(few["figures"].as_array().unwrap().len(), found.beyond().count());
}

#[test]
fn what_a_stranger_wrote_into_a_record_does_nothing_on_a_page_or_a_terminal() {
    let hostile = |at: usize| {
        bent(move |record, judged| {
            record.machine.summary.push_str(fixture::HOSTILE);
            record.run.started_utc.push_str(fixture::HOSTILE);
            record.run.revision = Some(format!("{at}{}", fixture::HOSTILE));
            record.run.protocol = None;
            record.run.id.push_str(fixture::HOSTILE);
            fact(record, "kernel", &format!("{at}{}", fixture::HOSTILE));
            fact(record, &format!("name{}", fixture::HOSTILE), &at.to_string());
            word(judged, "A1", if at == 0 { "TRUE" } else { "FALSE" });
            judged.claims[1].verdict.push_str(fixture::HOSTILE);
        })
    };
    for count in [2, 6] {
        let runs: Vec<ComparedRun> = (0..count).map(hostile).collect();
        let found = contrast(&runs);
        let page = contrast_page(&found);
        assert!(!page.contains("<script") && page.contains("&lt;script"), "{count} runs");
        for tag in ["section", "table", "tr", "td", "li", "p", "svg", "details"] {
            let begun = page.matches(&format!("<{tag}>")).count()
                + page.matches(&format!("<{tag} ")).count();
            assert_eq!(begun, page.matches(&format!("</{tag}>")).count(), "{tag}");
        }
        for steered in [page, contrast_screen(&found, true, 100, false)] {
            assert!(!steered.contains('\x1b'));
        }
        serde_json::from_str::<serde_json::Value>(&contrast_json(&found, true)).unwrap();
    }
}

#[test]
fn the_page_asks_for_nothing_and_has_charts() {
    for (count, charts) in [(2, 2), (5, 2), (12, 1)] {
        let page = contrast_page(&contrast(&motley(count)));
        assert_eq!(page.matches("<svg").count(), charts, "{count} runs");
        for forbidden in ["<script", "<link", "<img", "src=", "http:", "url("] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        for section in page.split("<section id=\"").skip(1) {
            let id = section.split('"').next().unwrap();
            assert!(page.contains(&format!("href=\"#{id}\"")), "{id}");
        }
    }
}

#[test]
fn a_summary_of_another_judge_or_without_what_is_needed_is_not_enough() {
    let summary = BASE.1.clone();
    assert!(summary.is_enough());
    assert!(!Summary { judge: summary.judge - 1, ..summary.clone() }.is_enough());
    let mut older = summary;
    older.claims[0].cells[0].sound = None;
    assert!(!older.is_enough());
}

#[test]
fn a_run_says_what_changed_since_the_last_of_its_machine_and_its_page_can_be_made_again() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("since");
    let _ = std::fs::remove_dir_all(&folder);
    let reports = Reports::at(Some(folder.clone()));
    let written = |name: &str, started: &str, bend: &dyn Fn(&mut Record)| {
        let mut record = fixture::small();
        (record.run.id, record.run.started_utc) = (name.to_owned(), started.to_owned());
        record.run.criterion = None;
        bend(&mut record);
        run::conclude(&reports, &mut record, run::Watch::Quiet).unwrap();
        let page = std::fs::read_to_string(folder.join(name).join("index.html")).unwrap();
        (record::read(&folder.join(name).join("record.json.gz")).unwrap(), page)
    };
    let (first, page) = written("1-first", "2026-01-01T00:00:00Z", &|_| ());
    assert!(first.since.is_none() && !page.contains("id=\"since\""));
    let (other, _) = written("2-other", "2026-01-02T00:00:00Z", &|r| r.machine.slug.push('x'));
    assert!(other.since.is_none(), "another machine");
    let (now, page) = written("3-now", "2026-01-03T00:00:00Z", &|record| {
        stretch_b(cell_mut(record, "creation/fork"), 2.0);
    });
    let since = now.since.clone().unwrap();
    assert_eq!(since.run, "1-first");
    assert!(since.beyond > 0 && !since.figures.is_empty(), "{since:?}");
    assert!(page.contains("id=\"since\"") && page.contains("Since the last run of this machine"));
    let [again, _] = process_vs_thread::question::pages(&now, &judge(&now), Files::USUAL);
    assert!(again == page, "the record alone makes the page again");
    let (_, quiet) = written("4-again", "2026-01-04T00:00:00Z", &|record| {
        stretch_b(cell_mut(record, "creation/fork"), 2.0);
    });
    assert!(quiet.contains("No verdict changed, and none of "), "nothing changed");
}
