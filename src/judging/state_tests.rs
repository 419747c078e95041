//! Tests of folding: what stands after decisions, changes of mind, undo, verdicts and unions.

use super::{Adjudication, Gold, Label, LabelPlace, Labels, Part, Postings, Settled, State, Target, TargetKind, Via};
use crate::model::entry::Place;
use crate::model::{Draft, Entry, EntryId, Redo, Timestamp, Undo};
use std::sync::Arc;

/// Writes entries as several journals would.
#[derive(Default)]
struct Pen {
    entries: Vec<Entry>,
}

impl Pen {
    fn write(&mut self, journal: &str, reviewer: &str, draft: &Draft) -> EntryId {
        let (journal, reviewer): (Arc<str>, Arc<str>) = (journal.into(), reviewer.into());
        let after = self.entries.iter().rev().find(|e| e.journal == journal && e.reviewer == reviewer).map(|e| (e.seq, e.id));
        let clock = self.entries.len() as u64 + 1;
        let entry = Entry::sealed(&Place { journal: &journal, reviewer: &reviewer, after, act: None, clock, at: Timestamp::EPOCH }, draft).unwrap();
        self.entries.push(entry);
        self.entries[self.entries.len() - 1].id
    }

    fn say(&mut self, who: &str, answer: &str) -> EntryId {
        self.write("a", who, &Draft::of(&label("x", &[], answer)))
    }

    fn state(&self) -> State {
        let mut state = State::default();
        self.entries.iter().for_each(|entry| state.take(entry));
        state
    }

    fn settled(&self) -> String {
        let state = self.state();
        let (Some(target), Some(question)) = (state.target("t#x"), state.question("s", "q")) else { return "nothing".to_owned() };
        match state.settled(target, question) {
            None => "nothing".to_owned(),
            Some(Settled::Disputed) => "disputed".to_owned(),
            Some(Settled::Answer(answer)) => state.word(answer).to_owned(),
            Some(Settled::Adjudicated(answer)) => format!("adjudicated {}", state.word(answer)),
        }
    }
}

fn target(id: &str, aliases: &[&str]) -> Target {
    Target { kind: TargetKind::Execution, trajectory: "t".to_owned(), id: id.to_owned(), aliases: aliases.iter().map(|a| (*a).to_owned()).collect() }
}

fn label(id: &str, aliases: &[&str], answer: &str) -> Label {
    Label {
        target: target(id, aliases),
        schema: "s".to_owned(),
        version: 1,
        schema_hash: String::new(),
        question: "q".to_owned(),
        question_hash: String::new(),
        answer: answer.to_owned(),
        confidence: None,
        via: Via::Key,
        hindsight: false,
        ms: None,
        facts: String::new(),
        rules: None,
        shown: None,
        quote: None,
        sampled: None,
        again: false,
    }
}

#[test]
fn the_last_word_counts_and_undo_brings_back_the_one_before() {
    let mut pen = Pen::default();
    pen.say("ana", "yes");
    let second = pen.say("ana", "no");
    assert_eq!(pen.settled(), "no");
    pen.write("a", "ana", &Draft::of(&Undo { of: second }));
    assert_eq!(pen.settled(), "yes");
    pen.write("a", "ana", &Draft::of(&Redo { of: second }));
    assert_eq!(pen.settled(), "no");
    // Nobody takes back what another said, nor what one's namesake on another machine said.
    pen.write("a", "bob", &Draft::of(&Undo { of: second }));
    pen.write("b", "ana", &Draft::of(&Undo { of: second }));
    assert_eq!(pen.settled(), "no");
}

#[test]
fn a_verdict_stands_over_answers_and_abstaining_is_no_quarrel() {
    let mut pen = Pen::default();
    pen.say("ana", "cannot_tell");
    assert_eq!(pen.settled(), "cannot_tell");
    pen.say("bob", "yes");
    assert_eq!(pen.settled(), "yes");
    pen.say("cyn", "no");
    assert_eq!(pen.settled(), "disputed");
    let verdict =
        Adjudication { target: target("x", &[]), schema: "s".into(), question: "q".into(), answer: "no".into(), note: String::new(), between: vec![] };
    let verdict = pen.write("a", "dan", &Draft::of(&verdict));
    assert_eq!(pen.settled(), "adjudicated no");
    pen.write("a", "dan", &Draft::of(&Undo { of: verdict }));
    assert_eq!(pen.settled(), "disputed");
}

#[test]
fn a_target_that_got_another_id_is_the_same_target() {
    let mut pen = Pen::default();
    pen.write("a", "ana", &Draft::of(&label("old", &["x"], "yes")));
    pen.say("bob", "no");
    let state = pen.state();
    assert_eq!(state.target("t#old"), state.target("t#x"));
    assert_eq!(pen.settled(), "disputed");
}

#[test]
fn parts_fold_to_the_same_as_the_whole() {
    let mut pen = Pen::default();
    for n in 0..40 {
        let who = ["ana", "bob"][n % 2];
        let said = pen.write(["a", "b"][n % 3 / 2], who, &Draft::of(&label(&format!("{}", n % 7), &[], ["yes", "no", "cannot_tell"][n % 3])));
        if n % 5 == 0 {
            pen.write(["a", "b"][n % 3 / 2], who, &Draft::of(&Undo { of: said }));
        }
    }
    let whole = picture(&pen.state());
    for cut in [1, 13, 30, pen.entries.len() - 1] {
        let state = Labels::of_parts(vec![part(&pen.entries[..cut]), part(&pen.entries[cut..])]).finish(Vec::new());
        assert_eq!((picture(&state), state.last()), (whole.clone(), pen.state().last()), "cut at {cut}");
        // Labels that were frozen come back the same, and what was decided beside them is folded after.
        let before = Labels::of_parts(vec![part(&pen.entries[..cut])]);
        let bytes = before.labels().freeze_labels();
        let thawed = Part::thaw(&bytes, before.last().unwrap()).unwrap();
        let beside = pen.entries[..cut].iter().filter(|entry| &*entry.kind != "label").cloned().collect();
        let state = Labels::of_parts(vec![thawed, part(&pen.entries[cut..])]).finish(beside);
        assert_eq!((picture(&state), state.last()), (whole.clone(), pen.state().last()), "thawed at {cut}");
        for end in [0, 3, bytes.len() / 2, bytes.len() - 1] {
            assert!(Part::thaw(&bytes[..end], before.last().unwrap()).is_none(), "cut at {end}");
        }
    }
}

/// Entries by lot: labels, notes, flags, verdicts and undos of targets that go by several names.
fn by_lot(seed: u64) -> Pen {
    let mut dice = super::random::Random::new(seed);
    let mut pen = Pen::default();
    let mut said = Vec::new();
    for _ in 0..30 {
        let mut roll = |sides: usize| dice.below(sides);
        let (journal, who) = (["a", "b"][roll(2)], ["ana", "bob"][roll(2)]);
        let id = ["u", "v", "w", "x", "y", "z"][roll(6)];
        let aliases: Vec<&str> = (0..roll(3)).map(|_| ["u", "v", "w", "x", "y", "z"][roll(6)]).collect();
        let kind = roll(8);
        let draft = match kind {
            0 => Draft::of(&super::Note { target: target(id, &aliases), text: "hm".to_owned() }),
            1 => Draft::of(&super::Flag { target: target(id, &aliases), set: roll(2) == 0 }),
            2 => Draft::of(&Adjudication {
                target: target(id, &aliases),
                schema: "s".to_owned(),
                question: "q".to_owned(),
                answer: "yes".to_owned(),
                note: String::new(),
                between: Vec::new(),
            }),
            3 if !said.is_empty() => Draft::of(&Undo { of: said[roll(said.len())] }),
            _ => Draft::of(&label(id, &aliases, ["yes", "no"][roll(2)])),
        };
        said.push(pen.write(journal, who, &draft));
    }
    pen
}

#[test]
fn parts_unite_names_as_the_whole_does() {
    for seed in 0..400 {
        let pen = by_lot(seed);
        let whole = pen.state();
        for cuts in [vec![], vec![7], vec![1, 2, 15], vec![10, 20]] {
            let mut parts = Vec::new();
            let mut from = 0;
            for to in cuts.iter().copied().chain([pen.entries.len()]) {
                parts.push(part(&pen.entries[from..to]));
                from = to;
            }
            let state = Labels::of_parts(parts).finish(Vec::new());
            assert_eq!(meanings(&state), meanings(&whole), "seed {seed}, cuts {cuts:?}");
        }
        // What was kept of the first part is as good as the part.
        let kept = Labels::of_parts(vec![part(&pen.entries[..12])]);
        let thawed = Part::thaw(&kept.labels().freeze_labels(), kept.last().unwrap()).unwrap();
        let beside = pen.entries[..12].iter().filter(|entry| &*entry.kind != "label").cloned().collect();
        let state = Labels::of_parts(vec![thawed, part(&pen.entries[12..])]).finish(beside);
        assert_eq!(meanings(&state), meanings(&whole), "seed {seed}, thawed");
    }
}

/// What every name means, and all that stands about it.
fn meanings(state: &State) -> Vec<String> {
    let of = |id: &&str| {
        let Some(target) = state.target(&format!("t#{id}")) else { return format!("{id} -") };
        let marks = (state.is_flagged(target), state.notes(target).count());
        let settled = state.question("s", "q").and_then(|question| state.settled(target, question));
        let settled = match settled {
            Some(Settled::Answer(n) | Settled::Adjudicated(n)) => format!("{} {}", state.word(n), matches!(settled, Some(Settled::Adjudicated(_)))),
            other => format!("{other:?}"),
        };
        format!("{id} is {} {marks:?} {settled}", state.target_name(target))
    };
    ["u", "v", "w", "x", "y", "z"].iter().map(of).chain(picture(state)).collect()
}

fn part(entries: &[Entry]) -> Part {
    let mut part = Part::default();
    for entry in entries {
        let place = LabelPlace { id: entry.id, act: entry.act(), clock: entry.clock, at: entry.at, version: entry.version };
        if &*entry.kind == "label" { part.label(&entry.journal, &entry.reviewer, &place, &entry.body) } else { part.other(entry.clone()) }
    }
    part
}

/// All that stands, in words.
fn picture(state: &State) -> Vec<String> {
    let mut all = Vec::new();
    for target in state.targets() {
        let given = |given: &super::Given| format!("{} {} {}", state.target_name(target), state.reviewer_name(given.chain), state.word(given.answer));
        all.extend(state.current(target).map(given));
    }
    all.sort();
    all
}

#[test]
fn namesakes_are_two_reviewers_and_what_is_newer_is_counted_out() {
    let mut pen = Pen::default();
    pen.say("ana", "yes");
    pen.write("bbbbbbbbbb", "ana", &Draft::of(&label("x", &[], "no")));
    pen.write("a", "ana", &Draft { kind: "label", version: 9, body: "{}".to_owned() });
    pen.write("a", "ana", &Draft { kind: "dream", version: 1, body: "{}".to_owned() });
    pen.write("a", "ana", &Draft { kind: "label", version: 1, body: "{\"target\":3}".to_owned() });
    let state = pen.state();
    assert_eq!(pen.settled(), "disputed");
    assert_eq!((state.reviewer_name(0).as_str(), state.reviewer_name(1).as_str()), ("ana@a", "ana@bbbbbb"));
    assert_eq!(state.unread.len(), 2);
    assert!(state.unread[0].contains("newer"), "{:?}", state.unread);
}

#[test]
fn postings_say_what_the_state_says_however_they_grew() {
    let mut pen = Pen::default();
    let (mut state, mut postings) = (State::default(), Postings::default());
    let mut seed = 11_u32;
    pen.write("a", "ana", &Draft::of(&Gold { journal: "a".to_owned(), reviewer: "gold".to_owned() }));
    for round in 0..400 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut pick = |of: usize| {
            seed = seed.rotate_left(9).wrapping_mul(2_654_435_761);
            (seed >> 16) as usize % of
        };
        let (id, who) = (["x", "y", "z", "v", "w"][pick(5)], ["ana", "bob", "cyn", "gold"][pick(4)]);
        let said = Label { question: ["q", "r"][pick(2)].to_owned(), again: pick(6) == 0, ..label(id, &[], ["yes", "no", "cannot_tell"][pick(3)]) };
        let own = |entry: &&Entry| &*entry.reviewer == who && entry.body.contains("\"answer\"");
        match pick(9) {
            0 => match pen.entries.iter().rev().find(own).map(|entry| entry.id) {
                Some(of) => pen.write("a", who, &Draft::of(&Undo { of })),
                None => continue,
            },
            1 => {
                let verdict = Adjudication {
                    target: target(id, &[]),
                    schema: "s".into(),
                    question: "q".into(),
                    answer: "maybe".into(),
                    note: String::new(),
                    between: vec![],
                };
                pen.write("a", "dan", &Draft::of(&verdict))
            }
            _ => pen.write("a", who, &Draft::of(&said)),
        };
        pen.entries.last().into_iter().for_each(|entry| state.take(entry));
        if round % 37 == 0 {
            postings.grow(&state);
        }
    }
    postings.grow(&state);
    let slow = |target: u32, wanted: &dyn Fn(u32, u32) -> bool| {
        state.questions_of(target).into_iter().any(|question| match state.settled(target, question) {
            Some(Settled::Adjudicated(answer)) => wanted(question, answer),
            _ => state.current(target).any(|given| given.question == question && wanted(question, given.answer)),
        })
    };
    let mut seen = 0;
    for (question, answer) in ["q", "r"].iter().flat_map(|q| ["yes", "no", "cannot_tell", "maybe"].map(|a| (*q, a))) {
        let wanted = |q: u32, a: u32| state.question_name(q).1 == question && state.word(a) == answer;
        let mut found = postings.with_answer(&state, &wanted);
        found.sort_unstable();
        found.dedup();
        let plain: Vec<u32> = state.targets().filter(|target| slow(*target, &wanted)).collect();
        assert_eq!(found, plain, "{question} {answer}");
        seen += found.len();
    }
    assert!(seen > 10, "{seen}");
    for target in state.targets() {
        assert_eq!(state.is_labelled(target), state.current(target).next().is_some());
        assert_eq!(state.has_right(target), state.right(target).next().is_some());
        assert!(!state.is_disputed(target) || state.may_differ(target));
        assert_eq!(postings.units(target), [crate::model::ids::unit(state.target_name(target), ""), crate::model::ids::unit("t", "")]);
    }
}
