//! Reading one file: tell its format, split it into records, hand each to the reader.

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
    /// Each session's share, with the ranges of its records.
    pub portions: Vec<(Portion, Ranges)>,
    /// Number of records.
    pub records: u64,
    /// Issues of the file as a whole.
    pub issues: Vec<Issue>,
}

/// Reads a file that is JSON or JSON Lines. `tap` sees every byte in order, and whether a record ends there.
pub fn read_plain(input: impl Read, name: &str, want: Want, tap: &mut dyn FnMut(&[u8], bool)) -> io::Result<Reading> {
    let mut lines = Lines::new(input);
    let layout = lay_out(&mut lines, name, want.format)?;
    let mut drive = Drive::new(layout.format, name, want.ranges_only);
    match layout.shape {
        Shape::Lines => drive.lines(&mut lines, tap)?,
        Shape::Document | Shape::Archive => drive.document(&mut lines, tap)?,
    }
    Ok(drive.close(layout.issues))
}

/// Reads again some records of a line format: each piece is (line, offset, bytes).
pub fn read_pieces(pieces: &[(u64, u64, Vec<u8>)], name: &str, format: &'static Format) -> io::Result<Reading> {
    let mut drive = Drive::new(format, name, false);
    for (number, offset, bytes) in pieces {
        drive.lines(&mut Lines::at(bytes.as_slice(), *offset, *number), &mut |_, _| {})?;
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
    let mut drive = Drive::new(format, name, want.ranges_only);
    for member in names {
        let mut file = archive.by_name(&member).map_err(io::Error::other)?;
        let mut text = Vec::new();
        (&mut file).take(MAX_DOCUMENT_BYTES as u64 + 1).read_to_end(&mut text)?;
        if text.len() > MAX_DOCUMENT_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("member {member} unpacks to more than {MAX_DOCUMENT_BYTES} bytes")));
        }
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
    let head = lines.peek(HEAD_BYTES)?;
    if head.strip_prefix(BOM).unwrap_or(head).iter().all(u8::is_ascii_whitespace) && head.len() < HEAD_BYTES {
        let issues = vec![Issue::whole("empty", "the file holds no record")];
        return Ok(Layout { format: forced.unwrap_or(GENERIC), shape: Shape::Lines, issues });
    }
    let whole_seen = head.len() < HEAD_BYTES;
    let (first_is_value, found) = {
        let text = String::from_utf8_lossy(head.strip_prefix(BOM).unwrap_or(head));
        let nodes = probe_lines(&text, whole_seen);
        let single = whole_seen && nodes.len() == 1 && json::parse(&text).is_ok();
        let probe = Probe { name, document: nodes.first().filter(|_| single), lines: &nodes, members: &[] };
        (!nodes.is_empty(), detect(&probe))
    };
    if first_is_value && (found.is_some_and(|f| f.shape == Shape::Lines) || forced.is_some_and(|f| f.shape == Shape::Lines)) {
        let format = forced.or(found).unwrap_or(GENERIC);
        return Ok(Layout { format, shape: Shape::Lines, issues: Vec::new() });
    }
    let document = match lines.rest(MAX_DOCUMENT_BYTES)? {
        None => None,
        Some(bytes) => {
            let text = String::from_utf8_lossy(bytes.strip_prefix(BOM).unwrap_or(bytes));
            json::parse(&text).ok().map(|node| detect(&Probe { name, document: Some(&node), lines: &[], members: &[] }))
        }
    };
    if let Some(found) = document {
        let format = forced.or(found).unwrap_or(GENERIC);
        return Ok(Layout { format, shape: Shape::Document, issues: Vec::new() });
    }
    let format = forced.or(found).unwrap_or(GENERIC);
    let opens = lines.peek(HEAD_BYTES)?.iter().find(|b| !b.is_ascii_whitespace()).is_some_and(|b| matches!(b, b'{' | b'['));
    let shape = if first_is_value || !opens { Shape::Lines } else { Shape::Document };
    Ok(Layout { format, shape, issues: Vec::new() })
}

/// Parses the first lines, as far as the very first is a value of its own.
fn probe_lines(head: &str, whole: bool) -> Vec<Node<'_>> {
    let mut nodes = Vec::new();
    let mut rest = head;
    while nodes.len() < PROBED_LINES && !rest.is_empty() {
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
            Err(_) if !closed || !nodes.is_empty() => {}
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
    reader: Box<dyn Reader>,
    out: Output,
    name: &'n str,
}

impl<'n> Drive<'n> {
    fn new(format: &'static Format, name: &'n str, ranges_only: bool) -> Self {
        Self { format, reader: (format.reader)(), out: Output::new(format.agent, format.rank, ranges_only), name }
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
        let text = match std::str::from_utf8(body) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                self.out.issue("invalid_utf8", span, "bytes that are not UTF-8 are shown as U+FFFD; the record keeps them");
                String::from_utf8_lossy(body)
            }
        };
        match json::parse(&text) {
            Ok(node) => {
                let record = Record::new(&node, &text, span.clone(), self.name);
                self.reader.read(&record, &mut self.out);
                self.out.name_own(&text, span.start);
            }
            Err(wrong) => {
                let (kind, message) = if wrong.truncated && at_end {
                    ("truncated_record", "the record breaks off; kept as it is".to_owned())
                } else {
                    ("not_json", format!("not JSON at byte {} of the record; kept as it is", wrong.at))
                };
                self.out.issue(kind, span, message);
                if self.format.shape != Shape::Lines {
                    self.out.count_records(1);
                }
                self.out.unknown(span.clone(), text.clone().into_owned());
                self.out.name_own(&text, span.start);
            }
        }
    }

    fn close(mut self, issues: Vec<Issue>) -> Reading {
        self.reader.finish(&mut self.out);
        let (portions, records) = self.out.close(self.name);
        Reading { format: self.format, portions, records, issues }
    }
}
