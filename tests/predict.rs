//! What a fork would take, predicted from a record that was kept, and a process that is read.

#[path = "predict/command.rs"]
mod command;
mod support;

use process_vs_thread::predict::{
    Absent, Answer, Basis, Checked, Fork, Given, Prediction, Regime, Wishes, checked_text,
    of_process, predict, small, text,
};
use process_vs_thread::question::arm;
use process_vs_thread::question::creation::plan::{Axis, rested, rested_at, stalled, stamped};
use process_vs_thread::record::{self, Cell, Failure, Id, Parent, Record, Stop};
use std::path::Path;
use std::sync::OnceLock;
use support::launch;

const MIB: u64 = 1 << 20;
const RUN: &str = "reports/20261130T054935Z-amd-epyc-2cpu-kvm/record.json.gz";
const WISHES: Wishes = Wishes { writes: 1_000, workers: 100, actors: 2, pages: 16 };

/// What is predicted by: a whole run takes seconds to judge.
const READ: [&str; 6] = [
    "creation/stamped/",
    "creation/fork",
    "creation/flat/",
    "creation/write/",
    "creation/aa",
    "tlb/switch/",
];

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
    predict(&given.shape(&small(record).unwrap()).unwrap(), &WISHES, record)
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
        threads: Some(300),
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
        // Ten threads are within noise.
        powers().map(|n| Given { threads: Some(11 + n), ..small }).collect(),
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
    // A run of one cell would have nothing else: only a whole run is of use.
    assert_eq!(why.remedy.as_deref(), Some("process-vs-thread run"), "{why:?}");
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
    assert_eq!(small(&bare).unwrap_err().remedy.unwrap(), "process-vs-thread run");
    // A cell that failed says so.
    let mut failed = new().clone();
    let broken = failed.cells.iter_mut().find(|cell| cell.id == stamped("process/fork")).unwrap();
    broken.stop = Stop::Failed(Failure::new("measuring", "it died"));
    assert!(small(&failed).unwrap_err().why.contains("it died"));
}

#[test]
fn what_is_suggested_measures_what_is_missing() {
    let process = Given::default().shape(&small(old()).unwrap()).unwrap();
    let at = |actors, pages| predict(&process, &Wishes { actors, pages, ..WISHES }, old()).switch;
    assert_eq!(basis(&at(2, 16).process_ns), Basis::Measured);
    for (actors, pages, remedy) in [
        (2, 17, None),
        (100, 16, None),
        (2, 4_096, None),
        (1, 16, Some("PROCESS_VS_THREAD_FULL=1 process-vs-thread run")),
        (12, 1_024, Some("PROCESS_VS_THREAD_FULL=1 process-vs-thread run")),
    ] {
        let beyond = at(actors, pages);
        let Absent { why, remedy: said } = absent(&beyond.process_ns);
        assert!(why.contains("16 pages among 2, 4, 5, 7, 9"), "{why}");
        assert_eq!(said.as_deref(), remedy, "{why}");
        assert_eq!(why.contains("beyond the grid"), remedy.is_none(), "{why}");
    }
    let huge = Given { memory_bytes: Some(64 * MIB), huge: true, ..Given::default() };
    let written = of(huge, new()).beside[0].total_ns.clone();
    assert_eq!(absent(&written).remedy, None);
    let shown = text(&of(huge, new()), 80);
    assert!(shown.contains("64 MiB in huge pages") && !shown.contains("()"), "{shown}");
}

#[test]
fn threads_are_a_part_of_their_own() {
    let with = |threads| of(Given { threads: Some(threads), ..Given::default() }, new());
    let part = |threads| {
        let fork = &with(threads).forks[0];
        let part = fork.parts.iter().find(|part| part.name == "threads").unwrap();
        (part.call_ns.clone(), part.reaped_ns.clone())
    };
    let (_, none) = part(1);
    assert_eq!(estimate(&none), 0.0);
    let measured = [101, 1_001].map(part);
    assert!(estimate(&measured[0].1) < estimate(&measured[1].1), "{measured:?}");
    // The sweep has the whole alone, which bounds what the caller waits for.
    assert_eq!(measured[1].0.amount().unwrap().basis, Basis::AtMost);
    assert_eq!(estimate(&measured[1].0), estimate(&measured[1].1));
    let bases = [501, 1_001, 10_000].map(|threads| basis(&part(threads).1));
    assert_eq!(bases, [Basis::Interpolated, Basis::Measured, Basis::Extrapolated]);
    // The stacks of those threads are counted with them, and not once more as memory.
    let many = with(1_001);
    let memory = many.forks[0].parts.iter().find(|part| part.name == "memory").unwrap();
    assert_eq!(estimate(&memory.call_ns), 0.0);
    let mut without = new().clone();
    without.cells.retain(|cell| !cell.id.to_string().ends_with("threads"));
    let many = of(Given { threads: Some(50), ..Given::default() }, &without);
    assert!(absent(&many.forks[0].call_ns).why.contains("threads"), "it is not left out silently");
}

#[test]
fn no_whole_time_is_below_nothing_and_a_part_that_is_says_why() {
    let shown = |given| text(&of(given, new()), 80);
    let said = "a part below 0 is a difference";
    let less = Given { memory_bytes: Some(84 << 10), ..Given::default() };
    assert!(shown(less).contains(said), "{}", shown(less));
    let more = Given { memory_bytes: Some(64 * MIB), ..Given::default() };
    assert!(!shown(more).contains(said), "{}", shown(more));
    // Mappings bring pages, which are memory that the small parent has not.
    let mapped = Given { mappings: Some(1_000), descriptors: Some(10_000), ..Given::default() };
    let memory = |given| of(given, new()).forks[0].parts[1].call_ns.clone();
    assert_eq!(estimate(&memory(mapped)), 0.0);
    for given in [less, more, mapped, Given { mappings: Some(0), ..Given::default() }] {
        let prediction = of(given, new());
        let forks = prediction.forks.iter().flat_map(|fork| [&fork.call_ns, &fork.reaped_ns]);
        let others = prediction.beside.iter().map(|beside| &beside.total_ns);
        for amount in forks.chain(others).filter_map(Answer::amount) {
            assert!(0.0 <= amount.low && amount.low <= amount.estimate, "{amount:?} {given:?}");
        }
    }
}

#[test]
fn the_text_fits_the_screen_and_holds_each_reason_once() {
    let big = Given {
        memory_bytes: Some(4_096 * MIB),
        mappings: Some(3_333),
        threads: Some(10_000),
        ..Given::default()
    };
    for width in [40, 61, 80, 100] {
        let shown = text(&of(big, old()), width);
        assert!(shown.lines().all(|line| line.chars().count() <= width.min(80)), "{shown}");
        let joined: Vec<&str> = shown.split_whitespace().collect();
        let joined = joined.join(" ");
        let run_together = |found: &(usize, &str)| {
            joined[found.0 + 1..].starts_with(|c: char| c.is_alphanumeric() || c == '-')
        };
        assert!(!joined.match_indices(']').any(|found| run_together(&found)), "{shown}");
        assert!(joined.contains("caller waits") && joined.contains("extrapolated"), "{shown}");
    }
    let shown = text(&of(big, old()), 80);
    assert_eq!(shown.matches("the run has no creation/stamped/process-fork-rested").count(), 1);
    assert_eq!(shown.matches(": process-vs-thread run\n").count(), 1, "{shown}");
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

#[test]
fn a_measurement_has_its_interval_and_its_ratio_says_over_what() {
    let checked = Checked {
        regime: Regime::Again,
        call_ns: 2e6,
        call_interval_ns: [1.9e6, 2.2e6],
        reaped_ns: 4e6,
        reaped_interval_ns: [3.5e6, 4.5e6],
        call_ratio: Some(0.49),
        reaped_ratio: None,
    };
    let shown = checked_text(&[checked], 80);
    for part in ["2.0 ms [1.9, 2.2]", "4.0 ms [3.5, 4.5]", "predicted / measured", "0.49×"] {
        assert!(shown.contains(part), "{shown}");
    }
}
