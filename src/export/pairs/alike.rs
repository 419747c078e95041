//! Whether two turns say the same, or part inside what was redacted: then nothing can be learnt from the difference.

use crate::export::message::Message;
use regex::Regex;
use std::sync::LazyLock;

/// A mark of redaction, with the pseudonym at its end.
static MARK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\[REDACTED:([a-z0-9_]+):p-[a-z2-7]{6}\]").ok());

/// Ids that are made anew each time: UUIDs, and those that services give calls, messages and requests.
static MADE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?:toolu|call|msg|req|fc)_[0-9A-Za-z]{6,})\b").ok());

/// Says why the difference of two turns teaches nothing.
#[must_use]
pub fn alike(good: &Message, bad: &Message) -> Option<&'static str> {
    if good.same_as(bad) {
        return Some("both sides say the same");
    }
    let (good, bad) = (good.all_text(), bad.all_text());
    if plain(&good) == plain(&bad) {
        return Some("the sides differ in pseudonyms, ids or spaces alone");
    }
    part_in_mark(&good, &bad).then_some("the sides part inside a passage that was redacted")
}

/// A text without what is made anew each time, and without any space.
fn plain(text: &str) -> String {
    let text = MARK.as_ref().map_or(text.to_owned(), |mark| mark.replace_all(text, "[REDACTED:$1]").into_owned());
    let text = MADE.as_ref().map_or(text.clone(), |made| made.replace_all(&text, "[ID]").into_owned());
    text.split_whitespace().collect()
}

/// Tells whether the first difference lies inside a mark of either text.
fn part_in_mark(good: &str, bad: &str) -> bool {
    let at = good.bytes().zip(bad.bytes()).take_while(|(a, b)| a == b).count();
    let within = |text: &str| MARK.as_ref().is_some_and(|mark| mark.find_iter(text).any(|found| found.start() < at && at < found.end()));
    within(good) || within(bad)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::message::Role;

    fn why(good: &str, bad: &str) -> Option<&'static str> {
        let turn = |text: &str| Message::new(Role::Assistant, text.to_owned());
        alike(&turn(good), &turn(bad))
    }

    #[test]
    fn what_is_made_anew_is_no_difference() {
        assert_eq!(
            why("write to [REDACTED:email:p-abcdef]", "write  to [REDACTED:email:p-ghijkl]"),
            Some("the sides differ in pseudonyms, ids or spaces alone")
        );
        assert_eq!(why("see toolu_01abcdef", "see toolu_02ghijkl"), Some("the sides differ in pseudonyms, ids or spaces alone"));
        assert_eq!(
            why("ask [REDACTED:email:p-abcdef] first", "ask [REDACTED:email:p-ghijkl] never"),
            Some("the sides part inside a passage that was redacted")
        );
        assert_eq!(why("[REDACTED:email:p-abcdef] may I?", "[REDACTED:email:p-abcdef] I did."), None);
        assert_eq!(why("{\"command\":\"ls a\"}", "{\"command\": \"ls  a \"}"), Some("the sides differ in pseudonyms, ids or spaces alone"));
        assert_eq!(why("git reset abc1234", "git reset abc1235"), None);
    }
}
