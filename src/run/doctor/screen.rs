//! What the doctor says, for a terminal.

use super::{Can, Diagnosis, Obstacle, Prospect};
use crate::run::header::wrap;
use crate::text::one_line;

/// Columns before an answer.
const ANSWERS: usize = 16;
/// Columns before a cause.
const CAUSES: usize = 4;

/// Question by question, then what concerns all.
#[must_use]
pub fn screen(said: &Diagnosis, width: usize, colour: bool) -> String {
    let mut text = one_line(&said.machine) + "\n\nCan it be measured here?\n";
    let mut told: Vec<(&Obstacle, &str)> = Vec::new();
    for Prospect { question, can, causes, tried: [tried, untried] } in &said.questions {
        let gap = ANSWERS - 2;
        let answer = painted(*can, colour);
        let of = match untried {
            0 => String::new(),
            more => format!(" (no time to try {more} of {} ways)", tried + more),
        };
        text.push_str(&format!("  {question:gap$}{answer}{of}\n"));
        let mut here: Vec<String> = Vec::new();
        for cause in causes {
            let before = told.iter().find(|(known, _)| *known == cause);
            let words = before.map_or_else(|| sentence(cause), |of| again(*of));
            if !here.contains(&words) {
                fold(&mut text, &words, width);
                here.push(words);
            }
            told.push((cause, question));
        }
    }
    if let Some(noise) = said.noise {
        text.push_str(&format!("\nIdentical work differed by ±{:.1} %.\n", noise * 100.0));
    }
    if !said.warnings.is_empty() {
        text.push_str("\nOf the whole machine\n");
        said.warnings.iter().for_each(|warning| fold(&mut text, warning, width));
    }
    text
}

fn painted(can: Can, colour: bool) -> String {
    let (word, code) = match can {
        Can::Yes => ("yes", "32"),
        Can::LessPrecisely => ("less precisely", "33"),
        Can::No => ("no", "31"),
    };
    if colour { format!("\x1b[1;{code}m{word}\x1b[0m") } else { word.to_owned() }
}

fn sentence(cause: &Obstacle) -> String {
    let remedy = cause.remedy.as_ref().map_or(String::new(), |remedy| format!(" ({remedy})"));
    cause.why.clone() + &remedy
}

/// What has been said of another question.
fn again((cause, question): (&Obstacle, &str)) -> String {
    let begin = cause.why.split([':', ',']).next().unwrap_or_default();
    format!("{begin}: as for {question}")
}

fn fold(text: &mut String, words: &str, width: usize) {
    let room = width.saturating_sub(CAUSES + 2).max(20);
    for (number, line) in wrap(&one_line(words), room).into_iter().enumerate() {
        let mark = if number == 0 { "-" } else { " " };
        text.push_str(&format!("{:CAUSES$}{mark} {line}\n", ""));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_has_its_answer_its_reasons_and_their_remedies() {
        let cause = Obstacle { why: "no\x1b[2J right".into(), remedy: Some("ulimit -r 10".into()) };
        let prospect = |question, can, causes| Prospect { question, can, causes, tried: [3, 0] };
        let said = Diagnosis {
            machine: "a machine".into(),
            noise: Some(0.012),
            questions: vec![
                prospect("memory", Can::Yes, Vec::new()),
                prospect("tlb", Can::LessPrecisely, vec![cause.clone()]),
                prospect("servers", Can::LessPrecisely, vec![cause]),
            ],
            warnings: vec!["a clock that moves ".repeat(10)],
        };
        let text = screen(&said, 80, false);
        assert!(text.contains("  memory        yes\n  tlb           less precisely\n"), "{text}");
        assert!(text.contains("    - no [2J right (ulimit -r 10)\n"), "{text}");
        assert!(text.contains("    - no [2J right: as for tlb\n"), "{text}");
        assert!(text.contains("±1.2 %"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(screen(&said, 80, true).contains("\x1b[1;33mless precisely\x1b[0m"));
    }
}
