//! What stands before any number: the machine and what makes its figures less trustworthy.

use crate::record::Machine;
use crate::text;

/// All facts and warnings.
#[must_use]
pub fn facts(machine: &Machine, width: usize) -> String {
    let cpus: Vec<String> = machine.cpus.iter().map(usize::to_string).collect();
    let own = ("CPUs of this run", cpus.join(", "));
    let known = machine.facts.iter().map(|fact| (fact.name.as_str(), fact.value.to_string()));
    let known: Vec<(&str, String)> = known.chain([own]).collect();
    let name_width = known.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut facts = format!("process-vs-thread\n{}\n\n", machine.summary);
    for (name, value) in &known {
        let room = width.saturating_sub(name_width + 4).max(30);
        for (number, line) in wrap(value, room).into_iter().enumerate() {
            let name = if number == 0 { name } else { "" };
            facts.push_str(&format!("  {name:name_width$}  {line}\n"));
        }
    }
    facts.push_str(&warnings(machine, width));
    text::lines(&facts)
}

/// The machine in one line, for every target but the first.
#[must_use]
pub fn one_line(machine: &Machine) -> String {
    match machine.warnings.len() {
        0 => format!("{}\n", text::one_line(&machine.summary)),
        count => format!("{} · {count} warnings\n", text::one_line(&machine.summary)),
    }
}

fn warnings(machine: &Machine, width: usize) -> String {
    let mut text = String::new();
    for warning in &machine.warnings {
        for (number, line) in wrap(warning, width.saturating_sub(2)).into_iter().enumerate() {
            text.push_str(&format!("{} {line}\n", if number == 0 { '!' } else { ' ' }));
        }
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

/// Breaks a text at blanks into lines of at most `width` characters; a longer word stays whole.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Fact;

    #[test]
    fn no_line_is_wider_than_the_screen_and_every_fact_is_there() {
        let fact = Fact::words("kernel", "Linux 6.1 ".repeat(30));
        let machine = Machine {
            summary: "a machine".into(),
            cpus: vec![0, 3],
            facts: vec![fact],
            warnings: vec!["the clock is slow ".repeat(20)],
            ..Machine::default()
        };
        let text = facts(&machine, 80);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert_eq!(text.matches("6.1").count(), 30);
        assert_eq!(text.matches("! ").count(), 1);
        assert!(text.contains("\n  CPUs of this run  0, 3\n"), "{text}");
    }
}
