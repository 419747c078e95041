//! The sign-off through the real program: what stands against it, who signs, what a bundle carries, and what voids it.

use crate::workspace::Bench;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

pub const TOKEN: &str = "ghp_n6ihux6iebo01r0kpmnq8n6414cfrm60xbuu";
pub const READ: [&str; 2] = ["--confirm", "I have read the limits"];

/// A chat log with a secret in it.
pub fn chat(bench: &Bench, name: &str, secret: &str) -> String {
    let said = |role: &str, content: String| json!({"role": role, "content": content});
    let lines: Vec<String> = (0..6)
        .map(|n| {
            json!({"messages": [said("user", format!("question {n} about {secret}")), said("assistant", format!("answer {n}, at length"))]}).to_string() + "\n"
        })
        .collect();
    let path = bench.path(name);
    fs::write(&path, lines.concat()).unwrap();
    path.to_string_lossy().into_owned()
}

pub fn as_person(bench: &Bench, who: &str, args: &[&str]) -> std::process::Output {
    let key = bench.path(&format!("{who}.key"));
    if !key.exists() {
        fs::write(&key, who.repeat(32).as_bytes().get(..32).unwrap()).unwrap();
        fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    bench.run(&[args, &["--reviewer", who, "--key", key.to_str().unwrap(), "--json"]].concat())
}

pub fn json_of(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// The units of a sample that was drawn.
pub fn units_of(drawn: &std::process::Output) -> Vec<Value> {
    json_of(drawn)["units"].as_array().unwrap().clone()
}

/// Decides everything and reads a sample in which nothing but the planted is seen.
pub fn make_ready(bench: &Bench) {
    let report = bench.json(&["audit"]);
    for finding in report["findings"].as_array().unwrap() {
        bench.json(&["audit", "decide", finding["id"].as_str().unwrap(), "redact", "--reviewer", "ana"]);
    }
    let plan = bench.json(&["audit", "sample", "plan", "--size", "10", "--reviewer", "ana"])["plan"].as_str().unwrap().to_owned();
    let drawn = bench.run(&["audit", "sample", "draw", &plan, "--json"]);
    let units = units_of(&drawn);
    // What is planted has the shape of the token that was found, and nothing else tells it.
    let written = |text: &str| ["user", "assistant"].contains(&text) || (text.starts_with("answer") && text.ends_with("length") && !text.contains("ghp_"));
    let planted: Vec<&str> = units.iter().filter(|u| !written(u["text"].as_str().unwrap())).map(|u| u["unit"].as_str().unwrap()).collect();
    assert!(units.iter().all(|u| !u["text"].as_str().unwrap().contains(TOKEN)));
    assert_eq!((units.len(), planted.len()), (30, 20));
    bench.json(&[&["audit", "sample", "read", &plan][..], &planted, &["--reviewer", "ana"]].concat());
}

#[test]
fn two_people_sign_what_a_bundle_carries() {
    let bench = Bench::new();
    bench.json(&["import", &chat(&bench, "a.jsonl", TOKEN)]);
    let early = as_person(&bench, "ana", &["audit", "certify", "--dry-run"]);
    let against = json_of(&early)["against"].to_string();
    assert!(early.status.code() == Some(1) && against.contains("not decided") && against.contains("sample"), "{against}");
    make_ready(&bench);
    assert_eq!(as_person(&bench, "ana", &["audit", "certify"]).status.code(), Some(2), "nothing is signed unread");
    let signed = json_of(&as_person(&bench, "ana", &[&["audit", "certify"][..], &READ].concat()));
    assert_eq!(signed["signers"].as_array().unwrap().len(), 1);
    assert_eq!(as_person(&bench, "ana", &[&["audit", "certify", "--approve"][..], &READ].concat()).status.code(), Some(2), "nobody approves alone");
    let out = bench.path("certificate");
    let approved = json_of(&as_person(&bench, "ben", &[&["audit", "certify", "--approve", "--out", out.to_str().unwrap()][..], &READ].concat()));
    assert_eq!((approved["signers"].as_array().unwrap().len(), &approved["void"]), (2, &Value::Null));
    let text = fs::read_to_string(out.join("certificate.md")).unwrap();
    assert!(text.contains("88 of 88 canaries") && text.contains("This plan certifies") && !text.contains(TOKEN) && !text.contains(" ana "), "{text}");
    // Scope: `N fields, M bytes`, and how many of either each kind has.
    let told = text.lines().find(|line| line.contains("Merkle root")).unwrap();
    let total = |what: &str| -> u64 {
        told.split(", ").find_map(|part| part.trim_end_matches('.').strip_suffix(what)).unwrap().trim().replace(',', "").parse().unwrap()
    };
    let rows = text.lines().skip_while(|line| !line.contains("| fields | bytes |")).skip(2).take_while(|line| line.starts_with('|'));
    let counts: Vec<Vec<u64>> = rows.map(|row| row.split('|').filter_map(|cell| cell.trim().parse().ok()).collect()).collect();
    let sum = |column: usize| counts.iter().map(|row| row[column]).sum::<u64>();
    assert_eq!((sum(0), sum(1)), (total(" fields"), total(" bytes")), "{text}");

    // It is found again without the folder it was written to, by whoever asks.
    let shown = bench.run(&["audit", "certify", "--show", "--reviewer", "cyn"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("This plan certifies") && shown.contains("by 2 of 2") && shown.contains("carries it, until it is void"), "{shown}");
    let again = bench.path("again");
    let written = bench.run(&["audit", "certify", "--show", approved["sha256"].as_str().unwrap(), "--out", again.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&written.stdout).contains("again/certificate.json"), "{written:?}");
    assert_eq!(fs::read(again.join("certificate.json")).unwrap(), fs::read(out.join("certificate.json")).unwrap());

    let bundle = bench.path("bundle");
    let (place, ws) = (bundle.to_str().unwrap(), bench.path("ws"));
    bench.json(&["export", "", "--shape", "hf-sft", "--override", "answers=a trial", "--out", place]);
    assert_eq!(fs::read(bundle.join("certificate.json")).unwrap(), fs::read(out.join("certificate.json")).unwrap());
    let verified = bench.json(&["verify", place, "--workspace", ws.to_str().unwrap()]);
    let check = verified["checks"].as_array().unwrap().iter().find(|c| c["name"] == "certificate").unwrap();
    assert!(verified["ok"] == true && check["ok"] == true, "{verified}");
    let bound = json_of(&as_person(&bench, "ben", &["audit", "certify", "--bind", place]));
    assert_eq!(bound["binding"], "bundle.certified.dsse.json");
    assert!(Path::new(&bench.path("bundle.certified.dsse.json")).exists());
}

#[test]
fn what_may_leave_stands_masked_in_a_certificate() {
    let (bench, kept) = (Bench::new(), "k7Gd02mXq9vL31zt");
    bench.json(&["import", &chat(&bench, "a.jsonl", &format!("{TOKEN} where db_password = \"{kept}\" is"))]);
    for finding in bench.json(&["audit"])["findings"].as_array().unwrap() {
        let verdict = if finding["class"] == "github_token" { &["redact"][..] } else { &["keep", "--note", "made up for a test"] };
        bench.json(&[&["audit", "decide", finding["id"].as_str().unwrap()][..], verdict, &["--reviewer", "ana"]].concat());
    }
    let shown = json_of(&as_person(&bench, "ana", &["audit", "certify", "--dry-run"]));
    let diffs = shown["statement"]["over_redaction"]["diffs"].as_array().unwrap().clone();
    let line = |diff: &Value, side: &str| diff[side].as_str().unwrap().to_owned();
    let masked = |diff: &Value| line(diff, "before").contains("db_password = \"▓▓▓▓▓▓▓▓\"") && line(diff, "after").contains("[REDACTED:github_token:");
    assert!(!diffs.is_empty() && diffs.iter().all(masked), "{diffs:?}");
    assert!(!shown.to_string().contains(kept) && !shown.to_string().contains(TOKEN), "{shown}");
}

#[test]
fn a_new_byte_a_miss_and_a_lone_keep_stand_against_it() {
    let bench = Bench::new();
    bench.json(&["import", &chat(&bench, "a.jsonl", TOKEN)]);
    make_ready(&bench);
    json_of(&as_person(&bench, "ana", &[&["audit", "certify"][..], &READ].concat()));
    bench.json(&["import", &chat(&bench, "b.jsonl", "nothing")]);
    let late = as_person(&bench, "ben", &[&["audit", "certify", "--approve"][..], &READ].concat());
    assert!(String::from_utf8_lossy(&late.stderr).contains("void"), "{late:?}");
    // A sure finding that one person keeps waits for a second one.
    let id = bench.json(&["audit", "--status", "all"])["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    let keep = |who: &str| bench.json(&["audit", "decide", &id, "keep", "--note", "made up for a test", "--reviewer", who]);
    keep("ana");
    let against = || json_of(&as_person(&bench, "ana", &["audit", "certify", "--dry-run"]))["against"].to_string();
    assert!(against().contains("second one"));
    // A sample of what was there before says nothing of what came since.
    assert!(against().contains("no sample over all fields of now"));
    keep("ben");
    assert!(!against().contains("second one"));
    // A miss is not erased by reading again: the plan is read once, and a new one is drawn afresh.
    let plan = bench.json(&["audit", "sample", "plan", "--size", "5", "--reviewer", "ana"])["plan"].as_str().unwrap().to_owned();
    let units = bench.run(&["audit", "sample", "draw", &plan, "--json"]);
    let first = units_of(&units);
    let all: Vec<&str> = first.iter().map(|u| u["unit"].as_str().unwrap()).collect();
    assert_eq!(bench.run(&[&["audit", "sample", "read", &plan][..], &all, &["--reviewer", "ana"]].concat()).status.code(), Some(1));
    assert_eq!(bench.run(&["audit", "sample", "read", &plan, "--reviewer", "ana"]).status.code(), Some(2));
    assert!(against().contains("no sample"));
    // Who sees nothing of what was planted has read nothing.
    let blind = bench.json(&["audit", "sample", "plan", "--size", "5", "--reviewer", "ana"])["plan"].as_str().unwrap().to_owned();
    let read = |units: &[&str]| bench.run(&[&["audit", "sample", "read", &blind][..], units, &["--reviewer", "ana"]].concat());
    let (nothing, drawn) = (read(&[]), bench.run(&["audit", "sample", "draw", &blind, "--json"]));
    assert!(nothing.status.code() == Some(2) && String::from_utf8_lossy(&nothing.stderr).contains("made-up secrets stand among"), "{nothing:?}");
    let units = units_of(&drawn);
    let planted = units.iter().find(|unit| unit["text"].as_str().unwrap().contains("ghp_")).unwrap();
    let read = read(&[planted["unit"].as_str().unwrap()]);
    assert!(read.status.code() == Some(1) && String::from_utf8_lossy(&read.stdout).contains("too few were seen"), "{read:?}");
    // Whoever declares plans until one draws what he likes leaves others unread.
    let unread = bench.json(&["audit", "sample", "plan", "--size", "5", "--reviewer", "ana"])["plan"].as_str().unwrap().to_owned();
    assert!(against().contains(&format!("{unread} was declared and not read")));
    // A plan is bound to the fields it was declared over.
    bench.json(&["import", &chat(&bench, "c.jsonl", "more")]);
    bench.json(&["audit"]);
    let drawn = bench.run(&["audit", "sample", "draw", &unread]);
    assert!(!drawn.status.success() && String::from_utf8_lossy(&drawn.stderr).contains("not those it was declared over"), "{drawn:?}");
}

#[test]
fn a_plan_over_a_query_draws_from_what_it_finds_and_certifies_nothing_else() {
    let bench = Bench::new();
    bench.json(&["import", &chat(&bench, "a.jsonl", "the harbour"), &chat(&bench, "b.jsonl", "the orchard")]);
    let plan = |query: &[&str]| bench.json(&[&["audit", "sample", "plan", "--size", "5", "--reviewer", "ana"][..], query].concat());
    let fields = |plan: &Value| plan["frame"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>();
    let (whole, part) = (plan(&[]), plan(&["orchard", "OR", "blossom"]));
    assert_eq!((fields(&whole), &part["query"]), (2 * fields(&part), &json!("orchard OR blossom")));
    let name = part["plan"].as_str().unwrap();
    let drawn = bench.run(&["audit", "sample", "draw", name, "--json"]);
    let (units, drawn) = (units_of(&drawn), String::from_utf8_lossy(&drawn.stdout));
    assert!(drawn.contains("question") && !drawn.contains("harbour"), "{drawn}");
    let plain =
        |text: &str| ["user", "assistant"].contains(&text) || text.ends_with("the orchard") || (text.starts_with("answer") && text.ends_with("at length"));
    let planted: Vec<&str> = units.iter().filter(|u| !plain(u["text"].as_str().unwrap())).map(|u| u["unit"].as_str().unwrap()).collect();
    let bound = bench.json(&[&["audit", "sample", "read", name, "--reviewer", "ana"][..], &planted].concat());
    assert!(bound["accepted"] == true && bound["missed"] == 0, "{bound}");
    let against = json_of(&as_person(&bench, "ana", &["audit", "certify", "--dry-run"]));
    assert!(against["against"].to_string().contains("no sample over all") && !against["statement"]["sampling"].to_string().contains("orchard"), "{against}");
    for wrong in [&["kind:"][..], &["nothing", "like", "it"]] {
        assert_eq!(bench.run(&[&["audit", "sample", "plan"][..], wrong].concat()).status.code(), Some(2), "{wrong:?}");
    }
    // What cannot be drawn any more says why and what to do; what was read stays.
    bench.json(&["import", &chat(&bench, "c.jsonl", "the meadow")]);
    bench.json(&["audit"]);
    let refused = bench.run(&["audit", "sample", "draw", whole["plan"].as_str().unwrap()]);
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(why.contains("48 then, 72 now") && why.contains("ossia audit sample plan") && why.contains("not those it was declared over"), "{why}");
    let listed = bench.json(&["audit", "sample", "ls"]);
    assert!(listed["plans"][0]["cannot_be_drawn"].as_str().unwrap().contains("declare another one"), "{listed}");
    assert_eq!((&listed["plans"][1]["bound"]["accepted"], &listed["plans"][1]["cannot_be_drawn"]), (&json!(true), &Value::Null));
}

#[test]
fn a_sure_value_leaves_only_by_the_word_of_two() {
    let bench = Bench::new();
    bench.json(&["import", &chat(&bench, "a.jsonl", TOKEN)]);
    let id = bench.json(&["audit"])["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    let export = || bench.json(&["export", "", "--shape", "hf-sft", "--override", "answers=a trial", "--dry-run"]);
    let keep = |who: &str| bench.json(&["audit", "decide", &id, "keep", "--note", "made up for a test", "--reviewer", who]);
    let lie = bench.run(&["audit", "decide", &id, "already_redacted", "--reviewer", "ana"]);
    assert!(lie.status.code() == Some(2) && String::from_utf8_lossy(&lie.stderr).contains("no mark of redaction"), "{lie:?}");
    keep("ana");
    let alone = export();
    assert!(alone["examples"] == 0 && alone.to_string().contains("one reviewer alone keeps it"), "{alone}");
    keep("ana");
    assert_eq!(export()["examples"], 0, "the same person twice is one person");
    keep("ben");
    assert_ne!(export()["examples"], 0);
}

#[test]
fn a_value_marked_by_hand_is_known_everywhere() {
    let bench = Bench::new();
    let (one, two) = (chat(&bench, "a.jsonl", "project Bluebird"), chat(&bench, "b.jsonl", "the Bluebird launch"));
    bench.json(&["import", &one, &two]);
    assert_eq!(bench.json(&["audit"])["findings"].as_array().unwrap().len(), 0);
    let hits = bench.json(&["search", "question"]);
    let step = format!("{}#{}", hits["hits"][0]["trajectory"].as_str().unwrap(), hits["hits"][0]["step"].as_str().unwrap());
    let mut mark = std::process::Command::new(env!("CARGO_BIN_EXE_ossia"));
    mark.args(["audit", "mark", &step, "--class", "project_word", "--reviewer", "ana", "--json"]);
    mark.env("OSSIA_WORKSPACE", bench.path("ws")).env("XDG_CACHE_HOME", bench.path("cache"));
    let mut child = mark.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"Bluebird\n").unwrap();
    let decided: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(decided["places"], 12);
    assert_eq!(bench.run(&["search", "bluebird", "--json"]).status.code(), Some(1), "the index knows it no more");
    bench.run(&["undo", "--reviewer", "ana"]);
    assert_eq!(bench.json(&["audit", "--status", "all"])["findings"].as_array().unwrap().len(), 0);
    assert_eq!(bench.json(&["search", "bluebird"])["total"], 12);
}

#[test]
fn a_key_of_ones_own_is_never_made_anew_in_silence() {
    let bench = Bench::new();
    bench.json(&["import", &chat(&bench, "a.jsonl", TOKEN)]);
    make_ready(&bench);
    let sign = |more: &[&str]| {
        let out = bench.run(&[&["audit", "certify", "--reviewer", "ana"][..], &READ, more].concat());
        (out.status.code(), String::from_utf8_lossy(&out.stdout).into_owned(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let (code, said, _) = sign(&[]);
    assert!(code == Some(0) && said.contains("a key of your own was made"), "{said}");
    let made = said.split("was made: ").nth(1).and_then(|rest| rest.split(", fingerprint").next()).unwrap();
    fs::remove_file(made).unwrap();
    let (code, _, why) = sign(&[]);
    assert!(code == Some(2) && why.contains("is lost") && why.contains("--new-key"), "{why}");
    assert!(sign(&["--new-key"]).1.contains("a key of your own was made"));
    // From then on it is the key that is known.
    let (code, said, _) = sign(&[]);
    assert!(code == Some(0) && !said.contains("was made"), "{said}");
}

#[test]
fn a_verdict_that_changes_and_another_word_on_consent_void_it() {
    let bench = Bench::new();
    let file = chat(&bench, "a.jsonl", TOKEN);
    bench.json(&["import", &file]);
    make_ready(&bench);
    json_of(&as_person(&bench, "ana", &[&["audit", "certify"][..], &READ].concat()));
    let out = bench.path("certificate");
    fs::create_dir_all(&out).unwrap();
    fs::write(out.join("certificate.json"), "what was there").unwrap();
    json_of(&as_person(&bench, "ben", &[&["audit", "certify", "--approve", "--out", out.to_str().unwrap()][..], &READ].concat()));
    for name in ["certificate.json", "certificate.md"] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(out.join(name)).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let carried = || {
        let place = bench.path("bundle");
        bench.json(&["export", "", "--shape", "hf-sft", "--override", "answers=a trial", "--override", "rows=a trial", "--out", place.to_str().unwrap()]);
        place.join("certificate.json").exists()
    };
    assert!(carried());
    let value = bench.json(&["audit", "--status", "all"])["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    let decide = |verdict: &str, who: &str| drop(bench.json(&["audit", "decide", &value, verdict, "--note", "made up", "--reviewer", who]));
    ["ana", "ben"].iter().for_each(|who| decide("keep", who));
    assert!(!carried(), "what was redacted when they signed is kept now");
    ["ana", "ben"].iter().for_each(|who| drop(bench.json(&["undo", "--reviewer", who])));
    assert!(carried(), "as it was when they signed");
    decide("redact", "ben");
    assert!(!carried(), "another person, for another reason");
    bench.json(&["undo", "--reviewer", "ben"]);
    bench.json(&["consent", &file, "--until", "2099-01-01T00:00:00Z", "--reviewer", "ana"]);
    assert!(!carried(), "something else was said of consent");
    bench.json(&["undo", "--reviewer", "ana"]);
    assert!(carried());
    let verified = bench.json(&["verify", bench.path("bundle").to_str().unwrap(), "--workspace", bench.path("ws").to_str().unwrap()]);
    assert_eq!(verified["ok"], true, "{verified}");
    // What was decided since makes it void now, and does not change what it was.
    decide("keep", "ana");
    let verified = bench.json(&["verify", bench.path("bundle").to_str().unwrap(), "--workspace", bench.path("ws").to_str().unwrap()]);
    assert_eq!(verified["ok"], true, "{verified}");
}
