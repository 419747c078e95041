//! Watching the workspace for what other processes store: the system tells, and nothing is asked by the clock.

use rustix::fd::OwnedFd;
use std::path::Path;

/// Begins to watch folders; gives what becomes readable when something in them changes, or nothing where the system cannot tell.
#[cfg(target_os = "linux")]
pub fn watch(folders: &[&Path]) -> Option<OwnedFd> {
    use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
    let watch = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok()?;
    for folder in folders {
        // A folder that cannot be watched is looked at when a person asks for it.
        let _ = inotify::add_watch(&watch, *folder, WatchFlags::MODIFY | WatchFlags::MOVED_TO | WatchFlags::CREATE);
    }
    Some(watch)
}

/// Gives nothing: this system is not watched; the screen looks again when a person asks for it.
#[cfg(not(target_os = "linux"))]
pub fn watch(_folders: &[&Path]) -> Option<OwnedFd> {
    None
}

/// Takes in what was told, and says whether it concerns the store or the index rather than what this program keeps itself.
#[cfg(target_os = "linux")]
pub fn concerns(watch: &OwnedFd) -> bool {
    let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
    let mut reader = rustix::fs::inotify::Reader::new(watch, &mut buffer);
    let mut found = false;
    while let Ok(event) = reader.next() {
        let name = event.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        found |= name.starts_with("sources.db") && !name.ends_with("-shm") || name.starts_with("journal.db") && !name.ends_with("-shm") || name == "meta.json";
    }
    found
}

/// Tells that nothing changed, as nothing is watched.
#[cfg(not(target_os = "linux"))]
pub fn concerns(_watch: &OwnedFd) -> bool {
    false
}
