//! How a command fails: what happened, and the exit code.

use crate::export::ExportError;
use crate::workspace::Error;
use std::io::IsTerminal;
use std::process::ExitCode;

/// A failure on its way to stderr.
#[derive(Debug)]
pub struct Fail {
    code: u8,
    message: String,
}

impl Fail {
    /// Wrong usage or configuration: exit 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: 2, message: message.into() }
    }

    /// Data that cannot be had: exit 3.
    pub fn data(message: impl Into<String>) -> Self {
        Self { code: 3, message: message.into() }
    }

    /// Tells whether it is about data that cannot be had.
    pub const fn is_of_data(&self) -> bool {
        self.code == 3
    }

    /// Gives the exit code.
    pub const fn code(&self) -> u8 {
        self.code
    }

    /// Gives what happened.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// A bug: exit 70.
    pub fn bug() -> Self {
        let message = "this is a bug of ours; please report it with the lines above. What was imported and decided before is kept";
        Self { code: 70, message: message.to_owned() }
    }

    /// Prints it and gives the exit code.
    #[allow(clippy::print_stderr)]
    pub fn report(self) -> ExitCode {
        if !self.message.is_empty() {
            let said = format!("ossia: {}", crate::text::clean_block(&self.message));
            let columns = std::io::stderr().is_terminal().then(|| usize::from(crate::term::size().0)).filter(|columns| *columns >= 40);
            eprintln!("{}", columns.map_or_else(|| said.clone(), |columns| super::wrapped::wrapped(&said, columns)));
        }
        ExitCode::from(self.code)
    }
}

impl From<Error> for Fail {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Query(_) | Error::NotFound { .. } | Error::Ambiguous { .. } | Error::Undecidable(_) | Error::Key(_) => 2,
            Error::Store(_) | Error::Journal(_) | Error::Exchange { .. } | Error::Index(_) | Error::Source { .. } => 3,
            Error::Export(e) => match **e {
                ExportError::Shape { .. } | ExportError::Definition(_) | ExportError::Continued { .. } => 2,
                ExportError::Strict { .. } | ExportError::Gate { .. } | ExportError::Empty | ExportError::Stopped => 1,
                ExportError::Staging(_) | ExportError::Spool { .. } => 3,
            },
            Error::Bundle(_) | Error::Overtaken | Error::Aside(_) => 3,
        };
        Self { code, message: error.to_string() }
    }
}

impl From<std::io::Error> for Fail {
    fn from(error: std::io::Error) -> Self {
        // A reader that closed the pipe has what it wanted.
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self { code: 0, message: String::new() };
        }
        Self::data(error.to_string())
    }
}
