//! Labelling several at once, from the library, a trajectory and the review: counted first, one act, one undo.

use crate::screens::{Bench, demo, open_after};
use ossia::app::{Answer, Mouse, MouseAct, Msg, Screen, Several, Task, Told, update};
use ossia::command::Key;
use ossia::judging::QueueText;

fn labels(bench: &Bench) -> u64 {
    bench.screen.state.library.rows.values().map(|row| row.labels).sum()
}

#[test]
fn marked_trajectories_get_one_answer_and_one_undo_takes_all_back() {
    let mut bench = demo((160, 50));
    bench.sees("L", &["label 1 trajectory"]).screen.press("<esc>");
    bench.sees("/tool:bash<enter>vjvL", &["label 2 trajectories; one undo takes all back", "labels 2"]);
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
    bench.sees("grrisk<enter>", &["1 of 47"]).sees("vv", &["2 marked"]);
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

fn queue(name: &str, query: &str, schema: &str) -> QueueText {
    let text = |text: &str| text.to_owned();
    QueueText { name: text(name), query: text(query), schema: text(schema), order: text("oldest"), seed: 7, ..QueueText::default() }
}

#[test]
fn items_of_a_queue_are_answered_together_by_the_questions_of_its_own_schema() {
    let mut bench = open_after(&["fixtures/demo/publish-docs", "fixtures/demo/evals"], (120, 40), |workspace| {
        workspace.save_queue("ana", &queue("runs", "", "maestro-review")).unwrap();
    });
    bench.sees("grruns<enter>", &["Is it accepted as it is?"]).sees("vv", &["2 marked"]);
    bench.sees("L", &["label 2 items", "needs human review", "labels 2"]).misses("", "approval-boundary");
    bench.sees("<esc>1", &["accepted = yes for 2 marked items"]).sees("<enter>", &["accepted = yes: 2 labels in one act"]);
}

#[test]
fn in_the_library_every_schema_may_be_answered() {
    let mut bench = demo((160, 50));
    bench.sees("L", &["approval-boundary", "maestro-review", "platform promotion ready"]);
}

#[test]
fn keys_typed_before_the_question_came_up_do_not_answer_it() {
    let mut bench = demo((120, 40));
    bench.screen.press("grrisk<enter>");
    // The marks are on their way when all of this is typed.
    bench.screen.press_ahead("vv4<enter>4");
    bench.sees("", &["needs ask = no for 2 marked items", "2 keys typed before this question came up"]);
    bench.sees("<esc>", &["0 done", "2 marked"]);
    bench.screen.press_ahead("L<enter><enter>");
    bench.sees("", &["label 2 items", "2 keys typed before"]).sees("<esc>", &["0 done"]);
    // In the library too, where nothing is marked but the chosen row.
    bench.screen.press("gl").press_ahead("L<enter>");
    bench.sees("", &["label 1 trajectory", "1 key typed before"]);
    assert_eq!(bench.workspace().label_rows(None, false).unwrap().len(), 0);
}

#[test]
fn what_is_pressed_while_an_act_is_written_comes_after_it_and_esc_gives_it_up() {
    let mut bench = demo((120, 40));
    bench.screen.press("grall<enter>").press_ahead("4<enter>");
    assert_eq!(bench.screen.state.screen, Screen::Trajectory, "enter came after the answer");
    bench.screen.press("q");
    let before = bench.workspace().label_rows(None, false).unwrap().len();
    bench.screen.press_ahead("444<esc>");
    let after = bench.workspace().label_rows(None, false).unwrap().len();
    assert_eq!((before, after), (1, 2), "the first was given, the rest was given up");
}

#[test]
fn an_answer_to_several_carries_that_it_is_unsure_the_draw_and_what_was_shown_early_of_which() {
    let mut bench = open_after(&["fixtures/demo/publish-docs", "fixtures/demo/timezone-test", "fixtures/demo/evals"], (120, 40), |workspace| {
        let drawn = QueueText { sample: Some(5), ..queue("drawn", "tool:bash", "approval-boundary") };
        workspace.save_queue("ana", &drawn).unwrap();
    });
    // The first was seen early before it was marked, the third after it was, the second never.
    bench.screen.press("grdrawn<enter>").press("Hvvv<backspace>H");
    bench.sees("~4", &["for 3 marked items, unsure, 2 with hindsight"]).sees("<enter>", &["3 labels in one act"]);
    let labels = bench.workspace().label_rows(None, false).unwrap();
    assert_eq!(labels.iter().filter(|label| label.hindsight).count(), 2);
    assert!(labels.iter().all(|label| label.confidence == 1 && label.via == "bulk" && label.probability.is_some_and(|chance| chance < 1.0)));
    // The next answer is sure again.
    bench.misses("", "(unsure)");
}

#[test]
fn one_that_is_marked_elsewhere_is_meant_and_said() {
    let mut bench = demo((120, 40));
    bench.sees("grrisk<enter>v4", &["needs ask = no for 1 marked item"]).sees("<enter>", &["1 label in one act"]);
    // Marked and looked at: nothing has to be asked.
    bench.sees("uv<backspace>4", &["needs_ask = no"]).misses("", "1 marked");
}

/// Takes a message in without doing what follows from it.
fn only(bench: &mut Bench, msg: Msg) -> Vec<Task> {
    update(&mut bench.screen.state, 1_781_481_600_000, msg)
}

fn key(bench: &mut Bench, name: &str) -> Vec<Task> {
    only(bench, Msg::Key(Key::parse(name).unwrap()))
}

#[test]
fn a_burst_of_digits_answers_the_one_question_that_was_seen() {
    let mut bench = demo((120, 40));
    bench.screen.press("grall<enter>").press_ahead("4444");
    bench.sees("", &["2 of 47", "3 keys typed before this question came up"]);
    assert_eq!(bench.workspace().label_rows(None, false).unwrap().len(), 1);
    // Pressed after it was seen, a digit answers.
    bench.screen.press("4");
    assert_eq!(bench.workspace().label_rows(None, false).unwrap().len(), 2);
}

#[test]
fn while_an_act_is_slow_one_can_scroll_leave_and_quit_but_not_answer() {
    let mut bench = demo((100, 24));
    bench.screen.press("grall<enter>").press("<space><space><space><space><space><space>gg");
    assert!(key(&mut bench, "4").iter().any(|task| matches!(task, Task::Review(_))));
    let top = |bench: &Bench| bench.screen.state.review.as_ref().unwrap().page.top;
    let before = top(&bench);
    key(&mut bench, "j");
    assert!(top(&bench) > before, "the page scrolls");
    assert!(key(&mut bench, "4").is_empty() && key(&mut bench, "a").is_empty() && key(&mut bench, "space").is_empty());
    assert!(key(&mut bench, "ctrl-c").iter().any(|task| matches!(task, Task::Quit)));
    key(&mut bench, "q");
    assert_eq!(bench.screen.state.screen, Screen::Library);
    // Back in the review, Esc gives up what was typed; what is being written is not answered again.
    key(&mut bench, "g");
    key(&mut bench, "r");
    assert_eq!(bench.screen.state.screen, Screen::Review);
    key(&mut bench, "esc");
    bench.sees("", &["3 keys typed before"]).screen.press("gr");
    assert!(!key(&mut bench, "4").iter().any(|task| matches!(task, Task::Review(_))));
}

#[test]
fn whoever_left_while_an_act_was_written_is_not_brought_back() {
    let mut bench = demo((120, 40));
    bench.screen.press("grall<enter>").press_ahead("44q");
    assert_eq!(bench.screen.state.screen, Screen::Library);
    assert_eq!(bench.workspace().label_rows(None, false).unwrap().len(), 1);
    bench.sees("gr", &["2 of 47"]);
}

#[test]
fn only_what_is_waited_for_ends_the_wait_when_it_breaks_down() {
    let mut bench = demo((120, 40));
    bench.screen.press("grall<enter>");
    key(&mut bench, "4");
    key(&mut bench, "4");
    only(&mut bench, Msg::Answer(Answer::JobDone(Told::bad("a source is damaged"), None)));
    assert!(key(&mut bench, "4").is_empty(), "the answer is still on its way");
    only(&mut bench, Msg::Answer(Answer::Broke("no room on the disk".to_owned())));
    bench.sees("", &["no room on the disk; 2 keys typed meanwhile: not taken"]);
    assert!(key(&mut bench, "4").iter().any(|task| matches!(task, Task::Review(_))));
}

fn offers(tasks: Vec<Task>) -> (u64, Several) {
    let found = tasks.into_iter().find_map(|task| if let Task::Offers(ticket, several) = task { Some((ticket, several)) } else { None });
    found.expect("it asks what can be said")
}

#[test]
fn what_can_be_said_of_several_is_for_those_it_was_asked_about() {
    let mut bench = demo((160, 50));
    let all = bench.screen.state.library.numbers.len();
    let shared = ossia::app::Shared { schema: "s".to_owned(), question: "task".to_owned(), answer: "done".to_owned() };
    let offer = || Ok(vec![ossia::app::Offer { shared: shared.clone(), text: "it is".to_owned(), count: all }]);
    bench.screen.press("V");
    // Esc ends the question, and leaves the marks.
    let (ticket, several) = offers(key(&mut bench, "L"));
    key(&mut bench, "esc");
    only(&mut bench, Msg::Answer(Answer::Offered(ticket, several, offer())));
    assert!(bench.screen.state.overlays.is_empty() && bench.screen.state.library.marked.len() == all);
    // So does another screen.
    let (ticket, several) = offers(key(&mut bench, "L"));
    bench.screen.state.looks.mouse = true;
    let tab = bench.screen.state.tabs().into_iter().find(|tab| tab.screen == Screen::Insights).unwrap();
    only(&mut bench, Msg::Mouse(Mouse { act: MouseAct::Press, x: tab.area.x, y: 0 }));
    only(&mut bench, Msg::Answer(Answer::Offered(ticket, several, offer())));
    assert!(bench.screen.state.overlays.is_empty() && bench.screen.state.screen == Screen::Insights);
    // What is marked otherwise meanwhile changes nothing of what was asked.
    bench.screen.press("gl");
    let (ticket, several) = offers(key(&mut bench, "L"));
    only(&mut bench, Msg::Answer(Answer::Offered(ticket, several, offer())));
    bench.screen.state.library.marked.clear();
    let given = key(&mut bench, "enter").into_iter().find_map(|task| if let Task::Label { several, .. } = task { Some(several) } else { None });
    assert_eq!(given.unwrap().numbers.len(), all);
}

#[test]
fn after_esc_no_key_answers_again_what_is_being_written() {
    let mut bench = demo((120, 40));
    bench.sees("grrisk<enter>", &["Did this need a yes first?", "1 of 47"]);
    let under_way = key(&mut bench, "3");
    assert!(under_way.iter().any(|task| matches!(task, Task::Review(_))));
    let answers = |tasks: Vec<Task>| tasks.iter().any(|task| matches!(task, Task::Review(_)));
    assert!(!answers(key(&mut bench, "4")) && !answers(key(&mut bench, "esc")));
    assert_eq!(bench.screen.state.screen, Screen::Library, "esc leaves the screen");
    key(&mut bench, "g");
    key(&mut bench, "r");
    assert_eq!(bench.screen.state.screen, Screen::Review);
    assert!(!answers(key(&mut bench, "4")), "the question on the screen is answered already");
    bench.screen.work(under_way);
    bench.sees("", &["needs_ask = yes", "1 key typed before this question came up"]).misses("", "needs_ask = no");
}
