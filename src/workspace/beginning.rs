//! The beginning of a long trajectory, read by itself, so that its first page is seen before the rest is read.

use super::load::marked;
use super::parse::{file_name, read_ranges};
use super::{Error, Result, Workspace};
use crate::assemble::{Share, assemble_unjudged};
use crate::formats::{self, Shape};
use crate::model::{Join, Trajectory};
use crate::store::{Container, PortionRow, Portions, SourceRow};
use std::sync::Arc;

/// Bytes of each source that are a beginning.
const BEGINNING: u64 = 512 << 10;
/// Trajectories of fewer bytes are read whole at once.
const LONG: u64 = 8 << 20;

impl Workspace {
    /// Tells whether a trajectory is so long that a person would wait until all of it was read.
    pub fn is_long(&self, number: i64) -> Result<bool> {
        let mut size = 0;
        for portion in self.store.portions(Portions::OfTrajectory(number))? {
            let Some(source) = self.store.source(portion.source)? else { continue };
            // Of a source that can only be read whole, all of it is waited for.
            let own = |ranges: &Vec<(u64, u64, u64)>| ranges.iter().map(|(_, start, end)| end.saturating_sub(*start)).sum();
            size += portion.ranges.as_ref().filter(|_| source.container == Container::Plain).map_or(source.stamp.size, own);
        }
        Ok(size >= LONG)
    }

    /// Reads the beginning of a trajectory; `None` where it is short enough to be read whole, or where its sources cannot be read in part.
    /// What must not be seen is masked. Rules are not asked: what they would say of a part need not hold of the whole.
    pub fn beginning(&self, number: i64) -> Result<Option<Trajectory>> {
        let Some(row) = self.store.trajectory(number)? else { return Ok(None) };
        if !self.is_long(number)? {
            return Ok(None);
        }
        let mut shares = Vec::new();
        for portion in self.store.portions(Portions::OfTrajectory(number))? {
            let Some(source) = self.store.source(portion.source)? else { continue };
            shares.extend(self.first_share(&portion, &source)?);
        }
        if shares.is_empty() {
            return Ok(None);
        }
        let mut trajectory = marked(assemble_unjudged(&row.name, shares));
        super::audit::mask(&mut trajectory, &self.mask_of(number, &[])?);
        Ok(Some(trajectory).filter(|trajectory| !trajectory.steps.is_empty()))
    }

    fn first_share(&self, portion: &PortionRow, source: &SourceRow) -> Result<Option<Share>> {
        let Some(format) = formats::format(&source.format).filter(|format| format.shape == Shape::Lines) else { return Ok(None) };
        if source.container != Container::Plain {
            return Ok(None);
        }
        let whole = [(1, 0, source.stamp.size)];
        let ranges = portion.ranges.as_deref().unwrap_or(&whole);
        let (mut pieces, mut left) = (Vec::new(), BEGINNING);
        for &(line, start, end) in ranges {
            if left == 0 {
                break;
            }
            let until = end.min(start + left);
            left -= until - start;
            let mut bytes = self.store.bytes(source.id, start, until)?;
            if until < end {
                // A record that is cut is no record.
                bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
            }
            pieces.push((line, start, bytes));
        }
        let read = read_ranges(pieces.iter().map(|(line, start, bytes)| (*line, *start, bytes.as_slice())), &file_name(&source.path), format, &portion.session);
        let portion_read = read.map_err(|cause| Error::Source { path: source.path.clone(), source: cause })?;
        let join = Join::parse(&portion.join).unwrap_or(Join::Own);
        let share = |portion| Share { portion, sha256: Arc::from(source.sha256.as_str()), format: format.name, path: source.path.clone(), join };
        Ok(portion_read.map(share))
    }
}
