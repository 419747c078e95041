//! The review: the decision point with what the agent had seen, and below it the question that is asked.

use super::canvas::Canvas;
use super::sheet;
use crate::app::{Area, Asked, CANNOT_TELL, Review, SHORT, Sitting, State, Tone, answer_column, answer_name, answer_rows, rule_title};
use crate::text::{Clean, clean, fit, human, width};

/// Draws the review.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let Some(review) = &state.review else { return begin(state, canvas) };
    head(review, canvas, state.size.0);
    canvas.rule(0, 1, state.size.0);
    if review.page.top > 0 {
        canvas.put_right(0, 1, state.size.0, &clean(&format!(" {} above, k shows them ", review.page.top)), Tone::Dim, Tone::Text);
    }
    let area = state.review_area();
    if review.at.item.is_none() {
        canvas.put(3, area.y + 1, area.width.saturating_sub(4), &"This queue has nothing to judge.", Tone::Strong);
        canvas.put(3, area.y + 3, area.width.saturating_sub(4), &"g Q chooses another; `ossia queue` makes one", Tone::Dim);
        return;
    }
    // What is short stands at the foot, beside the question about it.
    let free = u16::try_from(area.rows().saturating_sub(review.page.lines().len())).unwrap_or(0);
    sheet::draw(canvas, Area::new(area.x + 2, area.y + free, area.width.saturating_sub(4), area.height - free), &review.page);
    let bar = Area::new(0, area.y + area.height, area.width, state.size.1.saturating_sub(area.y + area.height + 1));
    canvas.rule(bar.x, bar.y, bar.width);
    question(review, canvas, Area::new(bar.x, bar.y + 1, bar.width, bar.height.saturating_sub(1)));
}

/// Says how to begin, before a queue is open.
fn begin(state: &State, canvas: &mut Canvas<'_>) {
    super::top::draw(state, canvas);
    canvas.rule(0, 1, state.size.0);
    super::board::greet(
        state,
        canvas,
        &[
            "No queue is open.",
            "",
            "enter chooses one: everything by age or risk, what no rule found, what rules found, what is disputed.",
            "a in the library makes a queue of what it shows; `ossia queue` keeps one with an order and a sample.",
            "Each item is one decision point, shown as the agent saw it; what happened next stays hidden until you answer.",
        ],
    );
}

fn head(review: &Review, canvas: &mut Canvas<'_>, columns: u16) {
    let dot = canvas.marks.dot;
    let at = &review.at;
    let pace = at.progress.pace_ms.map_or(String::new(), |ms| format!(" {dot} {} each", human::duration(i64::try_from(ms).unwrap_or(0))));
    let marked = if review.marked.is_empty() { String::new() } else { format!(" {dot} {} marked", review.marked.len()) };
    let alike = if at.alike == 0 { String::new() } else { format!(" {dot} c: {} alike", at.alike) };
    let flagged = if at.item.as_ref().is_some_and(|item| item.flagged) { " · flagged" } else { "" };
    let place = if at.progress.total == 0 {
        String::new()
    } else {
        format!(" {dot} {} of {} {dot} {} done{pace}{alike}{flagged}{marked}", at.place + 1, at.progress.total, at.progress.done)
    };
    let x = 1 + canvas.put(1, 0, columns.saturating_sub(1), &"Review ", Tone::Tab);
    let x = x + canvas.put(x, 0, columns.saturating_sub(x), &clean(&format!("{dot} {}", at.queue)), Tone::Strong);
    let x = x + canvas.put(x, 0, columns.saturating_sub(x), &clean(&place), Tone::Dim);
    let how = match (at.blind, at.sitting) {
        (_, Sitting::Settling) => " · settling",
        (true, Sitting::Again) => " · blind · asked again",
        (true, Sitting::First) => " · blind",
        (false, Sitting::Again) => " · asked again",
        (false, Sitting::First) => "",
    };
    // Where both do not fit, how it is looked at counts for more than by what it is asked.
    let ways = [format!("{}{how} ", at.schema), format!("{} ", how.trim_start_matches(" · ")), how.rsplit(" · ").next().unwrap_or_default().to_owned()];
    for right in ways.iter().map(|way| clean(way)).filter(|way| width(way) > 1) {
        let wide = u16::try_from(width(&right)).unwrap_or(0);
        if x + wide + 2 <= columns {
            canvas.put(columns - wide, 0, wide, &right, Tone::Dim);
            return;
        }
    }
}

fn question(review: &Review, canvas: &mut Canvas<'_>, area: Area) {
    let Some(item) = &review.at.item else { return };
    let mut y = area.y;
    let room = area.width.saturating_sub(2);
    // Whoever settles what others answered sees nothing of what happened before the reveal either.
    let seen = |asked: &&Asked| review.revealed() || asked.question.before;
    let given: Vec<String> =
        item.questions.iter().filter(seen).filter_map(|asked| asked.answer.as_ref().map(|answer| format!("{} = {answer}", asked.question.id))).collect();
    let follows: Vec<String> = item.derived.iter().filter(|_| !given.is_empty()).map(|(name, value)| format!("{name} = {value}")).collect();
    let notes: Vec<String> = item.notes.iter().map(|(_, text)| format!("note “{}”", text.lines().next().unwrap_or_default())).collect();
    // What follows is never pressed, and is to be seen at once: it stands where it is not cut.
    let said = clean(&[follows, given, notes].concat().join(&format!(" {} ", canvas.marks.dot)));
    let Some(asked) = review.asked() else {
        let left = review.at.progress.total.saturating_sub(review.at.progress.done);
        let end = if left == 0 {
            format!("This queue is done: {} answered. gQ: another; gi: what came of it.", human::plural(review.at.progress.total, "item"))
        } else {
            format!("Every question of this one is answered; space goes on, {left} {} not done.", if left == 1 { "is" } else { "are" })
        };
        canvas.put(1, y, room, &clean(&end), Tone::Strong);
        canvas.put(1, y + 1, room, &said, Tone::Label);
        return corrected(review, canvas, Area::new(1, y + 2, room, area.height.saturating_sub(2)));
    };
    let x = 1 + canvas.put(1, y, room, &clean(&asked.question.text), Tone::Strong);
    let unsure = if review.unsure { "  (unsure)" } else { "" };
    let x = x + canvas.put(x, y, room.saturating_sub(x), &clean(unsure), Tone::Wait);
    if let Some(text) = proposal(review, usize::from(room)) {
        let wide = u16::try_from(width(&text)).unwrap_or(0);
        if x + wide + 3 <= area.width {
            canvas.put(area.width - wide - 1, y, wide, &text, Tone::Finding);
        } else {
            // Where both do not fit, what is proposed yields last.
            y += 1;
            canvas.put(1, y, room, &text, Tone::Finding);
        }
    }
    y += 1;
    if review.settles() {
        y += super::settling::draw(review, asked, canvas, Area::new(1, y, room, area.y + area.height - y));
    }
    answers(asked, &said, canvas, Area::new(1, y, room, area.y + area.height - y));
}

/// Lists the answers with their keys, one below the other where there is room, and what was answered so far.
fn answers(asked: &Asked, said: &Clean, canvas: &mut Canvas<'_>, area: Area) {
    let answers = &asked.question.answers;
    let long = usize::from(area.height) >= answers.len() + 2;
    // The texts go on in the next row where all of them have one.
    let whole = usize::from(area.height) >= answers.iter().map(|answer| answer_rows(answer, area.width).len()).sum::<usize>() + 2;
    let (right, bottom) = (area.x + area.width, area.y + area.height);
    let (mut at, mut y) = (area.x, area.y);
    // Where there is but one row, everything moves together.
    let gap = if area.height > 1 { 3 } else { 1 };
    for answer in answers {
        let key = clean(&answer.key.to_string());
        if long {
            canvas.put(at, y, 2, &key, Tone::Key);
            let from = answer_column(answer);
            if from > SHORT {
                canvas.put(at + 2, y, 14, &clean(&answer.id.replace('_', " ")), Tone::Strong);
            }
            let rows = if whole { answer_rows(answer, area.width) } else { std::iter::once(0..answer.text.len()).collect() };
            for row in rows {
                canvas.put(at + from, y, area.width.saturating_sub(from), &clean(answer.text.get(row).unwrap_or_default().trim_end()), Tone::Dim);
                y += 1;
            }
        } else {
            // A mere number says nothing without its text, of which the beginning tells most.
            let numbered = answer.id.bytes().all(|b| b.is_ascii_digit());
            let name = if numbered { answer.text.split(',').next().unwrap_or_default().to_owned() } else { answer_name(&answer.id) };
            let wide = u16::try_from(width(&clean(&name))).unwrap_or(0) + 2;
            if at > area.x && at + wide > right {
                (at, y) = (area.x, y + 1);
            }
            if y >= bottom {
                return;
            }
            at += canvas.put(at, y, right.saturating_sub(at), &key, Tone::Key) + 1;
            at += canvas.put(at, y, right.saturating_sub(at), &clean(&name), Tone::Text) + gap;
        }
    }
    // Where nothing may be recorded, it is said who cannot tell.
    let silent = answers.iter().any(|answer| answer.id == "unknown");
    let name = if silent && !long { answer_name(CANNOT_TELL) } else { "cannot tell".to_owned() };
    let wide = u16::try_from(width(&clean(&name))).unwrap_or(0) + 2;
    if at + wide > right && y + 1 < bottom {
        (at, y) = (area.x, y + 1);
    }
    let unsure = if at + wide > right { "?" } else { name.as_str() };
    let key = canvas.put(at, y, right.saturating_sub(at), &clean(&asked.question.cannot_tell.to_string()), Tone::Key) + 1;
    canvas.put(at + key, y, right.saturating_sub(at + key), &clean(unsure), Tone::Text);
    if long {
        canvas.put(at + 17, y, area.width.saturating_sub(17), &"you cannot, from what is shown; counts as abstaining", Tone::Dim);
    }
    if y + 1 < bottom {
        canvas.put(area.x, y + 1, area.width, said, Tone::Label);
    }
}

/// Shows in a training round what would have been right, and what was noted on it.
fn corrected(review: &Review, canvas: &mut Canvas<'_>, area: Area) {
    let rows = review.corrected();
    let (yes, no, any) = (canvas.marks.yes, canvas.marks.no, !rows.is_empty());
    let notes = review.at.item.iter().filter(|_| any).flat_map(|item| &item.notes).map(|(by, text)| (format!("{by}: {text}"), Tone::Dim));
    let line = |(question, own, right): (&str, Option<&str>, &str)| {
        let same = own == Some(right);
        let said = own.map_or("not answered".to_owned(), |own| own.replace('_', " "));
        let right = if same { String::new() } else { format!(", right: {}", right.replace('_', " ")) };
        (format!("{} {} {said}{right}", if same { yes } else { no }, fit(&question.replace('_', " "), 14)), if same { Tone::Ran } else { Tone::Denied })
    };
    for (y, (text, tone)) in (area.y..area.y + area.height).zip(rows.into_iter().map(line).chain(notes)) {
        canvas.put(area.x, y, area.width, &clean(&text), tone);
    }
}

/// Says what is proposed, by whom, how that rule did so far, and the keys; in fewer words where there is less room.
fn proposal(review: &Review, room: usize) -> Option<Clean> {
    if let Some((answer, changed)) = review.asked().filter(|asked| asked.stale).and_then(|asked| Some((asked.answer.as_ref()?, asked.changed.as_ref()?))) {
        return Some(clean(&format!("a gives your {} again; changed since: {}", answer.replace('_', " "), changed.said())));
    }
    let asked = review.asked()?;
    if asked.question.fact.is_some() && asked.suggestion.is_none() && !review.settles() {
        let ways = ["no source of this session shows it, so nothing is proposed", "no source shows it: nothing proposed"];
        return ways.into_iter().map(clean).find(|text| width(text) <= room);
    }
    let suggestion = review.proposal()?;
    let record = |rule: &String, short: bool| review.at.records.iter().find(|(id, _)| id == rule).and_then(|(_, record)| record.brief(short));
    let said = |(titled, how): (bool, Option<bool>)| {
        // A rule's title may tell what happened, which is not known before the answer.
        let title = |rule: &String| if titled && review.revealed() { rule_title(rule) } else { rule.clone() };
        let name = |rule: &String| how.and_then(|short| record(rule, short)).map_or_else(|| title(rule), |record| format!("{}: {record}", title(rule)));
        let by: Vec<String> = suggestion.rules.iter().map(name).collect();
        let why = if by.is_empty() { suggestion.why.clone() } else { by.join("; ") };
        clean(&format!("proposed: {} ({why})   a takes, x refuses", suggestion.answer.replace('_', " ")))
    };
    let ways = [(true, Some(false)), (true, Some(true)), (true, None), (false, Some(false)), (false, Some(true))];
    ways.into_iter().map(said).find(|text| width(text) <= room).or_else(|| Some(said((false, None))))
}
