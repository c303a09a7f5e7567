//! The page's tables of benchmarks and of the counting pass.

mod fixture;

use process_vs_thread::record::Policy;

#[test]
fn a_counted_zero_is_a_zero_and_a_missing_counter_is_a_reason_said_once() {
    let page = fixture::report::page(&fixture::small());
    assert!(
        page.contains("page-faults 25.4</span>, <span class=\"whole\">cpu-migrations 0</span>")
    );
    assert_eq!(page.matches("data-name=\"cpu-migrations\">0</td>").count(), 3);
    let reason = "ENOENT: this machine shows its guests no PMU";
    assert_eq!(page.matches(reason).count(), 1);
    let events = "<b>dTLB-load-misses, iTLB-load-misses (user+kernel)</b>";
    assert!(page.contains(&format!("{events}: {reason}; in every arm")));
    let estimate = "data-name=\"task-clock\">~123 k<br><span class=\"soft\">ran 62.0 %</span></td>";
    assert_eq!(page.matches(estimate).count(), 2);
}

#[test]
fn only_a_switch_to_a_partner_is_counted_per_switch() {
    let page = fixture::report::page(&fixture::small());
    assert!(page.contains("page-faults 25.4 (12.7)</span>"));
    let per_switch = "data-name=\"page-faults\">25.4<br><span class=\"soft\">12.7</span></td>";
    assert_eq!(page.matches(per_switch).count(), 1);
    assert_eq!(page.matches("data-name=\"page-faults\">25.4</td>").count(), 2);
}

#[test]
fn an_arm_is_named_once_for_all_the_modes_that_it_was_counted_in() {
    let page = fixture::report::page(&fixture::small());
    let (_, counters) = page.split_once("<section id=\"counters\">").unwrap();
    let (counters, _) = counters.split_once("</section>").unwrap();
    assert_eq!(counters.matches(">thread/pthread</span></th>").count(), 1);
    assert_eq!(counters.matches("data-name=\"Modes\">user+kernel</td>").count(), 3);
    assert_eq!(counters.matches("data-name=\"Modes\">user</td>").count(), 3);
}

#[test]
fn benchmarks_stand_under_their_group_without_what_their_name_says() {
    let mut record = fixture::small();
    record.benches[0].arm.policy = Policy::Fifo;
    record.benches[1].unit = "reference cycles".into();
    let page = fixture::report::page(&record);
    for heading in ["creation", "creation, in reference cycles", "switching"] {
        let row = format!("<tr class=\"group\"><th colspan=\"5\">{heading}</th></tr>");
        assert_eq!(page.matches(&row).count(), 1, "{heading}");
    }
    assert!(page.contains("<span class=\"whole thread\">thread/pthread, SCHED_FIFO</span>"));
    assert!(page.contains("<span class=\"whole process\">process/fork</span>"));
    assert!(page.contains("1.34\u{a0}MiB · 23\u{a0}VMAs · 5\u{a0}fds · 1\u{a0}thread"));
    assert!(page.contains(">20 × 10 to 200</td>"));
}
