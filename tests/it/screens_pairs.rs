//! The pairs on the screen: two continuations beside each other, chosen between by keys.

use crate::screens::{Bench, open};
use ossia::app::{Answer, Editing, Msg};
use ossia::workspace::Chosen;

const SIZES: [(u16, u16); 2] = [(160, 50), (80, 24)];
const ARMS: [&str; 2] = ["fixtures/demo/dedupe-customers-control", "fixtures/demo/dedupe-customers-candidate"];

fn chosen(bench: &Bench) -> (Option<Chosen>, Option<u8>, Option<String>) {
    let pair = bench.screen.state.pairs.pair().unwrap();
    (pair.chosen, pair.strength, pair.reason.clone())
}

#[test]
fn two_arms_stand_beside_each_other_and_stay_hidden_until_one_is_chosen() {
    for size in SIZES {
        let mut bench = open(&ARMS, size);
        bench.sees("gp", &["Pair 1 of", "same prefix 1 step, verified", "strength 2", "order blind"]).misses("", "candidate");
        bench.sees("1", &["A is better, strength 2"]).sees("j", &["✓ better", "candidate"]);
        bench.screen.press("<up>");
        assert_eq!(chosen(&bench).1, Some(3));
        bench.sees("nlooks before it changes<enter>", &["A is better, strength 3"]);
        assert_eq!(chosen(&bench).2.as_deref(), Some("looks before it changes"));
        let first = chosen(&bench).0;
        bench.sees("4", &["B  ✓ better"]).sees("1", &["A is better"]);
        assert_ne!(chosen(&bench).0, first);
        bench.sees("3", &["a tie"]);
        assert_eq!(chosen(&bench).0, Some(Chosen::Tie));
    }
}

#[test]
fn a_choice_is_taken_back_and_made_again() {
    let mut bench = open(&ARMS, (120, 40));
    bench.screen.press("gp2");
    let first = chosen(&bench);
    bench.sees("u", &["the history keeps both"]);
    assert_eq!(chosen(&bench), (None, None, None));
    bench.misses("j", "candidate");
    bench.screen.press("<ctrl-r>");
    assert_eq!(chosen(&bench), first);
    // A reason that was given later is taken back alone, and the screen says so.
    bench.screen.press("nlooks first<enter>");
    bench.sees("u", &["taken back: the reason “looks first” alone, the choice stands"]);
    assert_eq!(chosen(&bench), first);
    bench.sees("u", &["taken back: a choice between two turns"]);
    assert_eq!(chosen(&bench), (None, None, None));
}

#[test]
fn a_turn_is_rewritten_and_becomes_a_pair() {
    let mut bench = open(&["fixtures/demo/publish-docs"], (120, 40));
    bench.sees("gp", &["after a denial"]);
    let side = bench.screen.state.pairs.pair().unwrap().names[0].clone();
    bench.screen.send(Msg::Answer(Answer::Edited(Editing::Turn(side.clone()), ">>> not a call".to_owned())));
    bench.sees("", &["not saved: line 1: it is no call"]);
    bench.screen.send(Msg::Answer(Answer::Edited(Editing::Turn(side), "I stop here. May I stage it?".to_owned())));
    bench.sees("", &["the rewrite is saved", "May I stage it?"]).sees("b", &["recorded and rewritten", "rewrite ·"]);
}

#[test]
fn pairs_are_gone_through_and_opened() {
    let mut bench = open(&["fixtures/demo/publish-docs"], (120, 40));
    bench.sees("gp", &["Pair 1 of 2"]).sees("J", &["Pair 2 of 2"]).sees("J", &["this is the last pair"]).sees("K", &["Pair 1 of 2"]);
    bench.sees("1", &["1 of 2 decided"]).sees("<space>", &["Pair 2 of 2"]).sees("x", &["2 of 2 decided"]).sees("<space>", &["nothing else is open"]);
    bench.sees("<enter>", &["Build the handbook"]);
    open(&[], (80, 24)).sees("gp", &["No pairs here."]);
}

#[test]
fn what_is_compared_becomes_a_pair_or_says_where_it_differs() {
    let mut bench = open(&ARMS, (120, 40));
    bench.sees("vjv=", &["~"]).sees("p", &["Pair 1 of 1", "same prefix 1 step, verified"]);
    let mut apart = open(&["fixtures/demo/publish-docs", "fixtures/demo/dns-cutover"], (120, 40));
    apart.sees("vjv=p", &["no pair: the prefixes differ at message"]);
}

#[test]
fn the_list_of_pairs_is_narrowed_by_origin_and_leads_to_one() {
    for size in SIZES {
        let mut bench = open(&["fixtures/demo/publish-docs", ARMS[0], ARMS[1]], size);
        bench.sees("gp", &["Pair 1 of"]).sees("/", &["3 pairs, 0 decided", "after a denial, 2, 2 open", "two arms of one scenario, 1, 1 open"]);
        bench.sees("arm", &["1 of 5"]).misses("", "candidate").sees("<enter>", &["Pair 3 of 3"]);
        bench.sees("1", &["1 of 3 decided"]).sees("/", &["chosen", "two arms of one scenario, 1"]);
        bench.sees("chosen<enter>", &["Pair 3 of 3"]).sees("/", &["3 pairs"]).sees("open<enter>", &["Pair 1 of 3"]);
    }
    open(&[], (80, 24)).sees("gp/", &["there are no pairs to choose from"]);
}
