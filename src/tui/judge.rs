//! Reviewing on its thread: the queue that is open, and each act made durable before it is answered.

use super::desk::Ground;
use super::jobs::{Memory, whole};
use crate::app::{Answer, QueueRow, ReviewAct, Reviewed, Told, review_after, review_before, review_sentences};
use crate::judging::{Adjudication, Amendment, Flag, Label, Note, QueueText, Record, Sampled, Traces, Via, blinded};
use crate::model::{Entry, Recorded};
use crate::text::{clean, fit};
use crate::workspace::{Abridged, Error, JournalLine, OpenQueue, Progressed, QueueItem, Result, Sitting, TO_BEGIN, Workspace};
use std::sync::Arc;

/// The queue that is open.
#[derive(Default)]
pub struct Bench {
    queue: Option<OpenQueue>,
    /// How the rules did when the queue was opened, by id.
    records: Arc<Vec<(String, Record)>>,
    /// The trajectory of the last item: no decision changes it.
    shown: Option<Arc<Seen>>,
}

/// A trajectory as the open queue shows it.
struct Seen {
    number: i64,
    generation: i64,
    /// As its sources tell it: a quotation is of that.
    whole: Arc<Abridged>,
    /// As it is shown; the same where nothing is hidden.
    shown: Arc<Abridged>,
    hidden: Option<Traces>,
}

impl Bench {
    /// Gives the draw of a target in the open queue, and whether that hides the arm.
    pub fn drawn(&self, target: &str) -> (Option<Sampled>, bool) {
        let queue = self.queue.as_ref();
        let item = queue.and_then(|queue| queue.items.iter().find(|item| *item.target == *target));
        (item.map(|item| (*item.sampled).clone()), item.is_some() && queue.is_some_and(|queue| queue.blind))
    }
}

/// Gives the queues.
pub fn queues(workspace: &Workspace, ground: &Ground) {
    match workspace.queues() {
        Ok(queues) => ground.answer(Answer::Queues(queues.into_iter().map(row).collect())),
        Err(error) => {
            ground.answer(Answer::Queues(Vec::new()));
            ground.answer(Answer::Told(Told::bad(error.to_string())));
        }
    }
}

fn row(queue: QueueText) -> QueueRow {
    let known = |name: &&(&str, &str, &str)| (name.0, name.1) == (queue.name.as_str(), queue.query.as_str());
    let about = ABOUT.iter().find(known).map_or("", |(.., about)| about);
    QueueRow { about, name: queue.name, query: queue.query, schema: queue.schema, order: queue.order }
}

/// What the built-in queues are for: name, query, and that.
const ABOUT: &[(&str, &str, &str)] = &[
    ("all", "", "every call and turn, and each session as a whole"),
    ("risk", "", "the same, worst first"),
    ("unflagged", "-finding:*", "calls and turns in which no rule found anything"),
    ("findings", "finding:*", "calls and turns in which rules did, worst first"),
    ("training", "is:gold", "points whose right answer is known"),
    ("disputed", "is:disputed", "what reviewers differ about, to settle"),
    ("stale", "is:stale", "what changed after it was judged"),
];

/// Does what a reviewer wants, and gives the item as it then stands.
pub fn review(workspace: &Workspace, act: ReviewAct, ground: &Ground, memory: &mut Memory) {
    let outcome = run(workspace, act, ground, memory).map_err(|error| error.to_string());
    ground.answer(Answer::Reviewed(outcome.map(Box::new)));
}

fn run(workspace: &Workspace, act: ReviewAct, ground: &Ground, memory: &mut Memory) -> Result<Reviewed> {
    let reviewer = ground.reviewer.as_str();
    let begun = match &act {
        ReviewAct::Begin(name) => Some(workspace.queue(name)?),
        ReviewAct::Over(query) => Some(workspace.queue_over(query)?),
        _ => None,
    };
    if let Some(begun) = begun {
        memory.bench.queue = Some(workspace.open_queue(&begun, reviewer)?);
        // Another queue may hide more, or less.
        memory.bench.shown = None;
        memory.bench.records = workspace.rule_rows()?.into_iter().map(|row| (row.rule.id.to_owned(), row.record)).collect::<Vec<_>>().into();
    }
    let Some(mut queue) = memory.bench.queue.take() else {
        return Err(Error::Undecidable("no queue is open; g r chooses one".to_owned()));
    };
    let told = act_on(workspace, &act, &mut queue, reviewer);
    let seen = told.and_then(|told| Ok(Reviewed { told, ..seen(workspace, &queue, ground, memory)? }));
    memory.bench.queue = Some(queue);
    seen
}

fn act_on(workspace: &Workspace, act: &ReviewAct, queue: &mut OpenQueue, reviewer: &str) -> Result<Option<String>> {
    let target = queue.items.get(queue.place).map(|item| item.target.clone()).unwrap_or_default();
    match act {
        ReviewAct::Begin(_) | ReviewAct::Over(_) => {
            // Where the item one was at is done, the next open one is where work goes on.
            if is_done(workspace, queue, queue.place, reviewer)? {
                next(workspace, queue, reviewer)?;
            }
            remember(workspace, queue, reviewer)?;
            return uncalibrated(workspace, queue, reviewer);
        }
        ReviewAct::Go(place) => queue.place = (*place).min(queue.items.len().saturating_sub(1)),
        ReviewAct::Next => {
            if !next(workspace, queue, reviewer)? {
                return Ok(Some("every item of this queue is done".to_owned()));
            }
        }
        ReviewAct::Answer(reply) => {
            let drawn = queue.items.get(queue.place).map(|item| (&*queue, item));
            workspace.answer(reviewer, &queue.schema, &target, reply, drawn)?;
        }
        ReviewAct::Settle(question, answer) => workspace.adjudicate(reviewer, &queue.schema, &target, (question, answer), "")?,
        ReviewAct::TurnBack(again) => {
            let told = turn_back(workspace, queue, reviewer, *again)?;
            remember(workspace, queue, reviewer)?;
            return Ok(Some(told));
        }
        ReviewAct::Flag | ReviewAct::Note(_) | ReviewAct::Amend { .. } => return said(workspace, act, &target, reviewer).map(Some),
        ReviewAct::Alike => {
            let copied = workspace.answer_alike(reviewer, &queue.schema, &target)?;
            let what = crate::text::human::plural(copied, "near-duplicate");
            return Ok(Some(if copied == 0 {
                "nothing else here is like it".to_owned()
            } else {
                format!("your answers hold for {what} as well; u takes that back")
            }));
        }
    }
    remember(workspace, queue, reviewer)?;
    Ok(None)
}

fn remember(workspace: &Workspace, queue: &OpenQueue, reviewer: &str) -> Result<()> {
    queue.items.get(queue.place).map_or(Ok(()), |item| workspace.remember_place(&queue.name, reviewer, item))
}

/// Says where a reviewer should train before they begin with a queue of another kind.
fn uncalibrated(workspace: &Workspace, queue: &OpenQueue, reviewer: &str) -> Result<Option<String>> {
    if queue.name == "training" || queue.items.iter().all(|item| item.sitting == Sitting::Settling) {
        return Ok(None);
    }
    let found = workspace.calibration(&queue.schema, reviewer)?.unwrap_or_default();
    let low = found.into_iter().find_map(|(question, row)| {
        let alpha = row.and_then(|row| row.krippendorff_alpha.value);
        alpha.is_none_or(|alpha| alpha < TO_BEGIN).then(|| (question, alpha.map_or("not known".to_owned(), |alpha| format!("{alpha:.2}"))))
    });
    Ok(low.map(|(question, alpha)| format!("{question}: α {alpha} against the right answers, {TO_BEGIN} is enough to begin; g Q training")))
}

/// Says something beside the answers about a target, durably; gives what to tell.
fn said(workspace: &Workspace, act: &ReviewAct, target: &str, reviewer: &str) -> Result<String> {
    match act {
        ReviewAct::Note(text) => {
            workspace.note(reviewer, target, text)?;
            Ok("the note is written".to_owned())
        }
        ReviewAct::Amend { fact, value, note } => {
            workspace.amend(reviewer, target, fact, value.as_deref(), note)?;
            Ok(format!(
                "{fact} is {} from now on; u takes it back",
                value.as_deref().map_or("rejected", |value| if value == "confirm" { "confirmed" } else { value })
            ))
        }
        _ => {
            let set = workspace.toggle_flag(reviewer, target)?;
            Ok(if set { "flagged for a second look" } else { "the flag is off" }.to_owned())
        }
    }
}

/// Asks a question by its answers' keys: on a small screen nothing else of it may be in sight.
fn keys_of(question: &crate::judging::Question) -> String {
    let answers = question.answers.iter().map(|answer| format!(" {} {}", answer.key, answer.id.replace('_', " ")));
    format!("{}?{}", question.id.replace('_', " "), answers.collect::<String>())
}

/// Judges a target where it is read, durably.
pub fn here(workspace: &Workspace, target: &str, act: ReviewAct, ground: &Ground) {
    let reviewer = ground.reviewer.as_str();
    let told = match &act {
        ReviewAct::Answer(reply) => workspace.schema(None).and_then(|schema| {
            let item = workspace.answer(reviewer, &schema, target, reply, None)?;
            let given = format!("{} = {}", reply.question.replace('_', " "), reply.answer.replace('_', " "));
            let next = item.next.and_then(|next| item.questions.get(next)).map(|asked| format!("; {}", keys_of(&asked.question)));
            Ok(format!("{given}, with hindsight{}", next.unwrap_or_else(|| "; nothing else is asked here".to_owned())))
        }),
        ReviewAct::TurnBack(again) => workspace.turn_back(reviewer, *again).map(|turned| match (turned, again) {
            (Some((act, _)), _) if act.entries.len() > 1 => {
                format!("{}: {} at once", if *again { "count again" } else { "taken back" }, crate::text::human::plural(act.entries.len(), "decision"))
            }
            (Some((act, about)), _) => {
                format!(
                    "{}{}{}",
                    if *again { "counts again" } else { "taken back" },
                    answer_in(&act),
                    about.filter(|_| !was_blind(&act)).map_or(String::new(), |(about, _)| format!(": about {about}"))
                )
            }
            (None, true) => "nothing is left to make count again".to_owned(),
            (None, false) => "nothing is left to take back".to_owned(),
        }),
        other => said(workspace, other, target, reviewer),
    };
    ground.answer(Answer::Judged(told.map_err(|error| error.to_string())));
}

fn turn_back(workspace: &Workspace, queue: &mut OpenQueue, reviewer: &str, again: bool) -> Result<String> {
    let Some((act, about)) = workspace.turn_back(reviewer, again)? else {
        return Ok(if again { "nothing is left to make count again" } else { "nothing is left to take back" }.to_owned());
    };
    let what = if again { "counts again" } else { "taken back" };
    if given_together(&act) {
        // They were given from where one is, and stand all over the queue: one stays.
        return Ok(format!("{what}: {} at once", crate::text::human::plural(act.entries.len(), "decision")));
    }
    let answer = answer_in(&act);
    let Some((target, second)) = about else { return Ok(format!("{what}{answer}")) };
    // One sees what was taken back, the second time it was asked where that is meant.
    let sitting = |item: &QueueItem| (item.sitting == Sitting::Again) == second;
    let place = queue.items.iter().position(|item| *item.target == *target && sitting(item));
    let place = place.or_else(|| queue.items.iter().position(|item| *item.target == *target));
    queue.place = place.unwrap_or(queue.place);
    Ok(match place {
        // A name may tell the arm.
        None if queue.blind || was_blind(&act) => format!("{what}{answer}: an act about something that is not in this queue"),
        None => format!("{what}{answer}: an act about {target}, which is not in this queue"),
        Some(_) => format!("{what}{answer}"),
    })
}

/// Tells whether an act answered what was shown without its arm, which its name may tell.
fn was_blind(act: &JournalLine) -> bool {
    let label = act.entries.first().and_then(|entry| entry.decision::<Label>().ok().flatten());
    label.and_then(|label| label.shown).is_some_and(|shown| shown.blind)
}

/// Tells whether an act gave answers to several things, or from one thing to another like it.
fn given_together(act: &JournalLine) -> bool {
    let label = act.entries.first().and_then(|entry| entry.decision::<Label>().ok().flatten());
    act.entries.len() > 1 || label.is_some_and(|label| matches!(label.via, Via::Bulk | Via::Cluster))
}

/// Says what an act was: the answer it gave, the note, the fact that was corrected, the verdict, the flag.
fn answer_in(act: &JournalLine) -> String {
    fn of<B: Recorded>(entry: &Entry, said: impl Fn(B) -> String) -> Option<String> {
        entry.decision::<B>().ok().flatten().map(said)
    }
    let equals = |name: &str, value: &str| format!(": {} = {}", name.replace('_', " "), value.replace('_', " "));
    let Some(entry) = act.entries.first() else { return String::new() };
    let said = match &*entry.kind {
        Label::KIND => of(entry, |label: Label| equals(&label.question, &label.answer)),
        Adjudication::KIND => of(entry, |verdict: Adjudication| format!("{}, as it was settled", equals(&verdict.question, &verdict.answer))),
        Note::KIND => of(entry, |note: Note| format!(": the note “{}”", fit(&clean(note.text.lines().next().unwrap_or_default()), 40).trim_end())),
        Amendment::KIND => of(entry, |said: Amendment| equals(&said.fact, said.value.as_deref().unwrap_or("rejected"))),
        Flag::KIND => of(entry, |flag: Flag| if flag.set { ": the flag" } else { ": that the flag is off" }.to_owned()),
        // What was decided on another screen cannot be seen here.
        "pair" => Some(": the choice of a pair".to_owned()),
        "rewrite" => Some(": a rewrite".to_owned()),
        "redaction" => Some(": a verdict on a redaction".to_owned()),
        "dataset" => Some(": what a dataset is to hold".to_owned()),
        _ => None,
    };
    said.unwrap_or_default()
}

fn is_done(workspace: &Workspace, queue: &OpenQueue, place: usize, reviewer: &str) -> Result<bool> {
    let Some(item) = queue.items.get(place) else { return Ok(false) };
    Ok(workspace.review_item(&queue.schema, &item.target, reviewer, item.sitting)?.next.is_none())
}

/// Goes to the next item that is not done, round the end; tells whether there is one.
fn next(workspace: &Workspace, queue: &mut OpenQueue, reviewer: &str) -> Result<bool> {
    let count = queue.items.len();
    for step in 1..=count {
        let place = (queue.place + step) % count.max(1);
        if !is_done(workspace, queue, place, reviewer)? {
            queue.place = place;
            return Ok(true);
        }
    }
    Ok(false)
}

fn seen(workspace: &Workspace, queue: &OpenQueue, ground: &Ground, memory: &mut Memory) -> Result<Reviewed> {
    let progress = workspace.progress(queue, &ground.reviewer)?;
    let mut reviewed = Reviewed {
        queue: queue.name.clone(),
        schema: format!("{} v{}", queue.schema.name, queue.schema.version),
        asks: queue.schema.name.clone(),
        guide: queue.schema.guide.clone(),
        blind: queue.blind,
        sitting: queue.items.get(queue.place).map_or(Sitting::First, |item| item.sitting),
        place: queue.place,
        progress: Progressed { total: queue.items.len(), ..progress },
        alike: alike(queue),
        item: None,
        number: 0,
        before: Vec::new(),
        after: Vec::new(),
        sentences: Vec::new(),
        records: memory.bench.records.clone(),
        told: None,
    };
    let Some(item) = queue.items.get(queue.place) else { return Ok(reviewed) };
    let item = workspace.review_item(&queue.schema, &item.target, &ground.reviewer, item.sitting)?;
    if let Some(number) = workspace.number_of(&item.point.target.trajectory)? {
        let session = shown(workspace, number, queue, memory)?;
        reviewed.number = number;
        reviewed.before = review_before(&session.shown, &item.point, queue.blind, ground.ascii);
        reviewed.after = review_after(&session.shown, &item.point, ground.ascii);
        reviewed.sentences = review_sentences(&session.whole, &item.point, session.hidden.as_ref());
    }
    reviewed.item = Some(Box::new(item));
    Ok(reviewed)
}

/// Counts the other items of the queue that are near-duplicates of the one it stands at.
fn alike(queue: &OpenQueue) -> usize {
    let cluster = queue.items.get(queue.place).map(|item| item.cluster).filter(|cluster| !cluster.is_none());
    cluster.map_or(0, |cluster| queue.items.iter().filter(|item| item.cluster == cluster && item.sitting == Sitting::First).count().saturating_sub(1))
}

/// Gives the trajectory of an item as its queue shows it; that of the item before where it is the same.
fn shown(workspace: &Workspace, number: i64, queue: &OpenQueue, memory: &mut Memory) -> Result<Arc<Seen>> {
    let generation = workspace.generation_of(number)?;
    if let Some(seen) = memory.bench.shown.as_ref().filter(|seen| (seen.number, seen.generation) == (number, generation)) {
        return Ok(Arc::clone(seen));
    }
    // What one judges may be quoted, wherever in a text it stands.
    let whole = whole(workspace, number, memory)?;
    let shown = if queue.blind { Arc::new(blinded(&whole, &queue.arms).into()) } else { Arc::clone(&whole) };
    let hidden = queue.blind.then(|| Traces::of(&whole, &queue.arms));
    let seen = Arc::new(Seen { number, generation, whole, shown, hidden });
    memory.bench.shown = Some(Arc::clone(&seen));
    Ok(seen)
}
