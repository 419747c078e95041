//! The keys of a workspace: 32 random bytes each, in files that their owner alone can read, and never in an export.

use crate::redaction::Key;
use crate::workspace::{Error, Result, Workspace};
use serde::Serialize;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Naming values inside the workspace; it stays with the workspace, as verdicts hang on it.
    Fingerprint,
    /// Naming values in exports; it may be rotated.
    Pseudonym,
}

impl KeyKind {
    /// Gives the name of its file, without the ending.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fingerprint => "fingerprint",
            Self::Pseudonym => "pseudonym",
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
    /// Gives a key, making it at its first use; one that others can read, or that is not whole, is refused.
    pub fn key(&self, kind: KeyKind) -> Result<Key> {
        let path = self.key_file(kind);
        if !path.exists() {
            make(&path).map_err(|source| unusable(&path, &source.to_string()))?;
        }
        let mode = fs::metadata(&path).map_err(|e| unusable(&path, &e.to_string()))?.permissions().mode();
        if mode & 0o077 != 0 {
            let why = format!("others can read it (mode {:o}); run `chmod 600` on it, and rotate it if somebody may have", mode & 0o777);
            return Err(unusable(&path, &why));
        }
        let bytes = fs::read(&path).map_err(|e| unusable(&path, &e.to_string()))?;
        Key::new(&bytes)
            .ok_or_else(|| unusable(&path, &format!("it holds {} bytes instead of 32; restore it from a backup, or move it away to begin anew", bytes.len())))
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

    /// Makes a new key and keeps the old one beside it under its name.
    pub fn rotate_key(&self, kind: KeyKind) -> Result<KeyReport> {
        if kind == KeyKind::Fingerprint {
            return Err(Error::Undecidable("the fingerprint key is not rotated: every verdict is found by it".to_owned()));
        }
        let path = self.key_file(kind);
        let old = self.key(kind)?;
        let kept = path.with_extension(format!("{}.key", old.name()));
        fs::rename(&path, &kept).map_err(|e| unusable(&path, &e.to_string()))?;
        Ok(KeyReport { kept: Some(kept.display().to_string()), ..self.key_report(kind)? })
    }

    fn key_file(&self, kind: KeyKind) -> PathBuf {
        self.folder.join("keys").join(format!("{}.key", kind.as_str()))
    }
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::Undecidable(format!("the key {} cannot be used: {why}", path.display()))
}

fn make(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    let mut bytes = [0; 32];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&bytes)?;
    file.sync_all()
}
