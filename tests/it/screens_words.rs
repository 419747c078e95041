//! What the screens say of what they count, of what was settled, of keys that do nothing, and of queries that find nothing.

use crate::screens::{open, open_after};
use ossia::judging::TargetKind;
use ossia::workspace::{Reply, Workspace};

const HANDBOOK: &[&str] = &["fixtures/demo/publish-docs"];

#[test]
fn a_key_that_does_nothing_says_so() {
    for size in [(80, 24), (160, 50)] {
        let mut bench = open(HANDBOOK, size);
        bench.sees("z", &["z does nothing here; ? shows the keys"]).sees("gz", &["gz does nothing here"]);
        bench.sees(":frobozz<enter>", &["nothing here is like \"frobozz\""]).sees("<esc>j", &["Publish the handbook"]);
    }
}

#[test]
fn a_mark_stays_where_it_was_set() {
    let mut bench = open(&["fixtures/demo/publish-docs", "fixtures/demo/scratch-disk"], (160, 50));
    bench.sees("v", &["1 marked"]);
    assert_eq!(bench.screen.state.library.list.chosen, 0);
    bench.sees("jv", &["2 marked"]).sees("=", &["next difference"]);
}

#[test]
fn a_query_that_finds_nothing_says_what_was_probably_meant() {
    let mut bench = open(HANDBOOK, (80, 24));
    bench.sees("/tool:bsh<enter>", &["Nothing matches.", "did you mean tool:bash ?"]);
    bench.sees("<esc>/frobozz", &["the last word may be the beginning of one"]).sees("<enter>", &["Nothing matches."]);
    assert_eq!(bench.screen.state.library.query.text(), "frobozz", "no sign is added to what nobody finds");
    // What was found before the mistake cannot be opened as what is asked.
    bench.sees("<esc>/is:denyed<enter>", &["did you mean is:denied"]);
    assert!(bench.screen.state.library.typing);
}

#[test]
fn a_query_of_several_parts_that_finds_nothing_says_where_all_of_it_must_hold() {
    let mut bench = open(HANDBOOK, (80, 24));
    bench.sees("/handbook is:denied<enter>", &["Nothing matches.", "One step must have all of it"]).misses("<esc>/frobozz<enter>", "One step");
}

#[test]
fn what_is_told_leaves_the_footer_whole_on_a_small_screen() {
    let mut bench = open(HANDBOOK, (80, 24));
    bench.sees("/is:denied<enter>", &["1 trajectory"]);
    // Found, read why and after how long, and copied, with nothing but what stands there.
    bench.sees("<enter>", &["n next hit", "]d denial", "]r retry", "Y copy id", "? help"]);
    bench.sees("]d", &["denial 1 of 2", "denied by user after 52s", "]r retry", "Y copy id", "? help"]);
    bench.screen.press("Y");
    assert_eq!(bench.screen.copied, ["toolu_43ff3803"]);
}

#[test]
fn a_comparison_tells_its_sides_apart_and_goes_back_to_where_it_was_asked_for() {
    let mut bench = open(&["fixtures/demo/publish-docs", "fixtures/demo/scratch-disk"], (160, 50));
    bench.sees("<enter>", &["]a wait"]).sees("glvjv=", &["next difference"]);
    let heads = bench.screen.screen().lines().next().unwrap_or_default().to_owned();
    for side in &bench.screen.state.comparison.as_ref().unwrap().sides {
        let id = ossia::text::human::short_id(&side.opened.trajectory.id);
        assert!(heads.contains(&id), "{id} does not stand above its side: {heads}");
    }
    bench.sees("=", &["next difference"]).sees("q", &["search words"]);
    assert_eq!(bench.screen.state.screen, ossia::app::Screen::Library);
}

#[test]
fn ascii_alone_reaches_the_preview_at_once() {
    let mut bench = open(HANDBOOK, (160, 50));
    bench.sees("", &["┊"]).misses(":ascii<enter>", "┊");
}

#[test]
fn states_are_counted_as_the_query_finds_them() {
    let mut bench = open(&["fixtures/demo/publish-docs", "fixtures/demo/scratch-disk", "fixtures/demo/bump-dependencies"], (160, 50));
    let counted = bench.screen.state.library.facets["is"].clone();
    assert!(counted.iter().any(|(word, _)| word == "denied"), "{counted:?}");
    for (word, count) in counted {
        bench.screen.press(&format!("<esc>/is:{word}<enter>"));
        assert_eq!(bench.screen.state.library.numbers.len() as u64, count, "{word}");
    }
    bench.sees("<esc>", &["decision (waits)", "status (calls)"]);
}

#[test]
fn every_call_and_turn_is_either_with_a_finding_or_without() {
    let bench = open(&["fixtures/demo"], (80, 24));
    let workspace = bench.workspace();
    let of = |name: &str| {
        let open = workspace.open_queue(&workspace.queue(name).unwrap(), "ana").unwrap();
        open.items.iter().map(|item| item.target.clone()).filter(|target| target.contains('#')).collect::<std::collections::BTreeSet<_>>()
    };
    let (all, with, without) = (of("all"), of("findings"), of("unflagged"));
    assert!(with.is_disjoint(&without));
    assert_eq!(all.len(), with.len() + without.len());
}

#[test]
fn what_was_settled_stands_before_what_each_had_said() {
    fn differ(workspace: &Workspace) {
        let schema = workspace.schema(None).unwrap();
        let open = workspace.open_queue(&workspace.queue("findings").unwrap(), "ana").unwrap();
        let target = open.items.iter().map(|item| workspace.judged_point(&item.target).unwrap()).find(|p| p.target.kind == TargetKind::Execution).unwrap();
        let name = target.target.name();
        for (who, said) in [("ana", "yes"), ("bob", "no")] {
            let reply = Reply { question: "needs_ask".to_owned(), answer: said.to_owned(), ..Reply::default() };
            workspace.answer(who, &schema, &name, &reply, None).unwrap();
        }
        workspace.adjudicate("cyn", &schema, &name, ("needs_ask", "barred"), "").unwrap();
    }
    let mut bench = open_after(HANDBOOK, (160, 50), differ);
    bench.sees("/label:needs_ask=barred<enter><enter>]d]d", &["◆ barred"]);
    bench.sees("", &["settled", "needs ask = barred", "by cyn; what each had said follows", "overruled"]);
    let rows = bench.workspace().label_rows(None, false).unwrap();
    assert!(rows.iter().all(|row| row.settled.as_deref() == Some("barred") && !row.disputed));
}
