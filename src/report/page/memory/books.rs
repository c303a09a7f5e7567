//! Who kept the books of each figure, what was capped, and what could not be measured.

use super::look;
use crate::question::memory::evidence::{Memory, UnitMemory};
use crate::record::MemorySource;
use crate::report::html::{escape, list};

pub(super) fn html(memory: &Memory) -> String {
    let mut sources: Vec<(String, Vec<String>)> = Vec::new();
    for unit in &memory.units {
        let source = words(unit.source.as_ref());
        match sources.iter_mut().find(|(known, _)| *known == source) {
            Some((_, names)) => names.push(look::name(unit)),
            None => sources.push((source, vec![look::name(unit)])),
        }
    }
    let all = sources.len() == 1;
    let source = |(source, names): (String, Vec<String>)| match all {
        true => format!("All: {source}"),
        false => format!("{}: {source}", names.join("; ")),
    };
    let mut items: Vec<String> = sources.into_iter().map(source).collect();
    items.extend(memory.units.iter().flat_map(marks));
    items.extend(
        memory
            .missing
            .iter()
            .map(|(id, reason)| format!("Not measured: {}: {reason}", look::footprint(id))),
    );
    list(&items.iter().map(|item| escape(item)).collect::<Vec<String>>())
}

fn words(source: Option<&MemorySource>) -> String {
    match source {
        Some(MemorySource::CgroupV2) => {
            "total and parts are those of a control group (version 2) of the units alone".to_owned()
        }
        Some(MemorySource::CgroupV1) => {
            "the total, private pages and buffers of sockets are those of a control group (version \
             1) of the units alone; kernel stacks, page tables and slab are changes of the whole \
             machine's figures (/proc/meminfo)"
                .to_owned()
        }
        Some(MemorySource::Meminfo { why }) => format!(
            "total and parts are changes of the whole machine's figures (/proc/meminfo), in which \
             what others do is contained; no control group: {why}"
        ),
        None => "the launches differ in where their figures come from".to_owned(),
    }
}

/// Fewer units or launches than planned, with the reason.
fn marks(unit: &UnitMemory) -> Vec<String> {
    let name = look::name(unit);
    let capped = unit
        .capped
        .as_ref()
        .map(|why| format!("Fewer units than planned: {name}: {} at most: {why}", unit.units));
    let failed = unit
        .failure
        .as_ref()
        .map(|why| format!("Fewer launches than planned: {name}: {}: {why}", unit.launches));
    [capped, failed].into_iter().flatten().collect()
}
