//! Datasets: named, versioned definitions, kept in the journal; the last of a name counts.

use super::{Error, Result, Workspace};
use crate::export::Definition;
use crate::model::{Draft, Recorded};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A definition as it was saved: its TOML text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetText {
    /// The text.
    pub text: String,
}

impl Recorded for DatasetText {
    const KIND: &'static str = "dataset";
}

impl Workspace {
    /// Gives every dataset, by name.
    pub fn datasets(&self) -> Result<Vec<Definition>> {
        let mut known: BTreeMap<String, Definition> = BTreeMap::new();
        for entry in self.journal.of_kinds(&[DatasetText::KIND])? {
            let Ok(Some(DatasetText { text })) = entry.decision() else { continue };
            if let Ok(definition) = Definition::parse(&text) {
                known.insert(definition.name.clone(), definition);
            }
        }
        Ok(known.into_values().collect())
    }

    /// Finds a dataset by its name.
    pub fn dataset(&self, name: &str) -> Result<Option<Definition>> {
        Ok(self.datasets()?.into_iter().find(|definition| definition.name == name))
    }

    /// Saves a definition; one that changes what rows are must have a higher version than the one it follows.
    pub fn save_dataset(&self, reviewer: &str, text: &str) -> Result<Definition> {
        let definition = Definition::parse(text).map_err(Error::Undecidable)?;
        crate::query::parse(&definition.query)?;
        if let Some(known) = self.dataset(&definition.name)? {
            if known == definition {
                return Ok(definition);
            }
            if definition.version <= known.version {
                let message = format!("{} is already at version {}; give the changed definition a higher one", known.name, known.version);
                return Err(Error::Undecidable(message));
            }
        }
        self.record(reviewer, &[Draft::of(&DatasetText { text: text.to_owned() })])?;
        Ok(definition)
    }
}
