//! The labels that a query means: of the targets it finds, and where it asks something of labels themselves, those of which that holds.

use super::fits;
use crate::judging::TargetKind;
use crate::query::{Field, Leaf, Level, Query, Value};
use crate::workspace::judged::{LabelRow, Remark};
use crate::workspace::{Result, Workspace};
use std::collections::BTreeSet;

/// What a query asks of a label itself, and whether that is to hold or not.
struct Own<'q> {
    field: Field,
    value: &'q Value,
    holds: bool,
}

impl Own<'_> {
    fn of(query: &Query) -> Option<Own<'_>> {
        match query {
            Query::Leaf(Leaf::Field { field, value }) => {
                let word = matches!(value, Value::Text(word) if ["stale", "disputed", "gold"].contains(&word.as_str()));
                let own = matches!(field, Field::Label | Field::Reviewer) || *field == Field::Is && word;
                own.then_some(Own { field: *field, value, holds: true })
            }
            Query::Not(inner) => Own::of(inner).map(|own| Own { holds: !own.holds, ..own }),
            _ => None,
        }
    }

    fn fits(&self, row: &LabelRow) -> bool {
        let is = |word: &str| matches!(self.value, Value::Text(text) if text == word);
        let so = match self.field {
            Field::Reviewer => fits(self.value, &row.reviewer),
            Field::Label => {
                let said = format!("{}={}", row.question, row.answer);
                fits(self.value, &said) || fits(self.value, &format!("{}:{said}", row.schema))
            }
            _ => is("stale") && row.stale || is("disputed") && row.disputed || is("gold") && row.gold,
        };
        so == self.holds
    }

    fn fits_remark(&self, remark: &Remark) -> bool {
        self.field == Field::Reviewer && remark.reviewer.as_ref().is_some_and(|reviewer| fits(self.value, reviewer) == self.holds)
    }
}

impl Workspace {
    /// Gives the labels that a query means, with `history` also those that were replaced or undone, and what was said beside them.
    pub fn labels(&self, query: &Query, history: bool) -> Result<(Vec<LabelRow>, Vec<Remark>)> {
        let parts: Vec<&Query> = if let Query::And(parts) = query { parts.iter().collect() } else { vec![query] };
        let own: Vec<Own<'_>> = parts.iter().filter_map(|part| Own::of(part)).collect();
        let rest = Query::and(parts.into_iter().filter(|part| Own::of(part).is_none()).cloned().collect());
        let wholes = rest.leaves().iter().all(|(leaf, _)| leaf.level() == Level::Trajectory);
        let (mut of, mut targets) = (None, None);
        if rest != Query::All {
            of = Some(self.ls(&rest, None, usize::MAX)?.trajectories.into_iter().map(|row| row.id).collect::<BTreeSet<String>>());
            targets = if wholes { None } else { Some(self.labelled_among(&rest)?) };
        }
        let meant = |target: &String| targets.as_ref().is_none_or(|targets| targets.contains(target));
        let mut rows = self.label_rows(of.as_ref(), history)?;
        rows.retain(|row| meant(&row.target) && own.iter().all(|own| own.fits(row)));
        let mut remarks = self.remarks(of.as_ref())?;
        remarks.retain(|remark| meant(&remark.target) && own.iter().all(|own| own.fits_remark(remark)));
        Ok((rows, remarks))
    }

    /// Gives the names under which the calls and turns that a query finds were labelled.
    fn labelled_among(&self, query: &Query) -> Result<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        self.each_matching(query, |found| {
            let state = self.state()?;
            let points = found.iter().flat_map(|(_, points)| points).filter(|point| point.target.kind != TargetKind::Trajectory);
            names.extend(points.filter_map(|point| state.target_of(&point.target)).map(|target| state.target_name(target).to_owned()));
            Ok(())
        })?;
        Ok(names)
    }
}
