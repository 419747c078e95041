//! The redactions: values or groups of findings, and the places of the chosen one.

use super::board::{border, greet, head, under};
use super::canvas::Canvas;
use super::sheet;
use crate::app::{Area, By, State, Together, Tone, verdict_sign};
use crate::text::{clean, fit, human, truncate_middle, width};

/// What is said where nothing is looked at.
const NO_MATCH: &[&str] = &["Nothing matches the query of the library.", "", "g l goes to the library, where esc clears the query."];

/// What is said where nothing was found.
const NOTHING: &[&str] = &[
    "Nothing to decide.",
    "",
    "No rule found a secret or a person in what was imported, and no mark of redaction that does not hold.",
    "That is no proof: rules do not see names, project words and customers. Put such words, one a line, into",
    "lists/names.txt and lists/words.txt in the workspace's folder, and f5 looks again.",
    "`ossia audit sample` draws what to read, which bounds what was missed; `ossia audit certify` signs the audit off.",
];
const ALL_DECIDED: &[&str] = &[
    "Every finding is decided.",
    "",
    "d shows them with their verdicts; u takes the last verdict back.",
    "What no rule can see is bounded by reading a sample: `ossia audit sample plan` begins one, `ossia audit certify` signs the audit off.",
    "g d goes to the dataset, whose gates ask for exactly this.",
];

/// Draws the screen.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let view = &state.redactions;
    let progress = view.progress();
    let values = progress.rows();
    // Nothing is said to be clean before everything was looked at.
    let blank = values == 0 && view.ticket != 0;
    let within = view.within.as_ref().map_or(String::new(), |(by, key)| format!("  in {} {key}", by.name()));
    let query = state.library.query.text();
    let over = match &view.of {
        Some(id) => format!("  of {} alone; gs again: of the library", human::short_id(id)),
        None if query.is_empty() => String::new(),
        None => format!("  of what the library shows: {query}"),
    };
    let name = clean(&format!("by {}{within}{over}", view.by.name()));
    let mut facts = Vec::new();
    if let Some(board) = view.board.as_ref().filter(|_| !blank) {
        facts.push(progress.said());
        facts.push(format!("{} open", human::plural(progress.places, "place")));
        facts.extend(board.bound.as_ref().map(|bound| {
            let share = format!("{:.2} %", bound.upper_95_for_reader * 100.0);
            format!("bound: plan {}, {} of {} missed {} {share}", bound.plan.get(..8).unwrap_or(&bound.plan), bound.missed, bound.sampled, canvas.marks.at_most)
        }));
        let not_read: Vec<String> =
            board.coverage.detail.not_read.iter().filter(|(_, count)| **count > 0).map(|(what, count)| format!("{count} {what}")).collect();
        if !not_read.is_empty() {
            facts.push(format!("not read: {}", not_read.join(", ")));
        }
        if board.bound.is_none() && progress.open() == 0 {
            facts.push("no sample read yet: `ossia audit sample`".to_owned());
        }
        facts.push(format!("rules {}", board.rules_hash.get(..8).unwrap_or_default()));
    }
    // What the next verdict holds for is never left out.
    if view.alone {
        facts.insert(0, "verdicts for this place alone (m)".to_owned());
    }
    if view.ticket != 0 {
        facts.push("still looking".to_owned());
    }
    // On a narrow screen what one came for stays whole.
    let most = usize::from(state.size.0) * 2 / 3;
    while facts.len() > 2 && facts.iter().map(|fact| width(&clean(fact)) + 3).sum::<usize>() > most {
        facts.remove(facts.len() - 1 - usize::from(view.ticket != 0));
    }
    head(state, canvas, &name, &clean(&facts.join(&format!(" {} ", canvas.marks.dot))));
    if let Some(why) = &view.failed {
        canvas.put(1, 3, state.size.0.saturating_sub(2), why, Tone::Alarm);
        return;
    }
    if view.board.is_none() || blank {
        canvas.put(2, 4, state.size.0.saturating_sub(4), &"Looking at every field of every record.", Tone::Dim);
        return;
    }
    if view.groups.is_empty() {
        return greet(
            state,
            canvas,
            if values == 0 && state.library.is_empty() && state.library.asks() {
                NO_MATCH
            } else if values == 0 {
                NOTHING
            } else {
                ALL_DECIDED
            },
        );
    }
    border(state, canvas);
    let (list, page) = state.board_areas();
    for (row, (at, group)) in (0..list.height).zip(view.groups.iter().enumerate().skip(view.list.top)) {
        let tone = under(canvas, list, row, at == view.list.chosen, view.in_page);
        draw_group(state, canvas, list, row, group, tone);
    }
    sheet::draw(canvas, Area::new(page.x + 1, page.y, page.width.saturating_sub(2), page.height), &view.page);
}

fn draw_group(state: &State, canvas: &mut Canvas<'_>, list: Area, row: u16, group: &Together, under: Tone) {
    let view = &state.redactions;
    let Some(board) = &view.board else { return };
    let Some(first) = group.at.first().and_then(|at| board.findings.get(*at)) else { return };
    let y = list.y + row;
    let room = list.width.saturating_sub(3);
    let places = human::plural(group.at.len(), "place");
    if view.by != By::Value {
        let count = if group.open > 0 { format!("{} of {places} open ", group.open) } else { format!("{places} ") };
        let name = truncate_middle(&clean(&group.key), usize::from(room.saturating_sub(22))).into_owned();
        canvas.put_over(list.x + 2, y, room, &clean(&name), Tone::Strong, under);
        canvas.put_right(list.x, y, list.width, &clean(&count), Tone::Dim, under);
        return;
    }
    let (sign, tone) = verdict_sign(group.verdict, canvas.marks);
    let mut pieces = vec![(clean(&format!("{sign} ")), tone)];
    let class = first.class.replace('_', " ");
    if first.is_value() {
        pieces.push((clean(&fit(&first.masked.replace('▓', canvas.marks.redacted), 12)), Tone::Redaction));
        pieces.push((clean(&format!(" {} {}", fit(&class, 16), fit(first.tier.as_str(), 10))), Tone::Text));
    } else {
        pieces.push((clean(&fit(&first.masked.replace('▓', canvas.marks.redacted), 12)), Tone::Redaction));
        pieces.push((clean(&format!(" {}", fit(&first.kind.replace('_', " "), 16))), Tone::Denied));
        pieces.push((clean(&format!(" {}", fit(first.tier.as_str(), 10))), Tone::Text));
    }
    let places = format!("{:>4} {}", group.at.len(), if group.at.len() == 1 { "place " } else { "places" });
    let said = if group.open > 0 { places } else { format!("{places}  {}", group.verdict.as_str().replace('_', " ")) };
    pieces.push((clean(&said), Tone::Dim));
    // Values of which the mask shows nothing look alike, and so do claims; these tell them apart.
    let apart =
        if first.is_value() { first.fingerprint.get(..6).map(|name| format!("  #{name}")) } else { first.message.as_ref().map(|why| format!("  {why}")) };
    pieces.push((clean(&apart.unwrap_or_default()), Tone::Dim));
    canvas.put_pieces(list.x + 2, y, room, &pieces, under);
}
