//! Claims that a document makes of itself: pointers to what was redacted, digests behind pseudonyms, OpenTelemetry's masked keys.

use super::claims::{Checker, Seen};
use crate::formats::json::{Node, parse};
use crate::redaction::Tier;
use crate::redaction::claims::{Marker, group_of_class, markers, may_be};
use memchr::memmem;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A text of more marks is not held against another: each of its marks would cost a pass over all of them.
const MARKS: usize = 1000;

/// The fields of one document.
struct Fields<'s> {
    all: &'s [Seen],
    by_pointer: BTreeMap<&'s str, &'s Seen>,
}

impl<'s> Fields<'s> {
    /// Gives the field at a pointer.
    fn at(&self, pointer: &str) -> Option<&'s Seen> {
        self.by_pointer.get(pointer).copied()
    }

    /// Gives the field at a pointer, or the first one below it.
    fn at_or_below(&self, pointer: &str) -> Option<&'s Seen> {
        let below = format!("{pointer}/");
        let first = self.by_pointer.range(below.as_str()..).next().filter(|(whole, _)| whole.starts_with(&below));
        self.at(pointer).or_else(|| first.map(|(_, field)| *field))
    }

    /// Gives the fields of the document's events.
    fn of_events(&self) -> impl Iterator<Item = &'s Seen> {
        self.all.iter().filter(|field| field.whole.starts_with("/events/"))
    }
}

impl Checker<'_> {
    /// Checks the documents that carry a `redaction` object beside their `events`.
    pub fn documents(&mut self, seen: &[Seen]) {
        let records = self.records;
        for fields in seen.chunk_by(|a, b| a.record == b.record) {
            let Some(record) = fields.first().and_then(|field| records.get(field.record)) else { continue };
            let Ok(node) = parse(&record.text.text) else { continue };
            let fields = Fields { all: fields, by_pointer: fields.iter().rev().map(|field| (field.whole.as_str(), field)).collect() };
            if let (Some(redaction), Some(events)) = (node.get("redaction").filter(|n| n.is_object()), node.get("events")) {
                self.pointers(redaction, events, &fields);
                self.digests(redaction, &fields);
                self.types(&fields);
            }
            self.masked_keys(&fields);
        }
    }

    /// `fields`: each pointer must lead to a mark, and each mark must be pointed to.
    fn pointers(&mut self, redaction: &Node<'_>, events: &Node<'_>, fields: &Fields<'_>) {
        let Some(list) = redaction.get("fields").filter(|n| n.is_array()) else { return };
        let claimed: Vec<&str> = list.items().iter().filter_map(Node::as_str).collect();
        for (number, pointer) in claimed.iter().enumerate() {
            let own = fields.at(&format!("/redaction/fields/{number}"));
            match resolve(events, pointer) {
                None => {
                    if let Some(own) = own {
                        self.add("dangling_claim", Tier::Claim, "pointer", own, 0..own.text.len(), format!("nothing stands at {pointer}"));
                    }
                }
                Some(node) => {
                    let marked = !markers(&node.all_text()).is_empty() || node.all_text().contains("REDACTED");
                    let place = fields.at_or_below(&format!("/events{pointer}"));
                    if let Some(place) = place.filter(|_| !marked) {
                        self.add(
                            "claimed_not_redacted",
                            Tier::Claim,
                            "pointer",
                            place,
                            0..place.text.len(),
                            format!("{pointer} is claimed to be redacted and holds no mark"),
                        );
                    }
                }
            }
        }
        let claimed: BTreeSet<&str> = claimed.into_iter().collect();
        for field in fields.of_events() {
            let path = field.whole.strip_prefix("/events").unwrap_or_default();
            let covered = claimed.contains(path) || path.match_indices('/').any(|(at, _)| path.get(..at).is_some_and(|above| claimed.contains(above)));
            if let Some(marker) = field.markers.iter().find(|_| !covered) {
                self.add(
                    "unclaimed_marker",
                    Tier::Claim,
                    "mark",
                    field,
                    marker.range.clone(),
                    format!("{} stands here, and no claim points to it", marker.text),
                );
            }
        }
    }

    /// `map_digest`: one value must have one pseudonym, and one pseudonym one value.
    fn digests(&mut self, redaction: &Node<'_>, fields: &Fields<'_>) {
        let mut known: Vec<(String, String)> = Vec::new();
        for (name, digest) in redaction.get("map_digest").map_or(&[][..], Node::fields) {
            let place = fields.of_events().find(|f| f.text.contains(name.as_ref()));
            let at = |field: &Seen| -> Range<usize> { field.text.find(name.as_ref()).map_or(0..0, |at| at..at + name.len()) };
            if let Some(place) = place.filter(|_| digest.items().len() > 1) {
                self.add("pseudonym_collision", Tier::Claim, "pseudonym", place, at(place), format!("{name} stands for {} values", digest.items().len()));
            }
            let Some(digest) = digest.as_str() else { continue };
            let other = known.iter().find(|(_, d)| d == digest).map(|(n, _)| n.clone());
            if let (Some(other), Some(place)) = (other, place) {
                self.add("inconsistent_pseudonym", Tier::Claim, "pseudonym", place, at(place), format!("{name} and {other} stand for one value"));
            }
            known.push((name.to_string(), digest.to_owned()));
        }
    }

    /// What a mark says was there, held against the unredacted twin that the document brings.
    fn types(&mut self, fields: &Fields<'_>) {
        for field in fields.of_events() {
            let twin_path = field.whole.replacen("/events", "/originals", 1);
            let Some(twin) = fields.at(&twin_path) else { continue };
            for marker in &field.markers {
                let Some(value) = hidden(&field.text, &field.markers, &marker.range, &twin.text) else { continue };
                let classes: Vec<_> =
                    self.engine.scan(&crate::redaction::Subject { text: value, key: None, path: None }).into_iter().map(|h| h.class).collect();
                if is_identifier(value) && !classes.iter().any(|c| &**c != "credential") {
                    let message = "what the mark hides is an identifier, no secret".to_owned();
                    self.add("over_redaction", Tier::OverRedaction, "identifier", field, marker.range.clone(), message);
                } else if marker.group != crate::redaction::claims::Group::Any
                    && !classes.is_empty()
                    && !classes.iter().any(|c| may_be(marker.group, group_of_class(c)))
                {
                    let message = format!("{} hides a value of another kind ({})", marker.text, classes.join(", "));
                    self.add("wrong_type", Tier::Claim, "label", field, marker.range.clone(), message);
                }
            }
        }
    }

    /// `redaction.masked.keys` of OpenTelemetry: each key must stand beside it, masked.
    fn masked_keys(&mut self, fields: &Fields<'_>) {
        for claim in fields.all.iter().filter(|f| f.key == "redaction.masked.keys") {
            let parent = claim.whole.rsplit_once('/').map_or("", |(parent, _)| parent);
            for key in claim.text.split(',').map(str::trim).filter(|k| !k.is_empty()) {
                let path = format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"));
                match fields.at(&path) {
                    None => self.add(
                        "dangling_claim",
                        Tier::Claim,
                        "masked_key",
                        claim,
                        0..claim.text.len(),
                        format!("{key} is said to be masked and does not stand here"),
                    ),
                    Some(field) if field.markers.is_empty() => {
                        self.add(
                            "claimed_not_redacted",
                            Tier::Claim,
                            "masked_key",
                            field,
                            0..field.text.len(),
                            format!("{key} is said to be masked and stands here in clear"),
                        );
                    }
                    Some(_) => {}
                }
            }
        }
    }
}

/// Follows an RFC 6901 pointer.
fn resolve<'n, 'a>(node: &'n Node<'a>, pointer: &str) -> Option<&'n Node<'a>> {
    let tokens = pointer.strip_prefix('/').into_iter().flat_map(|rest| rest.split('/'));
    tokens.map(|t| t.replace("~1", "/").replace("~0", "~")).try_fold(node, |node, token| match token.parse::<usize>() {
        Ok(number) if node.is_array() => node.items().get(number),
        _ => node.get(&token),
    })
}

/// Gives what a mark stands for, where the whole marked text fits its twin in one way as far as this mark goes. White space at the outer ends may
/// differ; a value that reaches to such an end and holds the like inside may be more than the mark hid, and is not given.
pub(super) fn hidden<'t>(marked: &str, marks: &[Marker], range: &Range<usize>, twin: &'t str) -> Option<&'t str> {
    let number = marks.iter().position(|mark| mark.range == *range).filter(|_| marks.len() <= MARKS)?;
    let (mut literals, mut from) = (Vec::new(), 0);
    for mark in marks {
        literals.push(marked.get(from..mark.range.start)?);
        from = mark.range.end;
    }
    let (first, between) = literals.split_first()?;
    let last = marked.get(from..)?;
    let body = twin.trim().strip_prefix(first.trim_start())?.strip_suffix(last.trim_end())?;
    // What stands between two values is needed to tell where the first one ends.
    if between.iter().any(|literal| literal.is_empty()) {
        return None;
    }
    let (mut early, mut from) = (Vec::new(), 0);
    for literal in between {
        let start = from + 1 + memmem::find(body.as_bytes().get(from + 1..)?, literal.as_bytes())?;
        from = start + literal.len();
        early.push(start..from);
    }
    let (mut late, mut to) = (Vec::new(), body.len());
    for literal in between.iter().rev() {
        to = memmem::rfind(body.as_bytes().get(..to.checked_sub(1)?)?, literal.as_bytes())?;
        late.push(to);
    }
    late.reverse();
    if early.iter().zip(&late).any(|(early, late)| early.start > *late) {
        return None;
    }
    // A text that could stand earlier or later leaves open what the values beside it are.
    let sure = |number: usize| early.get(number).filter(|place| late.get(number) == Some(&place.start));
    let start = number.checked_sub(1).map_or(Some(0), |before| Some(sure(before)?.end))?;
    let end = if number == between.len() { body.len() } else { sure(number)?.start };
    let value = body.get(start..end).filter(|value| !value.is_empty() && markers(value).is_empty())?;
    let reaches = [number == 0 && first.trim_start().is_empty(), number == between.len() && last.trim_end().is_empty()];
    let more = outer(marked).into_iter().zip(outer(twin)).zip(reaches).any(|((one, other), reaches)| {
        let within = |sign: char| one.contains(sign) || other.contains(sign);
        reaches && one != other && value.contains(within)
    });
    Some(value).filter(|_| !more)
}

/// Gives the white space before and behind a text.
fn outer(text: &str) -> [&str; 2] {
    let (before, behind) = (text.len() - text.trim_start().len(), text.trim_end().len());
    [text.get(..before).unwrap_or_default(), text.get(behind..).unwrap_or_default()]
}

/// Tells whether a value is a hash of git, a UUID, or another name of a thing.
pub(super) fn is_identifier(value: &str) -> bool {
    let hex = value.bytes().all(|b| b.is_ascii_hexdigit()) && matches!(value.len(), 7..=12 | 40 | 64);
    let groups: Vec<usize> = value.split('-').map(str::len).collect();
    let uuid = groups == [8, 4, 4, 4, 12] && value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    hex || uuid
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each mark of a text hides.
    fn all<'t>(marked: &str, twin: &'t str) -> Vec<Option<&'t str>> {
        let marked = marked.replace("[R]", "[REDACTED:token]");
        let marks = markers(&marked);
        marks.iter().map(|mark| hidden(&marked, &marks, &mark.range, twin)).collect()
    }

    #[test]
    fn what_a_mark_hides_is_read_from_the_twin() {
        assert_eq!(all("a [R] b [R] c", "a one b two c"), [Some("one"), Some("two")]);
        assert_eq!(all("[R]", "whole"), [Some("whole")]);
        assert_eq!(all("x [R]", "other"), [None]);
        assert_eq!(all("ä[R]ö[R]", "äüöß"), [Some("ü"), Some("ß")]);
        assert!(is_identifier("4f1c9ae07d") && is_identifier("0b3f6f0e-12ab-4cde-8f00-5bff62a03cba"));
        assert!(!is_identifier("Projects-Blue-bird-Cont-oso by night"));
    }

    #[test]
    fn the_whole_text_is_aligned_and_what_is_open_stays_hidden() {
        let twin = "please commit Project Bluebird of Contoso now. [ok] commit 4f1c9ae07d";
        assert_eq!(all("please commit [R] now. [ok] commit [R]", twin), [Some("Project Bluebird of Contoso"), Some("4f1c9ae07d")]);
        let three = all("log:\ncommit [R]\ncommit [R]\ncommit [R]\ndone", "log:\ncommit a1\ncommit b2\ncommit c3\ndone");
        assert_eq!(three, [Some("a1"), Some("b2"), Some("c3")]);
        assert_eq!(all("see [R] and [R] and [R].", "see a and b and c and d."), [None; 3]);
        // What is open at one place says nothing against another.
        assert_eq!(all("[R], [R]; [R]", "a, b, c; d"), [None, None, Some("d")]);
        assert_eq!(all("a [R][R] b", "a onetwo b"), [None; 2]);
        assert_eq!(all("a [R] b", "a  b"), [None]);
        assert_eq!(all("a [R]-[R] b", "a x- b"), [None; 2]);
        assert_eq!(all("a [R] b [R] c", "a [REDACTED] b two c"), [None, Some("two")]);
        assert_eq!(all("a [R]-[R] b", "a -x b"), [None; 2]);
        assert_eq!(all("a [R]-[R]-[R] b", "a -x-y b"), [None; 3]);
        // Ends are ends.
        assert_eq!(all("commit [R]", "a commit 4f1c9ae07d"), [None]);
        assert_eq!(all("commit [R] ok", "commit 4f1c9ae07d ok, and more"), [None]);
        assert_eq!(hidden("[REDACTED] x", &markers("[REDACTED] x"), &(0..4), "a x"), None);
    }

    #[test]
    fn white_space_at_the_ends_may_differ_and_nothing_more_is_read() {
        for (marked, twin) in [("commit [R]", "commit 4f1c\n"), ("commit [R]\n", "commit 4f1c"), ("  commit [R]\r\n", "commit 4f1c\n"), ("[R]\n", " 4f1c")] {
            assert_eq!(all(marked, twin), [Some("4f1c")], "{marked:?} {twin:?}");
        }
        assert_eq!(all("a [R] b [R] c\n", "\ta one b two c"), [Some("one"), Some("two")]);
        // Where the ends are the same, a value of several lines is one.
        assert_eq!(all("key: [R]\n", "key: begin\nmiddle\nend\n"), [Some("begin\nmiddle\nend")]);
        assert_eq!(all("[R] and [R]", "one\ntwo and three\nfour\n"), [Some("one\ntwo"), None]);
        // Another line behind it is no white space.
        for (marked, twin) in [("commit [R]\n", "commit 4f1c\nhunter22"), ("commit [R]", "commit 4f1c\nhunter22\n"), ("\n[R] ok", "hunter22\n4f1c ok")] {
            assert_eq!(all(marked, twin), [None], "{marked:?} {twin:?}");
        }
        assert_eq!(all("commit [R] ok\n", "commit 4f1c ok\nand more"), [None]);
    }
}
