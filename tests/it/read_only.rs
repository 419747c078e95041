//! A workspace that nobody may write: it is read, it tells what it cannot do, and nothing in it changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::tempdir;

/// Runs the program where the folder is mounted to be read alone, with a cache of its own.
fn within(folder: &Path, cache: &Path, args: &[&str]) -> Output {
    let mount = r#"mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" || { echo unshare: no mounts >&2; exit 99; }; shift; exec "$@""#;
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", mount, "sh"]).arg(folder).arg(env!("CARGO_BIN_EXE_ossia")).args(args);
    command.env("HOME", cache).env("XDG_CACHE_HOME", cache).env("OSSIA_WORKSPACE", folder.join("workspace")).env("OSSIA_REVIEWER", "ana");
    command.output().unwrap()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn a_workspace_that_cannot_be_written_is_read_and_stays_as_it_is() {
    let home = tempdir().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_ossia"));
    demo.args(["demo", "--no-tui", "--json"]).env("HOME", home.path()).env("TMPDIR", home.path()).env("XDG_CACHE_HOME", home.path().join("cache"));
    let made: serde_json::Value = serde_json::from_slice(&demo.env_remove("OSSIA_WORKSPACE").output().unwrap().stdout).unwrap();
    let workspace = Path::new(made["workspace"].as_str().unwrap());
    let bundle = home.path().join("bundle");
    let mut export = Command::new(env!("CARGO_BIN_EXE_ossia"));
    export.args(["export", "ask-first", "--quiet", "--out"]).arg(&bundle).env("OSSIA_WORKSPACE", workspace).env("HOME", home.path());
    assert!(export.env("XDG_CACHE_HOME", home.path().join("cache")).status().unwrap().success());
    let before = files(workspace);
    // Without an index, as whoever was given it on a medium has it.
    let cache = home.path().join("other");
    let run = |args: &[&str]| within(workspace.parent().unwrap(), &cache, args);
    let first = run(&["ls", "--json"]);
    let said = |out: &Output| String::from_utf8_lossy(&out.stderr).into_owned();
    if said(&first).contains("unshare") {
        return println!("skipped: this system gives no mounts of one's own (unshare -rm)");
    }
    let listed: serde_json::Value = serde_json::from_slice(&first.stdout).unwrap_or_else(|_| panic!("{}", said(&first)));
    assert_eq!(listed["total"], 27);
    for args in [
        &["search", "is:denied"][..],
        &["show", "maestro:31809a1a-326e-4ecc-beca-169f766b79f3"],
        &["labels"],
        &["audit", "--status", "all"],
        &["dataset", "check", "ask-first"],
        &["verify", bundle.to_str().unwrap(), "--workspace", workspace.to_str().unwrap()],
    ] {
        let out = run(args);
        assert!(out.status.success(), "{args:?}: {} {}", String::from_utf8_lossy(&out.stdout), said(&out));
    }
    let label = run(&["label", "maestro:31809a1a-326e-4ecc-beca-169f766b79f3#toolu_43ff3803", "use=avoid"]);
    assert!(!label.status.success() && said(&label).contains("NOT SAVED"), "{}", said(&label));
    let import = run(&["import", bundle.join("data/atif.jsonl").to_str().unwrap()]);
    assert!(!import.status.success() && said(&import).contains("copy it there"), "{}", said(&import));
    let left = run(&["export", "ask-first", "--out", home.path().join("again").to_str().unwrap()]);
    assert!(!left.status.success() && said(&left).contains("nothing leaves"), "{}", said(&left));
    assert!(!home.path().join("again").exists() && files(workspace) == before, "nothing in it changed, and nothing was put beside it");
}
