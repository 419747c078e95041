//! Reading one file for import, and reading a stored source again: decoding, framing, parsing.

use super::gauge::{Counted, Gauge};
use crate::formats::{self, Format, Ranges, Reading, Want};
use crate::model::{Issue, Portion, SessionName};
use crate::store::{Container, FrameWriter, Framed, KnownBytes, Stamp};
use rustc_hash::FxHashMap;
use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Decoded bytes of one compressed source beyond this are refused.
const MAX_DECODED_BYTES: u64 = 4 << 30;
/// What unpacks to more than this, and to more than so many times its size, is a bomb or no session: texts and code pack to a tenth, seldom to a fortieth.
const PLENTY_BYTES: u64 = 64 << 20;
const MOST_TIMES: u64 = 50;
/// Files larger than this are parsed again from the store session by session, so that memory stays flat.
const MAX_FACTS_BYTES: u64 = 64 << 20;

/// A file that was read and is ready to be stored.
pub struct Parsed {
    /// Container.
    pub container: Container,
    /// Stamp, taken before reading.
    pub stamp: Stamp,
    /// The file's bytes in frames, with their SHA-256.
    pub framed: Framed,
    /// What was understood.
    pub reading: Reading,
    /// Whether the portions hold their facts.
    pub with_facts: bool,
}

/// Reads a file whole; of one that only grew since it was `known`, the bytes that are stored are not packed again.
pub fn parse_file(path: &Path, format: Option<&'static Format>, known: Option<&KnownBytes>, gauge: &Gauge) -> io::Result<Parsed> {
    let stamp = stamp(path)?;
    let name = file_name(&super::walk::path_name(path));
    let known = known.filter(|known| known.size <= stamp.size);
    let parsed = parse(&mut Counted(File::open(path)?, gauge), stamp, &name, format, known)?;
    if parsed.framed.kept > 0 && parsed.framed.continues != Some(true) {
        return parse(&mut File::open(path)?, stamp, &name, format, None);
    }
    Ok(parsed)
}

/// Reads an input whole; `stamp.size` 0 means unknown.
pub fn parse(input: &mut dyn Read, mut stamp: Stamp, name: &str, format: Option<&'static Format>, known: Option<&KnownBytes>) -> io::Result<Parsed> {
    let mut head = [0u8; 4];
    let mut filled = 0;
    while filled < 4 {
        match input.read(&mut head[filled..])? {
            0 => break,
            n => filled += n,
        }
    }
    let container = container(&head[..filled]);
    let mut whole = io::Cursor::new(head[..filled].to_vec()).chain(input);
    let mut frames = known.cloned().map_or_else(FrameWriter::default, FrameWriter::after);
    let mut ranges_only = stamp.size > MAX_FACTS_BYTES;
    let want = Want { format, ranges_only };
    let reading = if container == Container::Plain {
        formats::read_plain(&mut whole, name, want, &mut |bytes, end| frames.add(bytes, end))?
    } else {
        let mut bytes = Vec::new();
        whole.read_to_end(&mut bytes)?;
        frames.add(&bytes, true);
        ranges_only |= measure(&bytes, container)? > MAX_FACTS_BYTES;
        let broke = Broke::default();
        let mut reading = read_contained(&bytes, container, name, Want { ranges_only, ..want }, &broke)?;
        reading.issues.extend(broke.take().map(|why| Issue::whole("broken_off", format!("what is compressed breaks off: {why}; what came before is read"))));
        reading
    };
    if reading.binary && format.is_none() {
        let why = match head {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16; write it as UTF-8, for example with `iconv -f UTF-16 -t UTF-8`",
            _ => "it holds binary data and no JSON; --format generic keeps it as it is",
        };
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    let framed = frames.close()?;
    stamp.size = framed.size;
    Ok(Parsed { container, stamp, framed, reading, with_facts: !ranges_only })
}

fn container(head: &[u8]) -> Container {
    match head {
        [0x1f, 0x8b, ..] => Container::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] => Container::Zstd,
        [b'P', b'K', 3, 4] => Container::Zip,
        _ => Container::Plain,
    }
}

/// Says why compressed bytes ended before their time, if they did.
type Broke = Cell<Option<String>>;

fn read_contained(bytes: &[u8], container: Container, name: &str, want: Want, broke: &Broke) -> io::Result<Reading> {
    match container {
        Container::Zip => formats::read_archive(bytes, name, want),
        _ => formats::read_plain(decoder(bytes, container, broke)?, name, want, &mut |_, _| {}),
    }
}

fn decoder<'a>(bytes: &'a [u8], container: Container, broke: &'a Broke) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match container {
        Container::Gzip => Box::new(Bounded::new(flate2::read::MultiGzDecoder::new(bytes), bytes.len(), broke)),
        Container::Zstd => Box::new(Bounded::new(zstd::stream::read::Decoder::new(bytes)?, bytes.len(), broke)),
        Container::Plain | Container::Zip => Box::new(bytes),
    })
}

/// Ends in an error, not in silence, where a decoder gives more than its bound; ends early where what it decodes is broken off, as of a file
/// that is still being written.
struct Bounded<'b, R> {
    inner: R,
    most: u64,
    left: u64,
    broke: &'b Broke,
}

impl<'b, R> Bounded<'b, R> {
    fn new(inner: R, packed: usize, broke: &'b Broke) -> Self {
        let most = PLENTY_BYTES.max(MOST_TIMES.saturating_mul(packed as u64)).min(MAX_DECODED_BYTES);
        Self { inner, most, left: most, broke }
    }
}

/// Gives how much a source unpacks to, where that may be much; so a bomb is refused before anything of it is kept.
fn measure(bytes: &[u8], container: Container) -> io::Result<u64> {
    if container == Container::Zip || MOST_TIMES.saturating_mul(bytes.len() as u64) <= MAX_FACTS_BYTES {
        return Ok(0);
    }
    io::copy(&mut decoder(bytes, container, &Broke::default())?, &mut io::sink())
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = match self.inner.read(buffer) {
            Err(e) if self.left < self.most && e.kind() != io::ErrorKind::Interrupted => {
                self.broke.set(Some(e.to_string()));
                return Ok(0);
            }
            read => read?,
        };
        match self.left.checked_sub(n as u64) {
            Some(left) => {
                self.left = left;
                Ok(n)
            }
            None => {
                let most = self.most;
                Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("it unpacks to more than {most} bytes, far beyond what sessions do; unpack it and import the file"),
                ))
            }
        }
    }
}

/// Gives the decoded bytes of a stored source, or of one member of its archive.
pub fn decoded(bytes: Vec<u8>, container: Container, member: Option<&str>) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    match (container, member) {
        (Container::Plain, _) => return Ok(bytes),
        (Container::Zip, Some(member)) => {
            let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).map_err(io::Error::other)?;
            archive.by_name(member).map_err(io::Error::other)?.take(MAX_DECODED_BYTES).read_to_end(&mut out)?;
        }
        (container, _) => {
            decoder(&bytes, container, &Broke::default())?.read_to_end(&mut out)?;
        }
    }
    Ok(out)
}

/// Reads a stored source again; its portions by their session keys.
pub fn read_again(bytes: &[u8], container: Container, name: &str, format: &'static Format) -> io::Result<FxHashMap<String, Portion>> {
    let reading = read_contained(bytes, container, name, Want { format: Some(format), ranges_only: false }, &Broke::default())?;
    Ok(reading.portions.into_iter().map(|(portion, _)| (session_key(&portion.session), portion)).collect())
}

/// Reads again the records of one session out of a source that holds several.
pub fn read_ranges<R: Read>(
    pieces: impl IntoIterator<Item = (u64, u64, R)>,
    name: &str,
    format: &'static Format,
    session: &str,
) -> io::Result<Option<Portion>> {
    Ok(pick(formats::read_pieces(pieces, name, format)?.portions, session))
}

fn pick(portions: Vec<(Portion, Ranges)>, session: &str) -> Option<Portion> {
    let alone = portions.len() == 1;
    portions.into_iter().map(|(portion, _)| portion).find(|p| alone || session_key(&p.session) == session)
}

/// Writes a session name for the catalog: `=stated`, `?fallback`, `+ids`.
#[must_use]
pub fn session_key(name: &SessionName) -> String {
    match name {
        SessionName::Stated(id) => format!("={id}"),
        SessionName::Fallback(id) => format!("?{id}"),
        SessionName::Addition(ids) => format!("+{ids}"),
    }
}

/// Takes the stamp of a file.
pub fn stamp(path: &Path) -> io::Result<Stamp> {
    use std::os::unix::fs::MetadataExt;
    let meta = fs::metadata(path)?;
    let ns = |seconds: i64, ns: i64| seconds.saturating_mul(1_000_000_000).saturating_add(ns);
    Ok(Stamp { size: meta.len(), inode: meta.ino(), mtime_ns: ns(meta.mtime(), meta.mtime_nsec()), ctime_ns: ns(meta.ctime(), meta.ctime_nsec()) })
}

/// Gives the file name of a path, without the endings of compression.
#[must_use]
pub fn file_name(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name).to_owned()
}
