//! The pages of `docs/`: every link leads somewhere, every page is reached, and what is made from tables is what the tables say.

use ossia::query::{Field, Level, parse};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<PathBuf> {
    let folder = |folder: &str| fs::read_dir(root().join(folder)).unwrap().flatten().map(|entry| entry.path()).collect::<Vec<PathBuf>>();
    let all = [folder("."), folder("docs"), folder("docs/formats"), folder("docs/shapes")].concat();
    let mut pages: Vec<PathBuf> = all.into_iter().filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    pages.sort();
    pages
}

/// Gives the targets of links, and of pictures, that lie in the repository: what stands before `#`, and what after.
fn links(text: &str) -> Vec<(String, String)> {
    let link = regex::Regex::new(r#"\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)""#).unwrap();
    let targets = link.captures_iter(text).map(|found| found.get(1).or(found.get(2)).unwrap().as_str().to_owned());
    let here = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    here.map(|target| target.split_once('#').map_or((target.clone(), String::new()), |(path, place)| (path.to_owned(), place.to_owned()))).collect()
}

/// Names a heading as a page of the repository is linked to it.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>().trim().replace(' ', "-")
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = String::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for (path, place) in links(&text) {
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(&path) };
            let found = fs::read_to_string(&target).ok().or_else(|| target.exists().then(String::new));
            let there = found.is_some_and(|text| {
                place.is_empty() || text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line.trim_start_matches('#')) == place)
            });
            if !there {
                writeln!(wrong, "{}: {path}#{place}", page.strip_prefix(root()).unwrap().display()).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "links that lead nowhere:\n{wrong}");
}

#[test]
fn every_page_is_reached_from_the_readme() {
    let (mut reached, mut next) = (BTreeSet::new(), vec![root().join("README.md")]);
    while let Some(page) = next.pop() {
        let Ok(known) = page.canonicalize() else { continue };
        if known.extension().is_some_and(|end| end == "md") && reached.insert(known.clone()) {
            next.extend(links(&fs::read_to_string(&known).unwrap()).into_iter().map(|(path, _)| known.parent().unwrap().join(path)));
        }
    }
    let lost: Vec<PathBuf> = pages().into_iter().filter(|page| !reached.contains(&page.canonicalize().unwrap())).collect();
    assert!(lost.is_empty(), "no link leads to {lost:?}");
}

/// Writes the page of the filter language from its table of fields.
fn filter_page() -> String {
    let mut page = String::from(FILTER);
    for field in Field::ALL {
        let negated = match field.level(field.values().first().copied().unwrap_or_default()) {
            Level::Step => "the step",
            Level::Execution => "the steps of the execution",
            Level::Trajectory => "the trajectory",
        };
        let values = if field.values().is_empty() { String::new() } else { format!("`{}`", field.values().join("` `")) };
        writeln!(page, "| `{}:` | {} | {values} | {negated} |", field.name(), field.doc()).unwrap();
    }
    page + EXAMPLES
}

const FILTER: &str = "# The filter language

The same in the library (`/`), in queues, in datasets and behind `ossia ls` and `ossia search`. Words are searched in the full text and all must be
found; everything of a query must hold for one step, with the fields of its execution and of its trajectory beside its own. `search` lists such
steps, `ls` and the library the trajectories that have one.

| write | finds |
|---|---|
| `push release` | both words |
| `\"force push\"` | the phrase |
| `push OR merge`, `( )` | either; grouping |
| `-push`, `-tool:bash` | what does not have it |
| `migrat*` | words that begin so |
| `/rm -r?f/` | a regular expression, looked for in the text itself |
| `wait:>30s`, `steps:100..200`, `tokens:>=50k` | numbers and durations (`ms s min h d`; `k M G`) |
| `risk:>=medium`, `risk:low..high` | values that go from the least to the most |
| `at:2026-05`, `at:2026-05-01..2026-05-31` | days, months, instants |
| `is:denied is:retried` | refused calls that were tried again; `is:retry` are the tries |
| `label:needs_ask=yes` | trajectories with that answer |

A word before `:` that is no field is text, unless a field is one letter away: then the query is refused with the suggestion, and the column. Exact ids,
hashes and flags are found however long. On the screen a query that finds nothing is loosened (any of the words, then words that begin so) and says
so; on the command line `--relax` does it. A word with a `-` right behind another one, as in `rm -rf`, leaves steps out, and that is said: `\"rm -rf\"` looks for both.

For a regular expression every step is looked at in which the runs of letters and digits stand that it needs; without such a run, every step. The library
shows what it finds as it finds it, and gives it up as soon as something else is asked for.

| field | is | values | `-field:` leaves out |
|---|---|---|---|
";

const EXAMPLES: &str = "
How to add a field: one line in `src/query/field.rs`, and its values where a step's document is made (`src/index/document.rs`); the parser, the
completion, the help of the command line and this page follow from the table. [architecture.md](architecture.md) says where each lies.
";

#[test]
fn the_page_of_the_filter_language_is_its_table() {
    let (path, page) = (root().join("docs/filter.md"), filter_page());
    if std::env::var_os("OSSIA_WRITE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), page, "docs/filter.md is old; OSSIA_WRITE_DOCS=1 cargo test writes it");
    for query in page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | ")).map(|(query, _)| query).filter(|query| !query.ends_with(':')) {
        for query in query.split("`, `").filter(|query| !query.contains("( )")) {
            assert!(parse(query).is_ok(), "{query}");
        }
    }
}
