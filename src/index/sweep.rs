//! Takes away the files of segments that are no more. tantivy itself takes away those that its own process made, or knew of when it opened
//! the index; what other processes made meanwhile would stay, and with it the words of what was forgotten.

use super::error::IndexError;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use tantivy::TantivyError;
use tantivy::directory::{Directory, META_LOCK};

/// Removes the files that the index does not name, of the segments for which the test holds; whoever calls holds the writer's lock, and none of these
/// segments is being written.
pub(super) fn sweep(index: &tantivy::Index, folder: &Path, is_over: &dyn Fn(&str) -> bool) -> Result<(), IndexError> {
    let io = |source| IndexError::Io { path: folder.to_owned(), source };
    // Whoever opens the segments that are named holds it until they are open.
    let _opening = index.directory().acquire_lock(&META_LOCK).map_err(TantivyError::from)?;
    let named = index.load_metas()?.list_segment_files();
    for entry in fs::read_dir(folder).map_err(io)? {
        let name = entry.map_err(io)?.file_name();
        let over = name.to_str().and_then(segment).is_some_and(is_over);
        if !over || named.contains(Path::new(&name)) {
            continue;
        }
        match fs::remove_file(folder.join(&name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
    }
    Ok(())
}

/// Gives the segment that a file is of: 32 hex digits before the first dot.
fn segment(file: &str) -> Option<&str> {
    let (segment, _) = file.split_once('.')?;
    (segment.len() == 32 && segment.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(segment)
}
