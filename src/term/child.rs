//! Other programs: on the terminal, which must have been left, or fed with a text.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// Splits a command line such as `$EDITOR` into words, with quotes and backslashes as a shell has them; no shell is asked.
#[must_use]
pub fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quote, mut begun, mut escaped) = (None, false, false);
    for c in line.chars() {
        match (quote, c) {
            _ if escaped => {
                word.push(c);
                escaped = false;
            }
            (None | Some('"'), '\\') => {
                (escaped, begun) = (true, true);
            }
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => (quote, begun) = (Some(c), true),
            (None, c) if c.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (_, c) => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

/// Runs a program on the terminal with a file, and waits for it; fails where the program cannot be started.
pub fn run_on_terminal(line: &str, file: &Path) -> io::Result<ExitStatus> {
    let words = words(line);
    let Some((program, arguments)) = words.split_first() else {
        return Err(io::Error::new(io::ErrorKind::NotFound, "no program is named"));
    };
    Command::new(program).args(arguments).arg(file).status()
}

/// Runs a line of the shell with a text on its standard input and further variables; gives what it printed, and how it ended; fails where the
/// shell cannot be started.
pub fn pipe(line: &str, text: &str, variables: &[(&str, &OsStr)]) -> io::Result<(Vec<u8>, ExitStatus)> {
    let mut child =
        Command::new("sh").arg("-c").arg(line).envs(variables.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdin = child.stdin.take();
    let text = text.to_owned();
    // A program that does not read all of it closes the pipe, which is its right.
    let feeder = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(text.as_bytes())));
    let output = child.wait_with_output()?;
    let _ = feeder.join();
    let mut said = output.stdout;
    said.extend_from_slice(&output.stderr);
    Ok((said, output.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        assert_eq!(words("code  --wait"), ["code", "--wait"]);
        assert_eq!(words(r#"'my editor' "a b"c \"x"#), ["my editor", "a bc", "\"x"]);
        assert_eq!(words(" "), [""; 0]);
    }

    #[test]
    fn a_program_reads_the_text() {
        let (said, ended) = pipe("tr a-z A-Z; printf $WHOSE", "abc", &[("WHOSE", OsStr::new("own"))]).unwrap();
        assert_eq!((said.as_slice(), ended.success()), (b"ABCown".as_slice(), true));
        assert_eq!(pipe("exit 3", "x", &[]).unwrap().1.code(), Some(3));
    }
}
