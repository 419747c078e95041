//! Masks for what is shown: values that sure rules find in a text, and values that are known, become a run of blocks.

use super::cleared::Cleared;
use super::engine::Engine;
use super::finding::Hit;
use super::keyed::Key;
use super::redact::{MASK, Redactor, Style, Unwanted};
use super::rules::{RuleSet, Subject};
use super::tracing::Tracer;
use crate::model::ids::hex;
use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

/// A shorter beginning of a value tells nothing of it.
const MIN_CUT: usize = 6;

/// How values are masked; another way leaves other words in the index, so that it is made anew.
const MASKING: &str = "a value found in one place in all places";

/// A mask names nothing, so it needs no key.
static NOBODY: Key = Key::nobody();

static SURE: LazyLock<Engine> = LazyLock::new(Engine::sure);

/// Known without making the engine: most texts are shown as an earlier scan left them.
static SURE_RULES: LazyLock<String> = LazyLock::new(|| hex(&Sha256::digest(format!("{} {MASKING}", RuleSet::hash_of(&[])))));

/// A command stands in its step, its arguments and every stream that says it, and the same few results in many sessions.
static CLEARED: LazyLock<Cleared> = LazyLock::new(Cleared::default);

/// Finds what our own sure rules find in a text, in every form it can be read.
#[must_use]
pub fn sure(text: &str) -> Vec<Hit> {
    let look = || Some(SURE.scan(&Subject { text, key: None, path: None })).filter(|found| !found.is_empty());
    CLEARED.look(text, look).unwrap_or_default()
}

/// Gives the SHA-256 of the sure rules and of the way their findings are masked.
#[must_use]
pub fn sure_rules() -> &'static str {
    &SURE_RULES
}

/// Masks the texts of one trajectory.
pub struct Mask {
    key: Option<Key>,
    known: Redactor,
    kept: FxHashSet<String>,
    sift: bool,
    traced: Option<Arc<Tracer>>,
}

/// A text with its values masked, and what was masked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Masked {
    /// The text.
    pub text: String,
    /// The values that the sure rules found; they live in memory alone.
    pub sure: Vec<String>,
    /// The values that were known.
    pub known: Vec<String>,
    /// What stood in the places, coded or not.
    pub written: Vec<String>,
}

impl Mask {
    /// Makes a mask for some values; with `sift`, what the sure rules find is masked as well, unless its fingerprint is among those kept.
    #[must_use]
    pub fn new(key: Option<Key>, known: impl IntoIterator<Item = Unwanted>, kept: FxHashSet<String>, sift: bool) -> Self {
        let known = Redactor::new(key.as_ref().unwrap_or(&NOBODY), "screen", Style::Mask, known);
        Self { key, known, kept, sift, traced: None }
    }

    /// Masks also what a tracer finds.
    #[must_use]
    pub fn tracing(self, tracer: Arc<Tracer>) -> Self {
        Self { traced: Some(tracer).filter(|tracer| !tracer.is_empty()), ..self }
    }

    /// Tells whether nothing would ever be masked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.sift && self.known.is_empty() && self.traced.is_none()
    }

    /// Masks a text; `None` if there is nothing to mask in it.
    #[must_use]
    pub fn text(&self, text: &str) -> Option<Masked> {
        if self.is_empty() {
            return None;
        }
        let known = self.known.ranges(text).into_iter();
        self.masked(text, text.len(), known.map(|(range, value)| (range, value.value.clone(), false)).collect())
    }

    /// Masks the first bytes of a text, in every form in which it can be read; of a value that reaches over their end nothing is shown.
    #[must_use]
    pub fn beginning(&self, text: &str, bytes: usize) -> String {
        let end = (0..=bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let known = self.known.text(text).changes.into_iter();
        let masked = self.masked(text, end, known.map(|change| (change.range, change.class, false)).collect());
        masked.map_or_else(|| text.get(..end).unwrap_or_default().to_owned(), |masked| masked.text)
    }

    /// Puts masks into what stands before `end`: where values are known to stand, and where the sure rules find one.
    fn masked(&self, text: &str, end: usize, mut places: Vec<(Range<usize>, String, bool)>) -> Option<Masked> {
        if self.sift {
            let kept = |hit: &Hit| !self.kept.is_empty() && self.fingerprint(&hit.value).is_some_and(|name| self.kept.contains(&name));
            let found: Vec<Hit> = sure(text).into_iter().filter(|hit| !kept(hit)).collect();
            places.extend(elsewhere(&found, text));
            places.extend(found.into_iter().map(|hit| (hit.outer, hit.value, true)));
        }
        if let Some(tracer) = &self.traced {
            tracer.find(text, &mut |_, value, range| places.push((range, value.to_owned(), false)));
        }
        places.retain(|(range, ..)| range.start < end);
        if places.is_empty() {
            return None;
        }
        places.sort_by_key(|(range, ..)| (range.start, std::cmp::Reverse(range.end)));
        let mut masked = Masked::default();
        let mut from = 0;
        for (range, value, sure) in places {
            if range.start >= from {
                masked.text.push_str(text.get(from..range.start).unwrap_or_default());
                masked.text.push_str(MASK);
            }
            from = from.max(range.end);
            masked.written.extend(text.get(range).map(str::to_owned));
            if sure { masked.sure.push(value) } else { masked.known.push(value) }
        }
        masked.text.push_str(text.get(from..end).unwrap_or_default());
        Some(masked)
    }

    /// Masks a text in place.
    pub fn hide(&self, text: &mut String) {
        if let Some(masked) = self.text(text) {
            *text = masked.text;
        }
    }

    /// Names a value as findings do; `None` without a key.
    #[must_use]
    pub fn fingerprint(&self, value: &str) -> Option<String> {
        self.key.as_ref().map(|key| key.fingerprint(value))
    }
}

/// Finds the other places of values that were found: there, nothing beside them need tell what they are.
fn elsewhere(found: &[Hit], text: &str) -> Vec<(Range<usize>, String, bool)> {
    if found.is_empty() {
        return Vec::new();
    }
    let taken: BTreeMap<usize, usize> = found.iter().map(|hit| (hit.outer.start, hit.outer.end)).collect();
    let free = |range: &Range<usize>| taken.range(..range.end).next_back().is_none_or(|(_, end)| *end <= range.start);
    let values = found.iter().map(|hit| Unwanted { value: hit.value.clone(), class: hit.class.to_string() });
    let known = Redactor::new(&NOBODY, "screen", Style::Mask, values);
    known.ranges(text).into_iter().filter(|(range, _)| free(range)).map(|(range, value)| (range, value.value.clone(), true)).collect()
}

/// Masks what is left of a value at the end of a text that was cut, such as a title; `None` if there is nothing.
#[must_use]
pub fn cut_end(text: &str, values: &[String]) -> Option<String> {
    let body = text.trim_end_matches(['…', '.', ' ']);
    let held = |value: &&String| (MIN_CUT..value.len()).rev().filter(|at| value.is_char_boundary(*at)).find(|at| body.ends_with(&value[..*at]));
    let longest = values.iter().filter_map(|value| held(&value)).max()?;
    let start = body.len() - longest;
    Some(format!("{}{MASK}{}", body.get(..start)?, text.get(body.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "ghp_n6ihux6iebo01r0kpmnq8n6414cfrm60xbuu";

    fn mask(known: &[&str], kept: &[&str]) -> Mask {
        let key = Key::new(&[3; 32]).unwrap();
        let kept = kept.iter().map(|value| key.fingerprint(value)).collect();
        Mask::new(Some(key), known.iter().map(|value| Unwanted { value: (*value).to_owned(), class: "password".to_owned() }), kept, true)
    }

    #[test]
    fn the_sure_rules_are_named_alike_with_and_without_the_engine() {
        assert_eq!(sure_rules(), hex(&Sha256::digest(format!("{} {MASKING}", SURE.hash()))));
    }

    #[test]
    fn sure_and_known_values_are_masked_in_every_form() {
        let mask = mask(&["hunter2-hunter2"], &[]);
        let coded = super::super::encoded::base64(format!("token={TOKEN}").as_bytes());
        let masked = mask.text(&format!("a {TOKEN} b {coded} c hunter2-hunter2.")).unwrap();
        assert_eq!(masked.text, format!("a {MASK} b dG9rZW49{MASK} c {MASK}."));
        assert_eq!((masked.sure.len(), masked.known.len()), (2, 1));
        assert!(mask.text("nothing of the kind").is_none());
    }

    #[test]
    fn a_value_that_its_name_tells_is_masked_wherever_else_it_stands() {
        let text = "{\"resumeToken\":\"rt-9f2c-Kd81-44aa9\"}\nsaid rt-9f2c-Kd81-44aa9, and cnQtOWYyYy1LZDgxLTQ0YWE5 too";
        let masked = mask(&[], &[]).text(text).unwrap();
        assert_eq!(masked.text, format!("{{\"resumeToken\":\"{MASK}\"}}\nsaid {MASK}, and {MASK} too"));
        assert!(mask(&[], &["rt-9f2c-Kd81-44aa9"]).text(text).is_none());
    }

    #[test]
    fn a_raw_text_is_masked_as_it_reads_and_before_it_is_cut() {
        let mask = mask(&["Zx81-Pl\u{f6}ver-9vLm"], &[]);
        let raw = r#"{"text":"password=\"Zx81-Pl\u00f6ver-9vLm\" it is"}"#;
        assert_eq!(mask.beginning(raw, raw.len()), format!(r#"{{"text":"password=\"{MASK}\" it is"}}"#));
        let (start, ready) = (raw.find("Zx81").unwrap(), r#"{"text":"password=\""#);
        for cut in start + 1..start + 10 {
            assert_eq!(mask.beginning(raw, cut), format!("{ready}{MASK}"));
        }
        assert_eq!(mask.beginning(raw, start), ready);
        assert_eq!(mask.beginning("ünd", 1), "");
    }

    #[test]
    fn what_a_person_keeps_is_shown_and_a_cut_end_is_not() {
        assert!(mask(&[], &[TOKEN]).text(TOKEN).is_none());
        let title = format!("use {}…", &TOKEN[..20]);
        assert_eq!(cut_end(&title, &[TOKEN.to_owned()]).unwrap(), format!("use {MASK}…"));
        assert!(cut_end("use ghp…", &[TOKEN.to_owned()]).is_none());
    }
}
