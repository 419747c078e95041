//! What was redacted and is needed comes back where a person says so; and places in one file of an archive say nothing of another.

use crate::workspace::Bench;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;

const AT: &str = "2026-05-01T10:00:00.000Z";
const COMMITS: [&str; 2] = ["4f1c9ae07d", "b802e6613c"];

/// A session in two streams: its file holds marks where its exec stream holds the whole text.
fn two_streams(bench: &Bench, marked: &str, whole: &str) -> [String; 2] {
    let message = |id: &str, parent: Value, message: Value| json!({"type": "message", "id": id, "parentId": parent, "timestamp": AT, "message": message});
    let result =
        |text: &str| json!({"role": "toolResult", "toolCallId": "q1", "toolName": "bash", "content": [{"type": "text", "text": text}], "isError": false});
    let call = json!({"type": "toolCall", "id": "q1", "name": "bash", "arguments": {"command": "git log --oneline"}});
    let session = [
        json!({"type": "session", "version": 2, "id": "back-1", "timestamp": AT, "cwd": "/w", "model": "example/m"}),
        message("m1", Value::Null, json!({"role": "user", "content": "What was merged?", "timestamp": 1})),
        message("m2", json!("m1"), json!({"role": "assistant", "content": [call], "stopReason": "toolUse", "timestamp": 2})),
        message("m3", json!("m2"), result(marked)),
        message(
            "m4",
            json!("m3"),
            json!({"role": "assistant", "content": [{"type": "text", "text": "Two commits, see above."}], "stopReason": "stop", "timestamp": 4}),
        ),
        message("m5", json!("m4"), json!({"role": "user", "content": format!("I read: {marked}"), "timestamp": 5})),
        message("m6", json!("m5"), json!({"role": "assistant", "content": [{"type": "text", "text": "So it is."}], "stopReason": "stop", "timestamp": 6})),
    ];
    let exec = [
        json!({"type": "thread", "phase": "start", "threadId": "t", "sessionId": "back-1", "timestamp": AT}),
        json!({"type": "item", "subtype": "tool_call", "timestamp": AT, "data": {"toolCallId": "q1", "toolName": "bash", "args": {"command": "git log --oneline"}}}),
        json!({"type": "item", "subtype": "tool_result", "timestamp": AT, "data": {"toolCallId": "q1", "toolName": "bash",
            "result": result(whole), "isError": false}}),
    ];
    [("session", session.as_slice()), ("exec", &exec)].map(|(name, lines)| {
        let path = bench.path(&format!("{name}.jsonl"));
        fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        path.to_string_lossy().into_owned()
    })
}

fn exported(bench: &Bench, name: &str) -> String {
    let out = bench.path(name);
    bench.json(&["export", "", "--shape", "hf-sft", "--override", "answers=a trial", "--override", "audit=a trial", "--out", out.to_str().unwrap()]);
    fs::read_to_string(out.join("data/hf-sft.jsonl")).unwrap()
}

#[test]
fn two_marks_of_one_text_are_put_back_together_and_in_their_step_alone() {
    let bench = Bench::new();
    let said = |a: &str, b: &str| format!("merged: commit {a} onto commit {b}, done");
    let [session, exec] = two_streams(&bench, &said("[REDACTED:token:3cbabf26]", "[REDACTED:token:5bff62a0]"), &said(COMMITS[0], COMMITS[1]));
    bench.json(&["import", &session, &exec]);
    let report = bench.json(&["audit"]);
    let taken: Vec<&Value> = report["findings"].as_array().unwrap().iter().filter(|f| f["tier"] == "over_redaction").collect();
    let restorable: Vec<&&Value> = taken.iter().filter(|f| f["message"].as_str().unwrap().contains("puts it back")).collect();
    assert_eq!(restorable.len(), 2, "{taken:?}");
    let before = exported(&bench, "before");
    assert!(COMMITS.iter().all(|commit| !before.contains(commit)), "{before}");
    for finding in &restorable {
        bench.json(&["audit", "decide", finding["id"].as_str().unwrap(), "keep", "--here", "--note", "identifier, not a secret", "--reviewer", "ana"]);
    }
    let after = exported(&bench, "after");
    assert!(after.contains("merged: commit 4f1c9ae07d onto commit b802e6613c, done"), "{after}");
    // What a person quoted elsewhere was not decided.
    assert!(after.contains("I read: merged: commit [REDACTED:token:3cbabf26]"), "{after}");
    assert_eq!(after.replace(COMMITS[0], "[REDACTED:token:3cbabf26]").replace(COMMITS[1], "[REDACTED:token:5bff62a0]"), before);
}

/// Exports after some marks of the text were kept, by their numbers.
fn after_keeping(marked: &str, whole: &str, kept: &[usize]) -> String {
    let bench = Bench::new();
    let [session, exec] = two_streams(&bench, marked, whole);
    bench.json(&["import", &session, &exec]);
    let report = bench.json(&["audit"]);
    // The text stands in m5 as well, behind "I read: ", and without a twin there.
    let places: Vec<usize> = marked.match_indices("[REDACTED").map(|(at, _)| at).collect();
    for finding in report["findings"].as_array().unwrap().iter().filter(|f| f["tier"] == "over_redaction") {
        let at = usize::try_from(finding["start"].as_u64().unwrap()).unwrap();
        if kept.iter().any(|number| places[*number] == at) {
            bench.json(&["audit", "decide", finding["id"].as_str().unwrap(), "keep", "--here", "--note", "identifier, not a secret", "--reviewer", "ana"]);
        }
    }
    exported(&bench, "after")
}

#[test]
fn what_stands_beside_a_kept_commit_stays_redacted() {
    let (marked, whole) =
        ("please commit [REDACTED:token] now. [ok] commit [REDACTED:token]", "please commit Project Bluebird of Contoso now. [ok] commit 4f1c9ae07d");
    let after = after_keeping(marked, whole, &[1]);
    assert!(after.contains("please commit [REDACTED:token] now. [ok] commit 4f1c9ae07d"), "{after}");
    let both = after_keeping(marked, whole, &[0, 1]);
    assert!(!both.contains("Bluebird") && both.contains("[ok] commit 4f1c9ae07d"), "{both}");
}

#[test]
fn a_twin_that_ends_in_a_line_end_restores_and_proves_as_well() {
    let (marked, whole) =
        ("please commit [REDACTED:token] now. [ok] commit [REDACTED:token]", "\nplease commit Project Bluebird now. [ok] commit 4f1c9ae07d\n");
    let after = after_keeping(marked, whole, &[0, 1]);
    assert!(after.contains("please commit [REDACTED:token] now. [ok] commit 4f1c9ae07d\"") && !after.contains("Bluebird"), "{after}");
    // What stands on a line of its own behind the commit was hidden by nobody's mark.
    let more = after_keeping("merged: commit [REDACTED:token]\n", "merged: commit 4f1c9ae07d\nhunter22 of Contoso", &[0]);
    assert!(!more.contains("hunter22") && !more.contains("4f1c9ae07d"), "{more}");
}

#[test]
fn equal_contexts_get_each_their_own_value() {
    let said = |a: &str, b: &str, c: &str| format!("log:\ncommit {a}\ncommit {b}\ncommit {c}\ndone");
    let mark = "[REDACTED:token]";
    let (marked, whole) = (said(mark, mark, mark), said(COMMITS[0], COMMITS[1], "77aa01bc9d"));
    let shown = |text: &str| text.replace('\n', "\\n");
    let all = after_keeping(&marked, &whole, &[0, 1, 2]);
    assert!(all.contains(&shown(&whole)), "{all}");
    let one = after_keeping(&marked, &whole, &[1]);
    assert!(one.contains(&shown(&said(mark, COMMITS[1], mark))), "{one}");
    assert!(!one.contains(COMMITS[0]) && !one.contains("77aa01bc9d"), "{one}");
    let both = |a: &str, b: &str| format!("commit {a} and commit {b}.");
    let one_of_two = after_keeping(&both(mark, mark), &both(COMMITS[0], COMMITS[1]), &[0]);
    assert!(one_of_two.contains(&both(COMMITS[0], mark)) && !one_of_two.contains(COMMITS[1]), "{one_of_two}");
    // Where the text fits in more than one way, nothing comes back.
    let open = after_keeping(&both(mark, mark), "commit 4f1c9ae07d and commit b802e6613c and commit 77aa01bc9d.", &[0, 1]);
    assert!(!open.contains(COMMITS[0]) && !open.contains(COMMITS[1]), "{open}");
}

#[test]
fn each_file_of_an_archive_has_places_of_its_own() {
    let bench = Bench::new();
    let sample = |input: &str| json!({"id": "s1", "epoch": 1, "uuid": "U1", "input": input, "messages": [], "events": []}).to_string();
    let path = bench.path("log.eval");
    let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    let plain = zip::write::SimpleFileOptions::default();
    // Equal lengths, so that fields of both begin at the same bytes of their files.
    for (name, text) in [("samples/a_epoch_1.json", "KEY=AKIAMLGPIEIGERFD4***"), ("samples/b_epoch_1.json", "KEY=AKIAQZ7TWR2LMBXC9***")] {
        archive.start_file(name, plain).unwrap();
        archive.write_all(sample(text).as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    bench.json(&["import", path.to_str().unwrap()]);
    let report = bench.json(&["audit", "--status", "all"]);
    let partial: Vec<&Value> = report["findings"].as_array().unwrap().iter().filter(|f| f["kind"] == "partial").collect();
    assert_eq!(partial.len(), 2, "{report}");
    assert_eq!((&partial[0]["trajectory"], &partial[0]["source_start"]), (&partial[1]["trajectory"], &partial[1]["source_start"]));
}

#[test]
fn what_may_come_back_is_asked_about_as_such() {
    let bench = Bench::new();
    let (marked, whole) = ("merged: commit [REDACTED:token:3cbabf26], done", "merged: commit 4f1c9ae07d, done");
    let [session, exec] = two_streams(&bench, marked, whole);
    let mut screen = crate::screens::open(&[&session, &exec], (80, 24));
    screen.sees("gsjj", &["over redaction"]);
    screen.sees("x", &["why what was taken out in", "may be seen", "hash or commit, not a secret"]);
}
