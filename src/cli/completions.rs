//! `completions`: what a shell needs to complete the words of the command line.

use super::Program;
use clap::CommandFactory;
use clap_complete::Shell;
use process_vs_thread::output;
use process_vs_thread::record::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  process-vs-thread completions bash > ~/.local/share/bash-completion/completions/process-vs-thread
  process-vs-thread completions zsh > ~/.zfunc/_process-vs-thread
  process-vs-thread completions fish > ~/.config/fish/completions/process-vs-thread.fish
";

/// Print the completion script of a shell
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script.
pub(crate) fn completions(args: &Args) -> Result<()> {
    let mut script = Vec::new();
    let mut grammar = Program::command();
    let name = grammar.get_name().to_owned();
    clap_complete::generate(args.shell, &mut grammar, name, &mut script);
    let text = String::from_utf8(script)
        .map_err(|e| Failure::new("writing the completion script", e.to_string()))?;
    output::print(&one_spelling(&text))
}

/// clap_complete 4.6 spells the hyphens of a program's name in one way where it notes which command
/// was typed, and in another where it looks that command up: bash would complete no option.
fn one_spelling(script: &str) -> String {
    script.replace("process__subcmd__vs__subcmd__thread", "process__vs__thread")
}
