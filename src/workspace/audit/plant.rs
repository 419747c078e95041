//! Made-up secrets for a sample: of the shapes that were found in this workspace, written as what stands around them is.

use super::finding::AuditFinding;
use crate::redaction::Key;
use crate::workspace::{Error, Result, Workspace};
use std::collections::BTreeMap;

/// Shapes of values that are longer, or of more lines, would stand out by their size.
const LONGEST: usize = 160;
/// Kinds of values that shapes are taken from.
const KINDS: usize = 60;
/// A prefix that names a vendor ends in one of these, within so many bytes.
const PREFIX_BYTES: usize = 12;
/// A name before a value is no longer.
const LEAD_BYTES: usize = 40;

/// What is planted where nothing was found that a shape could be taken from: how it is led in, and a value of the shape.
const USUAL: [(&str, &str); 6] = [
    ("password: ", "h8Kq2vLm9x"),
    ("api_key=", "q7Rz2mXv9Lp4Ks8Tn3Wd6Yb1"),
    ("\"token\": ", "b1946ac92492d2347c6235b4d2611184"),
    ("Authorization: Bearer ", "mF_9.B5f-4.1JqM-x2Zt8Wq0"),
    ("secret = ", "zT4/kQ9vLw2+Xc7Rp8Mn1aBd5Eg6Hj0K"),
    ("", "key_7pR2mZq9Lx4Vt8Ws3Nd6Yb1K"),
];

/// One shape: the name and the sign before the value, and the value it is taken from, which lives in memory alone.
pub struct Shape {
    lead: String,
    like: String,
}

/// Who misses more than half of the planted secrets has not read what was drawn, and bounds nothing.
pub(super) const fn saw_enough(found: u64, planted: u64) -> bool {
    found * 2 >= planted && found > 0
}

/// Says that a reading names nothing, although made-up secrets are among what was drawn.
pub(super) fn read_by_nobody(plan: &str, planted: u64) -> Error {
    Error::Undecidable(format!("no field is named, and {planted} made-up secrets stand among them: `ossia audit sample draw {plan}` prints what is to be read"))
}

impl Workspace {
    /// Gives the shapes of what was found in this workspace, one for each class and detector; the usual ones where nothing was.
    pub(super) fn shapes(&self) -> Result<Vec<Shape>> {
        let mut kinds: BTreeMap<(String, String), AuditFinding> = BTreeMap::new();
        for finding in self.store.findings(None)?.iter().filter_map(AuditFinding::of).filter(|f| f.is_value() && f.rest.is_empty()) {
            kinds.entry((finding.class.clone(), finding.detector.clone())).or_insert(finding);
        }
        let mut shapes = Vec::new();
        for finding in kinds.values().take(KINDS) {
            let field = self.field_of(finding)?;
            let value = self.value_in(finding, &field)?.filter(|value| (6..=LONGEST).contains(&value.len()) && !value.contains('\n'));
            let before = field.get(..finding.start).filter(|_| finding.decoding.is_empty()).unwrap_or_default();
            shapes.extend(value.map(|like| Shape { lead: lead(before).to_owned(), like }));
        }
        if shapes.is_empty() {
            shapes.extend(USUAL.iter().map(|(lead, like)| Shape { lead: (*lead).to_owned(), like: (*like).to_owned() }));
        }
        Ok(shapes)
    }
}

/// Gives the name and the sign that lead in what stands behind a text; nothing else of the text.
fn lead(before: &str) -> &str {
    let signs = before.trim_end_matches(['"', '\'', '`', ' ']).len();
    let sign = before.get(..signs).filter(|text| text.ends_with([':', '=']));
    let Some(named) = sign.map(|text| text.trim_end_matches([':', '=', '>', ' ', '"', '\''])) else { return "" };
    let name = named.bytes().rev().take_while(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.')).count();
    before.get(named.len() - name..).filter(|lead| name > 1 && lead.len() <= LEAD_BYTES).unwrap_or_default()
}

impl Shape {
    /// Writes a made-up secret of this shape into a text, as the text is written.
    pub fn plant(&self, text: &str, lot: &Key, place: &str) -> String {
        let value = alike(&self.like, lot, place);
        let pick = |purpose: &str, count: usize| usize::try_from(lot.draw(purpose, place) % count.max(1) as u64).unwrap_or(0);
        if !text.trim().contains(char::is_whitespace) && text.len() <= LONGEST && !text.starts_with(['{', '[']) {
            return value;
        }
        if text.trim_start().starts_with('{')
            && let Some(end) = text.rfind('}')
        {
            let name = self.lead.trim_matches(|c: char| !c.is_ascii_alphabetic());
            let (before, after) = text.split_at(end);
            let (comma, space) = (if before.trim_end().ends_with('{') { "" } else { "," }, if text.contains("\": ") { " " } else { "" });
            return format!("{}{comma}{space}\"{}\":{space}\"{value}\"{after}", before.trim_end(), if name.is_empty() { "value" } else { name });
        }
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        if lines.len() > 2 {
            let at = 1 + pick("line", lines.len() - 1);
            let line = lines.get(at - 1).copied().unwrap_or_default();
            let indent: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
            let end = line.trim_end().chars().next_back().filter(|c| matches!(c, ',' | ';')).map_or_else(String::new, String::from);
            let closing = if self.lead.ends_with(['"', '\'']) { self.lead.chars().next_back().map_or_else(String::new, String::from) } else { String::new() };
            return format!("{}{indent}{}{value}{closing}{end}\n{}", lines[..at].concat(), self.lead, lines[at..].concat());
        }
        let ends: Vec<usize> = text.match_indices(' ').map(|(at, _)| at).collect();
        let at = ends.get(pick("at", ends.len())).copied().unwrap_or(text.len());
        let (before, after) = text.split_at(at);
        format!("{before} {}{value}{after}", self.lead)
    }
}

/// Draws a value of the shape of another: digits for digits, letters for letters, in their case; signs and a vendor's prefix stay.
fn alike(like: &str, lot: &Key, place: &str) -> String {
    if like.parse::<std::net::Ipv4Addr>().is_ok() {
        // Digit for digit most would be no address, and no reader would take them for one.
        return (0..4).map(|at| (lot.draw("letter", &format!("{place} {at}")) % 223 + 1).to_string()).collect::<Vec<_>>().join(".");
    }
    let prefix = like.get(..PREFIX_BYTES.min(like.len())).and_then(|start| start.rfind(['_', '-'])).map_or(0, |at| at + 1);
    let draw = |at: usize, count: u8| u8::try_from(lot.draw("letter", &format!("{place} {at}")) % u64::from(count)).unwrap_or(0);
    let hex = like.bytes().skip(prefix).all(|b| !b.is_ascii_alphanumeric() || b.is_ascii_hexdigit());
    let letters = if hex { 6 } else { 26 };
    let letter = |(at, c): (usize, char)| match c {
        _ if at < prefix => c,
        '0'..='9' => char::from(b'0' + draw(at, 10)),
        'a'..='z' => char::from(b'a' + draw(at, letters)),
        'A'..='Z' => char::from(b'A' + draw(at, letters)),
        _ => c,
    };
    like.char_indices().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_planted_is_written_as_what_stands_around_it() {
        let lot = Key::new(&[7; 32]).unwrap();
        let shape = Shape { lead: lead("x\nexport DEPLOY_TOKEN=").to_owned(), like: "ghp_n6ihux6i".to_owned() };
        assert_eq!((shape.lead.as_str(), lead("ask ana about "), lead("{\"k9\": ")), ("DEPLOY_TOKEN=", "", ""));
        let drawn = alike(&shape.like, &lot, "p");
        assert!(drawn.starts_with("ghp_") && drawn != shape.like && drawn.len() == 12, "{drawn}");
        assert!(alike("10.4.22.193", &lot, "p").parse::<std::net::Ipv4Addr>().is_ok());
        for text in ["main", "one line of words", "{\"a\":1}", "{}", "fn a() {\n    b();\n    c();\n}\n"] {
            let planted = shape.plant(text, &lot, text);
            assert!(planted.contains(&alike(&shape.like, &lot, text)), "{planted}");
            assert_eq!(text.starts_with('{'), serde_json::from_str::<serde_json::Value>(&planted).is_ok(), "{planted}");
        }
        assert!(shape.plant("fn a() {\n    b();\n    c();\n}\n", &lot, "q").contains("\n    DEPLOY_TOKEN=ghp_"));
    }
}
