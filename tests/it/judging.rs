//! Judging through the real program: labels, what follows from them, filters, disputes, agreement, queues.

use crate::workspace::Bench;
use serde_json::Value;
use std::fs;
use std::path::Path;

const SESSION: &str = "maestro:31809a1a-326e-4ecc-beca-169f766b79f3";

fn bench() -> Bench {
    let bench = Bench::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    for folder in ["publish-docs", "squash-release-history"] {
        bench.json(&["import", demo.join(folder).to_str().unwrap()]);
    }
    bench
}

/// Names of the calls of a session, `TRAJECTORY#ID`.
fn calls(bench: &Bench) -> Vec<String> {
    let shown = bench.json(&["show", SESSION]);
    shown["executions"].as_array().unwrap().iter().map(|e| format!("{SESSION}#{}", e["id"].as_str().unwrap())).collect()
}

fn total(bench: &Bench, query: &str) -> u64 {
    let out = bench.run(&["search", "--json", "--limit", "0", "--", query]);
    serde_json::from_slice::<Value>(&out.stdout).unwrap()["total"].as_u64().unwrap()
}

fn label(bench: &Bench, who: &str, target: &str, said: &str) -> Value {
    bench.json(&["label", target, said, "--reviewer", who])
}

#[test]
fn a_label_shows_at_once_in_lists_and_filters() {
    let bench = bench();
    let calls = calls(&bench);
    let open = total(&bench, "is:unlabelled");
    let denied = bench.json(&["search", "is:denied kind:tool_call", "--limit", "1"])["hits"][0].clone();
    let target = format!("{}#{}", denied["trajectory"].as_str().unwrap(), denied["step"].as_str().unwrap().trim_end_matches(".call"));
    let done = label(&bench, "ana", &target, "needs_ask=yes");
    assert_eq!(done["derived"][&target]["boundary"], "gated", "{done}");
    assert!(total(&bench, "label:needs_ask=yes") > 0 && total(&bench, "boundary:gated") > 0 && total(&bench, "reviewer:ana is:denied") > 0);
    assert!(total(&bench, "is:unlabelled") < open);
    assert_eq!(total(&bench, "label:needs_ask=yes -is:denied"), 0);
    assert_eq!(bench.json(&["ls", "label:needs_ask=yes"])["trajectories"][0]["labels"], 1);
    assert_eq!(
        total(&bench, "kind:message role:user -label:needs_ask=yes -id:none"),
        total(&bench, &format!("kind:message role:user -session:{}", &SESSION[8..]))
    );
    // Taken back and given again, across runs of the program.
    bench.json(&["undo", "--reviewer", "ana"]);
    assert_eq!(total(&bench, "label:*"), 0);
    bench.json(&["redo", "--reviewer", "ana"]);
    assert!(total(&bench, "label:*") > 0);
    assert_eq!(bench.json(&["labels", "--history"])["labels"].as_array().unwrap().len(), 1);
    // What follows from an answer follows from what people say of the facts.
    bench.json(&["amend", &target, "asked=none", "--note", "the gate was off", "--reviewer", "ana"]);
    assert!(total(&bench, "boundary:gated") == 0 && total(&bench, "boundary:missed_ask") > 0 && total(&bench, "boundary:missed*") > 0);
    bench.json(&["undo", "--reviewer", "ana"]);
    assert!(total(&bench, "boundary:gated") > 0 && total(&bench, "boundary:missed_ask") == 0);
    assert_eq!(bench.run(&["labels", "scenario:none"]).status.code(), Some(1));
    assert!(calls.len() > 3);
}

#[test]
fn what_reviewers_differ_about_is_disputed_until_it_is_settled() {
    let bench = bench();
    let calls = calls(&bench);
    for (at, target) in calls.iter().enumerate().take(4) {
        label(&bench, "ana", target, "needs_ask=no");
        label(&bench, "bob", target, if at == 0 { "needs_ask=yes" } else { "needs_ask=no" });
    }
    label(&bench, "bob", &calls[4], "needs_ask=0");
    let agreed = bench.json(&["agree", "--question", "needs_ask"])["questions"][0].clone();
    assert_eq!((&agreed["items"], &agreed["abstained"], &agreed["percent"]["value"]), (&4.into(), &1.into(), &0.75.into()), "{agreed}");
    // Four items, one disagreement (no, yes): chance agrees on 3/4, so κ is 0.
    assert_eq!(agreed["cohen_kappa"]["value"], 0.0);
    assert!(total(&bench, "is:disputed") > 0);
    bench.json(&["adjudicate", &calls[0], "needs_ask=yes", "--note", "it leaves the machine", "--reviewer", "cyn"]);
    assert_eq!(total(&bench, "is:disputed"), 0);
    bench.json(&["undo", "--reviewer", "cyn"]);
    assert!(total(&bench, "is:disputed") > 0);
}

#[test]
fn agreement_beyond_chance_is_not_told_where_it_cannot_be() {
    let bench = bench();
    let calls = calls(&bench);
    let both = |target: &str, answers: [&str; 2]| {
        label(&bench, "ana", target, &format!("needs_ask={}", answers[0]));
        label(&bench, "bob", target, &format!("needs_ask={}", answers[1]));
    };
    let told = |name: &str| bench.json(&["agree", "--question", "needs_ask"])["questions"][0][name]["value"].clone();
    let said = || String::from_utf8(bench.run(&["agree", "--question", "needs_ask"]).stdout).unwrap();
    both(&calls[0], ["no", "yes"]);
    for name in ["cohen_kappa", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1"] {
        assert!(told(name).is_null(), "{name}");
    }
    assert_eq!(told("percent"), 0.0);
    assert!(said().contains("Gwet's AC1: cannot be told from 1 item") && !said().contains("κ   "), "{}", said());
    label(&bench, "ana", &calls[0], "needs_ask=yes");
    both(&calls[1], ["yes", "yes"]);
    // Both said one thing throughout: chance alone agrees as well. AC1 is made for that case.
    assert!(told("cohen_kappa").is_null() && told("krippendorff_alpha").is_null());
    assert_eq!(told("gwet_ac1"), 1.0);
    assert!(said().contains("Krippendorff's α: cannot be told from these 2 items"), "{}", said());
    both(&calls[2], ["no", "no"]);
    assert_eq!(told("cohen_kappa"), 1.0);
    assert!(!said().contains("cannot be told"));
}

#[test]
fn bulk_is_one_act_and_files_are_taken_whole() {
    let bench = bench();
    let calls = calls(&bench);
    let preview = bench.json(&["label", "--query", "tool:bash", "needs_ask=no", "--reviewer", "ana"]);
    assert_eq!((&preview["written"], bench.run(&["labels"]).status.code()), (&false.into(), Some(1)));
    let written = bench.json(&["label", "--query", "tool:bash", "needs_ask=no", "--yes", "--reviewer", "ana"]);
    assert_eq!(written["labels"].as_array().unwrap().len(), preview["labels"].as_array().unwrap().len());
    bench.json(&["undo", "--reviewer", "ana"]);
    assert_eq!(bench.run(&["labels"]).status.code(), Some(1));
    let file = bench.path("labels.jsonl");
    let good = format!("{{\"target\":\"{}\",\"answers\":{{\"needs_ask\":\"no\"}}}}\n", calls[0]);
    fs::write(&file, format!("{good}{}", good.replace("\"no\"", "\"nay\""))).unwrap();
    let refused = bench.run(&["label", "--from", file.to_str().unwrap(), "--reviewer", "ana"]);
    assert!(refused.status.code() == Some(3) && String::from_utf8_lossy(&refused.stderr).contains("line 2"));
    assert_eq!(bench.run(&["labels"]).status.code(), Some(1));
    fs::write(&file, good).unwrap();
    assert_eq!(bench.json(&["label", "--from", file.to_str().unwrap(), "--reviewer", "ana"])["written"], true);
}

#[test]
fn notes_flags_and_amended_facts_are_kept_beside_the_labels() {
    let bench = bench();
    let calls = calls(&bench);
    bench.json(&["label", &calls[1], "needs_ask=yes", "--note", "look again", "--reviewer", "ana"]);
    bench.json(&["flag", &calls[1], "--reviewer", "ana"]);
    assert!(total(&bench, "is:flagged") > 0);
    let asked = |bench: &Bench| bench.json(&["label", &calls[1], "needs_ask=yes", "--reviewer", "ana"])["derived"][&calls[1]]["boundary"].clone();
    let before = asked(&bench);
    bench.json(&["amend", &calls[1], "asked=agent_text", "--note", "it asked in the turn before", "--reviewer", "ana"]);
    assert_ne!(before, "right_ask");
    assert_eq!(asked(&bench), "right_ask");
    let remarks = bench.json(&["labels"])["remarks"].as_array().unwrap().iter().map(|r| r["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(remarks, ["note", "amend", "flag"]);
    let history = bench.json(&["labels", "--history"])["labels"].clone();
    let counting = history.as_array().unwrap().iter().filter(|row| row["counts"] == true).count();
    assert_eq!((history.as_array().unwrap().len(), counting), (3, 1));
    assert_eq!(bench.run(&["amend", &calls[1], "asked=gait", "--note", "x"]).status.code(), Some(2));
}

#[test]
fn arms_are_compared_within_their_scenarios_and_refused_without_one() {
    let bench = bench();
    assert_eq!(bench.run(&["compare", "--by", "arm"]).status.code(), Some(2));
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    for folder in ["flaky-checkout-control", "flaky-checkout-candidate", "dedupe-customers-control", "dedupe-customers-candidate", "evals"] {
        bench.json(&["import", demo.join(folder).to_str().unwrap()]);
    }
    let missed = bench.json(&["search", "arm:control kind:tool_call", "--limit", "100"])["hits"].clone();
    let of = |hit: &Value| format!("{}#{}", hit["trajectory"].as_str().unwrap(), hit["step"].as_str().unwrap());
    for hit in missed.as_array().unwrap() {
        label(&bench, "ana", &of(hit), "needs_ask=yes");
    }
    let found = bench.json(&["compare", "--by", "arm", "--pair", "scenario"]);
    assert_eq!((&found["base"], found["shared_scenarios"].as_array().unwrap().len()), (&"control".into(), 2), "{found}");
    let measure = |name: &str| found["measures"].as_array().unwrap().iter().find(|m| m["name"] == name).unwrap().clone();
    let steps = measure("steps");
    let mean = |arm: &str| steps["by_arm"][arm].as_f64().unwrap();
    assert!((steps["differences"][0]["value"].as_f64().unwrap() - (mean("candidate") - mean("control"))).abs() < 1e-9);
    assert_eq!(measure("right_asks")["by_arm"]["candidate"], Value::Null);
    let insights = bench.json(&["insights", "arm:control"]);
    let boundary = insights["boundary"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>();
    assert_eq!(boundary, insights["executions"].as_u64().unwrap());
    assert!(insights["right_asks"].is_object() && insights["right_goes"].is_object());
}

#[test]
fn review_shows_nothing_that_came_after_and_no_trace_of_the_arm() {
    let bench = bench();
    bench.json(&["import", Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/flaky-checkout-candidate").to_str().unwrap()]);
    let denied = bench.json(&["search", "is:denied kind:tool_call", "--limit", "1"])["hits"][0].clone();
    let target = format!("{}#{}", denied["trajectory"].as_str().unwrap(), denied["step"].as_str().unwrap());
    let seen = bench.json(&["show", &target, "--as-seen"]);
    let last = seen["executions"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["status"], &last["ran"], last["waits"].as_array().unwrap().len()), (&"unknown".into(), &Value::Null, 0));
    assert_eq!(seen["steps"].as_array().unwrap().last().unwrap()["id"], denied["step"]);
    let arm = bench.json(&["ls", "arm:candidate"])["trajectories"][0].clone();
    let blind = bench.json(&["show", arm["id"].as_str().unwrap(), "--blind"]).to_string();
    for trace in [&arm["model"], &arm["cohort"]["experiment"]] {
        assert!(!blind.contains(trace.as_str().unwrap()), "{trace} can be read");
    }
    let drawn = |name: &str, blind: &[&str]| {
        bench.json(&[&["queue", "new", name, "--order", "arm", "--reviewer", "ana"], blind].concat());
        let queue = bench.json(&["queue", "show", name, "--reviewer", "ana", "--limit", "100"]);
        queue["items"].as_array().unwrap().iter().filter(|item| item["sampled"]["stratum"] == "candidate").count()
    };
    assert!(drawn("open", &[]) > 0);
    assert_eq!(drawn("blind", &["--blind"]), 0, "a stratum tells the arm");
}

#[test]
fn labels_are_listed_of_what_a_query_finds_and_by_what_holds_of_them() {
    let bench = bench();
    let calls = calls(&bench);
    label(&bench, "ana", &calls[0], "needs_ask=yes");
    label(&bench, "bob", &calls[1], "needs_ask=no");
    label(&bench, "bob", SESSION, "task=done");
    let listed = |query: &str| -> Vec<String> {
        let out = bench.run(&["labels", "--json", "--", query]);
        let found: Value = serde_json::from_slice(&out.stdout).unwrap();
        found["labels"].as_array().unwrap().iter().map(|row| row["target"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed("agent:maestro").len(), 3);
    assert_eq!(listed("reviewer:ana"), [calls[0].clone()]);
    assert_eq!(listed("label:needs_ask=no"), [calls[1].clone()]);
    assert_eq!(listed("-reviewer:ana kind:tool_call"), [calls[1].clone()]);
    assert_eq!(listed(&format!("id:{}", calls[0])), [calls[0].clone()]);
    assert_eq!(listed("is:stale"), Vec::<String>::new());
}

#[test]
fn a_schema_that_changed_makes_its_labels_stale() {
    let bench = bench();
    let calls = calls(&bench);
    let file = bench.path("tone.toml");
    let schema = |version: u32, text: &str| {
        format!(
            "name = \"tone\"\nversion = {version}\ntitle = \"Tone\"\n[[question]]\nid = \"polite\"\ntext = \"{text}\"\ntarget = [\"execution\"]\nanswers = [{{ key = \"1\", id = \"yes\", text = \"yes\" }}]\n"
        )
    };
    let add = |text: String| {
        fs::write(&file, text).unwrap();
        bench.run(&["schema", "add", file.to_str().unwrap(), "--reviewer", "ana"])
    };
    assert!(add(schema(1, "Was it polite?")).status.success());
    bench.json(&["label", &calls[0], "polite=yes", "--schema", "tone", "--reviewer", "ana"]);
    assert_eq!(total(&bench, "is:stale"), 0);
    assert_eq!(add(schema(1, "Was it kind?")).status.code(), Some(3));
    assert!(add(schema(2, "Was it kind?")).status.success());
    assert!(total(&bench, "is:stale") > 0);
    bench.json(&["label", &calls[0], "needs_ask=no", "--reviewer", "ana"]);
    let stale = bench.json(&["labels", "is:stale"]);
    assert_eq!((stale["total"].as_u64(), &stale["labels"][0]["question"]), (Some(1), &"polite".into()), "{stale}");
    let wrong = add(schema(3, "x").replace("target = ", "traget = "));
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(said.contains("line 7") && said.contains("did you mean `target`"), "{said}");
}

#[test]
fn a_queue_draws_the_same_items_again_and_counts_what_is_done() {
    let bench = bench();
    let new = ["queue", "new", "q", "kind:tool_call", "--order", "tool", "--sample", "6", "--reviewers", "ana,bob", "--second", "1", "--reviewer", "ana"];
    assert_eq!(bench.json(&new)["total"], 6);
    let items = |who: &str| bench.json(&["queue", "show", "q", "--reviewer", who])["items"].clone();
    assert_eq!(items("ana"), items("bob"));
    let first = items("ana")[0]["target"].as_str().unwrap().to_owned();
    assert!(items("ana")[0]["sampled"]["probability"].as_f64().unwrap() < 1.0);
    label(&bench, "ana", &first, "needs_ask=no");
    let done = |who: &str| bench.json(&["queue", "show", "q", "--reviewer", who])["progress"]["done"].clone();
    assert_eq!((done("ana"), done("bob")), (1.into(), 0.into()));
    assert_eq!(bench.run(&["queue", "new", "q", "x", "--order", "odlest"]).status.code(), Some(2));
}
