//! The key that signs bundles, and those with which people sign.

use super::bundle::Signing;
pub use super::key_file::{KeyError, make_key, read_key, write_key};
use std::fs;
use std::path::Path;

/// Opens the signing key of a folder of keys; `None` if there is none yet.
pub fn known_signing_key(folder: &Path) -> Result<Option<Signing>, KeyError> {
    read(&folder.join(FILE))
}

/// Opens the signing key of a folder of keys, making it if it is not there.
pub fn signing_key(folder: &Path) -> Result<Signing, KeyError> {
    match known_signing_key(folder)? {
        Some(key) => Ok(key),
        None => Ok(Signing::new(&make_key(&folder.join(FILE))?)),
    }
}

/// Opens a person's own key: 32 bytes, or an OpenSSH private key of the kind ed25519 without a passphrase.
pub fn personal_key(path: &Path) -> Result<Signing, KeyError> {
    let unsigning = |why: &str| KeyError::Unsigning { path: path.to_owned(), why: why.to_owned() };
    // Others may well read a public key, and nothing is wrong with it.
    if path.extension().is_some_and(|ending| ending == "pub") {
        return Err(unsigning("it is a public key by its name, and the private one lies beside it without `.pub`"));
    }
    match read(path) {
        Ok(key) => key.ok_or_else(|| unsigning("there is no such file")),
        Err(KeyError::Unfit { why, .. }) => Err(unsigning(&why)),
        Err(other) => Err(other),
    }
}

/// Sets the signing key aside under the beginning of its fingerprint and makes a new one.
pub fn rotate(folder: &Path) -> Result<Signing, KeyError> {
    let path = folder.join(FILE);
    if let Some(old) = read(&path)? {
        let fingerprint = old.public().fingerprint();
        let aside = folder.join(format!("signing-{}.key", fingerprint.get(..12).unwrap_or(&fingerprint)));
        fs::rename(&path, &aside).map_err(|source| KeyError::Io { path: aside, source })?;
    }
    signing_key(folder)
}

const FILE: &str = "signing.key";

fn read(path: &Path) -> Result<Option<Signing>, KeyError> {
    let unfit = |why: &str| KeyError::Unfit { path: path.to_owned(), why: why.to_owned() };
    let Some(bytes) = read_key(path)? else { return Ok(None) };
    let secret = super::ssh_key::secret(&bytes).map_err(unfit)?;
    Ok(Some(Signing::new(&secret)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_cannot_sign_is_told_with_what_can() {
        let dir = tempfile::tempdir().unwrap();
        let (words, public) = (dir.path().join("words"), dir.path().join("id.pub"));
        make_key(&dir.path().join("own")).unwrap();
        for path in [&words, &public] {
            write_key(path, b"no key at all").unwrap();
        }
        assert!(personal_key(&dir.path().join("own")).is_ok());
        for (path, why) in [(&words, "neither 32 bytes nor"), (&public, "a public key"), (&dir.path().join("gone"), "no such file")] {
            let told = personal_key(path).err().unwrap().to_string();
            assert!(told.contains(why) && told.contains("ssh-keygen"), "{told}");
        }
    }

    #[test]
    fn a_key_is_made_once_kept_private_and_replaced_on_demand() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("keys");
        assert!(known_signing_key(&folder).unwrap().is_none());
        let first = signing_key(&folder).unwrap().public();
        assert_eq!(signing_key(&folder).unwrap().public(), first);
        assert_ne!(rotate(&folder).unwrap().public(), first);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        fs::set_permissions(folder.join("signing.key"), fs::Permissions::from_mode(0o644)).unwrap();
        let refused = signing_key(&folder).err().unwrap().to_string();
        assert!(refused.contains("mode 644") && refused.contains("chmod 600"), "{refused}");
    }
}
