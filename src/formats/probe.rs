//! What of a file is looked at to tell its format.

use super::json::Node;

/// The beginning of a file, taken apart.
pub struct Probe<'a> {
    /// File name without folders; a hint only, content decides.
    pub name: &'a str,
    /// The whole file as one JSON document, if it is one that spans more than one line or is a single value.
    pub document: Option<&'a Node<'a>>,
    /// The first lines that are JSON values of their own, up to 16; empty if the file is a document over several lines.
    pub lines: &'a [Node<'a>],
    /// Names of the archive's members, if the file is one.
    pub members: &'a [String],
}

impl Probe<'_> {
    /// Gives the first record: the first line, or the document.
    #[must_use]
    pub fn first(&self) -> Option<&Node<'_>> {
        self.lines.first().or(self.document)
    }

    /// Tells whether any of the first lines fits.
    #[must_use]
    pub fn any_line(&self, fits: impl Fn(&Node<'_>) -> bool) -> bool {
        self.lines.iter().any(fits)
    }
}
