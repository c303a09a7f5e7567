//! What a name filter on the command line of cargo lets through, as Criterion reads it.

use super::Flags;
use crate::record::{Failure, Result};
use regex_lite::Regex;

/// A name filter.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Everything.
    All,
    /// Nothing (`--ignored`).
    Nothing,
    /// One name.
    Exact(String),
    /// Names that hold a match.
    Matching(Regex),
    /// What has one of these names, or belongs to a claim, a question or a primitive that has.
    Named(Vec<String>),
}

impl Wanted {
    /// The filter of Criterion's command line.
    ///
    /// # Errors
    /// It is no regular expression.
    pub fn new(flags: &Flags) -> Result<Self> {
        match &flags.filter {
            _ if flags.nothing => Ok(Wanted::Nothing),
            Some(name) if flags.exact => Ok(Wanted::Exact(name.clone())),
            filter => Self::matching(filter.as_deref()),
        }
    }

    /// Names that hold a match of a regular expression; all names without one.
    ///
    /// # Errors
    /// It is no regular expression.
    pub fn matching(text: Option<&str>) -> Result<Self> {
        let Some(text) = text else { return Ok(Wanted::All) };
        let tried = || format!("reading the name filter '{text}'");
        Regex::new(text).map(Wanted::Matching).map_err(|e| Failure::new(tried(), e.to_string()))
    }

    /// Does it let this name through?
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Wanted::All => true,
            Wanted::Nothing => false,
            Wanted::Exact(wanted) => wanted == name,
            Wanted::Matching(wanted) => wanted.is_match(name),
            Wanted::Named(names) => names.iter().any(|wanted| wanted == name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(line: &str) -> Result<Wanted> {
        Wanted::new(&Flags::parse(line.split(' ').map(Into::into)).unwrap())
    }

    #[test]
    fn a_filter_is_a_regular_expression_unless_it_is_exact() {
        assert!(wanted("--bench").unwrap().matches("creation/fork"));
        assert!(wanted("--bench fork|pipe").unwrap().matches("switching/pipe"));
        assert!(!wanted("--bench ^fork").unwrap().matches("creation/fork"));
        assert!(!wanted("--bench fork --exact").unwrap().matches("creation/fork"));
        assert!(!wanted("--bench --ignored").unwrap().matches("creation/fork"));
        assert!(Wanted::matching(Some("fork(")).is_err());
    }
}
