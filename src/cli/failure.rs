//! How a command ends when it does not succeed.

use crate::config::ConfigError;
use std::io;

/// Why a command failed, in words for whoever typed it, and with the exit code that goes with it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It was tried and did not work. Exit code 1.
    #[error("{0}")]
    Failed(String),
    /// It was not asked for in a way that could work. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The data file does not open with the key at hand. Exit code 2.
    #[error("{0}")]
    WrongKey(String),
    /// Everything has been said already.
    #[error("exit code {0}")]
    Exit(u8),
}

impl Failure {
    /// It was tried and did not work.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    /// It was not asked for in a way that could work.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// The exit code: 1 failed, 2 usage or wrong key.
    pub fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) | Self::WrongKey(_) => 2,
            Self::Exit(code) => *code,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<io::Error> for Failure {
    /// A reader that has gone away, as `head` does, is not worth a word.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Exit(0),
            _ => Self::Failed(error.to_string()),
        }
    }
}
