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
        let answers = answers.into_iter().map(|(status, body)| Answer { status, body, ..Answer::default() });
        Self { asked: Rc::default(), answers: Rc::new(RefCell::new(answers.collect())) }
    }

    pub fn client(&self) -> Client {
        Client::new(self.clone())
    }

    /// What was asked, as `METHOD path` and the body.
    pub fn asked(&self) -> Vec<(String, Value)> {
        let shown = |call: &Call| (format!("{} {}", call.method, call.path), call.body.clone().unwrap_or_default());
        self.asked.borrow().iter().map(shown).collect()
    }
}

impl Transport for Fake {
    fn send<'a>(&'a self, call: Call) -> LocalBoxFuture<'a, Result<Answer, TransportError>> {
        self.asked.borrow_mut().push(call);
        let answer = self.answers.borrow_mut().pop_front();
        Box::pin(async move { answer.ok_or_else(|| TransportError::Broken("no more answers".to_owned())) })
    }
}
