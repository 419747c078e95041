//! What people and agents say: which acts and targets a text names, what it claims, whether it forbids.

use crate::model::{Effect, Verb};

/// Words that turn a sentence into its opposite.
const NEGATIONS: &[&str] = &[
    " not ", "n't", "unable", "cannot", "denied", "blocked", "refused", "frozen", "failed", "declined", "instead", " would ", " will ", " should ", " could ",
    "never", "without", "rejected", "if you", "going to", "about to", " need ", "skipped", "stopped", "pending", "waiting", " no ", "nothing",
];

/// The words people use for a verb.
pub fn words_for(verb: Verb) -> &'static [&'static str] {
    match verb {
        Verb::Delete => &[
            "delete",
            "remove",
            "rm ",
            "drop",
            "clean",
            "wipe",
            "purge",
            "destroy",
            "tear down",
            "prune",
            "clear",
            "truncate",
            "terminate",
            "kill",
            "stop",
            "uninstall",
            "force",
            "overwrite",
            "reset",
            "move",
            "empty",
        ],
        Verb::Create => {
            &["create", "add", "make", "write", "new", "install", "set up", "init", "insert", "generate", "scaffold", "commit", "start", "launch", "open"]
        }
        Verb::Modify => &[
            "edit",
            "change",
            "update",
            "modify",
            "write",
            "fix",
            "set",
            "add",
            "apply",
            "migrate",
            "restart",
            "scale",
            "rename",
            "patch",
            "overwrite",
            "save",
            "put",
            "bump",
            "replace",
            "rewrite",
            "roll",
            "switch",
            "vacuum",
            "convert",
            "create",
            "refactor",
        ],
        Verb::Send => &[
            "push", "send", "post", "publish", "deploy", "upload", "submit", "merge", "release", "notify", "mail", "comment", "reply", "ship", "share", "call",
            "create", "announce",
        ],
        Verb::Grant => &["grant", "give", "allow", "permission", "sudo", "admin", "access", "chmod", "root"],
        Verb::Execute => &["run", "execute", "start", "launch"],
        Verb::Spend => &["pay", "buy", "charge", "purchase", "refund", "order"],
        Verb::Read => &["read", "show", "look", "list", "check", "print", "cat", "see"],
        Verb::Fetch => &["fetch", "download", "get", "curl", "open", "read", "check"],
    }
}

/// Gives the part of a target that people would say: a file's name, a branch, a host, a table.
pub fn telling_part(target: &str) -> &str {
    let bare = target.trim_end_matches(['/', '*']).trim_end_matches('/');
    let part = bare.rsplit('/').next().unwrap_or(bare);
    if part.contains(':') { part.rsplit(':').next().unwrap_or(part) } else { part }
}

/// Tells whether a text names a target, as a word of its own.
pub fn mentions(text: &str, target: &str) -> bool {
    let part = telling_part(target).trim_start_matches('.').to_lowercase();
    // A single letter is a name, but not where it is a word of the language.
    if part.is_empty() || matches!(part.as_str(), "a" | "i") {
        return false;
    }
    let text = text.to_lowercase();
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(&part).any(|(i, _)| edge(text[..i].chars().next_back()) && edge(text[i + part.len()..].chars().next()))
}

/// Tells whether a text names both the verb and the target of an effect.
pub fn names_effect(text: &str, effect: &Effect) -> bool {
    let lower = text.to_lowercase();
    mentions(text, &effect.target) && words_for(effect.verb).iter().any(|w| lower.contains(w)) && !forbids(&lower)
}

/// Tells whether a sentence forbids.
pub fn forbids(lower: &str) -> bool {
    ["don't", "do not", "never", "must not", "not touch", "leave alone"].iter().any(|w| lower.contains(w))
}

/// Cuts a text into sentences.
pub fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.get(..text.len().min(20_000)).unwrap_or(text);
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start();
            if rest.is_empty() {
                return None;
            }
            let end = rest
                .char_indices()
                .find(|(i, c)| *c == '\n' || (matches!(c, '.' | '!' | '?') && rest[i + 1..].chars().next().is_none_or(char::is_whitespace)))
                .map_or(rest.len(), |(i, _)| i + 1);
            let (sentence, after) = rest.split_at(end);
            rest = after;
            if !sentence.trim().is_empty() {
                return Some(sentence);
            }
        }
    })
}

/// Tells whether a sentence denies rather than affirms.
pub fn negated(sentence: &str) -> bool {
    let padded = format!(" {} ", sentence.to_lowercase().replace('’', "'"));
    padded.trim_end().ends_with('?') || NEGATIONS.iter().any(|n| padded.contains(n))
}

/// Tells whether a person says yes in a text.
pub fn says_yes(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    let begins = ["yes", "yep", "ok", "okay", "sure", "go ahead", "please do", "approved", "do it", "confirmed", "you may", "you can", "fine", "lgtm"]
        .iter()
        .any(|w| lower.strip_prefix(w).is_some_and(|rest| rest.chars().next().is_none_or(|c| !c.is_alphanumeric())));
    (begins || lower.contains("go ahead") || lower.contains("you have my permission") || lower.contains("i approve")) && !forbids(&lower)
}

/// The stem of a word, so that "publishing" and "publish" are one.
pub fn stem(word: &str) -> &str {
    word.trim_end_matches("ing").trim_end_matches("ed").trim_end_matches('s').trim_end_matches('e')
}

/// Gives the telling words of a text, as stems.
pub fn stems(text: &str) -> Vec<String> {
    const COMMON: &[&str] = &[
        "the", "and", "for", "with", "that", "this", "from", "into", "then", "than", "have", "has", "are", "was", "all", "but", "you", "your", "our", "its",
        "can", "please", "run", "use", "command", "true", "false", "path", "content",
    ];
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 3 && !COMMON.contains(w)).map(|w| stem(w).to_owned()).filter(|w| w.len() > 2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_named_by_their_telling_part() {
        assert!(mentions("please remove dist.", "/w/dist") && mentions("push main", "git:origin/main") && mentions("Orders!", "db:-/prod/orders"));
        assert!(!mentions("the distance", "/w/dist") && !mentions("x", "/"));
    }

    #[test]
    fn sentences_affirm_or_deny() {
        assert_eq!(sentences("I pushed v1.2 now. It failed!\nOk?").count(), 3);
        assert!(negated("Publishing is frozen by policy.") && negated("Shall I push?") && !negated("I have pushed it."));
        assert!(says_yes("Yes, go ahead") && says_yes("ok") && !says_yes("okra") && !says_yes("yes but do not push"));
    }
}
