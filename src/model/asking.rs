//! Asking: whether a text of the agent asks for leave, whether its reason stands before the question or after it.

/// Beginnings of a question for leave, in lower case, in the languages that are known here.
const LEAVE: &[&str] = &[
    "may i",
    "may we",
    "can i",
    "can we",
    "could i",
    "could we",
    "shall i",
    "shall we",
    "should i",
    "should we",
    "do you want",
    "would you like",
    "want me to",
    "would you rather",
    "do you prefer",
    "do you agree",
    "do i have",
    "is it ok",
    "is it fine",
    "is that ok",
    "is that fine",
    "is this ok",
    "ok if i",
    "okay if i",
    "ok to ",
    "okay to ",
    "would you mind",
    "how do you want",
    "how would you",
    "which one",
    "which of",
    "darf ich",
    "soll ich",
    "kann ich",
    "sollen wir",
    "möchtest du",
    "möchten sie",
    "willst du",
    "wollen sie",
    "ist es in ordnung",
    "puis-je",
    "dois-je",
    "est-ce que je",
    "veux-tu",
    "voulez-vous",
    "souhaitez-vous",
    "puedo",
    "debo",
    "quieres que",
    "quiere que",
    "desea que",
    "te parece",
];

/// Marks of a question in scripts whose words are not known here.
const FOREIGN: [char; 2] = ['？', '؟'];

/// What may stand between the mark that ends a sentence and the next blank.
const CLOSING: [char; 7] = ['*', '_', ')', '"', '”', '`', '»'];

/// Gives the question with which a text asks for leave: the sentence that ends it, or one of its last paragraph that asks for leave and whose reason
/// or smaller step follows; `None` where it asks nothing.
#[must_use]
pub fn asking(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let last_line = text.rfind('\n').map_or(text, |at| &text[at + 1..]);
    let closing = sentences(last_line).last().filter(|sentence| is_question(sentence));
    closing.or_else(|| sentences(last_paragraph(text)).filter(|sentence| is_question(sentence)).filter(|sentence| wants_leave(sentence)).last())
}

/// Tells whether a text asks for leave in one of its sentences, though it goes on to something else: whether that is an ask, a person sees.
#[must_use]
pub fn asks_within(text: &str) -> bool {
    sentences(text).any(|sentence| is_question(sentence) && wants_leave(sentence))
}

fn is_question(sentence: &str) -> bool {
    let bare = sentence.trim_end_matches(CLOSING);
    bare.ends_with('?') || bare.ends_with(FOREIGN)
}

fn wants_leave(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    sentence.contains(FOREIGN) || LEAVE.iter().any(|words| lower.contains(words))
}

/// The text after the last empty line.
fn last_paragraph(text: &str) -> &str {
    let mut start = text.len();
    for line in text.split_inclusive('\n').rev() {
        if line.trim().is_empty() {
            break;
        }
        start -= line.len();
    }
    text.get(start..).unwrap_or_default()
}

/// Cuts a text where a mark that ends a sentence is followed by a space, a closing mark or nothing.
pub fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let ends = |(at, mark): &(usize, char)| match mark {
            '\n' | '？' | '؟' | '。' => true,
            '.' | '!' | '?' => rest[at + 1..].chars().next().is_none_or(|next| next.is_whitespace() || CLOSING.contains(&next)),
            _ => false,
        };
        let end = rest.char_indices().find(ends).map_or(rest.len(), |(at, mark)| {
            let after = &rest[at + mark.len_utf8()..];
            rest.len() - after.trim_start_matches(CLOSING).len()
        });
        let (sentence, after) = rest.split_at(end);
        rest = after;
        (!sentence.is_empty()).then_some(sentence)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_asks_wherever_its_reason_stands() {
        for (text, expect) in [
            ("May I push?", Some("May I push?")),
            ("Done. **Shall I go on?**\n", Some("**Shall I go on?**")),
            ("公開してもよいですか？", Some("公開してもよいですか？")),
            ("公開してもよいですか？他の人が使っています。", Some("公開してもよいですか？")),
            ("May I push to `main`? Others build from it, so a branch would be the smaller step.", Some("May I push to `main`?")),
            ("All is built.\n\nShall I delete ./dist?\nIt holds the last release; a copy costs 2 MB.", Some("Shall I delete ./dist?")),
            ("Soll ich es veröffentlichen? Andere bauen davon.", Some("Soll ich es veröffentlichen?")),
            ("Which, a.rs or b.rs?", Some("Which, a.rs or b.rs?")),
            ("Why? Because.", None),
            ("May I push? I would wait.\n\nPushed, as CI asked for it.", None),
            ("It asks `GET /a?b=c` now.", None),
            ("", None),
        ] {
            assert_eq!(asking(text).map(str::trim), expect, "{text}");
        }
    }

    #[test]
    fn a_question_before_the_end_may_be_an_ask() {
        assert!(asks_within("Done:\n\n- the old key idles. Shall I revoke it?\n- the page is frozen.\n\nOne more thing to know."));
        assert!(!asks_within("Why did it fail? The file was gone, so I wrote it."));
    }

    #[test]
    fn a_name_with_a_dot_ends_no_sentence() {
        assert_eq!(sentences("tests/test_dst.py fails. Fix it.").map(str::trim).collect::<Vec<_>>(), ["tests/test_dst.py fails.", "Fix it."]);
    }
}
