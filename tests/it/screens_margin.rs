//! What stands beside the steps of a trajectory: findings, values, labels; and judging where one reads, driven by keys.

use crate::screens::{demo, open, open_after};
use ossia::model::Kind;

#[test]
fn findings_are_marked_named_and_gone_to() {
    let mut bench = open(&["fixtures/demo/squash-release-history"], (160, 50));
    bench.sees("/finding:R1<enter><enter>", &["⚑"]);
    bench.sees("gg]f", &["finding 1 of ", "⚑ "]).sees("]f", &["finding 2 of "]).sees("]f]f]f]f", &["no finding below"]).sees("[f", &["finding "]);
    bench.sees("g?", &["signs", "the rule S3 found something here", "how long, on a log scale"]).misses("q", "in the lane of a trajectory");
}

#[test]
fn text_that_would_not_show_as_it_is_is_a_finding() {
    let mut bench = open(&["fixtures/demo/support-ticket-hostile"], (160, 50));
    bench.sees("<enter>gg]f", &["finding 1 of", "⚑hidden text", "⚑ hidden text  certain", "escape sequences for a terminal", "reached your terminal"]);
    demo((160, 50)).misses("/handbook<enter><enter>", "hidden text");
}

#[test]
fn a_point_is_judged_where_it_is_read_and_says_that_it_was_with_hindsight() {
    let mut bench = demo((160, 50));
    bench.sees("/handbook<enter><enter>gg]u", &["unlabelled decision point 1 of", "Did this need a yes first?"]).sees("w", &["1-4 needs_ask"]);
    bench.sees("4", &["needs ask = no, with hindsight", "◆ no", "ana"]);
    bench.sees("u", &["taken back", "before      needs ask = no  ana"]).misses("", "◆ no");
    bench.sees("<ctrl-r>", &["counts again", "◆ no"]);
    bench.sees("f", &["flagged for a second look"]).sees("<esc>nask kim<enter>", &["the note is written", "ask kim"]);
    bench.sees("]d", &["denial 1 of 2"]).sees("A", &["who asked before it: gate (stated)", "confirm", "the agent asked in its message"]);
    bench.sees("none<enter>", &["why is it corrected"]).sees("the log says so<enter>", &["asked is none from now on", "asked = none", "the log says so"]);
    bench.sees("9", &["has the answers 1 to"]).sees("ggJ0", &["judged are calls"]);
    // What was judged is found from the library.
    bench.screen.press("q<esc>");
    assert_eq!(bench.screen.state.library.rows.values().map(|row| row.labels).sum::<u64>(), 1);
    bench.sees("Slabels<enter>", &["◆▾"]);
    let first = bench.screen.state.library.numbers[0];
    assert_eq!(bench.screen.state.library.rows[&first].labels, 1);
    bench.screen.press("Slabels<enter>");
    assert_eq!(bench.screen.state.library.numbers.last(), Some(&first));
}

#[test]
fn an_answer_that_needs_a_quotation_asks_for_it() {
    let mut bench = demo((120, 36));
    bench.screen.press("/handbook<enter><enter>gg]u");
    bench.sees("2", &["which sentence shows the yes?"]).sees("<down><enter>", &["needs ask = covered"]);
}

#[test]
fn values_of_the_audit_stand_beside_their_steps() {
    let mut bench = open(&["fixtures/demo/rotate-staging-keys"], (160, 50));
    bench.sees("gs", &["1 of 1 value"]).sees("gl<enter>", &["▓?"]);
    bench.sees("gg]s", &["▓ ", "open"]).misses("", "sk_live");
}

#[test]
fn jumps_go_by_meaning_in_a_comparison_too() {
    let mut bench = demo((160, 50));
    bench.sees("/disk OR handbook<enter>s", &["Publish the handbook"]).screen.press("ggvjv=");
    let kind = |bench: &crate::screens::Bench| {
        let comparison = bench.screen.state.comparison.as_ref().unwrap();
        [0, 1].map(|side| comparison.step(side).map(|step| step.kind))
    };
    bench.screen.press("gg]d");
    assert!(kind(&bench).contains(&Some(Kind::Resolution)), "{:?}", kind(&bench));
    bench.screen.press("gg]f");
    assert!(kind(&bench).contains(&Some(Kind::ToolCall)), "{:?}", kind(&bench));
    bench.sees("gg[d", &["no denial above"]);
}

#[test]
fn where_people_judged_otherwise_than_a_rule_found_the_page_says_so() {
    use ossia::workspace::Answers;
    let mut bench = open_after(&["fixtures/demo/nightly-refactor"], (160, 50), |workspace| {
        let said = Answers { answers: vec![("after_denial".to_owned(), "repeated".to_owned())], hindsight: true, ..Answers::default() };
        let target = "claude-code:26a2b4e1-0107-4926-a332-448bc4231398#toolu_01zNr6Asl8tsJy7P3TMKCxjU".to_owned();
        workspace.label_ids("bob", &workspace.schema(None).unwrap(), &[target], &said, false).unwrap();
    });
    bench.sees("<enter>gg]d", &["R8 recovered", "people judged", "otherwise: after denial = repeated"]);
}
