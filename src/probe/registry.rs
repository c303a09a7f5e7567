//! The list of all probes.

mod isolation;
mod memory;
mod state;

use super::Entry;

/// The lists that it is made of.
const PARTS: [&[Entry]; 3] = [memory::ALL, isolation::ALL, state::ALL];

/// All probes.
pub const ALL: &[Entry] = &joined::<{ count() }>();

const fn count() -> usize {
    let (mut count, mut part) = (0, 0);
    // A constant is made without iterators.
    while part < PARTS.len() {
        count += PARTS[part].len();
        part += 1;
    }
    count
}

const fn joined<const COUNT: usize>() -> [Entry; COUNT] {
    let mut all = [PARTS[0][0]; COUNT];
    let (mut place, mut part) = (0, 0);
    while part < PARTS.len() {
        let mut at = 0;
        while at < PARTS[part].len() {
            all[place] = PARTS[part][at];
            place += 1;
            at += 1;
        }
        part += 1;
    }
    all
}
