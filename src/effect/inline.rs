//! Code given in place to `python`, `node`, `perl` or `ruby`: what its plain calls do.

use super::calls::{self, Does};
use super::code::{Code, split};
use super::target;
use super::walk::{Arg, Flow, Shell};
use crate::model::Verb;
use regex::Regex;
use std::sync::LazyLock;

/// Code beyond this is not looked at.
const MOST_BYTES: usize = 1 << 20;

/// Gives the language of an interpreter, or of the end of a file name.
pub(super) fn language(name: &str) -> &'static str {
    match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "python" | "py" | "pypy" | "ipython" => "python",
        "node" | "nodejs" | "js" | "mjs" | "cjs" | "ts" | "bun" | "deno" | "tsx" => "node",
        "perl" | "pl" => "perl",
        "ruby" | "rb" => "ruby",
        "php" => "php",
        _ => "sh",
    }
}

/// Decodes base64; `None` where it is none or not text.
pub(super) fn base64(text: &str) -> Option<String> {
    let mut bits = 0_u32;
    let (mut have, mut out) = (0, Vec::new());
    for byte in text.bytes().filter(|b| !b.is_ascii_whitespace()).take(MOST_BYTES) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push(u8::try_from((bits >> have) & 0xff).unwrap_or(0));
        }
    }
    String::from_utf8(out).ok()
}

impl Shell<'_> {
    /// Looks at code by its calls.
    pub(super) fn inline(&mut self, language: &str, text: &str) {
        static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"([A-Za-z_][\w.]*)\s*\(([^()]*(?:\([^()]*\)[^()]*)?)").ok());
        static SET: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"(?m)(?:\b(?:const|let|var|my|for)\s+)?[$]?([A-Za-z_]\w*)\s*(?:=|\bin\b|\bof\b)\s*([^=\n;].*)").ok());
        let (Some(call), Some(set)) = (CALL.as_ref(), SET.as_ref()) else { return };
        if text.len() > MOST_BYTES {
            return self.deed.add_unknown(&format!("{language} …"));
        }
        let mut code = Code::read(text, language);
        for found in set.captures_iter(&code.masked.clone()).take(2000) {
            if let (Some(name), Some(value)) = (found.get(1), found.get(2))
                && let Some(known) = code.value(value.as_str())
            {
                code.names.insert(name.as_str().to_owned(), known);
            }
        }
        let masked = code.masked.clone();
        for found in call.captures_iter(&masked).take(5000) {
            let (Some(name), Some(args)) = (found.get(1), found.get(2)) else { continue };
            let near = (name.start().saturating_sub(200)..=name.start()).find(|i| masked.is_char_boundary(*i)).unwrap_or(0);
            let before = masked.get(near..name.start()).unwrap_or_default();
            self.call(&code, before, name.as_str(), args.as_str(), language);
            // Calls among the arguments are seen by themselves.
            for inner in call.captures_iter(args.as_str()).take(16) {
                if let (Some(name), Some(inner_args)) = (inner.get(1), inner.get(2)) {
                    self.call(&code, args.as_str().get(..name.start()).unwrap_or_default(), name.as_str(), inner_args.as_str(), language);
                }
            }
        }
        if matches!(language, "perl" | "ruby") {
            self.bare_words(&code, language);
        }
        if matches!(language, "perl" | "ruby" | "php") {
            self.backticks(text);
        }
        self.note_decoded_code(&code);
        self.environment(&code);
        self.deed.told = true;
    }

    /// Notes what code reads of its environment: a variable that holds a secret by its name, or all of them.
    fn environment(&mut self, code: &Code) {
        static READS: LazyLock<Option<Regex>> = LazyLock::new(|| {
            let name = r"(?:\x01(\d+)\x02|([A-Za-z_]\w*))";
            Regex::new(&format!(r"(?:\bos\.environ|\bprocess\.env|\bDeno\.env|\$?\bENV)\b(?:\s*(?:\[|\.get\(|\.fetch\(|\{{|\.)\s*{name})?|\bgetenv\(\s*{name}"))
                .ok()
        });
        let Some(reads) = READS.as_ref() else { return };
        for found in reads.captures_iter(&code.masked).take(64) {
            let literal = found.get(1).or_else(|| found.get(3)).and_then(|n| code.value(&format!("\u{1}{}\u{2}", n.as_str())));
            let name = literal.or_else(|| found.get(2).or_else(|| found.get(4)).map(|name| name.as_str().to_owned()));
            match name {
                Some(name) if target::secret_variable(&name) => self.deed.add(Verb::Read, format!("secret:{name}"), self.sure),
                Some(name) if !matches!(name.as_str(), "items" | "values" | "copy") => {}
                _ => self.deed.add(Verb::Read, "secret:env", self.sure),
            }
        }
    }

    pub(super) fn call(&mut self, code: &Code, before: &str, name: &str, args: &str, language: &str) {
        // `open` of a path is a method of it.
        let opens_receiver =
            language != "perl" && name.ends_with(".open") && calls::find(name).is_none() && code.value(name.trim_end_matches(".open")).is_some();
        let Some(does) = calls::find(name).or(opens_receiver.then_some(Does::Open)) else {
            if !calls::is_harmless(name) && !before.trim_end().ends_with("def") && !before.trim_end().ends_with("class") {
                self.deed.add_unknown(&format!("{language} {name}({})", code.shown(args.trim())));
            }
            return;
        };
        // `Path("x").unlink()` names its file before the dot; `d.rmdir()` in its variable.
        let receiver = || {
            let head = if name.contains('.') {
                name.rsplit_once('.').map(|(head, _)| head.to_owned())
            } else {
                before.trim_end_matches('.').rsplit_once("Path(").map(|(_, inner)| inner.trim_end_matches(')').to_owned())
            };
            head.filter(|h| !matches!(h.as_str(), "fs" | "os" | "shutil" | "self" | "fsp" | "fs.promises")).and_then(|h| code.value(&h))
        };
        let parts = split(args);
        let arg = |i: usize| -> Arg {
            let value = if i == 9 { receiver() } else { parts.get(i).and_then(|p| code.value(p)).or_else(|| if i == 0 { receiver() } else { None }) };
            value.map_or_else(|| Arg { text: code.shown(&format!("{name}({args})")), known: false }, |text| Arg { text, known: true })
        };
        match does {
            Does::Effect(Verb::Read, i) => self.reads(&arg(i)),
            Does::Effect(verb @ (Verb::Delete | Verb::Create), i) => {
                let arg = arg(i);
                let path = self.path(&arg);
                self.files.forget(&path);
                self.deed.add(verb, path, self.sure && arg.known);
            }
            Does::Effect(_, i) => self.writes(&arg(i), None, false),
            Does::Move | Does::Copy => {
                let from = arg(0);
                if matches!(does, Does::Move) {
                    let path = self.path(&from);
                    self.deed.add(Verb::Delete, path, self.sure && from.known);
                } else {
                    self.reads(&from);
                }
                self.writes(&arg(1), None, false);
            }
            Does::Open if language == "perl" => self.perl_open(code, args),
            Does::Open => {
                let method = opens_receiver || (name == "open" && before.trim_end().ends_with('.'));
                let (file, place) = if method { (arg(9), 0) } else { (arg(0), 1) };
                let named = parts.iter().find_map(|p| p.trim().strip_prefix("mode")?.trim_start().strip_prefix('='));
                let mode = named.or_else(|| parts.get(place).map(String::as_str)).and_then(|p| code.value(p)).unwrap_or_default();
                if mode.contains(['w', 'a', 'x', '+', '>']) { self.writes(&file, None, mode.contains('a')) } else { self.reads(&file) }
            }
            Does::Shell => self.call_shell(code, args, &parts),
            Does::Request | Does::Post | Does::Delete => {
                let url = arg(0);
                let sends = matches!(does, Does::Post)
                    || parts.iter().skip(1).any(|p| ["data", "json", "files", "body", "auth", "Authorization", "method"].iter().any(|k| p.contains(k)));
                let verb = if matches!(does, Does::Delete) {
                    Verb::Delete
                } else if sends {
                    Verb::Send
                } else {
                    Verb::Fetch
                };
                let place = target::url(&url.text).map(|(host, path)| host + &path);
                if sends && let Some((host, _)) = target::url(&url.text) {
                    self.deed.sendings.push(super::deed::Sending { host, files: Vec::new(), text: code.shown(args) });
                }
                self.deed.add(verb, place.clone().unwrap_or_else(|| format!("?{}", url.text)), self.sure && place.is_some());
            }
        }
    }

    fn call_shell(&mut self, code: &Code, args: &str, parts: &[String]) {
        self.deed.marks.insert(super::deed::Mark::Wrapped);
        let list = args.trim().starts_with('[').then(|| args.trim().trim_start_matches('[').split(']').next().unwrap_or_default());
        if let Some(list) = list {
            let words: Option<Vec<Arg>> = split(list).iter().map(|p| code.value(p).map(|text| Arg { text, known: true })).collect();
            match words {
                Some(words) => drop(self.run_words(&words, &Flow::default())),
                None => self.deed.add_unknown(&code.shown(args)),
            }
            return;
        }
        // A program and its words, in a list or one after the other.
        let listed = parts.get(1).and_then(|second| second.trim().strip_prefix('[')?.split(']').next());
        let words = match listed {
            Some(rest) if rest.trim().is_empty() => None,
            Some(rest) => {
                Some(parts.iter().take(1).map(String::as_str).chain(split(rest).iter().map(String::as_str)).map(|p| code.value(p)).collect::<Vec<_>>())
            }
            None if parts.len() > 1 && parts.iter().all(|p| p.trim().starts_with('\u{1}')) => Some(parts.iter().map(|p| code.value(p)).collect()),
            None => None,
        };
        if let Some(words) = words {
            match words.into_iter().collect::<Option<Vec<String>>>() {
                Some(words) => drop(self.run_words(&words.into_iter().map(|text| Arg { text, known: true }).collect::<Vec<_>>(), &Flow::default())),
                None => self.deed.add_unknown(&code.shown(args)),
            }
            return;
        }
        match parts.first().and_then(|p| code.value(p)) {
            Some(script) => drop(self.script(&script, &Flow::default())),
            None => self.deed.add_unknown(&code.shown(args)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::effect::tests::check;

    #[test]
    fn secrets_of_the_environment_are_read_in_any_language() {
        check("python -c \"import os; print(os.environ['AWS_SECRET_ACCESS_KEY'])\"", "read secret:AWS_SECRET_ACCESS_KEY");
        check("python -c \"import os; print(os.environ.get('API_TOKEN'), os.getenv('HOME'))\"", "read secret:API_TOKEN");
        check("python -c \"import os; print(dict(os.environ))\"", "read secret:env");
        check("python -c \"import os; print(os.environ['HOME'])\"", "");
        check("node -e 'console.log(process.env.NPM_TOKEN)'", "read secret:NPM_TOKEN");
        check("node -p 'process.env'", "read secret:env");
        check("ruby -e 'puts ENV[\"DB_PASSWORD\"]'", "read secret:DB_PASSWORD");
    }
}
