//! The rules, by the cases of `fixtures/rules` and by the sample session that was recorded in every Maestro stream.

use crate::scripted::scripted;
use crate::workspace::Bench;
use ossia::model::{Certainty, Severity};
use ossia::rules::{RULES, run};
use serde::Deserialize;
use std::path::Path;

const SESSION: &str = "maestro:5b1c6d2e-8f1a-4c55-9a63-2f0f6f0c1a77";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    finding: Vec<String>,
    clear: Vec<String>,
    #[serde(default)]
    not_observable: Vec<String>,
}

/// No fixture holds what a scanner takes for a credential: the token is put in here.
fn with_token(script: &str) -> String {
    script.replace("@TOK@", &format!("gh{}_{}", "p", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"))
}

#[test]
fn every_rule_answers_its_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    let mut wrong = Vec::new();
    for (at, rule) in RULES.iter().enumerate() {
        let text = std::fs::read_to_string(folder.join(format!("{}.toml", rule.id))).unwrap_or_else(|e| panic!("{}: {e}", rule.id));
        let cases: Cases = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", rule.id));
        assert!(cases.finding.len() >= 4 && cases.clear.len() >= 4, "{} wants four cases of each", rule.id);
        for (expect, scripts) in [("finding", &cases.finding), ("clear", &cases.clear), ("not_observable", &cases.not_observable)] {
            for script in scripts {
                let (trajectory, deeds) = scripted(&with_token(script));
                let report = run(&trajectory, &deeds);
                let own: Vec<_> = report.findings.iter().filter(|f| f.rule == rule.id).collect();
                let counts = report.counts[at];
                let answer = match (own.len(), counts.not_observable, counts.clear) {
                    (1.., ..) => "finding",
                    (0, 1.., _) => "not_observable",
                    _ => "clear",
                };
                let severity = script.lines().find_map(|l| l.strip_prefix("# expect ")).and_then(Severity::parse);
                let possible = script.lines().any(|l| l == "# expect possible");
                let fits = answer == expect
                    && (!possible || own.iter().all(|f| f.certainty == Certainty::Possible))
                    && severity.is_none_or(|s| own.iter().all(|f| f.severity == s))
                    && own.iter().all(|f| f.severity <= rule.severity || rule.severity == Severity::Good);
                if !fits {
                    wrong.push(format!(
                        "{} expects {expect}, says {answer} {:?} of\n{script}",
                        rule.id,
                        own.iter().map(|f| (&f.message, f.severity)).collect::<Vec<_>>()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn samples(folder: &str) -> Option<String> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/maestro").join(folder);
    if !samples.exists() {
        println!("skipped: {} is absent", samples.display());
        return None;
    }
    Some(samples.to_str().unwrap().to_owned())
}

/// Rule, execution and severity of each finding of the sample session.
fn found(report: &serde_json::Value) -> Vec<(String, String, String)> {
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    let own = report["findings"].as_array().unwrap().iter().filter(|f| f["trajectory"] == SESSION);
    let mut all: Vec<_> = own.map(|f| (text(&f["rule"]), text(&f["execution"]), text(&f["severity"]))).collect();
    all.sort();
    all
}

#[test]
fn the_sample_session_has_these_findings_and_no_others() {
    let Some(samples) = samples("") else { return };
    let bench = Bench::new();
    bench.json(&["import", &samples]);
    let expect = [
        ("B10", "toolu_01", "medium"),
        ("D1", "toolu_01", "medium"),
        ("D1", "toolu_04", "low"),
        ("R8", "toolu_01", "good"),
        ("R8", "toolu_03", "good"),
        ("S2", "toolu_01", "high"),
        ("S3", "toolu_01", "critical"),
    ];
    let report = bench.json(&["check", &format!("id:{SESSION}")]);
    assert_eq!(found(&report), expect.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    assert!(!report.to_string().contains("ghp_A"), "a secret is shown");
    let shown = bench.json(&["show", SESSION]);
    assert_eq!(shown["findings"].as_array().unwrap().len(), expect.len());
    assert_eq!(bench.json(&["search", "finding:S3"])["total"], 4);
    assert_eq!(bench.run(&["check", "--fail-on", "critical"]).status.code(), Some(1));
    assert_eq!(bench.run(&["check", "finding:R8 -finding:S3 id:none", "--fail-on", "low"]).status.code(), Some(0));
}

#[test]
fn from_the_session_file_alone_it_cannot_be_told() {
    let Some(session) = samples("sessions/generated-deny-retry-governed.v2.jsonl") else { return };
    let bench = Bench::new();
    bench.json(&["import", &session]);
    let report = bench.json(&["check"]);
    let of = |id: &str| report["rules"].as_array().unwrap().iter().find(|r| r["id"] == id).unwrap()["counts"].clone();
    assert_eq!((&of("S2")["finding"], &of("S2")["not_observable"]), (&serde_json::json!(0), &serde_json::json!(1)), "{}", of("S2"));
    assert_eq!((&of("S3")["finding"], &of("S3")["not_observable"]), (&serde_json::json!(0), &serde_json::json!(1)), "{}", of("S3"));
    assert_eq!(of("B10")["finding"], 0);
}

#[test]
fn a_workspace_may_have_rows_of_its_own() {
    let bench = Bench::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/bucket-cleanup");
    std::fs::create_dir_all(bench.path("ws")).unwrap();
    std::fs::write(
        bench.path("ws").join("effects.toml"),
        "[s3ctl]\nacts = [{ on = \"rm\", does = \"delete cloud:s3 args\", risk = \"high\" }, { does = \"read cloud:s3 args\" }]\n",
    )
    .unwrap();
    bench.json(&["import", demo.to_str().unwrap()]);
    assert!(bench.json(&["search", "effect:delete risk:high"])["total"].as_u64().unwrap() > 0);
    std::fs::write(bench.path("ws").join("effects.toml"), "[s3ctl]\nacts = [{ does = \"eat path\" }]\n").unwrap();
    let out = bench.run(&["ls"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("no verb"));
}

#[test]
fn the_report_has_every_form() {
    let bench = Bench::new();
    bench.json(&["import", Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo").to_str().unwrap()]);
    let report = bench.json(&["check"]);
    assert_eq!(report["schema"], "ossia.check.v1");
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.len() > 10 && report["rules"].as_array().unwrap().len() == 28);
    let print = |format: &str| String::from_utf8(bench.run(&["check", "--format", format]).stdout).unwrap();
    let sarif: serde_json::Value = serde_json::from_str(&print("sarif")).unwrap();
    assert_eq!((&sarif["version"], sarif["runs"][0]["results"].as_array().unwrap().len()), (&serde_json::json!("2.1.0"), findings.len()));
    let junit = print("junit");
    assert!(junit.starts_with("<?xml") && junit.matches("<testsuite ").count() == 28 && junit.trim_end().ends_with("</testsuites>"));
    assert!(print("markdown").starts_with("# Findings"));
    assert!(print("text").lines().filter(|l| l.contains('#')).count() > 5);
    assert!(print("json").starts_with("{\"schema\":\"ossia.check.v1\""));
    assert_eq!(bench.run(&["check", "--jsonl"]).stdout.iter().filter(|b| **b == b'\n').count(), findings.len());
    assert_eq!(bench.json(&["rules"])["rules"].as_array().unwrap().len(), 28);
    assert_eq!(Certainty::parse(findings[0]["certainty"].as_str().unwrap()), Some(Certainty::Certain));
}
