//! The rules of the house, checked on the sources: layers, crates, sizes, panics, printing, words.
//!
//! The layers are the table of `docs/architecture.md`, the words that of `docs/vocabulary.md`: what a person reads there is
//! what is checked here. Each check is a function from text to complaints, tried on a small text of its own at the end.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

const MAX_FILE_LINES: usize = 400;
const MAX_PLATE_LINES: usize = 80;
const MAX_FUNCTION_LINES: usize = 80;

/// Text that may stand only where said: pattern, the folders that may hold it, what to do instead.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    (r"\.unwrap\(\)|\.expect(?:_err)?\(\s*(?:\)|&format!)|\b(?:panic|todo|unimplemented)!", &[], "give back an error or an issue; only tests may panic"),
    (r"\b(?:e?print|e?println|dbg)!", &["cli", "main"], "only src/cli prints; return the value"),
];

/// File names that say nothing about what is in the file.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "misc"];

/// Places of one machine or of a registry; written so that this file does not hold them itself.
const PLACES: &[(&str, &str)] = &[
    (concat!(r"(?:^|[^\w.~-])/", r"(?:work|root|tmp/wt)/"), "a path of one machine; use a relative path, or `~`"),
    (concat!(r"(?:index|static)\.crates", r"\.io|crates\.io", r"-index"), "a registry's host; name the package alone"),
    (concat!(r"\bpypi", r"\.org|pythonhosted", r"\.org|registry\.npmjs", r"\.org|proxy\.golang", r"\.org"), "a registry's host; name the package alone"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect(text)
}

// ---------------------------------------------------------------- what is read

/// One Rust file and its layers; all of one length, so that offsets agree.
struct Source {
    path: String,
    text: String,
    /// Without comments and literals.
    code: String,
    /// The code without tests.
    live: String,
    comments: String,
    /// The literals outside tests.
    literals: String,
}

impl Source {
    fn new(path: &str, text: &str, is_test: bool) -> Self {
        let (code, comments, literals) = take_apart(text);
        let tests = if is_test { std::iter::once(0..text.len()).collect() } else { test_items(&code) };
        Self { path: path.to_owned(), text: text.to_owned(), live: blank_out(&code, &tests), literals: blank_out(&literals, &tests), code, comments }
    }

    /// The folder of `src/` the file lies in; the roots of the crate count as `main` and `lib`.
    fn folder(&self) -> &str {
        let inner = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inner.split_once('/').map_or_else(|| inner.trim_end_matches(".rs"), |(folder, _)| folder)
    }

    fn at(&self, offset: usize) -> String {
        place(&self.path, &self.text, offset)
    }
}

fn place(path: &str, text: &str, offset: usize) -> String {
    format!("{path}:{}", 1 + text.as_bytes()[..offset].iter().filter(|b| **b == b'\n').count())
}

fn blank(text: &str) -> String {
    text.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect()
}

fn blank_out(text: &str, ranges: &[Range<usize>]) -> String {
    let mut left = text.to_owned();
    for range in ranges {
        left.replace_range(range.clone(), &blank(&text[range.clone()]));
    }
    left
}

const STRING: &str = r#""(?:[^"\\]|\\(?s:.))*""#;

/// Sorts a Rust text into code, comments and literals; each keeps its place and leaves blanks in the other two.
fn take_apart(text: &str) -> (String, String, String) {
    static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
        let comment = r"(?P<comment>//[^\n]*|/\*(?s:.*?)\*/)";
        let raw = r###"r"[^"]*"|r#"(?s:.*?)"#|r##"(?s:.*?)"##"###;
        let character = r"'(?:[^'\\\n]|\\[^\n][^'\n]*)'";
        pattern(&format!("{comment}|{raw}|{STRING}|{character}"))
    });
    let [mut code, mut comments, mut literals] = [const { String::new() }; 3];
    let mut from = 0;
    for token in TOKEN.captures_iter(text) {
        let found = token.get(0).expect("a match");
        let between = &text[from..found.start()];
        let (comment, literal) = if token.name("comment").is_some() { (found.as_str(), "") } else { ("", found.as_str()) };
        code += &(between.to_owned() + &blank(found.as_str()));
        comments += &(blank(between) + comment + &blank(literal));
        literals += &(blank(between) + &blank(comment) + literal);
        from = found.end();
    }
    let rest = &text[from..];
    (code + rest, comments + &blank(rest), literals + &blank(rest))
}

/// The items under `#[cfg(test)]`.
fn test_items(code: &str) -> Vec<Range<usize>> {
    static MARK: LazyLock<Regex> = LazyLock::new(|| pattern(r"#\[cfg\((?:all\()?test\b[^\]]*\]|#\[test\]"));
    let mut items: Vec<Range<usize>> = Vec::new();
    for mark in MARK.find_iter(code) {
        if items.last().is_none_or(|item| item.end <= mark.start()) {
            items.push(mark.start()..item_end(code, mark.end()));
        }
    }
    items
}

/// Where the item that begins here ends: after its `;`, or after the brace that closes its body.
fn item_end(code: &str, from: usize) -> usize {
    let mut brackets = 0_i32;
    for (offset, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets -= 1,
            b';' if brackets == 0 => return offset + 1,
            b'{' if brackets == 0 => return closing(code, offset) + 1,
            _ => {}
        }
    }
    code.len()
}

/// The brace that closes the one at `open`.
fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_i32;
    for (offset, byte) in code.bytes().enumerate().skip(open) {
        depth += i32::from(byte == b'{') - i32::from(byte == b'}');
        if depth == 0 {
            return offset;
        }
    }
    code.len() - 1
}

static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let read = |path: &PathBuf| fs::read_to_string(path).expect("a readable source");
    let paths: Vec<PathBuf> = walk(&root().join("src")).into_iter().filter(|p| p.extension().is_some_and(|e| e == "rs")).collect();
    let test_module = pattern(r"#\[cfg\(test\)\]\s*(?:pub(?:\([^)]*\))? )?mod (\w+);");
    let mut tests = BTreeSet::new();
    for path in &paths {
        let text = read(path);
        let home = if matches!(stem(path), "mod" | "lib" | "main") { path.with_file_name("") } else { path.with_extension("") };
        tests.extend(test_module.captures_iter(&text).map(|m| home.join(format!("{}.rs", &m[1]))));
    }
    paths.iter().map(|path| Source::new(&relative(path), &read(path), tests.contains(path))).collect()
});

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|s| s.to_str()).unwrap_or_default()
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).map(|entries| entries.flatten().map(|e| e.path()).collect()).unwrap_or_default();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// The files under version control; where there is no git, those of the folders that a release holds.
fn tracked() -> Vec<PathBuf> {
    let listed = std::process::Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    match listed {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).split_terminator('\0').map(|name| root().join(name)).collect(),
        _ => ["src", "docs", "tests", "themes", ".ci"].iter().flat_map(|folder| walk(&root().join(folder))).collect(),
    }
}

/// The rows of the Markdown table whose head begins with `head`, cell by cell.
fn table(document: &str, head: &str) -> Vec<Vec<String>> {
    let rows = document.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    rows.take_while(|line| line.starts_with('|')).map(cells).collect()
}

/// What stands in backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

// ---------------------------------------------------------------- layers and crates

struct Layer {
    folder: String,
    uses: Vec<String>,
    crates: Vec<String>,
}

/// Reads the table of layers; `all above` stands for every row before.
fn layers(document: &str) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    for row in table(document, "| folder | may use |") {
        let folder = quoted(&row[0]).concat();
        let above = || layers.iter().map(|layer| layer.folder.clone()).collect();
        let uses = if row[1] == "all above" { above() } else { quoted(&row[1]) };
        layers.push(Layer { folder, uses, crates: quoted(&row[2]) });
    }
    layers
}

/// The modules of the crate's root that a file names: by `crate::`, or by as many `super::` as lead there.
fn named_folders(source: &Source) -> Vec<(usize, String)> {
    static PATH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[^\w:])(?:crate::|ossia::|((?:super::)+))(\w+|\{)"));
    let depth = source.path.matches('/').count() - usize::from(source.path.ends_with("/mod.rs"));
    let mut found = Vec::new();
    for hit in PATH.captures_iter(&source.code).filter(|hit| hit.get(1).is_none_or(|climb| climb.as_str().matches("super").count() == depth)) {
        let name = hit.get(2).expect("the group takes part");
        if name.as_str() == "{" {
            found.extend(first_names(&source.code, name.start()));
        } else {
            found.push((name.start(), name.as_str().to_owned()));
        }
    }
    found
}

/// The first name of each path in the group of a `use` that opens here.
fn first_names(code: &str, open: usize) -> Vec<(usize, String)> {
    let (mut depth, mut expected, mut names) = (0_i32, false, Vec::new());
    for (offset, c) in code[open..=closing(code, open)].char_indices() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth == 1 && matches!(c, '{' | ',') {
            expected = true;
        } else if expected && (c.is_alphanumeric() || c == '_') {
            let at = open + offset;
            let end = code[at..].find(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(code.len(), |n| at + n);
            names.push((at, code[at..end].to_owned()));
            expected = false;
        }
    }
    names
}

fn check_layers(source: &Source, layers: &[Layer]) -> Vec<String> {
    let folder = source.folder();
    if matches!(folder, "main" | "lib") {
        return Vec::new();
    }
    let Some(layer) = layers.iter().find(|l| l.folder == folder) else {
        return vec![format!("{}:1: folder `{folder}` has no layer; give it a row in the table of docs/architecture.md", source.path)];
    };
    let allowed = |name: &str| name == folder || layer.uses.iter().any(|used| used == name) || !layers.iter().any(|l| l.folder == name);
    let wrong = named_folders(source).into_iter().filter(|(_, name)| !allowed(name));
    let complain =
        |(at, name)| format!("{}: `{folder}` may not use `{name}` (layers in docs/architecture.md); pass the value in, or move the code up", source.at(at));
    wrong.map(complain).collect()
}

fn check_crates(source: &Source, layers: &[Layer]) -> Vec<String> {
    let folder = if source.folder() == "main" { "cli" } else { source.folder() };
    let mut wrong = Vec::new();
    for layer in layers.iter().filter(|layer| layer.folder != folder) {
        for name in &layer.crates {
            let named = source.code.match_indices(name.as_str()).filter(|(at, _)| is_path(&source.code, *at, name.len()));
            wrong.extend(
                named.map(|(at, _)| {
                    format!("{}: `{name}` is named only in `{}` (docs/architecture.md); wrap what is needed there", source.at(at), layer.folder)
                }),
            );
        }
    }
    wrong
}

/// Whether the name at `at` begins a path, or is all that a `use` takes.
fn is_path(code: &str, at: usize, length: usize) -> bool {
    let (before, after) = (&code[..at], &code[at + length..]);
    let begins = !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':'));
    begins && (after.starts_with("::") || before.trim_end().ends_with("use") && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

// ---------------------------------------------------------------- sizes, openings, forbidden text

fn check_sizes(source: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines = source.text.lines().count();
    let (limit, advice) = match source.path.ends_with("/mod.rs") {
        true => (MAX_PLATE_LINES, "a mod.rs is the folder's page, its trait and its `pub use`; move the rest to files named for it"),
        false => (MAX_FILE_LINES, "split it where the subject changes"),
    };
    if lines > limit {
        wrong.push(format!("{}:{lines}: {lines} lines, the limit is {limit}; {advice}", source.path));
    }
    static FUNCTION: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bfn\s+(\w+)"));
    for found in FUNCTION.captures_iter(&source.code) {
        let start = found.get(0).expect("a match").start();
        let long = source.code[start..item_end(&source.code, start)].lines().count();
        if long > MAX_FUNCTION_LINES {
            wrong.push(format!("{}: `{}` has {long} lines, the limit is {MAX_FUNCTION_LINES}; give its parts names", source.at(start), &found[1]));
        }
    }
    wrong
}

fn check_opening(source: &Source) -> Vec<String> {
    let says = source.text.lines().next().is_some_and(|line| line.strip_prefix("//!").is_some_and(|said| !said.trim().is_empty()));
    let name = stem(Path::new(&source.path)).to_owned();
    let empty = EMPTY_NAMES.contains(&name.as_str()) || EMPTY_NAMES.contains(&source.folder());
    let opening = (!says).then(|| format!("{}:1: open the file with a `//!` line that says what it holds", source.path));
    let naming = empty.then(|| format!("{}:1: the name says nothing; name the file for the thing in it", source.path));
    opening.into_iter().chain(naming).collect()
}

fn check_forbidden(source: &Source) -> Vec<String> {
    static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| FORBIDDEN.iter().map(|(text, ..)| pattern(text)).collect());
    let rules = FORBIDDEN.iter().zip(&*PATTERNS).filter(|((_, folders, _), _)| !folders.contains(&source.folder()));
    rules
        .flat_map(|((_, _, advice), found)| found.find_iter(&source.live).map(move |m| format!("{}: `{}`: {advice}", source.at(m.start()), m.as_str())))
        .collect()
}

fn check_places(path: &str, text: &str) -> Vec<String> {
    static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| PLACES.iter().map(|(text, _)| pattern(&format!("(?m){text}"))).collect());
    let rules = PLACES.iter().zip(&*PATTERNS);
    rules
        .flat_map(|((_, advice), found)| found.find_iter(text).map(move |m| format!("{}: `{}` is {advice}", place(path, text, m.start()), m.as_str().trim())))
        .collect()
}

// ---------------------------------------------------------------- words

/// A word the project does not use, the word it uses, and the names of others in which it may stand.
struct Word {
    banned: String,
    instead: String,
    except: Vec<String>,
}

fn words(document: &str) -> Vec<Word> {
    let rows = table(document, "| not | but |").into_iter();
    rows.flat_map(|row| quoted(&row[0]).into_iter().map(move |banned| Word { banned, instead: row[1].replace('`', ""), except: quoted(&row[2]) })).collect()
}

/// Finds banned words in identifiers, comments and sentences. What comments quote in backticks and literals without a space
/// are names that others gave, and stand as they are.
fn check_words(source: &Source, words: &[Word]) -> Vec<String> {
    static QUOTE: LazyLock<Regex> = LazyLock::new(|| pattern(r"`[^`\n]*`"));
    static SENTENCE: LazyLock<Regex> = LazyLock::new(|| pattern(STRING));
    static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z][A-Za-z0-9_-]*"));
    let comments = QUOTE.replace_all(&source.comments, |c: &regex::Captures<'_>| blank(&c[0])).into_owned();
    let mut found: Vec<(usize, &str)> = NAME.find_iter(&source.code).chain(NAME.find_iter(&comments)).map(|m| (m.start(), m.as_str())).collect();
    for sentence in SENTENCE.find_iter(&source.literals).filter(|literal| literal.as_str().contains(' ')) {
        found.extend(NAME.find_iter(sentence.as_str()).map(|m| (sentence.start() + m.start(), m.as_str())));
    }
    let mut wrong = Vec::new();
    for (at, name) in found {
        for part in parts(name) {
            if let Some(word) = words.iter().find(|w| is_form_of(&part, &w.banned) && !w.except.iter().any(|e| e.eq_ignore_ascii_case(name))) {
                wrong.push(format!("{}: `{name}`: we say {} (docs/vocabulary.md)", source.at(at), word.instead));
            }
        }
    }
    wrong
}

/// The words an identifier is made of, in lower case.
fn parts(name: &str) -> Vec<String> {
    static PART: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Z]+[a-z0-9]*|[a-z0-9]+"));
    PART.find_iter(name).map(|m| m.as_str().to_lowercase()).collect()
}

fn is_form_of(word: &str, banned: &str) -> bool {
    word.strip_prefix(banned).is_some_and(|ending| matches!(ending, "" | "s" | "es" | "d" | "ed"))
}

// ---------------------------------------------------------------- the checks on the repository

fn all(check: impl Fn(&Source) -> Vec<String>) {
    nothing_wrong(SOURCES.iter().flat_map(check).collect());
}

fn nothing_wrong(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).expect(name)
}

#[test]
fn every_layer_uses_only_what_it_may() {
    let layers = layers(&document("architecture.md"));
    assert!(layers.len() > 15, "the table of layers was not found in docs/architecture.md");
    all(|source| [check_layers(source, &layers), check_crates(source, &layers)].concat());
}

#[test]
fn files_and_functions_are_small() {
    all(check_sizes);
}

#[test]
fn every_file_says_what_it_is() {
    all(check_opening);
}

#[test]
fn nothing_panics_and_only_cli_prints() {
    all(check_forbidden);
}

#[test]
fn the_words_are_ours() {
    let words = words(&document("vocabulary.md"));
    assert!(words.len() > 10, "the table of words was not found in docs/vocabulary.md");
    all(|source| check_words(source, &words));
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    // Fixtures are what agents wrote on machines that never were; the lock file names its registry by design.
    let kept = |path: &PathBuf| !relative(path).starts_with("fixtures/") && !path.ends_with("Cargo.lock");
    let read = |path: PathBuf| fs::read(&path).map(|bytes| check_places(&relative(&path), &String::from_utf8_lossy(&bytes))).unwrap_or_default();
    nothing_wrong(tracked().into_iter().filter(kept).flat_map(read).collect());
}

#[test]
fn every_format_is_on_its_page() {
    static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r#"Format \{\s*name: "([^"]+)""#));
    let page = document("formats.md");
    let formats = SOURCES.iter().filter(|source| source.folder() == "formats").flat_map(|source| NAME.captures_iter(&source.text).map(move |m| (source, m)));
    let missing = formats.filter(|(_, found)| !page.contains(&format!("| `{}` |", &found[1])));
    nothing_wrong(
        missing
            .map(|(source, found)| {
                format!("{}: `{}` has no row in docs/formats.md; add one", source.at(found.get(1).expect("the group takes part").start()), &found[1])
            })
            .collect(),
    );
}

#[test]
fn every_dependency_has_its_reason() {
    static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?m)^([\w-]+) = (?:"|\{ version)"#));
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let page = document("dependencies.md");
    let named = manifest.split("\n[").filter(|section| section.split(']').next().is_some_and(|head| head.ends_with("dependencies")));
    let missing = named.flat_map(|section| NAME.captures_iter(section)).filter(|found| !page.contains(&format!("| `{}` |", &found[1])));
    nothing_wrong(
        missing.map(|found| format!("Cargo.toml: `{}` has no line in docs/dependencies.md; say what it is for and what was weighed", &found[1])).collect(),
    );
}

#[test]
fn every_test_file_is_run() {
    let folder = root().join("tests/it");
    let main = fs::read_to_string(folder.join("main.rs")).expect("tests/it/main.rs");
    let declared: BTreeSet<String> = pattern(r"(?m)^(?:pub )?mod (\w+);").captures_iter(&main).map(|m| m[1].to_owned()).collect();
    let here =
        fs::read_dir(&folder).expect("tests/it").flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "rs") || p.join("mod.rs").exists());
    let forgotten = here.filter(|p| stem(p) != "main" && !declared.contains(stem(p)));
    nothing_wrong(forgotten.map(|p| format!("{}:1: never compiled; add `mod {};` to tests/it/main.rs", relative(&p), stem(&p))).collect());
}

// ---------------------------------------------------------------- the checks on themselves

const LAYER_TABLE: &str = "\
| folder | may use | crates of its own |
|---|---|---|
| `model` | | |
| `formats` | `model` | |
| `store` | `model` | `rusqlite` |
| `cli` | all above | `clap` |
";

fn complaints(path: &str, text: &str) -> String {
    let (layers, words) =
        (layers(LAYER_TABLE), words("| not | but | except |\n|---|---|---|\n| `corpus` | workspace | |\n| `episode` | trajectory | `episode_id` |\n"));
    let source = Source::new(path, text, false);
    let checks = [
        check_layers(&source, &layers),
        check_crates(&source, &layers),
        check_sizes(&source),
        check_opening(&source),
        check_forbidden(&source),
        check_words(&source, &words),
    ];
    checks.concat().join("\n")
}

#[track_caller]
fn complains(path: &str, text: &str, of: &str) {
    let said = complaints(path, text);
    assert!(said.contains(of) && said.lines().count() == 1, "wanted one complaint of {of:?}, got {said:?}");
}

#[test]
fn a_layer_that_is_not_allowed_is_found() {
    complains("src/formats/a.rs", "//! A.\nuse crate::store::Store;\n", "src/formats/a.rs:2: `formats` may not use `store`");
    complains("src/formats/a.rs", "//! A.\nuse crate::{\n    model::{self, store},\n    cli,\n};\n", "src/formats/a.rs:4: `formats` may not use `cli`");
    complains("src/formats/mod.rs", "//! A.\nuse super::store;\n", "may not use `store`");
    complains("src/formats/a.rs", "//! A.\nuse super::super::store::Store;\n", "may not use `store`");
    complains("src/attic/a.rs", "//! A.\n", "has no layer");
    assert_eq!(complaints("src/formats/a.rs", "//! A, see crate::store.\nuse crate::model::Step;\nuse super::store;\n"), "");
    assert_eq!(complaints("src/cli/a.rs", "//! A.\nuse crate::{model, store};\nuse clap::Parser;\n"), "");
}

#[test]
fn a_crate_outside_its_folder_is_found() {
    complains("src/formats/a.rs", "//! A.\nfn f(_: rusqlite::Connection) {}\n", "src/formats/a.rs:2: `rusqlite` is named only in `store`");
    complains("src/store/a.rs", "//! A.\nuse clap;\n", "named only in `cli`");
}

#[test]
fn size_opening_and_name_are_checked() {
    complains("src/model/a.rs", &format!("//! A.\n{}", "\n".repeat(400)), "401 lines, the limit is 400");
    complains("src/model/mod.rs", &format!("//! A.\n{}", "\n".repeat(80)), "the limit is 80");
    complains("src/model/a.rs", &format!("//! A.\nfn f(_: [u8; 2]) {{\n{}}}\n", "    let _ = '{';\n".repeat(80)), "src/model/a.rs:2: `f` has 82 lines");
    complains("src/model/a.rs", "fn f() {}\n", "open the file with a `//!` line");
    complains("src/model/utils.rs", "//! A.\n", "the name says nothing");
}

#[test]
fn panics_and_prints_are_found_outside_tests_only() {
    complains("src/model/a.rs", "//! A.\nfn f() { Some(1).unwrap(); }\n", "src/model/a.rs:2: `.unwrap()`");
    complains("src/model/a.rs", "//! A.\n#[cfg(test)]\nmod tests { fn f() { panic!() } }\nfn f() { todo!() }\n", "src/model/a.rs:4: `todo!`");
    complains("src/model/a.rs", "//! A.\nfn f() { Some(1).expect(\"one\"); }\n", "src/model/a.rs:2: `.expect(");
    complains("src/model/a.rs", "//! A.\nfn f() { eprintln!(); }\n", "only src/cli prints");
    assert_eq!(complaints("src/model/a.rs", "//! Never `.unwrap()`.\nconst A: &str = r#\"panic!(\"x\")\"#; // todo!()\n"), "");
    assert_eq!(complaints("src/cli/a.rs", "//! A.\nfn f() { println!(); }\n"), "");
    assert_eq!(complaints("src/model/a.rs", "//! A.\nfn f(p: P) { p.expect(b':'); }\n"), "");
}

#[test]
fn words_of_others_are_found() {
    complains("src/model/a.rs", "//! Walks the corpus.\n", "src/model/a.rs:1: `corpus`: we say workspace");
    complains("src/model/a.rs", "//! A.\nstruct EpisodesRead;\n", "src/model/a.rs:2: `EpisodesRead`: we say trajectory");
    complains("src/model/a.rs", "//! A.\nconst A: &str = \"no such corpus\";\n", "src/model/a.rs:2: `corpus`");
    assert_eq!(complaints("src/model/a.rs", "//! Reads `corpus`.\nconst A: &str = \"corpus\";\nfn f(episode_id: u8) {}\n"), "");
}

#[test]
fn places_are_found() {
    assert_eq!(check_places("a.md", concat!("one\nsee /wo", "rk/x\n")).len(), 1);
    assert_eq!(check_places("a.md", concat!("https://index.crates", ".io\n")).len(), 1);
    assert!(check_places("a.md", "homework/x ~/.cache /usr/bin\n").is_empty());
}
