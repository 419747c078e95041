//! The folder of the index, into which nobody else may look: its words tell what was said.

use std::fs::Permissions;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

/// Makes a folder that nobody else may look into.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Takes from everybody else what may be done with the files of an index, which tantivy makes as the system has it.
pub(super) fn keep_private(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        match entry.metadata() {
            Ok(known) if known.is_file() && known.permissions().mode() & 0o077 != 0 => {
                match std::fs::set_permissions(entry.path(), Permissions::from_mode(0o600)) {
                    // Another process merged it away meanwhile.
                    Err(e) if e.kind() == ErrorKind::NotFound => {}
                    done => done?,
                }
            }
            _ => {}
        }
    }
    Ok(())
}
