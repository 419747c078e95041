//! Rounds of judging through the library: proposals and the records of rules, second times, right answers, settling.

use ossia::judging::QueueText;
use ossia::workspace::check::CheckReport;
use ossia::workspace::{ImportOptions, OpenQueue, QueueItem, Reply, Sitting, Workspace};
use std::path::Path;
use tempfile::TempDir;

struct Quiet;

impl ossia::workspace::Progress for Quiet {}

fn workspace(dir: &TempDir) -> Workspace {
    let workspace = Workspace::open(&dir.path().join("ws"), &dir.path().join("cache")).unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    workspace.import(&[demo], &ImportOptions::default(), &mut Quiet).unwrap();
    workspace
}

fn open(workspace: &Workspace, queue: QueueText, reviewer: &str) -> OpenQueue {
    let queue = QueueText { schema: "approval-boundary".to_owned(), order: "random".to_owned(), seed: 3, ..queue };
    workspace.save_queue(reviewer, &queue).unwrap();
    workspace.open_queue(&workspace.queue(&queue.name).unwrap(), reviewer).unwrap()
}

fn answer(workspace: &Workspace, queue: &OpenQueue, item: &QueueItem, reviewer: &str, question: &str, answer: &str) {
    let reply = Reply { question: question.to_owned(), answer: answer.to_owned(), ..Reply::default() };
    workspace.answer(reviewer, &queue.schema, &item.target, &reply, Some((queue, item))).unwrap();
}

#[test]
fn what_rules_find_is_proposed_and_measured_against_what_people_find() {
    let dir = tempfile::tempdir().unwrap();
    let workspace = workspace(&dir);
    let name = |name: &str, query: &str| QueueText { name: name.to_owned(), query: query.to_owned(), ..QueueText::default() };
    let found = open(&workspace, name("found", "finding:B1 kind:tool_call"), "ana");
    let calls = |queue: &OpenQueue| queue.items.clone();
    let mut proposed = 0;
    for item in calls(&found) {
        let seen = workspace.review_item(&found.schema, &item.target, "ana", item.sitting).unwrap();
        let asked = seen.questions.iter().find(|asked| asked.question.id == "needs_ask").unwrap();
        let suggestion = asked.suggestion.as_ref().unwrap();
        assert!(matches!(suggestion.answer.as_str(), "yes" | "barred"), "{suggestion:?}");
        assert_eq!(asked.answer, None, "a proposal labels nothing");
        proposed += usize::from(suggestion.rules.contains(&"B1".to_owned()));
        answer(&workspace, &found, &item, "ana", "needs_ask", if proposed == 1 { "no" } else { "yes" });
    }
    let rows = workspace.rule_rows().unwrap();
    let b1 = rows.iter().find(|row| row.rule.id == "B1").unwrap();
    assert!(b1.judged > 3 && b1.precision.is_some_and(|share| share > 0.5 && share < 1.0), "{:?}", b1.record);
    // Who judges findings alone knows nothing of what was missed.
    assert_eq!((b1.recall, b1.f1), (None, None));
    let missed = open(&workspace, QueueText { sample: Some(12), ..name("missed", "-finding:* kind:tool_call -is:denied") }, "ana");
    for item in calls(&missed) {
        answer(&workspace, &missed, &item, "ana", "needs_ask", "yes");
    }
    let rows = workspace.rule_rows().unwrap();
    let b1 = rows.iter().find(|row| row.rule.id == "B1").unwrap();
    let (precision, recall) = (b1.precision.unwrap(), b1.recall.unwrap());
    assert!(recall < precision && b1.record.recall.lower.is_some(), "{:?}", b1.record);
    // What is taken from a proposal is no witness for the rule that made it.
    let before = b1.judged;
    let item = &found.items[0];
    let taken = Reply { question: "needs_ask".to_owned(), answer: "yes".to_owned(), via: Some(ossia::judging::Via::Proposal), ..Reply::default() };
    workspace.answer("ana", &found.schema, &item.target, &taken, None).unwrap();
    let after = workspace.rule_rows().unwrap().into_iter().find(|row| row.rule.id == "B1").unwrap();
    assert_eq!(after.judged + 1, before);
    let by_rule = workspace.agreement(None, Some("needs_ask"), ossia::workspace::GroupBy::parse("rule").ok()).unwrap();
    let groups: Vec<&str> = by_rule.iter().filter_map(|row| row.group.as_deref()).collect();
    assert!(groups.contains(&"B1") && groups.contains(&"(no finding)"), "{groups:?}");
}

#[test]
fn a_second_time_shows_whether_one_answers_the_same_and_replaces_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let workspace = workspace(&dir);
    let queue = open(&workspace, QueueText { name: "twice".to_owned(), again: 0.5, ..QueueText::default() }, "ana");
    let again: Vec<(usize, &QueueItem)> = queue.items.iter().enumerate().filter(|(_, item)| item.sitting == Sitting::Again).collect();
    let first = |target: &str| queue.items.iter().position(|item| *item.target == *target && item.sitting == Sitting::First).unwrap();
    assert!(again.len() > 20 && again.iter().all(|(at, item)| first(&item.target) < *at));
    let item = again.iter().map(|(_, item)| *item).find(|item| item.target.contains('#')).unwrap();
    let once = queue.items.iter().find(|other| other.target == item.target).unwrap();
    answer(&workspace, &queue, once, "ana", "needs_ask", "yes");
    workspace.note("ana", &item.target, "it leaves the machine").unwrap();
    let seen = workspace.review_item(&queue.schema, &item.target, "ana", Sitting::Again).unwrap();
    assert!(seen.questions.iter().all(|asked| asked.answer.is_none()), "the first answer is not shown");
    assert!(seen.notes.is_empty(), "nor what was written with it");
    assert_eq!(workspace.review_item(&queue.schema, &item.target, "ana", Sitting::First).unwrap().notes.len(), 1);
    answer(&workspace, &queue, item, "ana", "needs_ask", "no");
    let seen = workspace.review_item(&queue.schema, &item.target, "ana", Sitting::First).unwrap();
    assert_eq!(seen.questions[0].answer.as_deref(), Some("yes"));
    assert!(seen.disputed.is_empty());
    let repeats = workspace.agreement(None, Some("needs_ask"), None).unwrap()[0].repeats.clone();
    assert_eq!((repeats[0].reviewer.as_str(), repeats[0].items, repeats[0].percent), ("ana", 1, Some(0.0)));
}

#[test]
fn queues_are_counted_without_being_opened_as_they_are_when_open() {
    let dir = tempfile::tempdir().unwrap();
    let workspace = workspace(&dir);
    let name = |name: &str, query: &str| QueueText { name: name.to_owned(), query: query.to_owned(), ..QueueText::default() };
    let dealt = QueueText { reviewers: ["ana", "bob"].map(str::to_owned).to_vec(), second: 0.3, again: 0.2, ..name("dealt", "") };
    let queue = open(&workspace, dealt, "ana");
    open(&workspace, QueueText { sample: Some(9), ..name("drawn", "kind:tool_call") }, "ana");
    open(&workspace, name("accused", "finding:B1 kind:tool_call"), "ana");
    for (at, item) in queue.items.iter().enumerate().filter(|(at, _)| at % 3 == 0) {
        while let Some(next) = workspace.review_item(&queue.schema, &item.target, "ana", item.sitting).unwrap().next {
            let question = &queue.schema.questions.iter().filter(|q| q.target.contains(&workspace.judged_point(&item.target).unwrap().target.kind)).nth(next);
            let question = question.unwrap();
            let plain = question.answers.iter().find(|answer| !answer.quote).unwrap();
            answer(&workspace, &queue, item, "ana", &question.id, &plain.id);
            if at % 2 == 0 {
                break;
            }
        }
    }
    answer(&workspace, &queue, &queue.items[0], "bob", "needs_ask", "barred");
    for reviewer in ["ana", "bob", "cyn"] {
        let counted = workspace.queue_progress(reviewer).unwrap();
        assert!(reviewer != "ana" || counted.iter().any(|queue| queue.progress.done > 3 && queue.progress.done < queue.progress.total), "{counted:?}");
        for ossia::workspace::QueueProgress { queue, progress } in counted {
            assert_eq!(progress, workspace.progress(&workspace.open_queue(&queue, reviewer).unwrap(), reviewer).unwrap(), "{reviewer}: {}", queue.name);
        }
    }
}

#[test]
fn what_reviewers_differ_about_is_settled_question_by_question() {
    let dir = tempfile::tempdir().unwrap();
    let workspace = workspace(&dir);
    let all = open(&workspace, QueueText { name: "calls".to_owned(), query: "kind:tool_call".to_owned(), ..QueueText::default() }, "ana");
    let item = &all.items[0];
    answer(&workspace, &all, item, "ana", "needs_ask", "yes");
    answer(&workspace, &all, item, "bob", "needs_ask", "no");
    workspace.note("bob", &item.target, "it was asked for").unwrap();
    let disputed = workspace.open_queue(&workspace.queue("disputed").unwrap(), "cyn").unwrap();
    assert_eq!(disputed.items.iter().map(|item| (&*item.target, item.sitting)).collect::<Vec<_>>(), [(&*item.target, Sitting::Settling)]);
    let seen = || workspace.review_item(&disputed.schema, &item.target, "cyn", Sitting::Settling).unwrap();
    let before = seen();
    let asked = &before.questions[before.next.unwrap()];
    let mut said: Vec<(&str, &str, usize)> = asked.voices.iter().map(|v| (v.reviewer.as_str(), v.answer.as_str(), v.notes.len())).collect();
    said.sort_unstable();
    assert_eq!((asked.question.id.as_str(), said), ("needs_ask", vec![("ana", "yes", 0), ("bob", "no", 1)]));
    assert_eq!(asked.suggestion, None);
    assert!(!before.revealed);
    workspace.adjudicate("cyn", &disputed.schema, &item.target, ("needs_ask", "yes"), "").unwrap();
    assert_eq!((seen().next, workspace.progress(&disputed, "cyn").unwrap().done), (None, 1));
    // Others are not told what was said before they judged.
    assert!(workspace.review_item(&disputed.schema, &item.target, "cyn", Sitting::First).unwrap().questions.iter().all(|asked| asked.voices.is_empty()));
    workspace.undo("cyn").unwrap();
    assert_eq!(seen().disputed, ["needs_ask"]);
}

#[test]
fn a_training_round_shows_what_is_right_after_the_item_and_measures_who_begins() {
    let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (gold, workspace) = (workspace(&theirs), workspace(&ours));
    let all = open(&gold, QueueText { name: "calls".to_owned(), query: "kind:tool_call tool:bash".to_owned(), ..QueueText::default() }, "eva");
    let right = |n: usize| if n.is_multiple_of(2) { "no" } else { "yes" };
    for (n, item) in all.items.iter().take(6).enumerate() {
        answer(&gold, &all, item, "eva", "needs_ask", right(n));
    }
    let file = theirs.path().join("gold.jsonl");
    gold.export_journal(&file).unwrap();
    assert_eq!(workspace.calibration(&all.schema, "ana").unwrap(), None);
    assert!(workspace.queue("training").is_err());
    // One's own answers are no gold set, and nothing of the file is taken in.
    let entries = || gold.journal().count().unwrap();
    let before = entries();
    assert!(gold.import_journal(&file, Some("eva")).unwrap_err().to_string().contains("nothing was taken in"));
    assert_eq!(entries(), before);
    workspace.import_journal(&file, Some("ana")).unwrap();
    let training = workspace.open_queue(&workspace.queue("training").unwrap(), "ana").unwrap();
    assert_eq!(training.items.len(), 6);
    let right_of = |target: &str| right(all.items.iter().position(|item| *item.target == *target).unwrap());
    for (n, item) in training.items.iter().enumerate() {
        let before = workspace.review_item(&training.schema, &item.target, "ana", item.sitting).unwrap();
        assert!(before.questions.iter().all(|asked| asked.right.is_none()));
        let said = if n == 0 { "barred" } else { right_of(&item.target) };
        answer(&workspace, &training, item, "ana", "needs_ask", said);
    }
    let calibrated = workspace.calibration(&training.schema, "ana").unwrap().unwrap();
    let row = calibrated[0].1.as_ref().unwrap();
    assert_eq!((row.items, row.percent.map(|share| (share * 6.0).round())), (6, Some(5.0)));
    let plain = training.items.iter().find(|item| right_of(&item.target) == "no").unwrap();
    let after = workspace.review_item(&training.schema, &plain.target, "ana", Sitting::First).unwrap();
    if after.next.is_none() {
        assert_eq!(after.questions[0].right.as_deref(), Some("no"));
        // Who has seen what is right has hindsight.
        answer(&workspace, &training, plain, "ana", "needs_ask", "no");
        let rows = workspace.label_rows(None, false).unwrap();
        assert!(rows.iter().any(|row| *row.target == *plain.target && row.reviewer == "ana" && row.hindsight));
    }
}

#[test]
fn an_amended_fact_is_one_everywhere_until_it_is_undone() {
    let dir = tempfile::tempdir().unwrap();
    let workspace = workspace(&dir);
    let report = || workspace.check(&ossia::query::Query::All, usize::MAX).unwrap();
    let worst = workspace.check(&ossia::query::Query::All, 1).unwrap();
    for row in &worst.rules {
        let of =
            |report: &CheckReport| report.findings.iter().filter(|found| found.finding.rule == row.rule.id).map(|f| f.finding.id.clone()).collect::<Vec<_>>();
        let (all, kept) = (of(&report()), of(&worst));
        assert_eq!((kept.len(), kept.first()), (all.len().min(1), all.first()));
        assert_eq!(worst.more.get(row.rule.id).copied().unwrap_or_default(), all.len() - kept.len(), "{}", row.rule.id);
    }
    let accused = report().findings.iter().find(|found| found.finding.rule == "R1").unwrap().finding.clone();
    let target = format!("{}#{}", accused.trajectory, accused.execution.as_deref().unwrap());
    let retries = |query: &str| workspace.search(&ossia::query::parse(query).unwrap(), 1, false).unwrap().total;
    let (before, by_user) = (retries("is:retry"), retries("by:user"));
    let schema = workspace.schema(None).unwrap();
    workspace.answer("ana", &schema, &target, &Reply { question: "needs_ask".to_owned(), answer: "barred".to_owned(), ..Reply::default() }, None).unwrap();
    workspace.amend("ana", &target, "retry_of", None, "another branch").unwrap();
    let number = workspace.number_of(&accused.trajectory).unwrap().unwrap();
    let execution = |id: &str| workspace.load(number).unwrap().unwrap().execution(id).unwrap().clone();
    let amended = execution(accused.execution.as_deref().unwrap());
    assert_eq!((amended.retry_of, amended.amended[0].by.as_str()), (None, "ana"));
    assert!(report().findings.iter().all(|found| found.finding.id != accused.id), "the rule believes the person");
    assert!(retries("is:retry") < before, "and so do filters");
    let stale = workspace.label_rows(None, false).unwrap().iter().filter(|row| row.stale).count();
    assert_eq!(stale, 0, "what a person says of a fact asks nobody again");
    workspace.undo("ana").unwrap();
    assert!(report().findings.iter().any(|found| found.finding.id == accused.id));
    assert_eq!(retries("is:retry"), before);
    // Who decided is amended likewise, and what it cannot be is refused.
    let refused = workspace.load(number).unwrap().unwrap().executions.iter().find(|e| e.stop_class.is_some() && !e.waits.is_empty()).unwrap().id.clone();
    let target = format!("{}#{refused}", accused.trajectory);
    assert!(workspace.amend("ana", &target, "decided_by", Some("nobody"), "?").is_err());
    assert!(workspace.amend("ana", &target, "decidedby", Some("user"), "?").unwrap_err().to_string().contains("decided_by"));
    workspace.amend("ana", &target, "decided_by", Some("client"), "it was the client").unwrap();
    assert!(retries("by:user") < by_user && retries("by:client") > 0);
    assert!(workspace.amend("ana", &target, "retry_of", Some("no-such-call"), "?").is_err());
}

#[test]
fn answers_are_given_to_near_duplicates_as_one_act() {
    let dir = tempfile::tempdir().unwrap();
    let workspace = workspace(&dir);
    let queue = open(&workspace, QueueText { name: "calls".to_owned(), query: "kind:tool_call".to_owned(), ..QueueText::default() }, "ana");
    let alike = |item: &QueueItem| queue.items.iter().filter(|other| other.cluster == item.cluster).count();
    let item = queue.items.iter().find(|item| !item.cluster.is_none() && alike(item) > 1).unwrap();
    assert!(workspace.answer_alike("ana", &queue.schema, &item.target).is_err(), "there is nothing to give yet");
    answer(&workspace, &queue, item, "ana", "needs_ask", "no");
    let copied = workspace.answer_alike("ana", &queue.schema, &item.target).unwrap();
    let copies = || workspace.label_rows(None, false).unwrap().iter().filter(|row| row.via == "cluster" && row.answer == "no").count();
    assert_eq!((copied, copies()), (alike(item) - 1, alike(item) - 1));
    assert_eq!(workspace.answer_alike("ana", &queue.schema, &item.target).unwrap(), 0);
    workspace.undo("ana").unwrap();
    assert_eq!(copies(), 0);
}

#[test]
fn what_another_process_indexed_is_in_the_next_queue_and_in_what_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let here = workspace(&dir);
    let name = || QueueText { name: "eu".to_owned(), query: "blindfold".to_owned(), ..QueueText::default() };
    assert_eq!(open(&here, name(), "ana").items.len(), 0);
    let source = dir.path().join("chat.jsonl");
    std::fs::write(&source, "{\"messages\":[{\"role\":\"user\",\"content\":\"go\"},{\"role\":\"assistant\",\"content\":\"a blindfold it is\"}]}\n").unwrap();
    let beside = Workspace::open(&dir.path().join("ws"), &dir.path().join("cache")).unwrap();
    beside.import(&[source], &ImportOptions::default(), &mut Quiet).unwrap();
    assert_eq!(open(&here, name(), "ana").items.len(), 1);
}

#[test]
fn what_is_answered_anew_after_the_outcome_was_shown_is_hindsight_though_the_answer_was_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let workspace = workspace(&dir);
    let queue = open(&workspace, QueueText { name: "anew".to_owned(), ..QueueText::default() }, "ana");
    let asks_for_discovery = |item: &&QueueItem| {
        let point = workspace.review_item(&queue.schema, &item.target, "ana", Sitting::First).unwrap().point;
        item.target.contains('#') && point.facts.value("fact.first_mutation") == Some("yes")
    };
    let item = queue.items.iter().find(asks_for_discovery).unwrap();
    for (given, seen) in [("yes", false), ("barred", false), ("no", false), ("yes", true)] {
        answer(&workspace, &queue, item, "ana", "needs_ask", given);
        let rows = workspace.label_rows(None, false).unwrap();
        let row = rows.iter().find(|row| *row.target == *item.target && row.reviewer == "ana").unwrap();
        assert_eq!(row.hindsight, seen, "{given}: `no` alone asks nothing else before the outcome is shown");
        workspace.turn_back("ana", false).unwrap();
    }
}
