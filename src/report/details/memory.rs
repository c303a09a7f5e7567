//! Memory of idle threads, processes and connections.

use super::{Part, bytes, interval, or_dash};
use crate::claim::Unit;
use crate::claim::footprint::per_unit;
use crate::record::{Footprint, FootprintLaunch, MemoryReading, MemorySource, Record};
use crate::report::words;

pub(super) fn parts(record: &Record) -> Vec<Part> {
    vec![footprints(record), readings(record)]
}

fn source(source: &MemorySource) -> String {
    match source {
        MemorySource::CgroupV2 => "control group, version 2".to_owned(),
        MemorySource::CgroupV1 => "control group, version 1; kernel parts: machine".to_owned(),
        MemorySource::Meminfo { why } => format!("whole machine: {why}"),
    }
}

fn footprints(record: &Record) -> Part {
    let row = |footprint: &Footprint| {
        let of = |part: fn(&MemoryReading) -> f64| interval(Unit::Bytes, per_unit(footprint, part));
        let most = footprint.launches.iter().flat_map(|launch| &launch.readings);
        vec![
            footprint.id.to_string(),
            footprint.kind.clone(),
            or_dash(Some(words::held(&footprint.parent)).filter(|held| !held.is_empty()), |w| w),
            footprint.launches.len().to_string(),
            or_dash(most.map(|reading| reading.units).max(), |units| super::whole(units.into())),
            of(|reading| reading.total_bytes as f64),
            of(|reading| reading.kernel_stack_bytes as f64),
            of(|reading| reading.page_table_bytes as f64),
            of(|reading| reading.slab_bytes as f64),
            of(|reading| reading.anonymous_bytes as f64),
            of(|reading| reading.socket_bytes as f64),
            of(|reading| reading.virtual_bytes as f64),
            or_dash(footprint.capped.clone(), |why| why),
        ]
    };
    let rows = record.footprints.iter().map(row).collect();
    let head = "Footprint | Unit | Parent holds | Launches | Most units | Memory per unit \
                | Kernel stacks | Page tables | Slab | Private pages | Sockets | Address \
                space | Fewer than planned because";
    let note = "Per unit: the slope between the two readings with most units.";
    Part::new("footprints", "Memory footprints", head, rows).noted(note)
}

fn readings(record: &Record) -> Part {
    let row = |footprint: &Footprint, launch: &FootprintLaunch, reading: &MemoryReading| {
        let figures = [
            reading.total_bytes,
            reading.peak_bytes,
            reading.kernel_stack_bytes,
            reading.page_table_bytes,
            reading.slab_bytes,
            reading.anonymous_bytes,
            reading.socket_bytes,
            reading.virtual_bytes,
            reading.resident_bytes,
            reading.proportional_bytes,
            reading.max_rss_self_bytes,
            reading.max_rss_children_bytes,
        ];
        let named =
            [footprint.id.to_string(), launch.pid.to_string(), super::whole(reading.units.into())];
        let figures = figures.into_iter().map(|figure| bytes(figure as f64));
        named.into_iter().chain(figures).chain([source(&launch.source)]).collect()
    };
    let launches = record.footprints.iter();
    let launches = launches
        .flat_map(|footprint| footprint.launches.iter().map(move |launch| (footprint, launch)));
    let rows = launches.flat_map(|(footprint, launch)| {
        launch.readings.iter().map(|reading| row(footprint, launch, reading)).collect::<Vec<_>>()
    });
    let head = "Footprint | Process | Units | Total | Peak | Kernel stacks | Page tables | \
                Slab | Private pages | Sockets | VmSize | VmRSS | Pss | ru_maxrss | \
                ru_maxrss of children | Source";
    let note = "Only differences between readings of one launch mean something.";
    Part::new("readings", "Memory readings", head, rows.collect()).noted(note)
}
