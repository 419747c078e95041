//! A turn as a text that a person edits, and the rewrite that is made of it.

use super::Pairs;
use super::decide::pair_id;
use super::side::{SideKind, SideName, Turn};
use crate::workspace::{Error, Result, RewrittenCall, Workspace};
use std::fmt::Write;

/// Begins the line of a call in an edited turn.
const CALL: &str = ">>> ";

/// What stands below a turn that is edited; it is no part of it.
const HINT: [&str; 2] = [
    "<!-- Above is the turn; write it as it should have been. A line that begins with >>> is a call, as JSON: -->",
    "<!-- change it, take it away, or add one. What is saved unchanged makes no rewrite. These two lines are left out. -->",
];

impl Turn {
    /// Writes the turn as a text to edit: what is said, then each call on a line of its own, as JSON after `>>> `, then how that is read.
    #[must_use]
    pub fn to_edit(&self) -> String {
        let mut text = self.text.trim_end().to_owned();
        if !text.is_empty() {
            text.push('\n');
        }
        for call in &self.calls {
            let name = serde_json::to_string(&call.name).unwrap_or_default();
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{CALL}{{\"name\":{name},\"arguments\":{}}}", call.arguments);
        }
        text + "\n" + &HINT.join("\n") + "\n"
    }
}

/// Takes an edited turn apart.
fn edited(text: &str) -> Result<(String, Vec<RewrittenCall>)> {
    let (mut said, mut calls) = (Vec::new(), Vec::new());
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !HINT.contains(line)) {
        match line.strip_prefix(CALL) {
            None => said.push(line),
            Some(json) => calls.push(
                serde_json::from_str(json)
                    .map_err(|e| Error::Undecidable(format!("line {}: it is no call: {e}; write {CALL}{{\"name\":\"TOOL\",\"arguments\":{{…}}}}", at + 1)))?,
            ),
        }
    }
    Ok((said.join("\n").trim().to_owned(), calls))
}

impl Workspace {
    /// Saves an edited turn as the rewrite of a side's turn, and names the pair that it makes with the recorded turn.
    pub fn rewrite_turn(&self, reviewer: &str, side: &SideName, text: &str) -> Result<String> {
        let (said, calls) = edited(text)?;
        let recorded = SideName { kind: SideKind::Recorded, ..side.clone() };
        self.rewrite(reviewer, &recorded.name(), &said, calls, None)?;
        Ok(pair_id(&[recorded.clone(), SideName { kind: SideKind::Rewrite, ..recorded }]))
    }

    /// Says again of pairs what was decided, as after an undo.
    pub fn settle_pairs(&self, pairs: &mut Pairs) -> Result<()> {
        let decided = self.pair_decisions()?;
        pairs.pairs.iter_mut().for_each(|pair| pair.settle(&decided));
        pairs.count();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::side::TurnCall;
    use super::*;

    #[test]
    fn an_edited_turn_reads_back() {
        let call = TurnCall { name: "bash".to_owned(), arguments: r#"{"command":"ls\n"}"#.to_owned() };
        let turn = Turn { who: "assistant", tool: None, text: "I look first.\n\nThen I ask.".to_owned(), thinking: None, calls: vec![call], refused: false };
        let (said, calls) = edited(&turn.to_edit()).unwrap();
        assert_eq!(said, turn.text);
        assert_eq!((calls[0].name.as_str(), calls[0].arguments.get()), ("bash", r#"{"command":"ls\n"}"#));
        assert!(edited("Well.\n>>> {\"name\":1}").unwrap_err().to_string().starts_with("line 2"));
    }
}
