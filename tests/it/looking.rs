//! Looking for what the index alone cannot tell: what is found is told as it goes on, grows at its end only, and can be given up.

use crate::screens;
use crate::workspace::Bench;
use ossia::app::{Answer, Msg, update};
use ossia::command::{Code, Key};
use ossia::query::parse;
use ossia::workspace::{Matches, Workspace};
use std::collections::BTreeSet;
use std::path::Path;

const QUERY: &str = "/[a-z]+ [a-z]+/";

/// Gives what is told on the way, and all of it.
fn told(workspace: &Workspace, steps: usize) -> (Vec<Matches>, Matches) {
    let mut on_the_way = Vec::new();
    let mut tell = |so_far: &dyn Fn() -> Matches| {
        on_the_way.push(so_far());
        true
    };
    let all = workspace.matches(&parse(QUERY).unwrap(), "at", true, steps, &mut tell).unwrap().unwrap();
    (on_the_way, all)
}

fn examples() -> (Bench, Workspace) {
    let bench = Bench::new();
    bench.json(&["import", Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo").to_str().unwrap()]);
    let workspace = Workspace::open(&bench.path("ws"), &bench.path("cache/ossia")).unwrap();
    (bench, workspace)
}

#[test]
fn what_is_told_on_the_way_is_the_beginning_of_all() {
    let (_bench, workspace) = examples();
    let names = |found: &Matches| found.steps.iter().map(|step| (step.number, step.step.clone())).collect::<Vec<_>>();
    for steps in [0, 20, 100_000] {
        let (on_the_way, all) = told(&workspace, steps);
        assert!(on_the_way.len() > 1 && !all.partial && on_the_way.iter().all(|matches| matches.partial), "there is a way");
        let listed = workspace.ls(&parse(QUERY).unwrap(), None, 1000).unwrap();
        assert_eq!(all.trajectories.len(), listed.total, "nothing is lost on it");
        assert_eq!((all.total, all.steps.len()), (all.places.as_ref().unwrap().values().map(Vec::len).sum(), all.total.min(steps)));
        for matches in &on_the_way {
            assert!(all.trajectories.starts_with(&matches.trajectories) && names(&all).starts_with(&names(matches)));
            assert!(matches.total <= all.total && matches.looked.is_some_and(|(looked, of)| looked <= of));
        }
    }
}

#[test]
fn who_no_longer_wants_to_know_is_told_nothing_more() {
    let (_bench, workspace) = examples();
    let mut asked = 0;
    let given_up = workspace.matches(&parse(QUERY).unwrap(), "at", true, 20, &mut |_| {
        asked += 1;
        false
    });
    assert!(given_up.unwrap().is_none());
    assert_eq!(asked, 1);
}

#[test]
fn facets_of_what_was_looked_at_are_those_of_what_is_looked_for() {
    let (_bench, workspace) = examples();
    for query in [QUERY, "/git push/", "/git push/ is:denied", "/-[rf]+ / OR kind:wait"] {
        let query = parse(query).unwrap();
        let places = workspace.matches(&query, "at", true, 0, &mut |_| true).unwrap().unwrap().places;
        assert!(places.is_some());
        assert_eq!(workspace.facets(&query, places).unwrap(), workspace.facets(&query, None).unwrap(), "{query}");
    }
}

#[test]
fn whoever_reads_what_was_found_so_far_keeps_the_place() {
    let mut bench = screens::open(&["fixtures/demo"], (160, 40));
    let (on_the_way, all) = told(&bench.workspace(), 500);
    let half = on_the_way.into_iter().find(|matches| matches.steps.len() > 10).unwrap();
    assert!(half.total < all.total);
    // What is asked for is not done yet.
    for letter in format!("/{QUERY}").chars() {
        update(&mut bench.screen.state, 0, Msg::Key(Key::plain(Code::Char(letter))));
    }
    update(&mut bench.screen.state, 0, Msg::Key(Key::parse("enter").unwrap()));
    bench.sees("", &["looking for what may match"]);
    let ticket = bench.screen.state.library.ticket;
    bench.screen.send(Msg::Answer(Answer::Found(ticket, Ok(half.clone()), 1.0)));
    bench.sees("jjj", &["so far", "looked through"]);
    let read: BTreeSet<usize> = bench.screen.state.library.lines.keys().copied().collect();
    assert!(!read.is_empty());
    // Nothing that this asks for is done either.
    update(&mut bench.screen.state, 0, Msg::Answer(Answer::Found(ticket, Ok(all.clone()), 2.0)));
    let library = &bench.screen.state.library;
    assert_eq!((library.list.chosen, library.total_steps), (3, all.total));
    assert!(read.iter().all(|row| library.lines.contains_key(row)), "lines that were read stay");
    bench.sees("", &["steps match"]).misses("", "so far");
    // As something was decided, it is looked for again: nobody is sent back to its beginning.
    let (ticket, half) = (ticket + 1, half);
    bench.screen.state.library.ticket = ticket;
    bench.sees("", &["looking again"]);
    update(&mut bench.screen.state, 0, Msg::Answer(Answer::Found(ticket, Ok(half), 1.0)));
    assert_eq!((bench.screen.state.library.list.chosen, bench.screen.state.library.total_steps), (3, all.total));
    update(&mut bench.screen.state, 0, Msg::Answer(Answer::Found(ticket, Ok(all), 2.0)));
    assert_eq!((bench.screen.state.library.list.chosen, bench.screen.state.library.answered), (3, ticket));
}
