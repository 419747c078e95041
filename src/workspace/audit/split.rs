//! Secrets that a stream cut in pieces: neighbouring chunks are read as one text, and what stands across a cut is one value.

use super::fields::RecordText;
use super::finding::{AuditFinding, Piece};
use super::scan::{Look, Scanned, finding_id, kind_of};
use super::spot::Spot;
use crate::model::Trajectory;
use crate::redaction::{Hit, MIN_BYTES, Tier, masked, sure};
use crate::text::human::pointer;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Names under which streams hold their chunks.
const CHUNK_KEYS: [&str; 10] = ["delta", "output", "text", "content", "chunk", "partial", "data", "stdout", "stderr", "arguments"];
/// A longer text is no chunk.
const CHUNK_BYTES: usize = 4096;
/// More chunks than this are not read as one text.
const CHAIN_BYTES: usize = 1 << 16;

/// Fewer bytes at the beginning of a chunk that are all of the last one may be chance.
const MIN_AGAIN: usize = 4;

/// What finds a value that was cut.
const SPLIT: &str = "split_value";

/// One chunk.
struct Chunk {
    record: usize,
    pointer: String,
    text: String,
    leaf: Range<usize>,
}

impl Look<'_> {
    /// Adds the values that stand across chunks of one stream.
    pub(super) fn across_chunks(&self, t: &Trajectory, records: &[RecordText], scanned: &mut Scanned) {
        let mut ids = FxHashMap::default();
        for chain in chains(records) {
            let text: String = chain.iter().map(|chunk| chunk.text.as_str()).collect();
            for hit in sure(&text).into_iter().filter(|hit| hit.tier == Tier::Certain) {
                let pieces = pieces(&chain, &hit.outer);
                if pieces.len() > 1 && !found_in_one(&chain, &pieces) {
                    let finding = self.split(t, records, &chain, &pieces, &Hit { detector: SPLIT.into(), ..hit }, &mut ids);
                    scanned.findings.extend(finding.filter(|finding| !self.replaced.contains(&finding.fingerprint)));
                }
            }
        }
    }

    /// Gives the places at which a value that is known stands across chunks of one stream.
    pub(super) fn known_across(&self, t: &Trajectory, records: &[RecordText], ids: &mut FxHashMap<String, u32>) -> Vec<AuditFinding> {
        let mut found = Vec::new();
        if self.known.is_empty() {
            return found;
        }
        for chain in chains(records) {
            let text: String = chain.iter().map(|chunk| chunk.text.as_str()).collect();
            for hit in self.engine.scan_known(&text, self.known).into_iter().filter(|hit| hit.decoding.is_empty() && hit.value.len() >= MIN_BYTES) {
                let pieces = pieces(&chain, &hit.outer);
                if pieces.len() > 1 {
                    found.extend(self.split(t, records, &chain, &pieces, &hit, ids));
                }
            }
        }
        found
    }

    fn split(
        &self,
        t: &Trajectory,
        records: &[RecordText],
        chain: &[Chunk],
        pieces: &[(usize, Range<usize>)],
        hit: &Hit,
        ids: &mut FxHashMap<String, u32>,
    ) -> Option<AuditFinding> {
        let value: String = pieces.iter().filter_map(|(at, range)| chain.get(*at)?.text.get(range.clone())).collect();
        let ((first, range), rest) = pieces.split_first()?;
        let chunk = chain.get(*first)?;
        let record = records.get(chunk.record)?;
        let fingerprint = self.key.fingerprint(&value);
        let raw = record.text.text.get(chunk.leaf.clone()).unwrap_or_default();
        let spot = Spot::within(&chunk.pointer.as_str().into(), &chunk.leaf, &chunk.text, raw, std::slice::from_ref(range)).pop()?;
        let at = spot.finding(t, record);
        let piece = |(at, range): &(usize, Range<usize>)| {
            let chunk = chain.get(*at)?;
            let record = records.get(chunk.record)?;
            Some(Piece { leaf_start: record.at(chunk.leaf.start), leaf_end: record.at(chunk.leaf.end), start: range.start, end: range.end })
        };
        Some(AuditFinding {
            id: finding_id(self.key, &format!("{}\0{}\0split\0{}\0{fingerprint}", t.id, spot.anchor(t, record), chunk.pointer), ids),
            detector: hit.detector.to_string(),
            class: hit.class.to_string(),
            kind: kind_of(&hit.class).to_owned(),
            tier: hit.tier,
            masked: masked(&value),
            fingerprint,
            message: Some(format!("it is cut in {} pieces, the next at {}", pieces.len(), pointer(&chain.get(rest.first()?.0)?.pointer))),
            rest: rest.iter().filter_map(piece).collect(),
            ..at
        })
    }
}

/// Gathers chunks that may hold one value between them: the same field of one source, each short, each going on where the last broke off.
fn chains(records: &[RecordText]) -> Vec<Vec<Chunk>> {
    let mut open: FxHashMap<(String, String), Vec<Chunk>> = FxHashMap::default();
    let mut chains = Vec::new();
    for (number, record) in records.iter().enumerate() {
        record.fields(&mut |field| {
            if !field.key.is_some_and(|key| CHUNK_KEYS.contains(&key)) || field.text.is_empty() {
                return;
            }
            let shape = (record.source.to_string(), shape(field.whole));
            let chunk =
                Chunk { record: number, pointer: field.whole.to_owned(), text: field.text.to_owned(), leaf: field.offset..field.offset + field.raw.len() };
            let chain = open.entry(shape).or_default();
            let bytes: usize = chain.iter().map(|chunk| chunk.text.len()).sum();
            if chain.last().is_some_and(|last| !goes_on(&last.text, field.text)) || field.text.len() > CHUNK_BYTES || bytes > CHAIN_BYTES {
                // A chunk that nothing goes on from holds its values by itself.
                match chain.len() {
                    0 | 1 => chain.clear(),
                    _ => chains.push(std::mem::take(chain)),
                }
            }
            if field.text.len() <= CHUNK_BYTES {
                chain.push(chunk);
            }
        });
    }
    chains.extend(open.into_values());
    chains.retain(|chain| chain.len() > 1);
    chains.sort_by_key(|chain| chain.first().map(|chunk| (chunk.record, chunk.leaf.start)));
    chains
}

/// Writes a pointer without its numbers: what the chunks of a stream have in common.
fn shape(pointer: &str) -> String {
    pointer.split('/').map(|token| if token.bytes().all(|b| b.is_ascii_digit()) { "" } else { token }).collect::<Vec<_>>().join("/")
}

/// Tells whether a value may run over the cut; a chunk that says again what the last one said, and more, does not go on from it.
fn goes_on(left: &str, right: &str) -> bool {
    if left.len() >= MIN_AGAIN && right.starts_with(left) {
        return false;
    }
    let value = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'/' | b'=' | b'.');
    left.bytes().next_back().is_some_and(value) && right.bytes().next().is_some_and(value)
}

/// Gives the part of a range of the joined text that lies in each chunk.
fn pieces(chain: &[Chunk], range: &Range<usize>) -> Vec<(usize, Range<usize>)> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    for (at, chunk) in chain.iter().enumerate() {
        let (from, to) = (range.start.max(start), range.end.min(start + chunk.text.len()));
        if from < to {
            pieces.push((at, from - start..to - start));
        }
        start += chunk.text.len();
    }
    pieces
}

/// Tells whether a chunk by itself holds the value: what comes after it then only stands beside it.
fn found_in_one(chain: &[Chunk], pieces: &[(usize, Range<usize>)]) -> bool {
    let whole = |(at, range): &(usize, Range<usize>)| {
        chain.get(*at).is_some_and(|chunk| sure(&chunk.text).iter().any(|hit| hit.outer.start < range.end && range.start < hit.outer.end))
    };
    pieces.iter().any(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(text: &str) -> Chunk {
        Chunk { record: 0, pointer: String::new(), text: text.to_owned(), leaf: 0..0 }
    }

    #[test]
    fn a_range_is_taken_apart_at_the_cuts() {
        let chain = [chunk("use ghp_"), chunk("abcd"), chunk("efgh now")];
        assert_eq!(pieces(&chain, &(4..16)), [(0, 4..8), (1, 0..4), (2, 0..4)]);
        assert!(goes_on("ghp_", "ab") && !goes_on("end.", " next") && !goes_on("a", "\"b"));
        assert!(!goes_on("case ghp_ab", "case ghp_abcd is it") && goes_on("gh", "ghp"));
        assert_eq!(shape("/events/12/output"), "/events//output");
    }
}
