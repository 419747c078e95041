//! A long journal is not folded from its beginning again: what is kept of it holds only while it fits, to the entry.

use ossia::judging::{Label, Target, TargetKind};
use ossia::model::Draft;
use ossia::workspace::Workspace;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// More than after which labels are kept.
const LONG: usize = 30_050;

fn label(n: usize) -> Draft {
    let label = json!({
        "target": Target { kind: TargetKind::Execution, trajectory: format!("t{}", n / 100), id: format!("e{}", n / 3), aliases: Vec::new() },
        "schema": "approval-boundary", "version": 1, "schema_hash": "", "question_hash": "", "facts": "", "via": "key", "hindsight": false,
        "question": (["needs_ask", "discovery", "use"][n % 3]),
        "answer": (["yes", "no"][n % 2]),
    });
    Draft::of(&serde_json::from_value::<Label>(label).unwrap())
}

fn open(dir: &Path) -> Workspace {
    Workspace::open(&dir.join("ws"), &dir.join("cache")).unwrap()
}

fn kept(dir: &Path) -> PathBuf {
    fs::read_dir(dir.join("cache/folded")).unwrap().next().unwrap().unwrap().path()
}

/// Labels that count, and the last place, of a workspace opened anew.
fn folded(dir: &Path) -> (usize, u64) {
    let workspace = open(dir);
    let state = workspace.state().unwrap();
    (state.all().count(), state.last().unwrap().0)
}

#[test]
fn kept_labels_are_trusted_only_while_they_fit() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let workspace = open(dir);
    let drafts: Vec<Draft> = (0..LONG).map(label).collect();
    workspace.record("ana", &drafts[..LONG - 10]).unwrap();
    workspace.record("ana", &drafts[LONG - 10..]).unwrap();
    drop(workspace);
    let whole = (LONG, LONG as u64);
    assert_eq!(folded(dir), whole);
    let first = fs::read(kept(dir)).unwrap();
    assert_eq!(folded(dir), whole);
    // What comes after is folded after; an undo of what was kept counts.
    let workspace = open(dir);
    workspace.undo("ana").unwrap();
    workspace.record("bob", &[label(1)]).unwrap();
    drop(workspace);
    assert_eq!(folded(dir), (LONG - 10 + 1, LONG as u64 + 2));
    assert_eq!(fs::read(kept(dir)).unwrap(), first, "a short tail is no reason to keep anew");
    // One byte that was changed, and labels of another journal, are as if they were not there.
    let mut changed = first;
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(kept(dir), changed).unwrap();
    assert_eq!(folded(dir), (LONG - 10 + 1, LONG as u64 + 2));
    let other = tempfile::tempdir().unwrap();
    let stranger = open(other.path());
    stranger.record("ana", &(0..LONG).map(|n| label(n + 7)).collect::<Vec<_>>()).unwrap();
    drop(stranger);
    folded(other.path());
    fs::copy(kept(other.path()), kept(dir)).unwrap();
    assert_eq!(folded(dir), (LONG - 10 + 1, LONG as u64 + 2));
    // Entries of another journal may lie before what was kept.
    let stranger = open(other.path());
    let file = other.path().join("theirs.jsonl");
    stranger.export_journal(&file).unwrap();
    open(dir).import_journal(&file, None).unwrap();
    assert_eq!(folded(dir).0, 2 * LONG - 10 + 1);
}
