//! A list that is kept in parts, joined when the program is built.

/// How many items all parts have together.
pub(crate) const fn count<T>(parts: &[&[T]]) -> usize {
    let (mut count, mut part) = (0, 0);
    // A constant is made without iterators.
    while part < parts.len() {
        count += parts[part].len();
        part += 1;
    }
    count
}

/// All items, part by part. `COUNT` is what [`count`] says, and the first part has an item.
pub(crate) const fn joined<T: Copy, const COUNT: usize>(parts: &[&[T]]) -> [T; COUNT] {
    let mut all = [parts[0][0]; COUNT];
    let (mut place, mut part) = (0, 0);
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            all[place] = parts[part][at];
            place += 1;
            at += 1;
        }
        part += 1;
    }
    all
}
