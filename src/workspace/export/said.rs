//! What a bundle says of its dataset: the definition as it leaves, and the way back to the one that was meant.

use super::redacting::Reviewers;
use super::{Error, Result, Workspace};
use crate::export::{Definition, Manifest, Redaction, Treatment};

/// The field of the policy that a definition's query is.
const QUERY: &str = "query";

impl Workspace {
    /// Gives a definition as it leaves: the query as the policy says, reviewers as they are named, and no text that must not leave.
    pub(super) fn said(&self, definition: &Definition, reviewers: &Reviewers, redaction: &Redaction) -> Result<Definition> {
        let mut said = definition.clone();
        said.query = self.query_said(definition, redaction)?;
        for over in &mut said.overrides {
            over.reviewer = reviewers.named(&over.reviewer).unwrap_or_else(|| super::run::A_REVIEWER.to_owned());
            over.reason = (redaction.replace)(&over.reason);
        }
        Ok(said)
    }

    fn query_said(&self, definition: &Definition, redaction: &Redaction) -> Result<String> {
        Ok(match self.field_policy()?.of(QUERY) {
            Treatment::Clear => (redaction.replace)(&definition.query),
            // No query that names nothing says anything of anybody.
            _ if definition.query.trim().is_empty() => definition.query.clone(),
            Treatment::Pseudonym => self.key(crate::workspace::KeyKind::Pseudonym)?.pseudonym(&format!("{} query", definition.name), &definition.query),
            Treatment::Omit => "omitted".to_owned(),
        })
    }

    /// Gives the definition that a bundle was made by: where its query left as something else, that of the dataset which leaves so.
    pub(super) fn definition_of(&self, manifest: &Manifest) -> std::result::Result<Definition, String> {
        let said = Definition::parse(&manifest.dataset.definition)?;
        let told = |error: Error| error.to_string();
        let redaction = self.redaction(&self.audited(&said, &mut |_, _| true).map_err(told)?).map_err(told)?;
        for own in self.datasets().map_err(told)? {
            if own.name == said.name && own.version == said.version && self.query_said(&own, &redaction).map_err(told)? == said.query {
                return Ok(Definition { query: own.query, ..said });
            }
        }
        let changed = self.field_policy().map_err(told)?.of(QUERY) != Treatment::Clear && !said.query.trim().is_empty() || said.query.contains("[REDACTED:");
        match changed {
            true => Err("its query left as something else, and no dataset of this workspace leaves so; export by a dataset (`ossia dataset new`)".to_owned()),
            false => Ok(said),
        }
    }
}
