//! The main job where there is no network at all.

use std::path::Path;
use std::process::Command;
use tempfile::tempdir;

/// Runs the program in a network namespace that has nothing in it; `None` where the system does not allow one.
fn alone(home: &Path, args: &[&str]) -> Option<serde_json::Value> {
    let mut command = Command::new("unshare");
    command.args(["-rn", env!("CARGO_BIN_EXE_ossia")]).args(args).arg("--json");
    command.env("HOME", home).env("TMPDIR", home).env("XDG_CACHE_HOME", home.join("cache")).env_remove("OSSIA_WORKSPACE");
    let out = command.output().ok()?;
    let refused = out.stdout.is_empty() && String::from_utf8_lossy(&out.stderr).contains("unshare");
    if refused {
        return None;
    }
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    Some(serde_json::from_slice(&out.stdout).unwrap())
}

#[test]
fn examples_are_imported_exported_and_checked_without_a_network() {
    let home = tempdir().unwrap();
    let Some(demo) = alone(home.path(), &["demo", "--no-tui"]) else {
        return println!("skipped: this system gives no network namespaces (unshare -rn)");
    };
    let workspace = demo["workspace"].as_str().unwrap();
    let bundle = home.path().join("bundle");
    let bundle = bundle.to_str().unwrap();
    let report = alone(home.path(), &["export", demo["datasets"][0].as_str().unwrap(), "--workspace", workspace, "--out", bundle]).unwrap();
    assert!(!report["shapes"].as_array().unwrap().is_empty());
    assert_eq!(alone(home.path(), &["verify", bundle]).unwrap()["ok"], true);
}
