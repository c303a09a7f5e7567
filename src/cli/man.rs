//! `man`: the manual, from the same words as `--help`.

use super::Program;
use clap::CommandFactory;
use clap_mangen::Man;
use process_vs_thread::output;
use process_vs_thread::record::{Failure, Result};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  process-vs-thread man | man -l -
  process-vs-thread man --dir ~/.local/share/man/man1
";

/// Print the manual page, or write one for each command
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Write a page for the program and one for each command into this folder
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Prints or writes the manual.
pub(crate) fn man(args: &Args) -> Result<()> {
    let grammar = Program::command();
    if let Some(folder) = &args.dir {
        let tried = format!("writing manual pages into {}", folder.display());
        return clap_mangen::generate_to(grammar, folder).map_err(|e| {
            Failure::os(tried, e).remedy("name a folder that exists and may be written to")
        });
    }
    let refused = |why: String| Failure::new("writing the manual page", why);
    let mut page = Vec::new();
    Man::new(grammar).render(&mut page).map_err(|e| refused(e.to_string()))?;
    let text = String::from_utf8(page).map_err(|e| refused(e.to_string()))?;
    output::print(&text)
}
