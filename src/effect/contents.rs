//! Programs that show or decode what a file holds: `cat` and its kin, `base64`, `gzip`, `openssl`, `gpg`.

use super::inline;
use super::run::Line;
use super::walk::{Arg, Flow, Shell};
use crate::model::Verb;

/// Options by which `gpg` changes its keys.
const GPG: &[&str] =
    &["--delete", "--import", "--gen-key", "--full-gen", "--generate", "--quick-", "--edit-key", "--recv", "--receive", "--refresh", "--sign-key"];
/// Subcommands of `openssl`, which are no files.
const OPENSSL: &[&str] = &["enc", "base64", "dgst", "rand", "x509", "req", "genrsa", "genpkey", "rsa", "pkey", "s_client", "verify", "pkcs12", "ca", "version"];

impl Shell<'_> {
    pub(super) fn decode(&mut self, line: &Line<'_>, input: &Flow) -> Flow {
        let decodes = line.has(&["-d", "-D", "--decode", "--decompress", "-r", "-dc"])
            || line.name.starts_with("gunzip")
            || line.name.ends_with("zcat")
            || line.name == "uudecode";
        if line.name == "gpg" && line.args.iter().any(|a| a.starts_with("--export-secret")) {
            self.deed.add(Verb::Read, "secret:gnupg", self.sure);
        }
        if let Some(host) = line.value(&["-connect"]).filter(|_| line.name == "openssl") {
            self.deed.add(Verb::Fetch, host.to_lowercase(), self.sure);
        }
        if line.name == "gpg"
            && let Some(act) = line.args.iter().find(|a| GPG.iter().any(|known| a.starts_with(known)))
        {
            self.deed.add(if act.starts_with("--delete") { Verb::Delete } else { Verb::Modify }, "text:gnupg", self.sure);
        }
        let mut files = input.files.clone();
        // `xxd -r FROM TO`.
        let to = line.positional.get(1).copied().filter(|_| line.name == "xxd").cloned();
        if let Some(to) = &to {
            self.writes(to, None, false);
        }
        let in_place = matches!(line.name, "gunzip" | "unzstd") && !line.has(&["-c", "--stdout", "-t", "--test", "-l", "--list"]);
        for file in line.positional.iter().copied().filter(|file| Some(*file) != to.as_ref()).collect::<Vec<_>>() {
            files.push(self.path(file));
            if in_place {
                self.writes(file, None, false);
            } else if line.name != "openssl" || !is_word_of_openssl(&file.text) {
                self.reads(file);
            }
        }
        let gpg_out = if line.name == "gpg" { line.value(&["-o"]) } else { None };
        for out in line.values(&["-out", "-keyout", "--output"]).chain(gpg_out).map(|f| Arg { text: f.to_owned(), known: true }).collect::<Vec<_>>() {
            self.writes(&out, None, false);
            let path = self.path(&out);
            if decodes {
                self.files.hide(&path);
            }
        }
        if let Some(path) = to.filter(|_| decodes).map(|to| self.path(&to)) {
            self.files.hide(&path);
        }
        let text = if decodes && line.name == "base64" { input.text.as_deref().and_then(inline::base64) } else { None };
        Flow { text, decoded: decodes, fetched: input.fetched, files, some: true, ..Flow::default() }
    }

    pub(super) fn cat(&mut self, line: &Line<'_>, input: &Flow) -> Flow {
        let mut flow = if line.positional.is_empty() { input.clone() } else { Flow { text: Some(String::new()), ..Flow::default() } };
        for file in line.positional.clone() {
            // A pager runs what it is told to begin with.
            if let Some(script) = file.text.strip_prefix("+!").filter(|_| line.name != "cat") {
                self.script(script, &Flow::default());
                continue;
            }
            self.reads(file);
            let path = self.path(file);
            let more = if path == "/dev/null" { Some("") } else { self.files.content(&path) };
            flow.text = flow.text.zip(more).map(|(all, more)| all + more);
            flow.fetched |= self.files.fetched(&path);
            flow.files.push(path);
        }
        if line.name != "cat" {
            flow.text = None;
        }
        flow.some = true;
        flow
    }
}

/// Tells whether a word is a subcommand of `openssl`, or a count, and so no file.
fn is_word_of_openssl(word: &str) -> bool {
    OPENSSL.contains(&word) || word.bytes().all(|b| b.is_ascii_digit())
}
