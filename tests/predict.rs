//! What a fork would take, predicted from a record that was kept, and a process that is read.

mod support;

use process_vs_thread::predict::{
    Absent, Answer, Basis, Fork, Given, Prediction, Wishes, of_process, predict, small, text,
};
use process_vs_thread::question::arm;
use process_vs_thread::question::creation::plan::{Axis, rested, rested_at, stalled, stamped};
use process_vs_thread::record::{self, Cell, Failure, Id, Parent, Record, Stop};
use std::path::Path;
use std::process::Output;
use std::sync::OnceLock;
use support::{launch, program};

const MIB: u64 = 1 << 20;
const RUN: &str = "reports/20261130T054935Z-amd-epyc-2cpu-kvm/record.json.gz";
const WISHES: Wishes = Wishes { writes: 1_000, workers: 100, actors: 2, pages: 16 };

/// What is predicted by: a whole run takes seconds to judge.
const READ: [&str; 5] =
    ["creation/stamped/", "creation/flat/", "creation/write/", "creation/aa", "tlb/switch/"];

/// A run that was kept before scattered memory, clean mappings and rests were measured.
fn old() -> &'static Record {
    static RECORD: OnceLock<Record> = OnceLock::new();
    RECORD.get_or_init(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(RUN);
        let mut record = record::read(&path).expect("a kept record");
        let read = |cell: &Cell| READ.iter().any(|begin| cell.id.to_string().starts_with(begin));
        record.cells.retain(read);
        record.counts.clear();
        record
    })
}

fn cell<'r>(record: &'r Record, id: &Id) -> &'r Cell {
    record.cell(id).unwrap_or_else(|| panic!("no {id}"))
}

/// The same with cells of what it lacks, made of others whose calls take a factor longer.
fn with(cells: &[(Id, Id, f64)]) -> Record {
    let mut record = old().clone();
    for (id, like, factor) in cells {
        let mut cell = cell(&record, like).clone();
        for pair in cell.launches.iter_mut().flat_map(|launch| &mut launch.pairs) {
            let grown = |ns: u64| (ns as f64 * factor) as u64;
            let half = &mut pair.b;
            half.elapsed_ns = grown(half.elapsed_ns - half.bill_ns) + half.bill_ns;
            half.call_ns = grown(half.call_ns);
        }
        cell.id = id.clone();
        record.cells.push(cell);
    }
    record
}

fn new() -> &'static Record {
    static RECORD: OnceLock<Record> = OnceLock::new();
    RECORD.get_or_init(|| {
        let fork = stamped("process/fork");
        let more = |axis, point| stalled(axis, point);
        with(&[
            (rested_at(Axis::ScatteredMemory, 64), more(Axis::Memory, 64), 2.0),
            (rested_at(Axis::ScatteredMemory, 256), more(Axis::Memory, 256), 2.0),
            (rested_at(Axis::Mappings, 200), more(Axis::Mappings, 1_000), 1.0),
            (rested_at(Axis::CleanMappings, 200), more(Axis::Mappings, 1_000), 0.5),
            (more(Axis::HugeMemory, 1024), fork.clone(), 6.0),
            (more(Axis::CleanMappings, 1_000), more(Axis::Mappings, 1_000), 0.25),
            (rested(), fork, 3.0),
        ])
    })
}

fn of(given: Given, record: &Record) -> Prediction {
    predict(&given.shape(small(record).unwrap()), &WISHES, record)
}

fn estimate(answer: &Answer) -> f64 {
    answer.amount().unwrap_or_else(|| panic!("{answer:?}")).estimate
}

fn basis(answer: &Answer) -> Basis {
    answer.amount().unwrap_or_else(|| panic!("{answer:?}")).basis
}

fn absent(answer: &Answer) -> &Absent {
    match answer {
        Answer::NotMeasured(absent) => absent,
        Answer::Predicted(amount) => panic!("{amount:?}"),
    }
}

fn adds_up(fork: &Fork) {
    let sum = |read: fn(&process_vs_thread::predict::ForkPart) -> &Answer| -> f64 {
        fork.parts.iter().map(|part| estimate(read(part))).sum()
    };
    for (whole, parts) in
        [(&fork.call_ns, sum(|part| &part.call_ns)), (&fork.reaped_ns, sum(|part| &part.reaped_ns))]
    {
        let whole = whole.amount().unwrap();
        assert!((whole.estimate - parts).abs() < 1e-6 * parts, "{whole:?}, {parts}");
        assert!(whole.low < whole.estimate && whole.estimate < whole.high, "{whole:?}");
    }
}

#[test]
fn parts_add_up_to_the_whole_in_both_regimes() {
    let given = Given {
        memory_bytes: Some(777 * MIB),
        mappings: Some(300),
        clean_mappings: Some(200),
        descriptors: Some(4_000),
        ..Given::default()
    };
    let prediction = of(given, new());
    assert_eq!(prediction.forks.len(), 2);
    prediction.forks.iter().for_each(adds_up);
    let [again, rested] = [0, 1].map(|at| estimate(&prediction.forks[at].call_ns));
    assert!(rested > again, "{rested} {again}");
    adds_up(&of(Given { huge: true, ..given }, new()).forks[0]);
}

#[test]
fn more_never_takes_less() {
    let small = Given::default();
    let calls = |givens: Vec<Given>| -> Vec<f64> {
        givens.into_iter().map(|given| estimate(&of(given, new()).forks[0].call_ns)).collect()
    };
    let powers = || (0..7).map(|power| 1_u64 << (2 * power));
    for givens in [
        powers().map(|mib| Given { memory_bytes: Some(mib * MIB), ..small }).collect(),
        powers().map(|n| Given { mappings: Some(21 + n), ..small }).collect(),
        powers().map(|n| Given { clean_mappings: Some(23 + n), ..small }).collect::<Vec<_>>(),
        powers().map(|n| Given { descriptors: Some(3 + n), ..small }).collect(),
    ] {
        let calls = calls(givens);
        assert!(calls.is_sorted() && calls[0] < calls[6], "{calls:?}");
    }
}

#[test]
fn a_figure_says_whether_it_was_measured() {
    let memory = |mib: u64| {
        let prediction = of(Given { memory_bytes: Some(mib * MIB), ..Given::default() }, new());
        basis(&prediction.forks[0].call_ns)
    };
    assert_eq!(memory(64), Basis::Measured);
    assert_eq!(memory(100), Basis::Interpolated);
    assert_eq!(memory(1_100), Basis::Extrapolated);
    let calm = of(Given::default(), new());
    assert_eq!(basis(&calm.forks[0].call_ns), Basis::Measured);
    let [small, big] = [16 * MIB, 9_000 * MIB].map(|bytes| {
        let given = Given { memory_bytes: Some(bytes), ..Given::default() };
        of(given, new()).beside.last().unwrap().total_ns.clone()
    });
    // A thread: measured in a small parent, and nothing of its kind beyond a gibibyte.
    assert_eq!([basis(&small), basis(&big)], [Basis::Interpolated, Basis::Extrapolated]);
}

#[test]
fn what_the_run_lacks_is_not_predicted_and_has_a_remedy() {
    let big = Given { memory_bytes: Some(100 * MIB), ..Given::default() };
    let [again, rested] = &of(big, old()).forks[..] else { panic!() };
    assert_eq!(basis(&again.call_ns), Basis::Interpolated);
    let why = absent(&rested.call_ns);
    assert!(why.remedy.starts_with("process-vs-thread run creation/stamped/"), "{why:?}");
    // Huge pages, of which the run has no stamped fork.
    let huge = of(Given { huge: true, ..big }, old());
    assert!(absent(&huge.forks[0].call_ns).why.contains("1024MiB-huge"));
    // Mappings without pages are bounded by those with a page.
    let clean = Given { clean_mappings: Some(1_023), ..Given::default() };
    let [bound, known] = [old(), new()].map(|record| of(clean, record).forks[0].call_ns.clone());
    assert_eq!([basis(&bound), basis(&known)], [Basis::AtMost, Basis::Measured]);
    assert!(estimate(&known) < estimate(&bound));
    // Nothing at all.
    let mut bare = old().clone();
    bare.cells.clear();
    assert!(small(&bare).unwrap_err().remedy.unwrap().contains("run creation/stamped"));
    // A cell that failed says so.
    let mut failed = new().clone();
    let broken = failed.cells.iter_mut().find(|cell| cell.id == stamped("process/fork")).unwrap();
    broken.stop = Stop::Failed(Failure::new("measuring", "it died"));
    assert!(small(&failed).unwrap_err().why.contains("it died"));
}

#[test]
fn a_switch_beyond_the_grid_is_not_measured_and_the_grid_is_named() {
    let process = Given::default().shape(small(old()).unwrap());
    let at = |actors, pages| predict(&process, &Wishes { actors, pages, ..WISHES }, old()).switch;
    assert_eq!(basis(&at(2, 16).process_ns), Basis::Measured);
    for (actors, pages) in [(2, 17), (12, 16), (2, 4_096)] {
        let beyond = at(actors, pages);
        let why = &absent(&beyond.process_ns).why;
        assert!(why.contains("16 pages among 2, 4, 5, 7, 9"), "{why}");
    }
}

#[test]
fn the_text_holds_each_figure_and_each_reason_once() {
    let big = Given { memory_bytes: Some(4_096 * MIB), ..Given::default() };
    let shown = text(&of(big, old()));
    assert!(shown.contains("caller waits") && shown.contains("extrapolated"), "{shown}");
    assert_eq!(shown.matches("the run has no creation/stamped/process-fork-rested").count(), 1);
    assert!(shown.lines().all(|line| line.chars().count() <= 160), "{shown}");
}

#[test]
fn a_process_is_read_as_it_is() {
    let parent = Parent {
        mappings: 300,
        clean_mappings: 70,
        descriptors: 200,
        threads: 5,
        ..Parent::of_mib(8)
    };
    let lab = launch(&arm("baseline/null").in_parent(parent), None).unwrap();
    let state = lab.state();
    let found = of_process(lab.pid() as u32).unwrap();
    assert_eq!((found.descriptors, found.threads), (state.fds, state.threads));
    assert_eq!(found.mappings + found.clean_mappings, state.vmas);
    // It may touch a page of its own between its own reading and this one.
    assert!(found.mappings.abs_diff(state.written_vmas) <= 2, "{found:?} {state:?}");
    assert!(found.private_bytes().abs_diff(state.own_bytes) <= 256 << 10, "{found:?} {state:?}");
    assert!(found.base_bytes >= 8 * MIB && found.page_table_bytes.is_some_and(|bytes| bytes > 0));
    assert!(found.name.contains(&lab.pid().to_string()), "{}", found.name);
}

fn typed(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        program().arg("predict").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code(), text(&stdout), text(&stderr))
}

#[test]
fn what_cannot_be_read_says_what_why_and_what_to_do() {
    let (status, shown, said) = typed(&["--pid", "4000000", RUN]);
    assert_eq!((status, shown.as_str()), (Some(1), ""));
    assert!(said.contains("no process has the id 4000000") && said.contains("ps"), "{said}");
    for wrong in [
        &["--pid", "1", "--memory", "1GiB"][..],
        &["--memory", "1 parsec"],
        &["--memory", "-1"],
        &["--memory", "9e99GiB"],
        &["--pid", "self"],
        &["--huge"],
    ] {
        assert_eq!(typed(wrong).0, Some(2), "{wrong:?}");
    }
}

#[test]
fn a_prediction_is_held_against_a_lab_of_that_shape() {
    let arguments = ["--memory", "8MiB", "--mappings", "50", "--check", "--json", RUN];
    let (status, shown, said) = typed(&arguments);
    assert_eq!(status, Some(0), "{said}");
    let printed: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let held = |name: &str| printed["process"][name].as_u64().unwrap();
    assert_eq!((held("base_bytes"), held("mappings")), (8 * MIB, 50));
    let checked = printed["checked"].as_array().unwrap();
    assert_eq!(checked.len(), 2);
    for regime in checked {
        let figure = |name: &str| regime[name].as_f64().unwrap_or_else(|| panic!("{regime}"));
        assert!(0.0 < figure("call_ns") && figure("call_ns") < figure("reaped_ns"), "{regime}");
    }
    assert!(checked[0]["call_ratio"].as_f64().unwrap() > 0.0);
    assert!(checked[1]["call_ratio"].is_null(), "the run has nothing of the other regime");
}
