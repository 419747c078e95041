//! A folder in the place for temporary things that nobody else can foresee or look into.

use std::hash::BuildHasher;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Makes a folder `PREFIX-<16 hex digits>` for the owner alone; fails where the name is taken.
pub fn private_folder(prefix: &str) -> io::Result<PathBuf> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let seed = std::collections::hash_map::RandomState::new().hash_one(now);
    let folder = std::env::temp_dir().join(format!("{prefix}-{seed:016x}"));
    std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::private_folder;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn two_folders_differ_and_are_the_owners_alone() {
        let [one, two] = [(); 2].map(|()| private_folder("ossia-test").unwrap());
        let mode = std::fs::metadata(&one).unwrap().permissions().mode() & 0o777;
        std::fs::remove_dir(&one).unwrap();
        std::fs::remove_dir(&two).unwrap();
        assert!(one != two && mode == 0o700);
    }
}
