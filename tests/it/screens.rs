//! The screen, driven by keys: what a person would see after pressing them.

use ossia::tui::Headless;
use ossia::workspace::{ImportOptions, Progress, Workspace};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// 2026-06-15, so that ages do not change.
const NOW: i64 = 1_781_481_600_000;

struct Quiet;
impl Progress for Quiet {}

/// A screen on a workspace that holds the sessions of some folders.
pub(crate) struct Bench {
    pub(crate) screen: Headless,
    scratch: TempDir,
}

pub(crate) fn open(folders: &[&str], size: (u16, u16)) -> Bench {
    open_after(folders, size, |_| {})
}

/// A screen on a workspace in which something was done before.
pub(crate) fn open_after(folders: &[&str], size: (u16, u16), before: impl FnOnce(&Workspace)) -> Bench {
    let scratch = tempfile::tempdir().unwrap();
    let (folder, cache) = (scratch.path().join("workspace"), scratch.path().join("cache"));
    let workspace = Workspace::open(&folder, &cache).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paths: Vec<PathBuf> = folders.iter().map(|name| root.join(name)).collect();
    workspace.import(&paths, &ImportOptions::default(), &mut Quiet).unwrap();
    before(&workspace);
    Bench { screen: Headless::open(&folder, &cache, size, NOW).unwrap(), scratch }
}

impl Bench {
    /// The workspace beside the screen.
    pub(crate) fn workspace(&self) -> Workspace {
        Workspace::open(&self.scratch.path().join("workspace"), &self.scratch.path().join("cache")).unwrap()
    }

    /// A new screen on the same workspace.
    pub(crate) fn again(&mut self, size: (u16, u16)) -> &mut Self {
        self.screen = Headless::open(&self.scratch.path().join("workspace"), &self.scratch.path().join("cache"), size, NOW).unwrap();
        self
    }

    #[track_caller]
    pub(crate) fn sees(&mut self, keys: &str, wanted: &[&str]) -> &mut Self {
        let screen = self.screen.press(keys).screen();
        for wanted in wanted {
            assert!(screen.contains(wanted), "after {keys:?}, {wanted:?} is not on the screen:\n{screen}");
        }
        self
    }

    #[track_caller]
    pub(crate) fn misses(&mut self, keys: &str, unwanted: &str) -> &mut Self {
        let screen = self.screen.press(keys).screen();
        assert!(!screen.contains(unwanted), "after {keys:?}, {unwanted:?} is still on the screen:\n{screen}");
        self
    }
}

pub(crate) fn demo(size: (u16, u16)) -> Bench {
    open(&["fixtures/demo/publish-docs", "fixtures/demo/scratch-disk", "fixtures/demo/timezone-test", "fixtures/demo/evals"], size)
}

#[test]
fn an_empty_workspace_greets() {
    open(&[], (80, 24)).sees("", &["Nothing is here yet.", ":import", "ossia import PATH", "ossia demo"]).sees("?", &["help: Library"]);
}

#[test]
fn the_denial_that_was_tried_again_is_found_read_and_copied() {
    let mut bench = demo((160, 50));
    bench.sees("/handbook<enter>", &["Publish the handbook"]).sees("<enter>", &["Build the handbook", "┌ bash     make live"]);
    bench.sees("gg]d", &["denial 1 of 2", "denied by user after 52s", "Stage first please", "╭", "╰", "↻ directed"]);
    bench.screen.press("Y");
    assert_eq!(bench.screen.copied, ["toolu_43ff3803"]);
    bench.sees("]r", &["tries again", "after denied, directed"]).sees("gx", &["make live", "after it"]);
    bench.sees("q", &["Library"]);
}

#[test]
fn a_theme_is_seen_while_one_looks_for_it() {
    let mut bench = demo((100, 30));
    let before = bench.screen.screen();
    bench.screen.press(":theme<enter>gruv");
    assert_eq!(bench.screen.state.looks.theme, "gruvbox");
    bench.screen.press("<esc>");
    assert_eq!(bench.screen.screen(), before);
    bench.screen.press(":theme<enter>light<enter>");
    assert_eq!(bench.screen.state.looks.theme, "light");
}

#[test]
fn the_query_filters_completes_and_says_what_is_wrong() {
    let mut bench = demo((160, 40));
    bench.sees("/knid:x", &["column 1", "did you mean kind:?"]);
    bench.sees("<ctrl-u>is:de", &["denied"]).sees("<tab>", &["is:denied"]).sees("<enter>", &["open", "ms"]);
    bench.sees("<esc>", &["search words"]);
    bench.sees("/mak", &["make live"]).sees("<enter>s", &["title"]);
}

#[test]
fn facets_filter_by_what_there_is() {
    let mut bench = demo((160, 40));
    bench.sees("F", &["filter"]).sees("j<enter>", &["agent:"]);
    let narrowed = bench.screen.state.library.numbers.len();
    bench.sees("<enter>", &["search words"]);
    assert!(narrowed < bench.screen.state.library.numbers.len() && narrowed > 0);
}

#[test]
fn tools_thinking_and_context_fold() {
    let mut bench = demo((120, 50));
    bench.screen.press("/handbook<enter><enter>");
    bench.sees("t", &["mkdocs build -d site"]);
    bench.misses("t", "┌ read").sees("", &["tools off"]).sees("t", &["┌ read"]);
    bench.sees("T", &["The gate asked for"]).sees("c", &["thread start"]).misses("ct", "thread start");
}

#[test]
fn the_page_of_a_step_is_scrolled_searched_and_raw() {
    let mut bench = demo((160, 40));
    bench.screen.press("/handbook<enter><enter>");
    bench.sees("/redirects<enter>", &["hit 1 of"]).sees("n", &["hit 2 of"]);
    bench.sees("R", &["raw records of", "sha256:"]).sees("/subtype<enter>", &["subtype: 1 of"]).misses("q", "raw records");
    bench.sees("L", &["trajectory", "maestro:31809a1a", "eval run id"]);
    bench.screen.press("<enter>");
    assert_eq!(bench.screen.copied, ["maestro:31809a1a-326e-4ecc-beca-169f766b79f3"]);
    bench.sees("E", &["8 executions", "52s"]).sees("make stage<enter>", &["make stage"]).sees("I", &["issue"]);
}

#[test]
fn two_trajectories_stand_beside_each_other() {
    let mut bench = demo((160, 40));
    bench.sees("ggjvjv=", &["next difference"]);
    assert!(bench.screen.state.comparison.is_some());
    bench.sees("n<enter>", &["of"]);
    assert!(bench.screen.state.reading.is_some());
}

#[test]
fn small_screens_still_say_what_matters() {
    let mut bench = demo((40, 10));
    bench.sees("/handbook<enter><enter>]d", &["denied"]).sees("<tab>", &["make live", "denied by user after 52s"]).sees("<esc>", &["✗ denied"]);
    bench.sees("<esc><esc>grrisk<enter>", &["1 barred 2 covered 3 yes 4 no 0 ?", "1-4 0 answer"]);
    let mut bench = demo((20, 5));
    bench.sees("", &["more room, please"]);
}

#[test]
fn prefixes_show_what_may_follow() {
    let mut bench = demo((100, 30));
    bench.sees("g", &["Go to the first row", "Choose one of the kept queries"]).misses("<esc>", "Go to the first row");
    bench.sees("/is:retry<enter><ctrl-s>again<enter>", &["kept the query as again"]).sees("gq", &["again", "is:retry", "long waits"]);
}

#[test]
fn rows_are_marked_sorted_and_chosen_by_column() {
    let mut bench = demo((160, 40));
    bench.sees("V", &["marked"]).misses("V", "marked");
    bench.sees("Ssteps<enter>", &["steps▾"]).sees("Ssteps<enter>", &["steps▴"]);
    bench.sees("Ctokens<enter><esc>", &["tokens"]);
    bench.screen.press("q");
    assert!(bench.screen.left);
}

#[test]
fn a_decision_point_is_judged_without_seeing_what_came_after() {
    let mut bench = demo((120, 40));
    bench.sees("gr", &["review a queue", "risk"]).sees("risk<enter>", &["Did this need a yes first?", "is hidden until you answer", "1 of"]);
    bench.misses("", "what happened then");
    bench.sees("3", &["needs_ask = yes", "is hidden until you answer"]).sees("4", &["what happened then"]);
    bench.sees("u", &["taken back"]).sees("u", &["taken back", "Did this need a yes first?"]).misses("", "what happened then");
    bench.sees("f", &["flagged"]).sees("nlooks odd<enter>", &["the note is written"]).sees("hgg", &["Judge from what the agent had seen"]);
    bench.sees("q<space>", &["2 of"]).sees("<backspace>", &["1 of"]).sees("H", &["count as given with hindsight", "what happened then"]);
    bench.sees("a", &["nothing is proposed here"]).sees("9", &["has the answers 1 to 4"]);
    bench.sees("0", &["needs_ask = cannot_tell"]);
}

#[test]
fn every_byte_of_hostile_text_is_harmless_on_every_screen() {
    let scratch = tempfile::tempdir().unwrap();
    let hostile = "\\u001b]52;c;QUFB\\u0007\\u009b31m\\u202eevil\\u200b\\ud83d\\udc69\\u200d\\ud83d\\udcbb e\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301 \\t한국어 \\udb40\\udc41 \\ud800";
    let line = |role: &str| format!("{{\"role\":\"{role}\",\"content\":\"{hostile}\"}}");
    let session = format!("{{\"messages\":[{},{},{}]}}\n", line("user"), line("assistant"), line("user"));
    std::fs::write(scratch.path().join("chat.jsonl"), session).unwrap();
    let mut bench = open(&[scratch.path().to_str().unwrap()], (100, 30));
    for keys in ["", "<enter>", "j", "R", "q", "L", "<esc>", "I", "q", "/evil<enter>", ":", "<esc>", "q", "/evil", "<enter>"] {
        bench.screen.press(keys);
        let cells = bench.screen.cells("dark");
        for cell in cells.content() {
            assert!(
                !cell.symbol().contains(|c: char| c.is_control() || matches!(c, '\u{202e}' | '\u{200b}' | '\u{e0041}')),
                "{:?} after {keys:?}",
                cell.symbol()
            );
        }
    }
    assert!(bench.screen.press("y").copied.iter().all(|text| !text.contains('\u{1b}')));
}

#[test]
fn any_keys_at_any_size_draw_a_screen() {
    // A cheap generator with a fixed seed, so that a failure is found again.
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    let keys = [
        "j",
        "k",
        "<enter>",
        "<esc>",
        "<tab>",
        "<shift-tab>",
        "g",
        "G",
        "]",
        "[",
        "d",
        "a",
        "r",
        "e",
        "t",
        "T",
        "c",
        "R",
        "L",
        "E",
        "B",
        "I",
        "w",
        "|",
        "v",
        "V",
        "=",
        "/",
        "x",
        "n",
        "N",
        "F",
        "h",
        "l",
        "S",
        "C",
        ":",
        "?",
        "<ctrl-d>",
        "<ctrl-u>",
        "<backspace>",
        "p",
        "s",
        "m",
        "K",
        "J",
        "i",
    ];
    let sizes = [(80, 24), (160, 50), (40, 10), (24, 6), (1, 1), (300, 80), (90, 7), (70, 200)];
    let mut bench = demo((80, 24));
    for _ in 0..1500 {
        if next(12) == 0 {
            let (width, height) = sizes[next(sizes.len())];
            bench.screen.send(ossia::app::Msg::Resize(width, height));
        }
        let key = keys[next(keys.len())];
        bench.screen.press(key);
        bench.screen.left = false;
        let cells = bench.screen.cells("dark");
        assert_eq!((cells.area.width, cells.area.height), bench.screen.state.terminal);
    }
}

#[test]
fn the_page_of_keys_is_the_table_of_commands() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    let made = ossia::command::keys_page();
    if std::env::var_os("OSSIA_WRITE_DOCS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), made, "docs/keys.md is not what the table says; OSSIA_WRITE_DOCS=1 cargo test writes it");
}

#[test]
fn one_lands_on_the_hit_and_goes_on_to_the_next() {
    let mut bench = demo((160, 50));
    bench.sees("/is:denied<enter>", &["Publish the handbook"]).sees("<enter>", &["hit 1 of 2 in this trajectory; n and N go on"]);
    let at = |bench: &Bench| bench.screen.state.reading.as_ref().unwrap().step().unwrap().id.clone();
    let first = at(&bench);
    bench.sees("n", &["hit 2 of 2"]);
    assert_ne!(at(&bench), first);
    bench.sees("n", &["no hit below"]).sees("N", &["hit 1 of 2"]);
    assert_eq!(at(&bench), first);
    // Back and in again, one is where one was; who asks for something else goes there.
    bench.screen.press("nq<enter>");
    assert_ne!(at(&bench), first);
    bench.sees("<esc>", &["the hits are forgotten"]).sees("q<esc>/agent:maestro<enter><enter>j", &["step"]).misses("", "next hit");
    bench.sees("q<esc>/make<enter><enter>", &["hit ", "n and N go on"]);
}

#[test]
fn forks_and_sub_agents_are_a_tree_and_lead_to_each_other() {
    let mut bench = open(&["fixtures/demo/webhook-retries", "fixtures/demo/invoice-currency"], (160, 50));
    bench.sees("/has:branch agent:claude-code<enter><enter>B", &["41  from the start", "└─ sub-agent       8  after 7", " /ab0d82ca"]);
    bench.sees("<down><enter>", &["Find every place that enque"]).sees("B", &["parent"]).sees("<enter>", &["Webhooks sent twice"]);
    bench
        .sees("q<esc>/has:branch agent:maestro<enter><enter>B", &["└─ fork           18  after"])
        .sees("<down><enter>B", &["├─ abandoned       6  after", "fork           10  after"]);
}
