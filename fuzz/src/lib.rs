//! What must hold of any bytes, one function for each way by which bytes of strangers come in.
//!
//! The targets of the fuzzer call these, and `tests/it/found.rs` calls them with every example and with what the fuzzer found.

#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used)]

use ossia::assemble::{Share, assemble};
use ossia::effect::{self, Call, Files, Hints};
use ossia::export::Definition;
use ossia::formats::{FORMATS, Format, Reading, Want, read_archive, read_plain};
use ossia::judging::Schema;
use ossia::model::{Join, SessionName, Timestamp};
use ossia::query::{self, Evaluator, Field, StepView};
use ossia::redaction::{Engine, Key, Lists, Mask, Redactor, RuleSet, Style, Subject, Unwanted};
use ossia::text;
use std::borrow::Cow;
use std::path::Path;
use std::sync::LazyLock;

/// A function of this file, by the name of its target.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("read", read),
    ("detect", detect),
    ("query", query),
    ("shell", shell),
    ("rules", rules),
    ("schema", schema),
    ("bundle", bundle),
    ("clean", clean),
    ("decode", decode),
    ("json", json),
    ("diff", diff),
];

/// A file read as the format whose number its first byte is (or as what it looks like, where there is none), and the sessions in it joined and judged.
pub fn read(bytes: &[u8]) {
    let Some((&first, bytes)) = bytes.split_first() else { return };
    let format = FORMATS.get(usize::from(first));
    let want = Want { format, ranges_only: false };
    if bytes.starts_with(b"PK\x03\x04") {
        if let Ok(reading) = read_archive(bytes, "any.eval", want) {
            join(reading);
        }
        return;
    }
    let _ = read_plain(bytes, "any", Want { ranges_only: true, ..want }, &mut |_, _| {}).expect("memory does not fail");
    let reading = read_plain(bytes, "any", want, &mut |_, _| {}).expect("memory does not fail");
    nothing_is_lost(&reading, bytes);
    join(reading);
}

/// A file whose format is told from what it holds; read again under its name, it says the same.
pub fn detect(bytes: &[u8]) {
    let read = |format: Option<&'static Format>| read_plain(bytes, "any", Want { format, ranges_only: false }, &mut |_, _| {}).expect("memory does not fail");
    let reading = read(None);
    nothing_is_lost(&reading, bytes);
    let again = read(Some(reading.format));
    assert_eq!((reading.shape, &reading.portions), (again.shape, &again.portions), "read again as {}", reading.format.name);
}

fn nothing_is_lost(reading: &Reading, bytes: &[u8]) {
    let mut held = vec![false; bytes.len()];
    for fact in reading.portions.iter().flat_map(|(portion, _)| &portion.facts) {
        assert!(!fact.spans.is_empty(), "a fact of nothing");
        for span in &fact.spans {
            assert!(span.start <= span.end && span.end <= bytes.len() as u64, "a place outside of the file");
            held[span.start as usize..span.end as usize].fill(true);
        }
    }
    // What no fact holds may only be what stands between records.
    let lost = bytes.iter().zip(&held).position(|(byte, held)| !held && !byte.is_ascii_whitespace() && !b"[],\xef\xbb\xbf".contains(byte));
    assert_eq!(lost, None, "a byte is of no fact, read as {} in {:?}", reading.format.name, reading.shape);
}

fn join(reading: Reading) {
    let format = reading.format.name;
    for (portion, _) in reading.portions {
        if matches!(portion.session, SessionName::Addition(_)) {
            continue;
        }
        let share = Share { portion, sha256: "00".into(), format, path: "any".to_owned(), join: Join::SessionId };
        let (trajectory, deeds) = assemble("any:any", vec![share]);
        assert_eq!(trajectory.executions.len(), deeds.len());
        assert!(trajectory.steps.iter().all(|step| !step.origins.is_empty()), "a step from nowhere");
    }
}

/// A step of which a query may ask anything.
struct AnyStep;

impl StepView for AnyStep {
    fn texts(&self) -> Vec<Cow<'_, str>> {
        vec!["rm -rf ./dist && git push --force".into(), "ÄÖÜ İı ﬀ 日本語".into()]
    }

    fn keywords(&self, _: Field) -> Vec<Cow<'_, str>> {
        vec!["maestro".into(), "ÄÖ".into()]
    }

    fn numbers(&self, _: Field) -> Vec<f64> {
        vec![0.0, 3.5, f64::MAX]
    }

    fn at(&self) -> Option<Timestamp> {
        Some(Timestamp::EPOCH)
    }
}

/// A query: read, completed at every place, loosened, and asked of a step. A first line is a regular expression, too, for the rest.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some((regex, rest)) = text.split_once('\n')
        && query::compile_regex(regex).is_ok_and(|compiled| compiled.is_match(rest))
    {
        let words: String = rest.chars().map(|c| if c == 'ſ' { 's' } else { c.to_lowercase().next().unwrap_or(c) }).collect();
        assert!(holds(&words, &query::needed(regex)), "{regex:?} matches {rest:?} and needs {:?}", query::needed(regex));
    }
    for cursor in 0..=text.len().min(200) {
        let _ = query::complete(&text, cursor);
        let _ = query::value_at(&text, cursor);
    }
    match query::parse(&text) {
        Ok(query) => {
            let holds = Evaluator::new(&query).matches(&AnyStep);
            assert_eq!(Evaluator::new(&query.pushed_down()).matches(&AnyStep), holds, "moving negations down changes the meaning");
            for looser in query::relax(&query).unwrap_or_default() {
                let _ = Evaluator::new(&looser).matches(&AnyStep);
            }
        }
        Err(error) => drop(error.to_string()),
    }
}

fn holds(text: &str, needed: &query::Needed) -> bool {
    match needed {
        query::Needed::Nothing => true,
        query::Needed::Run(run) => text.contains(run.as_str()),
        query::Needed::All(parts) => parts.iter().all(|part| holds(text, part)),
        query::Needed::Any(parts) => parts.iter().any(|part| holds(text, part)),
    }
}

/// A command, and what it does; or, after a first byte above 127, the arguments of a tool.
pub fn shell(bytes: &[u8]) {
    const TOOLS: [&str; 6] = ["edit", "apply_patch", "python", "execute_sql", "web_fetch", "mcp__files__write"];
    let Some((&first, rest)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(if first < 128 { bytes } else { rest });
    let mut files = Files::default();
    let tool = if first < 128 { "bash" } else { TOOLS[usize::from(first) % TOOLS.len()] };
    let call = Call { tool, args: (first >= 128).then_some(&*text), command: (first < 128).then_some(&*text), cwd: Some("/w/app") };
    let deed = effect::deed(&call, &Hints::default(), &mut files);
    // What was written by the first may be run by the second.
    let again = effect::deed(&call, &Hints::default(), &mut files);
    let _ = effect::scope(&deed, &again);
    let _ = effect::within(&deed, &again);
}

/// A rule file of a user, and what its rules find.
pub fn rules(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (rules, refused) = RuleSet::new(&[&text]);
    assert!(refused.iter().all(|refused| refused.line >= 1 && !refused.reason.is_empty()));
    let mut found = Vec::new();
    rules.find(&Subject { text: SPECIMEN, key: Some("token"), path: Some("/w/.env") }, &mut found);
    rules.find(&Subject { text: &text, key: None, path: None }, &mut found);
}

const SPECIMEN: &str = "export TOKEN=ghp_0123456789abcdefghijABCDEFGHIJ012345 # ana@example.org, +49 30 123456, 日本";

/// A label schema, a dataset's definition and a configuration; what was written again reads the same.
pub fn schema(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Schema::parse(&text) {
        Ok(schema) => {
            let _ = schema.hash.len();
            let _ = schema.values(&|_| None);
        }
        Err(error) => drop(error.to_string()),
    }
    if let Ok(definition) = Definition::parse(&text) {
        let again = Definition::parse(&definition.to_toml()).expect("what was written is read");
        assert_eq!(again.hash(), definition.hash());
    }
    let _ = ossia::export::Policy::with(&text);
    let _ = ossia::command::Config::read(&text, &["nord"], &["title", "age"]);
}

/// Divides the files of a bundle in one input, with the name after it.
pub const FILE_MARK: &str = "\n--- file ";

/// A bundle, its files behind each other, each after a line that names it: verified, traced and compared.
pub fn bundle(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let folder = tempfile::tempdir_in(if Path::new("/dev/shm").is_dir() { Path::new("/dev/shm").to_owned() } else { std::env::temp_dir() });
    let Ok(folder) = folder else { return };
    for part in text.split(FILE_MARK).take(40) {
        let Some((name, content)) = part.split_once('\n') else { continue };
        let plain = |name: &str| !name.is_empty() && !name.starts_with('.') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if name.len() > 100 || name.split('/').count() > 4 || !name.split('/').all(plain) {
            continue;
        }
        let path = folder.path().join(name);
        let _ = path.parent().map(std::fs::create_dir_all);
        let _ = std::fs::write(path, content);
    }
    let report = ossia::export::verify(folder.path(), None, None);
    assert_eq!(report.ok, report.checks.iter().all(|check| check.ok));
    let _ = ossia::export::manifest_of(folder.path());
    let _ = ossia::export::known_rows(folder.path());
    for row in ["train.jsonl:1", "a"] {
        if let Ok(trace) = ossia::export::trace(folder.path(), row) {
            let _ = (trace.json(), trace.lines(&|entry| entry.text()));
        }
    }
    let _ = ossia::export::trace_reverse(folder.path(), "maestro:a#b");
}

/// A text of a session: nothing of it may command a terminal, and cleaning twice is cleaning once.
pub fn clean(bytes: &[u8]) {
    let raw = String::from_utf8_lossy(bytes);
    let commands = |c: char| c.is_control() || text::is_bidi_control(c) || text::is_tag(c);
    let line = text::clean(&raw);
    assert!(!line.as_str().contains(commands), "{line:?}");
    assert_eq!(text::clean(line.as_str()).as_str(), line.as_str(), "cleaned twice");
    let block = text::clean_block(&raw);
    assert!(!block.as_str().contains(|c| c != '\n' && commands(c)), "{block:?}");
    let styled = text::styled(&raw);
    let joined: String = styled.runs().map(|(run, _)| run.into_string()).collect();
    assert_eq!(joined, block.as_str(), "colours change the text");
    let _ = text::has_hostile(&raw);
    for columns in [0, 1, 7, 40] {
        assert!(text::width(&text::truncate(line.as_str(), columns)) <= columns);
        assert!(text::width(&text::truncate_middle(line.as_str(), columns)) <= columns);
        assert_eq!(text::width(&text::fit(line.as_str(), columns)), columns);
        let rows = text::wrap(block.as_str(), columns);
        assert!(rows.iter().all(|row| block.as_str().get(row.clone()).is_some()), "a row cuts a character");
    }
    assert!(!text::json_escape(&raw).contains(commands));
}

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(&[], &Lists { names: vec!["Ana Beispiel".into()], words: vec!["projekt-x".into()] }).0);

/// A text with whatever coding in it: what is found lies in it, what is masked shows nothing of a value, and what is replaced is gone.
pub fn decode(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for hit in ENGINE.scan(&Subject { text: &text, key: None, path: None }) {
        assert!(text.get(hit.outer.clone()).is_some_and(|place| !place.is_empty()), "a finding outside of the text");
    }
    if let Some(masked) = Mask::new(None, [], rustc_hash::FxHashSet::default(), true).text(&text) {
        assert!(masked.sure.iter().all(|value| value.len() < 8 || !masked.text.contains(value.as_str())), "a mask shows what it hides");
    }
    let value = "correct-horse-battery-staple-9";
    let Some(key) = Key::new(&[7; 32]) else { return };
    let redactor = Redactor::new(&key, "fuzz", Style::Mark, [Unwanted { value: value.into(), class: "password".into() }]);
    let redacted = redactor.text(&text);
    assert!(!redacted.text.contains(value), "what is replaced is gone");
    for change in &redacted.changes {
        assert!(text.get(change.range.clone()).is_some(), "a change outside of the text");
    }
}

/// JSON: whatever a strict reader takes is taken.
pub fn json(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let ours = ossia::formats::json::parse(&text);
    if let Err(wrong) = &ours {
        assert!(wrong.at <= text.len());
        assert!(serde_json::from_str::<serde::de::IgnoredAny>(&text).is_err(), "a strict reader takes what is refused");
    }
    let _ = ossia::formats::json::parse_noting(&text);
}

/// Two texts, divided by a zero byte: their words, their JSON leaves.
pub fn diff(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (left, right) = text.split_once('\0').unwrap_or((&text, ""));
    let marked = ossia::diff::words(left, right);
    for (side, whole) in [(0, left), (1, right)] {
        assert!(marked.side(side).iter().all(|range| whole.get(range.clone()).is_some()), "a mark cuts a character");
    }
    let _ = ossia::diff::leaves(left, right);
}
