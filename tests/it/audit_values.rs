//! Values that must not leave, whatever else is known, however they are written, and as long as any text holds them; through the real program.

use crate::workspace::Bench;
use serde_json::{Value, json};
use sha2::Digest;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Writes a conversation of a person's words and an answer.
fn chat(bench: &Bench, name: &str, said: &[&str]) -> String {
    let roles = ["user", "assistant"].into_iter().cycle();
    let messages: Vec<Value> = roles.zip(said).map(|(role, content)| json!({"role": role, "content": content})).collect();
    let path = bench.path(&format!("{name}.jsonl"));
    fs::write(&path, format!("{}\n", json!({"id": name, "messages": messages}))).unwrap();
    path.to_string_lossy().into_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn trajectory_saying(bench: &Bench, word: &str) -> String {
    bench.json(&["search", word])["hits"][0]["trajectory"].as_str().unwrap().to_owned()
}

/// Redacts everything that was found.
fn redact_all(bench: &Bench) {
    for finding in bench.json(&["audit"])["findings"].as_array().unwrap() {
        bench.json(&["audit", "decide", finding["fingerprint"].as_str().unwrap(), "redact", "--reviewer", "ana"]);
    }
}

/// Exports in every shape, and gives all that was written.
fn exported(bench: &Bench, name: &str) -> String {
    let out = bench.path(name);
    bench.json(&["export", "", "--shape", "all", "--override", "answers=a trial", "--reviewer", "ana", "--out", out.to_str().unwrap()]);
    files(&out).iter().map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect()
}

#[test]
fn values_that_differ_by_case_alone_both_stay() {
    let bench = Bench::new();
    let file = chat(
        &bench,
        "case",
        &[
            "The old login is password = \"Hunter2xQ9vLm\" and it did not work.",
            "I tried it.",
            "Try password = \"hUnter2xq9vlm\" then. In words: hUnter2xq9vlm works, the other Hunter2xQ9vLm not.",
            "Logged in with hUnter2xq9vlm now, all done.",
        ],
    );
    bench.json(&["import", &file]);
    redact_all(&bench);
    let written = exported(&bench, "out");
    assert!(written.contains("Logged in with [REDACTED:") && !written.to_lowercase().contains("hunter2xq9vlm"), "{written}");
    let shown = String::from_utf8(bench.run(&["show", &trajectory_saying(&bench, "login")]).stdout).unwrap();
    assert!(shown.contains("Logged in") && !shown.to_lowercase().contains("hunter2xq9vlm"), "{shown}");
}

/// Two conversations, of which only the first says what the value is; it is redacted by that one.
fn redacted_by_the_first(bench: &Bench) -> [String; 2] {
    let first = chat(bench, "s1", &["Deploy it with password = \"Zx81Plover9vLm\" please.", "Done."]);
    let second = chat(bench, "s2", &["You can use Zx81Plover9vLm for that box.", "Logged in by Zx81Plover9vLm."]);
    bench.json(&["import", &first, &second]);
    redact_all(bench);
    assert!(!exported(bench, "before").contains("Zx81Plover"));
    [first, second]
}

#[test]
fn a_verdict_outlives_the_source_that_made_its_value_known() {
    let bench = Bench::new();
    let [first, second] = redacted_by_the_first(&bench);
    bench.json(&["forget", &first, "--reason", "a trial"]);
    // The second grows, and with it every finding in it is looked for anew.
    let grown = fs::read_to_string(&second).unwrap()
        + &json!({"id": "s3", "messages": [{"role": "user", "content": "And Zx81Plover9vLm?"}, {"role": "assistant", "content": "Yes."}]}).to_string()
        + "\n";
    fs::write(&second, grown).unwrap();
    bench.json(&["import", &second]);
    let after = exported(&bench, "after");
    assert!(after.contains("Logged in by [REDACTED:") && after.contains("And [REDACTED:") && !after.contains("Zx81Plover"), "{after}");
    // Other lists make everything looked at anew.
    fs::create_dir_all(bench.path("ws/lists")).unwrap();
    fs::write(bench.path("ws/lists/words.txt"), "Bluebird\n").unwrap();
    assert!(!exported(&bench, "listed").contains("Zx81Plover"));
    // No text holds it for a while.
    bench.json(&["forget", &second, "--reason", "a trial"]);
    assert_eq!(bench.json(&["audit", "--status", "all"])["findings"], json!([]));
    let store = fs::read(bench.path("ws/sources.db")).unwrap();
    assert!(!String::from_utf8_lossy(&store).contains("Zx81Plover9vLm"), "what is kept of a value is not the value");
    let later = chat(&bench, "s4", &["Is Zx81Plover9vLm still right? It is Wng4MVBsb3Zlcjl2TG0= in base64.", "Yes, Zx81Plover9vLm it is."]);
    bench.json(&["import", &later]);
    let shown = String::from_utf8(bench.run(&["show", &trajectory_saying(&bench, "still")]).stdout).unwrap();
    assert!(shown.contains("still right") && !shown.contains("Zx81Plover"), "seen before it is audited: {shown}");
    redact_all(&bench);
    let late = exported(&bench, "late");
    assert!(late.contains("Yes, [REDACTED:") && !late.contains("Zx81Plover") && !late.contains("MVBsb3Zlcj"), "{late}");
}

#[test]
fn a_mark_by_hand_outlives_its_place_until_it_is_taken_back() {
    let bench = Bench::new();
    let first = chat(&bench, "m1", &["We call it Quillfeather among us.", "I see."]);
    let second = chat(&bench, "m2", &["Ask for Quillfeather.", "Quillfeather is asked for."]);
    bench.json(&["import", &first, &second]);
    let trajectory = trajectory_saying(&bench, "among");
    let step = bench.json(&["show", &trajectory])["steps"][0]["id"].as_str().unwrap().to_owned();
    let mut mark = Command::new(env!("CARGO_BIN_EXE_ossia"));
    mark.args(["audit", "mark", &format!("{trajectory}#{step}"), "--reviewer", "ana"]).env("OSSIA_WORKSPACE", bench.path("ws"));
    let mut marking = mark.env("XDG_CACHE_HOME", bench.path("cache")).env("HOME", bench.path("")).stdin(Stdio::piped()).spawn().unwrap();
    marking.stdin.take().unwrap().write_all(b"Quillfeather").unwrap();
    assert!(marking.wait().unwrap().success());
    bench.json(&["forget", &first, "--reason", "a trial"]);
    let grown = fs::read_to_string(&second).unwrap().replace("is asked for.", "is asked for, and answers.");
    fs::write(&second, grown).unwrap();
    bench.json(&["import", &second]);
    let after = exported(&bench, "after");
    assert!(after.contains("] is asked for, and answers.") && !after.contains("Quillfeather"), "{after}");
    bench.run(&["undo", "--reviewer", "ana"]);
    assert!(exported(&bench, "undone").contains("Quillfeather is asked for, and answers."));
}

#[test]
fn a_value_that_a_mark_proves_is_not_narrowed() {
    let (value, other) = ("ghp_0123456789abcdefghijABCDEFGHIJ456789", "Zx81PloverQ9vLm");
    let hash: String = sha2::Sha256::digest(value).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let bench = Bench::new();
    bench.json(&[
        "import",
        &chat(&bench, "p", &["Use the key.", &format!("It was [REDACTED:api_key:{hash}]. The log has {value}, and password = \"{other}\" as well.")]),
    ]);
    let workspace = ossia::workspace::Workspace::open(&bench.path("ws"), &bench.path("cache2")).unwrap();
    let found = workspace.audit(&ossia::query::Query::All, &workspace.own_engine().unwrap(), true).unwrap().findings;
    let narrow = |value: &str| {
        let fits = |finding: &&ossia::workspace::AuditFinding| {
            finding.is_value() && finding.decoding.is_empty() && workspace.reveal("ana", finding).unwrap().as_deref() == Some(value)
        };
        let finding = found.iter().find(fits).unwrap_or_else(|| panic!("{value} is not among {found:?}"));
        workspace.adjust("ana", finding, finding.start + 4, finding.end)
    };
    assert!(narrow(value).unwrap_err().to_string().contains("all of it stays masked"));
    assert!(narrow(other).unwrap().places > 0);
}

#[test]
fn a_value_in_the_alphabet_of_addresses_is_gone() {
    let bench = Bench::new();
    let file = chat(&bench, "u", &["password = \"h4nter2?>pw~x\"; standard aDRudGVyMj8+cHd+eA== and url aDRudGVyMj8-cHd-eA", "All noted, aDRudGVyMj8-cHd-eA."]);
    bench.json(&["import", &file]);
    redact_all(&bench);
    let written = exported(&bench, "out");
    assert!(written.contains("All noted, [REDACTED:") && !written.contains("aDRudGVy"), "{written}");
}

#[test]
fn what_looks_is_there_or_missed_aloud() {
    let bench = Bench::new();
    bench.json(&["import", &chat(&bench, "w", &["the badge is house-123456, keep it, Anna Bergmann", "Noted, ANNA."])]);
    let (rules, lists) = (bench.path("ws/rules"), bench.path("ws/lists"));
    let kept = bench.path("kept.toml");
    fs::write(&kept, "[[rules]]\nid = \"badge\"\nregex = '''house-[0-9]{6}'''\n").unwrap();
    fs::create_dir_all(&rules).unwrap();
    fs::create_dir_all(&lists).unwrap();
    symlink(&kept, rules.join("own.toml")).unwrap();
    fs::write(lists.join("names.txt"), "Anna\n").unwrap();
    let count = || bench.json(&["audit"])["findings"].as_array().unwrap().len();
    assert_eq!(count(), 3);
    fs::write(lists.join("names.txt"), "Anna\nAnna Berg\n").unwrap();
    assert_eq!(count(), 3);
    let refused = |what: &str| {
        for args in [&["audit"][..], &["export", "", "--shape", "hf-sft", "--dry-run"]] {
            let out = bench.run(args);
            let said = String::from_utf8_lossy(&out.stderr).into_owned();
            assert!(!out.status.success() && said.contains(what), "{args:?}: {said}");
        }
    };
    fs::remove_file(&kept).unwrap();
    refused("own.toml");
    fs::remove_dir_all(&rules).unwrap();
    symlink(bench.path("nowhere"), &rules).unwrap();
    refused("rules");
    fs::remove_file(&rules).unwrap();
    fs::remove_file(lists.join("names.txt")).unwrap();
    symlink(bench.path("nowhere"), lists.join("names.txt")).unwrap();
    refused("names.txt");
    fs::remove_dir_all(&lists).unwrap();
    assert_eq!(count(), 0);
    let policy = bench.path("ws/policy.toml");
    fs::write(&policy, b"# f\xfcr alle\n[fields]\nsession_id = \"omit\"\n").unwrap();
    let export = || bench.run(&["export", "", "--shape", "hf-sft", "--dry-run", "--override", "answers=a trial"]);
    let out = export();
    assert!(!out.status.success() && String::from_utf8_lossy(&out.stderr).contains("policy.toml"));
    fs::write(&policy, "[fields]\nsession_id = \"omit\"\n").unwrap();
    let out = export();
    assert!(out.status.success() && String::from_utf8_lossy(&out.stderr).contains("the ids of trajectories hold it too"));
}
