//! Where things stand: the areas of the screen, computed from its size; `app` needs them to scroll and `ui` to draw.

use super::state::{Screen, State};

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Area {
    /// First column.
    pub x: u16,
    /// First row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// Makes an area.
    #[must_use]
    pub const fn new(x: u16, y: u16, width: u16, height: u16) -> Self {
        Self { x, y, width, height }
    }

    /// Tells whether a cell lies in it.
    #[must_use]
    pub const fn holds(&self, x: u16, y: u16) -> bool {
        x >= self.x && y >= self.y && x < self.x + self.width && y < self.y + self.height
    }

    /// Gives the height as a count of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        usize::from(self.height)
    }
}

/// The least columns and rows on which anything but a request for more room is drawn.
pub const LEAST: (u16, u16) = (24, 6);
/// Fewer columns than these have no room beside what lies over them.
pub(super) const NARROW: u16 = 60;
/// Columns from which what belongs together stands side by side.
pub(super) const WIDE: u16 = 120;
/// The least columns for panes beside each other.
const BESIDE: u16 = 110;

/// The areas of the library.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LibraryAreas {
    /// The line of the query.
    pub query: Area,
    /// The headings.
    pub head: Area,
    /// The facets; empty where they are folded away.
    pub facets: Area,
    /// The rows.
    pub rows: Area,
    /// The preview; empty where it is folded away.
    pub preview: Area,
}

/// The areas of a trajectory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadingAreas {
    /// What the trajectory is.
    pub head: Area,
    /// Its steps.
    pub steps: Area,
    /// The chosen step; empty where there is no room.
    pub detail: Area,
    /// Whether the panes stand beside each other.
    pub beside: bool,
}

/// Tells whether the screen is too small for anything.
#[must_use]
pub const fn too_small(size: (u16, u16)) -> bool {
    size.0 < LEAST.0 || size.1 < LEAST.1
}

/// Column of the text of an answer that has no name.
pub const SHORT: u16 = 3;

/// Gives the column at which the text of an answer begins, behind its key and its name; a number that is its own key is not said twice.
#[must_use]
pub fn answer_column(answer: &crate::judging::Answer) -> u16 {
    if answer.id.chars().eq([answer.key]) { SHORT } else { 17 }
}

/// Gives the rows of the text of an answer, in so many columns for its key, its name and its text.
#[must_use]
pub fn answer_rows(answer: &crate::judging::Answer, columns: u16) -> Vec<std::ops::Range<usize>> {
    crate::text::wrap(&answer.text, usize::from(columns.saturating_sub(answer_column(answer))))
}

impl State {
    /// Gives the area between the top line and the footer.
    #[must_use]
    pub const fn body(&self) -> Area {
        let (width, height) = self.size;
        Area::new(0, 1, width, height.saturating_sub(2))
    }

    /// Gives the areas of the library.
    #[must_use]
    pub fn library_areas(&self) -> LibraryAreas {
        let body = self.body();
        let query = Area::new(0, body.y, body.width, 1);
        let top = body.y + 2;
        let height = body.height.saturating_sub(2);
        let facets = if body.width >= WIDE || self.library.in_facets {
            if body.width >= 190 {
                24
            } else if body.width >= WIDE {
                18
            } else {
                body.width / 3
            }
        } else {
            0
        };
        let preview = if self.looks.preview && body.width >= 100 { body.width * 7 / 25 } else { 0 };
        let left = if facets > 0 { facets + 1 } else { 0 };
        let right = if preview > 0 { preview + 1 } else { 0 };
        let middle = body.width.saturating_sub(left + right);
        let head = u16::from(height > 2);
        LibraryAreas {
            query,
            head: Area::new(left, top, middle, head),
            facets: Area::new(0, top, facets, height),
            rows: Area::new(left, top + head, middle, height.saturating_sub(head)),
            preview: Area::new(body.width - preview, top, preview, height),
        }
    }

    /// Gives the areas of a trajectory.
    #[must_use]
    pub fn reading_areas(&self) -> ReadingAreas {
        let body = self.body();
        let beside = self.looks.beside.unwrap_or(body.width >= BESIDE) && body.width >= 70;
        let head = Area::new(0, 0, body.width, 1);
        let rest = Area::new(0, body.y + 1, body.width, body.height.saturating_sub(1));
        if beside {
            let share = i32::from(rest.width) * i32::from(self.looks.split) / 100;
            let left = u16::try_from(share).unwrap_or(0).clamp(30, rest.width.saturating_sub(30));
            let steps = Area::new(0, rest.y, left, rest.height);
            let detail = Area::new(left + 1, rest.y, rest.width - left - 1, rest.height);
            return ReadingAreas { head, steps, detail, beside };
        }
        if rest.height < 8 {
            // Where there is no room for both, the pane one is in has all of it.
            let empty = Area::default();
            let (steps, detail) = if self.in_detail() { (empty, rest) } else { (rest, empty) };
            return ReadingAreas { head, steps, detail, beside };
        }
        let share = u32::from(rest.height) * u32::from(self.looks.upper) / 100;
        let upper = u16::try_from(share).unwrap_or(rest.height / 2).clamp(3, rest.height.saturating_sub(4));
        let steps = Area::new(0, rest.y, rest.width, upper);
        let detail = Area::new(0, rest.y + upper + 1, rest.width, rest.height.saturating_sub(upper + 1));
        ReadingAreas { head, steps, detail, beside }
    }

    fn in_detail(&self) -> bool {
        self.reading.as_ref().is_some_and(|reading| reading.in_detail)
    }

    /// Gives the area of an overlay of a wanted size, in the middle of the body.
    #[must_use]
    pub fn overlay_area(&self, width: u16, height: u16) -> Area {
        let body = Area::new(0, 0, self.size.0, self.size.1.saturating_sub(1));
        // On a narrow screen nothing is to be gained from what would be seen at the sides.
        let width = if body.width < NARROW { body.width } else { width.min(body.width) };
        let height = height.min(body.height);
        Area::new((body.width - width) / 2, (body.height - height) / 3, width, height)
    }

    /// Gives the area of the page of a review: what the questions leave.
    #[must_use]
    pub fn review_area(&self) -> Area {
        let rows = self.size.1.saturating_sub(3);
        let review = self.review.as_ref();
        let answers = review.and_then(super::Review::asked).map_or(4, |asked| asked.question.answers.len());
        let texts = review.and_then(super::Review::asked).map_or(0, |asked| {
            let rows = |answer| answer_rows(answer, self.size.0.saturating_sub(2)).len();
            asked.question.answers.iter().map(rows).sum::<usize>()
        });
        let whole = u16::try_from(texts.max(answers) + 4).unwrap_or(12);
        let said = match review {
            // What the others said stands beside each other, with their notes.
            Some(review) if review.settles() => 5,
            Some(review) => u16::try_from(review.corrected().len()).unwrap_or(0),
            None => 0,
        };
        // After the reveal the page matters less, and answers are to be read.
        let roomy = self.size.1 >= 28 || (whole <= rows / 2 && review.is_some_and(|review| review.revealed() && !review.settles()));
        // In one line where it holds them, with their keys.
        let names = review.and_then(super::Review::asked).map_or(0, |asked| asked.question.answers.iter().map(|answer| answer.id.len() + 5).sum());
        let short = if names + 15 > usize::from(self.size.0) { 5 } else { 4 };
        // What is proposed stands below the question where there is no room beside it.
        let proposed = u16::from(self.size.0 < WIDE && review.is_some_and(|review| review.proposal().is_some()));
        let bar = if roomy { (whole + said).min(rows / 2) } else { (short + said + proposed).min(rows / 2) };
        Area::new(0, 2, self.size.0, rows.saturating_sub(bar))
    }

    /// Gives the two halves of the comparison.
    #[must_use]
    pub fn compare_areas(&self) -> [Area; 2] {
        let body = self.body();
        let half = body.width.saturating_sub(1) / 2;
        let rows = body.height.saturating_sub(1);
        [Area::new(0, body.y + 1, half, rows), Area::new(half + 1, body.y + 1, body.width.saturating_sub(half + 1), rows)]
    }

    /// Gives how many rows of the list that has the keys are seen.
    #[must_use]
    pub fn page_rows(&self) -> usize {
        match self.screen {
            Screen::Library => self.library_areas().rows.rows(),
            Screen::Trajectory => self.reading_areas().steps.rows(),
            Screen::Compare => self.compare_areas()[0].rows(),
            Screen::Review => self.review_area().rows(),
            _ => self.board_rows(),
        }
    }
}
