//! What a shell reads and writes: the paths that its words mean, and what is remembered of the files.

use super::deed::{Mark, Sending};
use super::target;
use super::walk::{Arg, HIDDEN, Shell};
use crate::model::Verb;

impl Shell<'_> {
    /// Notes that a file is read.
    pub fn reads(&mut self, arg: &Arg) {
        let path = self.path(arg);
        if is_sink(&path) || arg.text == "-" {
            return;
        }
        if let Some(name) = target::secret(&path).or_else(|| self.files.source_of(&path).and_then(target::secret)) {
            self.deed.add(Verb::Read, format!("secret:{name}"), self.sure);
        }
        self.note_read(&path);
        self.deed.add(Verb::Read, path, self.sure && arg.known);
    }

    /// Remembers that a file was read, for what the program prints.
    pub fn note_read(&mut self, path: &str) {
        if self.files_read.len() < super::run::MOST_FILES {
            self.files_read.push(path.to_owned());
        }
    }

    /// Tells whether a text that is to be run is one that was decoded or came over the network.
    pub fn is_hidden(&self, text: &str) -> bool {
        const TELLING: usize = 6;
        let same = |hidden: &String| text.trim() == hidden.as_str() || (hidden.len() >= TELLING && text.contains(hidden.as_str()));
        text.contains(HIDDEN) || self.hidden.iter().any(same)
    }

    /// Notes that a file is written: overwritten with nothing, it is as good as deleted.
    pub fn writes(&mut self, arg: &Arg, text: Option<&str>, append: bool) {
        let path = self.path(arg);
        if is_sink(&path) || arg.text == "-" {
            return;
        }
        if let Some((host, port)) = path.strip_prefix("/dev/tcp/").or_else(|| path.strip_prefix("/dev/udp/")).and_then(|place| place.split_once('/')) {
            // The shell opens a connection under these names.
            let place = format!("{host}:{port}");
            self.deed.add(Verb::Send, place, self.sure && arg.known);
            self.deed.sendings.push(Sending { host: host.to_lowercase(), files: self.files_read.clone(), text: text.unwrap_or_default().to_owned() });
            return;
        }
        let verb = if text == Some("") && !append { Verb::Delete } else { Verb::Modify };
        self.deed.add(verb, path.clone(), self.sure && arg.known);
        self.note_policy(&path);
        if append {
            self.deed.appends.insert(path.clone());
            self.deed.marks.insert(Mark::NotRepeatable);
            let before = self.files.content(&path).map(str::to_owned);
            let after = before.zip(text).map(|(before, text)| before + text);
            self.files.write(&path, after.as_deref());
        } else {
            self.files.write(&path, text);
        }
    }

    /// Gives the target of a path argument.
    #[must_use]
    pub fn path(&self, arg: &Arg) -> String {
        if !arg.known {
            return format!("?{}", arg.text);
        }
        match &self.remote {
            None => target::path(&arg.text, self.cwd.as_deref(), self.home.as_deref()),
            Some(host) => {
                let path = target::path(&arg.text, self.cwd.as_deref(), None);
                let seen = |(inside, _): &&(String, String)| path == *inside || target::contains(inside, &path);
                match self.mounts.iter().filter(seen).max_by_key(|(inside, _)| inside.len()) {
                    Some((inside, outside)) => target::path(&format!("{outside}/{}", path.trim_start_matches(inside.as_str())), None, None),
                    None if path.starts_with('/') => format!("{host}{path}"),
                    None => format!("{host}/~/{path}"),
                }
            }
        }
    }
}

/// Devices that swallow or give nothing.
fn is_sink(path: &str) -> bool {
    matches!(path, "/dev/null" | "/dev/stdout" | "/dev/stderr" | "/dev/stdin" | "/dev/tty" | "/dev/zero" | "-" | "?" | "?&")
        || path.starts_with("/dev/fd/")
        || path.starts_with("?<(")
}
