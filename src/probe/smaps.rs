//! How much of a range of memory a process has, and with how many it shares it (proc(5),
//! `/proc/pid/smaps`).

use crate::proc::{self, MapLine};
use crate::record::{Failure, Result, Seen};
use nix::unistd::Pid;
use std::ops::Range;

/// What a process has of a range of memory, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Share {
    /// Resident.
    pub(crate) rss: u64,
    /// Resident, each page divided by the number of processes that map it.
    pub(crate) pss: u64,
    /// Mapped by others too, and as in its file.
    pub(crate) shared_clean: u64,
    /// Mapped by others too, and written since.
    pub(crate) shared_dirty: u64,
    /// Mapped by this process alone, and as in its file.
    pub(crate) private_clean: u64,
    /// Mapped by this process alone, and written since.
    pub(crate) private_dirty: u64,
}

impl Share {
    /// The share that the process has of a range.
    ///
    /// # Errors
    /// The kernel does not show it, or shows no mappings of just this range.
    pub(crate) fn of(process: Pid, range: &Range<u64>) -> Result<Self> {
        let path = format!("/proc/{process}/smaps");
        let tried = || format!("reading {path}");
        let text = proc::read(&path).map_err(|e| {
            let remedy = "the kernel needs CONFIG_PROC_PAGE_MONITOR, and /proc must not hide \
                          other processes";
            Failure::os(tried(), e).remedy(remedy)
        })?;
        sum(&text, range).map_err(|why| Failure::new(tried(), why))
    }

    /// Adds a figure of a mapping, if it is one of those that count.
    fn add(&mut self, name: &str, bytes: u64) -> bool {
        let field = match name {
            "Rss" => &mut self.rss,
            "Pss" => &mut self.pss,
            "Shared_Clean" => &mut self.shared_clean,
            "Shared_Dirty" => &mut self.shared_dirty,
            "Private_Clean" => &mut self.private_clean,
            "Private_Dirty" => &mut self.private_dirty,
            _ => return false,
        };
        *field += bytes;
        true
    }

    /// Mapped by this process alone.
    pub(crate) fn private(&self) -> u64 {
        self.private_clean + self.private_dirty
    }

    /// The figures, of whom they are in front.
    pub(crate) fn seen(&self, whose: &str) -> Vec<Seen> {
        let all = [
            ("resident", self.rss),
            ("proportional share", self.pss),
            ("shared, clean", self.shared_clean),
            ("shared, dirty", self.shared_dirty),
            ("private, clean", self.private_clean),
            ("private, dirty", self.private_dirty),
        ];
        all.map(|(what, bytes)| seen(format!("{whose}: {what}"), bytes, "bytes")).into()
    }
}

/// A figure that was seen.
pub(crate) fn seen(what: impl Into<String>, figure: u64, unit: &str) -> Seen {
    Seen { what: what.into(), figure: figure as f64, unit: unit.to_owned() }
}

/// The mapping of this process that holds an address.
///
/// # Errors
/// The kernel does not show the mappings.
pub(crate) fn around(address: u64) -> Result<Range<u64>> {
    let tried = "reading /proc/self/maps";
    let text = proc::read("/proc/self/maps").map_err(|e| Failure::os(tried, e))?;
    let found = text.lines().find_map(|line| match MapLine::of(line) {
        MapLine::Mapping(mapping) if mapping.contains(&address) => Some(mapping),
        _ => None,
    });
    found.ok_or_else(|| Failure::new(tried, format!("no mapping holds {address:#x}")))
}

/// Adds up the mappings within a range.
fn sum(text: &str, range: &Range<u64>) -> std::result::Result<Share, String> {
    let (mut share, mut within, mut mappings, mut fields) = (Share::default(), false, 0, 0);
    for line in text.lines() {
        match MapLine::of(line) {
            MapLine::Mapping(mapping) => {
                within = mapping.start < range.end && range.start < mapping.end;
                if within && (mapping.start < range.start || range.end < mapping.end) {
                    return Err(
                        "the kernel made one mapping of this memory and other memory".into()
                    );
                }
                mappings += u32::from(within);
            }
            MapLine::Bytes(name, bytes) if within => {
                fields += u32::from(share.add(name, bytes));
            }
            _ => {}
        }
    }
    match (mappings, fields) {
        (0, _) => Err("it does not show this memory".to_owned()),
        (mappings, fields) if fields == 6 * mappings => Ok(share),
        _ => Err("it does not show how many processes share a page".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
1000-3000 r-xp 00000000 08:01 7 /usr/bin/x y-z
Rss:                   8 kB
Pss:                   2 kB
Pss_Dirty:             1 kB
Shared_Clean:          8 kB
Shared_Dirty:          0 kB
Private_Clean:         0 kB
Private_Dirty:         0 kB
VmFlags: rd ex mr mw me
3000-4000 rw-p 00000000 00:00 0
Rss:                   4 kB
Pss:                   4 kB
Shared_Clean:          0 kB
Shared_Dirty:          0 kB
Private_Clean:         1 kB
Private_Dirty:         3 kB
";

    #[test]
    fn the_mappings_within_the_range_are_added() {
        let code = sum(TEXT, &(0x1000..0x3000)).unwrap();
        let expected = Share { rss: 8192, pss: 2048, shared_clean: 8192, ..Share::default() };
        assert_eq!(code, expected);
        let both = sum(TEXT, &(0x1000..0x4000)).unwrap();
        assert_eq!((both.rss, both.pss, both.private()), (12 << 10, 6 << 10, 4 << 10));
    }

    #[test]
    fn what_is_not_shown_is_a_reason() {
        assert!(sum(TEXT, &(0x5000..0x6000)).unwrap_err().contains("not show this memory"));
        assert!(sum(TEXT, &(0x1000..0x2000)).unwrap_err().contains("one mapping"));
        let hidden = TEXT.replace("Pss: ", "Pos: ");
        assert!(sum(&hidden, &(0x1000..0x3000)).unwrap_err().contains("how many"));
    }

    #[test]
    fn the_mapping_of_a_function_is_found() {
        let address = around as fn(u64) -> Result<Range<u64>> as usize as u64;
        assert!(around(address).unwrap().contains(&address));
        assert!(around(1).is_err());
    }
}
