//! How a command ends when it does not succeed.

use crate::config::ConfigError;
use serde_json::{Value, json};
use std::{fmt, io};

/// Why a command failed, in words for whoever typed it, and with the exit code that goes with it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It was tried and did not work. Exit code 1.
    #[error("{0}")]
    Failed(String),
    /// The server refused it. Exit code 1.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// It was not asked for in a way that could work. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The data file does not open with the key at hand. Exit code 2.
    #[error("{0}")]
    WrongKey(String),
    /// A program that was to take the place of this one did not start: exit code 126, or 127 if there is none of that name.
    #[error("{message}")]
    NotStarted {
        /// The exit code.
        code: u8,
        /// Which program, and why.
        message: String,
    },
    /// Everything has been said already.
    #[error("exit code {0}")]
    Exit(u8),
}

/// What a server said when it refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// Its own words.
    pub message: String,
    /// Its code: `secret_not_found`.
    pub code: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// Under which id the server's log has it.
    pub request_id: Option<String>,
    /// Seconds after which another try makes sense.
    pub retry_after_secs: Option<u32>,
}

impl fmt::Display for Refusal {
    /// `No secret at this path (secret_not_found, HTTP 404, request req_72)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (", self.message.replace(['\n', '\r'], " "))?;
        if let Some(code) = &self.code {
            write!(f, "{code}, ")?;
        }
        write!(f, "HTTP {}", self.status)?;
        if let Some(id) = &self.request_id {
            write!(f, ", request {id}")?;
        }
        if let Some(secs) = self.retry_after_secs {
            write!(f, ", try again in {secs} s")?;
        }
        f.write_str(")")
    }
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

    /// The same with words in front that say of what it is told: `infra/db: …`.
    pub fn of(self, what: &str) -> Self {
        let with = |message: String| format!("{what}: {message}");
        match self {
            Self::Failed(message) => Self::Failed(with(message)),
            Self::Usage(message) => Self::Usage(with(message)),
            Self::WrongKey(message) => Self::WrongKey(with(message)),
            Self::Refused(mut refusal) => {
                refusal.message = with(refusal.message);
                Self::Refused(refusal)
            }
            other => other,
        }
    }

    /// The exit code: 1 failed, 2 usage or wrong key; of a program that did not start 126 or 127.
    pub fn code(&self) -> u8 {
        match self {
            Self::Failed(_) | Self::Refused(_) => 1,
            Self::Usage(_) | Self::WrongKey(_) => 2,
            Self::NotStarted { code, .. } | Self::Exit(code) => *code,
        }
    }

    /// For programs: `{"error": {"code", "message", …}}`, with the server's own code if it was the server that refused.
    pub fn json(&self) -> Value {
        let code = match self {
            Self::Refused(refusal) => {
                return json!({ "error": {
                    "code": refusal.code.as_deref().unwrap_or("refused"),
                    "message": refusal.message,
                    "status": refusal.status,
                    "request_id": refusal.request_id,
                    "retry_after_seconds": refusal.retry_after_secs,
                }});
            }
            Self::Failed(_) | Self::Exit(_) => "failed",
            Self::Usage(_) => "usage",
            Self::WrongKey(_) => "wrong_key",
            Self::NotStarted { .. } => "not_started",
        };
        json!({ "error": { "code": code, "message": self.to_string() } })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_get_the_parts_and_people_a_line() {
        let refusal = Refusal {
            message: "No secret\nat this path".to_owned(),
            code: Some("secret_not_found".to_owned()),
            status: 404,
            request_id: Some("req_72".to_owned()),
            retry_after_secs: None,
        };
        let failure = Failure::Refused(Box::new(refusal)).of("a/b");
        assert_eq!(failure.to_string(), "a/b: No secret at this path (secret_not_found, HTTP 404, request req_72)");
        let error = failure.json();
        assert_eq!((&error["error"]["code"], &error["error"]["status"]), (&json!("secret_not_found"), &json!(404)));
        assert_eq!(Failure::usage("x").json(), json!({ "error": { "code": "usage", "message": "x" } }));
        assert_eq!(Failure::NotStarted { code: 127, message: String::new() }.code(), 127);
    }
}
