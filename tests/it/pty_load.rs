//! Much at once in a pseudoterminal: keys that come faster than frames.

use crate::pty::home;

/// How a frame begins: a synchronized update.
const FRAME: &[u8] = b"\x1b[?2026h";

#[test]
fn a_thousand_keys_at_once_are_a_few_frames() {
    let home = home(&["publish-docs"]);
    let mut session = home.start(&[], (120, 40));
    session.sees("Publish the handbook").press("\r").sees("]a wait").press("gg").sees("3 of 39");
    let before = session.raw.len();
    let keys = ["j".repeat(500), "k".repeat(490), "j".repeat(8), "]d".to_owned()].concat();
    session.press(&keys).sees("denial 2 of");
    let frames = session.raw[before..].windows(FRAME.len()).filter(|bytes| *bytes == FRAME).count();
    assert!((1..=40).contains(&frames), "{frames} frames for {} keys", keys.len());
    session.press("\x11");
    assert_eq!(session.ends(), 0);
}
