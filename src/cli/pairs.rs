//! `ossia pairs` and `ossia pair`: two continuations of one prefix, suggested and decided.

use super::ask::{Place, query};
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::text::{clean, human, truncate};
use crate::workspace::{Chosen, Pair, PairChoice, PairSide, Pairs};
use clap::ValueEnum;
use serde::Serialize;

#[derive(clap::Args)]
pub struct Args {
    /// Query; a pair is listed if either side is in a trajectory that it finds
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// Only those that nobody decided, or whose sides changed since
    #[arg(long)]
    open: bool,
    /// At most so many
    #[arg(long, default_value_t = 200, value_name = "N")]
    limit: usize,
}

#[derive(clap::Args)]
pub struct Choose {
    /// A turn as TRAJECTORY#ID, rewrite:TRAJECTORY#ID or repeat:TRAJECTORY#ID; or a trajectory, whose turn is found where the two part
    #[arg(value_name = "LEFT")]
    left: String,
    /// The other side
    #[arg(value_name = "RIGHT")]
    right: String,
    /// Which side is better
    #[arg(long, value_enum, value_name = "SIDE")]
    chosen: Side,
    /// How much better, 1 to 3
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=3))]
    strength: u8,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Which side is better.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Side {
    /// The first one
    Left,
    /// The second one
    Right,
    /// Neither
    Tie,
}

#[derive(Serialize)]
struct One<'a> {
    pair: &'a Pair,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let query = query(&args.query)?;
    let mut found = place.open_to_list()?.pairs(&query, &mut |_, _| true)?;
    if args.open {
        found.pairs.retain(Pair::is_open);
    }
    let listed = found.pairs.len();
    found.pairs.truncate(args.limit);
    if out.json {
        out.document("ossia.pairs.v1", &found)?;
    } else {
        print(&found, listed, out)?;
    }
    Ok(u8::from(listed == 0))
}

pub fn choose(args: &Choose, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    let pair = workspace.named_pair(&args.left, &args.right)?;
    let chosen = match args.chosen {
        Side::Left => Chosen::Left,
        Side::Right => Chosen::Right,
        Side::Tie => Chosen::Tie,
    };
    let choice = PairChoice { chosen, strength: args.strength, reason: args.reason.clone(), blind: false, ms: None };
    let pair = workspace.choose(&place.reviewer()?, &pair, &choice)?;
    if out.json {
        out.document("ossia.pair.v1", &One { pair: &pair })?;
    } else {
        one(&pair, out)?;
        if pair.disputed {
            out.line(&out.ink(Ink::Yellow, "reviewers chose differently: no row of it leaves until they agree, or one who has not chosen yet settles it"))?;
        }
    }
    Ok(0)
}

fn print(found: &Pairs, listed: usize, out: &Output) -> Result<(), Fail> {
    for pair in &found.pairs {
        one(pair, out)?;
    }
    let shown = if found.pairs.len() < listed { format!("{} shown, ", found.pairs.len()) } else { String::new() };
    out.line(&out.ink(Ink::Dim, &format!("{shown}{}, {} decided", human::plural(found.total, "pair"), found.decided)))?;
    if found.left_out > 0 {
        let said = format!("{} of one prompt or scenario were not compared: they are too many; a query narrows them", human::plural(found.left_out, "run"));
        out.line(&out.ink(Ink::Dim, &said))?;
    }
    Ok(())
}

fn one(pair: &Pair, out: &Output) -> Result<(), Fail> {
    let denial = if pair.after_denial && pair.source.words() != "after a denial" { " · after a denial" } else { "" };
    let head = format!("{} {}{denial}", out.ink(Ink::Bold, &clean(&pair.id)), pair.source.words());
    if let Some(why) = &pair.refused {
        out.line(&head)?;
        out.line(&format!("  {} · {}", clean(&pair.left.name), clean(&pair.right.name)))?;
        return out.line(&format!("  {}", out.ink(Ink::Yellow, &clean(why))));
    }
    out.line(&format!("{head} · same prefix of {}, verified{}", human::plural(pair.prefix.steps, "step"), decided(pair, out)))?;
    for (name, side, chosen) in [("left ", &pair.left, Chosen::Left), ("right", &pair.right, Chosen::Right)] {
        let better = pair.chosen == Some(chosen);
        let arm = side.arm.as_ref().map_or(String::new(), |arm| format!(" ({})", clean(arm)));
        out.line(&format!("  {} {}{arm}", if better { out.ink(Ink::Green, name) } else { name.to_owned() }, out.ink(Ink::Dim, &clean(&side.name))))?;
        out.line(&format!("        {}", truncate(&clean(&said(side)), out.columns().saturating_sub(8))))?;
    }
    Ok(())
}

/// Says what was chosen, by whom.
fn decided(pair: &Pair, out: &Output) -> String {
    let by = clean(&pair.reviewers.join(", "));
    let said = match pair.chosen {
        _ if pair.disputed => format!("disputed between {by}"),
        None => return String::new(),
        Some(Chosen::Tie) => format!("tie by {by}"),
        Some(chosen) => format!("{} by {by}, strength {}", if chosen == Chosen::Left { "left" } else { "right" }, pair.strength.unwrap_or(2)),
    };
    let ink = if pair.disputed || pair.stale { Ink::Yellow } else { Ink::Green };
    format!(" · {}{}", out.ink(ink, &said), if pair.stale { ", but it changed since" } else { "" })
}

/// Says a turn on one line.
fn said(side: &PairSide) -> String {
    let Some(turn) = &side.turn else { return String::new() };
    let calls = turn.calls.iter().map(|call| format!("{} {}", call.name, call.arguments));
    let words = turn.text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(words).filter(|text| !text.is_empty()).into_iter().chain(calls).collect::<Vec<_>>().join(" · ")
}
