//! The pictures of the README: real screens of the demo, drawn by the program, light and dark.

use ossia::tui::Headless;
use ossia::workspace::{ImportOptions, Progress, Workspace};
use std::path::{Path, PathBuf};

/// 2026-06-15, so that ages do not change.
const NOW: i64 = 1_781_481_600_000;
const SIZE: (u16, u16) = (128, 36);
/// Themes with the ground and the letters of a terminal that they suit.
const THEMES: [(&str, Rgb, Rgb); 2] = [("dark", (0x12, 0x16, 0x1e), (0xd8, 0xdb, 0xe2)), ("light", (0xff, 0xff, 0xff), (0x24, 0x29, 0x2f))];
type Rgb = (u8, u8, u8);

/// Pictures, and the keys that lead to each from the library.
const PICTURES: [(&str, &str); 4] = [
    ("retried", "/is:denied is:retried<enter>F<esc>j"),
    ("trajectory", "/handbook<enter><enter>gg]djk"),
    ("review", "/is:denied is:retried<enter>gr<enter>"),
    ("datasets", "gdjk"),
];

/// Makes the workspace of the demo; gives its folder.
fn demo(scratch: &Path) -> PathBuf {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ossia"));
    let home = scratch.join("home");
    std::fs::create_dir(&home).unwrap();
    command.env_clear().env("HOME", &home).env("TMPDIR", scratch).args(["demo", "--no-tui", "--json"]);
    let out = command.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let made: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    PathBuf::from(made["workspace"].as_str().unwrap())
}

/// Makes a workspace of the same sessions in which nothing is decided.
fn import(folder: &Path, cache: &Path) {
    struct Quiet;
    impl Progress for Quiet {}
    let sessions = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    Workspace::open(folder, cache).unwrap().import(&[sessions], &ImportOptions::default(), &mut Quiet).unwrap();
}

fn press(mut screen: Headless, keys: &str) -> Headless {
    screen.state.place = ossia::text::clean("demo · ana");
    screen.press(keys);
    screen
}

/// Takes out what another day or another version of the rules changes without changing the screen.
fn lasting(picture: &str) -> String {
    let days = regex::Regex::new(r"20\d\d-\d\d-\d\d").unwrap();
    let hashes = regex::Regex::new("(rules|sha256:) ?[0-9a-f]{8,}").unwrap();
    // A machine with much to do takes longer to search.
    let took = regex::Regex::new(r"· \d+ ms").unwrap();
    let picture = took.replace_all(picture, "· 0 ms").into_owned();
    hashes.replace_all(&days.replace_all(&picture, "0000-00-00"), "$1").into_owned()
}

#[test]
fn the_pictures_are_those_of_the_screen() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = demo(scratch.path());
    let shelf = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    let write = std::env::var_os("OSSIA_WRITE_DOCS").is_some();
    let open = |folder: &Path| Headless::open(folder, &scratch.path().join("cache"), SIZE, NOW).unwrap();
    let mut screens: Vec<(&str, Headless)> = PICTURES.iter().map(|(name, keys)| (*name, press(open(&folder), keys))).collect();
    // In the demo somebody has audited already.
    let unaudited = scratch.path().join("unaudited");
    import(&unaudited, &scratch.path().join("cache"));
    screens.push(("redactions", press(open(&unaudited), "gsjjjjjj")));
    let mut stale = Vec::new();
    for (name, mut screen) in screens {
        for (theme, ground, ink) in THEMES {
            theme.clone_into(&mut screen.state.looks.theme);
            let picture = screen.picture(ground, ink);
            let path = shelf.join(format!("{name}-{theme}.svg"));
            let known = std::fs::read_to_string(&path).unwrap_or_default();
            if lasting(&known) == lasting(&picture) {
                continue;
            }
            if write {
                std::fs::create_dir_all(&shelf).unwrap();
                std::fs::write(&path, picture).unwrap();
            } else {
                stale.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    assert!(stale.is_empty(), "docs/pictures shows another screen in {stale:?}; OSSIA_WRITE_DOCS=1 cargo test writes them");
}
