//! The library: query, table or steps, facets, preview.

use super::canvas::Canvas;
use super::{footer, sheet, top};
use crate::app::{Area, Around, Block, FacetRow, Page, State, Tone, fitting, short_model};
use crate::text::{Clean, clean, human, width};

/// Draws the library.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let areas = state.library_areas();
    top::draw(state, canvas);
    query_line(state, canvas, areas.query);
    let body = state.body();
    let rule = body.y + 1;
    canvas.rule(0, rule, body.width);
    for (there, x) in [(areas.facets.width > 0, areas.facets.width), (areas.preview.width > 0, areas.preview.x.saturating_sub(1))] {
        if there {
            let tee = canvas.marks.tee_down;
            canvas.put(x, rule, 1, &tee, Tone::Border);
            canvas.side(x, rule + 1, areas.facets.height.max(areas.preview.height));
        }
    }
    let empty = state.library.is_empty();
    if empty && state.library.answered > 0 {
        let place = Area::new(areas.rows.x, areas.head.y, areas.rows.width, areas.rows.height + areas.head.height);
        nothing(state, canvas, place);
    } else if state.library.shows_steps() {
        steps(state, canvas, areas.rows, areas.head);
    } else {
        table(state, canvas, areas.rows, areas.head);
    }
    if areas.facets.width > 0 {
        facets(state, canvas, areas.facets);
    }
    if let Some((_, page)) = state.library.preview.as_ref().filter(|_| areas.preview.width > 0 && !empty) {
        let area = areas.preview;
        sheet::draw(canvas, Area::new(area.x + 1, area.y, area.width.saturating_sub(2), area.height), page);
    }
    wrong(state, canvas, areas.query);
    completions(state, canvas, areas.query);
}

fn query_line(state: &State, canvas: &mut Canvas<'_>, area: Area) {
    let library = &state.library;
    let typed = width(library.query.text()) + 6;
    let facts = match &library.error {
        Some(error) if width(error) + typed <= usize::from(area.width) => (error.clone(), Tone::Alarm),
        // What does not fit beside the query stands below it, whole.
        Some(_) => (Clean::default(), Tone::Dim),
        None => (clean(&counts(state)), Tone::Dim),
    };
    let wide = u16::try_from(width(&facts.0) + 1).unwrap_or(u16::MAX).min(area.width.saturating_sub(14));
    canvas.put(1, area.y, area.width, &"/", if library.typing { Tone::Accent } else { Tone::Dim });
    let room = area.width.saturating_sub(wide + 5);
    if library.typing {
        footer::line(canvas, 3, area.y, room, &library.query);
    } else if library.query.text().is_empty() {
        canvas.put(3, area.y, room, &"search words, \"phrases\", tool:bash is:denied wait:>30s", Tone::Dim);
    } else {
        canvas.put(3, area.y, room, &clean(library.query.text()), Tone::Strong);
    }
    canvas.put(area.width.saturating_sub(wide), area.y, wide, &facts.0, facts.1);
}

/// Draws what is wrong with the query below it, where it does not fit beside it, over as many lines as it takes.
fn wrong(state: &State, canvas: &mut Canvas<'_>, line: Area) {
    let library = &state.library;
    let typed = width(library.query.text()) + 6;
    let Some(error) = library.error.as_ref().filter(|_| library.completions.is_empty()).filter(|error| width(error) + typed > usize::from(line.width)) else {
        return;
    };
    let area = Area::new(1, line.y + 1, line.width.saturating_sub(2), 4.min(state.size.1.saturating_sub(line.y + 2)));
    let mut page = Page::new(vec![Block::text(Tone::Alarm, error)]);
    page.lay(area.width, area.height, true);
    let rows = u16::try_from(page.lines().len()).unwrap_or(1).min(area.height);
    canvas.fill(Area::new(0, area.y, line.width, rows + 1), Tone::Text);
    sheet::draw(canvas, Area { height: rows, ..area }, &page);
    canvas.rule(0, area.y + rows, line.width);
}

fn counts(state: &State) -> String {
    let library = &state.library;
    let dot = state.marks().dot;
    if library.is_looking() {
        return match library.looked.filter(|_| library.partial) {
            Some((looked, of)) => {
                let so_far =
                    if library.shows_steps() { human::plural(library.total_steps, "step") } else { human::plural(library.numbers.len(), "trajectory") };
                format!("{so_far} so far {dot} {} of {} looked through", human::grouped(looked), human::grouped(of))
            }
            None if library.shown.as_ref() == Some(&library.question()) => {
                format!("{} {dot} looking again", human::plural(library.numbers.len(), "trajectory"))
            }
            None => "looking for what may match".to_owned(),
        };
    }
    if library.answered == 0 || library.partial {
        return "reading the catalog".to_owned();
    }
    let mut parts = vec![human::plural(library.numbers.len(), "trajectory")];
    if library.shows_steps() {
        let steps = human::plural(library.total_steps, "step");
        // A call is one row, however many of its steps match.
        let rows = if library.cut || library.steps.len() == library.total_steps {
            String::new()
        } else {
            format!(" in {}", human::plural(library.steps.len(), "row"))
        };
        parts.push(format!("{steps} match{rows}"));
    }
    if library.asks() {
        parts.push(format!("{:.0} ms", library.took_ms));
    }
    if !library.marked.is_empty() {
        parts.push(format!("{} marked", library.marked.len()));
    }
    parts.join(&format!(" {dot} "))
}

fn row_tones(state: &State, at: usize) -> Option<Tone> {
    let here = state.library.list.chosen == at;
    here.then_some(if state.library.in_facets { Tone::ChosenAside } else { Tone::Chosen })
}

/// Draws what stands before a row: the cursor, and whether it is marked or was not seen.
fn lead(state: &State, canvas: &mut Canvas<'_>, area: Area, y: u16, at: usize) {
    let library = &state.library;
    let under = row_tones(state, at);
    if let Some(under) = under {
        canvas.fill(Area::new(area.x, y, area.width, 1), under);
        let cursor = canvas.marks.cursor;
        canvas.put_over(area.x, y, 1, &cursor, Tone::Accent, under);
    }
    let Some(number) = library.number(at) else { return };
    let seen = library.rows.get(&number).is_none_or(|row| library.seen.contains(&row.id));
    let (sign, tone) = match (library.marked.contains(&number), seen) {
        (true, _) => (canvas.marks.marked, Tone::Accent),
        (_, false) => (canvas.marks.unseen, Tone::Accent),
        _ => (" ", Tone::Text),
    };
    canvas.put_over(area.x + 1, y, 1, &sign, tone, under.unwrap_or(Tone::Text));
}

fn table(state: &State, canvas: &mut Canvas<'_>, area: Area, head: Area) {
    let library = &state.library;
    let placed = fitting(&library.columns, area.width.saturating_sub(3), library.sort.name);
    let ascii = usize::from(state.looks.ascii);
    for (column, x, columns) in placed.iter().filter(|_| head.height > 0) {
        let sorted = column.name == library.sort.name;
        let sign = if sorted { canvas.marks.sorted[usize::from(library.descending)] } else { "" };
        let text = clean(&format!("{}{sign}", column.heading[ascii]));
        let tone = if sorted { Tone::Accent } else { Tone::Dim };
        if column.right {
            canvas.put_right(head.x + 2 + x, head.y, columns + 1, &text, tone, Tone::Text)
        } else {
            canvas.put(head.x + 3 + x, head.y, *columns, &text, tone)
        };
    }
    let around = Around { marks: canvas.marks, now_ms: state.now_ms };
    for row in 0..area.height {
        let at = library.list.top + usize::from(row);
        let Some(number) = library.numbers.get(at) else { break };
        let y = area.y + row;
        lead(state, canvas, area, y, at);
        let under = row_tones(state, at).unwrap_or(Tone::Text);
        let Some(summary) = library.rows.get(number) else {
            let dots = canvas.marks.none;
            canvas.put_over(area.x + 3, y, 1, &dots, Tone::Dim, under);
            continue;
        };
        for (column, x, columns) in &placed {
            let (text, tone) = (column.show)(summary, around);
            let text = clean(&text);
            let x = area.x + 3 + x;
            if column.right {
                canvas.put_right(x, y, *columns, &text, tone, under)
            } else {
                canvas.put_over(x, y, *columns, &text, tone, under)
            };
        }
    }
}

fn steps(state: &State, canvas: &mut Canvas<'_>, area: Area, head: Area) {
    let library = &state.library;
    let title = (area.width / 4).clamp(10, 40);
    if head.height > 0 {
        canvas.put(head.x + 3, head.y, title, &"trajectory", Tone::Dim);
        let shown = library.steps.len();
        // What was looked at step by step has no rank.
        let first = if library.looked.is_some() { "first" } else { "best" };
        let text = if library.cut { format!("the {first} {shown} of {}", human::plural(library.total_steps, "step")) } else { "step".to_owned() };
        let text = format!("kind     {text}");
        canvas.put(head.x + 5 + title, head.y, head.width.saturating_sub(title + 5), &clean(&text), Tone::Dim);
    }
    for row in 0..area.height {
        let at = library.list.top + usize::from(row);
        if at >= library.steps.len() {
            break;
        }
        let y = area.y + row;
        lead(state, canvas, area, y, at);
        let under = row_tones(state, at).unwrap_or(Tone::Text);
        let Some(hit) = library.lines.get(&at) else { continue };
        let same = row > 0 && at.checked_sub(1).and_then(|before| library.number(before)) == library.number(at);
        let tone = if same { Tone::Dim } else { Tone::Text };
        let of = library.number(at).and_then(|number| library.rows.get(&number)).and_then(|row| row.title.as_deref()).unwrap_or(&hit.trajectory);
        canvas.put_over(area.x + 3, y, title, &clean(&of.split_whitespace().collect::<Vec<_>>().join(" ")), tone, under);
        let kind = match hit.kind.as_str() {
            "thinking" => "think",
            "tool_call" => "call",
            "tool_result" => "result",
            "resolution" => "decision",
            kind => kind,
        };
        let from = area.x + 5 + title;
        canvas.put_over(from, y, 8, &clean(kind), Tone::Dim, under);
        let tool = hit.tool.as_deref().map(|tool| clean(&crate::text::truncate(&clean(tool), 14))).filter(|tool| !tool.is_empty());
        let wide = tool.map_or(0, |tool| canvas.put_over(from + 9, y, 14, &tool, Tone::Tool, under) + 1);
        let room = area.width.saturating_sub(title + 15 + wide);
        let pieces = marked(&hit.snippet, &hit.marks, usize::from(room) / 2);
        canvas.put_pieces(from + 9 + wide, y, room, &pieces, under);
    }
}

/// Cuts a line into pieces around its matches; a match that would stand too far right is brought into sight.
fn marked(snippet: &str, marks: &[(usize, usize)], before: usize) -> Vec<(Clean, Tone)> {
    let chars: Vec<char> = snippet.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let first = marks.first().map_or(0, |mark| mark.0);
    // It begins with a whole word, where it does not begin with the snippet.
    let start = match first.saturating_sub(before) {
        0 => 0,
        cut => chars.get(cut - 1..first).and_then(|before| before.iter().position(|c| *c == ' ')).map_or(cut, |space| cut + space),
    };
    let piece = |from: usize, to: usize| clean(&chars.get(from..to.max(from)).unwrap_or_default().iter().collect::<String>());
    let mut pieces = Vec::new();
    let mut at = start;
    for (from, to) in marks.iter().filter(|(from, to)| *from >= start && *to <= chars.len()) {
        if *from >= at {
            pieces.push((piece(at, *from), Tone::Text));
            pieces.push((piece(*from, *to), Tone::Match));
            at = *to;
        }
    }
    pieces.push((piece(at, chars.len()), Tone::Text));
    pieces
}

fn facets(state: &State, canvas: &mut Canvas<'_>, area: Area) {
    let library = &state.library;
    let rows = library.facet_rows();
    for (y, (at, row)) in (area.y..area.y + area.height).zip(rows.iter().enumerate().skip(library.facet_list.top)) {
        let here = library.in_facets && at == library.facet_list.chosen;
        let under = if here { Tone::Chosen } else { Tone::Text };
        if here {
            canvas.fill(Area::new(area.x, y, area.width, 1), under);
        }
        let room = area.width.saturating_sub(1);
        match row {
            FacetRow::Heading(name) => {
                let name = match *name {
                    "decision" => "decision (waits)",
                    "status" => "status (calls)",
                    name => name,
                };
                canvas.put_over(area.x + 1, y, room, &clean(name), Tone::Dim, under);
            }
            FacetRow::Value(name, value, count, asked) => {
                let sign = if *asked { canvas.marks.fold[0] } else { " " };
                canvas.put_over(area.x + 1, y, 1, &sign, Tone::Accent, under);
                let tone = if *asked { Tone::Strong } else { Tone::Text };
                let count = human::count(*count).replace(' ', "");
                let wide = u16::try_from(width(&clean(&count))).unwrap_or(0);
                canvas.put_over(area.x + 3, y, room.saturating_sub(wide + 4), &short_value(name, value, &rows), tone, under);
                canvas.put_right(area.x, y, room, &clean(&count), Tone::Dim, under);
            }
            FacetRow::More(_, hidden) => {
                canvas.put_over(area.x + 3, y, room.saturating_sub(2), &clean(&format!("{hidden} more")), Tone::Dim, under);
            }
        }
    }
}

/// Writes a value of a facet as the table of the library does, unless another one would read the same.
fn short_value(facet: &str, value: &Clean, rows: &[FacetRow]) -> Clean {
    if facet != "model" {
        return value.clone();
    }
    let short = short_model(value);
    let same = |row: &FacetRow| matches!(row, FacetRow::Value("model", other, ..) if other != value && short_model(other) == short);
    if rows.iter().any(same) { value.clone() } else { clean(&short) }
}

/// Draws what may be written at the caret, below the line.
fn completions(state: &State, canvas: &mut Canvas<'_>, line: Area) {
    let library = &state.library;
    if !library.typing || library.completions.is_empty() || line.width < 40 {
        return;
    }
    let before = library.completions.first().map_or(0, |completion| width(library.query.text().get(..completion.replace.start).unwrap_or_default()));
    let x = u16::try_from(3 + before).unwrap_or(u16::MAX).min(line.width.saturating_sub(36));
    let rows = u16::try_from(library.completions.len()).unwrap_or(0).min(state.size.1.saturating_sub(4));
    let area = Area::new(x.saturating_sub(1), line.y + 1, (line.width - x).min(64), rows);
    canvas.fill(area, Tone::Bar);
    for (row, completion) in (0..rows).zip(&library.completions) {
        let first = row == 0;
        let tone = if first { Tone::Strong } else { Tone::Text };
        let y = area.y + row;
        let used = canvas.put_over(x, y, 20, &clean(&completion.text), tone, Tone::Bar);
        let doc = clean(completion.doc);
        canvas.put_over(x + used.max(14) + 2, y, area.width.saturating_sub(used.max(14) + 10), &doc, Tone::Dim, Tone::Bar);
        if first {
            canvas.put_right(area.x, y, area.width - 1, &"tab", Tone::Key, Tone::Bar);
        }
    }
}

/// Says why there are no rows, and what to do.
fn nothing(state: &State, canvas: &mut Canvas<'_>, area: Area) {
    let greeting: &[(&'static str, &'static str)] = &[
        ("Nothing is here yet.", ""),
        ("", ""),
        (":import", "asks for a file or folder, and brings its sessions in"),
        ("ossia import PATH", "does so from the shell; ossia FILE opens what it brings"),
        ("ossia demo", "makes an example workspace to look around in"),
        ("", ""),
        ("What another terminal imports appears here by itself.", ""),
    ];
    let several = state.library.asked.leaves().len() > 1;
    let no_match: &[(&'static str, &'static str)] = &[
        ("Nothing matches.", ""),
        (if several { "One step must have all of it, each word and each filter." } else { "" }, ""),
        ("/", "changes the query"),
        ("esc", "clears it"),
        ("g q", "chooses one of the kept queries"),
    ];
    let behind: &[(&'static str, &'static str)] =
        &[("The index is being made.", ""), ("", ""), ("What matches is shown as soon as it is; esc shows everything meanwhile.", "")];
    let looking: &[(&'static str, &'static str)] = &[
        ("Every step that may match is looked at.", ""),
        ("", ""),
        ("What matches is shown as soon as it is found; esc gives up, another query takes its place.", ""),
    ];
    let lines = match (state.library.asks(), state.library.behind) {
        (false, _) => greeting,
        _ if state.library.is_looking() => looking,
        (true, true) => behind,
        (true, false) => no_match,
    };
    let meant = state.library.meant().filter(|_| state.library.asks()).map(|meant| format!("did you mean {meant} ?"));
    if let Some(meant) = &meant {
        canvas.put(area.x + 3, area.y + 7, area.width.saturating_sub(4), &clean(meant), Tone::Accent);
    }
    let begun = state.library.typing && state.library.begins();
    if begun {
        canvas.put(area.x + 3, area.y + 8, area.width.saturating_sub(4), &"While you write, the last word may be the beginning of one.", Tone::Dim);
    }
    for (row, (left, right)) in (1..area.height).zip(lines) {
        let tone = if row == 1 {
            Tone::Strong
        } else if right.is_empty() {
            Tone::Dim
        } else {
            Tone::Key
        };
        canvas.put(area.x + 3, area.y + row, area.width.saturating_sub(4), left, tone);
        canvas.put(area.x + 23, area.y + row, area.width.saturating_sub(24), right, Tone::Dim);
    }
}
