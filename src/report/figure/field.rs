//! The drawing of lines: their field, its margins, and labels that cover nothing.

use super::draw::{Drawing, MARK, label, mark, path, piece, px, rect};
use super::letters::{LINE, TEXT, apart, widest, width, wrap};
use super::lines::{HorizontalBand, Lines, Series};
use super::{Stroke, WIDTH};
use maud::{Markup, html};

/// Height of the field itself.
const HEIGHT: f64 = 172.0;
/// Most room for labels at the ends of lines; longer ones are wrapped.
const LABELS: f64 = 112.0;
/// Between the field and the labels at its right.
const LEADER: f64 = 10.0;

/// Where what is drawn.
pub(super) struct Field<'a> {
    lines: &'a Lines,
    left: f64,
    right: f64,
    top: f64,
}

type Place = (f64, f64);

impl<'a> Field<'a> {
    /// The field of lines with the margins that their labels need.
    pub(super) fn of(lines: &'a Lines) -> Self {
        let names = |axis: &'a [(f64, String)]| axis.iter().map(|(_, name)| name.as_str());
        let half = |tick: Option<&(f64, String)>| tick.map_or(0.0, |(_, n)| width(n, TEXT) / 2.0);
        let ends = lines.series.iter().flat_map(|series| wrap(&series.label, LABELS, TEXT));
        let ends = ends.map(|end| width(&end, TEXT)).fold(0.0, f64::max);
        let ends = if ends > 0.0 { ends + LEADER } else { MARK };
        let left = widest(names(&lines.y.ticks), TEXT) + 8.0;
        let named = if lines.y.label.is_empty() { 8.0 } else { LINE + 5.0 };
        Field {
            lines,
            left: left.max(half(lines.x.ticks.first())),
            right: WIDTH - ends.max(half(lines.x.ticks.last())),
            top: named + lines.rules.len() as f64 * LINE,
        }
    }

    fn bottom(&self) -> f64 {
        self.top + HEIGHT
    }

    fn x(&self, value: f64) -> f64 {
        self.left + (self.right - self.left) * self.lines.x.clamped(value)
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom() - HEIGHT * self.lines.y.clamped(value)
    }

    /// Everything, and how high it is.
    pub(super) fn drawing(&self) -> Drawing {
        let lines = self.lines;
        let note = wrap(&lines.beyond(), WIDTH, TEXT);
        let named = if lines.x.label.is_empty() { 0.0 } else { LINE };
        let below = self.bottom() + LINE + 1.0 + named;
        let marks = html! {
            @for band in &lines.bands { (self.band(band)) }
            (self.grid())
            (self.rules())
            @for series in &lines.series { (self.series(series)) }
            @for band in &lines.bands { (self.band_name(band)) }
            (self.ends())
            (label((self.left + self.right) / 2.0, below, "soft middle", &lines.x.label))
            @for (index, words) in note.iter().enumerate() {
                (label(0.0, below + (index + 1) as f64 * LINE, "soft", words))
            }
        };
        Drawing { height: below + note.len() as f64 * LINE + 5.0, marks }
    }

    fn band(&self, band: &HorizontalBand) -> Markup {
        let [top, bottom] = [band.high, band.low].map(|edge| self.y(edge));
        rect("band", self.left, top, self.right - self.left, bottom - top)
    }

    /// Lines and names of the ticks, and the name of the vertical axis above them.
    fn grid(&self) -> Markup {
        let lines = self.lines;
        let across: String = lines
            .y
            .ticks
            .iter()
            .map(|(tick, _)| piece((self.left, self.y(*tick)), (self.right, self.y(*tick))))
            .collect();
        html! {
            (path("grid", &across))
            @for (tick, name) in &lines.y.ticks {
                (label(self.left - 7.0, self.y(*tick) + 4.0, "soft end", name))
            }
            @for (x, name) in self.below() {
                (label(x, self.bottom() + LINE + 1.0, "soft middle", name))
            }
            @if !lines.y.label.is_empty() { (label(0.0, 12.0, "soft", &lines.y.label)) }
        }
    }

    /// Names of the ticks below: the last, and of the others those that none before them covers.
    fn below(&self) -> Vec<(f64, &str)> {
        let Some(((last, ending), others)) = self.lines.x.ticks.split_last() else {
            return Vec::new();
        };
        let edges = |x: f64, name: &str| (x - width(name, TEXT) / 2.0, x + width(name, TEXT) / 2.0);
        let limit = edges(self.x(*last), ending).0;
        let mut taken = f64::NEG_INFINITY;
        let mut names = Vec::new();
        for (tick, name) in others {
            let (from, to) = edges(self.x(*tick), name);
            if taken + 4.0 < from && to + 4.0 < limit {
                names.push((self.x(*tick), name.as_str()));
                taken = to;
            }
        }
        names.push((self.x(*last), ending));
        names
    }

    /// Vertical rules, each named on a line of its own above the field.
    fn rules(&self) -> Markup {
        let first = self.top - self.lines.rules.len() as f64 * LINE;
        let room = |x: f64, words: &str| (x - width(words, TEXT)).max(0.0);
        html! {
            @for (index, rule) in self.lines.rules.iter().enumerate() {
                @let (x, y) = (self.x(rule.at), first + index as f64 * LINE + 7.0);
                (path("limit", &piece((x, self.bottom()), (x, y - 10.0))))
                @if !rule.left.is_empty() {
                    (label(room(x - 4.0, &rule.left), y, "soft", &rule.left))
                }
                @if !rule.right.is_empty() {
                    (label(room(WIDTH, &rule.right).min(x + 4.0), y, "soft", &rule.right))
                }
            }
        }
    }

    /// The points of a series that the axes reach, in pieces that are joined.
    fn pieces(&self, series: &Series) -> Vec<Vec<Place>> {
        let mut pieces: Vec<Vec<Place>> = vec![Vec::new()];
        let mut before = f64::NEG_INFINITY;
        for (x, y) in &series.points {
            let shown = self.lines.shows((*x, *y));
            if !shown || series.breaks.iter().any(|at| before < *at && *at <= *x) {
                pieces.push(Vec::new());
            }
            if let (true, Some(piece)) = (shown, pieces.last_mut()) {
                piece.push((self.x(*x), self.y(y.estimate)));
            }
            before = *x;
        }
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }

    fn series(&self, series: &Series) -> Markup {
        let pieces = self.pieces(series);
        let corner = |(index, (x, y)): (usize, &Place)| {
            format!("{}{} {}", if index == 0 { 'M' } else { 'L' }, px(*x), px(*y))
        };
        let line: String =
            pieces.iter().flat_map(|piece| piece.iter().enumerate().map(corner)).collect();
        let marks: String =
            pieces.iter().flatten().map(|(x, y)| mark(series.look, *x, *y)).collect();
        let shown = series.points.iter().filter(|point| self.lines.shows(**point));
        let reaches = shown.map(|(x, y)| (self.x(*x), self.y(y.low), self.y(y.high)));
        let reaches = reaches.filter(|(_, low, high)| low - high > 2.0 * MARK + 1.0);
        let reaches: String = reaches.map(|(x, low, high)| piece((x, low), (x, high))).collect();
        let stroke = match series.stroke {
            Stroke::Solid => "line",
            Stroke::Dashed => "line dashed",
            Stroke::Dotted => "line dotted",
        };
        html! {
            g class=(series.look.class()) {
                (path("reach", &reaches)) (path(stroke, &line)) (path("mark", &marks))
            }
        }
    }

    /// The names at the ends of lines, and what leads to those that had to move.
    fn ends(&self) -> Markup {
        let last = |series: &Series| Some(*self.pieces(series).last()?.last()?);
        let ends: Vec<(&Series, Place, Vec<String>)> = self
            .lines
            .series
            .iter()
            .filter(|series| !series.label.is_empty())
            .filter_map(|series| Some((series, last(series)?, wrap(&series.label, LABELS, TEXT))))
            .collect();
        let wanted: Vec<(f64, f64)> =
            ends.iter().map(|(_, (_, y), words)| (*y, words.len() as f64 * LINE)).collect();
        let places = apart(&wanted, self.top - LINE / 2.0, self.bottom() + LINE / 2.0);
        let led = |(x, y): Place, place: f64| (y - place).abs() > 4.0 || self.right - x > LEADER;
        let leaders: String = ends
            .iter()
            .zip(&places)
            .filter(|((_, end, _), place)| led(*end, **place))
            .map(|((_, (x, y), _), place)| {
                piece((x + MARK + 1.0, *y), (self.right + LEADER - 2.0, *place))
            })
            .collect();
        html! {
            (path("leader", &leaders))
            @for ((series, _, words), place) in ends.iter().zip(&places) {
                g class=(series.look.class()) {
                    @for (index, line) in words.iter().enumerate() {
                        @let above = (words.len() - 1) as f64 / 2.0 - index as f64;
                        (label(self.right + LEADER, place + 4.0 - above * LINE, "name", line))
                    }
                }
            }
        }
    }

    /// The name of a band, in the first corner of it that no line crosses.
    fn band_name(&self, band: &HorizontalBand) -> Markup {
        let [top, bottom] = [band.high, band.low].map(|edge| self.y(edge));
        let wide = width(&band.label, TEXT);
        let [left, right] = [self.left + 4.0, self.right - 4.0 - wide];
        let rows =
            if bottom - top > LINE { vec![top + 12.0, bottom - 4.0] } else { vec![top - 4.0] };
        let corners: Vec<Place> =
            rows.iter().flat_map(|y| [left, right].map(|x| (x, *y))).collect();
        let free = corners.iter().find(|(x, y)| !self.crossed((*x, x + wide), (y - 11.0, y + 3.0)));
        let (x, y) = *free.unwrap_or(&corners[0]);
        label(x, y, "soft inside", &band.label)
    }

    /// Does a line cross this box?
    fn crossed(&self, across: (f64, f64), down: (f64, f64)) -> bool {
        let inside = |(x, y): Place| {
            across.0 <= x && x <= across.1 && down.0 - MARK <= y && y <= down.1 + MARK
        };
        let along = |from: Place, to: Place| {
            let share = |step: i32| f64::from(step) / 64.0;
            let at = |s: f64| (from.0 + (to.0 - from.0) * s, from.1 + (to.1 - from.1) * s);
            (0..=64).any(|step| inside(at(share(step))))
        };
        let pieces = self.lines.series.iter().flat_map(|series| self.pieces(series));
        pieces.into_iter().any(|piece| {
            let ends = [piece[0], piece[piece.len() - 1]];
            ends.into_iter().any(inside) || piece.windows(2).any(|pair| along(pair[0], pair[1]))
        })
    }
}
