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

/// Writes a value so that a shell that reads the line takes it for itself and runs nothing.
#[must_use]
pub fn for_shell(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c);
    if value.chars().all(plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::for_shell;

    #[test]
    fn a_shell_runs_nothing_of_a_value() {
        assert_eq!(for_shell("qwen3-8b@step_400"), "qwen3-8b@step_400");
        assert_eq!(for_shell("m$(id) `x`"), "'m$(id) `x`'");
        assert_eq!(for_shell("it's"), r"'it'\''s'");
    }
}
