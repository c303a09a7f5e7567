//! Small things exactly; what it looks like is seen in a browser.

use super::letters::{TEXT, apart};
use super::*;
use crate::stats::Interval;

fn near(estimate: f64, reach: f64) -> Interval {
    Interval { estimate, low: estimate - reach, high: estimate + reach }
}

fn plain(value: f64) -> String {
    value.to_string()
}

fn ticks(axis: &Axis) -> Vec<f64> {
    axis.ticks.iter().map(|(tick, _)| *tick).collect()
}

/// One series over 0 to 4 on both axes.
fn lines(points: &[(f64, f64)], breaks: &[f64]) -> Lines {
    let axis = |label| Axis::from_zero(label, &[4.0], plain, |value| format!("{value} ms"));
    Lines {
        title: "<b>&\"</b>\u{1b}\u{202e}".to_owned(),
        description: "]]><script>".to_owned(),
        x: axis("x"),
        y: axis("y"),
        bands: Vec::new(),
        rules: Vec::new(),
        series: vec![Series {
            label: "fork".to_owned(),
            look: Look::Process,
            stroke: Stroke::Solid,
            points: points.iter().map(|(x, y)| (*x, near(*y, 0.5))).collect(),
            breaks: breaks.to_vec(),
        }],
    }
}

fn bars(cell: Cell) -> Bars {
    Bars {
        title: "t".to_owned(),
        description: "d".to_owned(),
        subject: "server".to_owned(),
        columns: vec![Column {
            heading: "requests".to_owned(),
            scale: Scale::Linear,
            format: Box::new(|value| format!("{value} k")),
        }],
        rows: vec![Row { label: "prefork".to_owned(), look: Look::Process, cells: vec![cell] }],
    }
}

#[test]
fn ticks_are_round_in_their_own_way() {
    let times = Axis::decades("", &[19e3, 27.6e6], plain, plain);
    assert_eq!(ticks(&times), [1e4, 1e5, 1e6, 1e7]);
    assert_eq!((times.from, times.to), (1e4, 55.2e6));
    let one = Axis::decades("", &[5.0], plain, plain);
    assert_eq!((ticks(&one), one.from, one.to), (vec![1.0, 10.0], 1.0, 10.0));
    let bytes = Axis::binary("", &[32768.0, 8388608.0], plain, plain);
    assert_eq!(ticks(&bytes), [32768.0, 131072.0, 524288.0, 2097152.0, 8388608.0]);
    let counts = Axis::counts("", &[2.0, 9.0, 7.0], plain, plain);
    assert_eq!(ticks(&counts), [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    let cycles = Axis::from_zero("", &[330.0, 2860.0], plain, plain);
    assert_eq!(ticks(&cycles), [0.0, 1000.0, 2000.0, 3000.0]);
    let nothing = Axis::from_zero("", &[], plain, plain);
    assert_eq!(ticks(&nothing), [0.0, 1.0]);
    let below = Axis::from_zero("", &[-120.0, 330.0], plain, plain);
    assert_eq!(ticks(&below), [-200.0, -100.0, 0.0, 100.0, 200.0, 300.0, 400.0]);
}

#[test]
fn a_sweep_from_nothing_has_a_place_for_nothing() {
    let axis = Axis::sweep("", &[0.0, 1.0, 16.0, 256.0], plain, plain);
    let places = [0.0, 0.5, 1.0, 16.0, 256.0].map(|value| axis.place(value));
    assert_eq!(places.map(|place| (place * 100.0).round()), [0.0, 5.0, 10.0, 55.0, 100.0]);
    assert!(!axis.reaches(257.0) && !axis.reaches(f64::NAN) && axis.reaches(256.0));
}

#[test]
fn labels_push_each_other_apart_and_stay_inside() {
    assert_eq!(apart(&[(10.0, 4.0), (30.0, 4.0)], 0.0, 100.0), [10.0, 30.0]);
    assert_eq!(apart(&[(50.0, 10.0), (52.0, 10.0), (51.0, 10.0)], 0.0, 100.0), [41.0, 61.0, 51.0]);
    assert_eq!(apart(&[(0.0, 10.0), (0.0, 10.0)], 0.0, 100.0), [5.0, 15.0]);
    assert_eq!(apart(&[(99.0, 10.0), (99.0, 20.0)], 0.0, 100.0), [75.0, 90.0]);
    assert_eq!(apart(&[], 0.0, 100.0), Vec::<f64>::new());
}

#[test]
fn text_is_wrapped_between_words() {
    assert_eq!(wrap("thread per connection", 80.0, TEXT), ["thread per", "connection"]);
    assert_eq!(wrap("", 80.0, TEXT), Vec::<String>::new());
}

#[test]
fn an_interval_says_its_unit_once() {
    let words = |figure, format: &dyn Fn(f64) -> String| draw::interval(figure, format);
    assert_eq!(words(near(5.0, 1.0), &|v| format!("{v} µs")), "5\u{a0}µs\u{a0}[4,\u{a0}6]");
    assert_eq!(words(near(5.0, 0.0), &|v| format!("{v}×")), "5×");
    let mixed = |v: f64| if v < 5.0 { format!("{v} B") } else { format!("{v} KiB") };
    assert_eq!(words(near(5.0, 1.0), &mixed), "5\u{a0}KiB\u{a0}[4\u{a0}B,\u{a0}6\u{a0}KiB]");
}

/// Relative luminance and the contrast of two colours, as WCAG 2 defines them.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let part = |at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap());
        let linear = |value: f64| match value / 255.0 {
            value if value <= 0.04045 => value / 12.92,
            value => ((value + 0.055) / 1.055).powf(2.4),
        };
        let [red, green, blue] = [1, 3, 5].map(|at| linear(part(at)));
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let [one, other] = [one, other].map(|colour| luminance(colour) + 0.05);
    one.max(other) / one.min(other)
}

#[test]
fn threads_and_processes_differ_in_grey_and_all_can_be_read() {
    for theme in [Theme::Light, Theme::Dark] {
        let colours = colours(theme);
        let colour = |name: &str| colours.iter().find(|(known, _)| *known == name).unwrap().1;
        let grey = contrast(colour("thread"), colour("process"));
        assert!(grey >= 2.0, "{theme:?}: {grey:.2}");
        for name in ["ink", "soft", "thread", "process", "accent"] {
            let legible = contrast(colour(name), colour("paper"));
            assert!(legible >= 4.5, "{theme:?}, {name}: {legible:.2}");
        }
    }
}

#[test]
fn text_stays_text() {
    let lines = lines(&[(1.0, 1.0)], &[]);
    let html = lines.html().into_string();
    assert!(html.contains("<figcaption>&lt;b&gt;&amp;&quot;&lt;/b&gt; \u{fffd}</figcaption>"));
    assert!(html.contains("<desc>]]&gt;&lt;script&gt;</desc>"));
    assert_eq!(html.matches("<svg").count(), 1);
    assert_eq!(html.matches("<details").count(), 1);
    let file = beside(&[&lines, &lines], Theme::Dark);
    assert!(!file.contains("<b>") && !file.contains("<script>") && !file.contains('\u{1b}'));
}

#[test]
fn a_file_asks_no_page_for_its_colours() {
    let [light, dark] =
        [Theme::Light, Theme::Dark].map(|t| beside(&[&lines(&[(1.0, 1.0)], &[])], t));
    assert!(!light.contains("var(") && light.contains("#003d7a") && !light.contains("#a9d6ff"));
    assert!(!dark.contains("var(") && dark.contains("#a9d6ff") && !dark.contains("#003d7a"));
    assert!(light.starts_with("<svg") && light.contains("xmlns=\"http://www.w3.org/2000/svg\""));
}

/// The paths of a class.
fn paths<'a>(html: &'a str, class: &str) -> Vec<&'a str> {
    let begin = format!("<path class=\"{class}\" d=\"");
    html.split(&begin).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn a_line_is_joined_but_for_its_breaks() {
    let joined = lines(&[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)], &[]).html().into_string();
    let line = paths(&joined, "line")[0];
    assert_eq!((line.matches('M').count(), line.matches('L').count()), (1, 2));
    let broken = lines(&[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)], &[2.5]).html().into_string();
    let line = paths(&broken, "line")[0];
    assert_eq!((line.matches('M').count(), line.matches('L').count()), (2, 1));
    assert_eq!(paths(&broken, "reach")[0].matches('M').count(), 3);
}

#[test]
fn what_lies_beyond_an_axis_is_said_and_not_drawn() {
    let lines = lines(&[(1.0, 1.0), (2.0, 9.0), (3.0, 3.0)], &[]);
    let html = lines.html().into_string();
    assert_eq!(paths(&html, "mark")[0].matches('z').count(), 2);
    assert_eq!(paths(&html, "line")[0].matches('L').count(), 0);
    assert!(html.contains(">Not drawn: fork at 2 ms: 9 ms.</text>"));
    let table = lines.data();
    assert_eq!(table.head, ["x", "fork"]);
    assert_eq!(table.rows[1], ["2 ms", "9\u{a0}ms\u{a0}[8.5,\u{a0}9.5]"]);
}

#[test]
fn a_bar_without_an_end_is_at_least_that_and_a_missing_one_says_why() {
    let open = Cell::Bar { value: near(100.0, 5.0), text: "100 k".to_owned(), open_end: true };
    let figure = bars(open);
    assert_eq!(figure.data().rows[0], ["prefork", "≥ 100\u{a0}k\u{a0}[95,\u{a0}105]"]);
    assert!(!figure.html().into_string().contains("whisker"));
    let reason = "the files of its control group are closed to this user".to_owned();
    let figure = bars(Cell::Missing(reason.clone()));
    assert_eq!(figure.data().rows[0][1], format!("not measured: {reason}"));
    assert!(figure.html().into_string().contains(">not measured</text>"));
}

#[test]
fn a_range_beyond_the_axis_is_an_arrow_with_its_value() {
    let row = |estimate, band| Range {
        label: "fork".to_owned(),
        look: Look::Process,
        band,
        interval: near(estimate, 0.0),
    };
    let figure = Ranges {
        title: "t".to_owned(),
        description: "d".to_owned(),
        subject: "comparison".to_owned(),
        axis: Axis::decades("", &[1.0, 90.0], plain, |value| format!("{value}×")),
        band: "textbook".to_owned(),
        rules: Vec::new(),
        rows: vec![row(1000.0, Some((10.0, f64::INFINITY))), row(5.0, Some((2.0, 5.0)))],
    };
    let html = figure.html().into_string();
    assert!(paths(&html, "mark")[0].ends_with("l-7-4v8z") && html.contains(">1000×</text>"));
    assert_eq!(figure.data().rows[0], ["fork", "≥ 10×", "1000×"]);
    assert_eq!(figure.data().rows[1], ["fork", "2× to 5×", "5×"]);
}
