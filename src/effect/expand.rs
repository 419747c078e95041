//! Expansion of words: variables that are known, substitutions, braces.

use super::run::MOST_FILES;
use super::shell::{Piece, Word};
use super::walk::{Arg, Context, Flow, HIDDEN, Shell};

/// Words that braces may make of one.
const MOST_BRACES: usize = 64;

impl Shell<'_> {
    /// Expands a word into arguments; commands substituted in it run.
    pub(super) fn expand<'t>(&mut self, word: &'t Word, context: &mut Context<'t>) -> Vec<Arg> {
        if let Some(text) = word.bare() {
            return braces(text).into_iter().map(|text| Arg { text, known: true }).collect();
        }
        let mut args = vec![Arg { text: String::new(), known: true }];
        let mut any = false;
        for piece in &word.pieces {
            match piece {
                Piece::Text { text, .. } => {
                    any = true;
                    push(&mut args, text, true);
                }
                Piece::Variable { name, default, quoted, changed } => {
                    self.poured.extend(self.held.get(name).into_iter().flatten().cloned());
                    let fallback = default.as_ref().map(|word| self.expand(word, context));
                    let value = self.variable(name).or_else(|| fallback.filter(|f| f.iter().all(|a| a.known)).map(joined)).filter(|_| !changed);
                    match value {
                        Some(value) if *quoted => push(&mut args, &value, true),
                        Some(value) => {
                            for (i, part) in value.split_whitespace().take(256).enumerate() {
                                if i > 0 {
                                    args.push(Arg { text: String::new(), known: true });
                                }
                                push(&mut args, part, true);
                                any = true;
                            }
                        }
                        None => {
                            any = true;
                            push(&mut args, &format!("${name}"), false);
                        }
                    }
                    any |= quoted;
                }
                Piece::Output(body) => {
                    any = true;
                    let (cwd, vars) = (self.cwd.clone(), self.vars.clone());
                    let flow = self.nodes(body, context, &Flow::default());
                    (self.cwd, self.vars) = (cwd, vars);
                    self.poured.extend(flow.files.iter().take(MOST_FILES).cloned());
                    let hidden = flow.fetched || flow.decoded;
                    match flow.text {
                        Some(text) => {
                            let text = text.trim_end_matches('\n');
                            if hidden && !text.trim().is_empty() && self.hidden.len() < MOST_FILES {
                                self.hidden.push(text.trim().to_owned());
                            }
                            push(&mut args, text, true);
                        }
                        None => push(&mut args, if hidden { HIDDEN } else { "$(…)" }, false),
                    }
                }
                Piece::Pipe(body) => {
                    any = true;
                    let flow = self.nodes(body, context, &Flow::default());
                    // What a program reads out of a pipe of commands is as hidden as what is piped into it.
                    push(&mut args, if flow.fetched || flow.decoded { "<(fetched)" } else { "<(…)" }, false);
                }
                Piece::Unknown(text) => {
                    any = true;
                    push(&mut args, text, false);
                }
            }
        }
        if any { args } else { Vec::new() }
    }

    fn variable(&self, name: &str) -> Option<String> {
        match self.vars.get(name) {
            Some(value) => value.clone(),
            None => match name {
                "PWD" => self.cwd.clone(),
                "HOME" => self.home.clone(),
                "TMPDIR" => Some("/tmp".to_owned()),
                "PATH" => Some("/usr/local/bin:/usr/bin:/bin".to_owned()),
                "IFS" => Some(String::new()),
                _ => None,
            },
        }
    }
}

fn joined(args: Vec<Arg>) -> String {
    args.into_iter().map(|a| a.text).collect::<Vec<_>>().join(" ")
}

fn push(args: &mut [Arg], text: &str, known: bool) {
    if let Some(last) = args.last_mut() {
        last.text.push_str(text);
        last.known &= known;
    }
}

/// Makes several words of `a{b,c}d`, as the shell does.
fn braces(text: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut open = vec![text.to_owned()];
    while let Some(text) = open.pop() {
        let group = text.find('{').and_then(|from| text[from..].find('}').map(|to| (from, from + to))).filter(|(from, to)| text[*from..*to].contains(','));
        match group {
            Some((from, to)) if done.len() + open.len() < MOST_BRACES && !text[from + 1..to].contains('{') => {
                for part in text[from + 1..to].split(',').rev() {
                    open.push(format!("{}{part}{}", &text[..from], &text[to + 1..]));
                }
            }
            _ => done.push(text),
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_make_words() {
        assert_eq!(braces("a{b,c}d{e,f}"), ["abde", "abdf", "acde", "acdf"]);
        assert_eq!(braces("{}"), ["{}"]);
        assert_eq!(braces("x{a,b{c,d}}").len(), 1);
        assert!(braces(&"{a,b}".repeat(30)).len() <= MOST_BRACES + 1);
    }
}
