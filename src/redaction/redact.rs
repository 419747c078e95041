//! Writing what may leave: every place of a value that must not, in any encoding, becomes a mark or a fake.
//!
//! A mark is `[REDACTED:<class>:p-<six letters>]`: no quote and no backslash, so that JSON stays JSON wherever it stands, and
//! never what Maestro's marks look like. The same value has the same pseudonym in one scope.

use super::decode::explore;
use super::encoded::forms;
use super::finder::{Finder, Pattern, folded};
use super::keyed::Key;
use super::known::{in_any_case, is_whole};
use serde_json::Value as Json;
use std::ops::Range;

/// Shorter values are replaced as whole words alone.
const WORD_BYTES: usize = 8;
/// Shorter values cannot be replaced at all without taking the text apart.
const MIN_BYTES: usize = 3;
/// Rounds of replacing, until nothing is found any more.
const ROUNDS: usize = 4;

/// What stands where a value stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// A mark.
    #[default]
    Mark,
    /// Something of the same form, where there is one (e-mail, host, phone, user name), else a mark.
    Shaped,
    /// A mask that says nothing, for the screen.
    Mask,
}

/// What a screen shows where a value stands.
pub const MASK: &str = "▓▓▓▓▓▓▓▓";

/// A value that must not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwanted {
    /// The value.
    pub value: String,
    /// What it is, such as `github_token`.
    pub class: String,
}

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Bytes of the text as it was.
    pub range: Range<usize>,
    /// What stands there now.
    pub put: String,
    /// What was there.
    pub class: String,
}

/// A text without the values, and what was done to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redacted {
    /// The text.
    pub text: String,
    /// Replacements, in order; their ranges are those of the text given in.
    pub changes: Vec<Change>,
}

/// Replaces values in texts and JSON.
pub struct Redactor {
    values: Vec<(Unwanted, String)>,
    finder: Finder,
    /// The value of each pattern.
    of: Vec<usize>,
    refused: usize,
}

impl Redactor {
    /// Makes a redactor for some values; `scope` names the export, within which a value keeps its pseudonym.
    #[must_use]
    pub fn new(key: &Key, scope: &str, style: Style, unwanted: impl IntoIterator<Item = Unwanted>) -> Self {
        let (mut values, mut patterns, mut of, mut refused) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for one in unwanted {
            if one.value.len() < MIN_BYTES {
                refused += 1;
                continue;
            }
            patterns.push(Pattern { text: one.value.clone(), any_case: in_any_case(&one.class) });
            patterns.extend(forms(&one.value));
            of.resize(patterns.len(), values.len());
            let put = replacement(key, scope, style, &one);
            values.push((one, put));
        }
        Self { values, finder: Finder::of(&patterns), of, refused }
    }

    /// Gives how many values are too short to be replaced; what holds one must not leave.
    #[must_use]
    pub const fn refused(&self) -> usize {
        self.refused
    }

    /// Tells whether there is nothing to replace.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Replaces every value in a text; what is not a value, or a coded form of one, stays to the byte.
    #[must_use]
    pub fn text(&self, text: &str) -> Redacted {
        let mut places = self.places(text);
        let mut out = apply(text, &places);
        // Taking one value away can bring the ends of another together.
        for _ in 0..ROUNDS {
            let more = self.places(&out);
            if more.is_empty() {
                break;
            }
            places = merge(places, more);
            out = apply(text, &places);
        }
        Redacted { text: out, changes: places }
    }

    /// Replaces every value in the strings and names of a JSON value; shape, numbers and order stay.
    #[must_use]
    pub fn json(&self, value: &Json) -> (Json, Vec<Change>) {
        let mut changes = Vec::new();
        let out = self.node(value, &mut changes);
        (out, changes)
    }

    fn node(&self, value: &Json, changes: &mut Vec<Change>) -> Json {
        let mut text = |text: &str| {
            let redacted = self.text(text);
            changes.extend(redacted.changes);
            redacted.text
        };
        match value {
            Json::String(string) => Json::String(text(string)),
            Json::Number(number) => {
                let written = number.to_string();
                let redacted = text(&written);
                if redacted == written { value.clone() } else { Json::String(redacted) }
            }
            Json::Array(items) => Json::Array(items.iter().map(|item| self.node(item, changes)).collect()),
            Json::Object(fields) => {
                let fields = fields.iter().map(|(name, item)| {
                    let name = self.text(name);
                    changes.extend(name.changes);
                    (name.text, self.node(item, changes))
                });
                Json::Object(fields.collect())
            }
            Json::Null | Json::Bool(_) => value.clone(),
        }
    }

    /// Tells whether a text holds any of the values, in clear or coded; what is written must not.
    #[must_use]
    pub fn finds(&self, text: &str) -> bool {
        !self.places(text).is_empty()
    }

    fn places(&self, text: &str) -> Vec<Change> {
        let mut found: Vec<Change> = Vec::new();
        explore(text, &mut |view| {
            self.hits(view.text, &mut |range, value, put| found.push(Change { range: view.back(range), put: put.to_owned(), class: value.class.clone() }));
        });
        disjoint(found)
    }

    /// Finds the values, and their coded forms, in a text as it stands, without decoding it: fast, for what is shown.
    #[must_use]
    pub fn ranges(&self, text: &str) -> Vec<(Range<usize>, &Unwanted)> {
        let mut found = Vec::new();
        self.hits(text, &mut |range, value, _| found.push((range, value)));
        found
    }

    fn hits<'s>(&'s self, text: &str, show: &mut dyn FnMut(Range<usize>, &'s Unwanted, &'s str)) {
        let value = |pattern: usize| self.of.get(pattern).and_then(|number| self.values.get(*number));
        let holds = |pattern: usize, range: &Range<usize>| value(pattern).is_some_and(|(one, _)| one.value.len() >= WORD_BYTES || is_whole(text, range));
        self.finder.find(text, &holds, &mut |pattern, range| {
            if let Some((one, put)) = value(pattern) {
                show(range, one, put);
            }
        });
    }
}

/// Keeps the first and widest of places that overlap, widened by those.
fn disjoint(mut found: Vec<Change>) -> Vec<Change> {
    found.sort_by_key(|change| (change.range.start, std::cmp::Reverse(change.range.end)));
    let mut kept: Vec<Change> = Vec::new();
    for change in found {
        match kept.last_mut() {
            Some(last) if change.range.start < last.range.end => last.range.end = last.range.end.max(change.range.end),
            _ => kept.push(change),
        }
    }
    kept
}

fn apply(text: &str, places: &[Change]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for place in places {
        out.push_str(text.get(from..place.range.start).unwrap_or_default());
        out.push_str(&place.put);
        from = place.range.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Takes places of an already changed text back to the first one; what touches a replacement takes in what it replaced.
fn merge(places: Vec<Change>, more: Vec<Change>) -> Vec<Change> {
    let back = |at: usize, end: bool| {
        let (mut old, mut new) = (0, 0);
        for place in &places {
            let kept = new + (place.range.start - old);
            if at < kept || (end && at == kept) {
                break;
            }
            if at < kept + place.put.len() || (end && at == kept + place.put.len()) {
                return if end { place.range.end } else { place.range.start };
            }
            (old, new) = (place.range.end, kept + place.put.len());
        }
        old + (at - new)
    };
    let moved: Vec<Change> = more.into_iter().map(|c| Change { range: back(c.range.start, false)..back(c.range.end, true), ..c }).collect();
    disjoint(places.iter().cloned().chain(moved).collect())
}

/// Gives what stands for a value.
fn replacement(key: &Key, scope: &str, style: Style, one: &Unwanted) -> String {
    if style == Style::Mask {
        return MASK.to_owned();
    }
    // A person is the same one in any case; two passwords that differ by it are two.
    let name = if in_any_case(&one.class) { folded(&one.value) } else { one.value.clone() };
    let (pseudonym, number) = (key.pseudonym(scope, &name), key.draw(scope, &name));
    match (style, one.class.as_str()) {
        (Style::Shaped, "email") => format!("{pseudonym}@redacted.example"),
        (Style::Shaped, "home_user" | "person_name") => format!("user-{pseudonym}"),
        // TEST-NET-3 of RFC 5737, and the range of phone numbers that belong to nobody.
        (Style::Shaped, "ipv4") => format!("203.0.113.{}", number % 254 + 1),
        (Style::Shaped, "phone") => format!("+1-{}-555-01{:02}", number % 700 + 200, number / 700 % 100),
        _ => format!("[REDACTED:{}:{pseudonym}]", one.class),
    }
}

#[cfg(test)]
mod tests {
    use super::super::encoded::{base64, hex};
    use super::*;
    use proptest::prelude::*;

    fn redactor(values: &[(&str, &str)], style: Style) -> Redactor {
        let key = Key::new(&[7; 32]).unwrap();
        Redactor::new(&key, "bundle", style, values.iter().map(|(value, class)| Unwanted { value: (*value).into(), class: (*class).into() }))
    }

    #[test]
    fn every_place_gets_one_mark_and_the_rest_stays() {
        let redactor = redactor(&[("s3cr3t-V4lue", "password"), ("anna@nordlicht.se", "email"), ("ab", "pin")], Style::Mark);
        let redacted = redactor.text("a s3cr3t-V4lue, ANNA@nordlicht.se; S3CR3T-v4lue");
        assert_eq!(redactor.refused(), 1);
        assert_eq!(redacted.changes.len(), 2);
        let mark = &redacted.changes[0].put;
        assert!(mark.starts_with("[REDACTED:password:p-") && mark.len() == 28, "{mark}");
        assert!(redacted.text.starts_with(&format!("a {mark}, [REDACTED:email:p-")) && redacted.text.ends_with("; S3CR3T-v4lue"));
        assert_eq!(redactor.text("nothing here").changes, []);
    }

    #[test]
    fn values_that_differ_by_case_or_overlap_are_all_taken() {
        let two = redactor(&[("Hunter2xQ9vLm", "password"), ("hUnter2xq9vlm", "password")], Style::Mark);
        let text = two.text("Hunter2xQ9vLm, hUnter2xq9vlm, HUNTER2XQ9VLM").text;
        let marks: Vec<&str> = text.split(", ").collect();
        assert!(marks[0].starts_with("[REDACTED:") && marks[1].starts_with("[REDACTED:") && marks[0] != marks[1] && marks[2] == "HUNTER2XQ9VLM", "{text}");
        assert!(two.finds("x hUnter2xq9vlm") && two.finds("Hunter2xQ9vLm"));
        let two = redactor(&[("Blue-Fox", "project_word"), ("Foxtrot-Bank", "project_word")], Style::Mark);
        let redacted = two.text("to Blue-Foxtrot-Bank.");
        assert_eq!((redacted.changes.len(), redacted.changes[0].range.clone()), (1, 3..20), "{}", redacted.text);
        let one = redactor(&[("anna@nordlicht.se", "email")], Style::Mark);
        assert_eq!(one.text("anna@nordlicht.se").text, one.text("ANNA@NORDLICHT.SE").text);
    }

    #[test]
    fn a_short_value_is_found_in_its_coded_forms_as_a_word() {
        let short = redactor(&[("kx9#Qz", "password")], Style::Mark);
        for text in ["a3g5I1F6", "6b7839235a", "6b783923517a", "6B783923517A", "%6b%78%39%23%51%7a", "kx9%23Qz"] {
            assert_eq!(short.finds(&format!("see {text} here")), text != "6b7839235a", "{text}");
        }
        assert!(!short.finds("commit 4f6b783923517a0b") && !short.finds("xa3g5I1F6"));
    }

    #[test]
    fn json_keeps_its_shape() {
        let redactor = redactor(&[("4111111111111111", "card"), ("s3cr3t-V4lue", "password")], Style::Mark);
        let value = serde_json::json!({"s3cr3t-V4lue": [1, {"inner": "{\"p\":\"s3cr3t-V4lue\"}"}], "n": 4_111_111_111_111_111_u64, "id": "c1"});
        let (out, changes) = redactor.json(&value);
        assert_eq!(changes.len(), 3);
        assert_eq!((&out["id"], out["n"].is_string()), (&serde_json::json!("c1"), true));
        let inner = out.as_object().unwrap().values().find_map(|v| v.get(1)?.get("inner")?.as_str()).unwrap();
        assert!(serde_json::from_str::<Json>(inner).unwrap()["p"].as_str().unwrap().starts_with("[REDACTED:password:"));
    }

    #[test]
    fn fakes_have_the_form_of_what_they_stand_for() {
        let redactor = redactor(&[("anna@nordlicht.se", "email"), ("93.184.216.34", "ipv4")], Style::Shaped);
        let text = redactor.text("anna@nordlicht.se at 93.184.216.34").text;
        assert!(text.contains("@redacted.example at 203.0.113."), "{text}");
    }

    /// Writes a value as agents' records hold it.
    fn written(value: &str, form: usize) -> String {
        match form {
            0 => value.to_owned(),
            1 => serde_json::to_string(&serde_json::json!({ "out": value })).unwrap(),
            2 => serde_json::to_string(&serde_json::json!({"o": serde_json::to_string(&serde_json::json!({"p": value})).unwrap()})).unwrap(),
            3 => base64(value.as_bytes()),
            4 => hex(value),
            5 => value.bytes().map(|b| format!("%{b:02X}")).collect(),
            6 => base64(base64(format!("pass {value} word").as_bytes()).as_bytes()),
            _ => format!("\u{1b}[31m{value}\u{1b}[0m"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn no_value_is_left_in_any_form_and_nothing_else_changes(
            value in "[a-z]{3}[0-9]{3}[A-Za-z0-9_!#-]{6,20}[a-z0-9]", form in 0usize..8, before in "[a-zA-Z ,.\n{}\":\\\\]{0,40}", after in "[a-zA-Z ,.\n{}\":\\\\]{0,40}",
        ) {
            let redactor = redactor(&[(&value, "token")], Style::Mark);
            let text = format!("{before} {} {after}", written(&value, form));
            let redacted = redactor.text(&text);
            prop_assert!(!redactor.finds(&redacted.text), "{text:?} -> {:?}", redacted.text);
            prop_assert!(!redacted.text.contains(&value));
            prop_assert!(!redacted.changes.is_empty(), "{text:?}");
            // Put back what was taken: the rest is as it was.
            let (mut rebuilt, mut from, mut rest) = (String::new(), 0, redacted.text.as_str());
            for change in &redacted.changes {
                let kept = &text[from..change.range.start];
                prop_assert!(rest.starts_with(kept));
                rest = &rest[kept.len()..];
                prop_assert!(rest.starts_with(&change.put));
                rest = &rest[change.put.len()..];
                rebuilt.push_str(kept);
                rebuilt.push_str(&text[change.range.clone()]);
                from = change.range.end;
            }
            prop_assert_eq!(rest, &text[from..]);
        }
    }
}
