//! The engine: a text is decoded in every way it can be, each form is looked at, and what was found is traced back.

use super::decode::{Undecoded, View, explore};
use super::finding::{Hit, Tier};
use super::known::Known;
use super::rules::{Match, Refused, RuleSet, Subject};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// A leaf longer than this is not joined with its key: whoever writes that much names the value again.
const JOINED_BYTES: usize = 4096;

/// How lists and known values are looked for; another way is another engine, so that what was looked at is looked at anew.
const SEEKING: &str = "overlapping; across the pieces of a stream; words in any case and in either form of accents";

/// Rules and lists, ready to look at texts.
pub struct Engine {
    rules: RuleSet,
    lists: Known,
    hash: String,
}

/// Names and words of the user that are to be found wherever they stand as whole words.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    /// Names of people and customers.
    pub names: Vec<String>,
    /// Words of projects.
    pub words: Vec<String>,
}

impl Engine {
    /// Makes an engine of our own rules, the rules of some files, and lists; gives with it what was refused.
    #[must_use]
    pub fn new(rule_files: &[&str], lists: &Lists) -> (Self, Vec<Refused>) {
        let hash = Self::hash_of(rule_files, lists);
        let (rules, refused) = RuleSet::new(rule_files);
        let mut known = Known::default();
        lists.names.iter().for_each(|name| known.add(name, "name_list", "person_name"));
        lists.words.iter().for_each(|word| known.add(word, "word_list", "project_word"));
        known.build();
        (Self { rules, lists: known, hash }, refused)
    }

    /// Gives the SHA-256 of rules, lists and decoders without making an engine of them.
    #[must_use]
    pub fn hash_of(rule_files: &[&str], lists: &Lists) -> String {
        let names = super::decode::decoder_names().join(" ");
        let parts = format!("{}\n{names}\n{SEEKING}\n{}\n{}", RuleSet::hash_of(rule_files), lists.names.join("\n"), lists.words.join("\n"));
        crate::model::ids::hex(&Sha256::digest(parts))
    }

    /// Makes an engine of those of our own rules whose findings are certain: what masks a text before anybody audited it.
    #[must_use]
    pub fn sure() -> Self {
        let rules = RuleSet::sure();
        let hash = rules.hash().to_owned();
        Self { rules, lists: Known::default(), hash }
    }

    /// Gives the rules.
    #[must_use]
    pub const fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Gives the SHA-256 of rules, lists and decoders: what a clean state is clean at.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Finds everything in a text; overlapping findings are told apart, the surest and widest first.
    #[must_use]
    pub fn scan(&self, subject: &Subject<'_>) -> Vec<Hit> {
        self.scan_with(subject, &Known::default())
    }

    /// Finds everything in a text, and besides it the values that are known.
    #[must_use]
    pub fn scan_with(&self, subject: &Subject<'_>, known: &Known) -> Vec<Hit> {
        self.look(subject, known).hits
    }

    /// Finds everything in a text, and says what of it was not looked at.
    #[must_use]
    pub fn look(&self, subject: &Subject<'_>, known: &Known) -> Looked {
        let mut hits = Vec::new();
        let mut matches = Vec::new();
        let mut listed = true;
        let undecoded = explore(subject.text, &mut |view| {
            matches.clear();
            let inner = Subject { text: view.text, key: view.key.or(subject.key), ..*subject };
            listed &= self.rules.find_in(&inner, view.survey, &mut matches);
            self.joined(view, &inner, &mut matches);
            for found in &matches {
                hits.extend(self.hit(view, found));
            }
            for list in [&self.lists, known] {
                list.find(view.text, &mut |value, range| {
                    let place = Place { detector: value.detector.clone(), class: value.class.clone(), tier: value.tier };
                    hits.extend(place.hit(view, range));
                });
            }
        });
        Looked { hits: told_apart(hits), undecoded, listed }
    }

    /// Finds known values alone.
    #[must_use]
    pub fn scan_known(&self, text: &str, known: &Known) -> Vec<Hit> {
        let mut hits = Vec::new();
        if known.is_empty() {
            return hits;
        }
        explore(text, &mut |view| {
            known.find(view.text, &mut |value, range| {
                let place = Place { detector: value.detector.clone(), class: value.class.clone(), tier: value.tier };
                hits.extend(place.hit(view, range));
            });
        });
        told_apart(hits)
    }

    /// Looks at a short leaf once more behind its key, as if it stood in an assignment.
    fn joined(&self, view: &View<'_>, subject: &Subject<'_>, matches: &mut Vec<Match>) {
        let own = view.chain.is_empty() || view.key.is_some();
        let Some(key) = subject.key.filter(|key| own && key.len() > 1 && view.text.len() <= JOINED_BYTES && !view.text.is_empty() && self.rules.heeds(key))
        else {
            return;
        };
        let text = format!("{key} = \"{}\"", view.text);
        let offset = key.len() + 4;
        let mut found = Vec::new();
        self.rules.find(&Subject { text: &text, ..*subject }, &mut found);
        for Match { rule, range } in found {
            let start = range.start.saturating_sub(offset);
            let end = range.end.saturating_sub(offset).min(view.text.len());
            let moved = Match { rule, range: start..end };
            if range.start >= offset && start < end && !matches.contains(&moved) {
                matches.push(moved);
            }
        }
    }

    fn hit(&self, view: &View<'_>, found: &Match) -> Option<Hit> {
        let rule = self.rules.rules().get(found.rule).filter(|rule| rule.tier == Tier::Certain || !view.is_guessed())?;
        // A stretch of a table of numbers that reads as letters is not all that its field says.
        if rule.stands_alone() && view.chain.iter().any(|(name, _)| *name == "octets") {
            return None;
        }
        Place { detector: rule.id.clone(), class: rule.class.clone(), tier: rule.tier }.hit(view, found.range.clone())
    }
}

/// What may be in a text that was not looked at whole: too many bytes, too deep a nesting, too many matches.
pub const LIMITED: [&str; 3] =
    ["fields that decode to more than is read", "fields with encodings nested deeper than is read", "fields with more matches of one rule than are listed"];

/// What was found in a text, and what of it was not looked at.
#[derive(Debug, Default)]
pub struct Looked {
    /// The findings.
    pub hits: Vec<Hit>,
    /// What was not decoded.
    pub undecoded: Undecoded,
    /// Whether every match of every rule is among them.
    pub listed: bool,
}

impl Looked {
    /// Says what of the text was not looked at, if anything was not.
    #[must_use]
    pub const fn limit(&self) -> Option<&'static str> {
        match (self.undecoded.bytes, self.undecoded.depth, self.listed) {
            (true, ..) => Some(LIMITED[0]),
            (_, true, _) => Some(LIMITED[1]),
            (.., false) => Some(LIMITED[2]),
            _ => None,
        }
    }
}

/// Decodes a text again as a finding says and gives its value, if the test knows it.
#[must_use]
pub fn recover(text: &str, decoding: &[&str], range: &Range<usize>, is_it: &dyn Fn(&str) -> bool) -> Option<String> {
    if decoding.is_empty() {
        return text.get(range.clone()).filter(|value| is_it(value)).map(str::to_owned);
    }
    let mut found = None;
    explore(text, &mut |view| {
        if found.is_none() && view.chain.iter().map(|(name, _)| *name).eq(decoding.iter().copied()) {
            found = view.text.get(range.clone()).filter(|value| is_it(value)).map(str::to_owned);
        }
    });
    found
}

/// What was found, before its place is known.
struct Place {
    detector: Arc<str>,
    class: Arc<str>,
    tier: Tier,
}

impl Place {
    fn hit(self, view: &View<'_>, inner: Range<usize>) -> Option<Hit> {
        if !view.only_across_lines(&inner) {
            return None;
        }
        let value = view.text.get(inner.clone())?.to_owned();
        let decoding = view.chain.iter().map(|(name, _)| *name).collect();
        Some(Hit { detector: self.detector, class: self.class, tier: self.tier, outer: view.back(inner.clone()), inner, decoding, value })
    }
}

/// Keeps of findings that overlap the surest, then the least decoded, then the widest; in the order of the text.
fn told_apart(mut hits: Vec<Hit>) -> Vec<Hit> {
    // What takes no ink is part of no value: a value that runs over it is the whole one.
    let depth = |hit: &Hit| hit.decoding.iter().filter(|name| !matches!(**name, "ansi" | "invisible")).count();
    hits.sort_by_key(|hit| (hit.tier, depth(hit), std::cmp::Reverse(hit.outer.len()), hit.decoding.len(), hit.outer.start));
    let mut kept: Vec<Hit> = Vec::new();
    // What is kept does not overlap, so only the last one that begins before a hit ends can reach into it.
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    for hit in hits {
        let free = taken.range(..hit.outer.end).next_back().is_none_or(|(_, end)| *end <= hit.outer.start);
        if free {
            taken.insert(hit.outer.start, hit.outer.end);
            kept.push(hit);
        }
    }
    kept.sort_by_key(|hit| (hit.outer.start, hit.inner.start));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str, key: Option<&str>) -> Vec<Hit> {
        let (engine, refused) = Engine::new(&[], &Lists { names: vec!["Ilse Brandt".into()], words: Vec::new() });
        assert!(refused.is_empty());
        engine.scan(&Subject { text, key, path: None })
    }

    #[test]
    fn a_value_is_found_however_it_is_written() {
        let token = "ghp_n6ihux6iebo01r0kpmnq8n6414cfrm60xbuu";
        for (text, decoding) in [
            (format!("token {token}."), vec![]),
            (format!("{{\"o\":\"{{\\\"t\\\":\\\"{token}\\\"}}\"}}"), vec![]),
            (format!("gh\u{200b}{}", &token[2..]), vec!["invisible"]),
            (format!("x {}\n{} y", &token[..20], &token[20..]), vec!["line-break"]),
            (format!("x {}=\n{} y", &token[..20], &token[20..]), vec!["continued"]),
            (token.bytes().map(|b| format!("%{b:02x}")).collect(), vec!["percent"]),
            (token.bytes().map(|b| format!("{b:02x}")).collect(), vec!["hex"]),
        ] {
            let hits = scan(&text, None);
            assert_eq!(hits.len(), 1, "{text}: {hits:?}");
            assert_eq!((hits[0].value.as_str(), hits[0].tier, &hits[0].decoding), (token, Tier::Certain, &decoding), "{text}");
        }
    }

    #[test]
    fn a_leaf_is_read_with_its_key_and_names_are_found_as_words() {
        assert_eq!(scan("rxah_bocpjv9", Some("db_password")).len(), 1);
        assert_eq!(scan("rxah_bocpjv9", Some("title")).len(), 0);
        let named = "[[rules]]\nid = \"house\"\nregex = '''order = \"(z[a-z]{5})\"'''\nkeywords = [\"z\"]\n";
        let (engine, _) = Engine::new(&[named], &Lists::default());
        assert_eq!(engine.scan(&Subject { text: "zbcdef", key: Some("order"), path: None }).len(), 1, "a rule of a user may need any key");
        let hits = scan("ask ilse brandt, not Ilse Brandtner", None);
        assert_eq!(hits.iter().map(|h| h.outer.start).collect::<Vec<_>>(), [4]);
    }
}
