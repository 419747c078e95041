//! What is kept between two sessions: where one was, how it looked, what was asked; it may be lost without harm.

use serde::{Deserialize, Serialize};

/// Where a person was and how the screen looked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// Query of the library.
    pub query: String,
    /// Field that the library is sorted by.
    pub sort: String,
    /// Whether the largest comes first.
    pub descending: bool,
    /// Chosen trajectory of the library, by its place.
    pub row: usize,
    /// Trajectory that was open.
    pub trajectory: Option<String>,
    /// Step in it.
    pub step: Option<String>,
    /// Whether the trajectory was on the screen.
    pub reading: bool,
    /// Theme, where it was chosen on the screen.
    pub theme: Option<String>,
    /// Columns of the library, where they were chosen on the screen.
    pub columns: Vec<String>,
    /// Kept queries: name and query.
    pub queries: Vec<(String, String)>,
    /// Whether the preview is hidden.
    pub no_preview: bool,
    /// Whether lines are not wrapped.
    pub no_wrap: bool,
    /// Whether panes are forced side by side (`true`) or one over the other.
    pub beside: Option<bool>,
    /// Stop of the tour, from 0.
    pub tour_at: usize,
    /// Whether the tour is under way.
    pub tour_on: bool,
}
