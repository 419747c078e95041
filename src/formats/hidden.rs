//! What a record says without showing it: bidi controls, invisible letters, escape sequences; noted where it is read, since whoever looks
//! at the session sees marks and a model reads the text.

use crate::model::{Body, Fact, Issue};
use crate::text::{HIDDEN_TEXT, Hostile, has_hostile, json_has_hostile};

/// Notes each record of which a fact holds what would not show, once.
pub fn note_hidden(facts: &[Fact], issues: &mut Vec<Issue>) {
    let mut last = None;
    for fact in facts {
        let Some((kind, span)) = hidden(&fact.body).zip(fact.spans.first()) else { continue };
        if last.replace(span.start) != Some(span.start) {
            issues.push(Issue::at(HIDDEN_TEXT, span.line, format!("{}; shown as marks, kept as they are", kind.said())));
        }
    }
}

fn hidden(body: &Body) -> Option<Hostile> {
    let of = |texts: &[&Option<String>]| texts.iter().filter_map(|text| has_hostile(text.as_deref()?)).max();
    match body {
        Body::Text { text, .. } | Body::Thinking(text) | Body::Context(text) | Body::Unknown(text) | Body::Error(text) => has_hostile(text),
        Body::Attachment { name, text, .. } => has_hostile(name).max(has_hostile(text)),
        Body::Resumed { text, .. } | Body::Skill { text, .. } | Body::Artifact { text, .. } => has_hostile(text),
        Body::Call(call) => call.args.as_deref().and_then(json_has_hostile).max(of(&[&call.command, &call.justification])),
        Body::Result(result) => has_hostile(&result.text).max(of(&[&result.error])),
        Body::Wait(wait) => of(&[&wait.reason, &wait.shown_text]),
        Body::Resolution(resolution) => of(&[&resolution.reason]),
        Body::Policy(policy) => has_hostile(&policy.text),
        Body::Eval(eval) => of(&[&eval.rationale]),
        Body::Progress(_) | Body::Usage(_) | Body::Part => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};

    /// Gives line, kind and beginning of what was noted of a file.
    fn noted(text: &str, ranges_only: bool) -> Vec<(Option<u64>, &'static str, String)> {
        let reading = read_plain(text.as_bytes(), "x", Want { format: None, ranges_only }, &mut |_, _| {}).unwrap();
        let issues = reading.portions.into_iter().flat_map(|(portion, _)| portion.issues);
        issues.map(|issue| (issue.line, issue.kind, issue.message.split(';').next().unwrap_or_default().to_owned())).collect()
    }

    #[test]
    fn what_does_not_show_is_noted_with_its_line_however_it_is_written() {
        let row = |content: &str| format!("{{\"messages\":[{{\"role\":\"user\",\"content\":\"{content}\"}}]}}\n");
        let text = row("plain \\u001b[1mbold\\u001b[0m") + &row("accept\\u202etcejer") + &row("café") + &row("\u{E0068}\u{E0069}");
        let expect = [
            (Some(2), "hidden_text", "controls that turn the direction of the text".to_owned()),
            (Some(4), "hidden_text", "letters that do not show, which a model reads".to_owned()),
        ];
        assert_eq!(noted(&text, false), expect);
        assert_eq!(noted(&text, true), expect);
    }
}
