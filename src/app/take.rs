//! Taking things elsewhere: to the clipboard, an editor, a pager, another program.

use super::message::Told;
use super::overlay::Overlay;
use super::state::{Screen, State};
use super::task::Task;
use crate::model::{Step, Trajectory};
use crate::text::{clean, clean_block, human};
use rustc_hash::FxHashMap;

/// What is done with the text that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Take {
    /// It is copied.
    Copy,
    /// It is copied as Markdown.
    Markdown,
    /// It is opened in an editor, or in a pager.
    Read(bool),
    /// It is given to a program of the shell.
    Pipe(String),
}

impl State {
    /// Does something with the text that is meant, once all of it was read.
    pub(super) fn take(&mut self, take: Take) {
        let cut = self.cut_meant();
        match self.reading.as_ref().filter(|_| !cut.is_empty()) {
            Some(reading) => self.want(Task::Texts { number: reading.number, trajectory: reading.trajectory.clone(), steps: cut, take }),
            None => self.take_whole(&take, &FxHashMap::default()),
        }
    }

    /// Takes in the whole texts of steps.
    pub(super) fn texts_read(&mut self, number: i64, texts: Result<FxHashMap<usize, String>, String>, take: Take) {
        match texts {
            Ok(texts) if self.reading.as_ref().is_some_and(|reading| reading.number == number) => self.take_whole(&take, &texts),
            Ok(_) => {}
            Err(why) => self.tell(Told::bad(why)),
        }
    }

    fn take_whole(&mut self, take: &Take, texts: &FxHashMap<usize, String>) {
        match take {
            Take::Copy => self.copy(texts),
            Take::Markdown => self.copy_markdown(texts),
            Take::Read(pager) => self.read_outside(*pager, texts),
            Take::Pipe(line) => self.pipe(line, texts),
        }
    }

    /// Gives the places of the steps that are meant of whose texts only the beginning is in memory.
    fn cut_meant(&self) -> Vec<usize> {
        let Some(reading) = self.reading.as_ref().filter(|reading| self.screen == Screen::Trajectory && reading.trajectory.is_cut()) else { return Vec::new() };
        if matches!(self.overlays.last(), Some(Overlay::Page(_))) {
            return Vec::new();
        }
        let places = self.steps_meant().into_iter().map(|(_, step)| place(step));
        places.filter(|at| reading.trajectory.cut_lines(*at).is_some()).collect()
    }

    /// Gives the steps that are meant: the marked ones, else the chosen one.
    fn steps_meant(&self) -> Vec<(&Trajectory, &Step)> {
        match (self.screen, &self.reading, &self.comparison) {
            (Screen::Trajectory, Some(reading), _) => {
                let t: &Trajectory = &reading.trajectory;
                if reading.marked.is_empty() {
                    reading.step().map(|step| (t, step)).into_iter().collect()
                } else {
                    reading.marked.iter().filter_map(|at| t.steps.get(*at)).map(|step| (t, step)).collect()
                }
            }
            (Screen::Compare, _, Some(comparison)) => {
                let side = comparison.sides.get(comparison.side);
                side.and_then(|side| Some((&**side.opened.trajectory, comparison.step(comparison.side)?))).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Gives the text that is meant: the page on top, the steps, or the rows of the library.
    fn text_meant(&self, texts: &FxHashMap<usize, String>) -> String {
        if let Some(Overlay::Page(sheet)) = self.overlays.last() {
            return sheet.page.plain();
        }
        let steps = self.steps_meant();
        if steps.is_empty() {
            let title = |id: String| {
                let row = self.library.rows.values().find(|row| row.id == id);
                format!("{id}\t{}", row.and_then(|row| row.title.clone()).unwrap_or_default())
            };
            return clean_block(&self.library.chosen_ids().into_iter().map(title).collect::<Vec<_>>().join("\n")).into_string();
        }
        steps.iter().map(|(_, step)| clean_block(whole(step, texts)).into_string()).collect::<Vec<_>>().join("\n\n")
    }

    /// Copies the text that is meant.
    fn copy(&mut self, texts: &FxHashMap<usize, String>) {
        let count = self.steps_meant().len();
        let text = self.text_meant(texts);
        let what = match (self.overlays.last(), count) {
            (Some(Overlay::Page(_)), _) => "the page".to_owned(),
            (_, 0) => "the row".to_owned(),
            (_, 1) => "the step".to_owned(),
            (_, count) => format!("{count} steps"),
        };
        self.copy_text(text, &what);
    }

    fn copy_text(&mut self, text: String, what: &str) {
        if text.is_empty() {
            return self.note("there is nothing to copy here");
        }
        self.want(Task::Copy(text, what.to_owned()));
    }

    /// Copies the id of what is meant; of a step of an execution, its most telling id.
    pub(super) fn copy_id(&mut self) {
        let ids: Vec<(&str, String)> = match self.screen {
            Screen::Library => self.library.chosen_ids().into_iter().map(|id| ("trajectory", id)).collect(),
            _ => self.steps_meant().iter().map(|(t, step)| id_of(t, step)).collect(),
        };
        let what = ids.iter().map(|(kind, id)| format!("{kind} {id}")).collect::<Vec<_>>().join(" ");
        self.copy_text(ids.into_iter().map(|(_, id)| id).collect::<Vec<_>>().join("\n"), &what);
    }

    /// Copies the steps as Markdown.
    fn copy_markdown(&mut self, texts: &FxHashMap<usize, String>) {
        let steps = self.steps_meant();
        let count = steps.len();
        let text = steps.into_iter().map(|(t, step)| markdown(t, step, whole(step, texts))).collect::<Vec<_>>().join("\n");
        self.copy_text(text, &format!("{} as Markdown", human::plural(count, "step")));
    }

    /// Opens the text that is meant in an editor or a pager.
    fn read_outside(&mut self, pager: bool, texts: &FxHashMap<usize, String>) {
        let text = self.text_meant(texts);
        if text.is_empty() {
            return self.note("there is nothing to open here");
        }
        self.want(Task::Read { text, pager });
    }

    /// Runs a program with the text that is meant on its standard input.
    fn pipe(&mut self, line: &str, texts: &FxHashMap<usize, String>) {
        if line.is_empty() {
            return self.tell(Told::bad("name a program after the !, such as :!jq ."));
        }
        let text = self.text_meant(texts);
        self.want(Task::Pipe { line: line.to_owned(), text });
    }
}

fn place(step: &Step) -> usize {
    usize::try_from(step.seq).unwrap_or(0).saturating_sub(1)
}

fn whole<'t>(step: &'t Step, texts: &'t FxHashMap<usize, String>) -> &'t str {
    texts.get(&place(step)).unwrap_or(&step.text)
}

/// Gives the most telling id of a step, and what it is an id of.
fn id_of(t: &Trajectory, step: &Step) -> (&'static str, String) {
    use crate::model::Kind;
    let e = step.execution.as_deref().and_then(|id| t.execution(id));
    let wanted = match (step.kind, e) {
        (Kind::Wait | Kind::Resolution, Some(e)) => {
            let approval = e.approval_request_id.clone().or_else(|| e.waits.iter().find_map(|wait| wait.request_id.clone()));
            approval.map(|id| ("approval", id))
        }
        (Kind::ToolCall | Kind::ToolResult, Some(e)) => Some(("call", e.call_id.clone().unwrap_or_else(|| e.id.clone()))),
        _ => None,
    };
    wanted.unwrap_or_else(|| ("step", format!("{}#{}", t.id, step.id)))
}

/// Writes a step as Markdown, with its id and where it comes from.
fn markdown(t: &Trajectory, step: &Step, text: &str) -> String {
    let e = step.execution.as_deref().and_then(|id| t.execution(id));
    let title = e.map_or_else(|| format!("{} {}", step.actor, step.kind), |e| format!("{} {} ({})", e.tool, step.kind, e.status));
    let fence = "`".repeat(longest_fence(text).max(2) + 1);
    let at = step.at.map_or(String::new(), |at| format!(" · {at}"));
    let body = clean_lines(text);
    let origin = step.origins.first().map_or(String::new(), |o| format!(", line {} of sha256:{}", o.line, o.source));
    format!("**{}**{at}\n\n{fence}\n{body}\n{fence}\n\n`{}#{}`{origin}\n", clean(&title), clean(&t.id), clean(&step.id))
}

fn clean_lines(text: &str) -> String {
    clean_block(text.trim_end()).into_string()
}

fn longest_fence(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
