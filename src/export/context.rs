//! Context policies: how much of what the agent had seen stands in the prompt.

use super::message::{Message, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How much of the conversation before a turn is its prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Context {
    /// What the agent had: all, or from the last compaction's summary on.
    #[default]
    Seen,
    /// All of it, summaries left out.
    Whole,
    /// From the nth last user message on.
    Turns(usize),
    /// As many whole exchanges, the latest first, as stay within so many tokens.
    Tokens(usize),
}

impl TryFrom<String> for Context {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = |text: &str| text.parse::<usize>().ok().filter(|n| *n > 0);
        match (text.as_str(), text.split_once('=')) {
            ("seen", _) => Some(Self::Seen),
            ("whole", _) => Some(Self::Whole),
            (_, Some(("turns", n))) => number(n).map(Self::Turns),
            (_, Some(("tokens", n))) => number(n).map(Self::Tokens),
            _ => None,
        }
        .ok_or_else(|| format!("context is seen, whole, turns=N or tokens=N, not {text:?}"))
    }
}

impl From<Context> for String {
    fn from(context: Context) -> Self {
        match context {
            Context::Seen => "seen".to_owned(),
            Context::Whole => "whole".to_owned(),
            Context::Turns(n) => format!("turns={n}"),
            Context::Tokens(n) => format!("tokens={n}"),
        }
    }
}

/// A way to count tokens: its name, and the count of a text.
pub type Counter = (&'static str, fn(&str) -> usize);

/// The counters by name; none of them is a trainer's tokenizer, all of them need nothing but the text.
pub const COUNTERS: &[Counter] =
    &[("bytes/4", |text| text.len().div_ceil(4)), ("characters", |text| text.chars().count()), ("words", |text| text.split_whitespace().count())];

/// Finds a counter by its name.
#[must_use]
pub fn counter(name: &str) -> Option<Counter> {
    COUNTERS.iter().copied().find(|(known, _)| *known == name)
}

/// Counts the tokens of some messages.
#[must_use]
pub fn count(messages: &[Arc<Message>], counter: Counter) -> usize {
    messages.iter().map(|message| (counter.1)(&message.all_text())).sum()
}

/// Cuts a prompt as the policy says; the system prompt stays where `system` is true, and what is kept begins with a user message.
#[must_use]
pub fn cut(prompt: &[Arc<Message>], context: Context, counter: Counter, system: bool) -> Vec<Arc<Message>> {
    let head = prompt.iter().filter(|m| m.role == Role::System && system).cloned();
    let body: Vec<Arc<Message>> = prompt.iter().filter(|m| m.role != Role::System).cloned().collect();
    let starts: Vec<usize> = body.iter().enumerate().filter(|(_, m)| m.role == Role::User).map(|(i, _)| i).collect();
    let from = match context {
        Context::Seen => return head.chain(seen(body)).collect(),
        Context::Whole => 0,
        Context::Turns(n) => starts.iter().rev().nth(n.saturating_sub(1)).copied().unwrap_or(0),
        Context::Tokens(budget) => {
            // From the end on, as far as the budget goes; the last exchange stands whatever it takes.
            let (mut tokens, mut end, mut from) = (0, body.len(), starts.last().copied().unwrap_or(0));
            for start in starts.iter().rev().copied() {
                tokens += count(body.get(start..end).unwrap_or_default(), counter);
                if tokens > budget {
                    break;
                }
                (from, end) = (start, start);
            }
            from
        }
    };
    let body = body.into_iter().skip(from).filter(|m| !(m.summary && context == Context::Whole));
    head.chain(body).collect()
}

/// What the agent had: the last summary, what was kept beside it, and what came after.
fn seen(body: Vec<Arc<Message>>) -> Vec<Arc<Message>> {
    let Some(at) = body.iter().rposition(|message| message.summary) else { return body };
    let kept = body.get(..at).unwrap_or_default().iter().rev().take(body.get(at).map_or(0, |summary| summary.kept)).rev();
    let kept = kept.filter(|message| !message.summary);
    body.get(at).into_iter().chain(kept).chain(body.iter().skip(at + 1)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_beside_a_summary_stands_after_it() {
        let mut talk = talk();
        Arc::make_mut(&mut talk[3]).kept = 1;
        let texts: Vec<String> = cut(&talk, Context::Seen, COUNTERS[0], true).iter().map(|m| m.text.clone()).collect();
        assert_eq!(texts, ["sys", "summary", "first answer", "b", "cccc", "dddd"]);
    }

    fn talk() -> Vec<Arc<Message>> {
        let say = |role, text: &str| Message::new(role, text.to_owned());
        let mut summary = say(Role::User, "summary");
        summary.summary = true;
        [
            say(Role::System, "sys"),
            say(Role::User, "first request"),
            say(Role::Assistant, "first answer"),
            summary,
            say(Role::Assistant, "b"),
            say(Role::User, "cccc"),
            say(Role::Assistant, "dddd"),
        ]
        .into_iter()
        .map(Arc::new)
        .collect()
    }

    fn texts(context: &str) -> Vec<String> {
        let context = Context::try_from(context.to_owned()).unwrap();
        cut(&talk(), context, COUNTERS[1], true).iter().map(|m| m.text.clone()).collect()
    }

    #[test]
    fn each_policy_keeps_what_it_says() {
        assert_eq!(texts("seen"), ["sys", "summary", "b", "cccc", "dddd"]);
        assert_eq!(texts("whole"), ["sys", "first request", "first answer", "b", "cccc", "dddd"]);
        assert_eq!(texts("turns=1"), ["sys", "cccc", "dddd"]);
        assert_eq!(texts("tokens=16"), ["sys", "summary", "b", "cccc", "dddd"]);
        assert_eq!(texts("tokens=1"), ["sys", "cccc", "dddd"]);
        assert!(Context::try_from("tokens=0".to_owned()).is_err());
    }
}
