//! The screens that show what was worked out over many trajectories, driven by keys at three sizes.

use crate::screens::{demo, open};
use crate::screens_sizes::{SIZES, still};
use ossia::app::{Answer, Editing, Msg};

#[test]
fn insights_are_read_to_their_end() {
    for size in [(80, 24), (120, 40), (160, 50)] {
        let mut bench = demo(size);
        bench.sees("gi", &["boundary", "read both ratios", "asked where it had to", "went on where it could"]);
        bench.sees("G", &["queues"]).sees("<tab><tab>", &["search words"]);
    }
}

#[test]
fn insights_count_what_the_library_shows() {
    let mut bench = demo((160, 50));
    bench.sees("/is:denied<enter>gi", &["is:denied", " judged"]);
    let denied = bench.screen.state.insights.counted.as_ref().unwrap().insights.trajectories;
    bench.sees("/", &["is:denied"]).screen.press("<esc>gi");
    let all = bench.screen.state.insights.counted.as_ref().unwrap().insights.trajectories;
    assert!(denied > 0 && denied < all, "{denied} of {all}");
    open(&[], (80, 24)).sees("gi", &["Nothing is here yet", "ossia import"]);
}

/// What a person would write who tries an export before anything is judged or audited.
const TRIAL: &str = r#"
name = "first"
version = 1
shapes = ["hf-sft", "tinker-sft"]
[[override]]
gate = "answers"
reason = "a trial"
reviewer = "ana"
[[override]]
gate = "audit"
reason = "a trial"
reviewer = "ana"
"#;

#[test]
fn a_dataset_is_made_looked_at_and_exported() {
    for (width, height) in SIZES {
        let mut bench = open(&["fixtures/demo/flaky-checkout-candidate"], (width, height));
        bench.sees("gd", &["No dataset yet."]);
        bench.sees("cfirst<enter>", &["saved the dataset first"]);
        insta::assert_snapshot!(format!("dataset_blocked_{width}x{height}"), still(&mut bench));
        bench.sees("<enter>", &["no row would leave"]).sees("<esc>X", &["no row would leave"]);
        bench.screen.send(Msg::Answer(Answer::Edited(Editing::Dataset, TRIAL.to_owned())));
        bench.sees("", &["v2"]);
        insta::assert_snapshot!(format!("dataset_{width}x{height}"), still(&mut bench));
        bench.screen.press("<enter>");
        insta::assert_snapshot!(format!("dataset_rows_{width}x{height}"), still(&mut bench));
        if width < 80 {
            continue;
        }
        bench.sees("", &["first  tinker-sft  row 1 of", "{\"messages\":"]).sees("s", &["first  hf-sft  row 1 of"]).sees("j<esc>", &["ready to export"]);
        let out = tempfile::tempdir().unwrap();
        let keys = format!("X<ctrl-u>{}<enter>", out.path().join("bundle").display());
        bench.sees(&keys, &["wrote", "ossia verify"]);
        assert!(out.path().join("bundle/manifest.json").is_file());
        let board = bench.screen.state.datasets.board.as_ref().unwrap();
        let (_, changes) = board.sheet.as_ref().unwrap().last.as_ref().unwrap();
        assert_eq!(changes.as_deref(), Ok(&[][..]));
    }
}

#[test]
fn a_definition_that_cannot_be_meant_is_kept_for_another_try() {
    let mut bench = open(&["fixtures/demo/flaky-checkout-candidate"], (120, 40));
    bench.screen.press("gdcfirst<enter>");
    bench.screen.send(Msg::Answer(Answer::Edited(Editing::Dataset, "name = \"first\"\nquestion = 1".to_owned())));
    bench.sees("", &["not saved"]).sees("I", &["e opens it again"]);
    open(&[], (80, 24)).sees("gdca b<enter>", &["does not fit"]);
}

#[test]
fn a_value_is_decided_once_for_all_its_places() {
    for size in [(80, 24), (120, 40), (160, 50)] {
        let mut bench = open(&["fixtures/demo/rotate-staging-keys"], size);
        bench.sees("gs", &["by value", "1 of 1 value and 1 of 1 claim open", "▓▓▓▓"]);
        let open = |bench: &crate::screens::Bench| bench.screen.state.redactions.progress().open();
        let all = open(&bench);
        bench.sees("a", &["redact: 1 value in"]);
        assert_eq!(open(&bench), all - 1);
        bench.sees("u", &["the history keeps both"]);
        assert_eq!(open(&bench), all);
        bench.screen.press("<ctrl-r>");
        assert_eq!(open(&bench), all - 1);
        bench.sees("x", &["why 1 value", "sample or documentation value"]).sees("revoked last week<enter>", &["keep: 1 claim"]);
        assert_eq!(open(&bench), all - 2);
        bench.sees("d", &["redact"]).sees("d", &["open"]);
    }
}

#[test]
fn undo_takes_back_a_verdict_and_not_what_was_said_elsewhere_since() {
    let mut bench = open(&["fixtures/demo/rotate-staging-keys"], (160, 50));
    bench.sees("gsa", &["redact: 1 value in"]).sees("grrisk<enter>3", &["needs_ask = yes"]);
    let labels = |bench: &crate::screens::Bench| bench.screen.state.review.as_ref().map(|review| review.at.progress.done);
    let labelled = labels(&bench);
    bench.sees("gsu", &["taken back: redact of"]).sees("u", &["nothing that you decided here is left to take back"]);
    assert_eq!(labels(&bench), labelled);
    bench.sees("<ctrl-r>", &["counts again: redact of"]);
    // A reason in a person's own words may look like one that is offered.
    bench.sees("xtest", &["made up for a test", "in these words"]).sees("<down><enter>", &["keep: 1 claim"]);
}

#[test]
fn a_reveal_lasts_for_the_moment_and_several_values_ask_first() {
    let mut bench = open(&["fixtures/demo/rotate-staging-keys"], (160, 50));
    bench.sees("gs!", &["in the clear until the next key"]).misses("j", "in the clear");
    bench.sees("b", &["by trajectory"]).sees("a", &["redact several at once"]).sees("<esc>", &["by trajectory"]);
    bench.sees("<enter>", &["by value  in trajectory"]).sees("q", &["by trajectory"]).sees("bb", &["by class"]);
    let values = bench.screen.state.redactions.progress().rows();
    bench.screen.press("bb");
    assert!(values > 1);
    bench.sees("a<enter>", &["redact: "]);
    bench.sees("q", &["by trajectory"].map(|_| "Library"));
    open(&[], (80, 24)).sees("gs", &["Nothing to decide."]);
}

#[test]
fn no_value_in_the_clear_is_drawn_before_it_is_revealed() {
    let mut bench = open(&["fixtures/demo/rotate-staging-keys"], (300, 80));
    bench.screen.press("gs");
    let board = bench.screen.state.redactions.board.clone().unwrap();
    let values: Vec<String> = board.findings.iter().filter(|f| f.is_value()).map(|f| f.id.clone()).collect();
    assert!(!values.is_empty());
    let mut seen = Vec::new();
    for _ in 0..board.findings.len() {
        let chosen = bench.screen.state.redactions.chosen().first().map(|finding| finding.fingerprint.clone());
        let masked = bench.screen.screen();
        bench.screen.press("!");
        if let Some((fingerprint, value)) = &bench.screen.state.redactions.revealed {
            assert_eq!(Some(fingerprint), chosen.as_ref());
            seen.push((value.to_string(), masked));
        }
        bench.screen.press("j");
    }
    assert!(seen.iter().any(|(value, _)| value.len() > 8));
    for (value, _) in seen.iter().filter(|(value, _)| value.len() > 8) {
        assert!(seen.iter().all(|(_, masked)| !masked.contains(value)), "{value} was drawn");
    }
}

#[test]
fn the_rules_say_what_they_found_and_lead_there() {
    for size in [(160, 50), (80, 24)] {
        let mut bench = demo(size);
        bench.sees("gu", &["Rules", "findings", "record", "nobody judged"]);
        bench.sees("<enter>j<enter>", &["of "]).sees("gu", &["Rules"]);
        bench.sees("<esc>F", &["finding:"]);
    }
}

#[test]
fn what_nobody_judged_is_judged_from_the_dataset() {
    let mut bench = open(&["fixtures/demo/publish-docs"], (120, 40));
    bench.sees("gdcmine<enter>", &["nothing would leave", "a judges the"]).sees("a", &["Review · id:", "Did this need a yes first?"]);
}

/// Two reviewers who judged some points of the examples by hand, and a draw of what no rule found.
fn judged_by_two(workspace: &ossia::workspace::Workspace) {
    use ossia::judging::QueueText;
    use ossia::workspace::Reply;
    let (schema, order) = ("approval-boundary".to_owned(), "random".to_owned());
    let unflagged = QueueText { name: "drawn".to_owned(), query: String::new(), schema, order, sample: Some(20), seed: 7, ..QueueText::default() };
    workspace.save_queue("ana", &unflagged).unwrap();
    for (who, answers) in [("ana", ["yes", "no", "no"]), ("bob", ["yes", "no", "yes"])] {
        let open = workspace.open_queue(&workspace.queue("drawn").unwrap(), who).unwrap();
        for (at, item) in open.items.iter().enumerate().filter(|(_, item)| item.target.contains('#')) {
            let reply = Reply { question: "needs_ask".to_owned(), answer: answers[at % 3].to_owned(), ..Reply::default() };
            // What is neither a call nor a step that asks is not asked for this.
            let _ = workspace.answer(who, &open.schema, &item.target, &reply, Some((&open, item)));
        }
    }
}

#[test]
fn agreement_and_records_stand_on_the_screen() {
    let folders = ["fixtures/demo/publish-docs", "fixtures/demo/scratch-disk", "fixtures/demo/timezone-test", "fixtures/demo/evals"];
    let day = regex::Regex::new(r"\d{4}-\d{2}-\d{2}").unwrap();
    for (width, height) in [(80, 24), (160, 50)] {
        let mut bench = crate::screens::open_after(&folders, (width, height), judged_by_two);
        bench.sees("gu", &["found", "prec.", "recall", "F1"]);
        insta::assert_snapshot!(format!("rules_judged_{width}x{height}"), still(&mut bench));
        bench.screen.press("gi");
        let shown = |bench: &crate::screens::Bench| {
            let pages = bench.screen.state.insights.pages.iter();
            pages.flat_map(|page| page.blocks()).map(|block| block.text.to_string()).collect::<Vec<_>>().join("\n")
        };
        let page = shown(&bench);
        for said in ["needs ask", "Cohen's κ", "Gwet's AC1", "ana and bob: ", "no and yes", "left to judge", "disputed"] {
            assert!(page.contains(said), "{said:?} is not in\n{page}");
        }
        bench.screen.press("<ctrl-d>");
        let dated = day.replace_all(&bench.screen.screen(), "2026-05-01").into_owned();
        insta::assert_snapshot!(format!("insights_judged_{width}x{height}"), dated);
        bench.sees("b", &["agreement by tool"]).sees("bb", &["agreement by rule"]);
        assert!(shown(&bench).contains("(no finding)"));
        bench.sees("b", &["agreement of all"]);
    }
}
