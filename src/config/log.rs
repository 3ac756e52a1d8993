//! `[log]`: the log on stderr.

use super::Checks;
use serde::{Deserialize, Serialize};
use tracing_subscriber::filter::Targets;

/// The form of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Words in a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// One JSON object, for machines.
    Json,
    /// Words, for people.
    Text,
}

impl LogFormat {
    /// JSON or words, in a terminal or elsewhere.
    #[must_use]
    pub const fn of(self, terminal: bool) -> Self {
        match self {
            Self::Auto if terminal => Self::Text,
            Self::Auto => Self::Json,
            chosen => chosen,
        }
    }
}

/// The log on stderr.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// The form of a line.
    pub format: LogFormat,
    /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, or per module: `info,scaistack::store=debug`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::default(), level: "info".to_owned() }
    }
}

impl Log {
    pub(super) fn check(&self, checks: &mut Checks) {
        // A word that is no level would be read as the name of a module.
        let word = self.level.chars().all(|c| c.is_ascii_alphabetic());
        let level = self.level.parse::<tracing::level_filters::LevelFilter>().is_ok();
        if word && !level || self.level.parse::<Targets>().is_err() {
            checks.refuse(
                "log.level",
                "must be error, warn, info, debug, trace or off, or per module: info,scaistack::store=debug",
            );
        }
    }
}
