//! A server that answers what it is told to, and remembers what it was asked.

use super::{Answer, Call, Client, Transport, TransportError};
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// What it was asked, and what it will answer.
#[derive(Clone, Default)]
pub struct Fake {
    asked: Rc<RefCell<Vec<Call>>>,
    answers: Rc<RefCell<VecDeque<Answer>>>,
}

impl Fake {
    /// Gives these answers in turn.
    pub fn answering(answers: impl IntoIterator<Item = (u16, Value)>) -> Self {
        Self::saying(
            answers
                .into_iter()
                .map(|(status, body)| (status, if body.is_null() { String::new() } else { body.to_string() })),
        )
    }

    /// Gives these texts in turn.
    pub fn saying(answers: impl IntoIterator<Item = (u16, String)>) -> Self {
        let answers =
            answers.into_iter().map(|(status, body)| Answer { status, body: body.into_bytes(), ..Answer::default() });
        Self { asked: Rc::default(), answers: Rc::new(RefCell::new(answers.collect())) }
    }

    pub fn client(&self) -> Client {
        Client::new(self.clone())
    }

    /// What was asked, as `METHOD path` and the body.
    pub fn asked(&self) -> Vec<(String, Value)> {
        let body = |call: &Call| {
            call.body.as_deref().map_or(Value::Null, |body| serde_json::from_str(body).unwrap_or_default())
        };
        let shown = |call: &Call| (format!("{} {}", call.method, call.path), body(call));
        self.asked.borrow().iter().map(shown).collect()
    }

    /// The body of the last call as it was written.
    pub fn sent(&self) -> String {
        self.asked.borrow().last().and_then(|call| call.body.clone()).unwrap_or_default()
    }
}

impl Transport for Fake {
    fn send<'a>(&'a self, call: Call) -> LocalBoxFuture<'a, Result<Answer, TransportError>> {
        self.asked.borrow_mut().push(call);
        let answer = self.answers.borrow_mut().pop_front();
        Box::pin(async move { answer.ok_or_else(|| TransportError::Broken("no more answers".to_owned())) })
    }
}
