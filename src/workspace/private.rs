//! What is for its owner alone: a folder in the place for temporary things that nobody else can foresee, and files nobody else reads.

use std::fs;
use std::hash::BuildHasher;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Makes a folder `PREFIX-<16 hex digits>` for the owner alone; fails where the name is taken.
pub fn private_folder(prefix: &str) -> io::Result<PathBuf> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let seed = std::collections::hash_map::RandomState::new().hash_one(now);
    let folder = std::env::temp_dir().join(format!("{prefix}-{seed:016x}"));
    fs::DirBuilder::new().mode(0o700).create(&folder)?;
    Ok(folder)
}

/// Writes a file (0600) in place of what was there, which may have been open to others.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    if path.exists() {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_folders_differ_and_are_the_owners_alone() {
        let [one, two] = [(); 2].map(|()| private_folder("ossia-test").unwrap());
        let mode = fs::metadata(&one).unwrap().permissions().mode() & 0o777;
        fs::remove_dir(&one).unwrap();
        fs::remove_dir(&two).unwrap();
        assert!(one != two && mode == 0o700);
    }
}
