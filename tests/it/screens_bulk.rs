//! Labelling several at once, from the library, a trajectory and the review: counted first, one act, one undo.

use crate::screens::{Bench, demo};

fn labels(bench: &Bench) -> u64 {
    bench.screen.state.library.rows.values().map(|row| row.labels).sum()
}

#[test]
fn marked_trajectories_get_one_answer_and_one_undo_takes_all_back() {
    let mut bench = demo((160, 50));
    bench.sees("L", &["label 1 trajectory"]).screen.press("<esc>");
    bench.sees("/tool:bash<enter>vvL", &["label 2 trajectories; one undo takes all back", "labels 2"]);
    bench.sees("done<enter>", &["task = done: 2 labels in one act"]);
    assert_eq!(labels(&bench), 2);
    bench.sees("u", &["taken back: 2 decisions at once"]);
    assert_eq!(labels(&bench), 0);
    bench.sees("<ctrl-r>", &["count again: 2 decisions at once"]);
    assert_eq!(labels(&bench), 2);
}

#[test]
fn marked_items_of_a_review_are_answered_together_after_a_question() {
    let mut bench = demo((120, 40));
    bench.sees("grrisk<enter>", &["1 of 49"]).sees("vv", &["2 marked"]);
    bench.sees("4", &["needs ask = no for 2 marked items"]).sees("<esc>", &["0 done"]);
    bench.sees("4<enter>", &["2 labels in one act"]);
    bench.sees("u", &["taken back: 2 decisions at once"]);
}

#[test]
fn marked_calls_of_a_trajectory_are_answered_together() {
    let mut bench = demo((160, 50));
    bench.screen.press("/handbook<enter><enter>gg]u");
    bench.sees("v]uv4", &["needs ask = no for 2 marked items"]).sees("<enter>", &["2 labels in one act", "◆ no"]);
    bench.sees("u", &["taken back: 2 decisions at once"]);
}

#[test]
fn the_library_is_a_queue_with_a_key() {
    let mut bench = demo((120, 40));
    bench.sees("/handbook<enter>a", &["Review · handbook* · 1 of", "Did this need a yes first?"]);
}
