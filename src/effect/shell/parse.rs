//! The grammar: lists, pipelines and compound commands.

use super::tree::{Direction, Doc, Node, Piece, Redirect, Simple, Tree, Word};

/// Nesting beyond this is passed over; people and agents stay below ten.
pub(super) const MAX_DEPTH: u32 = 40;
/// The furthest that a look ahead reads, in bytes.
pub(super) const MAX_LOOK: usize = 4096;

/// Reads a text by the grammar.
pub(super) struct Parser<'a> {
    pub text: &'a str,
    pub at: usize,
    pub depth: u32,
    pub whole: bool,
    pub docs: Vec<Doc>,
    pub waiting: Vec<Waiting>,
}

/// A here-document whose lines come after the end of the line.
pub(super) struct Waiting {
    pub index: usize,
    pub end: String,
    pub strip_tabs: bool,
    pub literal: bool,
}

/// Parses a command.
#[must_use]
pub fn parse(text: &str) -> Tree {
    let mut parser = Parser { text, at: 0, depth: 0, whole: true, docs: Vec::new(), waiting: Vec::new() };
    let body = parser.list(&[]);
    parser.read_docs();
    Tree { body, docs: parser.docs, whole: parser.whole }
}

impl Parser<'_> {
    /// Reads commands up to one of the closing words (or `)`), which is left standing, or to the end.
    pub(super) fn list(&mut self, closing: &[&str]) -> Vec<Node> {
        let mut nodes = Vec::new();
        if self.depth >= MAX_DEPTH {
            self.whole = false;
            self.at = self.text.len();
            return nodes;
        }
        self.depth += 1;
        loop {
            self.skip_separators();
            if self.at >= self.text.len() {
                self.whole &= closing.is_empty();
                break;
            }
            if closing.iter().any(|word| self.stands(word)) {
                break;
            }
            let before = self.at;
            nodes.extend(self.chain());
            if self.at == before {
                self.whole = false;
                self.step();
            }
        }
        self.depth -= 1;
        nodes
    }

    fn chain(&mut self) -> Option<Node> {
        let mut parts = vec![(false, self.pipeline()?)];
        loop {
            self.skip_blanks();
            let or = self.rest().starts_with("||");
            if !or && !self.rest().starts_with("&&") {
                break;
            }
            self.at += 2;
            self.skip_separators_but_semicolons();
            match self.pipeline() {
                Some(node) => parts.push((or, node)),
                None => {
                    self.whole = false;
                    break;
                }
            }
        }
        if parts.len() == 1 { parts.pop().map(|(_, node)| node) } else { Some(Node::Chain(parts)) }
    }

    fn pipeline(&mut self) -> Option<Node> {
        loop {
            self.skip_blanks();
            if self.stands("!") {
                self.at += 1;
            } else if self.stands("coproc") {
                self.at += 6;
            } else if self.stands("time")
                && !self.rest().get(4..).is_some_and(|after| after.trim_start().starts_with('-') && !after.trim_start().starts_with("-p"))
            {
                // With other options it is the program of that name.
                self.at += 4;
                self.skip_blanks();
                if self.stands("-p") {
                    self.at += 2;
                }
            } else {
                break;
            }
        }
        let mut stages = vec![self.command()?];
        loop {
            self.skip_blanks();
            let rest = self.rest();
            if !rest.starts_with('|') || rest.starts_with("||") {
                break;
            }
            self.at += if rest.starts_with("|&") { 2 } else { 1 };
            self.skip_separators_but_semicolons();
            match self.command() {
                Some(node) => stages.push(node),
                None => {
                    self.whole = false;
                    break;
                }
            }
        }
        if stages.len() == 1 { stages.pop() } else { Some(Node::Pipeline(stages)) }
    }

    fn command(&mut self) -> Option<Node> {
        self.skip_blanks();
        if self.rest().starts_with("((")
            && let Some(end) = self.arithmetic_end(self.at + 2)
        {
            let inside = self.text.get(self.at + 2..end.saturating_sub(2)).unwrap_or_default();
            self.at = end;
            let mut word = Word::default();
            self.inner(inside, |parser, word| parser.double_quoted(word, None), &mut word);
            return Some(Node::Group { body: looked_at(vec![word]), subshell: true, redirects: self.redirects() });
        }
        if self.rest().starts_with('(') {
            self.at += 1;
            let body = self.list(&[")"]);
            self.close(")");
            return Some(Node::Group { body, subshell: true, redirects: self.redirects() });
        }
        let keyword = ["{", "if", "while", "until", "for", "select", "case", "function", "[["].into_iter().find(|word| self.stands(word));
        let Some(keyword) = keyword else { return self.simple_or_function() };
        self.at += keyword.len();
        Some(match keyword {
            "{" => {
                let body = self.list(&["}"]);
                self.close("}");
                Node::Group { body, subshell: false, redirects: self.redirects() }
            }
            "if" => self.branches(),
            "while" | "until" => {
                let test = self.list(&["do"]);
                self.close("do");
                let arms = vec![self.body_until_done()];
                Node::Perhaps { test, arms, redirects: self.redirects() }
            }
            "for" | "select" => self.each(),
            "case" => self.case(),
            "function" => {
                self.skip_blanks();
                let name = self.word().and_then(|w| w.bare().map(str::to_owned)).unwrap_or_default();
                self.skip_blanks();
                if self.rest().starts_with("()") {
                    self.at += 2;
                }
                return self.function(name);
            }
            _ => self.test(),
        })
    }

    fn branches(&mut self) -> Node {
        let mut test = self.list(&["then"]);
        self.close("then");
        let mut arms = vec![self.list(&["elif", "else", "fi"])];
        while self.stands("elif") {
            self.at += 4;
            test.extend(self.list(&["then"]));
            self.close("then");
            arms.push(self.list(&["elif", "else", "fi"]));
        }
        if self.stands("else") {
            self.at += 4;
            arms.push(self.list(&["fi"]));
        }
        self.close("fi");
        Node::Perhaps { test, arms, redirects: self.redirects() }
    }

    fn each(&mut self) -> Node {
        self.skip_blanks();
        if self.rest().starts_with("((") {
            self.at = self.arithmetic_end(self.at + 2).unwrap_or(self.at + 2);
            self.skip_separators();
            self.close("do");
            let arms = vec![self.body_until_done()];
            return Node::Perhaps { test: Vec::new(), arms, redirects: self.redirects() };
        }
        let name = self.word().and_then(|w| w.bare().map(str::to_owned)).unwrap_or_default();
        self.skip_separators();
        let words = self.stands("in").then(|| {
            self.at += 2;
            std::iter::from_fn(|| {
                self.skip_blanks();
                self.word()
            })
            .collect()
        });
        self.skip_separators();
        self.close("do");
        let body = self.body_until_done();
        Node::Each { name, words, body, redirects: self.redirects() }
    }

    fn body_until_done(&mut self) -> Vec<Node> {
        let body = self.list(&["done"]);
        self.close("done");
        body
    }

    fn case(&mut self) -> Node {
        self.skip_blanks();
        let test = looked_at(self.word().into_iter().collect());
        self.skip_separators();
        self.close("in");
        let mut arms = Vec::new();
        loop {
            self.skip_separators();
            if self.at >= self.text.len() || self.stands("esac") {
                break;
            }
            // The patterns up to the parenthesis.
            let before = self.at;
            if self.rest().starts_with('(') {
                self.at += 1;
            }
            while self.word().is_some() {
                self.skip_blanks();
                if self.rest().starts_with('|') {
                    self.at += 1;
                    self.skip_blanks();
                }
            }
            self.skip_blanks();
            if self.rest().starts_with(')') {
                self.at += 1;
                arms.push(self.list(&[";;", ";&", "esac"]));
                while self.rest().starts_with([';', '&']) {
                    self.at += 1;
                }
            } else if self.at == before {
                self.whole = false;
                self.step();
            }
        }
        self.close("esac");
        Node::Perhaps { test, arms, redirects: self.redirects() }
    }

    /// `[[ … ]]` reads no more than its words.
    fn test(&mut self) -> Node {
        let mut words = Vec::new();
        loop {
            self.skip_separators_but_semicolons();
            if self.at >= self.text.len() || self.stands("]]") {
                break;
            }
            match self.word() {
                Some(word) => words.push(word),
                None => self.step(),
            }
        }
        self.close("]]");
        Node::Group { body: looked_at(words), subshell: true, redirects: self.redirects() }
    }

    fn simple_or_function(&mut self) -> Option<Node> {
        let mut simple = Simple::default();
        let start = self.at;
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect() {
                simple.redirects.push(redirect);
                continue;
            }
            if simple.words.is_empty()
                && let Some(assign) = self.assignment()
            {
                simple.assigns.push(assign);
                continue;
            }
            let Some(word) = self.word() else { break };
            simple.words.push(word);
            if simple.words.len() == 1 && simple.assigns.is_empty() && self.rest().trim_start_matches([' ', '\t']).starts_with("()") {
                self.skip_blanks();
                self.at += 2;
                let name = simple.words.pop().and_then(|w| w.bare().map(str::to_owned)).unwrap_or_default();
                return self.function(name);
            }
        }
        (self.at > start && (!simple.words.is_empty() || !simple.assigns.is_empty() || !simple.redirects.is_empty())).then_some(Node::Simple(simple))
    }

    fn function(&mut self, name: String) -> Option<Node> {
        self.skip_separators_but_semicolons();
        if self.depth >= MAX_DEPTH {
            self.whole = false;
            self.at = self.text.len();
            return None;
        }
        self.depth += 1;
        let body = self.command();
        self.depth -= 1;
        body.map(|body| Node::Function { name, body: Box::new(body) })
    }

    fn redirects(&mut self) -> Vec<Redirect> {
        std::iter::from_fn(|| {
            self.skip_blanks();
            self.redirect()
        })
        .collect()
    }

    fn redirect(&mut self) -> Option<Redirect> {
        const OPERATORS: &[(&str, Direction)] = &[
            ("<<<", Direction::HereString),
            ("<<", Direction::HereDoc(0)),
            ("<>", Direction::Both),
            ("<&", Direction::Duplicate),
            ("<", Direction::Read),
            (">>", Direction::Append),
            (">&", Direction::Duplicate),
            (">|", Direction::Write),
            (">", Direction::Write),
            ("&>>", Direction::Append),
            ("&>", Direction::Write),
        ];
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let after = rest.get(digits..)?;
        if after.starts_with("<(") || after.starts_with(">(") {
            return None;
        }
        let (operator, direction) = OPERATORS.iter().find(|(operator, _)| after.starts_with(operator) && (digits == 0 || !operator.starts_with('&')))?;
        let fd = rest.get(..digits).and_then(|n| n.parse().ok());
        self.at += digits + operator.len();
        let mut direction = *direction;
        if let Direction::HereDoc(_) = direction {
            let strip_tabs = self.rest().starts_with('-');
            self.at += usize::from(strip_tabs);
            self.skip_blanks();
            direction = Direction::HereDoc(self.docs.len());
            let (end, literal) = self.delimiter();
            self.waiting.push(Waiting { index: self.docs.len(), end, strip_tabs, literal });
            self.docs.push(Doc::default());
            return Some(Redirect { fd, direction, target: Word::default() });
        }
        self.skip_blanks();
        let target = self.word().unwrap_or_else(|| {
            self.whole = false;
            Word::default()
        });
        // `>& file` writes both streams; `>&2` copies a descriptor.
        if direction == Direction::Duplicate && target.bare().is_none_or(|t| !t.trim_end_matches('-').bytes().all(|b| b.is_ascii_digit())) {
            direction = Direction::Write;
        }
        Some(Redirect { fd, direction, target })
    }

    fn close(&mut self, word: &str) {
        self.skip_separators();
        if self.stands(word) {
            self.at += word.len();
        } else {
            self.whole = false;
        }
    }
}

/// Makes a command that does nothing itself of words in which others are substituted.
fn looked_at(words: Vec<Word>) -> Vec<Node> {
    let runs =
        words.iter().any(|word| word.pieces.iter().any(|piece| matches!(piece, Piece::Output(_) | Piece::Pipe(_) | Piece::Variable { default: Some(_), .. })));
    let mut named = Word::default();
    named.push(":", false);
    if runs { vec![Node::Simple(Simple { words: std::iter::once(named).chain(words).collect(), ..Simple::default() })] } else { Vec::new() }
}
