//! Reading one file: tell its format, split it into records, hand each to the reader.

use super::consent;
use super::json::{self, Node};
use super::output::{Output, Ranges};
use super::probe::Probe;
use super::record::Record;
use super::split::{Line, Lines};
use super::table::{FORMATS, GENERIC};
use super::{Format, Reader, Shape};
use crate::model::{Issue, Portion, Span};
use std::borrow::Cow;
use std::io::{self, Read};
use std::sync::Arc;

/// A document larger than this is kept whole and not taken apart.
const MAX_DOCUMENT_BYTES: usize = 512 << 20;
/// An archive that unpacks to more than this, and to more than so many times its size, is a bomb or no log.
const PLENTY_BYTES: usize = 64 << 20;
const MOST_TIMES: usize = 50;
const HEAD_BYTES: usize = 256 << 10;
const PROBED_LINES: usize = 16;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What the caller wants of a reading.
#[derive(Clone, Copy, Default)]
pub struct Want {
    /// The format, where it is forced or known.
    pub format: Option<&'static Format>,
    /// Only where records lie and to whom they belong, so that memory stays flat on large files.
    pub ranges_only: bool,
}

/// What was understood of one file.
pub struct Reading {
    /// The format it was read as.
    pub format: &'static Format,
    /// How its records lay in the file, which a format of several shapes does not tell.
    pub shape: Shape,
    /// Each session's share, with the ranges of its records.
    pub portions: Vec<(Portion, Ranges)>,
    /// Number of records.
    pub records: u64,
    /// Issues of the file as a whole.
    pub issues: Vec<Issue>,
    /// Whether it holds bytes that no text has, and not one JSON value.
    pub binary: bool,
}

/// Reads a file that is JSON or JSON Lines. `tap` sees every byte in order, and whether a record ends there.
pub fn read_plain(input: impl Read, name: &str, want: Want, tap: &mut dyn FnMut(&[u8], bool)) -> io::Result<Reading> {
    let mut lines = Lines::new(input);
    let layout = lay_out(&mut lines, name, want.format)?;
    let mut drive = Drive::new(layout.format, layout.shape, name, want.ranges_only);
    match layout.shape {
        Shape::Lines => drive.lines(&mut lines, tap)?,
        Shape::Document | Shape::Archive => drive.document(&mut lines, tap)?,
    }
    Ok(drive.close(layout.issues))
}

/// Reads again some records of a line format: each piece is (line, offset, bytes).
pub fn read_pieces<R: Read>(pieces: impl IntoIterator<Item = (u64, u64, R)>, name: &str, format: &'static Format) -> io::Result<Reading> {
    let mut drive = Drive::new(shaped(format, Shape::Lines), Shape::Lines, name, false);
    for (number, offset, bytes) in pieces {
        drive.lines(&mut Lines::at(bytes, offset, number), &mut |_, _| {})?;
    }
    Ok(drive.close(Vec::new()))
}

/// Reads a ZIP archive member by member; `bytes` is the whole file.
pub fn read_archive(bytes: &[u8], name: &str, want: Want) -> io::Result<Reading> {
    let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).map_err(io::Error::other)?;
    let mut names: Vec<String> = archive.file_names().filter_map(|n| n.ok().map(Cow::into_owned)).filter(|n| !n.ends_with("/")).collect();
    // The header names the run that the samples belong to, so it is read first.
    names.sort_by_key(|n| (n != "header.json", n.clone()));
    let probe = Probe { name, document: None, lines: &[], members: &names };
    let detected = FORMATS.iter().find(|f| f.shape == Shape::Archive && (f.detect)(&probe));
    let Some(format) = want.format.filter(|f| f.shape == Shape::Archive).or(detected) else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the archive holds no log that is known; unpack it and import its files"));
    };
    let mut drive = Drive::new(format, Shape::Archive, name, want.ranges_only);
    let most = PLENTY_BYTES.max(MOST_TIMES.saturating_mul(bytes.len())).min(MAX_DOCUMENT_BYTES);
    let mut left = most;
    for member in names {
        let mut file = archive.by_name(&member).map_err(io::Error::other)?;
        let mut text = Vec::new();
        (&mut file).take(left as u64 + 1).read_to_end(&mut text)?;
        let Some(rest) = left.checked_sub(text.len()) else {
            let why = format!("the archive unpacks to more than {most} bytes, the last of them of member {member}; unpack it and import its files");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        };
        left = rest;
        drive.member(&text, &Arc::from(member.as_str()));
    }
    Ok(drive.close(Vec::new()))
}

struct Layout {
    format: &'static Format,
    shape: Shape,
    issues: Vec<Issue>,
}

/// Tells the format of a file from its beginning, or from the whole where the beginning is not a record of its own.
fn lay_out<R: Read>(lines: &mut Lines<R>, name: &str, forced: Option<&'static Format>) -> io::Result<Layout> {
    let wanted = first_line(lines)?;
    let head = lines.peek(wanted)?;
    let whole_seen = head.len() < wanted;
    if head.strip_prefix(BOM).unwrap_or(head).iter().all(u8::is_ascii_whitespace) && whole_seen {
        let issues = vec![Issue::whole("empty", "the file holds no record")];
        return Ok(Layout { format: forced.unwrap_or(GENERIC), shape: Shape::Lines, issues });
    }
    // Of a format that lies in lines alone, and is known, one line tells enough.
    let known = forced.filter(|format| format.shape == Shape::Lines && FORMATS.iter().filter(|other| other.name == format.name).count() == 1);
    let (first_is_value, found) = {
        let text = lossy(head.strip_prefix(BOM).unwrap_or(head));
        let nodes = probe_lines(&text, whole_seen, false, if known.is_some() { 1 } else { PROBED_LINES });
        if let Some(format) = known.filter(|_| !nodes.is_empty()) {
            return Ok(Layout { format, shape: Shape::Lines, issues: Vec::new() });
        }
        let single = whole_seen && nodes.len() == 1 && json::parse(&text).is_ok();
        let probe = Probe { name, document: nodes.first().filter(|_| single), lines: &nodes, members: &[] };
        (!nodes.is_empty(), detect(&probe))
    };
    let laid = |found: Option<&'static Format>, shape| {
        // A name stands for all shapes of its format: what was detected under the forced name is the very one.
        let format = match forced {
            Some(forced) => found.filter(|found| found.name == forced.name).unwrap_or_else(|| shaped(forced, shape)),
            None => found.unwrap_or(GENERIC),
        };
        Layout { format, shape, issues: Vec::new() }
    };
    let telling = match (forced, found) {
        (Some(forced), Some(found)) if forced.name != found.name => Some(forced),
        _ => found.or(forced),
    };
    if first_is_value && telling.is_some_and(|format| format.shape == Shape::Lines) {
        return Ok(laid(found, Shape::Lines));
    }
    let document = match lines.rest(MAX_DOCUMENT_BYTES)? {
        None => None,
        Some(bytes) => {
            let text = lossy(bytes.strip_prefix(BOM).unwrap_or(bytes));
            json::parse(&text).ok().map(|node| detect(&Probe { name, document: Some(&node), lines: &[], members: &[] }))
        }
    };
    if let Some(found) = document {
        return Ok(laid(found, Shape::Document));
    }
    // No document either: the first line may be noise before records of a known format.
    if !first_is_value && found.is_none() {
        let head = lines.peek(wanted)?;
        let text = lossy(head);
        let nodes = probe_lines(&text, whole_seen, true, PROBED_LINES);
        let telling = detect(&Probe { name, document: None, lines: &nodes, members: &[] }).filter(|format| format.name != GENERIC.name);
        if telling.is_some() {
            return Ok(laid(telling, Shape::Lines));
        }
    }
    let opens = lines.peek(HEAD_BYTES)?.iter().find(|b| !b.is_ascii_whitespace()).is_some_and(|b| matches!(b, b'{' | b'['));
    Ok(laid(found, if first_is_value || !opens { Shape::Lines } else { Shape::Document }))
}

/// Gives how many bytes must be looked at to see the first line whole, as far as a line is taken apart at all.
fn first_line<R: Read>(lines: &mut Lines<R>) -> io::Result<usize> {
    let mut wanted = HEAD_BYTES;
    while wanted < super::split::MAX_LINE_BYTES {
        let head = lines.peek(wanted)?;
        if head.len() < wanted || memchr::memchr(b'\n', head.trim_ascii_start()).is_some() {
            break;
        }
        wanted *= 4;
    }
    Ok(wanted)
}

/// Gives the format of that name whose records lie so, where there is one; else the format itself.
fn shaped(format: &'static Format, shape: Shape) -> &'static Format {
    FORMATS.iter().find(|other| other.name == format.name && other.shape == shape).unwrap_or(format)
}

/// Parses the first lines, as far as the very first is a value of its own, or, past noise, those that are.
fn probe_lines(head: &str, whole: bool, past_noise: bool, most: usize) -> Vec<Node<'_>> {
    let mut nodes = Vec::new();
    let mut rest = head;
    while nodes.len() < most && !rest.is_empty() {
        let (line, next, closed) = match rest.split_once('\n') {
            Some((line, next)) => (line, next, true),
            None => (rest, "", whole),
        };
        rest = next;
        if line.trim().is_empty() {
            continue;
        }
        match json::parse(line) {
            Ok(node) => nodes.push(node),
            Err(_) if past_noise || !closed || !nodes.is_empty() => {}
            Err(_) => return Vec::new(),
        }
    }
    nodes
}

fn detect(probe: &Probe<'_>) -> Option<&'static Format> {
    let fits = |format: &&Format| match format.shape {
        Shape::Lines => !probe.lines.is_empty(),
        Shape::Document => probe.document.is_some(),
        Shape::Archive => false,
    };
    FORMATS.iter().find(|format| fits(format) && (format.detect)(probe))
}

/// Drives one reader over one file.
struct Drive<'n> {
    format: &'static Format,
    shape: Shape,
    reader: Box<dyn Reader>,
    out: Output,
    name: &'n str,
    values: u64,
    /// Records that are not JSON: those that begin as JSON does, and those that hold bytes no text has.
    broken: u64,
    odd: u64,
}

impl<'n> Drive<'n> {
    fn new(format: &'static Format, shape: Shape, name: &'n str, ranges_only: bool) -> Self {
        Self { format, shape, reader: (format.reader)(), out: Output::new(format.agent, format.rank, ranges_only), name, values: 0, broken: 0, odd: 0 }
    }

    fn lines<R: Read>(&mut self, lines: &mut Lines<R>, tap: &mut dyn FnMut(&[u8], bool)) -> io::Result<()> {
        while let Some(line) = lines.next()? {
            tap(line.bytes, line.closed || !line.piece);
            self.line(&line);
        }
        Ok(())
    }

    fn line(&mut self, line: &Line<'_>) {
        let mut body = line.body();
        let mut start = line.start;
        if start == 0
            && let Some(rest) = body.strip_prefix(BOM)
        {
            (body, start) = (rest, 3);
        }
        if body.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let span = Span { member: None, line: line.number, start, end: start + body.len() as u64 };
        self.out.begin(body, true);
        if line.piece {
            self.out.issue(
                "oversized_record",
                &span,
                format!("a record of more than {} bytes is kept whole but not taken apart", super::split::MAX_LINE_BYTES),
            );
            self.out.unknown(span.clone(), String::from_utf8_lossy(&body[..body.len().min(1 << 20)]).into_owned());
        } else {
            self.value(body, &span, !line.closed);
        }
        self.out.end(&span);
    }

    fn document<R: Read>(&mut self, lines: &mut Lines<R>, tap: &mut dyn FnMut(&[u8], bool)) -> io::Result<()> {
        let Some(bytes) = lines.rest(MAX_DOCUMENT_BYTES)? else {
            return self.lines(lines, tap);
        };
        tap(bytes, true);
        let skipped = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
        let lead = bytes[skipped..].iter().take_while(|b| b.is_ascii_whitespace()).count() + skipped;
        let body = bytes[lead..].trim_ascii_end();
        let line = 1 + memchr::memchr_iter(b'\n', &bytes[..lead]).count() as u64;
        let span = Span { member: None, line, start: lead as u64, end: (lead + body.len()) as u64 };
        self.out.begin(body, false);
        self.value(body, &span, true);
        self.out.end(&span);
        Ok(())
    }

    fn member(&mut self, bytes: &[u8], member: &Arc<str>) {
        let span = Span { member: Some(member.clone()), line: 1, start: 0, end: bytes.len() as u64 };
        self.out.begin(bytes, false);
        self.value(bytes, &span, true);
        self.out.end(&span);
    }

    /// Hands one value to the reader, or keeps it as it is where it is not JSON.
    fn value(&mut self, body: &[u8], span: &Span, at_end: bool) {
        let (text, shifts) = decode(body);
        match json::parse_noting(&text) {
            Ok((node, repeated)) => {
                self.values += 1;
                let record = Record::new(&node, &text, span.clone(), self.name).whole(self.shape != Shape::Lines).shifted(&shifts);
                self.reader.read(&record, &mut self.out);
                let said = consent::said(record.node);
                if !said.is_empty() {
                    let lineage = &mut self.out.about().lineage;
                    said.into_iter().for_each(|(name, word)| lineage.attribute(&name, word));
                }
                if let Some(key) = repeated {
                    let key: String = key.chars().take(40).collect();
                    self.out.issue("repeated_key", span, format!("the key `{key}` stands twice in one object; its last value is read, the record keeps both"));
                }
            }
            Err(wrong) => {
                match body.first() {
                    Some(b'{' | b'[') => self.broken += 1,
                    _ => self.odd += u64::from(!shifts.is_empty() || body.contains(&0)),
                }
                let (kind, message) = if wrong.truncated && at_end {
                    ("truncated_record", "the record breaks off; kept as it is".to_owned())
                } else {
                    ("not_json", format!("not JSON at byte {} of the record; kept as it is", wrong.at))
                };
                self.out.issue(kind, span, message);
                if self.shape != Shape::Lines {
                    self.out.count_records(1);
                }
                self.out.unknown(span.clone(), text.clone().into_owned());
            }
        }
        if !shifts.is_empty() {
            self.out.issue("invalid_utf8", span, "bytes that are not UTF-8 are shown as U+FFFD; the record keeps them");
        }
        self.out.name_own(body, span.start);
    }

    fn close(mut self, issues: Vec<Issue>) -> Reading {
        self.reader.finish(&mut self.out);
        let (portions, records) = self.out.close(self.name);
        Reading { format: self.format, shape: self.shape, portions, records, issues, binary: self.values == 0 && self.odd > 4 * self.broken }
    }
}

/// Decodes bytes for looking at them; checking them whole first is faster than going through them piece by piece.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Decodes a record; where it is not UTF-8, with the offsets in the text from which on it stands so many bytes later than in the record.
fn decode(body: &[u8]) -> (Cow<'_, str>, Vec<(usize, i64)>) {
    if let Ok(text) = std::str::from_utf8(body) {
        return (Cow::Borrowed(text), Vec::new());
    }
    let (mut text, mut shifts, mut shift) = (String::with_capacity(body.len()), Vec::new(), 0i64);
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            shift += char::REPLACEMENT_CHARACTER.len_utf8() as i64 - chunk.invalid().len() as i64;
            shifts.push((text.len(), shift));
        }
    }
    (Cow::Owned(text), shifts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], format: Option<&'static Format>) -> Reading {
        read_plain(text, "x", Want { format, ranges_only: false }, &mut |_, _| {}).unwrap()
    }

    #[test]
    fn a_long_first_line_is_a_line() {
        let row = |text: &str| format!("{{\"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}]}}\n");
        let reading = read((row(&"x".repeat(300 << 10)) + &row("y")).as_bytes(), None);
        assert_eq!((reading.format.name, reading.shape, reading.records), ("openai-chat", Shape::Lines, 2));
    }

    #[test]
    fn reading_again_under_the_name_finds_the_same_shape() {
        let event = r#"{"spec_version":"1.0","type":"maestro.sessions.session.started","id":"e1","data":{}}"#;
        for text in [
            "[\n{\"a\":1},\n{\"a\":2}\n]".to_owned(),
            format!("{{\"events\":[{event},{event}]}}"),
            format!("{event}\n{event}\n"),
            "[{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]},\n{\"messages\":[{\"role\":\"user\",\"content\":\"y\"}]}]".to_owned(),
            "{\"resourceSpans\":[]}\n{\"resourceSpans\":[]}".to_owned(),
        ] {
            let first = read(text.as_bytes(), None);
            let again = read(text.as_bytes(), super::super::format(first.format.name));
            let picture = |r: &Reading| (r.shape, r.format.shape, r.records, r.portions.clone());
            assert_eq!(picture(&first), picture(&again), "{text}");
        }
    }

    #[test]
    fn places_in_a_document_that_is_no_utf8_are_bytes() {
        let text = b"{\"name\":\"caf\xe9\",\n\"events\":[{\"a\":\"\xff\xfe\"},{\"b\":1}]}";
        let reading = read(text, None);
        let places = reading.portions[0].0.facts.iter().map(|f| &text[f.spans[0].start as usize..f.spans[0].end as usize]);
        assert_eq!(places.collect::<Vec<_>>()[1..], [&b"{\"a\":\"\xff\xfe\"}"[..], b"{\"b\":1}"]);
    }
}
