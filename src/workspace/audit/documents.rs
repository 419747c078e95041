//! Claims that a document makes of itself: pointers to what was redacted, digests behind pseudonyms, OpenTelemetry's masked keys.

use super::aligned::hidden;
use super::claims::{Checker, Seen};
use crate::formats::json::{Node, parse};
use crate::redaction::Tier;
use crate::redaction::claims::{group_of_class, markers, may_be};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

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
            let values = hidden(&field.text, &field.markers, &twin.text);
            for (marker, value) in field.markers.iter().zip(values) {
                let Some(value) = value.and_then(|range| twin.text.get(range)) else { continue };
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

    #[test]
    fn names_of_things_are_told_by_their_form() {
        assert!(is_identifier("4f1c9ae07d") && is_identifier("0b3f6f0e-12ab-4cde-8f00-5bff62a03cba"));
        assert!(!is_identifier("Projects-Blue-bird-Cont-oso by night"));
    }
}
