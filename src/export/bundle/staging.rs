//! Writing a bundle: into a folder beside its place, every file brought to disk, then put in place by one rename.

use super::lines::Lines;
use crate::export::json::Json;
use crate::model::ids::hex;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::process::{Pid, test_kill_process};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Files of a bundle that its list of checksums does not hold.
const SEALS: [&str; 2] = ["SHA256SUMS", "provenance.dsse.json"];
/// How many files are named that stand in the way.
const NAMED: usize = 5;

/// Why a bundle was not written; the place is as it was.
#[derive(Debug, thiserror::Error)]
pub enum StagingError {
    /// Something else stands there.
    #[error("{path} is not empty and is no bundle of {dataset}; nothing was written; choose another --out or move it away")]
    Taken {
        /// The place.
        path: PathBuf,
        /// The dataset to write.
        dataset: String,
    },
    /// A person's own files stand there.
    #[error(
        "{path} holds what its bundle does not list, and it would be gone with the bundle: {files}; nothing was written; move it away, or choose another --out"
    )]
    Others {
        /// The place.
        path: PathBuf,
        /// The first of the files, and how many more.
        files: String,
    },
    /// The bundle of another query stands there.
    #[error(
        "{path} holds the rows of the query {held:?}, not of {wanted:?}; nothing was written; choose another --out, move the bundle away, or give the query a name (`ossia dataset new`)"
    )]
    OtherQuery {
        /// The place.
        path: PathBuf,
        /// Its query.
        held: String,
        /// The query to write.
        wanted: String,
    },
    /// Neither the new bundle nor the old one could be put in its place.
    #[error("cannot put anything at {path}: the bundle that was there is whole and lies at {aside}; move it back")]
    Aside {
        /// The place.
        path: PathBuf,
        /// Where the old bundle lies.
        aside: PathBuf,
    },
    /// The disk.
    #[error("cannot write {path}: {source}; nothing was put in place, and a bundle that was there is untouched")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// Size and hash of a file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
    /// Marks of its lines; none where they are not marked.
    pub lines: Vec<u8>,
}

/// A bundle that is being written.
pub struct Staging {
    folder: PathBuf,
    out: PathBuf,
    /// What was written so far, by its name relative to the bundle.
    pub files: BTreeMap<String, FileFacts>,
}

impl Staging {
    /// Begins a bundle of a dataset for a place: free, an empty folder, or an older bundle of the same dataset, without anything beside it; of a
    /// query that has no name of its own, a bundle of the same query.
    pub fn begin(out: &Path, dataset: &str, unnamed: Option<&str>) -> Result<Self, StagingError> {
        let io = |path: &Path, source| StagingError::Io { path: path.to_owned(), source };
        // A link stays one: the bundle is put where it leads.
        let led = out.canonicalize();
        let out = led.as_deref().unwrap_or(out);
        let free = match fs::read_dir(out) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => true,
            Err(e) => return Err(io(out, e)),
            Ok(mut entries) => entries.next().is_none() || is_bundle_of(out, dataset),
        };
        if !free {
            return Err(StagingError::Taken { path: out.to_owned(), dataset: dataset.to_owned() });
        }
        let held = unnamed.and_then(|_| said_of(out, "query"));
        if let Some((wanted, held)) = unnamed.zip(held).filter(|(wanted, held)| wanted != held) {
            return Err(StagingError::OtherQuery { path: out.to_owned(), held, wanted: wanted.to_owned() });
        }
        alone(out)?;
        let name = out.file_name().map_or_else(|| "bundle".into(), |name| name.to_string_lossy().into_owned());
        let parent = out.parent().filter(|p| !p.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), Path::to_owned);
        fs::create_dir_all(&parent).map_err(|e| io(&parent, e))?;
        let begun = format!(".{name}.unfinished-");
        clear(&parent, &begun).map_err(|e| io(&parent, e))?;
        let folder = parent.join(format!("{begun}{}", std::process::id()));
        fs::DirBuilder::new().mode(0o700).create(&folder).map_err(|e| io(&folder, e))?;
        Ok(Self { folder, out: out.to_owned(), files: BTreeMap::new() })
    }

    /// Writes one file from its lines or pieces and brings it to disk.
    pub fn write<B: AsRef<[u8]>>(&mut self, name: &str, pieces: impl IntoIterator<Item = B>) -> Result<(), StagingError> {
        let path = self.folder.join(name);
        let facts = write_file(&path, Lines::are_marked(name), pieces).map_err(|source| StagingError::Io { path, source })?;
        self.files.insert(name.to_owned(), facts);
        Ok(())
    }

    /// Writes one file by what is given to write to, and brings it to disk.
    #[cfg(feature = "parquet")]
    pub fn write_with(&mut self, name: &str, write: impl FnOnce(&mut Hashed) -> io::Result<()>) -> Result<(), StagingError> {
        let path = self.folder.join(name);
        let written = Hashed::create(&path, Lines::are_marked(name)).and_then(|mut to| write(&mut to).and_then(|()| to.finish()));
        let facts = written.map_err(|source| StagingError::Io { path, source })?;
        self.files.insert(name.to_owned(), facts);
        Ok(())
    }

    /// Writes a file of lines, each with its end; one that cannot be read again is an error.
    pub fn write_all(&mut self, name: &str, lines: impl Iterator<Item = io::Result<String>>) -> Result<(), StagingError> {
        self.write_pieces(name, lines.map(|line| line.map(|line| line + "\n")))
    }

    /// Writes a file piece by piece; one that cannot be read again is an error.
    pub fn write_pieces(&mut self, name: &str, pieces: impl Iterator<Item = io::Result<String>>) -> Result<(), StagingError> {
        let mut failed = None;
        self.write(name, pieces.map_while(|piece| piece.map_err(|e| failed = Some(e)).ok()))?;
        failed.map_or(Ok(()), |source| Err(StagingError::Io { path: self.folder.join(name), source }))
    }

    /// Writes a file of lines; without any, no file.
    pub fn write_lines(&mut self, name: &str, lines: impl Iterator<Item = String>) -> Result<(), StagingError> {
        let mut lines = lines.peekable();
        if lines.peek().is_none() { Ok(()) } else { self.write(name, lines.map(|line| line + "\n")) }
    }

    /// Gives where a file that was written lies for now.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Puts the bundle in its place; what was there is exchanged with it in one step and then removed.
    pub fn finish(self) -> Result<(), StagingError> {
        let io = |source| StagingError::Io { path: self.out.clone(), source };
        for folder in [self.folder.join("data"), self.folder.join("schemas"), self.folder.clone()] {
            if folder.is_dir() {
                File::open(&folder).and_then(|f| f.sync_all()).map_err(io)?;
            }
        }
        if self.out.exists() {
            alone(&self.out)?;
            if renameat_with(CWD, &self.folder, CWD, &self.out, RenameFlags::EXCHANGE).is_err() {
                // A file system that cannot exchange: the old one steps aside first.
                let aside = self.folder.with_extension("old");
                fs::rename(&self.out, &aside).map_err(io)?;
                if let Err(cause) = fs::rename(&self.folder, &self.out) {
                    // What was there goes back; where even that fails, its place is named.
                    let back = fs::rename(&aside, &self.out);
                    return Err(if back.is_ok() { io(cause) } else { StagingError::Aside { path: self.out.clone(), aside } });
                }
                fs::remove_dir_all(&aside).map_err(io)?;
            }
        } else {
            fs::rename(&self.folder, &self.out).map_err(io)?;
        }
        let parent = self.out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(parent).and_then(|f| f.sync_all()).map_err(io)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After an exchange this is the old bundle; after a failure, the unfinished new one.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Removes what exports for this place left that were ended before they could: of this process, and of those that run no more.
fn clear(parent: &Path, begun: &str) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let Some(process) = entry.file_name().to_str().and_then(|name| name.strip_prefix(begun)?.parse::<i32>().ok()) else { continue };
        let own = u32::try_from(process) == Ok(std::process::id());
        let gone = || Pid::from_raw(process).is_none_or(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH));
        if own || gone() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn write_file<B: AsRef<[u8]>>(path: &Path, marked: bool, pieces: impl IntoIterator<Item = B>) -> io::Result<FileFacts> {
    let mut out = Hashed::create(path, marked)?;
    pieces.into_iter().try_for_each(|piece| out.write_all(piece.as_ref()))?;
    out.finish()
}

/// A file that is hashed while it is written, for its owner alone.
pub struct Hashed {
    out: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
    lines: Option<Lines>,
}

impl Hashed {
    fn create(path: &Path, marked: bool) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        Ok(Self { out: BufWriter::with_capacity(1 << 18, file), hash: Sha256::new(), bytes: 0, lines: marked.then(Lines::default) })
    }

    fn finish(self) -> io::Result<FileFacts> {
        self.out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(FileFacts { bytes: self.bytes, sha256: hex(&self.hash.finalize()), lines: self.lines.map(Lines::finish).unwrap_or_default() })
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        if let Some(lines) = &mut self.lines {
            lines.update(&bytes[..written]);
        }
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Tells whether a folder holds a bundle of the dataset, by its manifest.
fn is_bundle_of(folder: &Path, dataset: &str) -> bool {
    said_of(folder, "name").as_deref() == Some(dataset)
}

/// Gives what the manifest of a bundle says of its dataset.
fn said_of(folder: &Path, field: &str) -> Option<String> {
    let manifest = Json::parse(&fs::read_to_string(folder.join("manifest.json")).ok()?).ok()?;
    manifest.get("dataset")?.get(field)?.as_str().map(str::to_owned)
}

/// Refuses a bundle beside whose files others stand: those are somebody's own.
fn alone(bundle: &Path) -> Result<(), StagingError> {
    let io = |source| StagingError::Io { path: bundle.to_owned(), source };
    let sums = fs::read_to_string(bundle.join("SHA256SUMS")).unwrap_or_default();
    let listed: BTreeSet<&str> = sums.lines().filter_map(|line| line.split_once("  ")).map(|(_, name)| name).chain(SEALS).collect();
    let (mut others, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(bundle.join(&folder)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(io)?,
        };
        for entry in entries {
            let entry = entry.map_err(io)?;
            let name = format!("{folder}{}", entry.file_name().to_string_lossy());
            let inside = format!("{name}/");
            if entry.file_type().map_err(io)?.is_dir() && listed.iter().any(|listed| listed.starts_with(&inside)) {
                folders.push(inside);
            } else if !listed.contains(name.as_str()) {
                others.push(name);
            }
        }
    }
    others.sort();
    let more = others.len().saturating_sub(NAMED);
    others.truncate(NAMED);
    let files = others.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() };
    if files.is_empty() { Ok(()) } else { Err(StagingError::Others { path: bundle.to_owned(), files }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(out: &Path, dataset: &str, text: &str) -> Result<(), StagingError> {
        let (name, query) = dataset.split_once(':').unwrap_or((dataset, "*"));
        let mut staging = Staging::begin(out, name, (name == "query").then_some(query))?;
        staging.write("manifest.json", [format!("{{\"dataset\":{{\"name\":\"{name}\",\"query\":\"{query}\"}}}}")])?;
        staging.write("data/a.jsonl", [text])?;
        staging.write("SHA256SUMS", ["0  data/a.jsonl\n0  manifest.json\n"])?;
        staging.finish()
    }

    #[test]
    fn a_bundle_takes_the_place_of_its_elder_and_of_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        bundle(&out, "a", "1\n").unwrap();
        bundle(&out, "a", "2\n").unwrap();
        assert_eq!(fs::read_to_string(out.join("data/a.jsonl")).unwrap(), "2\n");
        assert!(matches!(bundle(&out, "b", "3\n"), Err(StagingError::Taken { .. })));
        fs::write(dir.path().join("file"), "x").unwrap();
        assert!(bundle(&dir.path().join("file"), "a", "4\n").is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_somebodys_own_and_another_query_stay() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        bundle(&out, "query:a", "1\n").unwrap();
        bundle(&out, "query:a", "2\n").unwrap();
        assert!(matches!(bundle(&out, "query:b", "3\n"), Err(StagingError::OtherQuery { .. })));
        fs::create_dir(out.join("checkpoints")).unwrap();
        fs::write(out.join("data/notes.md"), "mine").unwrap();
        let Err(StagingError::Others { files, .. }) = bundle(&out, "query:a", "4\n") else { panic!("it was written over") };
        assert_eq!(files, "checkpoints, data/notes.md");
        // Also what comes while it is written.
        fs::remove_dir(out.join("checkpoints")).unwrap();
        fs::remove_file(out.join("data/notes.md")).unwrap();
        let staging = Staging::begin(&out, "query", Some("a")).unwrap();
        fs::write(out.join("late.md"), "mine").unwrap();
        assert!(staging.finish().is_err() && out.join("late.md").exists());
        assert_eq!(fs::read_to_string(out.join("data/a.jsonl")).unwrap(), "2\n");
    }

    #[test]
    fn a_link_to_a_bundle_leads_to_the_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        bundle(&real, "a", "1\n").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        bundle(&link, "a", "2\n").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(real.join("data/a.jsonl")).unwrap(), "2\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_a_killed_export_left_is_cleared_away() {
        let dir = tempfile::tempdir().unwrap();
        // No process has the largest number there is; the first one always runs.
        for process in ["2147483647", "1", "x"] {
            fs::create_dir(dir.path().join(format!(".out.unfinished-{process}"))).unwrap();
        }
        bundle(&dir.path().join("out"), "a", "1\n").unwrap();
        let mut left: Vec<String> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        left.sort();
        assert_eq!(left, [".out.unfinished-1", ".out.unfinished-x", "out"]);
    }

    #[test]
    fn an_unfinished_bundle_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut staging = Staging::begin(&dir.path().join("out"), "a", None).unwrap();
        staging.write("data/a.jsonl", ["x"]).unwrap();
        drop(staging);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
