//! Files of keys: secrets that their owner alone can read. Every key of the program is read and made here.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// No key file is longer (an OpenSSH key of the kind ed25519 has about 400 bytes).
const MAX_BYTES: u64 = 64 << 10;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The disk.
    #[error("cannot use the key {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Others can read it.
    #[error("the key {path} can be read by others (mode {mode:o}); run `chmod 600 {path}`, and rotate it if somebody may have read it")]
    Shared {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is no key.
    #[error("{path} is no key: {why}; put it back from a copy; if there is none, move it away, and `ossia key rotate --lost` makes a new one")]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Somebody named it as their own, and it cannot sign.
    #[error("{path} cannot sign: {why}; `ssh-keygen -t ed25519 -N '' -f FILE` makes a key that can")]
    Unsigning {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// It was there and is not there any more, or another one is in its place.
    #[error("the key {path} is lost{other}: {what}. Put it back from a copy of the folder; if there is none, {then}", other = if *replaced { " (another one is in its place)" } else { "" })]
    Lost {
        /// The file.
        path: PathBuf,
        /// Whether there is another key in its place.
        replaced: bool,
        /// What hangs on it.
        what: String,
        /// What to do if there is no copy.
        then: String,
    },
}

/// Reads the bytes of a key; `None` if the file is not there.
pub fn read_key(path: &Path) -> Result<Option<Vec<u8>>, KeyError> {
    let io = |source| KeyError::Io { path: path.to_owned(), source };
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(io)?,
    };
    let facts = file.metadata().map_err(io)?;
    if !facts.is_file() {
        return Err(KeyError::Unfit { path: path.to_owned(), why: "it is no file".to_owned() });
    }
    if facts.mode() & 0o077 != 0 {
        return Err(KeyError::Shared { path: path.to_owned(), mode: facts.mode() & 0o777 });
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(io)?;
    Ok(Some(bytes))
}

/// Makes a key of 32 random bytes; a file that is there is never replaced.
pub fn make_key(path: &Path) -> Result<[u8; 32], KeyError> {
    let mut secret = [0; 32];
    File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut secret)).map_err(|source| KeyError::Io { path: path.to_owned(), source })?;
    write_key(path, &secret)?;
    Ok(secret)
}

/// Writes a key where there is none, for its owner alone.
pub fn write_key(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let io = |source| KeyError::Io { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io)
}
