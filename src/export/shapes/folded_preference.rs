//! `folded-preference`: pairs of texts alone, for Axolotl's DPO and OpenRLHF.

use super::{Item, Line, Shape, Takes, fold, loss};
use crate::export::definition::Definition;
use crate::export::json::Json;

/// The shape.
pub const SHAPE: Shape = Shape {
    name: "folded-preference",
    takes: Takes::Pairs,
    features: &[("prompt", "json"), ("chosen", "json"), ("rejected", "json"), ("margin", "float64")],
    loses: &[loss::CALLS],
    least: 1,
    header: None,
    write,
};

fn write(item: &Item<'_>, definition: &Definition) -> Result<Line, String> {
    let (good, bad) = item.sides()?;
    let prompt = item.folded(&[good, bad], definition.family)?;
    let one = |m| Json::Array(vec![fold::folded(m, definition.family).json()]);
    Ok(Json::object([("prompt", prompt.into()), ("chosen", one(good)), ("rejected", one(bad)), ("margin", item.example.margin().into())]).into())
}
