//! What is said of the claims about actors that work at the same time.

use crate::claim::{Case, CellVerdict, JudgedCell, Said, times};

/// Short names of the work whose cells have these titles.
const WORK: [(&str, &str); 5] = [
    ("mmap, touch, munmap", "mmap/munmap"),
    ("faults, madvise(DONTNEED)", "page faults"),
    ("pread of one descriptor", "pread"),
    ("open and close", "open/close"),
    ("malloc and free", "malloc"),
];

fn named(cell: &JudgedCell) -> &'static str {
    WORK.iter().find(|(title, _)| *title == cell.def.title).map_or(cell.def.title, |(_, name)| name)
}

pub(super) fn e2(case: &Case) -> Said {
    let stated = case.claim.stated();
    let mut faster: Vec<(&JudgedCell, f64)> = stated
        .iter()
        .filter(|cell| cell.verdict == CellVerdict::Holds)
        .filter_map(|cell| Some((*cell, cell.sound()?.estimate)))
        .collect();
    faster.sort_by(|one, other| other.1.total_cmp(&one.1));
    let Some((first, most)) = faster.first() else {
        let figures = stated.iter().filter_map(|cell| Some(cell.sound()?.estimate));
        let most = figures.fold(f64::NAN, f64::max);
        return Said {
            here: times(most),
            row: format!("at most {}", times(most)),
            lead: format!("no kernel work here gains a tenth; the most is {}", times(most)),
            ..Said::default()
        };
    };
    let second =
        faster.get(1).map(|(cell, ratio)| format!(" and {} at {}", times(*ratio), named(cell)));
    let not: Vec<&str> = stated
        .iter()
        .filter(|cell| cell.verdict == CellVerdict::Fails)
        .map(|cell| named(cell))
        .collect();
    let server = case.figure("a server on all CPUs");
    let slower = server.filter(|_| case.holds("a server on all CPUs") == Some(false));
    Said {
        here: times(*most),
        row: match server {
            Some(server) => {
                let work = named(first).split('/').next().unwrap_or_default();
                format!("{work} {}; as a server {}", times(*most), times(server))
            }
            None => format!("{} {}", named(first), times(*most)),
        },
        scope: "in the kernel".to_owned(),
        lead: format!(
            "processes are {} faster at {}{}",
            times(*most),
            named(first),
            second.unwrap_or_default()
        ),
        boundary: (!not.is_empty()).then(|| format!("no faster at {}", not.join(", "))),
        exception: slower.map(|ratio| format!("{} as servers", times(ratio))),
    }
}

pub(super) fn e6(case: &Case) -> Said {
    let ratios = case.claim.cells.iter().filter_map(|cell| Some(cell.sound()?.estimate));
    let worst = ratios.max_by(|a, b| (a - 1.0).abs().total_cmp(&(b - 1.0).abs()));
    let worst = worst.unwrap_or(f64::NAN);
    let mutex = case.holds("one process-shared mutex");
    Said {
        here: times(worst),
        row: match mutex {
            None => format!("{} (mutex undecided)", times(worst)),
            Some(_) => times(worst),
        },
        lead: match case.claim.stated().iter().all(|cell| cell.verdict == CellVerdict::Holds) {
            true => "pure computation and atomics run equally fast in threads and processes, \
                     within 3 %"
                .to_owned(),
            false => format!("threads take up to {} as long as processes", times(worst)),
        },
        boundary: match mutex {
            None => Some("the shared-mutex case is undecided".to_owned()),
            Some(true) => None,
            Some(false) => Some("a process-shared mutex differs".to_owned()),
        },
        ..Said::default()
    }
}

pub(super) fn g1(case: &Case) -> Said {
    let ratio = |title| case.figure(title).map(times);
    let short = ratio("count to 1,000");
    let long = ratio("count to 10,000,000");
    let middle = case.brief("count to 100,000");
    let memory = case.brief("most memory");
    let even = case.figure("count to 10,000,000").is_some_and(|ratio| ratio < 1.1);
    Said {
        here: format!("{middle} · {memory}"),
        row: match &short {
            Some(short) => format!("{short} at 1,000; {memory} less memory"),
            None => format!("{middle} at 100,000; {memory} memory"),
        },
        scope: if even { "for short work".to_owned() } else { String::new() },
        lead: match &short {
            Some(short) => format!(
                "ten threads count to 1,000 {short} and to 100,000 {middle} sooner, in {memory} \
                 less memory"
            ),
            None => {
                format!("ten threads count to 100,000 {middle} sooner, in {memory} less memory")
            }
        },
        boundary: long.filter(|_| even).map(|_| "to 10 million equally fast".to_owned()),
        exception: None,
    }
}
