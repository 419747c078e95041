//! Labelling several at once on its thread: what can be said of them, and saying it as one act.

use super::desk::Ground;
use super::judge::Bench;
use crate::app::{Answer, Offer, Several, Shared};
use crate::judging::{Point, Schema, TargetKind};
use crate::text::human;
use crate::workspace::{Alone, Answers, Error, Result, Sitting, Workspace};

/// Gives what can be said of several, with how many each answer would label.
pub fn offers(workspace: &Workspace, ticket: u64, several: Several, ground: &Ground) {
    let offers = list(workspace, &several).map_err(|error| error.to_string());
    ground.answer(Answer::Offered(ticket, several, offers));
}

/// Gives an answer, perhaps as unsure, to all of several whose question it is, as one act that one undo takes back.
pub fn label(workspace: &Workspace, several: &Several, said: (&Shared, bool), bench: &Bench, ground: &Ground) {
    ground.answer(Answer::Labelled(write(workspace, several, said, bench, &ground.reviewer).map_err(|error| error.to_string())));
}

fn points(workspace: &Workspace, several: &Several) -> Result<Vec<Point>> {
    let mut points = Vec::new();
    for number in &several.numbers {
        points.extend(workspace.points(*number)?.into_iter().filter(|point| point.target.kind == TargetKind::Trajectory));
    }
    for name in &several.targets {
        points.push(workspace.judged_point(name)?);
    }
    Ok(points)
}

fn list(workspace: &Workspace, several: &Several) -> Result<Vec<Offer>> {
    let points = points(workspace, several)?;
    let schemas: Vec<Schema> = match &several.schema {
        Some(name) => vec![workspace.schema(Some(name))?],
        None => workspace.state()?.schemas(),
    };
    let mut offers = Vec::new();
    for (schema, question) in schemas.iter().flat_map(|schema| schema.questions.iter().map(move |question| (schema, question))) {
        let count = points.iter().filter(|point| question.target.contains(&point.target.kind)).count();
        // What needs a quotation is said of one at a time.
        for answer in question.answers.iter().filter(|answer| count > 0 && !answer.quote) {
            let shared = Shared { schema: schema.name.clone(), question: question.id.clone(), answer: answer.id.clone() };
            offers.push(Offer { shared, text: answer.text.clone(), count });
        }
    }
    Ok(offers)
}

fn write(workspace: &Workspace, several: &Several, (shared, unsure): (&Shared, bool), bench: &Bench, reviewer: &str) -> Result<String> {
    let Shared { schema, question, answer } = shared;
    let schema = workspace.schema(Some(schema))?;
    let asked = |point: &&Point| schema.question(question).is_some_and(|question| question.target.contains(&point.target.kind));
    let points = points(workspace, several)?;
    let ids: Vec<String> = points.iter().filter(asked).map(|point| point.target.name()).collect();
    if ids.is_empty() {
        return Err(Error::Undecidable(format!("{} asks that of nothing that is marked; nothing was written", schema.name)));
    }
    let mut said = Answers {
        answers: vec![(question.clone(), answer.clone())],
        confidence: unsure.then_some(1),
        hindsight: several.schema.is_none(),
        ..Answers::default()
    };
    for id in ids.iter().filter(|_| several.schema.is_some()) {
        let item = workspace.review_item(&schema, id, reviewer, Sitting::First)?;
        let known = item.questions.iter().find(|asked| asked.question.id == *question);
        // Whoever answers again after the reveal has seen what came after, and after a training round what is right.
        let early = several.early.contains(id) || known.is_some_and(|asked| asked.question.before && item.seen || asked.right.is_some());
        let (sampled, blind) = bench.drawn(id);
        said.alone.insert(id.clone(), Alone { hindsight: early, sampled, blind });
    }
    let labelled = workspace.label_ids(reviewer, &schema, &ids, &said, false)?;
    let count = human::plural(labelled.labels.len(), "label");
    Ok(format!("{}: {count} in one act; u takes all back", shared.said()))
}
