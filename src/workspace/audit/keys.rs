//! The keys of a workspace: in files that their owner alone can read, never in an export, and never made anew in silence.

use crate::export::{KeyError, Signing, known_signing_key, make_key, read_key, rotate_signing_key, signing_key, write_key};
use crate::redaction::Key;
use crate::workspace::{Error, Result, Workspace};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Naming values inside the workspace; it stays with the workspace, as verdicts hang on it.
    Fingerprint,
    /// Naming values in exports; it may be rotated.
    Pseudonym,
}

/// Where the store remembers which signing key there was.
const SIGNING: &str = "key_signing";
/// Kinds of decisions in which values are named by the fingerprint key.
const NAMED: [&str; 3] = ["redaction", "audit_mark", "reveal"];

impl KeyKind {
    /// Gives the name of its file, without the ending.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fingerprint => "fingerprint",
            Self::Pseudonym => "pseudonym",
        }
    }

    /// Gives where the store remembers which key of this kind there was.
    const fn remembered(self) -> &'static str {
        match self {
            Self::Fingerprint => "key_fingerprint",
            Self::Pseudonym => "key_pseudonym",
        }
    }
}

/// What there is to say of a key.
#[derive(Debug, Clone, Serialize)]
pub struct KeyReport {
    /// What it is for.
    pub kind: &'static str,
    /// Its file.
    pub file: String,
    /// By what it is told apart; says nothing of the key.
    pub name: String,
    /// What it does and what rotating it means.
    pub about: &'static str,
    /// Where the key before it was kept.
    pub kept: Option<String>,
}

impl Workspace {
    /// Gives a key, making it at its first use; one that others can read, is not whole or was lost is refused.
    pub fn key(&self, kind: KeyKind) -> Result<Key> {
        let mut kept = self.audits.keys.borrow_mut();
        if let Some((_, key)) = kept.iter().find(|(known, _)| *known == kind) {
            return Ok(key.clone());
        }
        let path = self.key_file(kind);
        let remembered = self.store.meta(kind.remembered())?.filter(|name| !name.is_empty());
        let key = match self.read_key(kind)? {
            Some(key) => key,
            None if remembered.is_some() || self.is_named_by(kind)? => return Err(self.lost(kind, false)?),
            None => Key::new(&make_key(&path)?).ok_or_else(|| not_32(&path, 0))?,
        };
        match remembered {
            Some(name) if name != key.name() => return Err(self.lost(kind, true)?),
            Some(_) => {}
            None => self.store.set_meta(kind.remembered(), &key.name())?,
        }
        kept.push((kind, key.clone()));
        Ok(key)
    }

    /// Gives the key that signs bundles, making it at its first use.
    pub fn signing_key(&self) -> Result<Signing> {
        let remembered = self.store.meta(SIGNING)?;
        let key = match known_signing_key(&self.keys())? {
            Some(key) => key,
            None if remembered.is_some() => {
                let what = "bundles that were written are signed with it, and whoever verifies trusts its fingerprint".to_owned();
                let then = "`ossia key rotate --lost` makes a new one, whose fingerprint they must be given".to_owned();
                return Err(KeyError::Lost { path: self.keys().join("signing.key"), replaced: false, what, then }.into());
            }
            None => signing_key(&self.keys())?,
        };
        self.remember_signing(&key, remembered.as_deref())?;
        Ok(key)
    }

    /// Makes a new signing key; the one before it is kept beside it. One that is lost is replaced only if that is `lost`, said so.
    pub fn rotate_signing_key(&self, lost: bool) -> Result<Signing> {
        if !lost {
            self.signing_key()?;
        }
        let key = rotate_signing_key(&self.keys())?;
        self.remember_signing(&key, None)?;
        Ok(key)
    }

    fn remember_signing(&self, key: &Signing, remembered: Option<&str>) -> Result<()> {
        let name = key.public().fingerprint();
        if remembered != Some(name.as_str()) {
            self.store.set_meta(SIGNING, &name)?;
        }
        Ok(())
    }

    /// Says what a key is for and where it lies.
    pub fn key_report(&self, kind: KeyKind) -> Result<KeyReport> {
        let about = match kind {
            KeyKind::Fingerprint => "names values in findings and verdicts of this workspace; it is not rotated, as verdicts are found by it",
            KeyKind::Pseudonym => {
                "names redacted values in exports: the same value, the same pseudonym; after a rotation, new exports cannot be linked to old ones"
            }
        };
        let key = self.key(kind)?;
        Ok(KeyReport { kind: kind.as_str(), file: self.key_file(kind).display().to_string(), name: key.name(), about, kept: None })
    }

    /// Makes a new key and keeps the old one beside it under its name; with `lost`, in the place of one that is not there any more.
    pub fn rotate_key(&self, kind: KeyKind, lost: bool) -> Result<KeyReport> {
        let known = if lost { self.read_key(kind)? } else { Some(self.key(kind)?) };
        if kind == KeyKind::Fingerprint && (!lost || self.key(kind).is_ok()) {
            return Err(Error::Undecidable("the fingerprint key is not rotated while it is there: every verdict is found by it".to_owned()));
        }
        let path = self.key_file(kind);
        let kept = known.map(|old| path.with_extension(format!("{}.key", old.name())));
        if let Some(kept) = &kept {
            fs::rename(&path, kept).map_err(|source| KeyError::Io { path: path.clone(), source })?;
        }
        let key = Key::new(&make_key(&path)?).ok_or_else(|| not_32(&path, 0))?;
        self.audits.keys.borrow_mut().retain(|(known, _)| *known != kind);
        self.store.set_meta(kind.remembered(), &key.name())?;
        if kind == KeyKind::Fingerprint {
            // What was found is named by the old key: it is found anew.
            self.store.forget_audits()?;
        }
        Ok(KeyReport { kept: kept.map(|kept| kept.display().to_string()), ..self.key_report(kind)? })
    }

    /// Copies the keys into a folder, for their owner alone; nothing there is replaced. Gives their names.
    pub fn copy_keys(&self, to: &Path) -> Result<Vec<String>> {
        let mut names = Vec::new();
        let unread = |source| KeyError::Io { path: self.keys(), source };
        let listed = match fs::read_dir(self.keys()) {
            Ok(files) => files.collect::<std::io::Result<Vec<_>>>().map_err(unread)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(unread(error).into()),
        };
        for file in listed.iter().filter(|file| file.path().extension().is_some_and(|ending| ending == "key")) {
            if let Some(bytes) = read_key(&file.path())? {
                write_key(&to.join(file.file_name()), &bytes)?;
                names.push(file.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn read_key(&self, kind: KeyKind) -> Result<Option<Key>> {
        let path = self.key_file(kind);
        let Some(bytes) = read_key(&path)? else { return Ok(None) };
        Ok(Some(Key::new(&bytes).ok_or_else(|| not_32(&path, bytes.len()))?))
    }

    /// Tells whether anything was named by a key before the store remembered which one.
    fn is_named_by(&self, kind: KeyKind) -> Result<bool> {
        Ok(kind == KeyKind::Fingerprint && (self.journal.count_of(&NAMED)? > 0 || !self.store.trajectories_with_findings()?.is_empty()))
    }

    fn lost(&self, kind: KeyKind, replaced: bool) -> Result<Error> {
        let (what, then) = match kind {
            KeyKind::Fingerprint => (
                format!(
                    "{} on findings name values by it, and without it none is found again",
                    crate::text::human::plural(usize::try_from(self.journal.count_of(&NAMED)?).unwrap_or(usize::MAX), "decision")
                ),
                "`ossia key rotate --kind fingerprint --lost` begins anew: every finding is open again, and what was marked by hand has to be marked again",
            ),
            KeyKind::Pseudonym => (
                "exports that were written name redacted values by it".to_owned(),
                "`ossia key rotate --kind pseudonym --lost` makes a new one, and new exports cannot be linked to old ones",
            ),
        };
        Ok(KeyError::Lost { path: self.key_file(kind), replaced, what, then: then.to_owned() }.into())
    }

    fn key_file(&self, kind: KeyKind) -> PathBuf {
        self.keys().join(format!("{}.key", kind.as_str()))
    }
}

fn not_32(path: &Path, bytes: usize) -> KeyError {
    KeyError::Unfit { path: path.to_owned(), why: format!("it holds {bytes} bytes instead of 32") }
}
