//! `tinker-preference`: comparisons for tinker-cookbook's `ComparisonBuilderFromJsonl`, which trains DPO and reward models.

use super::{Item, Line, Shape, Takes, fold, loss};
use crate::export::definition::Definition;
use crate::export::json::Json;

/// The shape.
pub const SHAPE: Shape = Shape {
    name: "tinker-preference",
    takes: Takes::Pairs,
    features: &[("comparison", "object"), ("label", "string")],
    loses: &[loss::CALLS, loss::STRENGTH],
    least: 1,
    header: None,
    write,
};

fn write(item: &Item<'_>, definition: &Definition) -> Result<Line, String> {
    let (good, bad) = item.sides()?;
    let prompt = item.folded(&[good, bad], definition.family)?;
    let side = |message| Json::Array(vec![fold::folded(message, definition.family).json()]);
    // The better side stands now first, now second, so that a reward model cannot learn its place; there is never a tie, which DPO would train as B.
    let first = item.example.id().bytes().map(u32::from).sum::<u32>() % 2 == 0;
    let (a, b) = if first { (good, bad) } else { (bad, good) };
    let comparison = Json::object([("prompt_conversation", prompt.into()), ("completion_A", side(a)), ("completion_B", side(b))]);
    Ok(Json::object([("comparison", comparison), ("label", if first { "A" } else { "B" }.into())]).into())
}
