//! Labelling several at once on its thread: what can be said of them, and saying it as one act.

use super::desk::Ground;
use crate::app::{Answer, Offer, Several};
use crate::judging::{Point, TargetKind};
use crate::text::human;
use crate::workspace::{Answers, Result, Workspace};

/// Gives what can be said of several, with how many each answer would label.
pub fn offers(workspace: &Workspace, several: &Several, ground: &Ground) {
    ground.answer(Answer::Offered(list(workspace, several).map_err(|error| error.to_string())));
}

/// Gives an answer to all of several whose question it is, as one act that one undo takes back.
pub fn label(workspace: &Workspace, several: &Several, said: (&str, &str), hindsight: bool, ground: &Ground) {
    ground.answer(Answer::Labelled(write(workspace, several, said, hindsight, ground).map_err(|error| error.to_string())));
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
    let (points, schema) = (points(workspace, several)?, workspace.schema(None)?);
    let mut offers = Vec::new();
    for question in &schema.questions {
        let count = points.iter().filter(|point| question.target.contains(&point.target.kind)).count();
        // What needs a quotation is said of one at a time.
        for answer in question.answers.iter().filter(|answer| count > 0 && !answer.quote) {
            offers.push(Offer { question: question.id.clone(), answer: answer.id.clone(), text: answer.text.clone(), count });
        }
    }
    Ok(offers)
}

fn write(workspace: &Workspace, several: &Several, (question, answer): (&str, &str), hindsight: bool, ground: &Ground) -> Result<String> {
    let schema = workspace.schema(None)?;
    let asked = |point: &&Point| schema.question(question).is_some_and(|question| question.target.contains(&point.target.kind));
    let points = points(workspace, several)?;
    let ids: Vec<String> = points.iter().filter(asked).map(|point| point.target.name()).collect();
    if ids.is_empty() {
        return Err(crate::workspace::Error::Undecidable("nothing that is marked is asked that; nothing was written".to_owned()));
    }
    let said = Answers { answers: vec![(question.to_owned(), answer.to_owned())], hindsight, ..Answers::default() };
    let labelled = workspace.label_ids(&ground.reviewer, &schema, &ids, &said, false)?;
    let count = human::plural(labelled.labels.len(), "label");
    Ok(format!("{} = {}: {count} in one act; u takes all back", question.replace('_', " "), answer.replace('_', " ")))
}
