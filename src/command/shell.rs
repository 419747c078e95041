//! What only the shell does, as the palette offers it: each line is run by `:!`, with the workspace and the reviewer of the screen.

/// A line of the shell, and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShellLine {
    /// What stands behind `ossia`.
    pub line: &'static str,
    /// What it does.
    pub doc: &'static str,
}

macro_rules! lines {
    ($($line:literal | $doc:literal)+) => {
        /// Every line.
        pub const SHELL: &[ShellLine] = &[$(ShellLine { line: $line, doc: $doc }),+];
    };
}

lines! {
    "journal export"       | "Write your decisions to a file for another reviewer: name the FILE"
    "journal import"       | "Take in the decisions of another reviewer: name the FILE; what differs waits in the queue `disputed`"
    "agree"                | "Say how far reviewers agree, question by question"
    "audit sample plan"    | "Sample what no detector saw: declare how many fields are read; --size N"
    "audit sample draw"    | "Print the fields of a plan to be read: name the PLAN"
    "audit sample read"    | "Say which fields of a plan hold something: the PLAN, then the UNITs"
    "audit certify"        | "Sign the audit off, or see what stands against it"
    "audit certify --approve" | "Approve as a second person what a reviewer signed: --reviewer NAME --confirm TEXT"
    "audit certify --show" | "Show the last certificate; --out DIR writes it as files"
    "rewrite"              | "Write the better passage for a turn: TARGET --text TEXT"
    "verify"               | "Check a bundle: name its folder"
    "trace"                | "Tell the whole history of a row: BUNDLE FILE:LINE"
    "backup"               | "Copy the store into one file: name the FILE"
    "doctor"               | "Check store, journal and index"
}
