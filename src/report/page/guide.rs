//! How to read a verdict, and what the page does not say.

use super::section;
use crate::report::html::{definitions, list};

const VERDICTS: [(&str, &str); 6] = [
    (
        "holds",
        "The whole interval lies in the promised band, its edges moved outwards by the margin d.",
    ),
    ("fails", "No point of the interval lies in that widened band."),
    (
        "inconclusive",
        "Neither; or a gate failed: too few samples, too many discarded, a control that shows a \
         difference, arms that did unequal work. The reason says which.",
    ),
    (
        "not measurable here",
        "This machine or its settings do not let it be measured; the reason names what does not.",
    ),
    ("not run", "This run did not try. It says nothing about the machine."),
    (
        "confirmed, refuted, conditional",
        "Of a claim: all decided cells hold, all fail, or both occur. Then the boundary is \
         printed, never an average. Undecided cells are counted and decide nothing.",
    ),
];

const FIGURES: [&str; 6] = [
    "Interval: 95 %, by a bootstrap that draws launches first and the pairs within them. With \
     seven launches it is conservative: it covers the truth in about 99 of 100 cases.",
    "Estimate: the median over launches of the medians over pairs. A ratio is the median of the \
     ratios within pairs, which is why it is not quite the quotient of the two times beside it.",
    "Margin d: at least 2 % of the edge (creation 10 %, for its bands are orders of magnitude), \
     and at least as much as this run's comparisons of an arm with itself (A/A) show.",
    "A/A: if such a comparison leaves ±5 %, no ratio of the run gets a verdict.",
    "A quick run takes fewer samples; there a cell holds only if its interval clears the band by \
     d.",
    "Latency of a server: at a fixed rate, counted from when a request was due, with as many due \
     per second for all servers that are compared. Its interval is over launches alone.",
];

const NOT_SAID: [&str; 5] = [
    "What another machine, kernel or hypervisor would show: every verdict is of this machine, at \
     this time.",
    "What a program would gain: an application does more than create and switch, and its working \
     set decides much.",
    "Whether threads or processes are the better design: isolation is what the cost buys.",
    "What a server would answer over a network: here it is loopback, client and server share a \
     machine, and the handler does next to nothing.",
    "Anything from counters about time: a counting pass distorts both arms, and not equally.",
];

pub(super) fn html() -> String {
    let verdicts = definitions(VERDICTS.map(|(word, meaning)| (word, meaning.to_owned())));
    let figures = list(&FIGURES.map(str::to_owned));
    section("reading", "How to read a verdict", &(verdicts + &figures))
        + &section("limits", "What this page does not say", &list(&NOT_SAID.map(str::to_owned)))
}
