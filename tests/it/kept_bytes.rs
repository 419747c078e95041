//! What the store keeps of sources: damage is named and mended, growth and rewriting are told apart, and nothing is made that was not asked for.

use crate::workspace::Bench;
use ossia::workspace::{ImportOptions, Progress, Status, Workspace};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

struct Quiet;
impl Progress for Quiet {}

fn row(text: &str) -> String {
    format!("{{\"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}]}}\n")
}

/// One event of the bus, that a session started.
fn started(session: &str, id: &str) -> String {
    format!(
        "{{\"spec_version\":\"1.0\",\"type\":\"maestro.sessions.session.started\",\"id\":\"{id}\",\"data\":{{\"correlation\":{{\"session_id\":\"{session}\"}}}}}}\n"
    )
}

fn import(bench: &Bench, path: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let out = bench.run(&[&["import", path.to_str().unwrap(), "--json"], more].concat());
    let report = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
    (out.status.code(), report)
}

#[test]
fn a_damaged_frame_is_named_passed_over_and_mended() {
    let bench = Bench::new();
    let folder = bench.path("in");
    fs::create_dir(&folder).unwrap();
    for name in ["a", "b"] {
        fs::write(folder.join(format!("{name}.jsonl")), row(&format!("the text of {name}"))).unwrap();
    }
    import(&bench, &folder, &[]);
    let id = bench.json(&["search", "\"text of a\""])["hits"][0]["trajectory"].as_str().unwrap().to_owned();
    let harm = "UPDATE frame SET data = zeroblob(length(data)) WHERE id = (SELECT frame FROM source_frame JOIN source ON source.id = source WHERE path LIKE '%a.jsonl')";
    assert_eq!(rusqlite::Connection::open(bench.path("ws/sources.db")).unwrap().execute(harm, []).unwrap(), 1);

    let shown = bench.run(&["show", &id]);
    let why = String::from_utf8_lossy(&shown.stderr).into_owned();
    assert_eq!(shown.status.code(), Some(3));
    assert!(why.contains("a.jsonl") && why.contains("frame") && why.contains("--rehash"), "{why}");
    let again = bench.run(&["reindex", "--json"]);
    let report: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((again.status.code(), &report["trajectories"], report["damaged"].as_array().unwrap().len()), (Some(3), &1.into(), 1));
    assert_eq!(bench.json(&["search", "\"text of b\""])["total"], 1);
    let doctor: Value = serde_json::from_slice(&bench.run(&["doctor", "--json"]).stdout).unwrap();
    let checked = doctor["checks"].as_array().unwrap().iter().find(|check| check["name"] == "checksums").unwrap();
    assert!(checked["ok"] == false && checked["detail"].as_str().unwrap().contains("a.jsonl"), "{checked}");

    let (code, report) = import(&bench, &folder, &["--rehash"]);
    let mended: Vec<&Value> = report["sources"].as_array().unwrap().iter().map(|source| &source["mended_frames"]).collect();
    assert_eq!((code, mended), (Some(0), vec![&1.into(), &0.into()]));
    assert_eq!(bench.json(&["search", "\"text of a\""])["total"], 1);
    assert_eq!(bench.run(&["doctor"]).status.code(), Some(0));
}

#[test]
fn what_cannot_be_read_again_stays_found_and_is_said() {
    let bench = Bench::new();
    let (first, second) = (bench.path("first.json"), bench.path("second.json"));
    fs::write(&first, started("s1", "e1")).unwrap();
    fs::write(&second, started("s1", "e2")).unwrap();
    import(&bench, &first, &[]);
    let harm = "UPDATE frame SET data = zeroblob(length(data))";
    assert_eq!(rusqlite::Connection::open(bench.path("ws/sources.db")).unwrap().execute(harm, []).unwrap(), 1);
    let out = bench.run(&["import", second.to_str().unwrap(), "--json"]);
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    let why = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!((out.status.code(), report["damaged"].as_array().unwrap().len()), (Some(3), 1));
    assert!(why.contains("passed over") && why.contains("first.json") && why.contains("--rehash"), "{why}");
    // What the index had of it is found as before; what must be read for it says that it cannot be.
    let found = bench.json(&["search", "session:s1"]);
    assert!(found["total"] == 1 && found["hits"][0]["snippet"].as_str().unwrap().contains("damaged"), "{found}");
    // One expression needs words that the index knows of it, the other needs none, so that everything is looked at.
    for regex in ["/session.started/", "/co.r.*el/"] {
        for command in ["search", "ls"] {
            let out = bench.run(&[command, regex]);
            assert!(out.status.code() == Some(3) && String::from_utf8_lossy(&out.stderr).contains("passed over"), "{command} {regex}: {out:?}");
        }
        // What is checked or exported must be whole.
        let out = bench.run(&["check", regex]);
        assert!(out.status.code() == Some(3) && String::from_utf8_lossy(&out.stderr).contains("damaged"), "{regex}: {out:?}");
    }
    let (code, report) = import(&bench, &first, &["--rehash"]);
    assert_eq!((code, &report["sources"][0]["mended_frames"], &report["damaged"]), (Some(0), &1.into(), &Value::Null));
    assert_eq!(bench.json(&["search", "session:s1"])["total"], 2);
}

#[test]
fn what_was_rewritten_is_not_what_grew() {
    let bench = Bench::new();
    let file = bench.path("x.jsonl");
    let mut seen = Vec::new();
    for text in [String::new(), row("one"), row("one") + &row("two"), row("one"), row("three") + &row("two")] {
        fs::write(&file, text).unwrap();
        let (_, report) = import(&bench, &file, &[]);
        seen.push((report["sources"][0]["status"].as_str().unwrap().to_owned(), report["sources"][0]["earlier"].is_string()));
    }
    let expected = [("new", false), ("grown", true), ("grown", true), ("new", true), ("new", true)];
    assert_eq!(seen, expected.map(|(status, earlier)| (status.to_owned(), earlier)));
    assert_eq!((&bench.json(&["ls"])["total"], &bench.json(&["search", "one"])["total"]), (&2.into(), &0.into()));
    let left = |table: &str| -> i64 {
        let store = rusqlite::Connection::open(bench.path("ws/sources.db")).unwrap();
        store.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    // An earlier version may be forgotten alone.
    let before = left("source");
    fs::write(&file, row("four")).unwrap();
    let (_, report) = import(&bench, &file, &[]);
    bench.json(&["forget", report["sources"][0]["earlier"].as_str().unwrap(), "--reason", "a trial"]);
    assert_eq!((left("source"), &bench.json(&["search", "four"])["total"]), (before, &1.into()));
    let (_, report) = import(&bench, &file, &["--format", "generic"]);
    assert_eq!(report["sources"][0]["status"], "new");
    bench.json(&["forget", file.to_str().unwrap(), "--reason", "a trial"]);
    assert_eq!((left("source"), left("frame")), (0, 0));
}

#[test]
fn a_source_counts_its_steps_whatever_of_it_was_read_last() {
    let bench = Bench::new();
    let (both, one) = (bench.path("both.jsonl"), bench.path("one.json"));
    fs::write(&both, started("s1", "e1") + &started("s2", "e2")).unwrap();
    fs::write(&one, started("s1", "e3")).unwrap();
    import(&bench, &both, &[]);
    // Only one of the two sessions is assembled anew.
    import(&bench, &one, &[]);
    let (_, report) = import(&bench, &both, &[]);
    assert_eq!((&report["sources"][0]["status"], &report["sources"][0]["steps"]), (&"unchanged".into(), &2.into()));
    // Of a file that grew, a session to which nothing was added stays as it is, and is found by what the file is now.
    fs::write(&both, started("s1", "e1") + &started("s2", "e2") + &started("s2", "e4")).unwrap();
    let (_, report) = import(&bench, &both, &[]);
    assert_eq!((&report["trajectories"]["changed"], &report["sources"][0]["steps"]), (&1.into(), &3.into()));
    let found = bench.json(&["search", &format!("source:{}", report["sources"][0]["sha256"].as_str().unwrap())]);
    assert_eq!(found["total"], 4);
    // Of two files with the same bytes each counts them.
    let copy = bench.path("copy.jsonl");
    fs::copy(&both, &copy).unwrap();
    let (_, report) = import(&bench, &copy, &[]);
    assert_eq!(report["sources"][0]["steps"], 3);
    let (_, report) = import(&bench, &both, &[]);
    assert_eq!(report["sources"][0]["steps"], 3);
}

#[test]
fn a_reading_command_makes_no_workspace() {
    let bench = Bench::new();
    // A list of what is not there is empty; a check of it must not pass.
    for (arguments, code) in [(&["ls"][..], 1), (&["search", "x"], 1), (&["show", "x"], 2), (&["check"], 2), (&["doctor"], 2), (&["insights"], 2)] {
        let out = bench.run(arguments);
        assert_eq!(out.status.code(), Some(code), "{arguments:?}");
        let why = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(why.contains("no workspace") && why.contains("ossia import"), "{why}");
    }
    assert!(!bench.path("ws").exists());
}

#[test]
fn bytes_that_are_no_records_are_refused() {
    let bench = Bench::new();
    let folder = bench.path("in");
    fs::create_dir(&folder).unwrap();
    let noise: Vec<u8> = (0..200_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut packed = flate2::write::GzEncoder::new(fs::File::create(folder.join("noise.jsonl.gz")).unwrap(), flate2::Compression::fast());
    packed.write_all(&noise).unwrap();
    packed.finish().unwrap();
    fs::write(folder.join(OsStr::from_bytes(b"good\xff.jsonl")), row("still here")).unwrap();
    let (code, report) = import(&bench, &folder, &[]);
    let sources = report["sources"].as_array().unwrap();
    assert_eq!((code, &sources[0]["status"], &sources[1]["status"]), (Some(3), &"new".into(), &"failed".into()));
    assert_eq!(sources[0]["issues"][0]["kind"], "path_not_utf8");
    assert!(sources[0]["path"].as_str().unwrap().ends_with("good\\xFF.jsonl"), "{report}");
    assert!(sources[1]["issues"][0]["first"]["message"].as_str().unwrap().contains("binary"), "{report}");
    let (_, again) = import(&bench, &folder, &[]);
    assert_eq!(again["sources"][0]["status"], "unchanged");
}

#[test]
fn a_step_is_found_by_its_whole_id() {
    let bench = Bench::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/rotate-staging-keys");
    bench.json(&["import", demo.to_str().unwrap()]);
    let hit = &bench.json(&["search", "kind:tool_call"])["hits"][0];
    let (trajectory, step) = (hit["trajectory"].as_str().unwrap(), hit["step"].as_str().unwrap());
    let found = bench.json(&["search", &format!("id:{trajectory}#{step}")]);
    assert_eq!((&found["total"], &found["hits"][0]["step"]), (&1.into(), &hit["step"]));
    assert_eq!(bench.json(&["search", &format!("id:other#{step}")])["total"], 0);
}

/// Imports a file as it was at some of its bytes, then as it is, each in one workspace; gives what is there then.
fn at_last(file: &Path, whole: &[u8], cuts: &[usize]) -> String {
    let bench = tempfile::tempdir().unwrap();
    let workspace = Workspace::open(&bench.path().join("ws"), &bench.path().join("cache")).unwrap();
    let mut last = None;
    for cut in cuts.iter().copied().chain([whole.len()]) {
        fs::write(file, &whole[..cut]).unwrap();
        let report = workspace.import(&[file.to_owned()], &ImportOptions::default(), &mut Quiet).unwrap();
        last = report.sources.into_iter().next().map(|source| (source.records, source.steps, serde_json::to_string(&source.issues).unwrap()));
        assert!(
            cut < whole.len()
                || cuts.is_empty()
                || matches!(workspace.import(&[file.to_owned()], &ImportOptions::default(), &mut Quiet).unwrap().sources[0].status, Status::Unchanged)
        );
    }
    let rows = workspace.ls(&ossia::query::Query::All, Some(("id", false)), 1000).unwrap().trajectories;
    let mut all = format!("{last:?}\n");
    for row in rows {
        let (trajectory, _) = workspace.resolve(&row.id).unwrap();
        let summary = ossia::workspace::Summary { sources: Vec::new(), ..row };
        all.extend([format!("{trajectory:#?}\n"), format!("{summary:?}\n")]);
    }
    all
}

/// Files that only grow, of every format of lines that has an example: whatever they were when they were imported first, in the end all is as if
/// they had been imported once.
#[test]
fn a_file_that_grows_is_read_as_if_it_came_at_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let lines = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let folders = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).chain([root.join("maestro/ok")]);
    let mut files: Vec<PathBuf> = folders.flat_map(lines).filter(|path| path.extension() == Some(OsStr::new("jsonl"))).collect();
    files.retain(|path| path.parent().unwrap().ends_with("maestro/ok") || path.file_name().unwrap().to_str().unwrap().starts_with("ok"));
    files.sort();
    assert!(files.len() > 12);
    let folder = tempfile::tempdir().unwrap();
    for (nth, path) in files.iter().enumerate() {
        let whole = fs::read(path).unwrap();
        let file = folder.path().join(path.file_name().unwrap());
        let ends: Vec<usize> = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
        // At the end of a line, in the middle of one, and both, at places that differ from file to file.
        let (end, middle) = (ends[(nth * 7 + 3) % ends.len()], whole.len() * (nth % 7 + 1) / 9);
        let once = at_last(&file, &whole, &[]);
        let mut cuts = [end.min(whole.len() - 1), middle];
        cuts.sort_unstable();
        let grown = at_last(&file, &whole, &cuts);
        let differing = grown.lines().zip(once.lines()).find(|(grown, once)| grown != once);
        assert!(grown == once, "{} cut at {cuts:?}: {differing:?}", path.display());
    }
}
