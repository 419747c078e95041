//! A shell command as a tree: lists, pipelines, compound commands, and words with what they substitute.

/// A whole script and the texts of its here-documents.
#[derive(Debug, Default)]
pub struct Tree {
    /// The commands, in order.
    pub body: Vec<Node>,
    /// Here-documents, by the index that their redirections hold.
    pub docs: Vec<Doc>,
    /// Whether all of the text was understood.
    pub whole: bool,
}

/// The text of a here-document.
#[derive(Debug, Default)]
pub struct Doc {
    /// Its lines as they will be read; `None` until the end of the document was found.
    pub word: Option<Word>,
}

/// One command of whatever form.
#[derive(Debug)]
pub enum Node {
    /// A simple command.
    Simple(Simple),
    /// Commands whose outputs run into each other.
    Pipeline(Vec<Self>),
    /// `a && b || c`: each with whether it follows `||`.
    Chain(Vec<(bool, Self)>),
    /// `{ … }` or `( … )`.
    Group {
        /// The commands inside.
        body: Vec<Self>,
        /// Whether `cd` and variables stay inside.
        subshell: bool,
        /// Redirections of the whole.
        redirects: Vec<Redirect>,
    },
    /// `if`, `case`, `while`, `until`: what is tested runs, the arms may.
    Perhaps {
        /// What runs in any case.
        test: Vec<Self>,
        /// What may run.
        arms: Vec<Vec<Self>>,
        /// Redirections of the whole.
        redirects: Vec<Redirect>,
    },
    /// `for name in words`.
    Each {
        /// The variable.
        name: String,
        /// Its values; `None` for the arguments of the script.
        words: Option<Vec<Word>>,
        /// What runs for each.
        body: Vec<Self>,
        /// Redirections of the whole.
        redirects: Vec<Redirect>,
    },
    /// A function is defined; it does nothing until it is called.
    Function {
        /// Its name.
        name: String,
        /// Its body.
        body: Box<Self>,
    },
}

/// A simple command: assignments, words, redirections.
#[derive(Debug, Default)]
pub struct Simple {
    /// Variables set before it, or by it alone.
    pub assigns: Vec<(String, Word)>,
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// Redirections.
    pub redirects: Vec<Redirect>,
}

/// What a redirection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `<`
    Read,
    /// `>`, `>|`, `&>`
    Write,
    /// `>>`, `&>>`
    Append,
    /// `<>`
    Both,
    /// `>&2`, `<&3`
    Duplicate,
    /// `<<<`
    HereString,
    /// `<<`, with the index of the document.
    HereDoc(usize),
}

/// A redirection.
#[derive(Debug)]
pub struct Redirect {
    /// The descriptor, where one is written.
    pub fd: Option<u32>,
    /// What it does.
    pub direction: Direction,
    /// To or from where.
    pub target: Word,
}

/// A word: pieces of text and substitutions.
#[derive(Debug, Default)]
pub struct Word {
    /// Its pieces.
    pub pieces: Vec<Piece>,
}

/// A piece of a word.
#[derive(Debug)]
pub enum Piece {
    /// Text as it stands.
    Text {
        /// The text, without its quotes.
        text: String,
        /// Whether it was quoted, so that it is neither split nor a pattern.
        quoted: bool,
    },
    /// A variable.
    Variable {
        /// Its name.
        name: String,
        /// What stands for it if it is unset (`${x:-word}`).
        default: Option<Word>,
        /// Whether it stands in quotes.
        quoted: bool,
        /// Whether it is changed on the way (`${x%…}`), so that its value is not known.
        changed: bool,
    },
    /// `$( … )` or backticks.
    Output(Vec<Node>),
    /// `<( … )` or `>( … )`: the path of a pipe to or from commands.
    Pipe(Vec<Node>),
    /// What has no value that could be told: arithmetic.
    Unknown(String),
}

impl Word {
    /// Gives the text of a word that holds nothing but unquoted text: what keywords are.
    #[must_use]
    pub fn bare(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text { text, quoted: false }] => Some(text),
            _ => None,
        }
    }
}
