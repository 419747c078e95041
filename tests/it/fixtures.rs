//! What each reader makes of the example files: `fixtures/<format>/{ok,odd,broken,hostile}`, as facts and issues, one a line.

use ossia::formats::{self, Reading, Want};
use ossia::model::{Body, Fact, Issue, Portion, SessionName, Slot, Usage};
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[test]
fn readers_make_of_the_examples_what_was_seen_before() {
    insta::glob!("../../fixtures", "*/{ok,odd,broken,hostile}*.*", |path| {
        let bytes = fs::read(path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let folder = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
        // A document that breaks off tells no format; a person may still name it.
        let reading = read(&bytes, name, name.starts_with("broken-off").then_some(folder));
        let again = read(&bytes, name, Some(reading.format.name));
        assert_eq!((reading.shape, &reading.portions), (again.shape, &again.portions), "{}: read again under its name", path.display());
        assert_eq!(reading.format.name, folder, "{}", path.display());
        every_place_is_there(&bytes, &reading, path);
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_suffix => format!("{folder}-{name}") }, {
            insta::assert_snapshot!("fixture", picture(&reading));
        });
    });
}

fn read(bytes: &[u8], name: &str, format: Option<&str>) -> Reading {
    let want = Want { format: format.and_then(formats::format), ranges_only: false };
    if bytes.starts_with(b"PK\x03\x04") { formats::read_archive(bytes, name, want) } else { formats::read_plain(bytes, name, want, &mut |_, _| {}) }.unwrap()
}

/// No span may lie outside the file, and each fact has one.
fn every_place_is_there(bytes: &[u8], reading: &Reading, path: &Path) {
    for fact in reading.portions.iter().flat_map(|(portion, _)| &portion.facts) {
        assert!(!fact.spans.is_empty(), "{}: {fact:?}", path.display());
        for span in fact.spans.iter().filter(|span| span.member.is_none()) {
            assert!(span.start < span.end && span.end <= bytes.len() as u64, "{}: {span:?}", path.display());
        }
    }
}

fn picture(reading: &Reading) -> String {
    let mut text = format!("{} as {:?}, {} records\n", reading.format.name, reading.shape, reading.records);
    issues(&mut text, &reading.issues);
    for (portion, _) in &reading.portions {
        portion_of(&mut text, portion);
    }
    text
}

fn portion_of(text: &mut String, portion: &Portion) {
    let session = match &portion.session {
        SessionName::Stated(id) => id.clone(),
        SessionName::Fallback(id) => format!("?{id}"),
        SessionName::Addition(ids) => format!("+{}", ids.replace('\u{1}', " ")),
    };
    writeln!(text, "\n{}:{}", portion.agent, shown(&session)).unwrap();
    let about = &portion.about;
    let stated = [
        ("title", &about.title),
        ("model", &about.model),
        ("provider", &about.provider),
        ("agent", &about.agent_name),
        ("version", &about.agent_version),
        ("cwd", &about.cwd),
        ("git", &about.git_ref),
        ("system", &about.system_prompt),
        ("parent", &about.lineage.parent_session),
        ("trace", &about.lineage.trace_id),
        ("scenario", &about.lineage.scenario_id),
    ];
    for (name, value) in stated.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
        writeln!(text, "  {name} {}", shown(value)).unwrap();
    }
    if !about.tools.is_empty() {
        writeln!(text, "  {} tools", about.tools.len()).unwrap();
    }
    portion.facts.iter().for_each(|fact| fact_of(text, fact));
    issues(text, &portion.issues);
}

fn fact_of(text: &mut String, fact: &Fact) {
    let slot = match &fact.slot {
        Slot::Call(id) => format!("{id}.call"),
        Slot::Result(id) => format!("{id}.result"),
        Slot::Wait(id) => format!("{id}.wait"),
        Slot::Resolution(id) => format!("{id}.resolution"),
        Slot::Named(id) => id.clone(),
        Slot::Own => "own".to_owned(),
    };
    let lines: Vec<String> = fact.spans.iter().map(|span| span.line.to_string()).collect();
    write!(text, "  {} {} {} {}", lines.join("+"), shown(&slot), fact.actor, body(&fact.body)).unwrap();
    if let Some(node) = &fact.node {
        write!(text, " <{}", shown(node.parent.as_deref().unwrap_or("-"))).unwrap();
    }
    if let Some(usage) = fact.usage.as_deref() {
        write!(text, " {}", spent(usage)).unwrap();
    }
    writeln!(text).unwrap();
}

fn body(body: &Body) -> String {
    match body {
        Body::Text { text, partial } => format!("says{} {}", if *partial { "~" } else { "" }, shown(text)),
        Body::Thinking(text) => format!("thinks {}", shown(text)),
        Body::Attachment { name, media_type, bytes, .. } => format!("attaches {} {} {bytes}", shown(name), shown(media_type)),
        Body::Call(call) => {
            let mut text = format!("calls {} {}", shown(&call.tool), shown(call.args.as_deref().unwrap_or("-")));
            with(&mut text, "command", call.command.as_deref());
            with(&mut text, "risk", call.risk.map(|r| r.as_str()));
            with(&mut text, "justification", call.justification.as_deref());
            text
        }
        Body::Result(result) => {
            let mut text = format!("gets{} {}", if result.partial { "~" } else { "" }, shown(&result.text));
            with(&mut text, "status", result.status.map(|s| s.as_str()));
            with(&mut text, "error", result.is_error.map(|e| if e { "yes" } else { "no" }));
            with(&mut text, "code", result.error_code.as_deref());
            with(&mut text, "ran", result.ran.map(|r| if r { "yes" } else { "no" }));
            with(&mut text, "stop", result.stop.as_ref().map(|s| s.decision.as_str()));
            with(&mut text, "by", result.stop.as_ref().and_then(|s| s.by).map(|by| by.as_str()));
            text
        }
        Body::Wait(wait) => {
            let mut text = format!("asks ({})", wait.evidence);
            with(&mut text, "reason", wait.reason.as_deref());
            with(&mut text, "shown", wait.shown_text.as_deref());
            with(&mut text, "request", wait.link.request_id.as_deref());
            with(&mut text, "asked", wait.asked_at.map(|_| "at a time"));
            text
        }
        Body::Resolution(end) => {
            let mut text = format!("decides {} ({})", end.decision.map_or("-", |d| d.as_str()), end.evidence);
            with(&mut text, "by", end.by.map(|by| by.as_str()));
            with(&mut text, "reason", end.reason.as_deref());
            with(&mut text, "scope", end.scope.map(|s| s.as_str()));
            with(&mut text, "time", end.decided_at.map(|_| "stated").or_else(|| end.decided_before.map(|_| "bound")));
            text
        }
        Body::Usage(usage) => spent(usage),
        Body::Context(text) => format!("context {}", shown(text)),
        Body::Error(text) => format!("error {}", shown(text)),
        Body::Unknown(text) => format!("unknown {}", shown(text)),
        Body::Artifact { text, .. } => format!("artifact {}", shown(text)),
        Body::Eval(eval) => format!("scores {:?} {:?} {:?}", eval.metric, eval.score, eval.passed),
        other => shown(&format!("{other:?}")),
    }
}

fn with(text: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        write!(text, " {name}={}", shown(value)).unwrap();
    }
}

fn spent(usage: &Usage) -> String {
    let cost = usage.cost_usd.map(|cost| format!(" ${cost}")).unwrap_or_default();
    format!("[{} in, {} out, {} read, {} written{cost}]", usage.input, usage.output, usage.cache_read, usage.cache_write)
}

fn issues(text: &mut String, issues: &[Issue]) {
    for issue in issues {
        writeln!(text, "  ! {} {}: {}", issue.line.map_or_else(|| "-".to_owned(), |line| line.to_string()), issue.kind, shown(&issue.message)).unwrap();
    }
}

/// One line of printable text, cut where it is long.
fn shown(text: &str) -> String {
    let escaped: String =
        text.chars().take(120).flat_map(|c| if c.is_control() || !c.is_ascii() { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect();
    if text.chars().nth(120).is_some() { format!("{escaped}…") } else { escaped }
}
