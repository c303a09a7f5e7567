//! `man`: the manual, from the same words as `--help`.

use super::Program;
use clap::CommandFactory;
use clap_mangen::Man;
use process_vs_thread::output;
use process_vs_thread::record::{Failure, Result, file};
use std::fs;
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
    let mut grammar = Program::command();
    grammar.build();
    let Some(folder) = &args.dir else {
        return output::print(&page(&Man::new(grammar))?);
    };
    fs::create_dir_all(folder).map_err(|e| {
        let tried = format!("making the folder {}", folder.display());
        Failure::os(tried, e).remedy("name a folder that may be written to")
    })?;
    let commands = grammar.get_subcommands().filter(|one| !one.is_hide_set()).cloned();
    let pages: Vec<Man> = commands.chain([grammar.clone()]).map(Man::new).collect();
    pages
        .iter()
        .try_for_each(|man| file::replace(&folder.join(man.get_filename()), page(man)?.as_bytes()))
}

/// A page in roff, in which the examples stay as they are.
fn page(man: &Man) -> Result<String> {
    let refused = |why: String| Failure::new("writing the manual page", why);
    let mut page = Vec::new();
    man.render(&mut page).map_err(|e| refused(e.to_string()))?;
    let text = String::from_utf8(page).map_err(|e| refused(e.to_string()))?;
    let Some((before, extra)) = text.split_once(".SH EXTRA\n") else { return Ok(text) };
    let (examples, rest) = match extra.find("\n.SH ") {
        Some(at) => extra.split_at(at),
        None => (extra, ""),
    };
    Ok(format!("{before}.SH NOTES\n.nf\n{examples}\n.fi{rest}"))
}
