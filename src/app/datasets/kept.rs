//! What keeps rows of a dataset back, as a list: each line leads to the place where it is mended.

use super::page::unjudged;
use crate::app::Input;
use crate::app::message::Wanted;
use crate::app::overlay::{Choice, Item, Kind, Overlay, Picker};
use crate::app::review::ReviewAct;
use crate::app::state::{Screen, State};
use crate::app::tone::Tone;
use crate::command::for_shell;
use crate::query::{Field, Leaf, Query, Value};
use crate::text::{clean, fit, human, pad_left};
use crate::workspace::ExportReport;
use std::collections::BTreeMap;

/// Points that a query names one by one, at most; of more it asks for whatever nobody judged.
const NAMED: usize = 40;

/// Where something is mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// Judge these points, or look at what was said of them.
    Judge(Vec<String>),
    /// Review a queue that is always there.
    Queue(&'static str),
    /// Decide the redactions of these points' trajectories; of all that the dataset's query finds where none is named.
    Redactions(Vec<String>),
    /// Read this point.
    Read(String),
    /// Write the better passage for this turn.
    Rewrite(String),
    /// Change the definition.
    Define,
}

impl Mend {
    /// Tells where a gate is mended that keeps these points back for a reason. A reason that names a rewrite is one that a rewrite mends, and what no
    /// source shows is said where the call is read.
    fn of(gate: &str, reason: &str, points: Vec<String>) -> Self {
        match (gate, points.first()) {
            ("situation" | "pair", Some(first)) if reason.contains("rewrite") => Self::Rewrite(first.clone()),
            ("situation", Some(first)) if reason.contains("amend") => Self::Read(first.clone()),
            ("stale", _) => Self::Queue("stale"),
            ("dispute" | "agreement", _) => Self::Queue("disputed"),
            ("audit" | "scan", _) => Self::Redactions(points),
            ("answers" | "bulk" | "situation" | "exclude", Some(_)) => Self::Judge(points),
            ("consent" | "journal" | "shape" | "pair", Some(first)) => Self::Read(first.clone()),
            _ => Self::Define,
        }
    }

    const fn said(&self) -> &'static str {
        match self {
            Self::Judge(_) => "judge",
            Self::Queue(_) => "review",
            Self::Redactions(_) => "redactions",
            Self::Read(_) => "read it",
            Self::Rewrite(_) => "rewrite it",
            Self::Define => "definition",
        }
    }
}

/// Lists what keeps rows back, by gate and reason, the most first within a gate; then gates that do not hold of the whole.
fn lines(report: &ExportReport) -> Vec<(String, String, Mend)> {
    let mut by: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for blocked in &report.blocked {
        by.entry((blocked.gate, &blocked.reason)).or_default().push(blocked.example.clone());
    }
    let mut found: Vec<_> = by.into_iter().collect();
    found.sort_by_key(|((gate, _), points)| (*gate, std::cmp::Reverse(points.len())));
    let kept = found.into_iter().map(|((gate, reason), mut points)| {
        points.dedup();
        (format!("{} {}  ", fit(gate, 11), pad_left(&human::count(points.len() as u64), 5)), reason.to_owned(), Mend::of(gate, reason, points))
    });
    let whole = report.gates.iter().filter(|gate| !gate.ok && !report.blocked.iter().any(|blocked| blocked.gate == gate.gate));
    let whole = whole.map(|gate| {
        let why = gate.detail.as_deref().unwrap_or(gate.holds);
        (format!("{} {}  ", fit(gate.gate, 11), " ".repeat(5)), why.to_owned(), Mend::of(gate.gate, why, Vec::new()))
    });
    kept.chain(whole).collect()
}

/// Writes the query that finds what has one of these names, whatever signs are in them.
fn naming<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let named = |name: &str| Query::Leaf(Leaf::Field { field: Field::Id, value: Value::Text(name.to_owned()) });
    Query::or(names.map(named).collect()).to_string()
}

impl State {
    /// Names what is kept back because an answer is missing.
    pub(in crate::app) fn kept_back(&self) -> Vec<&str> {
        self.datasets.board.as_ref().and_then(|board| board.sheet.as_ref()).map(|sheet| unjudged(&sheet.report)).unwrap_or_default()
    }

    /// Tells whether anything keeps rows back.
    pub(in crate::app) fn keeps_back(&self) -> bool {
        let report = self.datasets.board.as_ref().and_then(|board| board.sheet.as_ref()).map(|sheet| &sheet.report);
        report.is_some_and(|report| !report.blocked.is_empty() || report.gates.iter().any(|gate| !gate.ok))
    }

    /// Judges what is kept back because an answer is missing.
    pub(in crate::app) fn queue_kept_back(&mut self) {
        let open: Vec<String> = self.kept_back().into_iter().map(str::to_owned).collect();
        if open.is_empty() {
            return self.note("nothing is kept back for want of an answer");
        }
        self.judge_points(&open);
    }

    fn judge_points(&mut self, points: &[String]) {
        let query = if points.len() > NAMED {
            let of = self.dataset_query();
            if of.is_empty() { "is:unlabelled".to_owned() } else { format!("({of}) is:unlabelled") }
        } else {
            naming(points.iter().map(String::as_str))
        };
        self.review_act(ReviewAct::Over(query));
    }

    /// Gives the query of the dataset that is shown.
    fn dataset_query(&self) -> String {
        let board = self.datasets.board.as_ref();
        let of = board.and_then(|board| board.known.iter().find(|known| known.name == board.name));
        of.map_or(String::new(), |known| known.query.trim().to_owned())
    }

    /// Lists what keeps rows back; choosing a line goes to where it is mended.
    pub(in crate::app) fn list_kept_back(&mut self) {
        let Some(sheet) = self.datasets.board.as_ref().and_then(|board| board.sheet.as_ref()) else {
            return self.note("there is no dataset yet; c makes one of the library's query");
        };
        let lines = lines(&sheet.report);
        if lines.is_empty() {
            let nothing = sheet.report.examples == 0;
            return self.note(if nothing {
                "no row would leave, and nothing is kept back: the query finds no call or turn to judge; e changes it"
            } else {
                "nothing is kept back"
            });
        }
        let none = if sheet.report.examples == 0 { "no row would leave: " } else { "" };
        let item = |(head, why, mend): (String, String, Mend)| Item {
            text: vec![(clean(&head), Tone::Wait), (clean(&why), Tone::Text)],
            aside: clean(mend.said()),
            choice: Some(Choice::Mend(mend)),
        };
        let items = lines.into_iter().map(item).collect();
        let title = clean(&format!("{none}what keeps rows back; enter goes where it is mended"));
        self.overlays.push(Overlay::Picker(Picker::new(Kind::KeptBack, title, items)));
    }

    /// Goes to where something is mended.
    pub(in crate::app) fn mend(&mut self, mend: Mend) {
        match mend {
            Mend::Judge(points) => self.judge_points(&points),
            Mend::Queue(name) => self.review_act(ReviewAct::Begin(name.to_owned())),
            Mend::Read(point) => self.open_trajectory(Wanted::Id(point)),
            Mend::Rewrite(point) => self.write_shell_line(&format!("rewrite {} --text", for_shell(&point))),
            Mend::Define => self.edit_dataset(),
            Mend::Redactions(points) => {
                let mut of: Vec<&str> = points.iter().map(|point| point.split('#').next().unwrap_or(point)).collect();
                of.sort_unstable();
                of.dedup();
                let query = if of.is_empty() || of.len() > NAMED { self.dataset_query() } else { naming(of.into_iter()) };
                self.library.query = Input::of(&query);
                self.query_changed();
                self.screen = Screen::Redactions;
                self.come_to_board();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_whatever_signs_a_name_has() {
        let names = ["chat:a b\"c\\", "maestro:a#call(1)*"];
        let written = naming(names.into_iter());
        let read = crate::query::parse(&written).unwrap();
        let found: Vec<String> = read
            .leaves()
            .into_iter()
            .filter_map(|(leaf, _)| match leaf {
                Leaf::Field { field: Field::Id, value: Value::Text(name) } => Some(name.clone()),
                _ => None,
            })
            .collect();
        assert_eq!(found, names, "{written}");
    }

    #[test]
    fn every_gate_leads_to_where_it_is_mended() {
        let points = || vec!["maestro:a#c1".to_owned()];
        for (gate, expect) in
            [("answers", "judge"), ("exclude", "judge"), ("dispute", "review"), ("stale", "review"), ("audit", "redactions"), ("scan", "redactions")]
        {
            assert_eq!(Mend::of(gate, "", points()).said(), expect, "{gate}");
        }
        let first = || "maestro:a#c1".to_owned();
        assert_eq!(Mend::of("shape", "", points()), Mend::Read(first()));
        assert_eq!(Mend::of("situation", "the call c1 is not judged as one to imitate", points()), Mend::Judge(points()));
        assert_eq!(Mend::of("situation", "only a rewrite can part them", points()), Mend::Rewrite(first()));
        assert_eq!(Mend::of("situation", "`ossia amend TARGET asked=none`", points()), Mend::Read(first()));
        for gate in ["rows", "balance", "budget", "splits"] {
            assert_eq!(Mend::of(gate, "", Vec::new()), Mend::Define, "{gate}");
        }
    }
}
