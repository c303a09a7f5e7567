//! What is judged of the committed records, figure by figure: a change of the code that should
//! change none of it must not.

use process_vs_thread::claim::Judged;
use process_vs_thread::question::judge;
use process_vs_thread::record;
use process_vs_thread::stats::Interval;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

fn interval(figure: Option<Interval>) -> String {
    figure.map_or("-".to_owned(), |f| format!("{:.6e} [{:.6e}, {:.6e}]", f.estimate, f.low, f.high))
}

/// Every verdict, figure and interval, a line each.
fn lines(judged: &Judged) -> String {
    let mut text = String::new();
    for control in &judged.controls {
        let shown = interval(control.ratio);
        writeln!(text, "control {} {shown} complete {}", control.id, control.complete).unwrap();
    }
    for claim in &judged.claims {
        writeln!(text, "{} {}", claim.claim.id, claim.verdict).unwrap();
        for cell in &claim.cells {
            let margin = cell.margin.map_or("-".to_owned(), |m| format!("{m:?}"));
            let (estimand, at) = (cell.def.estimand, cell.def.id());
            let (figure, beside) = (interval(cell.figure), interval(cell.beside));
            let verdict = cell.verdict;
            writeln!(
                text,
                "  {at} {estimand:?}: {verdict} {figure} beside {beside} margin {margin}"
            )
            .unwrap();
        }
    }
    for (id, evidence) in &judged.evidence {
        let (ratio, a, b) = (evidence.ratio, evidence.a.time_ns, evidence.b.time_ns);
        let [ratio, a, b] = [ratio, a, b].map(interval);
        writeln!(text, "{id} {ratio} a {a} b {b}").unwrap();
    }
    text
}

/// How what is judged now differs from what is kept, if it does.
fn changed(record: &Path, kept: &Path) -> Option<String> {
    let now = lines(&judge(&record::read(record).unwrap()));
    let seen = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(kept.file_name().unwrap());
    fs::write(&seen, &now).unwrap();
    let was = fs::read_to_string(kept).unwrap_or_default();
    let changed = was.lines().zip(now.lines()).find(|(was, now)| was != now);
    (was != now).then(|| format!("{} differs from {}: {changed:?}", seen.display(), kept.display()))
}

#[test]
fn committed_records_are_judged_as_they_were() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let kept = fs::read_dir(root.join("tests/judged")).unwrap();
    let kept: Vec<PathBuf> = kept.map(|file| file.unwrap().path()).collect();
    assert!(kept.len() >= 2);
    let record =
        |kept: &Path| root.join("reports").join(kept.file_stem().unwrap()).join("record.json.gz");
    let faults: Vec<String> = kept.iter().filter_map(|kept| changed(&record(kept), kept)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
