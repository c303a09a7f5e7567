//! What a person sees of servers.

mod fixture;

use fixture::page::{self, said};
use fixture::servers::{crash_mut, footprint_mut, serving_mut};
use fixture::{cell_mut, stretch_b};
use process_vs_thread::plan::Grid;
use process_vs_thread::question::Question;
use process_vs_thread::question::servers::plan as servers;
use process_vs_thread::record::{Failure, Record, Shape, Stop};
use std::sync::OnceLock;

/// The page of the fixture, and where it lies to be looked at.
fn page() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| page::made(&fixture::servers(), "servers"))
}

/// The page of what went wrong.
fn spoilt() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| page::made(&fixture::spoilt_servers(), "servers-spoilt"))
}

fn part<'p>(page: &'p str, heading: &str) -> &'p str {
    page::part(page::section(page, "servers"), heading)
}

fn lead(page: &str) -> &str {
    let (_, rest) = page::section(page, "servers").split_once("<p class=\"lead\">").unwrap();
    rest.split_once("</p>").unwrap().0
}

fn broken(tried: &str) -> Failure {
    Failure::new(tried, "no <memory>").remedy("add some")
}

const THROUGHPUT: &str = "Answers per second";
const LATENCY: &str = "Latency at a fixed rate";
const SHOT: &str = "A shot at a worker";
const MEMORY: &str = "What an idle connection keeps";
const PAIRS: &str = "In pairs: from connection to connection, and on all CPUs";

#[test]
fn the_opening_is_made_of_the_figures_of_the_record() {
    assert_eq!(
        lead(page()),
        "With 32 connections, of the three that are compared in pairs most is answered by one \
         event loop: 1.50× [1.50, 1.50] as many requests by one event loop as by a thread pool; \
         1.37× [1.37, 1.37] as many requests by a thread pool as by prefork processes. The claim \
         asks for a lead of a twentieth or more: of one event loop over a thread pool it holds at \
         32 connections, fails at 1 and 4 connections and is undecided at 128 connections; of a \
         thread pool over prefork processes it holds from 4 connections on and fails at 1 \
         connection. When a request makes its worker die under load, no other connection ends and \
         no request of others is lost with prefork processes; every other connection ends with a \
         thread pool, a thread per connection, one event loop and an event loop per CPU. The \
         memory that an idle connection keeps: 127\u{a0}KiB with prefork processes, 41.0\u{a0}KiB \
         with a thread pool, 41.0\u{a0}KiB with a thread per connection, 6.35\u{a0}KiB with one \
         event loop and 6.35\u{a0}KiB with an event loop per CPU."
    );
}

#[test]
fn a_server_that_loses_the_lead_loses_it_in_the_opening_too() {
    let mut record = fixture::servers();
    stretch_b(cell_mut(&mut record, "servers/threads/c32"), 0.5);
    let page = fixture::report::page(&record);
    said(
        lead(&page),
        &[
            "of the three that are compared in pairs most is answered by a thread pool: 1.33× \
             [1.33, 1.33] as many requests by a thread pool as by one event loop;",
            "of one event loop over a thread pool it fails at 1, 4 and 32 connections and is \
             undecided at 128 connections;",
        ],
    );
}

#[test]
fn part_of_what_a_shot_takes_is_told_in_numbers_and_a_miss_not_at_all() {
    let mut record = fixture::servers();
    for launch in &mut crash_mut(&mut record, Shape::Epoll).launches {
        (launch.dropped, launch.failed) = (5, 3);
    }
    crash_mut(&mut record, Shape::EpollPerCore).launches[0].died = 0;
    said(
        lead(&fixture::report::page(&record)),
        &["every other connection ends with a thread pool and a thread per connection; 5 of 32 \
             other connections end and 3 requests of others are lost with one event loop."],
    );
}

#[test]
fn throughput_has_a_line_for_each_shape_and_its_figures() {
    let part = part(page(), THROUGHPUT);
    for name in [
        "prefork processes",
        "thread pool",
        "thread per connection",
        "one event loop",
        "event loop per CPU",
    ] {
        said(part, &[&format!(">{name}</text>"), &format!(">{name}</span></th>")]);
    }
    said(
        part,
        &[
            ">answers per second, logarithmic</div>",
            "<th colspan=\"6\">1 connection</th>",
            "<th colspan=\"6\">32 connections, 32 pages touched</th>",
            "data-name=\"Answers per second (95 % interval)\">250 k/s [250, 250]</td>",
            "data-name=\"CPU time of the server for one\">3.60 µs [3.60, 3.60]</td>",
            "data-name=\"The client&#39;s busiest thread worked\">93.3 [93.2, 93.4] %</td>",
            "data-name=\"Each CPU of the server\">90.0 [90.0, 90.0] %</td>",
        ],
    );
    assert!(!part.contains("Not measured") && !part.contains("did not try"), "{part}");
}

#[test]
fn where_the_client_was_the_limit_the_mark_is_hollow_and_it_is_said() {
    let limit = "and for more of it than the server&#39;s CPUs, so the client was the limit, and \
                 the server may have more to give: one event loop at 128 connections; an event \
                 loop per CPU at 128 connections.";
    let part = part(page(), THROUGHPUT);
    said(part, &[limit, "more than 90 % of the time"]);
    assert_eq!(part.matches("class=\"dot hollow\"").count(), 2);
    assert_eq!(part.matches("the client was the limit</td>").count(), 2);
    let mut record = fixture::servers();
    for launch in record.servings.iter_mut().flat_map(|serving| &mut serving.launches) {
        launch.closed.client_cpu_ns = launch.closed.elapsed_ns / 2;
    }
    let page = fixture::report::page(&record);
    let part = self::part(&page, THROUGHPUT);
    said(
        part,
        &["The client&#39;s busiest thread worked for 50.0 % of the time at most. It is the limit"],
    );
    assert!(!part.contains("hollow"), "{part}");
}

#[test]
fn latencies_are_of_a_rate_that_is_named_and_count_from_when_a_request_was_due() {
    let part = part(page(), LATENCY);
    said(
        part,
        &[
            "a latency counts from the moment when the request was due",
            "(coordinated omission)",
            "5.00 k/s with 1 connection; 75.8 k/s with 4 connections; 61.0 k/s with 32 \
             connections;",
            "half of the answers came within (p50), logarithmic",
            "99 % came within (p99), logarithmic",
            "data-name=\"Due\">61.0 k/s</td><td class=\"figure\" data-name=\"p50 (95 % \
             interval)\">32.0 µs <span class=\"below\">[32.0, 32.0]</span></td>",
            "data-name=\"Closed loop: p50\">128 µs",
            "Every server that was tried kept up with its rate. A percentile is left out where \
             fewer than ten requests lie beyond it.",
        ],
    );
    said(part, &["99.9 % came within (p99.9), logarithmic", ">too few answers</td>"]);
}

#[test]
fn a_server_that_did_not_keep_up_says_so() {
    let part = part(spoilt(), LATENCY);
    said(
        part,
        &[
            "the server did not keep up with that rate",
            "how late the server is: prefork processes at 32 connections; a thread pool at 32 \
             connections; prefork processes at 128 connections.",
            "data-name=\"Remark\">did not keep up</td>",
            "data-name=\"Remark\">did not keep up; 2 not answered</td>",
            "data-name=\"Remark\">did not keep up; 300 never sent</td>",
            "data-name=\"p99\">among the unanswered</td>",
            "a percentile that reaches into these is left out.",
        ],
    );
    // In all panels in which they are.
    assert_eq!(part.matches("class=\"dot hollow\"").count(), 7);
}

#[test]
fn loads_that_failed_have_their_reason() {
    let part = part(spoilt(), THROUGHPUT);
    let why = "forking &lt;128&gt; workers: EAGAIN: try again (raise kernel.pid_max)";
    said(
        part,
        &[
            &format!("<li>Not measured: event loop per CPU at 4 connections: {why}</li>"),
            &format!("event loop per CPU</span></th><td colspan=\"5\">Not measured: {why}</td>"),
            "<li>Not measured: thread pool at 4 connections: loading &lt;epoll&gt;",
        ],
    );
    let mut record = fixture::servers();
    for serving in &mut record.servings {
        serving.launches.clear();
        serving.failure = Some(broken("two cores"));
    }
    let page = fixture::report::page(&record);
    let part = self::part(&page, THROUGHPUT);
    assert_eq!(part.matches(": two cores: no &lt;memory&gt; (add some)</li>").count(), 1, "{part}");
    assert!(!part.contains("class=\"plot\"") && !part.contains("k/s"), "{part}");
    assert!(!page.contains(LATENCY));
}

#[test]
fn a_launch_less_than_planned_is_said_beside_the_figure() {
    let mut record = fixture::servers();
    serving_mut(&mut record, "servers/load/epoll/c32").failure = Some(broken("the third"));
    said(
        part(&fixture::report::page(&record), THROUGHPUT),
        &["fewer launches than planned: the third: no &lt;memory&gt; (add some)</td>"],
    );
}

#[test]
fn the_shot_is_drawn_for_each_shape_and_told() {
    let part = part(page(), SHOT);
    assert_eq!(part.matches("class=\"cliff\"").count(), 5);
    assert_eq!(part.matches(">the shot</text>").count(), 1);
    // 80 bins each, of which two have no answer where all is lost.
    assert_eq!(part.matches("<rect").count(), 80 + 4 * 78);
    said(
        part,
        &[
            ">answers per second, in the launch with the median gap</div>",
            ">milliseconds from the shot</div>",
            "data-name=\"Requests lost\">29 [27, 31]</td>",
            "data-name=\"Connections ended\">32 of 32</td>",
            "data-name=\"Connections ended\">0 of 32</td>",
            "data-name=\"New ones refused\">1 [0, 2]</td>",
            "data-name=\"Longest gap\">9.10 ms <span class=\"below\">[9.00, 9.20]</span></td>",
            "data-name=\"As before after\">19.3 ms",
            "data-name=\"As before after\">no dip</td>",
            "data-name=\"A dip without a shot\">in 0 of 3</td>",
            "data-name=\"Processes died\">1</td>",
            "data-name=\"Forgotten\">100 %</td>",
            "data-name=\"Forgotten\">2.50 %</td>",
            "<th>0</th><td class=\"number\" data-name=\"Prefork processes\">122 k/s</td><td \
             class=\"number\" data-name=\"Thread pool\">0/s</td>",
        ],
    );
    assert_eq!(part.matches("data-name=\"Shared count\">survives</td>").count(), 5);
    assert!(!part.contains("<li>"), "{part}");
}

#[test]
fn what_is_wrong_with_a_shot_is_said() {
    said(
        part(spoilt(), SHOT),
        &[
            "thread per connection</span></th><td colspan=\"9\">Not measured: forking &lt;128&gt; \
             workers",
            "<li>Event loop per CPU: in some launch no process died, so that was no shot</li>",
            "17.9 ms <span class=\"below\">[17.9, 17.9]</span>, in 1 of 3 launches not</td>",
            "data-name=\"A dip without a shot\">in 1 of 3</td>",
        ],
    );
    let mut record = fixture::servers();
    crash_mut(&mut record, Shape::Prefork).launches[1].shared[1] -= 1;
    for launch in &mut crash_mut(&mut record, Shape::EpollPerCore).launches {
        launch.answered[30..].fill(7);
    }
    crash_mut(&mut record, Shape::Epoll).failure = Some(broken("a fourth"));
    record.crashes.retain(|crash| crash.shape != Shape::ThreadPool);
    said(
        part(&fixture::report::page(&record), SHOT),
        &[
            "data-name=\"Shared count\">not shown to</td>",
            "data-name=\"As before after\">not within the time</td>",
            "<li>Fewer launches than planned: one event loop: 3: a fourth: no &lt;memory&gt; (add \
             some)</li>",
            "This run did not try it with a thread pool.",
        ],
    );
}

#[test]
fn ten_thousand_are_measured_or_computed_and_called_so() {
    let part = part(page(), MEMORY);
    said(
        part,
        &[
            "data-name=\"One connection (95 % interval)\">6.35 KiB [6.34, 6.35]</td><td \
             class=\"number\" data-name=\"Most held at once\">10,000</td><td class=\"number\" \
             data-name=\"Memory then in use\">62.0 MiB</td><td class=\"\" data-name=\"Ten \
             thousand\">measured: 62.0 MiB</td>",
            "data-name=\"Most held at once\">4,000</td>",
            "no more were tried: kernel.pid_max &lt;4,096&gt;; computed from one, not measured: \
             1.21 GiB [1.21, 1.21]",
        ],
    );
    // Five bars, and no key for a single part.
    assert_eq!(part.matches("<rect").count(), 5);
    assert!(!part.contains("legend"), "{part}");
    let mut record = fixture::servers();
    record.footprints.retain(|footprint| footprint.id.is_of(servers::KEEP));
    let page = fixture::report::page(&record);
    let part = self::part(&page, MEMORY);
    assert!(!part.contains(">measured: ") && !part.contains("no more were tried"), "{part}");
    said(part, &["this run did not hold so many; computed from one, not measured: 62.0 MiB ["]);
}

#[test]
fn both_failures_of_idle_connections_are_said_and_what_of_a_socket_may_be_missing() {
    let mut record = fixture::servers();
    let memory = fixture::memory().footprints;
    record
        .footprints
        .extend(memory.into_iter().filter(|one| one.id.to_string() == "memory/connection"));
    for (id, why) in [("servers/keep/epoll", "one"), ("servers/hold/epoll", "many")] {
        footprint_mut(&mut record, id).failure = Some(Failure::new("holding", why));
    }
    let page = fixture::report::page(&record);
    said(
        part(&page, MEMORY),
        &[
            "one request is answered on each, and then nothing is asked",
            "one event loop: holding: one</li>",
            "one event loop: holding: many</li>",
            "both ends in one group (memory/connection), keeps 6.00 KiB",
        ],
    );
}

#[test]
fn rates_that_were_not_the_same_are_not_called_so() {
    let mut record = fixture::servers();
    for launch in &mut serving_mut(&mut record, "servers/load/epoll/c32").launches {
        launch.open.due_per_s /= 2.0;
    }
    let page = fixture::report::page(&record);
    let part = part(&page, LATENCY);
    said(part, &["30.5 k/s to 61.0 k/s with 32 connections"]);
    assert!(!part.contains("the same for all"), "{part}");
}

#[test]
fn what_failed_of_memory_and_where_figures_are_the_machines_is_said() {
    said(
        part(spoilt(), MEMORY),
        &[
            "<li>Not all was measured: prefork processes: forking &lt;128&gt; workers: EAGAIN",
            "<li>one event loop: changes of the whole machine&#39;s figures (/proc/meminfo), in \
             which the clients&#39; ends and what others do are contained; no control group: \
             mkdir: &lt;read-only&gt;</li>",
        ],
    );
    let mut record = fixture::servers();
    for id in ["servers/keep/prefork", "servers/hold/prefork"] {
        let footprint = footprint_mut(&mut record, id);
        footprint.launches.clear();
        footprint.failure = Some(broken("forking"));
    }
    record.footprints.retain(|footprint| !footprint.id.to_string().ends_with("epoll"));
    let page = fixture::report::page(&record);
    said(
        part(&page, MEMORY),
        &[
            "<td colspan=\"4\">Not measured: forking: no &lt;memory&gt; (add some)</td>",
            "This run did not try it with one event loop.",
        ],
    );
}

#[test]
fn pairs_beyond_kept_connections_have_a_row_each() {
    let part = part(page(), PAIRS);
    let row = |condition: &str, names: &str, ratio: &str| {
        format!(
            "<tr><th>{condition}</th><td class=\"\" data-name=\"Second over \
             first\">{names}</td><td class=\"figure\" data-name=\"In pairs (95 % \
             interval)\">{ratio} ["
        )
    };
    let (each, all) = ("a connection per request, 32 at a time", "all CPUs, 32 connections kept");
    said(
        part,
        &[
            &row(each, "prefork processes over thread pool", "1.11×"),
            &row(each, "thread pool over one event loop", "1.01×"),
            &row(each, "thread per connection over thread pool", "1.44×"),
            &row(all, "thread pool over prefork processes", "0.900×"),
            &row(
                &format!("{all}, 32 pages touched"),
                "thread pool over prefork processes",
                "0.826×",
            ),
            &row(all, "one event loop over event loop per CPU", "1.60×"),
            &row("128 connections", "thread pool over one event loop", "2.20×"),
            "data-name=\"Remark\">the client was the limit of one event loop</td>",
        ],
    );
    let mut record = fixture::servers();
    let cell = cell_mut(&mut record, servers::per_core());
    cell.launches.clear();
    cell.stop = Stop::Failed(broken("starting loops"));
    said(
        self::part(&fixture::report::page(&record), PAIRS),
        &["over event loop per CPU</td><td colspan=\"4\">Not measured: starting loops: no \
             &lt;memory&gt;"],
    );
}

#[test]
fn a_full_grid_has_labels_that_do_not_run_into_each_other() {
    let mut record = fixture::servers();
    let sample = record.servings[0].clone();
    record.servings = servers::loadings(Grid::Full)
        .into_iter()
        .filter(|loading| loading.pages == 0)
        .map(|loading| {
            let process_vs_thread::plan::Loading { id, shape, connections, .. } = loading;
            process_vs_thread::record::Serving { id, shape, connections, ..sample.clone() }
        })
        .collect();
    let page = fixture::report::page(&record);
    let part = self::part(&page, THROUGHPUT);
    let labelled = |number: &str| part.contains(&format!("text-anchor=\"middle\">{number}</text>"));
    assert_eq!(["1", "4", "16", "64", "256", "1000"].map(labelled), [true; 6]);
    assert_eq!(["2", "8", "32", "128", "512"].map(labelled), [false; 5]);
}

#[test]
fn one_kind_alone_is_shown_and_nothing_is_no_section() {
    let mut record = fixture::empty(true);
    assert!(!fixture::report::page(&record).contains("<section id=\"servers\">"));
    record.crashes = fixture::servers().crashes;
    let page = fixture::report::page(&record);
    let section = page::section(&page, "servers");
    assert_eq!(section.matches("<h3>").count(), 1);
    assert!(lead(&page).starts_with("When a request makes its worker die"), "{section}");
}

#[test]
fn failures_of_servers_are_among_the_failures_of_the_run() {
    let trust = page::section(spoilt(), "trust");
    for id in ["servers/load/epoll-per-core/c4", "servers/crash/thread-per-connection"] {
        said(trust, &[&format!("<th>{id}: forking &lt;128&gt; workers</th>")]);
    }
}

#[test]
fn the_terminal_has_a_row_for_each_load_shot_and_idle_server() {
    let rows =
        |record: &Record, width| fixture::report::rows(record, Question::Servers, width, false);
    let wide = rows(&fixture::spoilt_servers(), 100);
    said(
        &wide,
        &[
            "\n    32 connections\n      prefork processes       122 k/s [122, 122]        91.9 µs \
             [91.7, 91.9] at 61.0 k/s\n",
            "too few launches at 75.8 k/s\n        loading <epoll>: the lab was killed by \
             SIGKILL\n",
            "\n      event loop per CPU      too few launches          too few launches\n        \
             forking",
            "    event loop per CPU: an event loop on each CPU, one shared with the client\n",
            "did not keep up with the fixed rate: 0 requests not answered, 300 never sent\n",
            "did not keep up with the fixed rate: its last answers came late\n",
            "among the unanswered at 50.5 k/s\n",
            "the client was the limit of the closed loop\n",
            "      prefork processes: 0 of 32 connections ended, 0 requests lost, 500 µs without \
             an answer, no\n",
            "      thread pool: 32 of 32 connections ended, 27 to 31 requests lost, 9.10 ms \
             without an answer",
            "as before after 17.9 ms, in 1 of 3",
            "a dip without a shot in 1 of 3 launches",
            "in some launch no process died\n",
            "      one event loop: 6.35 KiB [6.34, 6.35], 10,000 take 62.0 MiB\n",
            "      prefork processes: 4,000 take 496 MiB, no more were tried: kernel.pid_max \
             <4,096>",
        ],
    );
    for width in [40, 80, 100] {
        let text = rows(&fixture::spoilt_servers(), width);
        assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
    }
    let other = fixture::report::rows(&fixture::servers(), Question::Creation, 100, false);
    assert!(!other.contains("Under load"), "{other}");
}

#[test]
fn the_page_is_balanced_and_needs_no_script() {
    for page in [page(), spoilt()] {
        for tag in [
            "section", "table", "tr", "td", "th", "div", "p", "svg", "text", "span", "ul", "li",
            "g",
        ] {
            let open = page.matches(&format!("<{tag}>")).count()
                + page.matches(&format!("<{tag} ")).count();
            assert_eq!(open, page.matches(&format!("</{tag}>")).count(), "{tag}");
        }
        assert!(!page.contains("<script") && !page.contains("NaN") && !page.contains("inf%"));
    }
}
