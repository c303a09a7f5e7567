//! What decides the cost of a process's fork: told by numbers, or by the kernel's text of its
//! mappings.

use super::SmallParent;
use crate::claim::{Brief, Unit, grouped};
use crate::proc::MapLine;
use crate::record::{Failure, Result};
use serde::Serialize;

/// What decides the cost of a process's fork.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProcessShape {
    /// Whose it is, in words.
    pub name: String,
    /// Private memory in base pages, bytes: what a fork copies the entries of.
    pub base_bytes: u64,
    /// Private memory in huge pages, bytes.
    pub huge_bytes: u64,
    /// Resident memory that a fork leaves alone: of files, and shared; bytes.
    pub left_alone_bytes: u64,
    /// Mappings that hold pages of their own.
    pub mappings: u64,
    /// Mappings that hold none.
    pub clean_mappings: u64,
    /// Open file descriptors.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
    /// Page tables, bytes; none where they are not known.
    pub page_table_bytes: Option<u64>,
}

/// A process by numbers; what is absent is as in the small parent of the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    /// Private memory, bytes.
    pub memory_bytes: Option<u64>,
    /// That memory is in huge pages, and what the small parent holds is held besides.
    pub huge: bool,
    /// Mappings that hold pages of their own.
    pub mappings: Option<u64>,
    /// Mappings that hold none.
    pub clean_mappings: Option<u64>,
    /// Open file descriptors.
    pub descriptors: Option<u64>,
    /// Threads.
    pub threads: Option<u64>,
}

impl Given {
    /// The shape, by what a small parent holds. Memory that is not given is the small parent's and
    /// what the mappings and threads hold beyond it.
    ///
    /// # Errors
    /// The memory is less than so many mappings and threads hold.
    pub fn shape(self, small: &SmallParent) -> Result<ProcessShape> {
        let mappings = self.mappings.unwrap_or(small.mappings);
        let threads = self.threads.unwrap_or(small.threads);
        let least_bytes = small.least_bytes(mappings, threads);
        if let Some(bytes) = self.memory_bytes.filter(|bytes| !self.huge && *bytes < least_bytes) {
            return Err(too_little(bytes, least_bytes, mappings, threads));
        }
        let beside = small.bytes_with(mappings, threads);
        let (base_bytes, huge_bytes) = match (self.memory_bytes, self.huge) {
            (Some(bytes), true) => (beside, bytes),
            (Some(bytes), false) => (bytes, 0),
            (None, _) => (beside, 0),
        };
        Ok(ProcessShape {
            name: "a process of these numbers".to_owned(),
            base_bytes,
            huge_bytes,
            left_alone_bytes: 0,
            mappings,
            clean_mappings: self.clean_mappings.unwrap_or(small.clean_mappings),
            descriptors: self.descriptors.unwrap_or(small.descriptors),
            threads,
            page_table_bytes: None,
        })
    }
}

fn too_little(bytes: u64, least_bytes: u64, mappings: u64, threads: u64) -> Failure {
    let [memory, least] = [bytes, least_bytes].map(|bytes| Unit::Bytes.brief(bytes as f64));
    let [mappings, threads] = [mappings, threads].map(|count| grouped(count.to_string()));
    let why = format!(
        "a page for each mapping with own pages ({mappings}) and the stacks of its threads \
         ({threads}) are {least}"
    );
    Failure::new(format!("predicting for a process with {memory} of private memory"), why)
        .remedy("give more --memory, or fewer --mappings or --threads")
}

impl ProcessShape {
    /// All private memory, bytes.
    #[must_use]
    pub fn private_bytes(&self) -> u64 {
        self.base_bytes + self.huge_bytes
    }

    /// Adds what the kernel's text says of the mappings (proc_pid_smaps(5)).
    ///
    /// # Errors
    /// It is no such text, is cut off, or lacks what is asked for.
    pub fn read_smaps(&mut self, text: &str) -> std::result::Result<(), String> {
        let mut mapping: Option<Figures> = None;
        for (number, line) in text.lines().enumerate() {
            let at = |why: String| format!("line {}: {why}", number + 1);
            match (MapLine::of(line), &mut mapping) {
                (MapLine::Mapping(_), open) => {
                    if let Some(done) = open.take() {
                        self.add(done).map_err(at)?;
                    }
                    *open = Some(Figures { of_kernel: line.ends_with("[vsyscall]"), ..NONE });
                }
                (MapLine::Bytes(name, bytes), Some(open)) => open.note(name, bytes),
                (MapLine::Bytes(..), None) => {
                    return Err(at("a figure stands before any mapping".to_owned()));
                }
                (MapLine::Other, _) => {}
            }
        }
        match mapping {
            Some(done) => self.add(done),
            None => Err("it lists no mapping".to_owned()),
        }
    }

    fn add(&mut self, mapping: Figures) -> std::result::Result<(), String> {
        if mapping.of_kernel {
            return Ok(());
        }
        let missing = |name: &str| format!("the mapping before has no figure {name}");
        let resident = mapping.resident.ok_or_else(|| missing("Rss"))?;
        let own = mapping.own.ok_or_else(|| missing("Anonymous"))?;
        let (huge, swapped) = (mapping.huge.unwrap_or(0), mapping.swapped.unwrap_or(0));
        let base = own.checked_sub(huge).filter(|_| own <= resident).ok_or_else(|| {
            format!(
                "a mapping has {huge} bytes in huge pages of {own} of its own, {resident} in all"
            )
        })?;
        let sum = |total: &mut u64, bytes: u64| -> std::result::Result<(), String> {
            *total = total.checked_add(bytes).ok_or("more memory than there are addresses")?;
            Ok(())
        };
        sum(&mut self.base_bytes, base)?;
        sum(&mut self.base_bytes, swapped)?;
        sum(&mut self.huge_bytes, huge)?;
        sum(&mut self.left_alone_bytes, resident - own)?;
        let holds = own > 0 || swapped > 0;
        *(if holds { &mut self.mappings } else { &mut self.clean_mappings }) += 1;
        Ok(())
    }
}

/// Figures of one mapping, bytes.
#[derive(Debug, Clone, Copy)]
struct Figures {
    of_kernel: bool,
    resident: Option<u64>,
    own: Option<u64>,
    huge: Option<u64>,
    swapped: Option<u64>,
}

const NONE: Figures =
    Figures { of_kernel: false, resident: None, own: None, huge: None, swapped: None };

impl Figures {
    fn note(&mut self, name: &str, bytes: u64) {
        let figure = match name {
            "Rss" => &mut self.resident,
            "Anonymous" => &mut self.own,
            "AnonHugePages" => &mut self.huge,
            "Swap" => &mut self.swapped,
            _ => return,
        };
        *figure = Some(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<ProcessShape, String> {
        let mut shape = ProcessShape::default();
        shape.read_smaps(text).map(|()| shape)
    }

    const TEXT: &str = "\
1000-3000 r-xp 00000000 08:01 7 /usr/bin/x y-z
Rss:                   8 kB
Anonymous:             0 kB
7f0000000000-7f0000800000 rw-p 00000000 00:00 0 [heap]
Rss:                4100 kB
Anonymous:          4100 kB
AnonHugePages:      4096 kB
Swap:                  8 kB
VmFlags: rd wr
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]
Rss:                   0 kB
";

    #[test]
    fn a_fork_copies_what_is_the_process_s_own() {
        let shape = read(TEXT).unwrap();
        assert_eq!((shape.base_bytes, shape.huge_bytes), (12 << 10, 4 << 20));
        assert_eq!((shape.mappings, shape.clean_mappings), (1, 1));
        assert_eq!(
            (shape.left_alone_bytes, shape.private_bytes()),
            (8 << 10, (4 << 20) + (12 << 10))
        );
    }

    #[test]
    fn text_that_is_none_is_refused_with_the_place() {
        let told = |text: &str| read(text).unwrap_err();
        assert!(told("").contains("no mapping"));
        assert!(told("\u{1b}[2J\nnonsense\n").contains("no mapping"));
        assert!(told("Rss: 4 kB\n").starts_with("line 1: "), "{}", told("Rss: 4 kB\n"));
        // Cut off within the first mapping.
        assert!(told(&TEXT[..70]).contains("no figure"), "{}", told(&TEXT[..70]));
        let more = TEXT.replace("Anonymous:          4100", "Anonymous:          9999");
        assert!(told(&more).starts_with("line 10"), "{}", told(&more));
        let endless = TEXT.replace("Swap:                  8", "Swap: 18014398509481983");
        assert!(told(&endless).contains("more memory than"), "{}", told(&endless));
        let huge = TEXT.replace("AnonHugePages:      4096", "AnonHugePages: 99999");
        assert!(told(&huge).contains("in huge pages of"));
    }

    const SMALL: SmallParent = SmallParent {
        own_bytes: 1 << 20,
        mappings: 20,
        clean_mappings: 22,
        descriptors: 3,
        threads: 1,
        page_bytes: 4096,
        thread_bytes: 5000,
    };

    #[test]
    fn what_is_not_given_is_as_in_the_small_parent() {
        let given = Given { memory_bytes: Some(4 << 30), threads: Some(9), ..Given::default() };
        let shape = given.shape(&SMALL).unwrap();
        assert_eq!((shape.base_bytes, shape.huge_bytes, shape.threads), (4 << 30, 0, 9));
        assert_eq!((shape.mappings, shape.clean_mappings, shape.descriptors), (20, 22, 3));
        let huge = Given { huge: true, ..given }.shape(&SMALL).unwrap();
        assert_eq!((huge.base_bytes, huge.huge_bytes), ((1 << 20) + 8 * 5000, 4 << 30));
    }

    #[test]
    fn mappings_and_threads_bring_their_memory() {
        let given = Given { mappings: Some(120), threads: Some(11), ..Given::default() };
        let base_bytes = |given: Given| given.shape(&SMALL).unwrap().base_bytes;
        assert_eq!(base_bytes(given), (1 << 20) + 100 * 4096 + 10 * 5000);
        assert_eq!(base_bytes(Given { mappings: Some(10), ..Given::default() }), (1 << 20) - 40960);
        let least = 120 * 4096 + 10 * 5000;
        assert_eq!(base_bytes(Given { memory_bytes: Some(least), ..given }), least);
        let less = Given { memory_bytes: Some(least - 1), ..given }.shape(&SMALL).unwrap_err();
        assert!(less.why.contains("(120)") && less.remedy.is_some(), "{less}");
    }
}
