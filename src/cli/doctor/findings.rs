//! What was looked at.

use serde_json::{Value, json};

/// How something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ok,
    Warning,
    Bad,
}

/// What was looked at, and how it was found.
#[derive(Debug, Default)]
pub(super) struct Findings(pub(super) Vec<(&'static str, State, String)>);

impl Findings {
    pub(super) fn add(&mut self, what: &'static str, state: State, message: impl Into<String>) {
        self.0.push((what, state, message.into()));
    }

    pub(super) fn rows(&self) -> Vec<Value> {
        let word = |state| match state {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Bad => "bad",
        };
        self.0
            .iter()
            .map(|(what, state, message)| json!({ "check": what, "state": word(*state), "message": message }))
            .collect()
    }
}
