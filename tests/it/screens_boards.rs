//! The screens that show what was worked out over many trajectories, driven by keys at three sizes.

use crate::screens::{demo, open};
use ossia::app::{Answer, Editing, Msg};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (160, 50)];

#[test]
fn insights_are_drawn_at_every_size() {
    for (width, height) in SIZES {
        let mut bench = demo((width, height));
        bench.sees("gi", &["boundary", "read both ratios", "asked where it had to", "went on where it could"]);
        insta::assert_snapshot!(format!("insights_{width}x{height}"), bench.screen.screen());
        bench.sees("G", &["queues"]).sees("<tab>", &["search words"]);
    }
}

#[test]
fn insights_count_what_the_library_shows() {
    let mut bench = demo((160, 50));
    bench.sees("/is:denied<enter>gi", &["is:denied", "points judged"]);
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
        bench.sees("gd", &["No dataset yet.", "c makes one"]);
        bench.sees("cfirst<enter>", &["saved the dataset first", "nothing would leave", "gates", "audit", "kept back"]);
        bench.sees("<enter>", &["no row would leave"]).sees("X", &["no row would leave"]);
        bench.screen.send(Msg::Answer(Answer::Edited(Editing::Dataset, TRIAL.to_owned())));
        bench.sees("", &["v2", "ready to export"]);
        insta::assert_snapshot!(format!("dataset_{width}x{height}"), bench.screen.screen());
        bench.sees("<enter>", &["first  tinker-sft  row 1 of", "{\"messages\":"]);
        insta::assert_snapshot!(format!("dataset_rows_{width}x{height}"), bench.screen.screen());
        bench.sees("s", &["first  hf-sft  row 1 of"]).sees("j<esc>", &["ready to export"]);
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
