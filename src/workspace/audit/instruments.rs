//! What a workspace is audited with: our own rules, the rule files that were taken into the workspace, and its lists.

use crate::redaction::{Engine, Lists, Refused};
use crate::workspace::{Error, Result, Workspace};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rule files with their texts.
type RuleFiles = Vec<(PathBuf, String)>;

/// A rule of one of the workspace's files that is not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedRule {
    /// The file.
    pub file: String,
    /// The rule, its line, and why.
    #[serde(flatten)]
    pub rule: Refused,
}

impl Workspace {
    /// Takes a rule file into the workspace, where every audit, export and certificate uses it from now on; gives its place there, and `None`
    /// if it was there already as it is.
    pub fn take_rules(&self, file: &Path) -> Result<Option<PathBuf>> {
        let text = read(file)?.ok_or_else(|| Error::NotFound { id: file.display().to_string(), hint: String::new() })?;
        let name = file.file_stem().map_or_else(|| "rules".to_owned(), |name| name.to_string_lossy().into_owned());
        let name: String = name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' }).collect();
        let to = self.rule_folder().join(format!("{}.toml", name.trim_start_matches('.')));
        if read(&to)?.as_deref() == Some(text.as_str()) {
            return Ok(None);
        }
        let written = fs::create_dir_all(self.rule_folder()).and_then(|()| fs::write(&to, text));
        written.map_err(|e| Error::Undecidable(format!("cannot keep the rules as {}: {e}", to.display())))?;
        Ok(Some(to))
    }

    /// Names the rules of the workspace's files that are not used.
    pub fn refused_rules(&self) -> Result<Vec<RefusedRule>> {
        let mut refused = Vec::new();
        for (path, text) in self.rule_files()? {
            let file = path.display().to_string();
            let rules = crate::redaction::refused_of(&text);
            refused.extend(rules.into_iter().map(|rule| RefusedRule { file: file.clone(), rule }));
        }
        Ok(refused)
    }

    /// Gives the engine of our own rules, the workspace's rules and its lists, as they are now.
    pub fn own_engine(&self) -> Result<Arc<Engine>> {
        let (hash, lists, files) = self.instruments_of()?;
        let mut kept = self.audits.engine.borrow_mut();
        if let Some(engine) = kept.as_ref().filter(|engine| engine.hash() == hash) {
            return Ok(Arc::clone(engine));
        }
        let texts: Vec<&str> = files.iter().map(|(_, text)| text.as_str()).collect();
        Ok(Arc::clone(kept.insert(Arc::new(Engine::new(&texts, &lists).0))))
    }

    /// Gives the SHA-256 of rules, lists and decoders as they are now, without making an engine of them.
    pub(in crate::workspace) fn instruments_hash(&self) -> Result<String> {
        Ok(self.instruments_of()?.0)
    }

    fn instruments_of(&self) -> Result<(String, Lists, RuleFiles)> {
        let (lists, files) = (self.audit_lists()?, self.rule_files()?);
        let texts: Vec<&str> = files.iter().map(|(_, text)| text.as_str()).collect();
        Ok((Engine::hash_of(&texts, &lists), lists, files))
    }

    /// Reads the lists of the workspace: `lists/names.txt` and `lists/words.txt`, one a line.
    pub(super) fn audit_lists(&self) -> Result<Lists> {
        let list = |name: &str| -> Result<Vec<String>> {
            let text = read(&self.folder.join("lists").join(name))?.unwrap_or_default();
            Ok(text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect())
        };
        Ok(Lists { names: list("names.txt")?, words: list("words.txt")? })
    }

    /// Reads the rule files of the workspace, `rules/*.toml`, in the order of their names.
    fn rule_files(&self) -> Result<RuleFiles> {
        let folder = self.rule_folder();
        let listed = match fs::read_dir(&folder) {
            Ok(listed) => listed.collect::<std::io::Result<Vec<_>>>().map_err(|error| unread(&folder, &error))?,
            Err(error) if is_absent(&folder, &error) => return Ok(Vec::new()),
            Err(error) => return Err(unread(&folder, &error)),
        };
        let mut paths: Vec<PathBuf> = listed.into_iter().map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
        paths.sort_unstable();
        // A file that is named in the folder and is not there is a link that leads nowhere.
        paths.into_iter().map(|path| Ok((path.clone(), fs::read_to_string(&path).map_err(|error| unread(&path, &error))?))).collect()
    }

    fn rule_folder(&self) -> PathBuf {
        self.folder.join("rules")
    }
}

/// Reads a file; one that is there and cannot be read is an error, as an audit without it would say too little.
pub(super) fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if is_absent(path, &error) => Ok(None),
        Err(error) => Err(unread(path, &error)),
    }
}

/// Tells whether nothing is there at all: neither the file nor its folder is a link that leads nowhere.
fn is_absent(path: &Path, error: &std::io::Error) -> bool {
    let dangles = |path: &Path| fs::symlink_metadata(path).is_ok() && fs::metadata(path).is_err();
    error.kind() == std::io::ErrorKind::NotFound && !path.ancestors().take(2).any(dangles)
}

fn unread(path: &Path, error: &std::io::Error) -> Error {
    Error::Undecidable(format!("cannot read {}: {error}; without it less would be looked for than was wanted. Mend it, or take it away", path.display()))
}
