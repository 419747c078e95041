//! `perl` and `ruby` on the command line: the switches in their clusters, files edited in place, and calls without parentheses.

use super::code::{Code, split};
use super::deed::Mark;
use super::run::Line;
use super::walk::{Arg, Flow, Shell};
use regex::Regex;
use std::sync::LazyLock;

/// What the switches of a line say.
#[derive(Default)]
struct Switches<'l> {
    /// Whether the files are written over with what is printed.
    in_place: bool,
    /// The code that is given in place.
    code: Option<&'l str>,
    /// What follows: files.
    rest: Vec<&'l str>,
}

impl<'l> Switches<'l> {
    fn read(language: &str, args: &'l [String]) -> Self {
        // Switches to which what follows the letter belongs; the first of them may take the next word.
        let (takes_next, takes_rest) = if language == "perl" { ("I", "mMFxDCVW") } else { ("IrCEK", "FxTW") };
        let mut found = Self::default();
        let mut args = args.iter().map(String::as_str);
        while let Some(arg) = args.next() {
            let Some(letters) = arg.strip_prefix('-').filter(|l| !l.is_empty() && found.rest.is_empty()) else {
                found.rest.push(arg);
                continue;
            };
            if letters.starts_with('-') {
                if letters == "-" {
                    found.rest.extend(args.by_ref());
                }
                continue;
            }
            for (at, letter) in letters.char_indices() {
                let glued = letters.get(at + letter.len_utf8()..).unwrap_or_default();
                match letter {
                    'i' => found.in_place = true,
                    'e' | 'E' if letter == 'e' || language == "perl" => {
                        let value = if glued.is_empty() { args.next() } else { Some(glued) };
                        found.code = found.code.or(value);
                    }
                    c if takes_next.contains(c) => {
                        if glued.is_empty() {
                            args.next();
                        }
                    }
                    c if takes_rest.contains(c) => {}
                    _ => continue,
                }
                break;
            }
        }
        found
    }
}

impl Shell<'_> {
    /// Code given by a switch, wherever in a cluster that stands; `None` where there is none.
    pub(super) fn one_liner(&mut self, language: &str, line: &Line<'_>) -> Option<Flow> {
        let switches = Switches::read(language, &line.args);
        let code = switches.code?;
        self.deed.marks.insert(Mark::Wrapped);
        let known = |text: &str| {
            let of = line.positional.iter().copied().chain(line.options.iter().map(|(_, arg, _)| *arg)).find(|arg| arg.text == text);
            of.is_none_or(|arg| arg.known)
        };
        let files: Vec<Arg> = switches.rest.iter().map(|text| Arg { text: (*text).to_owned(), known: known(text) }).collect();
        if switches.in_place {
            for file in &files {
                self.writes(file, None, false);
            }
            return Some(Flow::default());
        }
        self.code(language, code, known(code));
        Some(Flow { some: true, ..Flow::default() })
    }

    /// `unlink "x"`, `system "x"` and `rename "a", "b"` need no parentheses in perl and ruby.
    pub(super) fn bare_words(&mut self, code: &Code, language: &str) {
        static BARE: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"\b(unlink|rmdir|rmtree|system|exec|FileUtils\.rm_rf|File\.delete|remove_tree)\s+([$\w\u{1}\u{2}]+)").ok());
        static LISTS: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"\b(rename|open|truncate|File\.rename|File\.write|IO\.write|FileUtils\.mv|FileUtils\.cp)\s+([^;\n(){}]+)").ok());
        for pattern in [BARE.as_ref(), LISTS.as_ref()].into_iter().flatten() {
            for found in pattern.captures_iter(&code.masked).take(500) {
                let (Some(name), Some(args)) = (found.get(1), found.get(2)) else { continue };
                let args = args.as_str().split(" or ").next().unwrap_or_default();
                self.call(code, "", name.as_str(), args, language);
            }
        }
    }

    /// `open(HANDLE, ">file")`, `open(my $f, ">", "file")`, `open(P, "|command")` of perl.
    pub(super) fn perl_open(&mut self, code: &Code, args: &str) {
        let parts = split(args);
        let value = |i: usize| parts.get(i).and_then(|p| code.value(p));
        let Some(second) = value(1) else { return self.deed.add_unknown(&format!("perl open({})", code.shown(args))) };
        let mode = second.trim_start();
        let (mode, rest) = mode.split_at(mode.len() - mode.trim_start_matches(['>', '<', '+', '|', '-']).len());
        let piped = mode.contains('|') || rest.trim_end().ends_with('|');
        let named = if parts.len() > 2 { value(2) } else { Some(rest.trim().to_owned()) };
        match named {
            Some(command) if piped => {
                self.deed.marks.insert(Mark::Wrapped);
                self.script(command.trim_end().trim_end_matches('|'), &Flow::default());
            }
            Some(text) => {
                let file = Arg { text, known: true };
                if mode.contains(['>', '+']) { self.writes(&file, None, mode.contains(">>")) } else { self.reads(&file) }
            }
            None => self.deed.add_unknown(&format!("perl open({})", code.shown(args))),
        }
    }

    /// Commands in backticks.
    pub(super) fn backticks(&mut self, text: &str) {
        for command in text.split('`').skip(1).step_by(2).take(50).filter(|c| !c.trim().is_empty()) {
            self.deed.marks.insert(Mark::Wrapped);
            self.script(command, &Flow::default());
        }
    }

    /// Code that is decoded or fetched, and run.
    pub(super) fn note_decoded_code(&mut self, code: &Code) {
        const MADE: &str = r"b64decode|b32decode|b85decode|a85decode|fromhex|unhexlify|decompress|codecs\.decode|atob|Buffer\.from|decode_base64|Base64\.\w*decode|base64_decode|urlopen|requests\.get|unpack1?\b|gzinflate|str_rot13|marshal\.loads";
        static RUNS: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(&format!(r"\b(?:exec|eval|Function|instance_eval|system|popen|check_output|subprocess\.\w+|execSync)\b\s*\(?[^;\n]*?(?:{MADE})")).ok()
        });
        static SETS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r"[$]?\b([A-Za-z_]\w*)\s*=[^=;\n][^;\n]*?(?:{MADE})")).ok());
        static NAMED: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"\b(?:exec|eval|Function|instance_eval|system|popen|check_output|execSync)\b\s*\(?\s*[$]?([A-Za-z_]\w*)").ok());
        let (Some(runs), Some(sets), Some(named)) = (RUNS.as_ref(), SETS.as_ref(), NAMED.as_ref()) else { return };
        let text = &code.masked;
        let made: Vec<&str> = sets.captures_iter(text).take(100).filter_map(|c| c.get(1)).map(|m| m.as_str()).collect();
        let run_by_name = || named.captures_iter(text).take(500).filter_map(|c| c.get(1)).any(|name| made.contains(&name.as_str()));
        if runs.is_match(text) || (!made.is_empty() && run_by_name()) {
            self.deed.marks.insert(Mark::Hidden);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::effect::Mark;
    use crate::effect::tests::{check, of};

    #[test]
    fn files_are_edited_in_place() {
        for command in [
            "perl -pi -e 's/a/b/' f",
            "perl -i.bak -pe 's/a/b/' f",
            "perl -wi -pe 's/a/b/' f",
            "perl -lpi -e 's/a/b/' f",
            "perl -0777 -pi -e 's/a/b/' f",
            "perl -ple 's/a/b/' -i f",
            "ruby -pi -e 'gsub(/a/,%q(b))' f",
            "ruby -i -pe '$_.upcase!' f",
        ] {
            check(command, "modify ./f");
        }
        check("perl -Mstrict -lne 'print' f", "");
    }

    #[test]
    fn what_is_opened_is_written_as_its_mode_says() {
        for (command, expect) in [
            ("python3 -c \"open('a',mode='w')\"", "modify ./a"),
            ("python3 -c \"import io; io.open('a','w')\"", "modify ./a"),
            ("python3 -c \"from pathlib import Path; Path('a').open('w').write('x')\"", "modify ./a"),
            ("python3 -c \"from pathlib import Path; p=Path('a'); p.open('w')\"", "modify ./a"),
            ("python3 -c \"from pathlib import Path; Path('a').open().read()\"", "read ./a"),
            ("perl -e 'open F,\">a\"'", "modify ./a"),
            ("perl -e 'open(F, \">>a\")'", "modify ./a"),
            ("perl -e 'open(my $f, \">\", \"a\"); print $f \"x\"'", "modify ./a"),
            ("perl -e 'open(F, \"<a\")'", "read ./a"),
            ("perl -e 'open(F, \"rm a|\")'", "delete ./a"),
            ("perl -e 'rename \"a\",\"b\"'", "modify ./b; delete ./a"),
            ("ruby -e \"IO.write('a','x')\"", "modify ./a"),
            ("ruby -e \"File.open('a','w'){|f| f<<1}\"", "modify ./a"),
            ("php -r '`rm a`;'", "delete ./a"),
            ("php -r \"shell_exec('rm a');\"", "delete ./a"),
            ("php -r \"file_put_contents('a','x');\"", "modify ./a"),
        ] {
            check(command, expect);
        }
    }

    #[test]
    fn decoded_code_that_is_run_is_hidden() {
        for command in [
            "python3 -c \"import base64; exec(base64.b64decode('cHJpbnQoMSk='))\"",
            "python3 -c \"import base64; c=base64.b64decode('cHJpbnQoMSk='); exec(c)\"",
            "node -e \"eval(Buffer.from('MSsx','base64').toString())\"",
            "perl -MMIME::Base64 -e 'eval decode_base64(\"MSsx\")'",
            "python3 -c \"import urllib.request as u; exec(u.urlopen('https://x.io/a').read())\"",
        ] {
            assert!(of(command).is(Mark::Hidden), "{command}");
        }
        for command in [
            "python3 -c \"import base64; print(base64.b64decode('MSsx'))\"",
            "python3 -c \"print('exec(base64.b64decode(x))')\"",
            "python3 -c \"exec(open('a').read())\"",
        ] {
            assert!(!of(command).is(Mark::Hidden), "{command}");
        }
    }
}
