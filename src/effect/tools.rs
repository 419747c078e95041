//! What a tool call does: a shell command, code, SQL, a file tool of a harness, or an MCP tool by its `annotations`.

use super::deed::{Deed, Mark};
use super::table::{Does, Table};
use super::target;
use super::walk::{Arg, Flow, Shell};
use super::world::Files;
use crate::model::Verb;
use rustc_hash::FxHashMap;
use serde_json::Value;

/// A tool call, as it was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Call<'a> {
    /// Tool.
    pub tool: &'a str,
    /// Arguments, raw JSON.
    pub args: Option<&'a str>,
    /// The shell command, where it is one.
    pub command: Option<&'a str>,
    /// Working folder.
    pub cwd: Option<&'a str>,
}

/// What definitions of tools say of them (the `annotations` of MCP).
#[derive(Debug, Default)]
pub struct Hints {
    by_tool: FxHashMap<String, Hint>,
}

#[derive(Debug, Clone, Copy)]
struct Hint {
    read_only: Option<bool>,
    destructive: Option<bool>,
    idempotent: Option<bool>,
    open_world: Option<bool>,
}

impl Hints {
    /// Reads the `annotations` of tool definitions.
    #[must_use]
    pub fn read(definitions: &[Box<str>]) -> Self {
        let mut hints = Self::default();
        for text in definitions.iter().filter(|d| d.contains("Hint")) {
            let Ok(value) = serde_json::from_str::<Value>(text) else { continue };
            let of = value.get("function").unwrap_or(&value);
            let (Some(name), Some(notes)) = (of.get("name").and_then(Value::as_str), of.get("annotations").or_else(|| value.get("annotations"))) else {
                continue;
            };
            let flag = |key: &str| notes.get(key).and_then(Value::as_bool);
            let hint = Hint {
                read_only: flag("readOnlyHint"),
                destructive: flag("destructiveHint"),
                idempotent: flag("idempotentHint"),
                open_world: flag("openWorldHint"),
            };
            hints.by_tool.insert(name.to_owned(), hint);
        }
        hints
    }

    fn of(&self, tool: &str) -> Option<Hint> {
        self.by_tool.get(tool).or_else(|| self.by_tool.get(tool.rsplit("__").next().unwrap_or(tool))).copied()
    }
}

/// Tells what a call does.
#[must_use]
pub fn deed(call: &Call<'_>, hints: &Hints, files: &mut Files) -> Deed {
    let mut deed = Deed::default();
    let args: Value = call.args.and_then(|a| serde_json::from_str(a).ok()).unwrap_or(Value::Null);
    let folder = text(&args, "cwd|workdir|working_directory|workingDirectory|working_dir|directory").filter(|_| call.command.is_some());
    let cwd = match (&folder, call.cwd) {
        (Some(folder), cwd) => Some(target::path(folder, cwd, None)),
        (None, cwd) => cwd.map(str::to_owned),
    };
    deed.cwd.clone_from(&cwd);
    let known = Table::current().tool(call.tool);
    let mut shell = Shell::new(&mut deed, files, cwd.as_deref());
    match known {
        Some(rows) => shell.tool(call, rows, &args),
        None if call.tool.to_ascii_lowercase().contains("python") || call.tool.to_ascii_lowercase().contains("jupyter") => {
            let code = text(&args, "code|source|script|input").unwrap_or_default();
            shell.code("python", &code, true);
        }
        None if call.command.is_some() => match ["command", "cmd", "script"].iter().find_map(|key| args.get(*key)?.as_array()) {
            Some(words) => {
                let words: Vec<Arg> = words.iter().filter_map(Value::as_str).map(|w| Arg { text: w.to_owned(), known: true }).collect();
                shell.run(&words, &Flow::default());
            }
            None => drop(shell.script(call.command.unwrap_or_default(), &Flow::default())),
        },
        None => shell.other_tool(call, hints.of(call.tool), &args),
    }
    deed
}

impl Shell<'_> {
    fn tool(&mut self, call: &Call<'_>, rows: &[Does], args: &Value) {
        self.deed.told = true;
        // One tool with several commands, as editors have: looking is no writing.
        let looks = args.get("command").and_then(Value::as_str).is_some_and(|c| c == "view");
        for row in rows {
            let verb = if looks { Verb::Read } else { row.verb };
            match row.kind.as_str() {
                "path" if row.place == "*patch" => self.patch(call, args),
                "path" => {
                    let paths = texts(args, &row.place);
                    if paths.is_empty() && verb != Verb::Read {
                        self.deed.add_unknown(&named(call.tool, args));
                    }
                    let here = paths.is_empty() && verb == Verb::Read;
                    for path in paths.into_iter().chain(here.then(|| ".".to_owned())) {
                        self.tool_path(verb, &path, args);
                    }
                }
                "host" if verb == Verb::Fetch && asked_verb(args) != Verb::Fetch => {
                    let url = texts(args, &row.place).into_iter().next().unwrap_or_default();
                    let (host, path) = target::url(&url).unwrap_or_default();
                    let target = if host.is_empty() { format!("?{url}") } else { format!("{host}{path}") };
                    self.deed.add(asked_verb(args), target, true);
                    self.deed.sendings.push(super::deed::Sending { host, files: Vec::new(), text: args.to_string() });
                    self.deed.marks.extend((asked_verb(args) == Verb::Send).then_some(Mark::NotRepeatable));
                }
                "host" => match texts(args, &row.place).iter().find_map(|u| target::url(u)) {
                    Some((host, path)) => self.deed.add(verb, host + &path, true),
                    None => self.deed.add(verb, texts(args, &row.place).pop().map_or_else(|| "?".to_owned(), |to| format!("mail/{to}")), true),
                },
                "text" if row.of.starts_with('?') => {
                    self.deed.add_unknown(&format!("{} {}", call.tool, text(args, "description|prompt|task").unwrap_or_default()))
                }
                "text" => self.deed.add(verb, row.of.clone(), true),
                "proc" => self.deed.add(verb, format!("proc:{}", texts(args, &row.place).pop().unwrap_or_default()), true),
                _ => self.deed.add_unknown(&named(call.tool, args)),
            }
            if verb == Verb::Send {
                self.deed.marks.insert(Mark::NotRepeatable);
            }
        }
    }

    fn tool_path(&mut self, verb: Verb, path: &str, args: &Value) {
        let arg = Arg { text: path.to_owned(), known: true };
        match verb {
            Verb::Read => self.reads(&arg),
            Verb::Modify => {
                let whole = text(args, "content|contents|file_text|text|new_content|code_edit")
                    .filter(|_| args.get("old_string").is_none() && args.get("oldText").is_none());
                match whole {
                    Some(content) => {
                        self.writes(&arg, Some(&content), false);
                        self.note_allow_rule(path, &content);
                    }
                    None => {
                        let place = self.path(&arg);
                        let edited = self.edited(&place, args);
                        self.writes(&arg, edited.as_deref().filter(|t| !t.is_empty()), false);
                    }
                }
            }
            verb => {
                let place = self.path(&arg);
                self.files.forget(&place);
                self.deed.add(verb, place, true);
            }
        }
    }

    /// Applies an exact replacement to a content that is known.
    fn edited(&self, path: &str, args: &Value) -> Option<String> {
        let before = self.files.content(path)?;
        let (old, new) = (text(args, "old_string|old_str|oldText|old_text")?, text(args, "new_string|new_str|newText|new_text")?);
        before.contains(&old).then(|| before.replacen(&old, &new, 1))
    }

    fn note_allow_rule(&mut self, path: &str, content: &str) {
        if path.contains("settings") && content.contains("\"permissions\"") && content.contains("\"allow\"") {
            self.deed.marks.insert(Mark::EditedPolicy);
        }
    }

    fn made(&mut self, file: Option<(String, String)>) {
        if let Some((place, text)) = file {
            self.files.write(&place, Some(&text));
        }
    }

    /// A patch names the files it touches.
    fn patch(&mut self, call: &Call<'_>, args: &Value) {
        let body = match args {
            Value::String(text) => Some(text.clone()),
            Value::Null => call.args.map(str::to_owned),
            args => text(args, "patch|input|diff|patch_text|patchText|content"),
        };
        let mut any = false;
        // A file that is made whole has the lines that are added to it; of one that is changed nothing is known but that.
        let (mut made, mut is_new): (Option<(String, String)>, bool) = (None, false);
        for line in body.as_deref().unwrap_or_default().lines().take(200_000) {
            let named = [
                ("*** Update File: ", Verb::Modify),
                ("*** Add File: ", Verb::Create),
                ("*** Delete File: ", Verb::Delete),
                ("*** Move to: ", Verb::Create),
                ("+++ b/", Verb::Modify),
                ("+++ ", Verb::Modify),
            ]
            .into_iter()
            .find_map(|(head, verb)| line.strip_prefix(head).map(|path| (head, path, verb)));
            if let Some((head, path, verb)) = named.filter(|(_, path, _)| *path != "/dev/null") {
                any = true;
                let arg = Arg { text: path.split('\t').next().unwrap_or(path).trim().to_owned(), known: true };
                let place = self.path(&arg);
                self.note_policy(&place);
                self.files.write(&place, None);
                self.deed.add(verb, place.clone(), true);
                self.made(made.take());
                made = (head == "*** Add File: " || is_new).then(|| (place, String::new()));
            } else if let (Some((_, text)), Some(added)) = (&mut made, line.strip_prefix('+')) {
                text.push_str(added);
                text.push('\n');
            }
            is_new = line.starts_with("--- /dev/null");
        }
        self.made(made);
        if !any {
            self.deed.add_unknown(&named(call.tool, args));
        }
    }

    /// A tool that no table knows: SQL in its arguments, its `annotations`, else nothing is known.
    fn other_tool(&mut self, call: &Call<'_>, hint: Option<Hint>, args: &Value) {
        let (server, tool) = match call.tool.strip_prefix("mcp__").and_then(|rest| rest.split_once("__")) {
            Some((server, tool)) => (server, tool),
            None => ("tool", call.tool),
        };
        if let Some(sql) = text(args, "sql|statement").or_else(|| text(args, "query").filter(|q| looks_like_sql(q))) {
            self.deed.told = true;
            let database = text(args, "database|db|dataset|schema").unwrap_or_else(|| "-".to_owned());
            return self.sql(&format!("db:{server}/{database}"), &sql);
        }
        let target = format!("mcp:{server}/{tool}{}", telling(args));
        match hint {
            Some(Hint { read_only: Some(true), .. }) => {
                self.deed.told = true;
                self.deed.add(Verb::Read, target, true);
            }
            Some(hint) if hint.read_only == Some(false) || hint.destructive.is_some() => {
                self.deed.told = true;
                let verb = match (hint.destructive, hint.open_world) {
                    (Some(true), _) => Verb::Delete,
                    (_, Some(true)) => Verb::Send,
                    _ => Verb::Modify,
                };
                if hint.idempotent != Some(true) {
                    self.deed.marks.insert(Mark::NotRepeatable);
                }
                self.deed.add(verb, target, true);
            }
            _ if !call.tool.starts_with("mcp__") => self.deed.add_unknown(&named(call.tool, args)),
            _ => {
                self.deed.unknown = true;
                self.deed.add(Verb::Execute, target, false);
            }
        }
    }
}

/// Arguments that look like an id, a path or a URL tell one target of a tool from another.
fn telling(args: &Value) -> String {
    let Value::Object(map) = args else { return String::new() };
    let telling_key = |k: &str| {
        k == "id"
            || k.ends_with("_id")
            || k.ends_with("Id")
            || ["path", "url", "name", "target", "key", "repo", "project", "channel", "environment", "env", "component"].contains(&k)
    };
    let mut parts: Vec<String> =
        map.iter().filter(|(k, _)| telling_key(k)).filter_map(|(_, v)| v.as_str().map(str::to_owned).or_else(|| v.as_i64().map(|n| n.to_string()))).collect();
    parts.sort();
    parts.into_iter().take(4).map(|p| format!("/{}", p.replace('/', "%2F"))).collect()
}

/// Names a call whose effects are not known by all that was asked; without arguments nothing tells it from another.
fn named(tool: &str, args: &Value) -> String {
    if args.is_null() { String::new() } else { format!("{tool} {args}") }
}

/// Gives what a tool that fetches does by the method and the body it is given.
fn asked_verb(args: &Value) -> Verb {
    let method = text(args, "method|http_method|httpMethod").map(|m| m.to_ascii_uppercase());
    let body = ["body", "data", "json", "form", "payload"].iter().any(|key| args.get(*key).is_some_and(|v| !v.is_null() && v.as_str() != Some("")));
    match method.as_deref() {
        Some("DELETE") => Verb::Delete,
        Some("PUT" | "PATCH") => Verb::Modify,
        Some("GET" | "HEAD" | "OPTIONS") | None if !body => Verb::Fetch,
        _ => Verb::Send,
    }
}

fn looks_like_sql(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    matches!(first.as_str(), "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "DROP" | "ALTER" | "CREATE" | "TRUNCATE" | "WITH" | "GRANT" | "MERGE" | "EXPLAIN")
}

fn texts(args: &Value, keys: &str) -> Vec<String> {
    let mut all = Vec::new();
    for value in keys.split('|').filter_map(|key| args.get(key)) {
        match value {
            Value::String(text) => all.push(text.clone()),
            Value::Array(items) => all.extend(items.iter().filter_map(Value::as_str).map(str::to_owned)),
            _ => {}
        }
    }
    all
}

fn text(args: &Value, keys: &str) -> Option<String> {
    keys.split('|').find_map(|key| args.get(key)?.as_str().map(str::to_owned))
}
