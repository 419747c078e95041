//! Sessions as they are put together: each folder of `fixtures/assembled` is imported, and what becomes of it is a snapshot.
//!
//! Each case is imported three ways, whole, file by file, and file by file from the other end, and must come out the same.

use ossia::model::{BranchKind, Execution, Step, Trajectory, Wait};
use ossia::query::parse;
use ossia::workspace::{ImportOptions, Progress, Workspace};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

struct Silent;

impl Progress for Silent {}

/// Imports the paths one after the other and draws every trajectory that comes of it.
fn picture(root: &Path, steps: &[PathBuf]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let workspace = Workspace::open(&dir.path().join("ws"), &dir.path().join("cache")).unwrap();
    for path in steps {
        workspace.import(std::slice::from_ref(path), &ImportOptions::default(), &mut Silent).unwrap();
    }
    let mut ids: Vec<String> = workspace.ls(&parse("").unwrap(), None, 1000).unwrap().trajectories.into_iter().map(|t| t.id).collect();
    ids.sort();
    let drawn = ids.iter().map(|id| draw(root, &workspace.resolve(id).unwrap().0));
    drawn.collect::<Vec<_>>().join("\n")
}

fn draw(root: &Path, t: &Trajectory) -> String {
    let mut out = format!("{}\n", t.id);
    let name = |sha256: &str| {
        let path = t.sources.iter().find(|s| &*s.sha256 == sha256).map(|s| s.path.as_str()).unwrap_or("?");
        Path::new(path).strip_prefix(root).map_or_else(|_| path.to_owned(), |p| p.display().to_string())
    };
    for source in &t.sources {
        let _ = writeln!(out, "  source {} {} by {}", name(&source.sha256), source.format, source.join);
    }
    let about = [("title", &t.title), ("model", &t.model), ("provider", &t.provider), ("cwd", &t.cwd), ("repository", &t.repository), ("git_ref", &t.git_ref)];
    for (key, value) in about.iter().filter_map(|(key, value)| Some((key, value.as_ref()?))) {
        let _ = writeln!(out, "  {key} {value}");
    }
    if let Some(cohort) = &t.cohort {
        let _ = writeln!(out, "  cohort {:?} {:?} from {}", cohort.experiment, cohort.arm, cohort.origin);
    }
    let lineage = serde_json::to_value(&t.lineage).unwrap();
    for (key, value) in lineage.as_object().unwrap() {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(serde_json::Map::is_empty);
        if !empty && key != "session_id" && key != "origins" {
            let _ = writeln!(out, "  lineage.{key} {value}");
        }
    }
    for (key, origin) in &t.lineage.origins {
        let _ = writeln!(out, "  {key} from {}:{}", name(&origin.source), origin.line);
    }
    t.steps.iter().for_each(|step| draw_step(&mut out, t, step));
    t.executions.iter().for_each(|e| draw_execution(&mut out, e));
    for branch in &t.branches {
        let active = if branch.active && branch.kind != BranchKind::Active { " (active)" } else { "" };
        let of = branch.trajectory.as_ref().map_or(String::new(), |id| format!(" of {id}"));
        let _ = writeln!(
            out,
            "  branch {}{active}{of}: {} steps to {} after {}",
            branch.kind,
            branch.steps,
            branch.leaf,
            branch.fork.as_deref().unwrap_or("the root")
        );
    }
    for issue in &t.issues {
        let place = issue.source.as_ref().map_or(String::new(), |sha256| format!("{}:{} ", name(sha256), issue.line.unwrap_or(0)));
        let mut message = issue.message.clone();
        t.sources.iter().for_each(|s| message = message.replace(&s.sha256[..12], &name(&s.sha256)).replace(&s.path, &name(&s.sha256)));
        let _ = writeln!(out, "  issue {place}{}: {message}", issue.kind);
    }
    out
}

fn draw_step(out: &mut String, t: &Trajectory, step: &Step) {
    let text: String = step.text.replace('\n', " / ").chars().take(70).collect();
    let before = t.steps.iter().find(|s| s.seq + 1 == step.seq).map(|s| s.id.as_str());
    let parent = step.parent.as_deref().filter(|p| Some(*p) != before).map_or(String::new(), |p| format!(" after {p}"));
    let at = step.at.map_or("-".to_owned(), |at| at.to_string().get(11..23).unwrap_or_default().to_owned());
    let seen = if step.origins.len() > 1 { format!(" x{}", step.origins.len()) } else { String::new() };
    let aliases = if step.aliases.is_empty() { String::new() } else { format!(" = {}", step.aliases.join(" = ")) };
    let _ = writeln!(out, "  {} {} {} {} {at}{seen}{parent}: {text}{aliases}", step.seq, step.id, step.actor, step.kind);
}

fn draw_execution(out: &mut String, e: &Execution) {
    let ran = e.ran.map_or("?".to_owned(), |ran| ran.to_string());
    let call = if e.call_id.as_deref() == Some(&e.id) { String::new() } else { format!(" call {}", e.call_id.as_deref().unwrap_or("unknown")) };
    let _ = write!(out, "  execution {}{call} {} {}: {} ran {ran} attempts {}", e.id, e.tool, e.args.as_deref().unwrap_or("-"), e.status, e.attempts);
    let facts = [
        ("stop", e.stop_class.map(|s| s.to_string())),
        ("outcome", e.governed_outcome.clone()),
        ("code", e.error_code.clone()),
        ("error", e.error.as_ref().map(|t| t.replace('\n', " / ").chars().take(60).collect())),
        ("tool execution", e.tool_execution_id.clone()),
        ("approval", e.approval_request_id.clone()),
        ("risk", e.risk.filter(|_| e.risk_origin == Some(ossia::model::RiskOrigin::Recorded)).map(|r| r.to_string())),
        ("policy", e.governance.policy_id.clone()),
        ("authoritative", e.governance.authoritative.map(|a| a.to_string())),
        ("rules", Some(e.governance.matched_rules.join(" ")).filter(|r| !r.is_empty())),
        ("mode", Some(e.governance.mode.to_string()).filter(|m| m != "unknown")),
    ];
    for (key, value) in facts.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        let _ = write!(out, " · {key} {value}");
    }
    out.push('\n');
    let context = serde_json::to_value(&e.context).unwrap();
    let stated: Vec<String> = context.as_object().unwrap().iter().filter_map(|(key, value)| Some(format!("{key} {}", value.as_str()?))).collect();
    if !stated.is_empty() {
        let _ = writeln!(out, "    in {}", stated.join(" · "));
    }
    e.waits.iter().for_each(|w| draw_wait(out, w));
    if let Some(retry) = &e.retry_of {
        let stated = if retry.inferred { "" } else { " (stated)" };
        let _ = writeln!(out, "    retry of {} {} {} after {}{stated}", retry.execution, retry.relation, retry.sanction, retry.after);
    }
}

fn draw_wait(out: &mut String, w: &Wait) {
    let by = w.decided_by.map_or(String::new(), |by| format!(" by {by}"));
    let decision = w.decision.map_or("undecided".to_owned(), |d| d.to_string());
    let length = w.wait_ms.map_or(String::new(), |ms| format!(" after {ms} ms"));
    let bound = w.decided_before.map_or(String::new(), |at| format!(" before {at}"));
    let inferred = if w.inferred { " (inferred)" } else { "" };
    let reason = [&w.reason, &w.decision_reason].map(|t| t.as_deref().unwrap_or("-").to_owned()).join(" -> ");
    let resumed = w.resumed_at.map_or(String::new(), |at| format!(" resumed {at}"));
    let _ = writeln!(out, "    wait {} {} {decision}{by}{length}{bound}{resumed}{inferred}: {reason}", w.request_id.as_deref().unwrap_or("-"), w.kind);
}

#[test]
fn sources_become_trajectories() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/assembled");
    let mut cases: Vec<PathBuf> = fs::read_dir(&root).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    cases.sort();
    let only = std::env::var("OSSIA_CASE").unwrap_or_default();
    for case in cases.iter().filter(|case| case.to_string_lossy().contains(&only)) {
        let mut files: Vec<PathBuf> =
            walkdir::WalkDir::new(case).into_iter().map(|e| e.unwrap()).filter(|e| e.file_type().is_file()).map(|e| e.into_path()).collect();
        files.sort();
        let whole = picture(case, std::slice::from_ref(case));
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "snapshots/assembled" }, {
            insta::assert_snapshot!(name.as_str(), whole);
        });
        if files.len() > 1 {
            assert_eq!(picture(case, &files), whole, "{name}: file by file");
            files.reverse();
            assert_eq!(picture(case, &files), whole, "{name}: file by file, from the other end");
        }
    }
}
