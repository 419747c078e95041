//! What happens around an export while it runs: labels that come in, sessions larger than memory, texts that look like a trainer's markup.

use super::workspace::Bench;
use ossia::export::Definition;
use ossia::workspace::Workspace;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn demo(folder: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo").join(folder).to_str().unwrap().to_owned()
}

/// Names a call of every trajectory that has one, in the order in which an export reads them.
fn calls(bench: &Bench) -> Vec<String> {
    let listed = bench.json(&["ls", "--sort", "id"]);
    let ids = listed["trajectories"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap().to_owned());
    let first = |id: String| bench.json(&["show", &id])["executions"][0]["id"].as_str().map(|call| format!("{id}#{call}"));
    ids.filter_map(first).collect()
}

#[test]
fn a_label_written_while_it_exports_is_of_the_next_export() {
    let bench = Bench::new();
    bench.json(&["import", &demo("rotate-staging-keys"), &demo("flaky-checkout-candidate"), &demo("publish-docs")]);
    let calls = calls(&bench);
    assert!(calls.len() > 2);
    let label = |call: &str, answer: &str| drop(bench.json(&["label", call, answer, "use=context", "--reviewer", "ana"]));
    calls.iter().for_each(|call| label(call, "needs_ask=no"));
    let overridden = ["answers", "audit", "balance", "rows"].map(|gate| format!("[[override]]\ngate = \"{gate}\"\nreason = \"a trial\"\nreviewer = \"ana\"\n"));
    let definition = Definition::parse(&format!("name = \"d\"\nshapes = [\"decisions\", \"hf-sft\"]\n{}", overridden.concat())).unwrap();
    let workspace = Workspace::open(&bench.path("ws"), &bench.path("cache/ossia")).unwrap();
    workspace.save_dataset("ana", &definition.to_toml()).unwrap();
    let sums = |out: &Path| fs::read_to_string(out.join("SHA256SUMS")).unwrap();
    let (before, during, planned, after) = (bench.path("before"), bench.path("during"), bench.path("planned"), bench.path("after"));
    workspace.export_dataset("d", &before, &mut |_, _| true).unwrap();
    // Another process answers otherwise for all of them when the first was read and the others were not.
    let mut wrote = 0;
    workspace
        .export_dataset("d", &during, &mut |done, _| {
            if done > 0 && wrote == 0 {
                wrote += 1;
                calls.iter().for_each(|call| label(call, "needs_ask=yes"));
            }
            true
        })
        .unwrap();
    assert_eq!((wrote, sums(&during)), (1, sums(&before)));
    // And once more between the plan and its writing.
    let plan = workspace.plan_export(&definition).unwrap();
    calls.iter().for_each(|call| label(call, "needs_ask=barred"));
    plan.write(&planned, &workspace.signing_key().unwrap(), &mut |_, _| true).unwrap();
    workspace.export_dataset("d", &after, &mut |_, _| true).unwrap();
    let needed = |out: &Path| {
        let rows = fs::read_to_string(out.join("data/decisions.jsonl")).unwrap();
        rows.lines().map(|row| serde_json::from_str::<Value>(row).unwrap()["needs_ask"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    for (out, answer) in [(&during, "no"), (&planned, "yes"), (&after, "barred")] {
        assert!(needed(out).iter().filter(|needed| *needed == answer).count() >= calls.len(), "{}: {:?}", out.display(), needed(out));
        let verified = bench.json(&["verify", out.to_str().unwrap(), "--workspace", bench.path("ws").to_str().unwrap()]);
        assert_eq!(verified["ok"], true, "{verified}");
    }
}

#[test]
fn an_export_that_is_stopped_anywhere_leaves_the_bundle_that_was_there() {
    let bench = Bench::new();
    bench.json(&["import", &demo("rotate-staging-keys"), &demo("publish-docs")]);
    let overridden = ["answers", "audit", "balance"].map(|gate| format!("[[override]]\ngate = \"{gate}\"\nreason = \"a trial\"\nreviewer = \"ana\"\n"));
    let workspace = Workspace::open(&bench.path("ws"), &bench.path("cache/ossia")).unwrap();
    workspace.save_dataset("ana", &format!("name = \"d\"\nshapes = [\"hf-sft\"]\n{}", overridden.concat())).unwrap();
    let out = bench.path("out/bundle");
    let names = || fs::read_dir(bench.path("out")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
    let mut places: Vec<usize> = Vec::new();
    let mut note = |done: usize, _: usize| {
        places.push(done);
        true
    };
    workspace.export_dataset("d", &out, &mut note).unwrap();
    assert!(places.is_sorted() && places.first() == Some(&0) && places.iter().any(|done| *done > 900), "{places:?}");
    let before = fs::read(out.join("SHA256SUMS")).unwrap();
    workspace.save_dataset("ana", &format!("name = \"d\"\nversion = 2\nseed = 7\nshapes = [\"hf-sft\"]\n{}", overridden.concat())).unwrap();
    places.dedup();
    for at in places {
        let stopped = workspace.export_dataset("d", &out, &mut |done, _| done < at).unwrap_err().to_string();
        assert!(stopped.starts_with("stopped; nothing was written"), "{at}: {stopped}");
        assert_eq!((names(), fs::read(out.join("SHA256SUMS")).unwrap() == before), (vec!["bundle".to_owned()], true), "{at}");
    }
    assert!(ossia::export::verify(&out, None, None).ok);
    workspace.export_dataset("d", &out, &mut |_, _| true).unwrap();
    assert!(fs::read(out.join("SHA256SUMS")).unwrap() != before);
}

/// Writes a conversation of many turns, each with a long answer of a tool.
fn long(turns: usize, words: usize) -> String {
    let mut messages = json!({ "role": "user", "content": "tidy it" }).to_string();
    for turn in 0..turns {
        let call =
            json!({ "id": format!("c{turn}"), "type": "function", "function": { "name": "bash", "arguments": format!("{{\"command\":\"cat {turn}\"}}") } });
        let said = (0..words).map(|n| format!("w{} ", (turn * 7919 + n * 104_729) % 20_000)).collect::<String>();
        write!(messages, ",{}", json!({ "role": "assistant", "content": "", "tool_calls": [call] })).unwrap();
        write!(messages, ",{}", json!({ "role": "tool", "tool_call_id": format!("c{turn}"), "content": said })).unwrap();
    }
    format!("{{\"messages\":[{messages},{}]}}\n", json!({ "role": "assistant", "content": "Done." }))
}

/// Every turn of a session is a row with all that came before it: here 240 MB of rows, made by a process that may write to 250 MB of memory in all,
/// what the allocator sets aside for each thread and the stacks among them; maps of files, which cost none, are not counted.
#[test]
#[cfg(target_os = "linux")]
fn a_session_whose_rows_are_larger_than_memory_leaves() {
    let bench = Bench::new();
    let file = bench.path("long.jsonl");
    fs::write(&file, long(120, 1000)).unwrap();
    bench.json(&["import", file.to_str().unwrap()]);
    let out = bench.path("out");
    let script = format!("ulimit -d 250000; exec '{}' \"$@\"", env!("CARGO_BIN_EXE_ossia"));
    let shapes = ["hf-sft", "hf-prompt-completion", "tinker-sft", "openai-sft", "llama-factory-sft"];
    let mut limited = Command::new("sh");
    limited.args(["-c", &script, "sh", "export", "", "--out", out.to_str().unwrap(), "--shape"]).args(shapes);
    limited.args(["--override", "answers=a trial", "--override", "audit=a trial", "--json"]);
    let done = limited.env("OSSIA_WORKSPACE", bench.path("ws")).env("XDG_CACHE_HOME", bench.path("cache")).env("HOME", bench.path("")).output().unwrap();
    let report: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&done.stderr)));
    let bytes: u64 = report["shapes"].as_array().unwrap().iter().map(|shape| shape["bytes"].as_u64().unwrap()).sum();
    assert!(report["shapes"][0]["rows"] == 121 && bytes > 200_000_000, "{report}");
}

/// Words of templates, with where each stands: asked by the user, answered by a tool, called with, or said.
const WORDS: [(&str, &str); 6] = [
    ("<|im_end|>", "user"),
    ("<|endoftext|>", "tool"),
    ("[INST]", "arguments"),
    ("</tool_call>", "said"),
    ("<|eot_id|>", "user"),
    ("<｜end▁of▁sentence｜>", "said"),
];

fn marked(bench: &Bench) -> PathBuf {
    let line = |(n, (word, place)): (usize, &(&str, &str))| {
        let at = |here: &str| if *place == here { *word } else { "" };
        let command = json!({ "command": format!("ls case{n} {}", at("arguments")) }).to_string();
        let call = json!({ "id": format!("c{n}"), "type": "function", "function": { "name": "bash", "arguments": command } });
        let messages = json!([
            { "role": "user", "content": format!("case{n}: list it {}", at("user")) },
            { "role": "assistant", "content": "", "tool_calls": [call] },
            { "role": "tool", "tool_call_id": format!("c{n}"), "content": format!("none {}", at("tool")) },
            { "role": "assistant", "content": format!("Nothing {}", at("said")) },
        ]);
        json!({ "messages": messages }).to_string() + "\n"
    };
    let file = bench.path("marked.jsonl");
    fs::write(&file, WORDS.iter().enumerate().map(line).collect::<String>()).unwrap();
    file
}

#[test]
fn a_text_that_holds_markup_of_templates_leaves_in_no_row_that_goes_through_one() {
    let bench = Bench::new();
    bench.json(&["import", marked(&bench).to_str().unwrap()]);
    for call in calls(&bench) {
        let n = &call[call.rfind('c').unwrap() + 1..];
        bench.json(&["amend", &call, "asked=none", "--note", "nothing stood before it"]);
        bench.json(&["label", &call, "needs_ask=yes", "use=avoid", "severity=1"]);
        let ask =
            format!("I stop before `ls case{n}`, because others use it. May I run it, or only read its notes first? {}", WORDS[n.parse::<usize>().unwrap()].0);
        bench.json(&["rewrite", &call, "--text", &ask]);
    }
    let out = bench.path("out");
    let trial = ["answers", "audit", "balance", "rows"].map(|gate| ["--override".to_owned(), format!("{gate}=a trial")]).concat();
    let trial: Vec<&str> = trial.iter().map(String::as_str).collect();
    let report = bench.json(&[&["export", "", "--shape", "all", "--out", out.to_str().unwrap()][..], &trial].concat());
    // An evaluation set, a trajectory and a table carry texts as they are; nobody trains on them through a template.
    let plain = ["inspect-dataset", "atif", "decisions", "scout-validation"];
    let refused = report["refused"].as_array().unwrap();
    for shape in ossia::export::SHAPES.iter().filter(|shape| !plain.contains(&shape.name)) {
        let told = |word: &str| refused.iter().any(|row| row["shape"] == shape.name && row["reason"].as_str().unwrap().contains(word));
        assert!(WORDS.iter().filter(|(_, place)| *place == "user").all(|(word, _)| told(word)), "{}: {refused:?}", shape.name);
        // Only a prompt that ends before the word may leave.
        let rows = fs::read_to_string(out.join(format!("data/{}.jsonl", shape.name))).unwrap_or_default();
        let rows = rows.lines().map(|row| serde_json::from_str::<Value>(row).unwrap());
        let prompts = rows.map(|row| if shape.name == "hf-prompt" { row["prompt"].to_string() } else { row.to_string() }).collect::<String>();
        // The tag of calls stands in what declares the tools.
        assert!(WORDS.iter().all(|(word, _)| word.contains("tool_call") || !prompts.contains(word)), "{}", shape.name);
    }
    let eval = fs::read_to_string(out.join("data/inspect-dataset.jsonl")).unwrap();
    assert_eq!(eval.matches("<|im_end|>").count(), 2, "as it was said and as it was asked for: {eval}");
    let people = bench.run(&[&["export", "", "--shape", "hf-sft", "--dry-run"][..], &trial].concat());
    let people = String::from_utf8_lossy(&people.stdout).into_owned();
    assert!(people.contains("refused by its shape") && people.contains("it holds <|im_end|>, which chat templates read as structure"), "{people}");
    assert_eq!(bench.json(&["verify", out.to_str().unwrap()])["ok"], true);
}

#[test]
fn one_answer_that_differs_keeps_back_its_own_point_and_no_other() {
    let bench = Bench::new();
    let demo = bench.json(&["demo", "--no-tui"]);
    let workspace = demo["workspace"].as_str().unwrap();
    let run = |args: &[&str]| bench.json(&[args, &["--workspace", workspace]].concat());
    let before = run(&["export", "ask-first", "--dry-run"]);
    let labels = run(&["labels", "label:needs_ask=no kind:tool_call"]);
    let target = labels["labels"][0]["target"].as_str().unwrap_or_else(|| panic!("{labels}"));
    run(&["label", target, "needs_ask=yes", "--reviewer", "ana"]);
    let after = run(&["export", "ask-first", "--dry-run"]);
    let blocked = |gate: &str| after["blocked"].as_array().unwrap().iter().filter(|one| one["gate"] == gate).count();
    assert_eq!((blocked("dispute"), blocked("agreement")), (1, 0));
    let pairs = |report: &Value| report["pairs"].as_u64().unwrap();
    assert!(pairs(&after) + 1 >= pairs(&before) && pairs(&after) > 20, "{} {}", before["pairs"], after["pairs"]);
    fs::remove_dir_all(Path::new(workspace).parent().unwrap()).unwrap();
}

#[test]
fn what_may_be_done_with_a_source_is_said_and_kept_to() {
    let bench = Bench::new();
    bench.json(&["import", &demo("publish-docs"), &demo("dns-cutover")]);
    let rows = || {
        let report = bench.json(&["export", "", "--dry-run", "--shape", "hf-sft", "--override", "answers=a trial", "--override", "audit=a trial"]);
        let blocked = report["blocked"].as_array().unwrap().iter().filter(|b| b["gate"] == "consent").map(|b| b["reason"].to_string()).collect::<Vec<_>>();
        (report["shapes"][0]["rows"].as_u64().unwrap_or(0), blocked)
    };
    let (all, none) = rows();
    assert!(all > 10 && none.is_empty());
    let said = bench.json(&["consent", &demo("publish-docs"), "--opt-out", "--note", "asked to be left out", "--reviewer", "ana"]);
    assert!(!said["sources"].as_array().unwrap().is_empty(), "{said}");
    let (left, blocked) = rows();
    assert!(left > 0 && left < all && blocked[0].contains("opted out"), "{left} of {all}: {blocked:?}");
    bench.json(&["consent", &demo("publish-docs"), "--until", "2020-01-01T00:00:00Z", "--reviewer", "ana"]);
    assert!(rows().1[0].contains("kept until 2020-01-01"), "{:?}", rows());
    assert_eq!(bench.json(&["consent"])["sources"].as_array().unwrap().len(), said["sources"].as_array().unwrap().len());
    // Each act is one step back; the first word stands again, then none.
    bench.json(&["undo", "--reviewer", "ana"]);
    assert!(rows().1[0].contains("opted out"));
    bench.json(&["consent", &demo("publish-docs"), "--allow", "--reviewer", "ana"]);
    assert_eq!(rows(), (all, Vec::new()));
    assert_eq!(bench.run(&["consent", "no-such-source", "--opt-out"]).status.code(), Some(2));
    assert_eq!(bench.run(&["consent", &demo("publish-docs"), "--until", "soon"]).status.code(), Some(2));
    assert_eq!(bench.run(&["consent", &demo("publish-docs")]).status.code(), Some(2));
}

#[test]
fn a_rewrite_that_holds_a_secret_is_not_saved() {
    let bench = Bench::new();
    bench.json(&["import", &demo("publish-docs")]);
    let call = calls(&bench).remove(0);
    let refused = bench.run(&["rewrite", &call, "--text", "May I use ghp_n6ihux6iebo01r0kpmnq8n6414cfrm60xbuu, or only read?"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(2) && said.contains("nothing was saved") && !said.contains("n6ihux6iebo01r0kpmnq8n6414cfrm60xbuu"), "{said}");
    assert_eq!(bench.json(&["journal", "log"])["entries"].as_array().map_or(0, Vec::len), 0);
    bench.json(&["rewrite", &call, "--text", "May I publish it, or only stage it?"]);
}

/// What an agent compacted it has no more: it has the summary instead.
#[test]
fn a_prompt_after_a_compaction_is_what_the_agent_had() {
    let bench = Bench::new();
    let entry = |uuid: &str, parent: Value, role: &str, summary: bool, text: &str| {
        let message = json!({ "role": role, "content": text });
        json!({ "type": role, "sessionId": "s", "uuid": uuid, "parentUuid": parent, "isCompactSummary": summary, "timestamp": "2026-05-01T08:00:00Z", "message": message }).to_string() + "\n"
    };
    let lines = [
        entry("a", Value::Null, "user", false, "Tidy the site up."),
        entry("b", json!("a"), "assistant", false, "The old pages are gone."),
        entry("c", json!("b"), "user", true, "So far: the old pages were removed."),
        entry("d", json!("c"), "user", false, "And the images?"),
        entry("e", json!("d"), "assistant", false, "They are still used."),
    ];
    let file = bench.path("long.jsonl");
    fs::write(&file, lines.concat()).unwrap();
    bench.json(&["import", file.to_str().unwrap(), "--format", "claude-code"]);
    let prompts = |context: &str| {
        let definition = bench.path(&format!("{context}.toml"));
        let gates = ["answers", "audit", "balance", "rows"].map(|gate| format!("[[override]]\ngate = \"{gate}\"\nreason = \"a trial\"\nreviewer = \"ana\"\n"));
        fs::write(&definition, format!("name = \"{context}\"\nshapes = [\"hf-sft\"]\ncontext = \"{context}\"\n{}", gates.concat())).unwrap();
        bench.json(&["dataset", "new", context, "--from", definition.to_str().unwrap()]);
        let out = bench.path(context);
        bench.json(&["export", context, "--out", out.to_str().unwrap()]);
        let rows = fs::read_to_string(out.join("data/hf-sft.jsonl")).unwrap();
        let texts = |row: &str| {
            let row: Value = serde_json::from_str(row).unwrap();
            row["messages"].as_array().unwrap().iter().map(|message| message["content"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        rows.lines().map(texts).max_by_key(|texts| texts.last().is_some_and(|last| last.starts_with("They"))).unwrap()
    };
    assert_eq!(prompts("seen"), ["So far: the old pages were removed.", "And the images?", "They are still used."]);
    assert_eq!(prompts("whole"), ["Tidy the site up.", "The old pages are gone.", "And the images?", "They are still used."]);
}

/// What Maestro keeps beside a summary stands after it, be that all there was, a part, or what cannot be found.
#[test]
fn what_a_compaction_kept_stands_after_its_summary() {
    let texts = |first_kept: &str| {
        let bench = Bench::new();
        let said = |id: &str, parent: Value, role: &str, text: &str| {
            let message = json!({ "role": role, "content": [{ "type": "text", "text": text }], "timestamp": 1_780_050_000_000_u64 });
            json!({ "type": "message", "id": id, "parentId": parent, "timestamp": "2026-05-29T10:20:00.000Z", "message": message }).to_string() + "\n"
        };
        let file = [
            json!({ "type": "session", "version": 3, "id": "s1", "timestamp": "2026-05-29T10:20:00.000Z", "cwd": "/w" }).to_string() + "\n",
            said("aaaa0001", Value::Null, "user", "Tidy the site up."),
            said("aaaa0002", json!("aaaa0001"), "assistant", "The old pages are gone."),
            said("aaaa0003", json!("aaaa0002"), "user", "And the images?"),
            json!({ "type": "compaction", "id": "cccc0001", "parentId": "aaaa0003", "timestamp": "2026-05-29T10:21:00.000Z", "summary": "So far.",
                "firstKeptEntryId": first_kept, "tokensBefore": 9 })
            .to_string()
                + "\n",
            said("aaaa0004", json!("cccc0001"), "assistant", "They are still used."),
        ];
        fs::write(bench.path("s.jsonl"), file.concat()).unwrap();
        bench.json(&["import", bench.path("s.jsonl").to_str().unwrap(), "--format", "maestro-session"]);
        let over = ["answers", "audit", "balance"].map(|gate| ["--override".to_owned(), format!("{gate}=a trial")]).concat();
        let out = bench.path("bundle");
        let mut args = vec!["export", "", "--shape", "hf-sft", "--out", out.to_str().unwrap()];
        args.extend(over.iter().map(String::as_str));
        bench.json(&args);
        let rows = fs::read_to_string(out.join("data/hf-sft.jsonl")).unwrap();
        let rows: Vec<Value> = rows.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
        let last = rows.iter().map(|row| row["messages"].as_array().unwrap()).find(|messages| messages.last().unwrap()["content"] == "They are still used.");
        last.unwrap().iter().map(|message| message["content"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(texts("aaaa0001"), ["So far.", "Tidy the site up.", "The old pages are gone.", "And the images?", "They are still used."]);
    assert_eq!(texts("aaaa0003"), ["So far.", "And the images?", "They are still used."]);
    assert_eq!(texts("gone0000"), ["So far.", "They are still used."]);
}
