//! Pairs through the real program: found in what was recorded, decided, taken back, refused, and exported.

use super::workspace::Bench;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn fixture(folder: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder).to_str().unwrap().to_owned()
}

/// Writes a Claude Code session of one request and one turn; a fork shares the request's entry.
fn session(bench: &Bench, id: &str, request: &str, answer: &str) -> String {
    let entry = |uuid: &str, parent: Option<&str>, kind: &str, content: Value| {
        let at = "2026-05-01T10:00:00.000Z";
        json!({"type": kind, "uuid": uuid, "parentUuid": parent, "sessionId": id, "timestamp": at, "cwd": "/w", "version": "2.0.0",
            "isSidechain": false, "userType": "external", "message": {"role": kind, "content": content}})
    };
    let answered = json!([{"type": "text", "text": answer}]);
    let own = format!("{id}-answer-0001");
    let lines = [entry(request, None, "user", json!("Tidy the build folder.")), entry(&own, Some(request), "assistant", answered)];
    let path = bench.path(&format!("{id}.jsonl"));
    fs::write(&path, lines.map(|line| format!("{line}\n")).concat()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn sources(found: &Value) -> Vec<&str> {
    let mut sources: Vec<&str> = found["pairs"].as_array().unwrap().iter().map(|pair| pair["source"].as_str().unwrap()).collect();
    sources.sort_unstable();
    sources.dedup();
    sources
}

#[test]
fn every_source_is_suggested_with_a_verified_prefix() {
    let bench = Bench::new();
    let mut files = ["demo", "assembled/tree"].map(fixture).to_vec();
    let first = "f3b1c2d4-entry-0001";
    files.push(session(&bench, "one", first, "I remove dist."));
    files.push(session(&bench, "two", first, "May I remove dist?"));
    files.push(session(&bench, "three", "a9d8e7f6-entry-0002", "I list the folder first."));
    bench.json(&[&["import"][..], &files.iter().map(String::as_str).collect::<Vec<_>>()].concat());
    let found = bench.json(&["pairs", "id:claude-code:one"]);
    let sides = found["pairs"].as_array().unwrap().iter().flat_map(|pair| [&pair["left"], &pair["right"]]);
    let turn = sides.filter(|side| side["trajectory"] == "claude-code:one").find_map(|side| side["name"].as_str()).unwrap();
    bench.json(&["rewrite", turn, "--text", "May I remove dist, which the build makes again?"]);
    let found = bench.json(&["pairs"]);
    assert_eq!(sources(&found), ["arm", "branch", "denial", "fork", "rewrite", "run"], "{found}");
    assert_eq!(found["schema"], "ossia.pairs.v1");
    for pair in found["pairs"].as_array().unwrap() {
        assert_eq!((&pair["prefix"]["verified"], &pair["refused"], &pair["chosen"]), (&json!(true), &Value::Null, &Value::Null), "{pair}");
        assert_ne!(pair["left"]["turn"], pair["right"]["turn"], "{pair}");
        assert!(pair["after_denial"] == true || pair["source"] != "denial", "{pair}");
    }
    let arms = bench.json(&["pairs", "arm:candidate"]);
    assert!(arms["pairs"].as_array().unwrap().iter().all(|pair| pair["left"]["arm"] == "candidate" || pair["right"]["arm"] == "candidate"));
    assert!(arms["total"].as_u64() < found["total"].as_u64());
    assert_eq!(bench.run(&["pairs", "nothing-has-this-word"]).status.code(), Some(1));
}

#[test]
fn a_choice_is_kept_disputed_and_taken_back() {
    let bench = Bench::new();
    let (one, two) = (session(&bench, "one", "a9d8e7f6-entry-0001", "I remove dist."), session(&bench, "two", "a9d8e7f6-entry-0002", "May I remove dist?"));
    bench.json(&["import", &one, &two]);
    let choose = |left: &str, right: &str, side: &str, who: &str| {
        bench.json(&["pair", left, right, "--chosen", side, "--strength", "3", "--reason", "it asks", "--reviewer", who])["pair"].clone()
    };
    let chosen = choose("claude-code:one", "claude-code:two", "right", "ana");
    assert_eq!(
        (&chosen["chosen"], &chosen["strength"], &chosen["reason"], &chosen["disputed"]),
        (&json!("right"), &json!(3), &json!("it asks"), &json!(false))
    );
    let names = [&chosen["left"]["name"], &chosen["right"]["name"]].map(|name| name.as_str().unwrap().to_owned());
    // The same choice with the sides changed about agrees.
    let agreed = choose(&names[1], &names[0], "left", "ben");
    assert_eq!((&agreed["id"], &agreed["disputed"], agreed["reviewers"].as_array().unwrap().len()), (&chosen["id"], &json!(false), 2));
    let disputed = choose(&names[0], &names[1], "tie", "ben");
    assert_eq!((&disputed["disputed"], &disputed["chosen"]), (&json!(true), &Value::Null));
    let listed = bench.json(&["pairs"]);
    assert_eq!((&listed["pairs"][0]["disputed"], &listed["decided"]), (&json!(true), &json!(0)));
    bench.json(&["undo", "--reviewer", "ben"]);
    assert_eq!((&bench.json(&["pairs"])["decided"], &bench.json(&["pairs", "--open"])["pairs"]), (&json!(1), &json!([])));
    // What a side says changed: the choice was given to something else.
    fs::write(bench.path("one.jsonl"), fs::read_to_string(&one).unwrap().replace("I remove dist.", "I remove dist and logs.")).unwrap();
    bench.json(&["import", "--rehash", &one]);
    assert_eq!(bench.json(&["pairs"])["pairs"][0]["stale"], true);
}

#[test]
fn what_is_no_pair_says_where_it_first_differs() {
    let bench = Bench::new();
    bench.json(&["import", &fixture("demo/publish-docs"), &fixture("demo/dns-cutover")]);
    let listed = bench.json(&["ls"]);
    let ids: Vec<&str> = listed["trajectories"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    let said = |left: &str, right: &str| {
        let ended = bench.run(&["pair", left, right, "--chosen", "left"]);
        assert_eq!(ended.status.code(), Some(2));
        String::from_utf8(ended.stderr).unwrap()
    };
    let apart = said(ids[0], ids[1]);
    assert!(apart.contains("the prefixes differ at message 2, the user, in its text:") && apart.contains("nothing was recorded"), "{apart}");
    assert!(said(ids[0], ids[0]).contains("one trajectory"));
    assert!(said(&format!("rewrite:{}#toolu_fbe3b704", ids.iter().find(|id| id.contains("31809a1a")).unwrap()), ids[0]).contains("nobody rewrote that turn"));
    assert_eq!(bench.json(&["journal", "log"])["entries"].as_array().map_or(0, Vec::len), 0);
}

#[test]
fn a_choice_comes_before_the_derived_pair_and_never_against_the_labels() {
    let bench = Bench::new();
    let demo = bench.json(&["demo", "--no-tui"]);
    let workspace = demo["workspace"].as_str().unwrap();
    let run = |args: &[&str]| bench.json(&[args, &["--workspace", workspace]].concat());
    let pairs = |out: &str| {
        let report = run(&["export", "ask-first", "--shape", "hf-preference", "--out", bench.path(out).to_str().unwrap()]);
        let lines = fs::read_to_string(bench.path(out).join("data/hf-preference.jsonl")).unwrap();
        let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (report, rows)
    };
    let with =
        |rows: &[Value], text: &str| rows.iter().filter(|row| row["chosen"].to_string().contains(text)).map(|row| row["margin"].clone()).collect::<Vec<_>>();
    let before = pairs("before").1;
    assert_eq!(with(&before, "destroys `shop_legacy`").len(), 1);
    let turn = "maestro:022a5aa7-1a80-460b-988c-defbb2ed8ae4#call_d4aa6e02";
    let rewrite = format!("rewrite:{turn}");
    run(&["pair", turn, &rewrite, "--chosen", "right", "--strength", "3", "--reviewer", "ana"]);
    let (_, rows) = pairs("stronger");
    assert_eq!((with(&rows, "destroys `shop_legacy`"), rows.len()), (vec![json!(1.0)], before.len()), "the derived pair takes the strength");
    run(&["pair", turn, &rewrite, "--chosen", "tie", "--reviewer", "ana"]);
    let (report, rows) = pairs("tie");
    assert_eq!(with(&rows, "destroys `shop_legacy`").len(), 0);
    assert!(report["blocked"].to_string().contains("neither side was found better"));
    // A third settles what two see differently, and may think better of it.
    run(&["pair", turn, &rewrite, "--chosen", "right", "--reviewer", "bo"]);
    assert!(pairs("differ").0["blocked"].to_string().contains("reviewers chose differently"));
    let settled = run(&["pair", turn, &rewrite, "--chosen", "tie", "--reviewer", "cy"]);
    assert_eq!((&settled["pair"]["chosen"], &settled["pair"]["disputed"]), (&json!("tie"), &json!(false)));
    run(&["pair", turn, &rewrite, "--chosen", "right", "--strength", "2", "--reviewer", "cy"]);
    assert_eq!(with(&pairs("settled").1, "destroys `shop_legacy`"), vec![json!(2.0 / 3.0)]);
    run(&["pair", turn, &rewrite, "--chosen", "tie", "--reviewer", "cy"]);
    // The labels say that the turn after this refusal follows it; the refused call once more is worth -1.
    let after = "maestro:31809a1a-326e-4ecc-beca-169f766b79f3#toolu_fbe3b704";
    run(&["pair", after, &format!("repeat:{after}"), "--chosen", "right", "--reviewer", "ana"]);
    let (report, _) = pairs("against");
    assert!(report["blocked"].to_string().contains("the labels make the chosen side worth -1.00"));
    // A choice between arms leaves with its strength, and is traced to its decision.
    run(&["pair", "maestro:3cb2cda5-0dbb-41fe-9ddd-ec66283d3946", "maestro:483904c8-40d1-4c0d-8532-63479560f74c", "--chosen", "left", "--reviewer", "ana"]);
    let (_, rows) = pairs("arms");
    assert_eq!(with(&rows, "what refers to them before I change a row").len(), 1);
    let bundle = bench.path("arms");
    assert_eq!(run(&["verify", bundle.to_str().unwrap()])["ok"], true);
    let lineage = fs::read_to_string(bundle.join("lineage.jsonl")).unwrap();
    assert!(lineage.lines().any(|line| line.contains("\"kind\":\"pair\"") && line.contains("\"origin\":\"arm\"")), "{lineage}");
    fs::remove_dir_all(Path::new(workspace).parent().unwrap()).unwrap();
}

#[test]
fn thinking_leaves_in_both_sides_of_a_pair_or_in_neither() {
    let bench = Bench::new();
    let demo = bench.json(&["demo", "--no-tui"]);
    let workspace = demo["workspace"].as_str().unwrap();
    let shown = String::from_utf8(bench.run(&["dataset", "show", "ask-first", "--workspace", workspace]).stdout).unwrap();
    let file = bench.path("thinking.toml");
    fs::write(&file, shown.replace("thinking = false", "thinking = true").replace("name = \"ask-first\"", "name = \"aloud\"")).unwrap();
    bench.json(&["dataset", "new", "aloud", "--from", file.to_str().unwrap(), "--workspace", workspace]);
    let out = bench.path("bundle");
    let report = bench.json(&["export", "aloud", "--shape", "hf-preference", "hf-sft", "--workspace", workspace, "--out", out.to_str().unwrap()]);
    let rows = |shape: &str| {
        let text = fs::read_to_string(out.join(format!("data/{shape}.jsonl"))).unwrap();
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
    };
    let thinks = |row: &Value, side: &str| row[side][0]["reasoning_content"].is_string();
    assert!(rows("hf-preference").iter().all(|row| thinks(row, "chosen") == thinks(row, "rejected")));
    // What is learnt alone keeps its own.
    assert!(rows("hf-sft").iter().any(|row| row["messages"].as_array().unwrap().last().unwrap()["reasoning_content"].is_string()));
    let lost = |shape: &str| report["shapes"].as_array().unwrap().iter().find(|s| s["shape"] == shape).unwrap()["not_carried"]["one_sided_thinking"].clone();
    assert!(lost("hf-preference").as_u64().is_some_and(|n| n > 0) && lost("hf-sft").is_null(), "{report}");
    fs::remove_dir_all(Path::new(workspace).parent().unwrap()).unwrap();
}
