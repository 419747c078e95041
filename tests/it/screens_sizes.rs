//! Every screen and everything that lies over one, at three sizes with their styles: each is reached by its keys alone.

use crate::screens::{Bench, demo, open};
use ossia::app::{Overlay, Screen};

/// The least that is of use, the common one, and a roomy one.
pub(crate) const SIZES: [(u16, u16); 3] = [(40, 10), (80, 24), (160, 50)];

/// What is imported.
#[derive(Clone, Copy, PartialEq)]
enum Holding {
    Nothing,
    Demo,
    One(&'static str),
    Arms,
}

use Holding::{Arms, Demo, Nothing, One};

const KEYS: Holding = One("fixtures/demo/rotate-staging-keys");
const BRANCHED: Holding = One("fixtures/demo/webhook-retries");

fn bench(holding: Holding) -> Bench {
    let size = SIZES[0];
    match holding {
        Nothing => open(&[], size),
        Demo => demo(size),
        One(folder) => open(&[folder], size),
        Arms => open(&["fixtures/demo/dedupe-customers-control", "fixtures/demo/dedupe-customers-candidate"], size),
    }
}

/// Says what is on top: a screen, or what lies over it.
fn top(bench: &Bench) -> String {
    match bench.screen.state.overlays.last() {
        None if bench.screen.state.pending.is_empty() => bench.screen.state.screen.title().to_owned(),
        None => "Prefix".to_owned(),
        Some(Overlay::Picker(picker)) => format!("{:?}", picker.kind),
        Some(Overlay::Prompt(prompt)) => format!("{:?}", prompt.question),
        Some(Overlay::Page(_)) => "Page".to_owned(),
        Some(Overlay::Span(_)) => "Span".to_owned(),
    }
}

/// The screen without what changes with every rule, how long a search took, and the names of values, which are made with the workspace's own key.
pub(crate) fn still(bench: &mut Bench) -> String {
    bench.screen.state.library.took_ms = 0.0;
    let named = regex::Regex::new("#[0-9a-f]{6}\\b").unwrap().replace_all(&bench.screen.screen(), "#000000").into_owned();
    regex::Regex::new("rules [0-9a-f]{8}").unwrap().replace_all(&named, "rules 00000000").into_owned()
}

/// What is reached how: the name of the picture, what is on top, what was imported, the keys.
type Row = (&'static str, &'static str, Holding, &'static str);

fn look((name, wanted, _, keys): &Row, bench: &mut Bench, (width, height): (u16, u16)) {
    bench.again((width, height)).screen.press(keys);
    assert_eq!(top(bench), *wanted, "{name} at {width}x{height} after {keys:?}:\n{}", bench.screen.screen());
    insta::assert_snapshot!(format!("{name}_{width}x{height}"), still(bench));
}

/// Presses the keys of each row and keeps the screen at every size; nothing is decided, so that one import serves them all.
fn keep(rows: &[Row]) {
    let mut benches: Vec<(Holding, Bench)> = Vec::new();
    for row in rows {
        let at = benches.iter().position(|(held, _)| *held == row.2).unwrap_or_else(|| {
            benches.push((row.2, bench(row.2)));
            benches.len() - 1
        });
        SIZES.iter().for_each(|size| look(row, &mut benches[at].1, *size));
    }
}

const SCREENS: &[Row] = &[
    ("library", "Library", Demo, ""),
    ("library_empty", "Library", Nothing, ""),
    ("library_writing", "Library", Demo, "/is:de"),
    ("library_wrong", "Library", Demo, "/make<enter>/knid:x"),
    ("library_marked", "Library", Demo, "vjjv"),
    ("library_steps", "Library", Demo, "/make<enter>j"),
    ("library_facets", "Library", Demo, "Fj<enter>"),
    ("trajectory_denial", "Trajectory", Demo, "/handbook<enter><enter>gg]djk"),
    ("trajectory_call", "Trajectory", Demo, "/handbook<enter><enter>gg]d[awt"),
    ("trajectory_page", "Trajectory", Demo, "/disk<enter><enter>gg]r<tab>"),
    ("trajectory_tools_off", "Trajectory", Demo, "/handbook<enter><enter>ggttT"),
    ("trajectory_other_way", "Trajectory", Demo, "/handbook<enter><enter>|gg]r"),
    ("trajectory_found", "Trajectory", Demo, "/handbook<enter><enter>/redirects<enter>"),
    ("trajectory_hostile", "Trajectory", One("fixtures/demo/support-ticket-hostile"), "<enter>gg]f"),
    ("compare", "Compare", Demo, "/tool:bash<enter>vjjv="),
    ("review", "Review", Demo, "grrisk<enter>"),
    ("redactions", "Redactions", KEYS, "gs"),
    ("redactions_by_trajectory", "Redactions", KEYS, "gsb"),
    ("redactions_none", "Redactions", Nothing, "gs"),
    ("pairs", "Pairs", Arms, "gp"),
    ("pairs_none", "Pairs", Nothing, "gp"),
    ("dataset_none", "Dataset", Nothing, "gd"),
    ("insights", "Insights", Demo, "gi"),
    ("insights_none", "Insights", Nothing, "gi"),
    ("rules", "Rules", Demo, "gu"),
];

const OVER: &[Row] = &[
    ("prefix_go", "Prefix", Demo, "g"),
    ("prefix_jump", "Prefix", Demo, "/handbook<enter><enter>]"),
    ("palette", "Palette", Demo, ":copy"),
    ("help", "Help", Demo, "/handbook<enter><enter>?"),
    ("themes", "Themes", Demo, ":theme<enter>"),
    ("signs", "Page", Demo, "g?"),
    ("sorts", "Sorts", Demo, "S"),
    ("columns", "Columns", Demo, "C"),
    ("queries", "Queries", Demo, "/is:retry<enter><ctrl-s>again<enter>gq"),
    ("query_name", "QueryName", Demo, "/is:retry<enter><ctrl-s>aga"),
    ("import_path", "ImportPath", Demo, ":import<enter>~/runs"),
    ("messages", "Page", Demo, "]dI"),
    ("find", "Find", Demo, "/handbook<enter><enter>/redir"),
    ("executions", "Executions", Demo, "/handbook<enter><enter>E"),
    ("branches", "Branches", BRANCHED, "/has:branch<enter><enter>B"),
    ("facts", "Facts", Demo, "/handbook<enter><enter>gg]dA"),
    ("facts_why", "Why", Demo, "/handbook<enter><enter>gg]dAnone<enter>"),
    ("note", "Note", Demo, "grrisk<enter>nlooks odd"),
    ("guide", "Page", Demo, "grrisk<enter>h"),
    ("queues", "Reviews", Demo, "gr"),
    ("quotes", "Quotes", Demo, "/handbook<enter><enter>gg]u2"),
    ("labels", "Labels", Demo, "/tool:bash<enter>vvL"),
    ("several", "Bulk", Demo, "grrisk<enter>vv4"),
    ("reasons", "Reasons", KEYS, "gsx"),
    ("several_values", "Bulk", KEYS, "gsba"),
    ("span", "Span", KEYS, "gsv"),
    ("pair_list", "Pairs", Arms, "gpL"),
    ("dataset_name", "DatasetName", Demo, "gdcfirst"),
    ("tour", "Library", Demo, ":tour<enter>"),
];

/// Where something was decided before.
const DECIDED: &[Row] = &[
    ("review_answered", "Review", Demo, "grrisk<enter>3u3<backspace>"),
    ("pairs_chosen", "Pairs", Arms, "gp1j"),
    ("pair_reason", "PairReason", Arms, "gp1nlooks first"),
];

#[test]
fn every_screen_is_drawn_at_every_size() {
    keep(SCREENS);
    let missing: Vec<&Screen> = Screen::ALL
        .iter()
        .filter(|screen| **screen != Screen::Dataset && !SCREENS.iter().any(|row| row.1 == screen.title() && !matches!(row.2, Nothing)))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn everything_that_lies_over_a_screen_is_drawn_at_every_size() {
    keep(OVER);
}

#[test]
fn what_names_files_is_drawn_at_every_size() {
    let mut bench = bench(Demo);
    for ((name, keys), size) in [("lineage", "L"), ("raw", "gg]dR")].into_iter().flat_map(|row| SIZES.map(|size| (row, size))) {
        bench.again(size).screen.press("/handbook<enter><enter>");
        // Where the sources lie is another place on every machine.
        let reading = bench.screen.state.reading.as_mut().unwrap();
        let mut trajectory: ossia::model::Trajectory = (**reading.trajectory).clone();
        trajectory.sources.iter_mut().for_each(|source| source.path = source.path.rsplit_once('/').map_or("", |(_, name)| name).to_owned());
        reading.trajectory = std::sync::Arc::new(trajectory.into());
        bench.screen.press(keys);
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), still(&mut bench));
    }
}

#[test]
fn what_was_decided_is_drawn_at_every_size() {
    for row in DECIDED {
        SIZES.iter().for_each(|size| look(row, &mut bench(row.2), *size));
    }
}
