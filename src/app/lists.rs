//! The lists one chooses from: commands, help, themes, columns, queries, executions, branches, ids.

use super::columns::{COLUMNS, fitting};
use super::lanes::stopped;
use super::overlay::{Choice, Item, Kind, Overlay, Picker, Prompt, Question};
use super::state::State;
use super::timeline::one_line;
use super::tone::Tone;
use super::{Area, Input, List};
use crate::command::{Command, Group, SHELL, ShellLine, spell};
use crate::model::{Branch, BranchKind, Execution, Status, Trajectory, ids};
use crate::text::{Clean, clean, fit, human};

/// Most lines at the foot of a list in which a long row is read whole.
const FOOT: usize = 3;

fn item(text: Vec<(Clean, Tone)>, aside: &str, choice: Choice) -> Item {
    Item { text, aside: clean(aside), choice: Some(choice) }
}

impl State {
    /// Gives the area of the list that lies on top.
    #[must_use]
    pub fn picker_area(&self) -> Area {
        let wide = matches!(self.overlays.last(), Some(Overlay::Picker(picker)) if matches!(picker.kind, Kind::Executions | Kind::Pairs | Kind::Lineage | Kind::Branches | Kind::Facts | Kind::Answers | Kind::Labels | Kind::Bulk | Kind::Reasons | Kind::Quotes | Kind::Help | Kind::Palette | Kind::Reviews | Kind::KeptBack));
        let width = if wide { self.size.0.saturating_sub(8).clamp(20, 110) } else { 56 };
        let rows = match self.overlays.last() {
            Some(Overlay::Picker(picker)) => {
                let longest = picker.items.iter().map(Item::columns).max().unwrap_or(0);
                // Below the rows there is room to read a long one whole.
                let room = usize::from(width.min(self.size.0)).saturating_sub(5).max(1);
                let foot = if longest > room { 1 + longest.div_ceil(room).min(FOOT) } else { 0 };
                u16::try_from(picker.items.len() + foot).unwrap_or(u16::MAX)
            }
            _ => 0,
        };
        self.overlay_area(width, (rows.saturating_add(3)).min(self.size.1.saturating_sub(3)).max(5))
    }

    fn pick(&mut self, kind: Kind, title: &str, items: Vec<Item>) {
        self.overlays.push(Overlay::Picker(Picker::new(kind, clean(title), items)));
    }

    fn keys_of(&self, command: Command) -> String {
        self.keymap.of(command).map(|binding| spell(&binding.keys)).collect::<Vec<_>>().join("  ")
    }

    fn command_item(&self, command: Command) -> Item {
        let name = fit(command.name(), 20);
        item(vec![(clean(&name), Tone::Strong), (clean(command.doc()), Tone::Text)], &self.keys_of(command), Choice::Run(command))
    }

    /// Lists every command that works here, and below them what only the shell does.
    pub(super) fn palette(&mut self) {
        let place = self.place_bits();
        let commands = Command::ALL.iter().filter(|command| command.places() & place != 0).map(|command| self.command_item(*command));
        let lines = SHELL
            .iter()
            .map(|ShellLine { line, doc }| item(vec![(clean(&fit(line, 24)), Tone::Strong), (clean(doc), Tone::Text)], ":!ossia", Choice::Shell(line)));
        let items = commands.chain(lines).collect();
        self.pick(Kind::Palette, "command; !program runs one with the step on its standard input", items);
    }

    /// Writes a line of the shell into the palette, to be completed and run.
    pub(super) fn write_shell_line(&mut self, line: &str) {
        self.palette();
        if let Some(Overlay::Picker(picker)) = self.overlays.last_mut() {
            picker.input = Input::of(&format!("!ossia {line} "));
            picker.narrow();
        }
    }

    /// Lists what works here, by groups.
    pub(super) fn help(&mut self) {
        let place = self.place_bits();
        let mut items = Vec::new();
        let mut group: Option<Group> = None;
        // What belongs together stands together, whatever the table's order.
        let mut groups: Vec<Group> = Vec::new();
        for command in Command::ALL {
            if !groups.contains(&command.group()) {
                groups.push(command.group());
            }
        }
        let mut commands: Vec<&Command> = Command::ALL.iter().filter(|command| command.places() & place != 0).collect();
        commands.sort_by_key(|command| groups.iter().position(|group| *group == command.group()));
        for command in commands {
            if group != Some(command.group()) {
                group = Some(command.group());
                items.push(Item { text: vec![(clean(command.group().title()), Tone::Accent)], aside: Clean::default(), choice: None });
            }
            items.push(self.command_item(*command));
        }
        let title = format!("help: {}; enter runs; {} explains the signs", self.screen.title(), self.keys_of(Command::Legend));
        self.pick(Kind::Help, &title, items);
    }

    /// Lists the themes; moving shows each.
    pub(super) fn theme_list(&mut self) {
        let items = self.themes.iter().map(|name| item(vec![(clean(name), Tone::Text)], "", Choice::Theme(name.clone()))).collect();
        let mut picker = Picker::new(Kind::Themes, clean("theme"), items);
        picker.before = Some(self.looks.theme.clone());
        picker.list.chosen = self.themes.iter().position(|name| *name == self.looks.theme).unwrap_or(0);
        self.overlays.push(Overlay::Picker(picker));
    }

    /// Lists the columns to sort by.
    pub(super) fn sorts(&mut self) {
        let marks = self.marks();
        let items = COLUMNS
            .iter()
            .map(|column| {
                let now = column.name == self.library.sort.name;
                let sign = if now { marks.sorted[usize::from(self.library.descending)] } else { " " };
                item(vec![(clean(&format!("{sign} {}", fit(column.name, 12))), Tone::Strong), (clean(column.doc), Tone::Dim)], "", Choice::Sort(column.name))
            })
            .collect();
        let mut picker = Picker::new(Kind::Sorts, clean("sort by; the same again turns the order round"), items);
        picker.list.chosen = COLUMNS.iter().position(|column| column.name == self.library.sort.name).unwrap_or(0);
        self.overlays.push(Overlay::Picker(picker));
    }

    /// Lists the columns; choosing shows one or hides it.
    pub(super) fn column_list(&mut self, at: Option<List>) {
        let marks = self.marks();
        let room = self.library_areas().rows.width.saturating_sub(3);
        let placed = fitting(&self.library.columns, room, self.library.sort.name);
        let items = COLUMNS
            .iter()
            .map(|column| {
                let shown = self.library.columns.iter().any(|kept| kept.name == column.name);
                let sign = if shown { marks.yes } else { " " };
                let aside = if shown && !placed.iter().any(|(kept, ..)| kept.name == column.name) { "no room" } else { "" };
                item(
                    vec![(clean(&format!("{sign} {}", fit(column.name, 12))), Tone::Strong), (clean(column.doc), Tone::Dim)],
                    aside,
                    Choice::Column(column.name),
                )
            })
            .collect();
        let mut picker = Picker::new(Kind::Columns, clean("columns; enter shows or hides"), items);
        picker.list = at.unwrap_or_default();
        self.overlays.push(Overlay::Picker(picker));
    }

    /// Asks for a name to keep the query under.
    pub(super) fn ask_query_name(&mut self) {
        if self.library.query.text().is_empty() {
            return self.note("there is no query to keep; / begins one");
        }
        self.overlays.push(Overlay::Prompt(Prompt { question: Question::QueryName, input: Input::default() }));
    }

    /// Lists the kept queries, and some to begin with.
    pub(super) fn query_list(&mut self) {
        let kept = self.queries.iter().map(|(name, query)| (name.as_str(), query.as_str()));
        let built_in = [
            ("denied", "is:denied"),
            ("refused, tried again", "is:denied is:retried"),
            ("retries", "is:retry"),
            ("long waits", "wait:>30s"),
            ("risky and run", "risk:high status:succeeded"),
            ("failed", "status:failed"),
            ("redacted", "redaction:*"),
        ];
        let items = kept
            .chain(built_in)
            .map(|(name, query)| {
                item(vec![(clean(&format!("{}  ", fit(name, 20))), Tone::Strong), (clean(query), Tone::Dim)], "", Choice::Query(query.to_owned()))
            })
            .collect();
        self.pick(Kind::Queries, "queries; ctrl-s keeps the one you see", items);
    }

    /// Lists the executions of the trajectory.
    pub(super) fn execution_list(&mut self) {
        let Some(reading) = &self.reading else { return };
        let marks = self.marks();
        let here = reading.ties.execution.get(reading.at()).copied().flatten();
        let mut items = Vec::new();
        for (e, first) in reading.trajectory.executions.iter().zip(&reading.ties.first) {
            let (sign, tone) = match e.status {
                Status::Succeeded => (marks.yes, Tone::Ran),
                Status::Failed => (marks.failed, Tone::Failed),
                _ if stopped(e) => (marks.no, Tone::Denied),
                _ => (marks.none, Tone::Dim),
            };
            let wait = e.waits.iter().filter_map(|wait| wait.wait_ms).max().map_or_else(String::new, human::duration);
            let by = e.waits.last().and_then(|wait| wait.decided_by).map_or("", crate::model::DecidedBy::as_str);
            let mut text = vec![
                (clean(&format!("{sign} ")), tone),
                (clean(&fit(&clean(&e.tool), 10)), Tone::Tool),
                (clean(&format!("{wait:>6} ")), Tone::Wait),
                (clean(&fit(by, 8)), Tone::Dim),
            ];
            if e.retry_of.is_some() {
                text.push((clean(&format!("{} ", marks.retry)), Tone::Retry));
            }
            text.push((act_of(e), Tone::Text));
            items.push(item(text, &e.id, Choice::Step(first.map_or(0, |step| step as usize))));
        }
        let title = format!("{}; enter goes to one", human::plural(items.len(), "execution"));
        let mut picker = Picker::new(Kind::Executions, clean(&title), items);
        picker.list.chosen = here.map_or(0, |e| e as usize);
        self.overlays.push(Overlay::Picker(picker));
    }

    /// Lists the branches of the trajectory.
    pub(super) fn branch_list(&mut self) {
        let Some(reading) = &self.reading else { return };
        let (t, marks) = (&reading.trajectory, self.marks());
        let place = |id: &str| t.steps.iter().position(|step| step.id == id);
        let mut branches: Vec<(Option<usize>, &Branch)> = t.branches.iter().map(|branch| (branch.fork.as_deref().and_then(place), branch)).collect();
        branches.sort_by_key(|(fork, _)| *fork);
        let count = branches.len();
        // Whoever dispatched this one, where it is not among the forks.
        let parent = t.lineage.parent_session.as_deref().map(|parent| ids::trajectory_id(&t.agent, parent));
        let parent = parent.filter(|id| !t.branches.iter().any(|branch| branch.trajectory.as_deref() == Some(id)));
        let mut items: Vec<Item> =
            parent.into_iter().map(|id| item(vec![(clean("parent      "), Tone::Tool), (clean(&id), Tone::Dim)], "", Choice::Open(id.clone()))).collect();
        for (at, (fork, branch)) in branches.into_iter().enumerate() {
            let tree = if branch.fork.is_none() { "" } else { marks.tree[usize::from(at + 1 == count)] };
            let from = fork.map_or_else(|| "from the start".to_owned(), |step| format!("after {}", step + 1));
            let tone = match (branch.active, &branch.trajectory) {
                (true, _) => Tone::Strong,
                (false, Some(_)) => Tone::Tool,
                (false, None) => Tone::Text,
            };
            let kind = format!("{tree}{}{}", if tree.is_empty() { "" } else { " " }, branch.kind.as_str().replace('_', "-"));
            let steps = format!("{:>5}  {} ", branch.steps, fit(&from, 14));
            let text = vec![(clean(&fit(&kind, 15)), tone), (clean(&steps), Tone::Dim), (about(t, branch), Tone::Text)];
            let choice = branch.trajectory.clone().map_or_else(|| Choice::Step(fork.or_else(|| place(&branch.leaf)).unwrap_or(0)), Choice::Open);
            // Of a sub-agent the id of its session is known already, of a fork its beginning tells.
            let short = |id: &String| id.strip_prefix(&t.id).map_or_else(|| human::short_id(id), str::to_owned);
            items.push(item(text, &branch.trajectory.as_ref().map(short).unwrap_or_default(), choice));
        }
        if items.is_empty() {
            return self.note("this trajectory has no branches");
        }
        self.pick(Kind::Branches, "branches: their steps, and where they leave; enter goes there", items);
    }

    /// Lists every id of the trajectory and of the chosen step.
    pub(super) fn lineage_list(&mut self) {
        let Some(reading) = &self.reading else { return };
        let t = &reading.trajectory;
        let mut rows: Vec<(String, String)> = vec![("trajectory".to_owned(), t.id.clone())];
        if let Some(step) = reading.step() {
            rows.push(("step".to_owned(), format!("{}#{}", t.id, step.id)));
            rows.extend(step.aliases.iter().map(|alias| ("step alias".to_owned(), alias.clone())));
        }
        if let Some(e) = reading.execution_at(reading.at()) {
            let known = [("call", e.call_id.as_ref()), ("tool execution", e.tool_execution_id.as_ref()), ("approval request", e.approval_request_id.as_ref())];
            rows.extend(known.into_iter().filter_map(|(name, id)| id.map(|id| (name.to_owned(), id.clone()))));
            rows.extend(e.waits.iter().filter_map(|wait| wait.request_id.clone()).map(|id| ("wait".to_owned(), id)));
        }
        rows.extend(lineage_rows(t));
        rows.extend(
            t.sources.iter().flat_map(|source| [(format!("source ({})", source.join), source.path.clone()), ("sha256".to_owned(), source.sha256.to_string())]),
        );
        let items = rows
            .into_iter()
            .map(|(name, value)| item(vec![(clean(&fit(&clean(&name), 24)), Tone::Dim), (clean(&value), Tone::Text)], "", Choice::Copy(value)))
            .collect();
        self.pick(Kind::Lineage, "lineage; enter copies", items);
    }
}

/// Says what a branch is about: what a sub-agent was asked, else the last words of what stands in this trajectory.
fn about(t: &Trajectory, branch: &Branch) -> Clean {
    let asked = branch.fork.as_deref().filter(|_| branch.kind == BranchKind::SubAgent).and_then(|id| t.step(id)?.execution.as_deref());
    match asked.and_then(|id| t.execution(id)) {
        Some(e) => act_of(e),
        None => t
            .step(&branch.leaf)
            .filter(|leaf| branch.trajectory.is_none() && leaf.kind != crate::model::Kind::Context)
            .map_or_else(Clean::default, |leaf| one_line(&leaf.text, true)),
    }
}

fn act_of(e: &Execution) -> Clean {
    match (&e.command, &e.args) {
        (Some(command), _) => one_line(command, true),
        (None, Some(args)) => super::arguments::summary(args),
        (None, None) => clean("arguments not recorded"),
    }
}

/// Gives everything a lineage states, by its JSON, so that no field is forgotten.
fn lineage_rows(t: &Trajectory) -> Vec<(String, String)> {
    fn walk(name: &str, value: &serde_json::Value, out: &mut Vec<(String, String)>) {
        use serde_json::Value;
        match value {
            Value::Null => {}
            Value::String(text) => out.push((name.to_owned(), text.clone())),
            Value::Array(items) => items.iter().for_each(|item| walk(name.trim_end_matches('s'), item, out)),
            Value::Object(fields) => fields.iter().for_each(|(key, value)| walk(&format!("{name} {key}"), value, out)),
            other => out.push((name.to_owned(), other.to_string())),
        }
    }
    let mut rows = Vec::new();
    let stated = [serde_json::to_value(&t.lineage), serde_json::to_value(&t.cohort)];
    for (at, value) in stated.into_iter().flatten().enumerate() {
        // Where each id was read is shown by its records.
        for (key, value) in value.as_object().into_iter().flatten().filter(|(key, _)| *key != "origins") {
            let name = key.trim_end_matches("_id").replace('_', " ");
            walk(if at == 0 { name.clone() } else { format!("cohort {name}") }.as_str(), value, &mut rows);
        }
    }
    rows
}
