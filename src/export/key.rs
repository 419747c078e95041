//! The key that signs bundles: 32 random bytes in a file that only its owner can read.

use super::bundle::Signing;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

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
    /// Others can read it, or it is no key.
    #[error("{path} is no key to trust: {why}; `ossia key rotate --kind signing` makes a new one")]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: &'static str,
    },
}

/// Opens the signing key of a folder of keys, making it if it is not there.
pub fn signing_key(folder: &Path) -> Result<Signing, KeyError> {
    let path = folder.join("signing.key");
    match read(&path) {
        Err(KeyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => make(folder, &path),
        other => other,
    }
}

/// Opens a person's own key: 32 bytes, or an OpenSSH private key of the kind ed25519 without a passphrase.
pub fn personal_key(path: &Path) -> Result<Signing, KeyError> {
    read(path)
}

/// Sets the signing key aside under the beginning of its fingerprint and makes a new one.
pub fn rotate(folder: &Path) -> Result<Signing, KeyError> {
    let path = folder.join("signing.key");
    if let Ok(old) = read(&path) {
        let fingerprint = old.public().fingerprint();
        let aside = folder.join(format!("signing-{}.key", fingerprint.get(..12).unwrap_or(&fingerprint)));
        fs::rename(&path, &aside).map_err(|source| KeyError::Io { path: aside, source })?;
    }
    make(folder, &path)
}

fn read(path: &Path) -> Result<Signing, KeyError> {
    let io = |source| KeyError::Io { path: path.to_owned(), source };
    let unfit = |why| KeyError::Unfit { path: path.to_owned(), why };
    let mut file = File::open(path).map_err(io)?;
    let facts = file.metadata().map_err(io)?;
    if facts.mode() & 0o077 != 0 {
        return Err(unfit("others can read it (it must be 0600)"));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(io)?;
    let secret = super::ssh_key::secret(&bytes).map_err(unfit)?;
    Ok(Signing::new(&secret))
}

fn make(folder: &Path, path: &Path) -> Result<Signing, KeyError> {
    let io = |source| KeyError::Io { path: path.to_owned(), source };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io)?;
    let mut secret = [0; 32];
    File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut secret)).map_err(io)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
    file.write_all(&secret).and_then(|()| file.sync_all()).map_err(io)?;
    Ok(Signing::new(&secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_made_once_kept_private_and_replaced_on_demand() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("keys");
        let first = signing_key(&folder).unwrap().public();
        assert_eq!(signing_key(&folder).unwrap().public(), first);
        assert_ne!(rotate(&folder).unwrap().public(), first);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        fs::set_permissions(folder.join("signing.key"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(signing_key(&folder), Err(KeyError::Unfit { .. })));
    }
}
