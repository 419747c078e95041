//! Files and folders that are hard to read, through the real program: what can be had is imported, the rest is refused by name.

use crate::workspace::Bench;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

fn row(text: &str) -> String {
    format!("{{\"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}]}}\n")
}

fn import(bench: &Bench, path: &Path) -> (Option<i32>, Value) {
    let out = bench.run(&["import", path.to_str().unwrap(), "--json"]);
    let report = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
    (out.status.code(), report)
}

fn source<'r>(report: &'r Value, name: &str) -> &'r Value {
    let sources = report["sources"].as_array().unwrap();
    sources.iter().find(|s| s["path"].as_str().unwrap().ends_with(name)).unwrap_or_else(|| panic!("{name}: {report}"))
}

#[test]
fn a_line_of_many_megabytes_is_one_record() {
    let bench = Bench::new();
    let file = bench.path("long.jsonl");
    let long = "0123456789abcdef".repeat(20 << 16);
    fs::write(&file, row(&long) + &row("and a short one")).unwrap();
    let (code, report) = import(&bench, &file);
    let source = source(&report, "long.jsonl");
    assert_eq!((code, &source["format"], &source["records"]), (Some(0), &"openai-chat".into(), &2.into()));
    assert_eq!(source["issues"][0]["kind"], "text_cut");
    let found = bench.json(&["search", "short"]);
    assert_eq!(found["total"], 1);
    // The record is kept whole, whatever of it is shown.
    let listed = bench.json(&["ls"]);
    let ids = listed["trajectories"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap().to_owned());
    let longest = ids.map(|id| bench.run(&["show", &id, "--raw"]).stdout.len()).max();
    assert_eq!(longest, Some(row(&long).len()));
}

#[test]
fn an_archive_that_unpacks_without_end_is_refused() {
    let bench = Bench::new();
    let folder = bench.path("in");
    fs::create_dir(&folder).unwrap();
    let mut bomb = zip::ZipWriter::new(fs::File::create(folder.join("bomb.eval")).unwrap());
    let packed = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Zstd);
    bomb.start_file("header.json", packed).unwrap();
    let zeros = vec![b'0'; 8 << 20];
    for _ in 0..66 {
        bomb.write_all(&zeros).unwrap();
    }
    bomb.finish().unwrap();
    fs::write(folder.join("good.jsonl"), row("still here")).unwrap();
    let (code, report) = import(&bench, &folder);
    assert_eq!(code, Some(3));
    assert_eq!(source(&report, "bomb.eval")["status"], "failed");
    let why = source(&report, "bomb.eval")["issues"][0]["first"]["message"].as_str().unwrap();
    assert!(why.contains("header.json") && why.contains("unpack"), "{why}");
    assert_eq!(source(&report, "good.jsonl")["status"], "new");
}

#[test]
fn a_file_that_unpacks_without_end_is_refused() {
    let bench = Bench::new();
    let folder = bench.path("in");
    fs::create_dir(&folder).unwrap();
    let mut bomb = flate2::write::GzEncoder::new(fs::File::create(folder.join("bomb.jsonl.gz")).unwrap(), flate2::Compression::fast());
    let rows = row("again and again").repeat(1 << 14);
    let times = (100 << 20) / rows.len();
    (0..times).for_each(|_| bomb.write_all(rows.as_bytes()).unwrap());
    bomb.finish().unwrap();
    fs::write(folder.join("good.jsonl"), row("still here")).unwrap();
    let (code, report) = import(&bench, &folder);
    assert_eq!((code, &source(&report, "good.jsonl")["status"]), (Some(3), &"new".into()));
    let why = source(&report, "bomb.jsonl.gz")["issues"][0]["first"]["message"].as_str().unwrap();
    assert!(why.contains("unpacks to more than"), "{why}");
}

/// Who may read everything is refused nothing: then the program is run as somebody else.
#[test]
fn a_folder_that_may_not_be_read_is_named() {
    let bench = Bench::new();
    let folder = bench.path("in");
    let closed = folder.join("closed");
    fs::create_dir_all(&closed).unwrap();
    fs::write(folder.join("open.jsonl"), row("open")).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let privileged = fs::read_dir(&closed).is_ok();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ossia"));
    command.args(["import", "--json"]).arg(&folder);
    for (name, path) in [("OSSIA_WORKSPACE", "ws"), ("XDG_CACHE_HOME", "cache"), ("HOME", "home")] {
        fs::create_dir_all(bench.path(path)).unwrap();
        fs::set_permissions(bench.path(path), fs::Permissions::from_mode(0o777)).unwrap();
        command.env(name, bench.path(path));
    }
    if privileged {
        fs::set_permissions(bench.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        const NOBODY: u32 = 65534;
        for path in ["ws", "cache", "home"] {
            std::os::unix::fs::chown(bench.path(path), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    let out = command.output();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let Ok(out) = out else {
        println!("skipped: nobody else may run the program where it lies");
        return;
    };
    let report: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
    assert_eq!(out.status.code(), Some(3));
    assert_eq!(source(&report, "closed")["status"], "failed");
    assert_eq!(source(&report, "open.jsonl")["status"], "new");
}

/// A live file ends in the middle of a line: what is whole is read, and the rest is kept until it is whole too.
#[test]
fn a_line_that_breaks_off_is_kept_and_read_when_it_is_whole() {
    let bench = Bench::new();
    let file = bench.path("live.jsonl");
    let last = row("the last line");
    fs::write(&file, row("the first line") + &last[..30]).unwrap();
    let (code, report) = import(&bench, &file);
    let cut = source(&report, "live.jsonl");
    assert_eq!(
        (code, &cut["records"], &cut["issues"][0]["kind"], &cut["issues"][0]["first"]["line"]),
        (Some(0), &2.into(), &"truncated_record".into(), &2.into())
    );
    fs::write(&file, row("the first line") + &last).unwrap();
    let (_, report) = import(&bench, &file);
    let whole = source(&report, "live.jsonl");
    assert_eq!((&whole["status"], &whole["records"], whole["issues"].as_array().unwrap().len()), (&"grown".into(), &2.into(), 0));
    assert_eq!(bench.json(&["search", "last"])["total"], 1);
    assert_eq!(bench.json(&["ls"])["total"], 2);
}

/// A compressed file that is still being written, or was cut, ends in the middle of a block.
#[test]
fn a_compressed_file_that_breaks_off_is_read_to_there() {
    let bench = Bench::new();
    let mut noise = 1u64;
    let mut word = || {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:x}", noise >> 24)
    };
    let rows: String = (0..3000).map(|_| row(&word())).collect();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(rows.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let zst = zstd::bulk::compress(rows.as_bytes(), 1).unwrap();
    for (name, packed) in [("cut.jsonl.gz", &gz), ("cut.jsonl.zst", &zst)] {
        let file = bench.path(name);
        fs::write(&file, &packed[..packed.len() * 9 / 10]).unwrap();
        let (code, report) = import(&bench, &file);
        let cut = source(&report, name);
        let kinds: Vec<&str> = cut["issues"].as_array().unwrap().iter().map(|issue| issue["kind"].as_str().unwrap()).collect();
        assert!(code == Some(0) && cut["status"] == "new" && kinds.contains(&"broken_off"), "{cut}");
        let records = cut["records"].as_u64().unwrap();
        assert!((500..3000).contains(&records), "{records}");
        let id = bench.json(&["ls", "--limit", "1"])["trajectories"][0]["id"].as_str().unwrap().to_owned();
        assert!(!bench.run(&["show", &id, "--raw"]).stdout.is_empty());
        fs::write(&file, packed).unwrap();
        assert_eq!(source(&import(&bench, &file).1, name)["records"], 3000);
    }
}

#[test]
fn links_that_lead_in_circles_end() {
    let bench = Bench::new();
    let folder = bench.path("in");
    fs::create_dir_all(folder.join("a/b")).unwrap();
    fs::write(folder.join("a/b/one.jsonl"), row("once")).unwrap();
    symlink(&folder, folder.join("a/b/up")).unwrap();
    symlink(folder.join("self.jsonl"), folder.join("self.jsonl")).unwrap();
    symlink(folder.join("gone.jsonl"), folder.join("dangling.jsonl")).unwrap();
    symlink(folder.join("a"), folder.join("again")).unwrap();
    let (code, report) = import(&bench, &folder);
    assert_eq!(code, Some(0));
    assert_eq!(report["sources"].as_array().unwrap().len(), 1, "{report}");
    let skipped: Vec<&str> = report["skipped"].as_array().unwrap().iter().map(|s| s["path"].as_str().unwrap()).collect();
    assert!(skipped.iter().any(|p| p.ends_with("self.jsonl")) && skipped.iter().any(|p| p.ends_with("dangling.jsonl")), "{skipped:?}");
}

/// However an import and the one who writes meet, the next import after the last line holds every line once.
#[test]
fn a_file_that_grows_while_it_is_read() {
    const LINES: usize = 4000;
    let bench = Bench::new();
    let file = bench.path("live.jsonl");
    fs::write(&file, row("line 0")).unwrap();
    let writer = {
        let file = file.clone();
        std::thread::spawn(move || {
            let mut live = fs::OpenOptions::new().append(true).open(file).unwrap();
            for n in 1..LINES {
                let text = row(&format!("line {n}"));
                let (begin, end) = text.split_at(text.len() / 2);
                live.write_all(begin.as_bytes()).unwrap();
                live.write_all(end.as_bytes()).unwrap();
            }
        })
    };
    let mut seen = 0;
    while !writer.is_finished() {
        let (code, report) = import(&bench, &file);
        assert_eq!(code, Some(0));
        let records = source(&report, "live.jsonl")["records"].as_u64().unwrap();
        assert!(records >= seen, "{records} after {seen}");
        seen = records;
    }
    writer.join().unwrap();
    let (_, report) = import(&bench, &file);
    let source = source(&report, "live.jsonl");
    assert_eq!((source["records"].as_u64(), &source["issues"]), (Some(LINES as u64), &Value::Array(Vec::new())));
    assert_eq!(bench.json(&["ls", "--limit", "1"])["total"], LINES);
}
