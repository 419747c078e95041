//! Which files an import takes: the named ones, and what lies in named folders.

use serde::Serialize;
use std::collections::HashSet;
use std::fs;
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Endings that a walk takes.
const TAKEN: &[&str] = &["json", "jsonl", "ndjson", "traj", "eval"];

/// How an exported journal begins.
const JOURNAL: &[u8; 29] = br#"{"schema":"ossia.journal.v1","#;

/// A path that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The path.
    pub path: String,
    /// One sentence.
    pub reason: String,
}

/// What a walk found.
#[derive(Debug, Default)]
pub struct Found {
    /// Files to import, in order of their paths.
    pub files: Vec<PathBuf>,
    /// What was left.
    pub skipped: Vec<Skipped>,
    /// Paths that should be there and cannot be read: (path, why).
    pub failed: Vec<(PathBuf, String)>,
}

/// Finds the files under some paths; a path with `*`, `?` or `[` that does not exist is a glob.
#[must_use]
pub fn walk(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for path in paths {
        if path.symlink_metadata().is_ok() || !is_glob(path) {
            take(path, &mut found);
            continue;
        }
        let mut none = true;
        for hit in glob::glob(&path.to_string_lossy()).into_iter().flatten() {
            none = false;
            match hit {
                Ok(hit) => take(&hit, &mut found),
                Err(e) => found.failed.push((e.path().to_owned(), e.error().to_string())),
            }
        }
        if none {
            found.failed.push((path.clone(), "no file matches".to_owned()));
        }
    }
    // Paths compare part by part, which takes a multiple of what their bytes take.
    found.files.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    found.files.dedup();
    found
}

/// Says why something cannot be read, and what to do, in place of the bare words of the system.
pub(super) fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        // What this program says is no bare word.
        _ if error.get_ref().is_some() => error.to_string(),
        ErrorKind::NotFound => "there is no such file or folder; check its name and where it lies".to_owned(),
        ErrorKind::PermissionDenied => "you may not read it; change its permissions, or ask its owner".to_owned(),
        ErrorKind::IsADirectory => "it is a folder; name a file of it".to_owned(),
        ErrorKind::InvalidData => "it is no text in UTF-8; name another file".to_owned(),
        _ => format!("{error}; mend that and try again"),
    }
}

fn is_glob(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

fn take(path: &Path, found: &mut Found) {
    match fs::metadata(path) {
        Err(e) => found.failed.push((path.to_owned(), unreadable(&e))),
        Ok(meta) if meta.is_dir() => folder(path, found),
        Ok(meta) if meta.is_file() => found.files.push(absolute(path)),
        Ok(_) => skip(path, "not a regular file", found),
    }
}

/// Walks a folder; a symlinked folder is followed once, however often it is reached.
fn folder(root: &Path, found: &mut Found) {
    let mut seen: HashSet<PathBuf> = HashSet::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        let place = fs::canonicalize(&folder).unwrap_or_else(|_| folder.clone());
        if !seen.insert(place.clone()) {
            continue;
        }
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) => {
                found.failed.push((folder, unreadable(&e)));
                continue;
            }
        };
        for entry in entries {
            let (path, own) = match entry {
                Ok(entry) => (entry.path(), entry.file_type()),
                Err(e) => {
                    found.failed.push((folder.clone(), format!("not all of it can be listed: {e}")));
                    break;
                }
            };
            let link = !own.as_ref().is_ok_and(|kind| !kind.is_symlink());
            // The folder says what most of what is in it is, so that not each need be asked.
            match if link { fs::metadata(&path).map(|meta| meta.file_type()) } else { own } {
                // A link that leads nowhere, or in a circle, hides nothing; what may not be looked at may.
                Err(e) if path.is_symlink() || !(is_taken(&path) || e.kind() == ErrorKind::PermissionDenied) => skip(&path, &e.to_string(), found),
                Err(e) => found.failed.push((path, unreadable(&e))),
                Ok(kind) if kind.is_dir() => open.push(path),
                Ok(kind) if !kind.is_file() => skip(&path, "not a regular file", found),
                Ok(_) if is_taken(&path) => found.files.push(if link { absolute(&path) } else { place.join(path.file_name().unwrap_or_default()) }),
                Ok(_) => skip(&path, "not one of .json .jsonl .ndjson .traj .eval (also .gz, .zst); name it to import it", found),
            }
        }
    }
}

fn is_taken(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    name.rsplit_once('.').is_some_and(|(_, ending)| TAKEN.contains(&ending))
}

fn skip(path: &Path, reason: &str, found: &mut Found) {
    found.skipped.push(Skipped { path: named(path), reason: reason.to_owned() });
}

/// Writes a path as the store names it: what is not UTF-8 as `\xHH`, so that no two paths have one name.
#[must_use]
pub fn path_name(path: &Path) -> String {
    let chunks = path.as_os_str().as_bytes().utf8_chunks();
    chunks.map(|chunk| chunk.invalid().iter().fold(chunk.valid().to_owned(), |name, byte| format!("{name}\\x{byte:02X}"))).collect()
}

/// Names a path that was not taken, whole, as a script that ran elsewhere finds it; a link is itself and not what it leads to.
#[must_use]
pub fn named(path: &Path) -> String {
    std::path::absolute(path).map_or_else(|_| path_name(path), |path| path_name(&path))
}

fn absolute(path: &Path) -> PathBuf {
    fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

/// Tells whether a file is a journal that was exported: decisions about sessions, and no session.
#[must_use]
pub fn is_journal(path: &Path) -> bool {
    let mut head = [0; JOURNAL.len()];
    fs::File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && head == *JOURNAL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_paths_have_one_name() {
        use std::ffi::OsStr;
        let name = |bytes: &[u8]| path_name(Path::new(OsStr::from_bytes(bytes)));
        assert_eq!((name("a/é.jsonl".as_bytes()), name(b"a\xff\xfeb")), ("a/é.jsonl".to_owned(), "a\\xFF\\xFEb".to_owned()));
    }

    #[test]
    fn a_walk_takes_sessions_and_names_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("a")).unwrap();
        for name in ["a/x.jsonl", "a/y.jsonl.gz", "z.eval", "notes.txt"] {
            fs::write(at(name), "{}").unwrap();
        }
        std::os::unix::fs::symlink(dir.path(), at("a/loop")).unwrap();
        let found = walk(&[dir.path().to_owned()]);
        let names: Vec<_> = found.files.iter().map(|f| f.strip_prefix(dir.path()).unwrap().to_string_lossy().into_owned()).collect();
        assert_eq!(names, ["a/x.jsonl", "a/y.jsonl.gz", "z.eval"]);
        assert_eq!(found.skipped.len(), 1);
        let globbed = walk(&[at("a/*.jsonl")]);
        assert_eq!((globbed.files.len(), globbed.failed.len()), (1, 0));
        assert_eq!(walk(&[at("missing.json")]).failed.len(), 1);
        fs::write(at("z.eval"), r#"{"schema":"ossia.journal.v1","entries":0}"#).unwrap();
        assert!(is_journal(&at("z.eval")) && !is_journal(&at("notes.txt")));
        assert!(named(Path::new("missing.json")).ends_with("/missing.json"));
    }
}
