//! The parts of `docs/formats/` and `docs/shapes/` that are made from examples: what becomes of each record, and what a row looks like.

use crate::workspace::Bench;
use ossia::export::{SHAPES, shape};
use ossia::formats::FORMATS;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const MARK: &str = "\n<!-- below: made by `OSSIA_WRITE_DOCS=1 cargo test --test it pages` -->\n";
/// What is shown of a record and of a text.
const MOST_COLUMNS: usize = 150;
const MOST_RECORDS: usize = 12;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Holds a page to what is made for it, after what a person wrote; or writes it.
fn hold(path: &Path, made: &str) -> Option<String> {
    let known = fs::read_to_string(path).unwrap_or_default();
    let own = known.split_once(MARK.trim_start()).map_or(known.as_str(), |(own, _)| own).to_owned();
    let whole = format!("{}\n{MARK}\n{}\n", own.trim_end(), made.trim());
    if known != whole && std::env::var_os("OSSIA_WRITE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &whole).unwrap();
        return None;
    }
    (known != whole).then(|| path.strip_prefix(root()).unwrap().display().to_string())
}

/// Cuts what is long, so that a page can be read.
fn cut(text: &str, columns: usize) -> String {
    let line = text.replace('|', "¦").replace('\n', " ");
    if line.chars().count() > columns { line.chars().take(columns - 1).chain(['…']).collect() } else { line }
}

/// Shows an example: its first records, and the steps that come of the whole.
fn example(path: &Path) -> String {
    let bench = Bench::new();
    let report = bench.json(&["import", path.to_str().unwrap()]);
    let name = path.strip_prefix(root()).unwrap().display();
    let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let mut page = format!("## An example\n\n[{name}](../../{name}) is read as `{}`", report["sources"][0]["format"].as_str().unwrap());
    let listed = bench.json(&["ls", "--limit", "1"]);
    let Some(id) = listed["trajectories"][0]["id"].as_str() else { return page + ".\n" };
    let t = bench.json(&["show", id]);
    let count = |of: &str, one: &str| ossia::text::human::plural(t[of].as_array().unwrap().len(), one);
    writeln!(page, "; of `{id}` come {} and {}.", count("steps", "step"), count("executions", "execution")).unwrap();
    if !text.starts_with("PK") && text.lines().nth(1).is_some_and(|line| line.starts_with('{')) {
        page += "\n```json\n";
        text.lines().take(4).for_each(|line| writeln!(page, "{}", cut(line, MOST_COLUMNS).replace('¦', "|")).unwrap());
        page += "```\n";
    }
    page += "\n| line | kind | from | says |\n|---|---|---|---|\n";
    let said = |value: &Value| cut(value.as_str().unwrap_or_default(), 60);
    for step in t["steps"].as_array().unwrap().iter().take(MOST_RECORDS) {
        let lines: BTreeSet<u64> = step["origins"].as_array().unwrap().iter().filter_map(|origin| origin["line"].as_u64()).collect();
        let lines: Vec<String> = lines.iter().map(u64::to_string).collect();
        let says = said(&step["text"]);
        let says = if says.is_empty() { String::new() } else { format!("`` {says} ``") };
        writeln!(page, "| {} | {} | {} | {says} |", lines.join(", "), step["kind"].as_str().unwrap(), step["actor"].as_str().unwrap()).unwrap();
    }
    let waits = t["executions"].as_array().unwrap().iter().flat_map(|e| e["waits"].as_array().unwrap().iter().map(move |wait| (e, wait)));
    for (e, wait) in waits.take(3) {
        let inferred = if wait["inferred"] == true { ", inferred" } else { "" };
        let evidence = wait["evidence"].as_str().map_or(String::new(), |evidence| format!(" (`{evidence}`{inferred})"));
        let by = wait["decided_by"].as_str().map_or(String::new(), |by| format!(" by {by}"));
        writeln!(page, "\nOf `{}` the answer is {}{by}{evidence}.", e["tool"].as_str().unwrap(), wait["decision"].as_str().unwrap_or("not known")).unwrap();
    }
    page
}

#[test]
fn every_format_has_a_page_with_an_example() {
    let mut wrong: Vec<String> = Vec::new();
    let mut told = String::new();
    for page in fs::read_dir(root().join("docs/formats")).unwrap().flatten().map(|entry| entry.path()) {
        let name = page.file_stem().unwrap().to_str().unwrap().to_owned();
        told += &fs::read_to_string(&page).unwrap();
        let folder = if name == "maestro" { root().join("fixtures/maestro/ok") } else { root().join("fixtures").join(&name) };
        let preferred = if name == "maestro" { "exec" } else { "ok" };
        let mut files: Vec<PathBuf> = fs::read_dir(folder).map(|files| files.flatten().map(|file| file.path()).collect()).unwrap_or_default();
        files.retain(|file| file.is_file() && file.file_name().unwrap().to_str().unwrap().starts_with(preferred));
        files.sort();
        let made = files.last().map_or(String::new(), |file| example(file));
        wrong.extend(hold(&page, &(made + "\n[All formats](../formats.md) · [how to add one](../formats.md#how-to-add-a-format)")));
    }
    wrong.extend(FORMATS.iter().filter(|format| !told.contains(&format!("`{}`", format.name))).map(|format| format.name.to_owned()));
    assert!(wrong.is_empty(), "OSSIA_WRITE_DOCS=1 cargo test writes these, or they are missing: {wrong:?}");
}

/// Leaves out what the key of a workspace makes: pseudonyms and hashes.
fn lasting(text: &str) -> String {
    let made = regex::Regex::new(r"\bp-[a-z]{6}\b|[0-9a-f]{16,}").unwrap();
    // A long number is no hash.
    let shown = |found: &regex::Captures<'_>| if found[0].bytes().all(|b| b.is_ascii_digit()) { found[0].to_owned() } else { "…".to_owned() };
    made.replace_all(text, shown).into_owned()
}

/// Cuts the texts and lists of a row, so that its form is seen.
fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if text.chars().count() > 90 => *text = cut(text, 90),
        Value::Array(items) => {
            if items.len() > 3 {
                let more = items.len() - 3;
                items.truncate(3);
                items.push(Value::String(format!("… {more} more")));
            }
            items.iter_mut().for_each(shorten);
        }
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        _ => {}
    }
}

#[test]
fn every_shape_has_a_page_with_a_row() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| -> Value {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ossia"));
        command
            .args(args)
            .arg("--json")
            .env_remove("OSSIA_WORKSPACE")
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .env("XDG_CACHE_HOME", home.path().join("cache"));
        serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
    };
    let demo = run(&["demo", "--no-tui"]);
    let bundle = home.path().join("bundle");
    let report = run(&[
        "export",
        demo["datasets"][0].as_str().unwrap(),
        "--workspace",
        demo["workspace"].as_str().unwrap(),
        "--shape",
        "all",
        "--out",
        bundle.to_str().unwrap(),
    ]);
    let mut wrong = Vec::new();
    for known in SHAPES {
        let found = report["shapes"].as_array().unwrap().iter().find(|s| s["shape"] == known.name && s["rows"].as_u64() > Some(0));
        let mut made = format!("# The shape `{}`\n\n", known.name);
        writeln!(
            made,
            "Of a row are made: {}. Its consumer asks for {} or more.\n",
            format!("{:?}", shape(known.name).unwrap().takes).to_lowercase(),
            known.least
        )
        .unwrap();
        if !known.features.is_empty() {
            made += "| column | type |\n|---|---|\n";
            known.features.iter().for_each(|(name, kind)| writeln!(made, "| `{name}` | {kind} |").unwrap());
        }
        if !known.loses.is_empty() {
            made += "\n| it cannot carry | which is counted |\n|---|---|\n";
            known.loses.iter().for_each(|loss| writeln!(made, "| `{}` | {} |", loss.name, loss.says).unwrap());
        }
        if let Some(found) = found {
            let carried: Vec<String> = found["not_carried"].as_object().unwrap().keys().map(|key| format!("`{key}`")).collect();
            if !carried.is_empty() {
                writeln!(made, "\nOf the example dataset it lacks: {}.", carried.join(", ")).unwrap();
            }
            let file = fs::read_to_string(bundle.join(found["file"].as_str().unwrap())).unwrap();
            let rows = file.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            match rows.min_by_key(|row| row.to_string().len()) {
                Some(mut row) => {
                    shorten(&mut row);
                    writeln!(
                        made,
                        "\n## A row\n\nThe shortest of the example dataset, its texts and lists cut.\n\n```json\n{}\n```",
                        serde_json::to_string_pretty(&row).unwrap()
                    )
                    .unwrap();
                }
                None => writeln!(
                    made,
                    "\n## The first lines\n\n```\n{}\n```",
                    file.lines().take(6).map(|line| cut(line, MOST_COLUMNS)).collect::<Vec<_>>().join("\n")
                )
                .unwrap(),
            }
        }
        made += "\n[All shapes, and what a row is](../export.md) · [how to add one](../export.md#to-add-a-shape)";
        let path = root().join("docs/shapes").join(format!("{}.md", known.name));
        let known = fs::read_to_string(&path).unwrap_or_default();
        let made = lasting(made.trim()) + "\n";
        if known != made && std::env::var_os("OSSIA_WRITE_DOCS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &made).unwrap();
        } else if known != made {
            wrong.push(path.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "OSSIA_WRITE_DOCS=1 cargo test writes these: {wrong:?}");
}
