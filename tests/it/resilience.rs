//! Imports that are killed, and imports that run beside each other.

use crate::workspace::Bench;
use ossia::workspace::{ImportOptions, Progress, Workspace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

struct Quiet;

impl Progress for Quiet {}

/// Writes sessions of one's own: an example under many ids.
fn sessions(folder: &Path, count: usize) -> PathBuf {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/backfill-ledger/session.jsonl");
    let text = fs::read_to_string(example).unwrap();
    let head: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let id = head["id"].as_str().or(head["sessionId"].as_str()).unwrap().to_owned();
    for n in 0..count {
        let folder = folder.join(format!("{:02}", n % 7));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{n}.jsonl")), text.replace(&id, &format!("{n:08x}-{id}"))).unwrap();
    }
    folder.to_owned()
}

fn start(bench: &Bench, folder: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ossia"));
    command.arg("import").arg(folder).env("OSSIA_WORKSPACE", bench.path("ws")).env("XDG_CACHE_HOME", bench.path("cache"));
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // Until it has made the workspace there is nothing to read.
    while !bench.path("ws/journal.db").exists() {
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

fn ended_well(child: Child) {
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

fn totals(bench: &Bench) -> (u64, u64) {
    let count = |args: &[&str]| bench.json(args)["total"].as_u64().unwrap();
    (count(&["ls", "--limit", "1"]), count(&["search", "kind:tool_call", "--limit", "1"]))
}

#[test]
fn a_killed_import_leaves_a_store_that_goes_on() {
    const SESSIONS: usize = 120;
    let bench = Bench::new();
    let folder = sessions(&bench.path("in"), SESSIONS);
    for round in 0..6u64 {
        let mut import = start(&bench, &folder);
        std::thread::sleep(Duration::from_millis(20 + round * 70));
        // The import may be done already; then there is nothing to kill.
        let _ = import.kill();
        import.wait().unwrap();
        let report = bench.json(&["doctor", "--repair"]);
        assert_eq!(report["ok"], true, "killed in round {round}: {report}");
        let (listed, _) = totals(&bench);
        let stored = bench.json(&["ls", "--limit", "100000"])["trajectories"].as_array().unwrap().len();
        assert_eq!(listed, stored as u64);
    }
    bench.json(&["import", folder.to_str().unwrap()]);
    let clean = Bench::new();
    clean.json(&["import", folder.to_str().unwrap()]);
    assert_eq!(totals(&bench), totals(&clean));
    assert_eq!(totals(&bench).0, SESSIONS as u64);
}

#[test]
fn two_imports_and_a_reader_at_once() {
    let bench = Bench::new();
    let first = sessions(&bench.path("first"), 60);
    let second = bench.path("second");
    for entry in ["05", "06"] {
        fs::create_dir_all(&second).unwrap();
        fs::rename(first.join(entry), second.join(entry)).unwrap();
    }
    let mut imports = [start(&bench, &first), start(&bench, &second)];
    let mut last = 0;
    while imports.iter_mut().any(|import| import.try_wait().unwrap().is_none()) {
        let (listed, _) = totals(&bench);
        assert!(listed >= last, "what was there stays there");
        last = listed;
    }
    imports.into_iter().for_each(ended_well);
    assert_eq!(totals(&bench).0, 60);
    assert_eq!(bench.json(&["doctor"])["ok"], true);
}

#[test]
fn what_one_forgets_is_gone_though_another_wrote_it() {
    let bench = Bench::new();
    let open = || Workspace::open(&bench.path("ws"), &bench.path("cache")).unwrap();
    let (here, there) = (open(), open());
    let mut files = Vec::new();
    for n in 0..3 {
        let folder = sessions(&bench.path(&format!("in{n}")), 1);
        files.push(fs::read_dir(folder.join("00")).unwrap().next().unwrap().unwrap().path());
    }
    for (n, file) in files.iter().enumerate() {
        let text = fs::read_to_string(file).unwrap();
        fs::write(file, text.replace("00000000-", &format!("{n:08x}-"))).unwrap();
        let workspace = if n == 1 { &there } else { &here };
        workspace.import(std::slice::from_ref(file), &ImportOptions::default(), &mut Quiet).unwrap();
    }
    // The one that forgets knew of nothing that the other one wrote when it opened the index.
    here.forget(files[1].to_str().unwrap(), "ana", "it must go").unwrap();
    let index = bench.path("cache/index");
    let index = fs::read_dir(fs::read_dir(index).unwrap().next().unwrap().unwrap().path()).unwrap().next().unwrap().unwrap().path();
    let named = fs::read_to_string(index.join("meta.json")).unwrap().replace('-', "");
    let files: Vec<String> = fs::read_dir(&index).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let segments: Vec<&str> = files.iter().filter_map(|file| file.split_once('.')).map(|(segment, _)| segment).filter(|name| name.len() == 32).collect();
    assert!(!segments.is_empty());
    for segment in segments {
        assert!(named.contains(segment), "{segment} is of no segment that is there");
    }
}

#[test]
fn many_make_one_workspace_at_once() {
    for _ in 0..6 {
        let bench = Bench::new();
        let begin = |_| {
            let mut command = bench.command(&["import", "fixtures/demo/publish-docs"]);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let begun: Vec<Child> = (0..8).map(begin).collect();
        begun.into_iter().for_each(ended_well);
        assert_eq!(totals(&bench).0, 1);
    }
}

#[test]
fn a_question_is_answered_while_another_process_indexes() {
    let bench = Bench::new();
    bench.json(&["import", "fixtures/demo/publish-docs"]);
    let index = fs::read_dir(bench.path("cache/ossia/index")).unwrap().next().unwrap().unwrap().path();
    fs::remove_dir_all(&index).unwrap();
    let index = ossia::index::Index::open(&index).unwrap();
    let writer = index.writer(false, Duration::ZERO).unwrap();
    assert!(index.writer(false, Duration::ZERO).is_err(), "one process at a time");
    assert_eq!(bench.json(&["ls"])["total"], 1);
    let found = bench.run(&["search", "docs"]);
    let said = String::from_utf8_lossy(&found.stderr);
    assert!(found.status.code() == Some(1) && said.contains("another ossia is indexing; 1 trajectory that it has still to index may be missing"), "{said}");
    drop(writer);
    assert!(bench.json(&["search", "docs"])["total"].as_u64().unwrap() > 0);
}
