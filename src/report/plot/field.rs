//! What is drawn in one panel: its ground, the series with their intervals, the names.

use super::{LINE, Line, Look, Panel, Scale, Series, dash, mark};
use crate::report::html::escape;
use crate::report::scale::named;
use crate::stats::Interval;

/// A panel with its place.
pub(super) struct Field<'p> {
    pub(super) panel: &'p Panel,
    pub(super) x: &'p Scale,
    /// Room above the field, pixels.
    pub(super) above: f64,
}

impl Field<'_> {
    pub(super) fn bottom(&self) -> f64 {
        self.above + f64::from(self.panel.height)
    }

    fn down(&self, value: f64) -> f64 {
        let share = self.panel.y.percent(value) / 100.0;
        self.above + (1.0 - share) * f64::from(self.panel.height)
    }

    /// What lies behind the series: the band, the grid with its figures, the levels.
    pub(super) fn ground(&self, x_ticks: &[(f64, String)], spans: &[[f64; 2]]) -> String {
        let mut ground: String = spans.iter().map(|span| self.span(*span)).collect();
        if let Some(([low, high], _)) = &self.panel.band {
            let (top, end) = (self.down(*high), self.down(*low));
            ground.push_str(&format!(
                "<rect class=\"band\" x=\"0\" width=\"100%\" y=\"{top:.1}\" height=\"{:.1}\"/>",
                end - top
            ));
        }
        for (tick, _) in x_ticks {
            ground.push_str(&self.upright("grid", self.x.percent(*tick), self.above));
        }
        for tick in &self.panel.y_ticks {
            let y = self.down(*tick);
            ground.push_str(&across("grid", y));
            ground.push_str(&label("-8", y + 4.0, "end", "tick", &named(self.panel.unit, *tick)));
        }
        if let Some(([_, high], words)) = &self.panel.band {
            let y = self.down(*high) + 13.0;
            ground.push_str(&label("4", y, "start", "promise", words));
        }
        ground.push_str(&across("rule", self.bottom()));
        for (value, words) in &self.panel.levels {
            let y = self.down(*value);
            ground.push_str(&across("same", y));
            ground.push_str(&label("4", y - 4.0, "start", "tick level", words));
        }
        ground
    }

    /// A range of the horizontal axis, shaded from above to below.
    fn span(&self, ends: [f64; 2]) -> String {
        let [left, right] = ends.map(|end| self.x.percent(end));
        format!(
            "<rect class=\"band\" x=\"{left:.2}%\" width=\"{:.2}%\" y=\"{:.1}\" height=\"{}\"/>",
            right - left,
            self.above,
            self.panel.height
        )
    }

    fn upright(&self, class: &str, x: f64, from: f64) -> String {
        let end = self.bottom();
        format!(
            "<line class=\"{class}\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"{from:.1}\" \
             y2=\"{end:.1}\"/>"
        )
    }

    /// A line from its name, in a line of text of its own, to the bottom.
    pub(super) fn cliff(&self, at: f64, index: usize) -> String {
        self.upright("cliff", self.x.percent(at), index as f64 * LINE + 2.0)
    }

    pub(super) fn cliff_name(&self, at: f64, index: usize, words: &str) -> String {
        let x = self.x.percent(at);
        let (anchor, beside) = if x > 60.0 { ("end", -5.0) } else { ("start", 5.0) };
        let y = index as f64 * LINE + 12.0;
        let name = label(&format!("{x:.2}%"), y, anchor, "cliff-name", words);
        format!("<g transform=\"translate({beside} 0)\">{name}</g>")
    }

    pub(super) fn series(&self, series: &Series, shift: f64) -> String {
        let places: Vec<Option<Place>> =
            series.points.iter().map(|point| self.place(*point)).collect();
        let mut drawn = String::new();
        if series.look.line != Line::None {
            let pairs = places.windows(2).filter_map(|pair| pair[0].zip(pair[1]));
            drawn.extend(pairs.map(|(from, to)| joint(series.look.line, from, to)));
        }
        for (index, place) in places.iter().enumerate() {
            let Some(place) = place else { continue };
            let hollow = series.hollow.contains(&series.points[index].0);
            drawn.push_str(&format!(
                "<svg x=\"{:.2}%\" y=\"0\" width=\"1\" height=\"1\"><g transform=\"translate({} \
                 0)\">{}<g transform=\"translate(0 {:.1})\">{}</g></g></svg>",
                place.x,
                self.beside(series, index),
                whisker(place.low, place.high),
                place.at,
                mark(Look { filled: series.look.filled && !hollow, ..series.look }),
            ));
        }
        let hue = series.look.hue;
        format!("<g class=\"{hue}\" transform=\"translate({shift} 0)\">{drawn}</g>")
    }

    fn place(&self, (x, y): (f64, Option<Interval>)) -> Option<Place> {
        let [at, low, high] = y.map(|y| [y.estimate, y.low, y.high].map(|v| self.down(v)))?;
        Some(Place { x: self.x.percent(x), at, low, high })
    }

    /// Points of a series without a line that share a place stand next to each other.
    fn beside(&self, series: &Series, index: usize) -> f64 {
        let x = series.points[index].0;
        let same = |(other, _): &&(f64, Option<Interval>)| *other == x;
        let before = series.points[..index].iter().filter(same).count() as f64;
        let all = series.points.iter().filter(same).count() as f64;
        (before - (all - 1.0) / 2.0) * 7.0
    }

    /// The names of the series at their ends, far enough from each other to be read.
    pub(super) fn names(&self) -> String {
        let named = self.panel.series.iter().filter(|series| !series.name.is_empty());
        let mut ends: Vec<(f64, &Series)> = named
            .filter_map(|series| {
                let last = series.points.iter().rev().find_map(|(_, y)| *y)?;
                Some((self.down(last.estimate), series))
            })
            .collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        for index in 1..ends.len() {
            ends[index].0 = ends[index].0.max(ends[index - 1].0 + LINE);
        }
        let mut lowest = self.bottom();
        for end in ends.iter_mut().rev() {
            end.0 = end.0.min(lowest);
            lowest = end.0 - LINE;
        }
        let name = |(y, series): &(f64, &Series)| {
            let class = format!("end-name {}", series.look.hue);
            label("100%", y + 4.0, "start", &class, &series.name)
        };
        format!("<g transform=\"translate(6 0)\">{}</g>", ends.iter().map(name).collect::<String>())
    }
}

/// Where a point and its interval lie: percent across, pixels down.
#[derive(Clone, Copy)]
struct Place {
    x: f64,
    at: f64,
    low: f64,
    high: f64,
}

fn joint(line: Line, from: Place, to: Place) -> String {
    format!(
        "<line class=\"joint\"{} x1=\"{:.2}%\" x2=\"{:.2}%\" y1=\"{:.1}\" y2=\"{:.1}\"/>",
        dash(line),
        from.x,
        to.x,
        from.at,
        to.at
    )
}

fn whisker(low: f64, high: f64) -> String {
    // Shorter than the mark: nothing of it would be seen.
    if low - high < 1.0 {
        return String::new();
    }
    format!("<path class=\"whisker\" d=\"M0 {low:.1}V{high:.1}M-4 {low:.1}h8M-4 {high:.1}h8\"/>")
}

fn across(class: &str, y: f64) -> String {
    format!("<line class=\"{class}\" x1=\"0\" x2=\"100%\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>")
}

pub(super) fn label(x: &str, y: f64, anchor: &str, class: &str, words: &str) -> String {
    let words = escape(words);
    format!(
        "<text class=\"{class}\" x=\"{x}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"
    )
}
