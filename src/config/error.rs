//! Why there is no configuration.

use std::fmt;
use std::path::PathBuf;

/// Where a value was set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it is built in.
    #[default]
    Default,
    /// In a file, at this line (the first is 1).
    File {
        /// The path of the file.
        path: PathBuf,
        /// The number of the line.
        line: usize,
    },
    /// In this variable of the environment.
    Environment(String),
    /// In this flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("built-in default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// One value that is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where it was set.
    pub origin: Origin,
    /// The key: `server.listen`.
    pub key: String,
    /// The rule, as the rest of a sentence that begins with the key.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.origin, self.key, self.message)
    }
}

/// Why there is no configuration. Its text is for the operator, one line per fault.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The path of the file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file that is no TOML, or a key of another kind than it should be.
    #[error("{origin}: {message}")]
    Syntax {
        /// The file and the line, the variable or the flag.
        origin: Origin,
        /// What is wrong.
        message: String,
    },
    /// A key or variable that does not exist.
    #[error("{origin}: unknown {name}{}", hint.as_ref().map(|hint| format!("; did you mean {hint}?")).unwrap_or_default())]
    Unknown {
        /// The file and the line, the variable or the flag.
        origin: Origin,
        /// What it is: `key server.lisen`, `section [sever]`, `setting`.
        name: String,
        /// The one that comes nearest, if one comes near.
        hint: Option<String>,
    },
    /// Values that are not acceptable.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Invalid(Vec<Violation>),
}
