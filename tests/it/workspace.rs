//! What holds for any workspace, tried on the example sessions through the real program.

use ossia::workspace::Workspace;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A workspace of its own, driven through the program.
pub struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ossia"));
        command.args(args).env("OSSIA_WORKSPACE", self.path("ws")).env("XDG_CACHE_HOME", self.path("cache")).env("HOME", self.dir.path());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Marks a value by hand where it stands in the clear.
    pub fn mark(&self, step: &str, value: &str) {
        let mut marking = self.command(&["audit", "mark", step, "--json", "--reviewer", "ana"]);
        let mut child = marking.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(value.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        let out = self.run(&[args, &["--json"]].concat());
        serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {}", String::from_utf8_lossy(&out.stderr)))
    }
}

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo")
}

fn ids(listing: &serde_json::Value) -> Vec<String> {
    let mut ids: Vec<String> = listing["trajectories"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn importing_again_changes_nothing() {
    let bench = Bench::new();
    let demo = demo();
    let demo = demo.to_str().unwrap();
    let first = bench.json(&["import", demo]);
    assert!(first["trajectories"]["new"].as_u64().unwrap() > 20);
    let again = bench.json(&["import", demo]);
    assert_eq!(again["trajectories"]["new"], 0);
    assert_eq!(again["trajectories"]["changed"], 0);
    assert!(again["sources"].as_array().unwrap().iter().all(|s| s["status"] == "unchanged"));
    let rehashed = bench.json(&["import", "--rehash", demo]);
    assert!(rehashed["sources"].as_array().unwrap().iter().all(|s| s["status"] == "unchanged"));
}

#[test]
fn a_deleted_index_comes_back() {
    let bench = Bench::new();
    bench.json(&["import", demo().to_str().unwrap()]);
    let before = bench.json(&["search", "kind:tool_call", "--limit", "5"]);
    fs::remove_dir_all(bench.path("cache")).unwrap();
    let after = bench.json(&["search", "kind:tool_call", "--limit", "5"]);
    assert_eq!(before["total"], after["total"]);
    assert!(after["total"].as_u64().unwrap() > 50);
    assert_eq!(bench.json(&["doctor"])["ok"], true);
}

/// Step ids with their kinds and aliases, and the executions, must not depend on the order in which streams come in.
#[test]
fn the_order_of_import_does_not_matter() {
    let folder = demo().join("rotate-staging-keys");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file()).collect();
    files.sort();
    let mut seen: Option<serde_json::Value> = None;
    for turn in 0..files.len() {
        files.rotate_left(1);
        if turn % 2 == 1 {
            files.reverse();
        }
        let bench = Bench::new();
        for file in &files {
            bench.json(&["import", file.to_str().unwrap()]);
        }
        let listing = bench.json(&["ls"]);
        assert_eq!(ids(&listing).len(), 1, "{listing}");
        let shown = bench.json(&["show", &ids(&listing)[0]]);
        let picture = serde_json::json!([shown["steps"], shown["executions"], shown["lineage"]]);
        match &seen {
            None => seen = Some(picture),
            Some(first) => assert_eq!(*first, picture, "order {files:?}"),
        }
    }
}

/// Every non-blank line of every line-wise source is the record of some step, byte for byte.
#[test]
fn nothing_is_dropped() {
    all_is_held(&demo());
    for fixtures in ["maestro", "inspect", "assembled"] {
        all_is_held(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixtures));
    }
    for samples in ["inputs", "maestro"] {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(samples);
        if samples.exists() {
            all_is_held(&samples);
        } else {
            println!("skipped: {} is absent", samples.display());
        }
    }
}

fn all_is_held(folder: &Path) {
    let bench = Bench::new();
    let report = bench.json(&["import", folder.to_str().unwrap()]);
    let mut covered: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
    let listing = bench.json(&["ls", "--limit", "100000"]);
    let workspace = Workspace::open(&bench.path("ws"), &bench.path("cache/ossia")).unwrap();
    for id in ids(&listing) {
        let (trajectory, _) = workspace.resolve(&id).unwrap();
        for origin in trajectory.steps.iter().flat_map(|s| &s.origins) {
            covered.entry(origin.source.to_string()).or_default().push((origin.start_byte, origin.end_byte));
        }
    }
    for source in report["sources"].as_array().unwrap() {
        let path = source["path"].as_str().unwrap();
        if [".gz", ".zst", ".eval"].iter().any(|ending| path.ends_with(ending)) {
            continue;
        }
        let bytes = fs::read(path).unwrap();
        let ranges = &covered[source["sha256"].as_str().unwrap()];
        let mut start = 0;
        for line in bytes.split(|b| *b == b'\n') {
            let end = start + line.len() as u64;
            // What ties the records of a document together is no record.
            let held = line.iter().all(|b| b.is_ascii_whitespace() || b"[]{},".contains(b)) || ranges.iter().any(|&(from, to)| from <= start && end <= to + 1);
            assert!(held, "{path}: the line at byte {start} is the record of no step");
            start = end + 1;
        }
    }
}

#[test]
fn a_grown_file_and_a_broken_one() {
    let bench = Bench::new();
    let file = bench.path("live.jsonl");
    let whole = fs::read_to_string(demo().join("backfill-ledger/session.jsonl")).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let half = lines.len() / 2;
    fs::write(&file, format!("{}\n{}", lines[..half].join("\n"), &lines[half][..lines[half].len() / 2])).unwrap();
    let first = bench.json(&["import", file.to_str().unwrap()]);
    assert_eq!(first["sources"][0]["issues"][0]["kind"], "truncated_record");
    fs::write(&file, &whole).unwrap();
    let grown = bench.json(&["import", file.to_str().unwrap()]);
    assert_eq!(grown["sources"][0]["status"], "grown");
    assert_eq!(grown["sources"][0]["records"].as_u64().unwrap() as usize, lines.len());
    assert_eq!(grown["issues"], 0);
    let id = ids(&bench.json(&["ls"]))[0].clone();
    let raw = bench.run(&["show", &id, "--raw"]).stdout;
    assert_eq!(String::from_utf8(raw).unwrap(), whole);
}

#[test]
fn odd_files_are_refused_or_read_and_the_rest_is_imported() {
    let bench = Bench::new();
    let folder = bench.path("in");
    fs::create_dir(&folder).unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    put("empty.jsonl", b"");
    put("nul.jsonl", b"{\"a\":1}\n\0\0\0\n{\"b\":2}\n");
    put("bom.json", b"\xef\xbb\xbf{\"a\":\"\\ud800\"}");
    put("latin.jsonl", b"{\"a\":\"caf\xe9\"}\r\n{\"a\":1e999,\"a\":2}\r\n");
    put("deep.json", format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).as_bytes());
    put("not.eval", b"PK\x03\x04 this is no archive");
    put("bad.jsonl.gz", b"\x1f\x8b\x08 no gzip");
    put("blank.jsonl", b" \n\r\n\t\n");
    put("numbers.jsonl", b"{\"n\":1e999999,\"m\":123456789012345678901234567890,\"n\":\"twice\"}\n");
    let out = bench.run(&["import", folder.to_str().unwrap(), "--json"]);
    assert_eq!(out.status.code(), Some(3));
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let status = |name: &str| {
        let sources = report["sources"].as_array().unwrap();
        sources.iter().find(|s| s["path"].as_str().unwrap().ends_with(name)).unwrap_or_else(|| panic!("{name}: {report}")).clone()
    };
    assert_eq!(status("empty.jsonl")["issues"][0]["kind"], "empty");
    assert_eq!(status("nul.jsonl")["records"], 3);
    assert_eq!(status("latin.jsonl")["issues"][0]["kind"], "invalid_utf8");
    assert_eq!(status("deep.json")["status"], "new");
    assert_eq!((&status("blank.jsonl")["records"], &status("blank.jsonl")["issues"][0]["kind"]), (&0.into(), &"empty".into()));
    let numbers = status("numbers.jsonl");
    assert_eq!((&numbers["records"], numbers["issues"].as_array().unwrap().len()), (&1.into(), 1));
    assert_eq!((&numbers["issues"][0]["kind"], &status("latin.jsonl")["issues"][1]["kind"]), (&"repeated_key".into(), &"repeated_key".into()));
    // Numbers, doubled keys and lone surrogates are what they were in the bytes.
    for (word, kept) in [("twice", "{\"n\":1e999999,\"m\":123456789012345678901234567890,\"n\":\"twice\"}\n"), ("source:bom.json", "{\"a\":\"\\ud800\"}\n")] {
        let found =
            bench.json(&["search", &word.replace("source:bom.json", &format!("source:{}", fs::canonicalize(folder.join("bom.json")).unwrap().display()))]);
        let hit = &found["hits"][0];
        let id = format!("{}#{}", hit["trajectory"].as_str().unwrap(), hit["step"].as_str().unwrap());
        assert_eq!(String::from_utf8(bench.run(&["show", &id, "--raw"]).stdout).unwrap(), kept);
    }
    for name in ["not.eval", "bad.jsonl.gz"] {
        assert_eq!(status(name)["status"], "failed", "{name}");
    }
}

#[test]
fn the_demo_holds_every_example() {
    let built_in = include_str!("../../src/cli/demo_files.rs");
    for entry in walkdir::WalkDir::new(demo()).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file()) {
        let name = entry.path().strip_prefix(demo()).unwrap().to_str().unwrap().to_owned();
        assert!(name == "README.md" || built_in.contains(&format!("\"{name}\"")), "{name} is missing in src/cli/demo_files.rs");
    }
}

#[test]
fn wrong_usage_says_what_to_do() {
    let bench = Bench::new();
    let cases: &[(&[&str], &str)] = &[
        (&["ls", "tol:bash"], "tool"),
        (&["import", "--format", "maestro-sesion", "x"], "maestro-session"),
        (&["show", "nothing-here"], "ossia import"),
        (&["ls", "--sort", "sise"], "steps"),
        (&[], "ossia ls"),
        (&["improt"], "ossia help"),
    ];
    for (args, hint) in cases {
        let out = bench.run(args);
        let said = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(hint), "{args:?}: {said}");
    }
    let file = bench.path("empty.jsonl");
    fs::write(&file, "").unwrap();
    bench.json(&["import", file.to_str().unwrap()]);
    let out = bench.run(&["show", "nothing-here"]);
    assert!(out.status.code() == Some(2) && String::from_utf8_lossy(&out.stderr).contains("ossia ls"));
    assert_eq!(bench.run(&["ls", "nothing-here"]).status.code(), Some(1));
}

#[test]
fn forks_and_sub_agents_are_branches() {
    let bench = Bench::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for folder in ["assembled/fork-family", "claude-code"] {
        bench.json(&["import", fixtures.join(folder).to_str().unwrap()]);
    }
    let branched = ids(&bench.json(&["ls", "has:branch"]));
    assert_eq!(branched, ["claude-code:3c9e6f0a-5d21-4b87-9a44-0f1e2d3c4b5a", "maestro:fam-fork", "maestro:fam-root"]);
    let others = ids(&bench.json(&["ls", "agent:claude-code -has:branch"]));
    assert!(!others.is_empty() && others.iter().all(|id| !branched.contains(id)), "{others:?}");
    // A pattern is verified step by step, and knows of the relatives as well.
    assert_eq!(ids(&bench.json(&["ls", "has:branch /./"])), branched);
}

#[test]
fn what_is_forgotten_is_gone_from_the_disk() {
    let bench = Bench::new();
    let file = bench.path("one.jsonl");
    let words: String = (0..400).map(|n| format!("{:x}", n * n * 7919)).collect();
    fs::write(&file, format!("{{\"messages\":[{{\"role\":\"user\",\"content\":\"{words}\"}}]}}\n")).unwrap();
    bench.json(&["import", file.to_str().unwrap()]);
    let store = bench.path("ws").join("sources.db");
    let frame = |bytes: &[u8]| bytes.windows(4).filter(|w| *w == [0x28, 0xb5, 0x2f, 0xfd]).count();
    let before = frame(&fs::read(&store).unwrap()) + fs::read(store.with_extension("db-wal")).map_or(0, |log| frame(&log));
    assert!(before > 0, "the source lies there as zstd frames");
    assert!(bench.run(&["forget", file.to_str().unwrap(), "--reason", "a trial"]).status.success());
    let after = frame(&fs::read(&store).unwrap()) + fs::read(store.with_extension("db-wal")).map_or(0, |log| frame(&log));
    assert_eq!(after, 0);
    // Of what one import put into one segment the rest stays, and no file of the index has the words any more.
    let folder = bench.path("both");
    fs::create_dir(&folder).unwrap();
    // Unlike each other, as a table of terms writes only what one does not share with the one before it.
    let word = |n: u64| format!("{:x}", (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    for n in 0..40 {
        let said = format!("{{\"messages\":[{{\"role\":\"user\",\"content\":\"{}\"}}]}}\n", word(n));
        fs::write(folder.join(format!("{n}.jsonl")), said).unwrap();
    }
    bench.json(&["import", folder.to_str().unwrap()]);
    let held = |word: &str| {
        let files = walkdir::WalkDir::new(bench.path("cache")).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file());
        files.filter(|e| fs::read(e.path()).unwrap().windows(8).any(|w| w == &word.as_bytes()[8..])).count()
    };
    assert!(held(&word(7)) > 0, "terms lie in the clear in the index");
    assert!(bench.run(&["forget", folder.join("7.jsonl").to_str().unwrap(), "--reason", "a trial"]).status.success());
    assert_eq!((held(&word(7)), bench.json(&["search", &word(8)])["total"].as_u64()), (0, Some(1)));
}

#[test]
fn what_is_almost_a_name_is_not_taken_for_a_query() {
    let bench = Bench::new();
    bench.json(&["import", demo().join("publish-docs").to_str().unwrap()]);
    let said = |args: &[&str], wanted: &str| {
        let out = bench.run(args);
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.code() == Some(2) && text.contains(wanted), "{args:?}: {text}");
    };
    said(&["audit", "certifi"], "did you mean certify");
    said(&["export", "nope", "--dry-run"], "there is no dataset");
    said(&["label", "toolu_43ff3803", "needs_ask=yes", "--note", "key AKIAIOSFODNN7ABCDEFG"], "without the value");
    let without = bench.json(&["search", "kind:tool_call", "-tool:bash"]);
    let all = bench.json(&["search", "kind:tool_call"]);
    assert!(without["total"].as_u64().unwrap() < all["total"].as_u64().unwrap());
}
